//! Who looks at which ticket, and who edits it. Each open page says so now and then; the rows stand in the database, so
//! that the pages of all servers know of each other, and every server tells its own listeners when they change.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, put, web};
use db::schema::{presences, tickets};
use db::types::{PresenceId, TicketId, UserId};
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::Body;
use crate::http::page::Page;

/// A page that has said nothing for so long, in real seconds, is gone. Pages say something every twenty.
const GONE_AFTER: f64 = 50.0;
/// How often a server looks for what pages of other servers have said.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Most that is told.
const MOST: i64 = 500;

/// A page and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = presences)]
pub struct Presence {
    /// The page: a user may have several.
    pub page_id: PresenceId,
    /// Whose.
    pub user_id: UserId,
    /// Whose, as people know him.
    pub login: String,
    /// The ticket that he looks at.
    pub ticket_id: TicketId,
    /// Whether he has it in a form.
    pub editing: bool,
    /// When the page last said so.
    #[serde(skip)]
    pub seen_at: Timestamp,
}

/// Where a page is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Here {
    /// The page, by an id that it makes when it is opened.
    pub page_id: PresenceId,
    /// The ticket that it shows; absent or `null`: none.
    pub ticket_id: Option<TicketId>,
    /// Whether it has the ticket in a form.
    #[serde(default)]
    pub editing: bool,
}

/// What was said before this instant holds no more. The clock of a demo runs faster than people do.
fn oldest(app: &App) -> Timestamp {
    let clock = app.db.clock();
    let passed = GONE_AFTER * clock.speed().max(1.0);
    Timestamp::from_millis(clock.now().millis() - (passed * 1_000.0) as i64)
}

fn all(conn: &mut Conn, since: Timestamp) -> Result<Vec<Presence>, Error> {
    Ok(presences::table
        .filter(presences::seen_at.ge(since))
        .order((presences::ticket_id, presences::page_id))
        .limit(MOST)
        .load(conn)?)
}

/// Everybody's pages that show a ticket.
#[utoipa::path(tag = "live", responses((status = 200, body = Page<Presence>)))]
#[get("/presence")]
pub async fn list(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<Page<Presence>>, Error> {
    let since = oldest(&app);
    Ok(web::Json(Page::whole(app.db.read(move |conn| all(conn, since)).await?)))
}

/// Say which ticket a page shows; to be said again at least every 50 seconds. The stream tells the others with the
/// event `presence`, which has everybody's pages.
#[utoipa::path(
    tag = "live",
    request_body = Here,
    responses((status = 204), (status = 422, body = Problem)),
)]
#[put("/presence")]
pub async fn here(app: web::Data<App>, by: By<OFFICE>, body: Body<Here>) -> Result<HttpResponse, Error> {
    let (user_id, Here { page_id, ticket_id, editing }) = (by.0.user_id, body.0);
    let run = move |tx: &mut Tx<'_>| {
        let (seen_at, login) = (tx.now(), tx.actor().name.clone());
        let his = presences::table.find(page_id).filter(presences::user_id.eq(user_id));
        diesel::delete(his).execute(tx.conn())?;
        let Some(ticket_id) = ticket_id else { return Ok(()) };
        let known: i64 = tickets::table.find(ticket_id).count().get_result(tx.conn())?;
        if known == 0 {
            return Err(Problem::invalid_field("ticket_id", "unknown", "is no known ticket").into());
        }
        let row = Presence { page_id, user_id, login, ticket_id, editing, seen_at };
        // Somebody else's page of the same id stays his.
        each_backend!(tx.conn(), |c| diesel::insert_into(presences::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        Ok::<_, Error>(())
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tells this server's listeners whenever somebody came, went or began to edit, at whichever server. Runs for ever.
pub async fn follow(app: Arc<App>) {
    let mut timer = tokio::time::interval(LOOK_AGAIN);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told: Vec<Presence> = Vec::new();
    loop {
        timer.tick().await;
        if !app.live.has_listeners() {
            continue;
        }
        let since = oldest(&app);
        let Ok(mut now) = app.db.read(move |conn| all(conn, since)).await else { continue };
        // That somebody is still there is no news.
        now.iter_mut().for_each(|one| one.seen_at = Timestamp::from_millis(0));
        if now != told {
            app.live.tell("presence", &Page::whole(now.clone()));
            told = now;
        }
    }
}

/// Forgets pages that are gone.
///
/// # Errors
/// A failure of the database.
pub fn forget_gone(tx: &mut Tx<'_>, speed: f64) -> Result<(), Error> {
    let before = tx.now().millis() - (10.0 * GONE_AFTER * speed.max(1.0) * 1_000.0) as i64;
    let gone = presences::table.filter(presences::seen_at.lt(Timestamp::from_millis(before)));
    diesel::delete(gone).execute(tx.conn())?;
    Ok(())
}
