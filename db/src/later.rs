//! What a group writes at its end. Rows that no statement before the end has to see are gathered over the commands
//! of a group and written in one statement a table; PostgreSQL, which is asked over a socket, is then asked once for
//! a hundred tickets. The same holds for counters.

use std::any::{Any, TypeId};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use crate::error::Error;
use crate::schema::counters;
use crate::{Conn, prepared};

/// A new row that may be written at the end of its group, by [`Tx::insert_later`](crate::Tx::insert_later).
/// [`later_row!`](crate::later_row) implements it.
pub trait LaterRow: Sized + Send + 'static {
    /// Lower ranks are written first: a row comes after those that it refers to.
    const RANK: u8;

    /// Writes all of them.
    ///
    /// # Errors
    /// A failure of the database.
    fn insert(rows: Vec<Self>, conn: &mut Conn) -> Result<(), Error>;
}

/// Most rows in one statement: PostgreSQL takes 65,535 parameters.
pub const ROWS: usize = 500;

/// Lets rows of this type be written at the end of their group: `later_row!(Ticket, tickets::table, rank 0)`.
#[macro_export]
macro_rules! later_row {
    ($row:ty, $table:expr, rank $rank:literal) => {
        impl $crate::LaterRow for $row {
            const RANK: u8 = $rank;

            fn insert(rows: Vec<Self>, conn: &mut $crate::Conn) -> Result<(), $crate::Error> {
                match conn {
                    // No round trip to save, and a statement a row stays prepared.
                    $crate::Conn::Sqlite(c) => {
                        for row in rows {
                            ::diesel::insert_into($table).values(row).execute(c)?;
                        }
                    }
                    $crate::Conn::Postgres(c) => {
                        let mut rows = rows.into_iter();
                        loop {
                            let batch: Vec<Self> = rows.by_ref().take($crate::later::ROWS).collect();
                            if batch.is_empty() {
                                break;
                            }
                            ::diesel::insert_into($table).values(batch).execute(c)?;
                        }
                    }
                }
                Ok(())
            }
        }
    };
}

/// Rows of one type, with the type forgotten.
trait Rows: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn write(&mut self, conn: &mut Conn) -> Result<(), Error>;
}

impl<R: LaterRow> Rows for Vec<R> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn write(&mut self, conn: &mut Conn) -> Result<(), Error> {
        R::insert(std::mem::take(self), conn)
    }
}

struct Counter {
    value: i64,
    written: bool,
}

/// What the commands of a group left for its end.
#[derive(Default)]
pub(crate) struct Later {
    tables: BTreeMap<(u8, TypeId), Box<dyn Rows>>,
    counters: HashMap<&'static str, Counter>,
    /// There is something to write.
    waiting: bool,
    /// Why it could not be written. Whoever caused it, the command that is running must not count as done.
    failed: Option<Error>,
}

impl Later {
    pub fn push<R: LaterRow>(&mut self, row: R) {
        let rows =
            self.tables.entry((R::RANK, TypeId::of::<R>())).or_insert_with(|| Box::new(Vec::<R>::new()));
        if let Some(rows) = rows.as_any().downcast_mut::<Vec<R>>() {
            rows.push(row);
            self.waiting = true;
        }
    }

    /// The next number of a counter. Read once: as long as a group runs, nobody else writes.
    pub fn count(&mut self, conn: &mut Conn, name: &'static str) -> Result<i64, Error> {
        let counter = match self.counters.entry(name) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let value = counters::table.find(name).select(counters::value).first(conn)?;
                place.insert(Counter { value, written: true })
            }
        };
        counter.value += 1;
        counter.written = false;
        self.waiting = true;
        Ok(counter.value)
    }

    /// Writes what waits, and remembers if that failed.
    pub fn settle(&mut self, conn: &mut Conn) {
        if self.waiting && self.failed.is_none() {
            self.waiting = false;
            self.failed = self.write(conn).err();
        }
    }

    /// Why something could not be written.
    pub fn failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    fn write(&mut self, conn: &mut Conn) -> Result<(), Error> {
        for rows in self.tables.values_mut() {
            rows.write(conn)?;
        }
        for (name, counter) in &mut self.counters {
            if !counter.written {
                let setting =
                    diesel::update(counters::table.find(name)).set(counters::value.eq(counter.value));
                let _: i64 = prepared(setting.returning(counters::value)).get_result(conn)?;
                counter.written = true;
            }
        }
        Ok(())
    }
}
