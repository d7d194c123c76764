//! An audit of the stock that asks none of our code: the rules of `stock_audit.sql`, run over a plain connection, and
//! the books compared with what somebody counted. Here it proves that it finds each kind of fault; the demo's day is
//! audited by it in `demo.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use db::testing::raw;
use db::{Conn, Url, both_backends};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::json;

use crate::harness::Server;
use crate::inventory::{Warehouse, added, new_part, warehouse};
use crate::stock_keeping::used;

static RULES: &str = include_str!("stock_audit.sql");

/// What does not add up.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Fault {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    expected: String,
    #[diesel(sql_type = Text)]
    found: String,
}

/// Faults by the rule that they break, as a table for whoever has to look for them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<(String, Fault)>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut heading = "";
        for (rule, fault) in &self.0 {
            if rule != heading {
                heading = rule;
                writeln!(f, "NOT SO: {rule}")?;
                writeln!(f, "  {:<24} {:<14} {:>10} {:>10}", "part", "place", "should be", "is")?;
            }
            let Fault { part, place, expected, found } = fault;
            writeln!(f, "  {part:<24} {place:<14} {expected:>10} {found:>10}")?;
        }
        Ok(())
    }
}

impl Faults {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn rules(&self) -> BTreeSet<&str> {
        self.0.iter().map(|(rule, _)| rule.as_str()).collect()
    }
}

fn load<T>(conn: &mut Conn, sql: &str) -> Vec<T>
where
    T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static,
{
    match conn {
        Conn::Sqlite(c) => diesel::sql_query(sql).load(c).unwrap(),
        Conn::Postgres(c) => diesel::sql_query(sql).load(c).unwrap(),
    }
}

/// Asks every rule.
pub fn audit(url: &Url) -> Faults {
    let mut conn = raw(url);
    let rules = RULES.split("-- rule: ").skip(1).map(|rule| rule.split_once('\n').unwrap());
    let faults = rules.flat_map(|(rule, sql)| {
        let sql = sql.trim().trim_end_matches(';');
        load::<Fault>(&mut conn, sql).into_iter().map(|fault| (rule.to_owned(), fault)).collect::<Vec<_>>()
    });
    Faults(faults.collect())
}

#[derive(QueryableByName)]
struct Booked {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = BigInt)]
    on_hand: i64,
}

/// A place's code and a part's number.
type Spot = (String, String);

/// Compares the books with what was counted: codes of places and numbers of parts, with quantities.
pub fn compared(url: &Url, counted: &BTreeMap<Spot, i64>) -> Faults {
    let sql = "SELECT l.code AS place, p.number AS part, b.on_hand FROM stock_balances b
               JOIN parts p ON p.id = b.part_id JOIN stock_locations l ON l.id = b.location_id";
    let rows: Vec<Booked> = load(&mut raw(url), sql);
    let booked: BTreeMap<_, _> = rows.into_iter().map(|row| ((row.place, row.part), row.on_hand)).collect();
    let spots: BTreeSet<_> = counted.keys().chain(booked.keys()).collect();
    let of = |map: &BTreeMap<Spot, i64>, spot: &Spot| map.get(spot).copied().unwrap_or(0);
    let differs = spots.into_iter().filter(|spot| of(counted, spot) != of(&booked, spot));
    let fault = |spot: &Spot| Fault {
        place: spot.0.clone(),
        part: spot.1.clone(),
        expected: of(counted, spot).to_string(),
        found: of(&booked, spot).to_string(),
    };
    Faults(differs.map(|spot| ("the books say what is there".to_owned(), fault(spot))).collect())
}

/// A part with serial numbers and one with lots, something promised, handed over and used.
async fn busy(server: &Server) -> Warehouse {
    let house = warehouse(server).await;
    house.receive(&house.near, 9).await;
    house.receive(&house.van, 2).await;
    let handed = house.reserved(1).await;
    house.step(&handed, "issue", &json!({})).await.ok();
    used(server, &house, &house.part, "").await;
    let wish =
        json!({"ticket_id": house.ticket, "part_id": house.part, "quantity": 2, "location_id": house.near});
    let held = house.person.post("/api/v1/reservations", &wish).await.ok();
    house.step(held["items"][0]["id"].as_str().unwrap(), "issue", &json!({})).await.ok();
    for (number, tracking, which) in
        [("B-1", "serial", json!({"serials": ["S-1"]})), ("L-1", "lot", json!({"lot": "M-1"}))]
    {
        let mut new = new_part(number);
        new["tracking"] = json!(tracking);
        let part = added(&house.person, "/api/v1/parts", &new).await;
        let mut receipt = which.clone();
        let more = json!({"kind": "receive", "part_id": part, "quantity": 1, "to_location_id": house.near});
        receipt.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        house.person.post("/api/v1/stock-movements", &receipt).await.ok();
    }
    house
}

/// Each changes the books behind everybody's back, says how that is mended, and which rule it breaks.
fn doctored(house: &Warehouse) -> Vec<(String, String, &'static str)> {
    let (near, far, part) = (&house.near, &house.far, &house.part);
    let shelf = format!("part_id = '{part}' AND location_id = '{near}'");
    let other = "(SELECT id FROM parts WHERE number = 'L-1')";
    let outside = crate::inventory::SUPPLIER;
    let row = |set: &str, back: &str, rule| (set.to_owned(), back.to_owned(), rule);
    let balance = |column: &str, by: i64, rule| {
        let change =
            |by: i64| format!("UPDATE stock_balances SET {column} = {column} + ({by}) WHERE {shelf}");
        (change(by), change(-by), rule)
    };
    vec![
        balance("on_hand", 1, "a balance is the sum of its movements"),
        balance("reserved", 1, "what is reserved is the sum of the live reservations"),
        balance("reserved", 90, "no more is promised at a depot than is there"),
        row(
            &format!(
                "INSERT INTO stock_balances (id, part_id, location_id, on_hand, reserved)
                      VALUES ('x', '{part}', '{outside}', 0, 0)"
            ),
            "DELETE FROM stock_balances WHERE id = 'x'",
            "the outside keeps no balance",
        ),
        row(
            &format!("UPDATE part_serials SET location_id = '{far}'"),
            &format!("UPDATE part_serials SET location_id = '{near}'"),
            "a piece is where its last movement went",
        ),
        row(
            &format!("UPDATE part_lots SET part_id = '{part}'"),
            &format!("UPDATE part_lots SET part_id = {other}"),
            "a movement of one piece or lot is of that part",
        ),
        row(
            &format!(
                "UPDATE stock_movements SET to_location_id = from_location_id, from_location_id = '{near}'
                 WHERE lot_id IS NOT NULL"
            ),
            &format!(
                "UPDATE stock_movements SET from_location_id = to_location_id, to_location_id = '{near}'
                 WHERE lot_id IS NOT NULL"
            ),
            "no more of a lot leaves a place than came",
        ),
        row(
            "UPDATE part_usage SET quantity = quantity + 1",
            "UPDATE part_usage SET quantity = quantity - 1",
            "what a ticket is said to have used has left the vans",
        ),
        row(
            "UPDATE reservations SET quantity = quantity + 1 WHERE status = 'handed_over'",
            "UPDATE reservations SET quantity = quantity - 1 WHERE status = 'handed_over'",
            "what was handed over for a reservation is what it says",
        ),
    ]
}

/// The guard of the tests would take it for a write that was not logged.
fn behind_its_back(url: &Url, sql: &str) {
    raw(url).batch_execute(&format!("{sql}; DELETE FROM guard_written_rows;")).unwrap();
}

both_backends! {
    async fn the_audit_finds_each_fault_that_is_put_into_books_that_were_right(server: Server) {
        let house = busy(&server).await;
        let url = server.url();
        assert_eq!(audit(&url), Faults::default());
        let all = doctored(&house);
        let rules = RULES.matches("-- rule: ").count();
        assert_eq!(all.iter().map(|(.., rule)| rule).collect::<BTreeSet<_>>().len(), rules, "a fault for each rule");
        for (break_it, mend_it, rule) in all {
            behind_its_back(&url, &break_it);
            let faults = audit(&url);
            assert!(faults.rules().contains(rule), "{break_it}: {faults}");
            behind_its_back(&url, &mend_it);
            assert_eq!(audit(&url), Faults::default(), "{mend_it}");
        }
    }

    async fn what_was_counted_otherwise_than_the_books_say_is_a_line_of_the_table(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 4).await;
        let spot = |place: &str| (place.to_owned(), "P-1".to_owned());
        assert!(compared(&server.url(), &BTreeMap::from([(spot("D-1"), 4), (spot("D-2"), 0)])).is_empty());
        let counted = BTreeMap::from([(spot("D-1"), 3), (spot("V-1"), 1)]);
        let table = compared(&server.url(), &counted).to_string();
        let lines: Vec<Vec<&str>> = table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines, [["P-1", "D-1", "3", "4"], ["P-1", "V-1", "1", "0"]]);
    }
}
