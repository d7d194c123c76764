//! What a condition can ask about: a ticket and what belongs to it, and what happened. Every field is always there and
//! always of one kind, so that a condition that was tried when it was saved does not fail on the day: a text that is
//! not known is empty, a number 0.

use db::schema::{assets, customers, engineers, sites, ticket_events};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::error::Error;
use crate::sla::DueState;
use crate::tickets::{Ticket, TicketStatus};

/// Minutes that stand for never.
const NEVER: i64 = 5_256_000;

macro_rules! facts {
    ($(#[$doc:meta])* $name:ident as $variable:literal {
        $($field:ident: $kind:ty, $en:literal, $zh:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize)]
        pub struct $name { $(#[doc = $en] pub $field: $kind,)* }

        impl $name {
            const NAME: &'static str = $variable;
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
            const ABOUT: &'static [(&'static str, &'static str, &'static str)] = &[$((stringify!($kind), $en, $zh)),*];
        }
    };
}

facts! {
    /// The ticket.
    TicketFacts as "ticket" {
        number: i64, "what people call it", "工单号";
        kind: String, "repair, inspection, …", "工单类型，如 repair、inspection";
        priority: i64, "1 urgent to 4 low", "优先级，1 紧急至 4 低";
        title: String, "in one line", "标题";
        description: String, "in full", "描述";
        symptom: String, "what the customer sees", "故障现象";
        status: String,
            "new, assigned, accepted, travelling, on_site, working, waiting, completed, closed, cancelled",
            "状态，如 new、assigned、working、waiting、completed、closed";
        channel: String, "how it came in: phone, portal, …", "来源渠道，如 phone、portal";
        auto_dispatch: bool, "the server assigns it by itself", "是否自动派单";
        has_engineer: bool, "somebody has it", "是否已有工程师";
        engineer: String, "the code of whoever has it", "工程师编号";
        required_skills: Vec<String>, "codes of skills that it needs", "所需技能代码";
        expected_minutes: i64, "minutes of work on site", "预计工时（分钟）";
        age_minutes: i64, "since it was opened", "开单至今（分钟）";
        idle_minutes: i64, "since anything was done on it", "最近一次处理至今（分钟）";
    }
}
facts! {
    /// The asset, if it is about one.
    AssetFacts as "asset" {
        number: String, "empty if it is about no asset", "设备编号，无设备时为空";
        kind: String, "elevator, escalator, …", "设备类型";
        model: String, "the maker's", "型号";
        manufacturer: String, "who made it", "制造商";
    }
}
facts! {
    /// The site.
    SiteFacts as "site" {
        name: String, "what it is called", "站点名称";
        address: String, "in words", "地址";
        time_zone: String, "an IANA name", "时区";
    }
}
facts! {
    /// The customer.
    CustomerFacts as "customer" {
        number: String, "what you call him", "客户编号";
        name: String, "his name", "客户名称";
        level: String, "the level that you gave him", "客户等级";
    }
}
facts! {
    /// What was promised.
    SlaFacts as "sla" {
        state: String, "due, paused, unknown or none", "due 计时、paused 暂停、unknown 未知、none 无承诺";
        policy: String, "the row of the policy", "适用的条款";
        minutes_left: i64, "to the resolution; negative if it is late", "距解决期限（分钟），超时为负";
        response_minutes_left: i64, "to the response; large if none is promised or it was given",
            "距响应期限（分钟），超时为负";
        breached: bool, "the time for the solution is over", "解决是否已超时";
    }
}
facts! {
    /// What happened.
    EventFacts as "event" {
        name: String, "as the rule's trigger; every or daily for a time", "触发事件名称";
        by: String, "who did it, by log-in", "操作人";
        by_rule: bool, "a rule did it", "是否由规则引起";
        from_status: String, "before", "变更前状态";
        to_status: String, "after", "变更后状态";
        from_priority: i64, "before; 0 for a new ticket", "变更前优先级";
        to_priority: i64, "after", "变更后优先级";
        target: String, "response or resolution, for a promise", "response 响应或 resolution 解决";
        left_percent: i64, "so much of the promise is left", "剩余百分比";
        solved: bool, "what the customer said", "客户确认是否已解决";
        score: i64, "3 satisfied, 2 neutral, 1 dissatisfied, 0 not said", "满意度：3 满意、2 一般、1 不满意、0 未评价";
        comment: String, "what the customer added", "客户留言";
    }
}
facts! {
    /// The time at the site.
    NowFacts as "now" {
        hour: i64, "0 to 23", "小时，0 至 23";
        weekday: i64, "1 Monday to 7 Sunday", "星期，1 至 7";
    }
}

/// Facts that lie in rows of their own: what a condition does not ask about is not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asks {
    /// The site, its customer, and the time there.
    pub place: bool,
    /// The asset.
    pub asset: bool,
    /// The code of whoever has the ticket.
    pub engineer: bool,
    /// When anything was last done on it.
    pub idle: bool,
}

impl Asks {
    /// Notes that a field is asked about.
    pub fn add(&mut self, group: &str, field: &str) {
        match (group, field) {
            ("site" | "customer" | "now", _) => self.place = true,
            ("asset", _) => self.asset = true,
            ("ticket", "engineer") => self.engineer = true,
            ("ticket", "idle_minutes") => self.idle = true,
            _ => {}
        }
    }

    /// What either asks about.
    pub fn or(self, other: Self) -> Self {
        Self {
            place: self.place || other.place,
            asset: self.asset || other.asset,
            engineer: self.engineer || other.engineer,
            idle: self.idle || other.idle,
        }
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The asset, if it is about one.
    pub asset: AssetFacts,
    /// The site.
    pub site: SiteFacts,
    /// The customer.
    pub customer: CustomerFacts,
    /// What was promised.
    pub sla: SlaFacts,
    /// What happened.
    pub event: EventFacts,
    /// The time at the site.
    pub now: NowFacts,
}

type Group = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str, &'static str)]);

const GROUPS: &[Group] = &[
    (TicketFacts::NAME, TicketFacts::FIELDS, TicketFacts::ABOUT),
    (AssetFacts::NAME, AssetFacts::FIELDS, AssetFacts::ABOUT),
    (SiteFacts::NAME, SiteFacts::FIELDS, SiteFacts::ABOUT),
    (CustomerFacts::NAME, CustomerFacts::FIELDS, CustomerFacts::ABOUT),
    (SlaFacts::NAME, SlaFacts::FIELDS, SlaFacts::ABOUT),
    (EventFacts::NAME, EventFacts::FIELDS, EventFacts::ABOUT),
    (NowFacts::NAME, NowFacts::FIELDS, NowFacts::ABOUT),
];

/// The fields of a variable, if there is one of this name.
pub fn fields(variable: &str) -> Option<&'static [&'static str]> {
    GROUPS.iter().find(|(name, ..)| *name == variable).map(|(_, fields, _)| *fields)
}

/// Something that a condition can ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RuleVariable)]
pub struct Variable {
    /// `ticket.priority`.
    pub name: String,
    /// `int`, `string`, `bool` or `list(string)`.
    pub kind: &'static str,
    /// What it is.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// Everything that a condition can ask about.
pub fn variables() -> Vec<Variable> {
    let of = |(name, fields, about): &Group| {
        let (name, fields, about) = (*name, *fields, *about);
        fields.iter().zip(about).map(move |(field, (kind, en, zh))| {
            let kind = match *kind {
                "i64" => "int",
                "bool" => "bool",
                "Vec<String>" => "list(string)",
                _ => "string",
            };
            Variable { name: format!("{name}.{field}"), kind, en, zh }
        })
    };
    GROUPS.iter().flat_map(of).collect()
}

/// A ticket with everything that a ticket can have.
pub fn sample() -> Facts {
    let text = str::to_owned;
    Facts {
        ticket: TicketFacts {
            number: 1001,
            kind: text("repair"),
            priority: 2,
            title: text("Passenger trapped"),
            description: text("Between the 3rd and 4th floor"),
            symptom: text("trapped"),
            status: text("assigned"),
            channel: text("phone"),
            auto_dispatch: true,
            has_engineer: true,
            engineer: text("E-1"),
            required_skills: vec![text("traction")],
            expected_minutes: 60,
            age_minutes: 90,
            idle_minutes: 30,
        },
        asset: AssetFacts {
            number: text("L-1"),
            kind: text("elevator"),
            model: text("K3"),
            manufacturer: text("Kone"),
        },
        site: SiteFacts {
            name: text("Tower"),
            address: text("1 Main Street"),
            time_zone: text("Asia/Shanghai"),
        },
        customer: CustomerFacts { number: text("C-1"), name: text("Towers Ltd"), level: text("A") },
        sla: SlaFacts {
            state: text("due"),
            policy: text("P1"),
            minutes_left: 120,
            response_minutes_left: NEVER,
            breached: false,
        },
        event: EventFacts {
            name: text("created"),
            by: text("dispatcher"),
            by_rule: false,
            from_status: text("new"),
            to_status: text("assigned"),
            from_priority: 3,
            to_priority: 2,
            target: text("resolution"),
            left_percent: 30,
            solved: true,
            score: 1,
            comment: text("slow"),
        },
        now: NowFacts { hour: 9, weekday: 1 },
    }
}

fn minutes(from: Timestamp, until: Timestamp) -> i64 {
    (until.millis() - from.millis()).div_euclid(60_000)
}

/// The facts of a ticket as it is in `ticket`, at this time, as far as they are asked about.
///
/// # Errors
/// A failure of the database.
pub fn of(
    conn: &mut Conn,
    ticket: &Ticket,
    event: EventFacts,
    asks: Asks,
    now: Timestamp,
) -> Result<Facts, Error> {
    type Site = (String, String, String, String, String, String);
    let columns =
        (sites::name, sites::address, sites::time_zone, customers::number, customers::name, customers::level);
    let site = sites::table.inner_join(customers::table).filter(sites::id.eq(ticket.site_id));
    let found: Option<Site> = match asks.place {
        true => site.select(columns).first(conn).optional()?,
        false => None,
    };
    let (name, address, time_zone, number, customer, level) = found.unwrap_or_default();
    let asset = if asks.asset { asset(conn, ticket)? } else { AssetFacts::default() };
    let engineer: Option<String> = match ticket.engineer_id.filter(|_| asks.engineer) {
        Some(id) => engineers::table.find(id).select(engineers::code).first(conn).optional()?,
        None => None,
    };
    let acts = ticket_events::table.filter(ticket_events::ticket_id.eq(ticket.id));
    let last: Option<Timestamp> = match asks.idle {
        true => acts
            .filter(ticket_events::received_at.le(now))
            .select(diesel::dsl::max(ticket_events::received_at))
            .first(conn)?,
        false => None,
    };
    let idle = minutes(last.unwrap_or(ticket.created_at).max(ticket.created_at), now);
    Ok(Facts {
        ticket: ticket_facts(ticket, engineer.unwrap_or_default(), idle, now),
        asset,
        now: clock(&time_zone, now),
        site: SiteFacts { name, address, time_zone },
        customer: CustomerFacts { number, name: customer, level },
        sla: sla(ticket, now),
        event,
    })
}

fn asset(conn: &mut Conn, ticket: &Ticket) -> Result<AssetFacts, Error> {
    let Some(id) = ticket.asset_id else { return Ok(AssetFacts::default()) };
    let columns = (assets::number, assets::kind, assets::model, assets::manufacturer);
    let found: Option<(String, String, String, String)> =
        assets::table.find(id).select(columns).first(conn).optional()?;
    let (number, kind, model, manufacturer) = found.unwrap_or_default();
    Ok(AssetFacts { number, kind, model, manufacturer })
}

fn ticket_facts(ticket: &Ticket, engineer: String, idle_minutes: i64, now: Timestamp) -> TicketFacts {
    TicketFacts {
        number: ticket.number,
        kind: ticket.kind.clone(),
        priority: i64::from(ticket.priority),
        title: ticket.title.clone(),
        description: ticket.description.clone(),
        symptom: ticket.symptom.clone(),
        status: ticket.status.as_str().to_owned(),
        channel: ticket.sla.0.channel.clone(),
        auto_dispatch: ticket.auto_dispatch,
        has_engineer: ticket.engineer_id.is_some(),
        engineer,
        required_skills: ticket.required_skills.0.iter().map(|need| need.skill.clone()).collect(),
        expected_minutes: ticket.expected_minutes,
        age_minutes: minutes(ticket.created_at, now),
        idle_minutes,
    }
}

fn sla(ticket: &Ticket, now: Timestamp) -> SlaFacts {
    let sla = &ticket.sla.0;
    let over =
        matches!(ticket.status, TicketStatus::Completed | TicketStatus::Closed | TicketStatus::Cancelled);
    let minutes_left = minutes(now, ticket.due_at);
    let waits = sla.response_due_at.filter(|_| sla.responded_at.is_none() && !over);
    SlaFacts {
        state: sla.state.as_str().to_owned(),
        policy: sla.row.clone().unwrap_or_default(),
        minutes_left,
        response_minutes_left: waits.map_or(NEVER, |at| minutes(now, at)),
        breached: sla.state == DueState::Due && !over && ticket.due_at <= now,
    }
}

fn clock(time_zone: &str, now: Timestamp) -> NowFacts {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let Ok(instant) = jiff::Timestamp::from_millisecond(now.millis()) else { return NowFacts::default() };
    let local = zone.to_datetime(instant);
    NowFacts { hour: i64::from(local.hour()), weekday: i64::from(local.weekday().to_monday_one_offset()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_in_both_languages_and_the_list_is_what_conditions_see() {
        let sample = sample();
        let seen = |value: serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let ticket = seen(serde_json::to_value(&sample.ticket).unwrap());
        assert_eq!(ticket.len(), TicketFacts::FIELDS.len());
        assert!(ticket.iter().all(|field| TicketFacts::FIELDS.contains(&field.as_str())));
        assert!(variables().iter().all(|one| !one.en.is_empty() && !one.zh.is_empty()));
        assert!(variables().iter().any(|one| (one.name.as_str(), one.kind) == ("ticket.priority", "int")));
    }

    #[test]
    fn the_hour_is_that_of_the_site() {
        let at = "2026-03-03T23:30Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let clock = clock("Asia/Shanghai", Timestamp::from_millis(at));
        assert_eq!((clock.hour, clock.weekday), (7, 3));
    }
}
