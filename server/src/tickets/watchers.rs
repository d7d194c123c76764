//! Who watches a ticket: he is told what others write on it, and when it comes to another state. People of the office
//! who write on a ticket, and who is named in a note, watch it from then on, until they say that they do not want to; a
//! dispatcher may ask others to watch. Only who may read the ticket is told, and of a note only for whom it is.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, delete, get, put, web};
use db::schema::{ticket_watchers as watchers, users};
use db::types::{TicketId, UserId};
use db::{Conn, Tx};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Ticket;
use super::notes::{Note, NoteAudience};
use crate::app::App;
use crate::auth::{By, FIELD, OFFICE, Role, Who};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::http::page::Page;
use crate::notifications::{self, NotificationKind};

/// Most people who are looked at.
const MOST_READERS: i64 = 1_000;

/// Somebody who may read a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reader {
    /// Who.
    pub user_id: UserId,
    /// By which name he logs in.
    pub login: String,
    /// What others call him.
    pub display_name: String,
    /// What he does here.
    pub role: Role,
    /// Whether he watches the ticket.
    pub watches: bool,
}

/// Who may read a ticket, by name: the office, and the engineer who has it.
///
/// # Errors
/// A failure of the database.
pub fn readers(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<Reader>, Error> {
    let office = [Role::Admin.as_str(), Role::Dispatcher.as_str()];
    let in_office = users::role.eq_any(office).nullable();
    let his = users::role.eq(Role::Engineer).nullable().and(users::engineer_id.eq(ticket.engineer_id));
    let found: Vec<(UserId, String, String, Role)> = users::table
        .filter(users::active.eq(true))
        .filter(in_office.or(his))
        .order((users::display_name, users::id))
        .limit(MOST_READERS)
        .select((users::id, users::login, users::display_name, users::role))
        .load(conn)?;
    let watching = of_ticket(conn, ticket.id)?;
    let reader = |(user_id, login, display_name, role)| {
        let watches = watching.contains(&user_id);
        Reader { user_id, login, display_name, role, watches }
    };
    Ok(found.into_iter().map(reader).collect())
}

fn of_ticket(conn: &mut Conn, id: TicketId) -> Result<BTreeSet<UserId>, Error> {
    let of_ticket = watchers::table.filter(watchers::ticket_id.eq(id));
    let found: Vec<UserId> = of_ticket.select(watchers::user_id).load(conn)?;
    Ok(found.into_iter().collect())
}

/// Those who watch a ticket and may read it, but whoever does what they are told of.
fn told(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Vec<Reader>, Error> {
    // Hardly any ticket is watched, and this is asked at every step.
    if of_ticket(tx.conn(), ticket.id)?.is_empty() {
        return Ok(Vec::new());
    }
    let actor = acting(tx);
    let readers = readers(tx.conn(), ticket)?;
    Ok(readers.into_iter().filter(|one| one.watches && Some(one.user_id) != actor).collect())
}

/// The user who does what is done; none for the server itself and for customers.
fn acting(tx: &Tx<'_>) -> Option<UserId> {
    tx.actor().id.parse().ok()
}

/// Tells who watches the ticket that it came to another state.
///
/// # Errors
/// A failure of the database.
pub fn moved(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let told: Vec<UserId> = told(tx, ticket)?.into_iter().map(|one| one.user_id).collect();
    notifications::tell_of_status(tx, &told, ticket.id, ticket.status)
}

/// Whether a note is for him.
fn may_read(one: &Reader, audience: NoteAudience) -> bool {
    audience.includes(one.role, one.role == Role::Engineer)
}

/// Tells of a note whom it names, who watches the ticket from now on, and who watches it already. So does its author,
/// if he belongs to the office: an engineer has the ticket on his phone, with every note.
///
/// # Errors
/// 422 for somebody named who may not read the note; a failure of the database.
pub fn noted(tx: &mut Tx<'_>, ticket: &Ticket, note: &Note) -> Result<(), Error> {
    let author = acting(tx);
    let mut others: Vec<UserId> = Vec::new();
    for one in told(tx, ticket)? {
        if may_read(&one, note.audience) && !note.mentions.0.contains(&one.user_id) {
            others.push(one.user_id);
        }
    }
    let named = named(tx.conn(), ticket, note)?;
    for user in named.iter().copied().chain(author.filter(|_| note.engineer_id.is_none())) {
        watch(tx, ticket.id, user)?;
    }
    let named: Vec<UserId> = named.into_iter().filter(|user| Some(*user) != author).collect();
    notifications::tell_of_note(tx, &named, NotificationKind::Mentioned, note)?;
    notifications::tell_of_note(tx, &others, NotificationKind::Commented, note)
}

/// Those whom a note names, all of whom may read it.
fn named(conn: &mut Conn, ticket: &Ticket, note: &Note) -> Result<Vec<UserId>, Error> {
    if note.mentions.0.is_empty() {
        return Ok(Vec::new());
    }
    let readers = readers(conn, ticket)?;
    for (nth, user) in note.mentions.0.iter().enumerate() {
        let known = readers.iter().any(|one| one.user_id == *user && may_read(one, note.audience));
        if !known {
            let field = format!("mentions[{nth}]");
            return Err(Problem::invalid_field(field, "unknown", "may not read this note").into());
        }
    }
    Ok(note.mentions.0.clone())
}

fn watch(tx: &mut Tx<'_>, ticket_id: TicketId, user_id: UserId) -> Result<(), Error> {
    // Writers take turns, so nobody comes between the look and the row.
    if of_ticket(tx.conn(), ticket_id)?.contains(&user_id) {
        return Ok(());
    }
    let row = (watchers::ticket_id.eq(ticket_id), watchers::user_id.eq(user_id));
    diesel::insert_into(watchers::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Who watches a ticket watches another too, into which it is merged.
///
/// # Errors
/// A failure of the database.
pub fn hand_over(tx: &mut Tx<'_>, from: TicketId, to: TicketId) -> Result<(), Error> {
    of_ticket(tx.conn(), from)?.into_iter().try_for_each(|user| watch(tx, to, user))
}

/// Who may read the ticket, and who of them watches it, by name.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Reader>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/readers")]
pub async fn list(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Reader>>, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = super::routes::visible(conn, &by.0, id.0)?;
        readers(conn, &ticket)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Everybody decides for himself; the office for others too.
fn may(who: &Who, user_id: UserId) -> Result<(), Error> {
    let may = who.user_id == user_id || who.is_office();
    if may { Ok(()) } else { Err(Problem::forbidden("You may watch, and ask nobody else to.").into()) }
}

/// Let somebody watch the ticket who may read it: he is told what others write on it, and when it comes to another
/// state. Engineers for themselves only.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path), ("user_id" = UserId, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
#[put("/tickets/{id}/watchers/{user_id}")]
pub async fn add(
    app: web::Data<App>,
    by: By<FIELD>,
    path: Path<(TicketId, UserId)>,
) -> Result<HttpResponse, Error> {
    let (id, user_id) = path.0;
    may(&by.0, user_id)?;
    let who = by.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        let ticket = super::routes::visible(tx.conn(), &who, id)?;
        let reads = readers(tx.conn(), &ticket)?.iter().any(|one| one.user_id == user_id);
        if reads { watch(tx, id, user_id) } else { Err(Problem::not_found("reader").into()) }
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Let somebody watch the ticket no more, until he writes on it or is asked to again.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path), ("user_id" = UserId, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
#[delete("/tickets/{id}/watchers/{user_id}")]
pub async fn remove(
    app: web::Data<App>,
    by: By<FIELD>,
    path: Path<(TicketId, UserId)>,
) -> Result<HttpResponse, Error> {
    let (id, user_id) = path.0;
    may(&by.0, user_id)?;
    let who = by.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        super::routes::visible(tx.conn(), &who, id)?;
        diesel::delete(watchers::table.find((id, user_id))).execute(tx.conn())?;
        Ok::<_, Error>(())
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}
