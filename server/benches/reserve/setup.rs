//! The world that is measured in: 50,000 parts, each at three depots and in three vans of 200 places, and as many
//! tickets as are asked for, each of an engineer whose van has one of its three parts. Written in bulk by plain SQL.

use db::types::{EngineerId, Id, LocationId, of};
use db::{Conn, Db, Options, Tx};
use diesel::connection::SimpleConnection;
use inventory::locations::{self, LocationKind, NewLocation};
use server::error::Error;

use crate::shared::people;
use crate::shared::place::Place;
use crate::shared::sql::id;

const PARTS: usize = 50_000;
const DEPOTS: usize = 40;
const VANS: usize = 160;
/// Of a part at each place that has it, and of those that run out.
const EACH: [i64; 2] = [20, 2];
/// One ticket of so many needs one of the few parts that everybody wants, so that some run out.
const SOUGHT: usize = 16;
/// Those parts.
const SCARCE: usize = 20;
/// Rows of one statement.
const ROWS: usize = 1_000;

/// In words.
pub const SIZE: &str = "50,000 parts, each at 6 of 200 places,";

/// What the clients need to know.
pub struct World {
    pub token: String,
    pub parts: Vec<String>,
    /// Depots first.
    pub places: Vec<String>,
    engineers: Vec<EngineerId>,
    made: usize,
}

/// Where a part is.
pub fn places_of(part: usize) -> [usize; 6] {
    std::array::from_fn(|k| match k {
        0..3 => DEPOTS + (part * 11 + k * 53) % VANS,
        _ => (part * 7 + k * 13) % DEPOTS,
    })
}

/// What the n-th ticket needs; the first of it is in its engineer's van.
pub fn needs_of(ticket: usize) -> [usize; 3] {
    let first = SCARCE + ticket * 7_919 % (PARTS - SCARCE);
    let last =
        if ticket.is_multiple_of(SOUGHT) { ticket / SOUGHT % SCARCE } else { (first + 26_003) % PARTS };
    [first, (first + 13_001) % PARTS, last]
}

/// Makes everything but the tickets.
pub async fn world(place: &Place) -> anyhow::Result<World> {
    let db = Db::open(Options::new(place.url.clone()))?;
    let engineers = db.write(people::actor(), |tx| people::engineers(tx, VANS)).await?;
    db.write(people::actor(), |tx| people::lifts(tx, 1)).await?;
    let of = engineers.clone();
    let places = db.write(people::actor(), move |tx| places_made(tx, &of)).await?;
    let token = people::token(&db).await?;
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    let parts: Vec<String> = (0..PARTS).map(|_| id()).collect();
    let world = World { token, parts, places, engineers, made: 0 };
    let mut conn = place.raw();
    conn.batch_execute("BEGIN")?;
    world.stock(&mut conn)?;
    conn.batch_execute("COMMIT")?;
    settle(&mut conn)?;
    Ok(world)
}

/// What PostgreSQL does by itself within a minute of such an import.
fn settle(conn: &mut Conn) -> anyhow::Result<()> {
    if conn.is_postgres() {
        conn.batch_execute("ANALYZE")?;
    }
    Ok(())
}

fn places_made(tx: &mut Tx<'_>, engineers: &[EngineerId]) -> Result<Vec<LocationId>, Error> {
    let depot = |n: usize| NewLocation {
        kind: LocationKind::Depot,
        code: format!("D-{n}"),
        name: format!("Depot {n}"),
        latitude: Some(40.70 + (n % 8) as f64 * 0.012),
        longitude: Some(-74.02 + (n / 8) as f64 * 0.02),
        engineer_id: None,
        parent_id: None,
    };
    let van = |(n, engineer): (usize, &EngineerId)| NewLocation {
        kind: LocationKind::Van,
        code: format!("V-{n}"),
        name: format!("Van {n}"),
        latitude: None,
        longitude: None,
        engineer_id: Some(*engineer),
        parent_id: None,
    };
    let all = (0..DEPOTS).map(depot).chain(engineers.iter().enumerate().map(van));
    all.map(|new| Ok(locations::create(tx, new)?.id)).collect()
}

/// Inserts rows, many in a statement.
fn insert(conn: &mut Conn, columns: &str, rows: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let some: Vec<String> = rows.by_ref().take(ROWS).collect();
        conn.batch_execute(&format!("INSERT INTO {columns} VALUES {}", some.join(",")))?;
    }
    Ok(())
}

impl World {
    /// Parts, and what came in of them from suppliers: movements, and the balances that they sum to.
    fn stock(&self, conn: &mut Conn) -> anyhow::Result<()> {
        let columns = "parts (id, number, name, name_zh, unit, decimals, unit_price_micros, currency, active,
            created_at)";
        let part = |(n, id): (usize, &String)| {
            format!("('{id}', 'P-{n}', 'Part {n}', '', 'piece', 0, 1000000, 'USD', TRUE, 0)")
        };
        insert(conn, columns, self.parts.iter().enumerate().map(part))?;
        let shelves = || (0..PARTS).flat_map(|part| places_of(part).map(move |place| (part, place)));
        let each = |part: usize| EACH[usize::from(part < SCARCE)];
        let columns =
            "stock_movements (id, kind, part_id, quantity, from_location_id, to_location_id, actor, at,
            note)";
        let supplier = locations::supplier();
        let movement = |(n, place): (usize, usize)| {
            let (part, to, each) = (&self.parts[n], &self.places[place], each(n));
            format!("('{}', 'receive', '{part}', {each}, '{supplier}', '{to}', 'bench', 0, '')", id())
        };
        insert(conn, columns, shelves().map(movement))?;
        let columns = "stock_balances (id, part_id, location_id, on_hand, reserved)";
        let balance = |(n, place): (usize, usize)| {
            format!("('{}', '{}', '{}', {}, 0)", id(), self.parts[n], self.places[place], each(n))
        };
        insert(conn, columns, shelves().map(balance))
    }

    /// So many more tickets that somebody has accepted and for which nothing is reserved; their ids.
    pub fn tickets(&mut self, place: &Place, count: usize) -> anyhow::Result<Vec<String>> {
        let mut conn = place.raw();
        let first = self.made;
        self.made += count;
        let numbers = first..self.made;
        let made: Vec<_> = numbers.map(|n| (n, id(), Id::<of::Visit>::new().to_string())).collect();
        conn.batch_execute("BEGIN")?;
        let columns = "tickets (number, id, visit_id, engineer_id, needed_parts, kind, priority, title,
            description, symptom, status, customer_id, site_id, required_skills, expected_minutes, earliest_at,
            due_at, access_note, site_contact, address, latitude, longitude, auto_dispatch, queue_reasons, created_at)";
        let ticket = |(n, id, visit): &(usize, String, String)| {
            let needs = needs_of(*n);
            let need = |part: usize| format!("{{\"part_id\":\"{}\",\"quantity\":1}}", self.parts[part]);
            format!(
                "({n}, '{id}', '{visit}', '{}', '[{}]', 'repair', 3, 'Lift stands still', '', 'CALLBACK/REPAIR',
                'accepted', (SELECT id FROM customers), (SELECT id FROM sites), '[]', 30, 0, 1, '', '', '1 BROADWAY',
                {}, {}, FALSE, '[]', 0)",
                self.engineer_of(*n),
                needs.map(need).join(","),
                40.70 + (n % 97) as f64 * 0.001,
                -74.0 + (n % 89) as f64 * 0.001,
            )
        };
        insert(&mut conn, columns, made.iter().map(ticket))?;
        let columns = "visits (id, ticket_id, number, status, expected_minutes, lead_engineer_id)";
        let visit = |(n, id, visit): &(usize, String, String)| {
            format!("('{visit}', '{id}', 1, 'accepted', 30, '{}')", self.engineer_of(*n))
        };
        insert(&mut conn, columns, made.iter().map(visit))?;
        conn.batch_execute("COMMIT")?;
        settle(&mut conn)?;
        Ok(made.into_iter().map(|(_, id, _)| id).collect())
    }

    /// In whose van the first part of the n-th ticket is.
    pub fn engineer_of(&self, ticket: usize) -> EngineerId {
        self.engineers[places_of(needs_of(ticket)[0])[0] - DEPOTS]
    }

    /// The number of the next ticket.
    pub fn next(&self) -> usize {
        self.made
    }
}
