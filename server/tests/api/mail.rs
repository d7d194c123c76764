//! Mail: in the reader's words, once for each, again until the mail server takes it, dead when it refuses; whoever is
//! killed, and however many send. The mail server is a small one of our own, and another crate reads what came.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use db::testing::{START, block_on};
use db::types::UserId;
use db::{Actor, Tx, both_backends};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use server::app::{App, AppOptions};
use server::auth::Role;
use server::config::Config;
use server::mail::{LEASE_MINUTES, MailSecurity, RETRY_MINUTES, Round, once};
use server::notifications::{self, NotificationKind};
use tokio::sync::watch;

use crate::harness::{PASSWORD, Person, Server};
use crate::rules::{add, body, on, opened, ran};

const MAILS: &str = "/api/v1/mails";

/// How the mail server behaves.
#[derive(Debug, Clone, PartialEq)]
enum Mood {
    Takes,
    /// Answers so to this recipient, and takes what is for others.
    Says(&'static str, &'static str),
    /// Takes the connection and says nothing.
    Silent,
    /// Takes the mail and does not say so.
    KeepsQuiet,
    /// Knows nobody.
    Unknown,
}

/// A mail server. Each mail is kept as it came.
#[derive(Clone)]
struct Smtp {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    came: watch::Sender<Vec<Vec<u8>>>,
    said: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Smtp {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let smtp = Self {
            port: listener.local_addr().unwrap().port(),
            mood: Arc::new(Mutex::new(Mood::Takes)),
            came: watch::Sender::new(Vec::new()),
            said: Arc::default(),
            connections: Arc::default(),
        };
        let for_thread = smtp.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let smtp = for_thread.clone();
                *smtp.connections.lock().unwrap() += 1;
                std::thread::spawn(move || drop(smtp.talk(&stream.unwrap())));
            }
        });
        smtp
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn mood(&self) -> Mood {
        self.mood.lock().unwrap().clone()
    }

    fn talk(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut out = stream;
        let mut lines = BufReader::new(stream).lines();
        if self.mood() != Mood::Silent {
            out.write_all(b"220 mail.example\r\n")?;
        }
        let mut recipient = String::new();
        while let Some(line) = lines.next() {
            let line = line?;
            self.said.lock().unwrap().push(line.clone());
            let mut answer = match (line.get(..4).unwrap_or_default(), self.mood()) {
                ("EHLO", _) => "250-mail.example\r\n250 AUTH PLAIN LOGIN",
                ("AUTH", Mood::Unknown) => "535 5.7.8 who are you",
                ("AUTH", _) => "235 2.7.0 welcome",
                ("DATA", _) => "354 go on",
                ("QUIT", _) => "221 bye",
                _ => "250 fine",
            };
            if line.starts_with("RCPT") {
                recipient.clone_from(&line);
            }
            if let (true, Mood::Says(whom, what)) = (line.starts_with("RCPT"), self.mood())
                && recipient.contains(whom)
            {
                answer = what;
            }
            out.write_all(format!("{answer}\r\n").as_bytes())?;
            if answer.starts_with("354") {
                let mail = read_mail(&mut lines)?;
                self.came.send_modify(|came| came.push(mail));
                if self.mood() != Mood::KeepsQuiet {
                    out.write_all(b"250 taken\r\n")?;
                }
            }
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.came.borrow().len()
    }

    fn ids(&self) -> Vec<String> {
        let id = |mail: &Vec<u8>| {
            MessageParser::default().parse(mail.as_slice()).unwrap().message_id().unwrap().to_owned()
        };
        self.came.borrow().iter().map(id).collect()
    }
}

/// Up to the line with a dot alone; a dot that was put in front of a line goes.
fn read_mail(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    for line in lines {
        let line = line?;
        if line == "." {
            break;
        }
        let line = line.strip_prefix('.').unwrap_or(&line);
        mail.extend_from_slice(line.as_bytes());
        mail.extend_from_slice(b"\r\n");
    }
    Ok(mail)
}

/// A server that sends mail when it is told to: nothing of it runs by itself.
async fn sender(server: &Server, smtp: &Smtp, change: fn(&mut Config)) -> Arc<App> {
    let mut config = Config {
        mail_host: "127.0.0.1".to_owned(),
        mail_port: smtp.port,
        mail_security: MailSecurity::Plain,
        mail_from: "Fettle <fettle@office.example>".to_owned(),
        mail_timeout_seconds: 1,
        public_url: "https://fettle.example/".to_owned(),
        ..server.app.config.clone()
    };
    change(&mut config);
    let options = AppOptions { guard: true, ..AppOptions::default() };
    App::open(config, server.clock.clone(), options).await.unwrap()
}

async fn round(app: &Arc<App>) -> (usize, bool) {
    let Round { taken, reached } = once(app).await.unwrap();
    (taken, reached)
}

/// Somebody who has an address, and his id.
async fn reader(server: &Server, login: &str, locale: &str) -> UserId {
    let admin = server.log_in(Role::Admin).await;
    let new = json!({"login": login, "display_name": login, "role": "dispatcher", "password": PASSWORD,
        "locale": locale, "email": format!("{login}@office.example")});
    admin.post("/api/v1/users", &new).await.ok()["id"].as_str().unwrap().parse().unwrap()
}

/// Tells them that the time for this ticket runs out.
async fn tell(server: &Server, ticket: &str, people: &[UserId]) {
    let (ticket, people) = (ticket.parse().unwrap(), people.to_vec());
    let tell = move |tx: &mut Tx<'_>| {
        notifications::tell(tx, &people, ticket, NotificationKind::ResolutionDue, START)
    };
    server.app.db.write(Actor::system("test"), tell).await.unwrap();
}

/// One person, told once, and the mail server that will hear of it.
async fn one_mail(server: &Server) -> (Smtp, Arc<App>) {
    let smtp = Smtp::open();
    let app = sender(server, &smtp, |_| {}).await;
    let li = reader(server, "li", "en").await;
    tell(server, &opened(server, json!({})).await, &[li]).await;
    (smtp, app)
}

async fn mails(admin: &Person, query: &str) -> Vec<Value> {
    admin.get(&format!("{MAILS}{query}")).await.ok()["items"].as_array().unwrap().clone()
}

fn at(server: &Server, minute: i64) {
    server.clock.set(START.plus_minutes(minute));
}

both_backends! {
    async fn a_notification_is_mailed_once_in_the_readers_language_as_text_and_as_html(server: Server) {
        let smtp = Smtp::open();
        let app = sender(&server, &smtp, |config| config.organisation = "Lifts & Co".to_owned()).await;
        let (li, wang) = (reader(&server, "li", "en").await, reader(&server, "wang", "zh-CN").await);
        let id = opened(&server, json!({"title": "Car <b>stuck</b> 电梯"})).await;
        tell(&server, &id, &[li, wang]).await;
        assert_eq!(round(&app).await, (2, true));
        assert_eq!(round(&app).await, (0, true), "once");
        let came = smtp.came.borrow().clone();
        let read = |nth: usize| MessageParser::default().parse(came[nth].as_slice()).unwrap();
        let (english, chinese) = (read(0), read(1));
        let number = crate::rules::ticket(&server, &id).await["number"].as_i64().unwrap();
        assert_eq!(english.subject(), Some(format!("[Lifts & Co] Ticket #{number}: Car <b>stuck</b> 电梯 – The time to solve it is running out").as_str()));
        assert_eq!(chinese.subject(), Some(format!("[Lifts & Co] 工单 #{number}：Car <b>stuck</b> 电梯 – 解决时限将至").as_str()));
        assert_eq!(english.to().unwrap().first().unwrap().address(), Some("li@office.example"));
        assert_eq!(english.from().unwrap().first().unwrap().address(), Some("fettle@office.example"));
        let (text, html) = (english.body_text(0).unwrap(), english.body_html(0).unwrap());
        assert!(text.contains(&format!("https://fettle.example/?ticket={id}")), "{text}");
        assert!(text.contains("Car <b>stuck</b> 电梯") && text.contains("To be solved by 20"), "{text}");
        assert!(html.contains("Car &lt;b&gt;stuck&lt;/b&gt; 电梯") && !html.contains("<b>"), "{html}");
        assert!(chinese.body_html(0).unwrap().contains("lang=\"zh-CN\"") && chinese.body_text(0).unwrap().contains("解决期限"));
        assert_eq!(english.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
        assert_eq!(english.header_raw("References"), chinese.header_raw("References"), "one conversation");
        assert_ne!(smtp.ids()[0], smtp.ids()[1]);
    }

    async fn a_rule_is_named_in_the_mail_in_the_readers_language(server: Server) {
        let smtp = Smtp::open();
        let app = sender(&server, &smtp, |_| {}).await;
        reader(&server, "wang", "zh-CN").await;
        add(&server, &body(on("created"), "true", json!([{"do": "notify", "roles": ["dispatcher"]}]))).await;
        opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        assert_eq!(round(&app).await, (1, true), "the dispatcher without an address gets none");
        let came = smtp.came.borrow().clone();
        let subject = MessageParser::default().parse(came[0].as_slice()).unwrap().subject().unwrap().to_owned();
        assert!(subject.ends_with("– 一条规则"), "{subject}");
    }

    async fn who_is_gone_before_it_is_sent_gets_none_and_no_address_is_taken_that_is_none(server: Server) {
        let (smtp, app) = one_mail(&server).await;
        let admin = server.log_in(Role::Admin).await;
        let users = admin.get("/api/v1/users").await.ok();
        let li = users["items"].as_array().unwrap().iter().find(|user| user["login"] == "li").unwrap();
        let path = format!("/api/v1/users/{}", li["id"].as_str().unwrap());
        let etag = admin.get(&path).await.etag.unwrap();
        for bad in ["li", "li@office.example\r\nBcc: all@office.example", "李@office.example"] {
            assert_eq!(admin.patch(&path, &etag, &json!({"email": bad})).await.field(), "email");
        }
        admin.patch(&path, &etag, &json!({"active": false})).await.ok();
        assert_eq!((round(&app).await, smtp.count()), ((0, true), 0));
        assert_eq!(mails(&admin, "").await, Vec::<Value>::new(), "nobody wants it any more");
    }

    async fn a_note_is_not_mailed_to_who_may_not_read_it_any_more(server: Server) {
        let smtp = Smtp::open();
        let app = sender(&server, &smtp, |_| {}).await;
        let li = reader(&server, "li", "en").await;
        let admin = server.log_in(Role::Admin).await;
        let id = opened(&server, json!({})).await;
        let path = format!("/api/v1/users/{li}");
        let says = async |text: &str| {
            let note = json!({"text": text, "mentions": [li], "audience": "office"});
            admin.post(&format!("/api/v1/tickets/{id}/notes"), &note).await.ok();
        };
        says("first secret").await;
        assert_eq!(round(&app).await, (1, true));
        says("second secret").await;
        let etag = admin.get(&path).await.etag.unwrap();
        admin.patch(&path, &etag, &json!({"role": "warehouse"})).await.ok();
        assert_eq!(round(&app).await, (1, true));
        let came = smtp.came.borrow().clone();
        let texts: Vec<String> = came.iter().map(|one| MessageParser::default().parse(one.as_slice()).unwrap().body_text(0).unwrap().into_owned()).collect();
        assert!(texts[0].contains("first secret") && !texts[1].contains("second secret"), "{texts:?}");
    }

    async fn what_is_refused_for_now_is_sent_later_and_given_up_at_last(server: Server) {
        let (smtp, app) = one_mail(&server).await;
        smtp.is(Mood::Says("li@", "451 4.7.1 come back later"));
        let mut minute = 0;
        for wait in [0].iter().chain(&RETRY_MINUTES) {
            minute += wait;
            at(&server, minute - 1);
            assert_eq!(round(&app).await, (0, true), "not before its time");
            at(&server, minute);
            assert_eq!(round(&app).await, (0, true));
        }
        let admin = server.log_in(Role::Admin).await;
        let dead = mails(&admin, "?state=dead").await;
        assert_eq!((dead.len(), &dead[0]["attempts"], &dead[0]["email"]), (1, &json!(9), &json!("li@office.example")));
        assert!(dead[0]["error"].as_str().unwrap().contains("come back later"), "{dead:?}");
        smtp.is(Mood::Takes);
        at(&server, minute + 10_000);
        assert_eq!(round(&app).await, (0, true), "it is given up");
        let admin = server.log_in(Role::Admin).await;
        let path = format!("{MAILS}/{}/replay", dead[0]["id"].as_str().unwrap());
        assert_eq!(admin.post(&path, &json!({})).await.status, 204);
        assert_eq!(round(&app).await, (1, true));
        assert_eq!(admin.post(&path, &json!({})).await.code(), "mail_not_dead");
        assert_eq!(mails(&admin, "?state=sent").await[0]["error"], "");
        let unknown = format!("{MAILS}/{}/replay", db::types::MailId::new());
        assert_eq!(admin.post(&unknown, &json!({})).await.status, 404);
    }

    async fn what_is_refused_for_good_is_dead_at_once_and_holds_up_nobody_else(server: Server) {
        let smtp = Smtp::open();
        let app = sender(&server, &smtp, |_| {}).await;
        let (li, wang) = (reader(&server, "li", "en").await, reader(&server, "wang", "zh-CN").await);
        tell(&server, &opened(&server, json!({})).await, &[li, wang]).await;
        smtp.is(Mood::Says("li@", "550 5.1.1 no such mailbox"));
        assert_eq!(round(&app).await, (1, true));
        let admin = server.log_in(Role::Admin).await;
        let dead = mails(&admin, "?state=dead").await;
        assert_eq!((dead.len(), &dead[0]["attempts"], &dead[0]["name"]), (1, &json!(1), &json!("li")));
        assert!(dead[0]["error"].as_str().unwrap().contains("no such mailbox"), "{dead:?}");
        assert_eq!(mails(&admin, "?state=waiting").await, Vec::<Value>::new());
    }

    async fn a_server_that_does_not_let_us_in_kills_no_mail(server: Server) {
        let (smtp, _) = one_mail(&server).await;
        let app = sender(&server, &smtp, |config| config.mail_user = "fettle".to_owned()).await;
        smtp.is(Mood::Unknown);
        assert_eq!(round(&app).await, (0, false));
        smtp.is(Mood::Takes);
        at(&server, 1);
        assert_eq!(round(&app).await, (1, true));
    }

    async fn nothing_is_said_in_the_clear_to_a_server_that_cannot_encrypt(server: Server) {
        let (smtp, _) = one_mail(&server).await;
        let app = sender(&server, &smtp, |config| {
            config.mail_security = MailSecurity::Starttls;
            config.mail_user = "fettle".to_owned();
        }).await;
        assert_eq!(round(&app).await, (0, false));
        assert!(smtp.said.lock().unwrap().iter().all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")));
        let admin = server.log_in(Role::Admin).await;
        assert!(mails(&admin, "").await[0]["error"].as_str().unwrap().contains("STARTTLS"));
    }

    async fn a_server_that_never_answers_holds_up_one_mail_for_its_time_and_nobody_at_work(server: Server) {
        let smtp = Smtp::open();
        let app = sender(&server, &smtp, |_| {}).await;
        let li = reader(&server, "li", "en").await;
        let id = opened(&server, json!({})).await;
        for _ in 0..5 {
            tell(&server, &id, &[li]).await;
        }
        smtp.is(Mood::Silent);
        let began = Instant::now();
        let (outcome, _) = tokio::join!(round(&app), opened(&server, json!({"title": "Meanwhile"})));
        assert_eq!(outcome, (0, false));
        assert!(began.elapsed() < Duration::from_secs(5), "one second for one mail, not five: {:?}", began.elapsed());
        assert_eq!(*smtp.connections.lock().unwrap(), 1);
        let admin = server.log_in(Role::Admin).await;
        let mut attempts: Vec<i64> = mails(&admin, "?state=waiting").await.iter().map(|one| one["attempts"].as_i64().unwrap()).collect();
        attempts.sort_unstable();
        assert_eq!(attempts, [0, 0, 0, 0, 1], "those behind it were not tried");
        smtp.is(Mood::Takes);
        at(&server, 1);
        assert_eq!((round(&app).await, smtp.count()), ((5, true), 5));
    }

    async fn who_is_killed_between_sending_and_noting_it_leaves_the_mail_to_another_with_the_same_name(server: Server) {
        let (smtp, app) = one_mail(&server).await;
        smtp.is(Mood::KeepsQuiet);
        let doomed = tokio::spawn(async move { once(&app).await });
        smtp.came.subscribe().wait_for(|came| came.len() == 1).await.unwrap();
        doomed.abort();
        assert!(doomed.await.unwrap_err().is_cancelled(), "it did not come to note it");
        smtp.is(Mood::Takes);
        let other = sender(&server, &smtp, |_| {}).await;
        at(&server, LEASE_MINUTES - 1);
        assert_eq!(round(&other).await, (0, true), "whoever has taken it may still be at it");
        at(&server, LEASE_MINUTES);
        assert_eq!(round(&other).await, (1, true));
        let ids = smtp.ids();
        assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "the mail program shows it once");
    }

    async fn two_servers_mail_nobody_twice(server: Server) {
        let smtp = Smtp::open();
        let (here, there) = (sender(&server, &smtp, |_| {}).await, sender(&server, &smtp, |_| {}).await);
        let li = reader(&server, "li", "en").await;
        let id = opened(&server, json!({})).await;
        for _ in 0..40 {
            tell(&server, &id, &[li]).await;
        }
        let (one, two) = tokio::join!(round(&here), round(&there));
        assert_eq!(one.0 + two.0, 40);
        assert!(one.1 && two.1);
        let mut ids = smtp.ids();
        ids.sort();
        ids.dedup();
        assert_eq!((smtp.count(), ids.len()), (40, 40));
    }

    async fn without_a_mail_server_nothing_is_sent_and_what_waits_is_forgotten_after_a_day(server: Server) {
        let (smtp, _) = one_mail(&server).await;
        assert_eq!(round(&server.app).await, (0, true));
        let admin = server.log_in(Role::Admin).await;
        let seen = admin.get(MAILS).await.ok();
        assert_eq!((&seen["is_sent"], &seen["items"][0]["state"]), (&json!(false), &json!("waiting")));
        at(&server, 24 * 60 + 1);
        server::housekeeping::once(&server.app).await.unwrap();
        let admin = server.log_in(Role::Admin).await;
        assert_eq!((mails(&admin, "").await, smtp.count()), (Vec::new(), 0));
    }
}

/// The program itself sends, without anybody telling it.
#[test]
fn a_running_server_sends_by_itself() {
    block_on(async {
        let server = Server::fresh(db::testing::Backend::Sqlite);
        let smtp = Smtp::open();
        let port = smtp.port;
        let _running = server
            .another_with(move |config| {
                config.mail_host = "127.0.0.1".to_owned();
                config.mail_port = port;
                config.mail_security = MailSecurity::Plain;
                config.mail_from = "fettle@office.example".to_owned();
            })
            .await;
        let li = reader(&server, "li", "en").await;
        tell(&server, &opened(&server, json!({})).await, &[li]).await;
        let mut came = smtp.came.subscribe();
        let waited =
            tokio::time::timeout(Duration::from_secs(20), came.wait_for(|came| !came.is_empty())).await;
        assert!(waited.is_ok(), "it was not sent");
    });
}
