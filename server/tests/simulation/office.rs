//! The office: what dispatchers do meanwhile, by the functions that the console's routes call. What is not possible
//! just now is refused by them, as it would be on the screen.

use db::types::{EngineerId, TicketId};
use server::customers::store;
use server::error::Error;
use server::schedule::assign::{self, Means};
use server::tickets::edit::{self, TicketPatch};
use server::tickets::events::{self, Incoming};
use server::tickets::notes::{self, NoteAudience, Noted};
use server::tickets::write::{self, Dispatch, NewTicket};
use server::tickets::{EventKind, store as tickets};

use crate::chance::Chance;
use crate::desk::Desk;
use crate::town::Town;

/// Minutes for which parts are held; no ticket here needs any.
const HOLD: i64 = 60;

/// A field that people edit: its table, its row, its column.
pub type Field = (&'static str, String, &'static str);

/// Opens a ticket that dispatch leaves alone.
pub fn open_ticket(server: &mut impl Desk, town: &Town, nth: usize) -> Result<String, Error> {
    let asset_id = town.assets[nth % town.assets.len()].parse().ok();
    let app = server.app();
    server.write("office", move |tx| {
        let new = NewTicket {
            kind: "breakdown".to_owned(),
            priority: Some(2),
            title: "It is stuck".to_owned(),
            asset_id,
            dispatch: Dispatch::Manual,
            ..NewTicket::default()
        };
        let ticket = write::draft(tx, &app.board.promises(), &new)?;
        let means = Means { board: &app.board, hold_minutes: HOLD };
        Ok(assign::open(tx, &means, ticket)?.id.to_string())
    })
}

/// Gives a ticket to an engineer, whoever has it.
pub fn assign(server: &mut impl Desk, ticket: &str, engineer: EngineerId) -> Result<(), Error> {
    let (app, id) = (server.app(), ticket_id(ticket));
    server.write("office", move |tx| {
        let means = Means { board: &app.board, hold_minutes: HOLD };
        let mut ticket = tickets::hold(tx, id)?;
        let has_it = ticket.engineer_id;
        assign::chosen(tx, &means, &mut ticket, has_it, engineer, "as the seed wants").map(drop)
    })
}

fn ticket_id(text: &str) -> TicketId {
    text.parse().unwrap()
}

/// A step of the office's own, or a claim that an engineer makes at the console.
fn step(server: &mut impl Desk, id: &str, kind: EventKind, claims: Option<EngineerId>) -> Result<(), Error> {
    let (app, id) = (server.app(), ticket_id(id));
    server.write("office", move |tx| {
        let means = Means { board: &app.board, hold_minutes: HOLD };
        let by_office = Incoming::by_office(tx, id, kind, "as the seed wants");
        events::demand(tx, &means, &Incoming { engineer_id: claims, ..by_office }).map(drop)
    })
}

fn edit_ticket(server: &mut impl Desk, id: &str, patch: TicketPatch) -> Result<(), Error> {
    let (app, id) = (server.app(), ticket_id(id));
    server.write("office", move |tx| {
        let ticket = tickets::hold(tx, id)?;
        edit::patch(tx, &app.board.promises(), ticket, &patch).map(drop)
    })
}

/// Something that the office does, by chance. `value` is one that nobody has written yet.
pub fn act(
    server: &mut impl Desk,
    town: &Town,
    open: &[String],
    value: String,
    chance: &mut Chance,
) -> String {
    let Some(ticket) = chance.pick(open).cloned() else { return String::new() };
    let engineer = chance.pick(&town.engineers).unwrap().0;
    // Whatever cannot be done now is refused; that is the dispatcher's trouble.
    let what = chance.below(22);
    let done = match what {
        0..=3 => assign(server, &ticket, engineer),
        4 => step(server, &ticket, EventKind::Unassign, None),
        5 => step(server, &ticket, EventKind::Cancel, None),
        6 | 7 => step(server, &ticket, EventKind::Close, None),
        8 | 9 => step(server, &ticket, EventKind::Reopen, None),
        10 => step(server, &ticket, EventKind::Claim, Some(engineer)),
        11..=13 => {
            edit_ticket(server, &ticket, TicketPatch { access_note: Some(value), ..TicketPatch::default() })
        }
        14 => {
            edit_ticket(server, &ticket, TicketPatch { site_contact: Some(value), ..TicketPatch::default() })
        }
        15 => edit_ticket(server, &ticket, TicketPatch { priority: Some(1), ..TicketPatch::default() }),
        16 => open_ticket(server, town, chance.below(9)).map(drop),
        17 => note(server, &ticket, value),
        18 | 19 => edit_site(server, town, value, chance),
        _ => edit_asset(server, town, value, chance),
    };
    let came = done.map_or_else(|error| error.to_string(), |()| "done".to_owned());
    format!("the office: {what} at {ticket} with {engineer}: {came}")
}

fn note(server: &mut impl Desk, id: &str, text: String) -> Result<(), Error> {
    let ticket_id = ticket_id(id);
    server.write("office", move |tx| {
        let id = db::types::Id::new();
        let (audience, mentions) = (NoteAudience::Team, Vec::new());
        let (at, text) = (tx.now(), text.clone());
        let noted = Noted { id, ticket_id, engineer_id: None, at, text, audience, mentions };
        notes::add(tx, noted).map(drop)
    })
}

fn edit_site(server: &mut impl Desk, town: &Town, value: String, chance: &mut Chance) -> Result<(), Error> {
    let id = chance.pick(&town.sites).unwrap();
    let field = if chance.percent(40) { "contact" } else { "access_note" };
    write_site(server, id, field, value)
}

fn write_site(server: &mut impl Desk, id: &str, field: &'static str, value: String) -> Result<(), Error> {
    let id = id.parse().unwrap();
    server.write("office", move |tx| {
        let mut site = store::site(tx.conn(), id)?;
        *(if field == "contact" { &mut site.contact } else { &mut site.access_note }) = value.clone();
        store::update_site(tx, &site)
    })
}

fn edit_asset(server: &mut impl Desk, town: &Town, value: String, chance: &mut Chance) -> Result<(), Error> {
    write_asset(server, chance.pick(&town.assets).unwrap(), value)
}

fn write_asset(server: &mut impl Desk, id: &str, value: String) -> Result<(), Error> {
    let id = id.parse().unwrap();
    server.write("office", move |tx| {
        let mut asset = store::asset(tx.conn(), id)?;
        asset.description.clone_from(&value);
        store::update_asset(tx, &asset)
    })
}

/// Writes a field, whatever is in it.
pub fn enter(server: &mut impl Desk, field: &Field, value: String) -> String {
    let (table, id, field) = field;
    let done = match (*table, *field) {
        ("tickets", "access_note") => {
            edit_ticket(server, id, TicketPatch { access_note: Some(value), ..TicketPatch::default() })
        }
        ("tickets", _) => {
            edit_ticket(server, id, TicketPatch { site_contact: Some(value), ..TicketPatch::default() })
        }
        ("sites", field) => write_site(server, id, field, value),
        _ => write_asset(server, id, value),
    };
    let came = done.map_or_else(|error| error.to_string(), |()| "done".to_owned());
    format!("the office writes {table}.{field} of {id}: {came}")
}
