//! The lines of a count: a part each.

use db::schema::{parts, stock_count_lines, stock_counts};
use db::types::{CountLineId, Id, PartId, StockCountId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CountStatus, MOST_LINES, StockCount, get};
use crate::balances::{self, Shelf};
use crate::parts::Tracking;
use crate::{Error, MAX_QUANTITY, ledger};

/// A part that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = stock_count_lines)]
pub struct CountLine {
    /// Its id.
    pub id: CountLineId,
    /// Of which count.
    pub count_id: StockCountId,
    /// Which part.
    pub part_id: PartId,
    /// What the books said when it was counted, and before that when the count was opened.
    pub expected: i64,
    /// What was found.
    pub counted: Option<i64>,
    /// Who said so last; empty until then.
    pub counted_by: String,
    /// When.
    pub counted_at: Option<Timestamp>,
    /// What all adjustments of the part at the place summed to when it was counted.
    pub adjusted: i64,
    /// What had moved in and out of the place before it was counted, as far as the books knew then.
    pub moved: Option<i64>,
}

impl CountLine {
    /// What was found too much, or less than nothing for too little; none until it is counted.
    pub fn difference(&self) -> Option<i64> {
        self.counted.map(|counted| counted - self.expected)
    }
}

impl Entity for CountLine {
    const ENTITY: &'static str = "stock_count_lines";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A line as those who count see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountLineView {
    /// Its id.
    pub id: CountLineId,
    /// Which part.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Its unit.
    pub unit: String,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
    /// What the books said when it was counted; hidden while a blind count is open.
    pub expected: Option<i64>,
    /// What was found.
    pub counted: Option<i64>,
    /// What was found too much or too little; hidden like `expected`.
    pub difference: Option<i64>,
    /// Who said so last; empty until then.
    pub counted_by: String,
    /// When.
    pub counted_at: Option<Timestamp>,
}

pub(super) fn add(tx: &mut Tx<'_>, count: &StockCount, part_id: PartId) -> Result<CountLine, Error> {
    let expected = balances::get(tx.conn(), part_id, count.location_id)?.map_or(0, |balance| balance.on_hand);
    let line = CountLine {
        id: Id::new(),
        count_id: count.id,
        part_id,
        expected,
        counted: None,
        counted_by: String::new(),
        counted_at: None,
        adjusted: ledger::adjusted(tx.conn(), part_id, count.location_id)?,
        moved: None,
    };
    diesel::insert_into(stock_count_lines::table).values(&line).execute(tx.conn())?;
    tx.changed(&line)?;
    Ok(line)
}

/// Says what was found of a part. Said again, by whomever, the last word counts; a part that nobody expected there
/// gets a line. What the books say at this moment is kept with it.
///
/// # Errors
/// A count that is not open, a negative figure, or a part that is counted piece by piece.
pub fn enter(
    tx: &mut Tx<'_>,
    count_id: StockCountId,
    part_id: PartId,
    quantity: i64,
) -> Result<CountLineView, Error> {
    if !(0..=MAX_QUANTITY).contains(&quantity) {
        let problem = "must not be negative, and at most a million million";
        return Err(Error::Invalid { field: "quantity", problem });
    }
    let part = crate::parts::get(tx.conn(), part_id)?;
    if part.tracking == Tracking::Serial {
        return Err(Error::Invalid { field: "part_id", problem: "is a part that is counted piece by piece" });
    }
    let count = held_open(tx, count_id)?;
    let known: Option<CountLine> = stock_count_lines::table
        .filter(stock_count_lines::count_id.eq(count_id))
        .filter(stock_count_lines::part_id.eq(part_id))
        .first(tx.conn())
        .optional()?;
    let line = match known {
        Some(line) => line,
        None => add_unexpected(tx, &count, part_id)?,
    };
    let books = balances::hold_still(tx, Shelf { part_id, location_id: count.location_id })?;
    let adjusted = ledger::adjusted(tx.conn(), part_id, count.location_id)?;
    let (who, now) = (tx.actor().name.clone(), tx.now());
    let moved = ledger::moved_before(tx.conn(), part_id, count.location_id, now)?;
    let line: CountLine = diesel::update(stock_count_lines::table.find(line.id))
        .set((
            stock_count_lines::expected.eq(books.on_hand),
            stock_count_lines::counted.eq(quantity),
            stock_count_lines::counted_by.eq(who),
            stock_count_lines::counted_at.eq(now),
            stock_count_lines::adjusted.eq(adjusted),
            stock_count_lines::moved.eq(moved),
        ))
        .returning(stock_count_lines::all_columns)
        .get_result(tx.conn())?;
    tx.changed(&line)?;
    Ok(view(&count, line, (part.number, part.name, part.unit, part.decimals)))
}

fn add_unexpected(tx: &mut Tx<'_>, count: &StockCount, part_id: PartId) -> Result<CountLine, Error> {
    let so_far: i64 = stock_count_lines::table
        .filter(stock_count_lines::count_id.eq(count.id))
        .count()
        .get_result(tx.conn())?;
    if usize::try_from(so_far).unwrap_or(usize::MAX) >= MOST_LINES {
        return Err(Error::Invalid { field: "part_id", problem: "would be the 2,001st of this count" });
    }
    add(tx, count, part_id)
}

/// Takes back what was said of a part: nobody has counted it.
///
/// # Errors
/// A count that is not open, or a part that is not in it.
pub fn clear(tx: &mut Tx<'_>, count_id: StockCountId, part_id: PartId) -> Result<CountLineView, Error> {
    let part = crate::parts::get(tx.conn(), part_id)?;
    let count = held_open(tx, count_id)?;
    let of_part = stock_count_lines::table
        .filter(stock_count_lines::count_id.eq(count_id))
        .filter(stock_count_lines::part_id.eq(part_id));
    let line: Option<CountLine> = diesel::update(of_part)
        .set((
            stock_count_lines::counted.eq(None::<i64>),
            stock_count_lines::counted_by.eq(""),
            stock_count_lines::counted_at.eq(None::<Timestamp>),
        ))
        .returning(stock_count_lines::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let line = line.ok_or(Error::Invalid { field: "part_id", problem: "is not in this count" })?;
    tx.changed(&line)?;
    Ok(view(&count, line, (part.number, part.name, part.unit, part.decimals)))
}

/// The count, if it is open, kept so until the commit: nobody submits it while a figure is being entered.
fn held_open(tx: &mut Tx<'_>, id: StockCountId) -> Result<StockCount, Error> {
    // SQLite has one writer at a time, so reading is enough there.
    let found: Option<StockCount> = match tx.conn() {
        Conn::Sqlite(c) => stock_counts::table.find(id).first(c).optional()?,
        Conn::Postgres(c) => stock_counts::table.find(id).for_update().first(c).optional()?,
    };
    let count = found.ok_or_else(|| Error::NotFound { what: "count", id: id.to_string() })?;
    if count.status == CountStatus::Open {
        return Ok(count);
    }
    Err(Error::CountStatus { count_id: id, status: count.status })
}

type Label = (String, String, String, i32);

fn view(
    count: &StockCount,
    line: CountLine,
    (part_number, part_name, unit, decimals): Label,
) -> CountLineView {
    let shown = !count.blind || count.status != CountStatus::Open;
    CountLineView {
        id: line.id,
        part_id: line.part_id,
        part_number,
        part_name,
        unit,
        decimals,
        expected: shown.then_some(line.expected),
        difference: line.difference().filter(|_| shown),
        counted: line.counted,
        counted_by: line.counted_by,
        counted_at: line.counted_at,
    }
}

/// The lines of a count, in order of part number.
///
/// # Errors
/// There is no such count, or a failure of the database.
pub fn lines(conn: &mut Conn, id: StockCountId) -> Result<(StockCount, Vec<CountLineView>), Error> {
    let count = get(conn, id)?;
    let rows: Vec<(CountLine, Label)> = stock_count_lines::table
        .inner_join(parts::table)
        .filter(stock_count_lines::count_id.eq(id))
        .order(parts::number)
        .select((stock_count_lines::all_columns, (parts::number, parts::name, parts::unit, parts::decimals)))
        .load(conn)?;
    let lines = rows.into_iter().map(|(line, label)| view(&count, line, label)).collect();
    Ok((count, lines))
}
