//! What is measured in: one engineer with 10,000 tickets, and 2,000 others with five each and a phone in the pocket.
//! The 10,000 are completed and not yet closed, which a phone holds too: nobody's route has 10,000 stops.

use db::types::{AssetId, DeviceId, EngineerId, Id, TicketId, UserId};
use db::{Db, Options, Tx};
use mobile_sync::devices::{self, NewDevice};
use server::auth::session::{self, NewSession};
use server::auth::users::{self, NewUser};
use server::auth::{Entrance, Role, secret};
use server::error::Error;
use server::sla::Promises;
use server::tickets::write::{self, Dispatch, NewTicket};
use server::tickets::{Ticket, TicketStatus, store};

use crate::documents;
use crate::shared::people;
use crate::shared::place::Place;

/// Tickets of the engineer who holds many.
pub const TICKETS: usize = 10_000;
const LIFTS: usize = 1_000;
/// Phones that come back at once.
pub const CROWD: usize = 2_000;
/// Tickets of each of them.
const EACH: usize = 5;
/// Tickets written together.
const BATCH: usize = 500;

/// A phone that is enrolled.
#[derive(Clone)]
pub struct Enrolled {
    pub engineer_id: EngineerId,
    pub device_id: DeviceId,
    pub token: String,
    pub tickets: Vec<TicketId>,
}

pub struct World {
    /// A dispatcher's token.
    pub office: String,
    pub epoch: String,
    pub many: Enrolled,
    pub crowd: Vec<Enrolled>,
}

impl World {
    pub async fn make(place: &Place) -> anyhow::Result<Self> {
        let hook = Some(mobile_sync::feed::scopes as db::FeedHook);
        let db = Db::open(Options { hook, ..Options::new(place.url.clone()) })?;
        let office = people::token(&db).await?;
        let lifts = db.write(people::actor(), |tx| people::lifts(tx, LIFTS)).await?;
        let engineers = db.write(people::actor(), |tx| people::engineers(tx, CROWD + 1)).await?;
        let mut phones = Vec::new();
        let mut epoch = String::new();
        for (nth, some) in engineers.chunks(BATCH).enumerate() {
            let some = some.to_vec();
            let enrolled = move |tx: &mut Tx<'_>| {
                let one = |(at, id): (usize, &EngineerId)| enrol(tx, nth * BATCH + at, *id);
                some.iter().enumerate().map(one).collect::<Result<Vec<_>, Error>>()
            };
            for (told, phone) in db.write(people::actor(), enrolled).await? {
                epoch = told;
                phones.push(phone);
            }
        }
        let mut many = phones.pop().ok_or_else(|| anyhow::anyhow!("no engineers"))?;
        let whose = vec![many.engineer_id; TICKETS];
        many.tickets = tickets(&db, &lifts, &whose, TicketStatus::Completed, 0).await?;
        let whose: Vec<EngineerId> =
            phones.iter().flat_map(|phone| std::iter::repeat_n(phone.engineer_id, EACH)).collect();
        let opened = tickets(&db, &lifts, &whose, TicketStatus::Accepted, TICKETS).await?;
        for (phone, tickets) in phones.iter_mut().zip(opened.chunks(EACH)) {
            phone.tickets = tickets.to_vec();
        }
        Ok(Self { office, epoch, many, crowd: phones })
    }
}

fn enrol(tx: &mut Tx<'_>, nth: usize, engineer_id: EngineerId) -> Result<(String, Enrolled), Error> {
    let new = NewUser {
        login: format!("engineer-{nth}"),
        display_name: format!("Engineer {nth}"),
        role: Role::Engineer,
        password: String::new(),
        engineer_id: Some(engineer_id),
        locale: None,
        email: None,
    };
    let user_id: UserId = users::create(tx, &new, "no password")?.id;
    let device_id: DeviceId = Id::new();
    let device = NewDevice {
        id: device_id,
        user_id,
        engineer_id,
        platform: "bench".to_owned(),
        app_version: "1".to_owned(),
        schema: mobile_sync_wire::SCHEMA,
    };
    let epoch = devices::enrol(tx, &device)?;
    let token = secret::token()?;
    let (entrance, name) = (Entrance::Device, "bench".to_owned());
    let session = NewSession { user_id, entrance, name, role: Role::Engineer, device_id: Some(device_id) };
    session::open(tx, &token, &session)?;
    Ok((epoch, Enrolled { engineer_id, device_id, token, tickets: Vec::new() }))
}

/// A ticket for each of these engineers, in turn; the texts are those from `first` on.
async fn tickets(
    db: &Db,
    lifts: &[AssetId],
    whose: &[EngineerId],
    status: TicketStatus,
    first: usize,
) -> anyhow::Result<Vec<TicketId>> {
    let mut ids = Vec::new();
    for (batch, some) in whose.chunks(BATCH).enumerate() {
        let (some, lifts) = (some.to_vec(), lifts.to_vec());
        let write = move |tx: &mut Tx<'_>| {
            let one = |(at, id): (usize, &EngineerId)| {
                let nth = batch * BATCH + at;
                ticket(tx, lifts[nth % lifts.len()], *id, status, first + nth)
            };
            some.iter().enumerate().map(one).collect::<Result<Vec<_>, Error>>()
        };
        ids.extend(db.write(people::actor(), write).await?);
    }
    Ok(ids)
}

fn ticket(
    tx: &mut Tx<'_>,
    lift: AssetId,
    engineer_id: EngineerId,
    status: TicketStatus,
    nth: usize,
) -> Result<TicketId, Error> {
    let text = documents::written(nth);
    let new = NewTicket {
        kind: "repair".to_owned(),
        priority: Some(3),
        title: text.title,
        description: text.description,
        asset_id: Some(lift),
        access_note: Some(text.access_note),
        site_contact: Some(text.site_contact),
        dispatch: Dispatch::Manual,
        ..NewTicket::default()
    };
    let ticket =
        Ticket { engineer_id: Some(engineer_id), status, ..write::draft(tx, &Promises::default(), &new)? };
    store::insert(tx, &ticket)?;
    Ok(ticket.id)
}
