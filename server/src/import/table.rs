//! A file as rows, CSV in UTF-8 or XLSX, with a header that names known columns and all that are needed. What is wrong
//! with the file as a whole refuses it; what is wrong with a row is a fault of that row.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Fault, Import, MOST_ROWS, Numbered, xlsx};
use crate::error::{Error, FieldFault, Problem};
use crate::http::Checks;
use crate::http::checks::ServiceArea;

/// A column that a file may have.
pub struct Column {
    name: &'static str,
    needed: bool,
}

impl Column {
    /// A column that every file has.
    pub const fn needed(name: &'static str) -> Self {
        Self { name, needed: true }
    }

    /// A column that may be missing: its cells are empty then.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, needed: false }
    }
}

/// Where the columns of a file are.
pub type Places = HashMap<&'static str, usize>;

/// The cells of a row, by column.
pub struct Cells<'a> {
    pub places: &'a Places,
    pub record: &'a StringRecord,
}

impl<'a> Cells<'a> {
    /// The text of a cell without the spaces around it; empty if there is no such column.
    pub fn text(&self, column: &str) -> &'a str {
        self.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or("")
    }

    /// The text of a cell, or something else where it is empty.
    pub fn text_or(&self, column: &str, otherwise: &'a str) -> &'a str {
        Some(self.text(column)).filter(|text| !text.is_empty()).unwrap_or(otherwise)
    }

    /// A whole number; `otherwise` where the cell is empty or, with a fault, none.
    pub fn whole<N: std::str::FromStr>(&self, checks: &mut Checks, column: &str, otherwise: N) -> N {
        match self.text(column) {
            "" => otherwise,
            text => text.parse().unwrap_or_else(|_| {
                checks.fault(column, "invalid", "is no whole number");
                otherwise
            }),
        }
    }

    /// True or false, in whatever case; `otherwise` where the cell is empty or, with a fault, neither.
    pub fn flag(&self, checks: &mut Checks, column: &str, otherwise: bool) -> bool {
        match self.text(column).to_ascii_lowercase().as_str() {
            "" => otherwise,
            "true" | "1" => true,
            "false" | "0" => false,
            _ => {
                checks.fault(column, "invalid", "must be true or false");
                otherwise
            }
        }
    }

    /// Latitude and longitude; where they are unreadable, a fault and a place that is right, so that the other
    /// columns are looked at too.
    pub fn place(&self, checks: &mut Checks, columns: (&str, &str), area: &ServiceArea) -> (f64, f64) {
        let mut degrees = |column: &str| match self.text(column) {
            "" => {
                checks.fault(column, "required", "must not be empty");
                None
            }
            text => {
                let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
                checks.require(number.is_some(), column, "invalid", "is no number of degrees");
                number
            }
        };
        match (degrees(columns.0), degrees(columns.1)) {
            (Some(latitude), Some(longitude)) => (latitude, longitude),
            _ => ((area.south + area.north) / 2.0, (area.west + area.east) / 2.0),
        }
    }
}

/// A file that was read.
#[derive(Debug)]
pub struct Sheet<R> {
    /// Rows in all.
    pub rows: usize,
    /// Those with which nothing is wrong by itself.
    pub good: Vec<Numbered<R>>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
}

/// A file that is refused as a whole.
pub fn refuse(code: &str, message: impl Into<String>) -> Error {
    Problem::invalid_field("body", code, message).into()
}

/// A file's first row, and the others but the blank ones.
pub struct Records {
    pub header: StringRecord,
    pub rows: Vec<StringRecord>,
}

/// Reads the rows of a CSV or XLSX file, which its first bytes tell apart.
///
/// # Errors
/// A file that is neither, or that has too many rows.
pub fn records(bytes: &[u8]) -> Result<Records, Error> {
    if bytes.starts_with(xlsx::MAGIC) {
        return xlsx::records(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        refuse("not_utf8", format!("is not UTF-8 in line {line}; save it as UTF-8"))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Rows of another length are faults of those rows, not of the file.
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let malformed = |e: csv::Error| refuse("malformed_csv", e.to_string());
    let header = reader.headers().map_err(malformed)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(record.map_err(malformed)?);
        check_count(rows.len())?;
    }
    Ok(Records { header, rows })
}

/// Refuses a file with too many rows.
pub fn check_count(rows: usize) -> Result<(), Error> {
    if rows <= MOST_ROWS {
        return Ok(());
    }
    Err(refuse("too_many", format!("has more than {MOST_ROWS} rows")))
}

/// The fault of a row that is longer or shorter than the header.
pub fn wrong_length(row: usize, record: &StringRecord, header: &StringRecord) -> Option<Fault> {
    let message = || format!("has {} cells, the header has {}", record.len(), header.len());
    let fault =
        || Fault { file: None, row, column: None, code: "wrong_length".to_owned(), message: message() };
    (record.len() != header.len()).then(fault)
}

/// Reads a file.
pub fn read<I: Import>(kind: &I, bytes: &[u8]) -> Result<Sheet<I::Row>, Error> {
    let Records { header, rows } = records(bytes)?;
    let places = places(I::COLUMNS, &header)?;
    let mut sheet = Sheet { rows: rows.len(), good: Vec::new(), faults: Vec::new() };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, record) in rows.iter().enumerate() {
        let row = index + 1;
        if let Some(fault) = wrong_length(row, record, &header) {
            sheet.faults.push(fault);
            continue;
        }
        let mut checks = Checks::new();
        let value = kind.read(&Cells { places: &places, record }, &mut checks);
        if let Some(first) = repeats(&mut seen, I::key(&value), row) {
            checks.fault(I::KEY, "duplicate", format!("is in row {first} already"));
        }
        if checks.faults().is_empty() {
            sheet.good.push(Numbered { row, value });
        } else {
            sheet.faults.extend(checks.faults().iter().map(|fault| Fault::from_check(row, fault)));
        }
    }
    Ok(sheet)
}

/// The row that had this key first, if it is not this one.
fn repeats(seen: &mut HashMap<String, usize>, key: &str, row: usize) -> Option<usize> {
    if key.is_empty() {
        return None;
    }
    match seen.entry(key.to_owned()) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(place) => {
            place.insert(row);
            None
        }
    }
}

/// Longest name of an unknown column that is said back.
const NAME: usize = 100;

/// Where each column is. Unknown, repeated and missing columns are all named at once.
fn places(columns: &'static [Column], header: &StringRecord) -> Result<Places, Error> {
    let (places, mut faults) = find(columns, header);
    for name in header.iter().filter(|name| columns.iter().all(|column| column.name != *name)) {
        let name: String = name.chars().take(NAME).collect();
        let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let message = format!("is no column of this file; known are {}", known.join(", "));
        faults.insert(0, FieldFault::new(name, "unknown_column", message));
    }
    if faults.is_empty() { Ok(places) } else { Err(Problem::invalid(faults).into()) }
}

/// Where each known column is, whatever other columns there are, and which are there twice or missing.
pub fn find(columns: &'static [Column], header: &StringRecord) -> (Places, Vec<FieldFault>) {
    let (mut places, mut faults) = (Places::new(), Vec::new());
    for (place, name) in header.iter().enumerate() {
        let Some(column) = columns.iter().find(|column| column.name == name) else { continue };
        if places.insert(column.name, place).is_some() {
            faults.push(FieldFault::new(column.name, "duplicate", "is there twice"));
        }
    }
    let missing = columns.iter().filter(|column| column.needed && !places.contains_key(column.name));
    faults.extend(missing.map(|c| FieldFault::new(c.name, "missing_column", "is missing in the first row")));
    (places, faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::{Conn, Tx};

    /// A file of two columns, of which one is needed.
    struct Pairs;

    impl Import for Pairs {
        type Row = (String, i64);
        const COLUMNS: &'static [Column] = &[Column::needed("key"), Column::optional("count")];
        const KEY: &'static str = "key";

        fn read(&self, cells: &Cells<'_>, checks: &mut Checks) -> Self::Row {
            checks.name("key", cells.text("key"), 5);
            (cells.text("key").to_owned(), cells.whole(checks, "count", 7))
        }

        fn key(row: &Self::Row) -> &str {
            &row.0
        }

        fn check(&self, _: &mut Conn, _: &[Numbered<Self::Row>]) -> Result<Vec<Fault>, Error> {
            Ok(Vec::new())
        }

        fn write(&self, _: &mut Tx<'_>, _: &[&Self::Row]) -> Result<(), Error> {
            Ok(())
        }
    }

    fn good(text: &str) -> Vec<(String, i64)> {
        read(&Pairs, text.as_bytes()).unwrap().good.into_iter().map(|row| row.value).collect()
    }

    fn refused(bytes: &[u8]) -> (String, String) {
        let problem = read(&Pairs, bytes).unwrap_err().problem();
        (problem.errors[0].field.clone(), problem.errors[0].code.clone())
    }

    fn faults(text: &str) -> Vec<(usize, String)> {
        let found = read(&Pairs, text.as_bytes()).unwrap().faults;
        found.into_iter().map(|fault| (fault.row, fault.code)).collect()
    }

    #[test]
    fn a_byte_order_mark_windows_line_ends_quotes_and_blank_lines_are_understood() {
        let text = "\u{feff}count,key\r\n1,a\r\n\r\n 2 ,\"b,\"\"c\"\r\n";
        assert_eq!(good(text), [("a".to_owned(), 1), ("b,\"c".to_owned(), 2)]);
    }

    #[test]
    fn an_optional_column_may_be_missing_and_a_cell_empty() {
        assert_eq!(good("key\na\n"), [("a".to_owned(), 7)]);
        assert_eq!(good("key,count\na,\n"), [("a".to_owned(), 7)]);
    }

    #[test]
    fn unknown_repeated_and_missing_columns_are_refused_by_name() {
        let is = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        assert_eq!(refused(b"key,colour\na,red\n"), is("colour", "unknown_column"));
        assert_eq!(refused(b"key,key\na,b\n"), is("key", "duplicate"));
        assert_eq!(refused(b"count\n1\n"), is("key", "missing_column"));
        assert_eq!(refused(b""), is("key", "missing_column"));
        assert_eq!(refused(b"key\n\xff\n"), is("body", "not_utf8"));
    }

    #[test]
    fn bad_rows_are_told_by_number_and_the_others_read() {
        let text = "key,count\na,1\nb\nc,x\na,2\n,3\nabcdef,4\nd,5\n";
        let codes = [(2, "wrong_length"), (3, "invalid"), (4, "duplicate"), (5, "required"), (6, "too_long")];
        assert_eq!(faults(text), codes.map(|(row, code)| (row, code.to_owned())));
        assert_eq!(good(text), [("a".to_owned(), 1), ("d".to_owned(), 5)]);
    }

    #[test]
    fn a_file_with_too_many_rows_is_refused() {
        let mut text = "key\n".to_owned();
        for row in 0..=MOST_ROWS {
            text.push_str(&format!("{row}\n"));
        }
        assert_eq!(refused(text.as_bytes()).1, "too_many");
    }

    #[test]
    fn an_open_quote_swallows_the_rest_into_one_bad_row() {
        let codes = ["control_character", "too_long"].map(|code| (1, code.to_owned()));
        assert_eq!(faults("key\n\"first\nsecond\nthird\n"), codes);
    }
}
