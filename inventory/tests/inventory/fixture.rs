//! A small shop: two engineers with vans, two depots, two parts and three tickets. What belongs to other features is
//! put there with plain SQL; stock only ever comes in through the functions under test.

use db::testing::{START, TestDb, raw};
use db::types::{AssetId, EngineerId, Id, LocationId, PartId, ReservationId, TicketId, VisitId, of};
use db::{Actor, Timestamp, Tx};
use diesel::connection::SimpleConnection;
use inventory::ledger::Receipt;
use inventory::locations::{self, NewLocation};
use inventory::parts::{self, NewPart};
use inventory::reservations::{self, Request};
use inventory::usage::{Outcome, Usage};
use inventory::{
    Error, LocationKind, Reservation, StockBalance, StockMovement, Tracking, balances, ledger, pieces, verify,
};

pub struct Shop {
    pub test: TestDb,
    pub engineers: [EngineerId; 2],
    pub vans: [LocationId; 2],
    pub depots: [LocationId; 2],
    pub parts: [PartId; 2],
    pub tickets: [TicketId; 3],
    pub visits: [VisitId; 3],
    /// The lift that all tickets are about.
    pub asset: AssetId,
}

/// A number that nothing else has, so that several shops can be in one database.
fn unique() -> String {
    Id::<of::Session>::new().uuid().simple().to_string()
}

impl Shop {
    pub async fn open(test: TestDb) -> Self {
        let engineers = [EngineerId::new(), EngineerId::new()];
        let tickets = [TicketId::new(), TicketId::new(), TicketId::new()];
        let visits = [VisitId::new(), VisitId::new(), VisitId::new()];
        let asset = AssetId::new();
        raw(&test.url).batch_execute(&neighbours(asset, &engineers, &tickets, &visits)).unwrap();
        let (vans, depots, parts) = furnish(&test, engineers).await;
        Self { test, engineers, vans, depots, parts, tickets, visits, asset }
    }

    /// The same database with a shop of its own: new engineers, places, parts and tickets.
    pub async fn reopen(self) -> Self {
        Self::open(self.test).await
    }

    pub async fn write<T, F>(&self, body: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.test.db.write(Actor::system("test"), body).await
    }

    pub async fn read<T, F>(&self, body: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut db::Conn) -> Result<T, Error> + Send + 'static,
    {
        self.test.db.read(body).await.unwrap()
    }

    pub async fn receive(&self, part_id: PartId, to: LocationId, quantity: i64) {
        self.write(move |tx| ledger::receive(tx, part_id, to, quantity, "")).await.unwrap();
    }

    /// What the first ticket's first engineer would ask for.
    pub fn request(&self, location_id: LocationId, quantity: i64) -> Request {
        Request {
            ticket_id: self.tickets[0],
            engineer_id: Some(self.engineers[0]),
            part_id: self.parts[0],
            location_id,
            quantity,
            expires_at: None,
            instead_of_part_id: None,
        }
    }

    /// A part that is followed as it says, beside the shop's own.
    pub async fn tracked(&self, tracking: Tracking) -> PartId {
        let new = NewPart { tracking, ..part("Drive board") };
        self.write(move |tx| Ok(parts::create(tx, new.clone())?.id)).await.unwrap()
    }

    /// Pieces come in.
    pub async fn take_in(
        &self,
        part_id: PartId,
        to: LocationId,
        numbers: &'static [&'static str],
    ) -> Result<Vec<StockMovement>, Error> {
        self.write(move |tx| {
            let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
            let quantity = i64::try_from(serials.len()).unwrap();
            let receipt = Receipt {
                part_id,
                to,
                quantity,
                serials: &serials,
                lot: None,
                expires_at: None,
                cost: None,
                order_line_id: None,
                note: "",
            };
            ledger::take_in(tx, &receipt)
        })
        .await
    }

    /// Where a piece is, in which lift, and for which reservation.
    pub async fn whereabouts(
        &self,
        part_id: PartId,
        number: &'static str,
    ) -> (LocationId, Option<AssetId>, Option<ReservationId>) {
        let piece = self.read(move |conn| pieces::find(conn, part_id, number)).await.unwrap();
        (piece.location_id, piece.asset_id, piece.reservation_id)
    }

    pub async fn reserve(&self, request: Request) -> Result<Reservation, Error> {
        self.write(move |tx| reservations::reserve(tx, request)).await
    }

    pub async fn issue(&self, id: ReservationId) -> Result<Reservation, Error> {
        self.write(move |tx| reservations::issue(tx, id)).await
    }

    pub async fn release(&self, id: ReservationId) -> Result<Reservation, Error> {
        self.write(move |tx| reservations::release(tx, id)).await
    }

    /// What the first engineer would say about the first ticket.
    pub fn says(&self, quantity: i64, outcome: Outcome) -> Usage {
        Usage {
            id: Id::new(),
            ticket_id: self.tickets[0],
            visit_id: self.visits[0],
            engineer_id: self.engineers[0],
            part_id: self.parts[0],
            quantity,
            serial: String::new(),
            outcome,
            removed_serial: String::new(),
            at: START,
        }
    }

    pub async fn balance(&self, part_id: PartId, location_id: LocationId) -> Option<StockBalance> {
        self.read(move |conn| balances::get(conn, part_id, location_id)).await
    }

    /// (on hand, reserved) of the first part at a place.
    pub async fn stock(&self, location_id: LocationId) -> (i64, i64) {
        self.balance(self.parts[0], location_id).await.map_or((0, 0), |b| (b.on_hand, b.reserved))
    }

    /// The books agree with the movements and the live reservations.
    pub async fn assert_proven(&self) {
        assert_eq!(self.read(verify).await, []);
    }

    pub fn at_minute(&self, minutes: i64) -> Timestamp {
        START.plus_minutes(minutes)
    }
}

async fn furnish(
    test: &TestDb,
    engineers: [EngineerId; 2],
) -> ([LocationId; 2], [LocationId; 2], [PartId; 2]) {
    let made = test.db.write(Actor::system("test"), move |tx| {
        let mut vans = Vec::new();
        let mut depots = Vec::new();
        let mut catalogue = Vec::new();
        for engineer in engineers {
            vans.push(locations::create(tx, van(engineer))?.id);
            depots.push(locations::create(tx, depot())?.id);
            catalogue.push(parts::create(tx, part("Door roller"))?.id);
        }
        Ok::<_, Error>((vans, depots, catalogue))
    });
    let (vans, depots, catalogue) = made.await.unwrap();
    (vans.try_into().unwrap(), depots.try_into().unwrap(), catalogue.try_into().unwrap())
}

pub fn van(engineer_id: EngineerId) -> NewLocation {
    NewLocation {
        kind: LocationKind::Van,
        code: format!("VAN-{}", unique()),
        name: "Van".to_owned(),
        latitude: None,
        longitude: None,
        engineer_id: Some(engineer_id),
        parent_id: None,
    }
}

pub fn depot() -> NewLocation {
    NewLocation {
        kind: LocationKind::Depot,
        code: format!("DEPOT-{}", unique()),
        name: "Depot".to_owned(),
        latitude: Some(40.75),
        longitude: Some(-73.98),
        engineer_id: None,
        parent_id: None,
    }
}

pub fn part(name: &str) -> NewPart {
    NewPart {
        number: format!("P-{}", unique()),
        name: name.to_owned(),
        name_zh: "门滚轮".to_owned(),
        unit: "pcs".to_owned(),
        decimals: 0,
        unit_price_micros: 12_500_000,
        currency: "USD".to_owned(),
        ..NewPart::default()
    }
}

/// The rows of other features, as SQL that both databases understand. The guard has to forget them: nobody told
/// the log.
fn neighbours(asset: AssetId, engineers: &[EngineerId], tickets: &[TicketId], visits: &[VisitId]) -> String {
    let (customer, site) = (unique(), unique());
    let mut sql = format!(
        "INSERT INTO customers VALUES ('{customer}', '{customer}', 'Tower', '', '', '', 0);
         INSERT INTO sites VALUES ('{site}', '{customer}', 'Tower', '', 40.75, -73.98, '', '', 'UTC', 0);
         INSERT INTO assets VALUES ('{asset}', '{site}', '{asset}', 'lift', '', '', '', 0);\n"
    );
    for id in engineers {
        sql.push_str(&format!(
            "INSERT INTO engineers VALUES ('{id}', 'E-{id}', 'Ann', '', 40.7, -74.0, 480, TRUE, 0);\n"
        ));
    }
    let start = START.millis();
    for (ticket, visit) in tickets.iter().zip(visits) {
        sql.push_str(&format!(
            "INSERT INTO tickets (id, number, kind, priority, title, description, symptom, status, customer_id,
               site_id, asset_id, visit_id, required_skills, needed_parts, expected_minutes, earliest_at, due_at, access_note,
               site_contact, address, latitude, longitude, queue_reasons, auto_dispatch, created_at)
             SELECT '{ticket}', COALESCE(MAX(number), 1000) + 1, 'repair', 2, 'Lift stands', '', '', 'assigned',
               '{customer}', '{site}', '{asset}', '{visit}', '[]', '[]', 60, {start}, {start}, '', '', '', 40.75, -73.98,
               '[]', TRUE, {start} FROM tickets;
             INSERT INTO visits VALUES ('{visit}', '{ticket}', 1, 'assigned', NULL, 60, NULL);\n"
        ));
    }
    sql.push_str("DELETE FROM guard_written_rows;");
    sql
}

/// How many cases a property over a database is tried with: two dozen, or what `PROPTEST_CASES` says for a long run.
#[expect(clippy::disallowed_methods, reason = "how long a test searches is no setting of the server")]
pub fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24)
}
