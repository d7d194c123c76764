//! The numbers of the business over a time: how much came in, how fast it was taken up and done, what was promised and
//! kept, what customers said, who did what. All of it is counted from one list of facts ([`facts`]), by rules that hold
//! for a ticket or not ([`figures`]), so every number can be opened down to its tickets.

pub mod facts;
pub mod figures;

use actix_web::{HttpResponse, get, web};
use db::types::EngineerId;
use db::{Conn, Timestamp};
use facts::Fact;
use figures::{Figure, Numbers, Step, Window};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::exports::sheet::{Cell, Sheet};
use crate::exports::{Format, MOST_ROWS, file};
use crate::http::{Checks, Params, Path};

/// Longest time that is counted: a year, and the same days of the year before.
const MOST_DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;
/// Tickets that a number is opened down to.
const MOST_SHOWN: usize = 500;
const LONGEST_WORD: usize = 200;

/// Which tickets, and how to count them.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NumbersParams {
    /// From when.
    pub from: Timestamp,
    /// Until before when, at most 400 days later.
    pub until: Timestamp,
    /// How long a step of the trend is; a day if absent.
    #[param(inline)]
    pub step: Option<Step>,
    /// In whose days, weeks and months, from the IANA database: `Asia/Shanghai`; UTC if absent.
    pub zone: Option<String>,
    /// Only this kind of work.
    pub kind: Option<String>,
    /// Only this priority.
    pub priority: Option<i32>,
    /// Only what came in this way; empty: of which nobody said.
    pub channel: Option<String>,
    /// Only this symptom; empty: of which nobody said.
    pub symptom: Option<String>,
    /// Only this engineer's.
    pub engineer_id: Option<EngineerId>,
    /// `/numbers/tickets` and files: only the tickets that this figure counts.
    #[param(inline)]
    pub figure: Option<Figure>,
}

impl NumbersParams {
    fn zone(&self) -> Result<TimeZone, Error> {
        let mut checks = Checks::new();
        checks.instant("from", self.from).instant("until", self.until);
        let length = self.until.millis().saturating_sub(self.from.millis());
        checks.require(length > 0, "until", "invalid", "is not after `from`");
        checks.require(
            length <= MOST_DAYS * DAY_MS,
            "until",
            "too_long",
            "is more than 400 days after `from`",
        );
        let words = [("kind", &self.kind), ("channel", &self.channel), ("symptom", &self.symptom)];
        for (field, word) in words {
            checks.text(field, word.as_deref().unwrap_or_default(), LONGEST_WORD);
        }
        let zone = self.zone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get);
        checks.require(zone.is_ok(), "zone", "invalid", "is not a time zone of the IANA database");
        checks.finish()?;
        Ok(zone.unwrap_or(TimeZone::UTC))
    }

    fn has(&self, fact: &Fact) -> bool {
        let same = |asked: &Option<String>, has: &str| asked.as_deref().is_none_or(|asked| asked == has);
        same(&self.kind, &fact.kind)
            && same(&self.channel, &fact.channel)
            && same(&self.symptom, &fact.symptom)
            && self.priority.is_none_or(|priority| priority == fact.priority)
            && self.engineer_id.is_none_or(|id| Some(id) == fact.engineer_id)
    }

    fn read(&self, conn: &mut Conn) -> Result<Vec<Fact>, Error> {
        let mut facts = facts::read(conn, (self.from, self.until))?;
        facts.retain(|fact| self.has(fact));
        Ok(facts)
    }

    /// Those that the figure counts; all if none is asked for.
    fn counted(&self, conn: &mut Conn, now: Timestamp) -> Result<Vec<Fact>, Error> {
        let mut facts = self.read(conn)?;
        let window = self.window(now);
        facts.retain(|fact| self.figure.is_none_or(|figure| figure.holds(fact, &window)));
        Ok(facts)
    }

    fn window(&self, now: Timestamp) -> Window {
        Window { from: self.from, until: self.until, now }
    }
}

/// The numbers of a time. A ticket counts as opened, and with its response, when it was opened; as done, with what was
/// promised, said and worked, when it was done.
#[utoipa::path(
    tag = "numbers",
    params(NumbersParams),
    responses((status = 200, body = Numbers), (status = 422, body = Problem)),
)]
#[get("/numbers")]
pub async fn numbers(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<NumbersParams>,
) -> Result<web::Json<Numbers>, Error> {
    let (asked, now) = (params.0, app.db.clock().now());
    let (zone, step) = (asked.zone()?, asked.step.unwrap_or(Step::Day));
    let count = move |conn: &mut Conn| {
        let facts = asked.read(conn)?;
        Ok::<_, Error>(figures::count(&facts, &asked.window(now), step, &zone))
    };
    Ok(web::Json(app.db.read(count).await?))
}

/// What a number counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberTickets {
    /// How many there are.
    pub count: usize,
    /// The newest of them, at most 500.
    pub items: Vec<Fact>,
}

/// The tickets that a figure counts.
#[utoipa::path(
    tag = "numbers",
    params(NumbersParams),
    responses((status = 200, body = NumberTickets), (status = 422, body = Problem)),
)]
#[get("/numbers/tickets")]
pub async fn tickets(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<NumbersParams>,
) -> Result<web::Json<NumberTickets>, Error> {
    let (asked, now) = (params.0, app.db.clock().now());
    asked.zone()?;
    let facts = app.db.read(move |conn: &mut Conn| asked.counted(conn, now)).await?;
    let count = facts.len();
    Ok(web::Json(NumberTickets { count, items: facts.into_iter().rev().take(MOST_SHOWN).collect() }))
}

/// A row for each ticket, as `csv` or `xlsx`. Instants are UTC in ISO 8601. At most 100,000 rows.
#[utoipa::path(
    tag = "numbers",
    params(("format" = inline(Format), Path), NumbersParams),
    responses(
        (status = 200, content_type = "text/csv"),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[get("/numbers/tickets.{format}")]
pub async fn export(
    app: web::Data<App>,
    _by: By<OFFICE>,
    path: Path<String>,
    params: Params<NumbersParams>,
) -> Result<HttpResponse, Error> {
    let format = path.0.parse::<Format>().map_err(|_| Problem::not_found("export"))?;
    let (asked, now) = (params.0, app.db.clock().now());
    asked.zone()?;
    let facts = app.db.read(move |conn: &mut Conn| asked.counted(conn, now)).await?;
    if facts.len() > MOST_ROWS {
        let message = format!("has more than {MOST_ROWS} tickets; ask for a shorter time");
        return Err(Problem::invalid_field("until", "too_many", message).into());
    }
    file(sheet(&facts), "tickets", format).await
}

const COLUMNS: &[&str] = &[
    "number",
    "title",
    "kind",
    "priority",
    "channel",
    "symptom",
    "status",
    "engineer_id",
    "opened_at",
    "responded_at",
    "response_due_at",
    "done_at",
    "due_at",
    "visits",
    "reopened",
    "worked_minutes",
    "satisfaction",
];

fn sheet(facts: &[Fact]) -> Sheet {
    let instant = |at: Option<Timestamp>| at.map_or(Cell::Empty, Cell::instant);
    let row = |fact: &Fact| {
        vec![
            Cell::Whole(fact.number),
            fact.title.as_str().into(),
            fact.kind.as_str().into(),
            Cell::Whole(fact.priority.into()),
            fact.channel.as_str().into(),
            fact.symptom.as_str().into(),
            fact.status.as_str().into(),
            fact.engineer_id.map_or(Cell::Empty, |id| id.to_string().into()),
            instant(Some(fact.opened_at)),
            instant(fact.responded_at),
            instant(fact.response_due_at),
            instant(fact.done_at),
            instant(fact.due_at),
            Cell::Whole(fact.visits),
            Cell::Whole(fact.reopened),
            Cell::Whole(fact.worked_ms / db::types::MINUTE_MS),
            fact.satisfaction.map_or(Cell::Empty, |said| said.as_str().into()),
        ]
    };
    Sheet { columns: COLUMNS, rows: facts.iter().map(row).collect() }
}
