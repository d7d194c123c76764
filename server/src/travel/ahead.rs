//! Looking ahead: before a ticket's transaction, or an answer about it, the legs are fetched that its ranking will
//! ask for. Without a road engine this does nothing at all.

use std::sync::Arc;

use db::Conn;
use db::types::{EngineerId, TicketId};
use dispatch::Query;

use crate::app::App;
use crate::error::Error;
use crate::schedule::assign;
use crate::tickets::write::{self, NewTicket};
use crate::tickets::{Ticket, store};

/// For a ticket that exists; `also` is somebody whom the dispatcher asks about.
pub async fn of_ticket(app: &Arc<App>, ticket: &Ticket, declined: &[EngineerId], also: Option<EngineerId>) {
    if !app.travel.has_engine() {
        return;
    }
    let visit = assign::visit_of(ticket, declined);
    let policies = app.board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let query = Query::new(&visit, app.db.clock().now().millis(), policy);
    let legs = app.board.shortlist(&query, also).legs(visit.point);
    app.travel.prefetch(legs).await;
}

/// For a ticket by its id. Whether there is one, and who may see it, is the caller's to say.
///
/// # Errors
/// A failure of the database.
pub async fn of_id(app: &Arc<App>, id: TicketId, also: Option<EngineerId>) -> Result<(), Error> {
    if !app.travel.has_engine() {
        return Ok(());
    }
    let read = move |conn: &mut Conn| Ok::<_, Error>((store::get(conn, id)?, store::declined_by(conn, id)?));
    match app.db.read(read).await {
        Ok((ticket, declined)) => of_ticket(app, &ticket, &declined, also).await,
        Err(Error::Problem(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// For a ticket that is about to be opened. A site that does not exist is the writer's to refuse.
///
/// # Errors
/// A failure of the database.
pub async fn of_new(app: &Arc<App>, new: &NewTicket) -> Result<(), Error> {
    if !app.travel.has_engine() || !new.is_dispatched() {
        return Ok(());
    }
    let (new, now, promises) = (new.clone(), app.db.clock().now(), app.board.promises());
    match app.db.read(move |conn| write::sketch(conn, &promises, &new, now)).await {
        Ok(ticket) => of_ticket(app, &ticket, &[], None).await,
        Err(Error::Problem(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
