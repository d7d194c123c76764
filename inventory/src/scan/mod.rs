//! What a scanned code is: a place, a part, a piece of one, an engineer's badge or a reservation.

pub mod gs1;

use db::Conn;
use db::schema::{engineers, part_codes, part_serials, parts, reservations, stock_locations};
use db::types::{EngineerId, PartId, ReservationId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::pieces::plain_number;
use crate::{Error, Part, Reservation, Serial, StockLocation};

/// Longest code: a GS1 label has at most 48 characters that a scanner reads at once, a QR code may have more.
pub const LONGEST_CODE: usize = 200;

db::text_enum! {
    /// What a code is.
    pub enum ScannedKind {
        /// A depot, a bin, a van.
        Place => "place",
        /// A part of the catalogue.
        Part => "part",
        /// One piece of a part.
        Piece => "piece",
        /// Somebody's badge.
        Engineer => "engineer",
        /// What is promised to a ticket.
        Reservation => "reservation",
    }
}

/// The owner of a badge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable)]
pub struct Badge {
    /// His id.
    pub id: EngineerId,
    /// His code.
    pub code: String,
    /// His name.
    pub name: String,
}

/// What a code is, with the row that it names and what else it says.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Scanned {
    /// What it is: the field of this name is there.
    pub kind: ScannedKind,
    /// The place.
    pub place: Option<StockLocation>,
    /// The part; with a piece, what it is a piece of.
    pub part: Option<Part>,
    /// The piece, where the books know it.
    pub piece: Option<Serial>,
    /// The engineer.
    pub engineer: Option<Badge>,
    /// The reservation.
    pub reservation: Option<Reservation>,
    /// The lot that the label names.
    pub lot: Option<String>,
    /// The serial number that the label names.
    pub serial: Option<String>,
    /// The day that the label names, `YYYY-MM-DD`: it must not be used later.
    pub expires_on: Option<String>,
}

impl Scanned {
    fn new(kind: ScannedKind) -> Self {
        Self {
            kind,
            place: None,
            part: None,
            piece: None,
            engineer: None,
            reservation: None,
            lot: None,
            serial: None,
            expires_on: None,
        }
    }
}

/// What a code is; none if nobody knows it. Where one text is several things, a place comes before a part, a part
/// before an engineer, and an engineer before a piece.
///
/// # Errors
/// A code that cannot be one (cut off, with control characters), a serial number that several parts have, or a failure
/// of the database.
pub fn lookup(conn: &mut Conn, code: &str) -> Result<Option<Scanned>, Error> {
    let code = code.trim_matches(['\r', '\n', ' ', '\t']);
    check(code)?;
    let code = PLAIN_SYMBOLS.iter().find_map(|symbol| code.strip_prefix(symbol)).unwrap_or(code);
    match gs1::parse(code) {
        Err(fault) => Err(Error::Unreadable { fault }),
        Ok(Some(elements)) => of_label(conn, elements),
        Ok(None) => plain(conn, code),
    }
}

/// What scanners put before a code that is no GS1 element string: EAN-13 and UPC, EAN-8, Code 128, Data Matrix, QR.
const PLAIN_SYMBOLS: [&str; 6] = ["]E0", "]E4", "]C0", "]d0", "]d1", "]Q1"];

fn check(code: &str) -> Result<(), Error> {
    let invalid = |problem| Err(Error::Invalid { field: "code", problem });
    if code.is_empty() {
        return invalid("is empty");
    }
    if code.chars().count() > LONGEST_CODE {
        return invalid("has more than 200 characters");
    }
    if code.chars().any(|c| c.is_control() && c != '\u{1d}') {
        return invalid("has control characters");
    }
    Ok(())
}

fn of_label(conn: &mut Conn, label: gs1::Elements) -> Result<Option<Scanned>, Error> {
    let Some(gtin) = &label.gtin else {
        // A label without an article number is known by its serial alone.
        let Some(serial) = &label.serial else { return Ok(None) };
        let found = piece(conn, serial)?;
        return Ok(found.map(|found| Scanned { lot: label.lot, expires_on: label.expires_on, ..found }));
    };
    let Some(part) = by_gtin(conn, gtin)? else { return Ok(None) };
    let piece = match &label.serial {
        Some(serial) => crate::pieces::find(conn, part.id, serial)?,
        None => None,
    };
    let kind = if piece.is_some() { ScannedKind::Piece } else { ScannedKind::Part };
    Ok(Some(Scanned {
        part: Some(part),
        piece,
        lot: label.lot,
        serial: label.serial,
        expires_on: label.expires_on,
        ..Scanned::new(kind)
    }))
}

fn plain(conn: &mut Conn, code: &str) -> Result<Option<Scanned>, Error> {
    if let Ok(id) = code.parse::<ReservationId>() {
        let reservation: Option<Reservation> = reservations::table.find(id).first(conn).optional()?;
        let found = reservation.map(|reservation| Scanned {
            reservation: Some(reservation),
            ..Scanned::new(ScannedKind::Reservation)
        });
        return Ok(found);
    }
    if let Some(found) = bearer(conn, code)? {
        return Ok(Some(found));
    }
    piece(conn, code)
}

/// The place, the part or the engineer that goes by this code: nothing else may have it, or a scan would mean two
/// things.
///
/// # Errors
/// A failure of the database.
pub fn bearer(conn: &mut Conn, code: &str) -> Result<Option<Scanned>, Error> {
    let place: Option<StockLocation> =
        stock_locations::table.filter(stock_locations::code.eq(code)).first(conn).optional()?;
    if let Some(place) = place.filter(|place| place.kind.has_stock()) {
        return Ok(Some(Scanned { place: Some(place), ..Scanned::new(ScannedKind::Place) }));
    }
    if let Some(part) = by_code(conn, code)? {
        return Ok(Some(Scanned { part: Some(part), ..Scanned::new(ScannedKind::Part) }));
    }
    let badge: Option<Badge> = engineers::table
        .filter(engineers::code.eq(code))
        .select((engineers::id, engineers::code, engineers::name))
        .first(conn)
        .optional()?;
    if let Some(badge) = badge {
        return Ok(Some(Scanned { engineer: Some(badge), ..Scanned::new(ScannedKind::Engineer) }));
    }
    Ok(None)
}

/// By the part's own number, or any code that is printed on it.
fn by_code(conn: &mut Conn, code: &str) -> Result<Option<Part>, Error> {
    if let Some(part) = crate::parts::by_number(conn, code)? {
        return Ok(Some(part));
    }
    if is_article_number(code) {
        return by_gtin(conn, &format!("{code:0>14}"));
    }
    of_codes(conn, &[code.to_owned()])
}

/// EAN-8, UPC-A, EAN-13 and GTIN-14 are one number, with or without zeros before it.
pub fn is_article_number(code: &str) -> bool {
    matches!(code.len(), 8 | 12 | 13 | 14) && code.bytes().all(|b| b.is_ascii_digit())
}

fn by_gtin(conn: &mut Conn, gtin: &str) -> Result<Option<Part>, Error> {
    let short = |length: usize| {
        let (zeros, rest) = gtin.split_at_checked(gtin.len().checked_sub(length)?)?;
        zeros.bytes().all(|b| b == b'0').then(|| rest.to_owned())
    };
    let spellings: Vec<String> = [14, 13, 12, 8].into_iter().filter_map(short).collect();
    of_codes(conn, &spellings)
}

fn of_codes(conn: &mut Conn, codes: &[String]) -> Result<Option<Part>, Error> {
    Ok(part_codes::table
        .inner_join(parts::table)
        .filter(part_codes::code.eq_any(codes.to_vec()))
        .order(part_codes::id)
        .select(parts::all_columns)
        .first(conn)
        .optional()?)
}

/// By its serial number, which only one part may have.
fn piece(conn: &mut Conn, number: &str) -> Result<Option<Scanned>, Error> {
    let found: Vec<Serial> = part_serials::table
        .filter(part_serials::number.eq(plain_number(number)))
        .order(part_serials::id)
        .limit(2)
        .load(conn)?;
    match found.as_slice() {
        [] => Ok(None),
        [piece] => {
            let part_id: PartId = piece.part_id;
            let part = crate::parts::get(conn, part_id)?;
            Ok(Some(Scanned {
                part: Some(part),
                piece: Some(piece.clone()),
                serial: Some(number.to_owned()),
                ..Scanned::new(ScannedKind::Piece)
            }))
        }
        _ => Err(Error::Ambiguous { code: number.to_owned() }),
    }
}
