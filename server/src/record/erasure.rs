//! Erasing what tells of people: a customer with his sites and the tickets that were done for him. Rows as they are now
//! are emptied, which the record shows like any other change, with who did it; then the texts of the past go from the
//! log. Every proof holds as before.

use ::record::erase::{self, What};
use actix_web::{post, web};
use db::schema::{
    assignments, checklist_answers, confirmations, follow_ups, handover_notes, notes, photos, settings,
    signatures, sites, tasks, ticket_events, tickets,
};
use db::types::{CustomerId, TicketId};
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{ADMIN, By};
use crate::confirmations::Confirmation;
use crate::confirmations::follow_ups::FollowUp;
use crate::customers::{self, Site};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::schedule::assignment::Assignment;
use crate::shift::handover::HandoverNote;
use crate::sitework::{ChecklistAnswer, Photo, Signature};
use crate::tasks::Task;
use crate::tickets::notes::Note;
use crate::tickets::{TicketEvent, TicketStatus, store};

/// What stands where a name has to stand.
const ERASED: &str = "erased";

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erased {
    /// Tickets of the customer, all of them over.
    tickets: usize,
    /// Entries of the log that lost what told of people.
    entries: usize,
}

/// Erase what tells of a customer and of those on his sites, now and in the past. It cannot be undone.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path)),
    responses(
        (status = 200, body = Erased),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`tickets_not_over`"),
    ),
)]
#[post("/customers/{id}/erasure")]
pub async fn erase_customer(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<CustomerId>,
) -> Result<web::Json<Erased>, Error> {
    let erase = move |tx: &mut Tx<'_>| customer(tx, id.0);
    Ok(web::Json(app.db.write(by.0.actor(), erase).await?))
}

/// Erases a customer whose tickets are all over.
///
/// # Errors
/// 404; 409 `tickets_not_over`.
pub fn customer(tx: &mut Tx<'_>, id: CustomerId) -> Result<Erased, Error> {
    let mut row = customers::store::customer(tx.conn(), id)?;
    let of_his: Vec<(TicketId, String)> = tickets::table
        .filter(tickets::customer_id.eq(id))
        .order(tickets::id)
        .select((tickets::id, tickets::status))
        .load(tx.conn())?;
    let over = [TicketStatus::Closed.as_str(), TicketStatus::Cancelled.as_str()];
    let open = of_his.iter().filter(|(_, status)| !over.contains(&status.as_str())).count();
    if open > 0 {
        let detail = format!("{open} tickets of this customer are not over.");
        return Err(Problem::conflict("tickets_not_over", detail).with("tickets", open).into());
    }
    ERASED.clone_into(&mut row.name);
    row.phone.clear();
    row.email.clear();
    customers::store::update_customer(tx, &row)?;
    let mut entries = erase::of_row(tx, "customers", &id.to_string(), What::Personal)?;
    let of_his_sites: Vec<Site> =
        sites::table.filter(sites::customer_id.eq(id)).order(sites::id).load(tx.conn())?;
    for site in of_his_sites {
        entries += self::site(tx, site)?;
    }
    for (id, _) in &of_his {
        entries += ticket(tx, *id)?;
    }
    Ok(Erased { tickets: of_his.len(), entries })
}

fn site(tx: &mut Tx<'_>, mut site: Site) -> Result<usize, Error> {
    ERASED.clone_into(&mut site.name);
    for text in [&mut site.address, &mut site.access_note, &mut site.contact] {
        text.clear();
    }
    (site.latitude, site.longitude) = (about(site.latitude), about(site.longitude));
    customers::store::update_site(tx, &site)?;
    Ok(erase::of_row(tx, "sites", &site.id.to_string(), What::Personal)?)
}

/// A kilometre or so: enough for figures about a district, too little for a door.
fn about(degrees: f64) -> f64 {
    (degrees * 100.0).round() / 100.0
}

/// Empties one column of all rows of a ticket, and tells the log of those that were not empty.
macro_rules! emptied {
    ($tx:expr, $ticket:expr, $table:ident.$field:ident as $row:ty) => {{
        let rows: Vec<$row> = $table::table
            .filter($table::ticket_id.eq($ticket))
            .filter($table::$field.ne(""))
            .order($table::id)
            .load($tx.conn())?;
        for mut row in rows {
            row.$field.clear();
            diesel::update($table::table.find(row.id)).set($table::$field.eq("")).execute($tx.conn())?;
            $tx.changed(&row)?;
        }
    }};
}

fn ticket(tx: &mut Tx<'_>, id: TicketId) -> Result<usize, Error> {
    let mut ticket = store::hold(tx, id)?;
    ERASED.clone_into(&mut ticket.title);
    for text in
        [&mut ticket.description, &mut ticket.access_note, &mut ticket.site_contact, &mut ticket.address]
    {
        text.clear();
    }
    if let Some(form) = &mut ticket.form.0 {
        form.answers.clear();
    }
    (ticket.latitude, ticket.longitude) = (about(ticket.latitude), about(ticket.longitude));
    store::update(tx, &ticket, ticket.status)?;
    emptied!(tx, id, notes.text as Note);
    emptied!(tx, id, handover_notes.text as HandoverNote);
    emptied!(tx, id, ticket_events.reason as TicketEvent);
    emptied!(tx, id, assignments.reason as Assignment);
    emptied!(tx, id, checklist_answers.answer as ChecklistAnswer);
    emptied!(tx, id, photos.caption as Photo);
    emptied!(tx, id, signatures.signed_by as Signature);
    emptied!(tx, id, confirmations.comment as Confirmation);
    emptied!(tx, id, follow_ups.comment as FollowUp);
    emptied!(tx, id, follow_ups.note as FollowUp);
    emptied!(tx, id, tasks.text as Task);
    Ok(erase::of_ticket(tx, &id.to_string(), What::Personal)?)
}

/// Tickets whose texts go in one command.
const ROUND: i64 = 20;
/// How far that has come: the `closed_at` of the last one.
const DONE_UNTIL: &str = "record_texts_gone_until";

/// When the last ticket was closed whose texts are gone, and which it is.
fn gone_until(conn: &mut Conn) -> Result<(i64, String), Error> {
    let kept: Option<String> =
        settings::table.find(DONE_UNTIL).select(settings::value).first(conn).optional()?;
    let read = |kept: &str| kept.split_once(' ').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    Ok(kept.as_deref().and_then(read).unwrap_or_default())
}

/// Whether a ticket was closed before this instant whose texts are still there.
///
/// # Errors
/// A failure of the database.
pub fn is_due(conn: &mut Conn, before: Timestamp) -> Result<bool, Error> {
    Ok(!due(conn, before, 1)?.is_empty())
}

fn due(conn: &mut Conn, before: Timestamp, most: i64) -> Result<Vec<(String, Option<i64>)>, Error> {
    let (at, id) = gone_until(conn)?;
    Ok(tickets::table
        .filter(tickets::closed_at.lt(before))
        .filter(tickets::closed_at.gt(at).or(tickets::closed_at.eq(at).and(tickets::id.gt(id))))
        .order((tickets::closed_at, tickets::id))
        .limit(most)
        .select((tickets::id, tickets::closed_at))
        .load(conn)?)
}

/// Takes the texts of tickets that were closed before this instant out of the log. What remains proves who did what
/// when. Returns whether there may be more.
///
/// # Errors
/// A failure of the database.
pub fn expire(tx: &mut Tx<'_>, before: Timestamp) -> Result<bool, Error> {
    let due = due(tx.conn(), before, ROUND)?;
    for (id, _) in &due {
        erase::of_ticket(tx, id, What::Everything)?;
    }
    let Some((id, Some(closed_at))) = due.last() else { return Ok(false) };
    let value = format!("{closed_at} {id}");
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(DONE_UNTIL), settings::value.eq(&value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(diesel::upsert::excluded(settings::value)))
        .execute(c))?;
    Ok(due.len() as i64 == ROUND)
}
