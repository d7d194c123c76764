//! A server that is killed at any moment has written everything that it acknowledged, and nothing by halves: twenty
//! kills under load, on both databases.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use db::testing::{Backend, fresh_url};
use db::{Actor, Db, Options, Tx, Url};
use reqwest::Client;
use serde_json::{Value, json};
use server::auth::session::{self, NewSession};
use server::auth::users::{self, NewUser};
use server::auth::{Entrance, Role};
use server::error::Error;
use tokio::sync::watch;

const KILLS: usize = 20;
const CLIENTS: usize = 4;
pub const TOKEN: &str = "kill-test-token";

/// The real program on this database.
pub struct Fettle {
    child: Child,
    pub base: String,
}

impl Fettle {
    pub fn start(database_url: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", database_url, "serve", "--port", "0"])
            .env("FETTLE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = format!("http://{}", line.trim().rsplit_once("http://").unwrap().1);
        Self { child, base }
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub fn user(tx: &mut Tx<'_>) -> Result<(), Error> {
    let new = NewUser {
        login: "load".to_owned(),
        display_name: "load".to_owned(),
        role: Role::Dispatcher,
        password: String::new(),
        engineer_id: None,
        locale: None,
        email: None,
    };
    let user_id = users::create(tx, &new, "none")?.id;
    let (entrance, role) = (Entrance::Integration, Role::Dispatcher);
    let session = NewSession { user_id, entrance, name: "load".to_owned(), role, device_id: None };
    session::open(tx, TOKEN, &session)?;
    Ok(())
}

/// Posts tickets until the server is gone; returns the numbers that were acknowledged.
async fn load(base: String, asset: String, key: String, count: watch::Sender<usize>) -> Vec<i64> {
    let http = Client::new();
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let body = json!({"kind": "repair", "priority": 1, "title": "Stands still", "asset_id": asset});
        let request = http.post(format!("{base}/api/v1/tickets")).bearer_auth(TOKEN).json(&body);
        let Ok(answer) = request.header("idempotency-key", format!("{key}-{n}")).send().await else {
            break;
        };
        assert_eq!(answer.status(), 201);
        let Ok(ticket) = answer.json::<Value>().await else { break };
        acknowledged.push(ticket["number"].as_i64().unwrap());
        count.send_modify(|count| *count += 1);
    }
    acknowledged
}

async fn survives_twenty_kills(backend: Backend) {
    let (url, scratch) = fresh_url(backend);
    let text = match &url {
        Url::Sqlite(path) => path.to_string_lossy().into_owned(),
        Url::Postgres(url) => url.clone(),
    };
    let db = Db::open(Options::new(url.clone())).unwrap();
    db.write(Actor::system("test"), user).await.unwrap();
    let asset = db.write(Actor::system("test"), crate::tickets::lift_made).await.unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..KILLS {
        let server = Fettle::start(&text);
        let (count, mut answers) = watch::channel(0);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let key = format!("{round}-{client}");
                tokio::spawn(load(server.base.clone(), asset.clone(), key, count.clone()))
            })
            .collect();
        // The kill comes at another moment each time, always in the middle of work: the clients go on meanwhile.
        answers.wait_for(|count| *count > round).await.unwrap();
        server.kill();
        for client in clients {
            acknowledged.extend(client.await.unwrap());
        }
    }
    assert!(acknowledged.len() > KILLS, "there was load: {}", acknowledged.len());
    let kept = db.read(numbers).await.unwrap();
    let lost: Vec<_> = acknowledged.iter().filter(|n| !kept.contains(n)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    db.read(whole).await.unwrap();
    drop(scratch);
}

fn numbers(conn: &mut db::Conn) -> Result<Vec<i64>, Error> {
    use db::schema::tickets;
    use diesel::prelude::*;
    Ok(tickets::table.select(tickets::number).load(conn)?)
}

/// Every ticket has its visit, its place in the log and its idempotency key; the log has no gap.
fn whole(conn: &mut db::Conn) -> Result<(), Error> {
    use db::schema::{change_contents, changes, counters, idempotency_keys, tickets, visits};
    use diesel::prelude::*;
    let count: i64 = tickets::table.count().get_result(conn)?;
    let with_visit: i64 = tickets::table.inner_join(visits::table).count().get_result(conn)?;
    let logged: i64 = changes::table.filter(changes::entity.eq("tickets")).count().get_result(conn)?;
    let keys: i64 = idempotency_keys::table.count().get_result(conn)?;
    assert_eq!((with_visit, keys), (count, count));
    assert!(logged >= count);
    let (entries, contents): (i64, i64) =
        (changes::table.count().get_result(conn)?, change_contents::table.count().get_result(conn)?);
    let last: i64 = counters::table.find("changes").select(counters::value).first(conn)?;
    assert_eq!((entries, contents), (last, last));
    Ok(())
}

#[test]
fn no_acknowledged_ticket_is_lost_on_sqlite() {
    db::testing::block_on(survives_twenty_kills(Backend::Sqlite));
}

#[test]
fn no_acknowledged_ticket_is_lost_on_postgres() {
    db::testing::block_on(survives_twenty_kills(Backend::Postgres));
}
