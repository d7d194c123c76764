//! Rows as other features write them, with only as much life as these tests need.

use db::Entity;
use db::schema::*;
use diesel::prelude::*;
use serde::Serialize;

macro_rules! rows {
    ($($row:ident = $table:ident $([$ticket:ident])? { $($column:ident: $kind:ty),* $(,)? })*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, AsChangeset, Identifiable)]
        #[diesel(table_name = $table, treat_none_as_null = true)]
        pub struct $row { pub id: String, $(pub $column: $kind),* }

        impl Entity for $row {
            const ENTITY: &'static str = stringify!($table);

            fn row_id(&self) -> String {
                self.id.clone()
            }

            $(fn ticket_id(&self) -> Option<String> {
                Some(self.$ticket.clone())
            })?
        }
    )*};
}

type Text = Option<String>;

rows! {
    Engineer = engineers { code: String, name: String, phone: String, home_latitude: f64, home_longitude: f64,
        max_load_minutes: i64, active: bool, created_at: i64 }
    User = users { login: String, display_name: String, role: String, password_hash: String, engineer_id: Text,
        locale: String, active: bool, created_at: i64 }
    Customer = customers { number: String, name: String, phone: String, email: String, level: String,
        created_at: i64 }
    Site = sites { customer_id: String, name: String, address: String, latitude: f64, longitude: f64,
        access_note: String, contact: String, time_zone: String, created_at: i64 }
    Asset = assets { site_id: String, number: String, kind: String, model: String, manufacturer: String,
        description: String, created_at: i64 }
    Ticket = tickets [id] { number: i64, kind: String, priority: i32, title: String, description: String,
        symptom: String, status: String, customer_id: String, site_id: String, asset_id: Text, visit_id: String,
        engineer_id: Text, required_skills: String, needed_parts: String, expected_minutes: i64, earliest_at: i64,
        latest_at: Option<i64>, due_at: i64, planned_at: Option<i64>, access_note: String, site_contact: String,
        address: String, latitude: f64, longitude: f64, auto_dispatch: bool, queue_reasons: String,
        created_at: i64, completed_at: Option<i64>, closed_at: Option<i64>, sla: String,
        form: String }
    Visit = visits [ticket_id] { ticket_id: String, number: i32, status: String, planned_at: Option<i64>,
        expected_minutes: i64, lead_engineer_id: Text }
    Crew = visit_crew { visit_id: String, engineer_id: String }
    Event = ticket_events [ticket_id] { ticket_id: String, visit_id: String, engineer_id: Text, kind: String, at: i64,
        received_at: i64, dseq: i64, reason: String, actor: String, device_id: Text, applied: bool,
        time_uncertain: bool }
    Note = notes [ticket_id] { ticket_id: String, visit_id: String, engineer_id: Text, author: String, at: i64,
        text: String, audience: String, mentions: String }
    Usage = part_usage [ticket_id] { ticket_id: String, visit_id: String, engineer_id: Text, part_id: String, quantity: i64,
        serial: String, outcome: String, at: i64 }
    Part = parts { number: String, name: String, name_zh: String, unit: String, decimals: i32,
        unit_price_micros: i64, currency: String, active: bool, created_at: i64, tracking: String }
    Location = stock_locations { kind: String, code: String, name: String, latitude: Option<f64>,
        longitude: Option<f64>, engineer_id: Text, active: bool, created_at: i64, parent_id: Text }
    Balance = stock_balances { part_id: String, location_id: String, on_hand: i64, reserved: i64 }
    Reservation = reservations [ticket_id] { ticket_id: String, engineer_id: Text, part_id: String, location_id: String,
        quantity: i64, status: String, expires_at: Option<i64>, created_at: i64, updated_at: i64 }
}

/// `id(7)` is the same UUID in every test.
pub fn id(n: u32) -> String {
    format!("00000000-0000-7000-9000-{n:012}")
}

pub fn engineer(n: u32) -> Engineer {
    Engineer {
        id: id(n),
        code: format!("E{n}"),
        name: format!("Engineer {n}"),
        phone: "+1 212 555 0100".into(),
        home_latitude: 40.75,
        home_longitude: -73.98,
        max_load_minutes: 480,
        active: true,
        created_at: 0,
    }
}

pub fn user(n: u32, engineer_id: String) -> User {
    User {
        id: id(n),
        login: format!("user-{n}"),
        display_name: "A user".into(),
        role: "engineer".into(),
        password_hash: String::new(),
        engineer_id: Some(engineer_id),
        locale: "en".into(),
        active: true,
        created_at: 0,
    }
}

pub fn customer(n: u32) -> Customer {
    Customer {
        id: id(n),
        number: format!("C{n}"),
        name: "Penn Estates".into(),
        phone: String::new(),
        email: String::new(),
        level: String::new(),
        created_at: 0,
    }
}

pub fn site(n: u32, customer_id: String) -> Site {
    Site {
        id: id(n),
        customer_id,
        name: format!("Site {n}"),
        address: "1 Penn Plaza".into(),
        latitude: 40.75,
        longitude: -73.99,
        access_note: "ask the porter".into(),
        contact: String::new(),
        time_zone: "America/New_York".into(),
        created_at: 0,
    }
}

pub fn asset(n: u32, site_id: String) -> Asset {
    Asset {
        id: id(n),
        site_id,
        number: format!("1P{n}"),
        kind: "lift".into(),
        model: "traction".into(),
        manufacturer: String::new(),
        description: String::new(),
        created_at: 0,
    }
}

pub fn ticket(n: u32, site_id: String, asset_id: String, customer_id: String) -> (Ticket, Visit) {
    let (id, visit_id) = (id(n), id(n + 1_000_000));
    let visit = Visit {
        id: visit_id.clone(),
        ticket_id: id.clone(),
        number: 1,
        status: "new".into(),
        planned_at: None,
        expected_minutes: 60,
        lead_engineer_id: None,
    };
    let ticket = Ticket {
        id,
        number: n.into(),
        kind: "breakdown".into(),
        priority: 1,
        title: format!("Lift stuck {n}"),
        description: String::new(),
        symptom: String::new(),
        status: "new".into(),
        customer_id,
        site_id,
        asset_id: Some(asset_id),
        visit_id,
        engineer_id: None,
        required_skills: "[]".into(),
        needed_parts: "[]".into(),
        expected_minutes: 60,
        earliest_at: 0,
        latest_at: None,
        due_at: 0,
        planned_at: None,
        access_note: String::new(),
        site_contact: String::new(),
        address: "1 Penn Plaza".into(),
        latitude: 40.75,
        longitude: -73.99,
        auto_dispatch: false,
        queue_reasons: "[]".into(),
        created_at: 0,
        completed_at: None,
        closed_at: None,
        sla: "{}".into(),
        form: "null".into(),
    };
    (ticket, visit)
}

pub fn part(n: u32) -> Part {
    Part {
        id: id(n),
        number: format!("P{n}"),
        name: "Door roller".into(),
        name_zh: "门滚轮".into(),
        unit: "pcs".into(),
        decimals: 0,
        unit_price_micros: 0,
        currency: "USD".into(),
        active: true,
        created_at: 0,
        tracking: "none".into(),
    }
}

pub fn location(n: u32, driver: Option<String>) -> Location {
    Location {
        id: id(n),
        kind: if driver.is_some() { "van".into() } else { "depot".into() },
        code: format!("L{n}"),
        name: format!("Place {n}"),
        latitude: Some(40.75),
        longitude: Some(-73.98),
        engineer_id: driver,
        active: true,
        created_at: 0,
        parent_id: None,
    }
}
