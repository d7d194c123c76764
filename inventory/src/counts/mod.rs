//! Counts of a place. What was found is kept beside what the books said at that moment, so that it does not matter what
//! moves until somebody approves it: only the difference becomes true then, less what was adjusted since, and less what
//! had happened before and came to be known only since.

mod lines;

use db::schema::{stock_balances, stock_count_lines, stock_counts};
use db::types::{Id, LocationId, PartId, StockCountId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::balances::{self, Shelf};
use crate::parts::{self, Tracking};
use crate::{Error, PAGE, ledger, locations};

pub use lines::{CountLine, CountLineView, clear, enter, lines};

db::text_enum! {
    /// How far a count has come.
    pub enum CountStatus {
        /// People are counting.
        Open => "open",
        /// All is counted; somebody has to look at the differences.
        Submitted => "submitted",
        /// The differences were booked.
        Approved => "approved",
        /// Nothing was booked.
        Rejected => "rejected",
    }
}

/// A count of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = stock_counts)]
pub struct StockCount {
    /// Its id.
    pub id: StockCountId,
    /// Where.
    pub location_id: LocationId,
    /// Whether those who count do not see what the books say.
    pub blind: bool,
    /// How far it has come.
    pub status: CountStatus,
    /// What somebody wanted to add.
    pub note: String,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who approved or rejected it; empty until then.
    pub closed_by: String,
    /// When.
    pub closed_at: Option<Timestamp>,
}

impl Entity for StockCount {
    const ENTITY: &'static str = "stock_counts";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A count to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCount {
    /// Where: a place that has stock. What is in its bins is counted there.
    pub location_id: LocationId,
    /// Of what; if nothing is named, of all that the books know there.
    #[serde(default)]
    pub part_ids: Vec<PartId>,
    /// Whether those who count do not see what the books say.
    #[serde(default)]
    pub blind: bool,
    /// What somebody wanted to add.
    #[serde(default)]
    pub note: String,
}

/// Most parts of one count.
pub const MOST_LINES: usize = 2_000;

/// Opens a count. Parts that are followed piece by piece are not in it: their pieces are counted by number, with
/// [`ledger::found`].
///
/// # Errors
/// A place without stock or with a count already, a part that is followed piece by piece, or too many parts.
pub fn open(tx: &mut Tx<'_>, new: &NewCount) -> Result<StockCount, Error> {
    locations::check_has_stock(tx.conn(), new.location_id, "location_id")?;
    let running: i64 = stock_counts::table
        .filter(stock_counts::status.eq_any([CountStatus::Open, CountStatus::Submitted]))
        .filter(stock_counts::location_id.eq(new.location_id))
        .count()
        .get_result(tx.conn())?;
    if running > 0 {
        return Err(Error::CountRunning { location_id: new.location_id });
    }
    let part_ids = wanted_parts(tx.conn(), new)?;
    if part_ids.len() > MOST_LINES {
        return Err(Error::Invalid {
            field: "part_ids",
            problem: "are more than 2,000: count a bin at a time",
        });
    }
    let count = StockCount {
        id: Id::new(),
        location_id: new.location_id,
        blind: new.blind,
        status: CountStatus::Open,
        note: new.note.clone(),
        created_by: tx.actor().name.clone(),
        created_at: tx.now(),
        closed_by: String::new(),
        closed_at: None,
    };
    diesel::insert_into(stock_counts::table).values(&count).execute(tx.conn())?;
    tx.changed(&count)?;
    for part_id in part_ids {
        lines::add(tx, &count, part_id)?;
    }
    Ok(count)
}

fn wanted_parts(conn: &mut Conn, new: &NewCount) -> Result<Vec<PartId>, Error> {
    if new.part_ids.is_empty() {
        return Ok(stock_balances::table
            .inner_join(db::schema::parts::table.on(db::schema::parts::id.eq(stock_balances::part_id)))
            .filter(stock_balances::location_id.eq(new.location_id))
            .filter(stock_balances::on_hand.ne(0).or(stock_balances::reserved.ne(0)))
            .filter(db::schema::parts::tracking.ne(Tracking::Serial))
            .order(db::schema::parts::number)
            .select(stock_balances::part_id)
            .load(conn)?);
    }
    let mut ids = new.part_ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let known = parts::by_ids(conn, &ids)?;
    if known.len() != ids.len() {
        return Err(Error::Invalid { field: "part_ids", problem: "name a part that is not there" });
    }
    if known.iter().any(|part| part.tracking == Tracking::Serial) {
        return Err(Error::Invalid {
            field: "part_ids",
            problem: "name a part that is counted piece by piece",
        });
    }
    Ok(known.into_iter().map(|part| part.id).collect())
}

/// One count.
///
/// # Errors
/// There is no such count, or a failure of the database.
pub fn get(conn: &mut Conn, id: StockCountId) -> Result<StockCount, Error> {
    let found = stock_counts::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "count", id: id.to_string() })
}

/// Says that all is counted: the differences can be seen and approved from now on.
///
/// # Errors
/// A count that is not open, or lines of it that nobody has counted.
pub fn submit(tx: &mut Tx<'_>, id: StockCountId) -> Result<StockCount, Error> {
    let submitted = step(tx, id, &[CountStatus::Open], CountStatus::Submitted)?;
    let uncounted: i64 = stock_count_lines::table
        .filter(stock_count_lines::count_id.eq(id))
        .filter(stock_count_lines::counted.is_null())
        .count()
        .get_result(tx.conn())?;
    if uncounted > 0 {
        return Err(Error::CountIncomplete { uncounted });
    }
    Ok(submitted)
}

/// Makes the differences true, each with a movement from or to [`locations::adjustment`]. What somebody has adjusted
/// since the part was counted is not booked again, nor is what had happened before and came to be known after it: a
/// phone's late word, or a slip that was taken back.
///
/// # Errors
/// A count that was not submitted.
pub fn approve(tx: &mut Tx<'_>, id: StockCountId) -> Result<StockCount, Error> {
    let approved = step(tx, id, &[CountStatus::Submitted], CountStatus::Approved)?;
    let note = format!("count {id}");
    // In order of part: see `Shelf`.
    let counted: Vec<CountLine> = stock_count_lines::table
        .filter(stock_count_lines::count_id.eq(id))
        .filter(stock_count_lines::counted.is_not_null())
        .order(stock_count_lines::part_id)
        .load(tx.conn())?;
    for line in counted {
        let found = line.difference().unwrap_or(0);
        let (part_id, location_id) = (line.part_id, approved.location_id);
        balances::hold_still(tx, Shelf { part_id, location_id })?;
        let since = ledger::adjusted(tx.conn(), part_id, location_id)? - line.adjusted;
        let late = match (line.moved, line.counted_at) {
            (Some(moved), Some(at)) => ledger::moved_before(tx.conn(), part_id, location_id, at)? - moved,
            _ => 0,
        };
        ledger::adjust_by(tx, part_id, location_id, found - since - late, &note)?;
    }
    Ok(approved)
}

/// Throws a count away: nothing is booked.
///
/// # Errors
/// A count that was approved or rejected before.
pub fn reject(tx: &mut Tx<'_>, id: StockCountId) -> Result<StockCount, Error> {
    step(tx, id, &[CountStatus::Open, CountStatus::Submitted], CountStatus::Rejected)
}

/// From one of these statuses to another: of two who do it, one does.
fn step(
    tx: &mut Tx<'_>,
    id: StockCountId,
    from: &[CountStatus],
    to: CountStatus,
) -> Result<StockCount, Error> {
    let closes = matches!(to, CountStatus::Approved | CountStatus::Rejected);
    let (by, at) = if closes { (tx.actor().name.clone(), Some(tx.now())) } else { (String::new(), None) };
    let moved: Option<StockCount> = diesel::update(stock_counts::table.find(id))
        .filter(stock_counts::status.eq_any(from.iter().copied()))
        .set((stock_counts::status.eq(to), stock_counts::closed_by.eq(by), stock_counts::closed_at.eq(at)))
        .returning(stock_counts::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let Some(moved) = moved else {
        let status = get(tx.conn(), id)?.status;
        return Err(Error::CountStatus { count_id: id, status });
    };
    tx.changed(&moved)?;
    Ok(moved)
}

/// Which counts to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only at this place.
    pub location_id: Option<LocationId>,
    /// Only these.
    pub status: Option<CountStatus>,
}

/// Counts, the newest first; `after` is the last one of the page before.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<StockCountId>,
    limit: i64,
) -> Result<Vec<StockCount>, Error> {
    let mut query =
        stock_counts::table.order(stock_counts::id.desc()).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(id) = filter.location_id {
        query = query.filter(stock_counts::location_id.eq(id));
    }
    if let Some(status) = filter.status {
        query = query.filter(stock_counts::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(stock_counts::id.lt(after));
    }
    Ok(query.load(conn)?)
}
