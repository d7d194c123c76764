//! A table, and how it is written.

use db::Timestamp;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::error::Error;

/// What is in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Whole(i64),
    /// So many units of 10^-decimals.
    Scaled(i64, u32),
    Flag(bool),
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Cell {
    /// A quantity in a part's decimals.
    pub fn quantity(value: i64, decimals: i32) -> Self {
        Self::Scaled(value, u32::try_from(decimals).unwrap_or(0))
    }

    /// An amount of money in millionths.
    pub fn micros(value: i64) -> Self {
        Self::Scaled(value, 6)
    }

    /// In UTC, as ISO 8601.
    pub fn instant(at: Timestamp) -> Self {
        jiff::Timestamp::from_millisecond(at.millis()).map_or(Self::Empty, |at| at.to_string().into())
    }

    fn csv(&self) -> String {
        match self {
            Self::Text(text) => guarded(text),
            Self::Whole(number) => number.to_string(),
            Self::Scaled(value, decimals) => decimal(*value, *decimals),
            Self::Flag(flag) => flag.to_string(),
            Self::Empty => String::new(),
        }
    }
}

/// A text that a spreadsheet would take for a formula, kept from it by an apostrophe.
fn guarded(text: &str) -> String {
    // Some take what is written wide in Chinese texts for the same.
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
    if text.starts_with(signs) { format!("'{text}") } else { text.to_owned() }
}

/// `12.5` for 12500 with three decimals.
fn decimal(value: i64, decimals: u32) -> String {
    let places = usize::try_from(decimals).unwrap_or(0);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let (sign, point) = (if value < 0 { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
    format!("{sign}{whole}{point}{fraction}")
}

/// Rows under names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub columns: &'static [&'static str],
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// As CSV.
    pub fn csv(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        let failed = |e: csv::Error| Error::Internal(e.to_string());
        writer.write_record(self.columns).map_err(failed)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::csv)).map_err(failed)?;
        }
        writer.into_inner().map_err(|e| Error::Internal(e.to_string()))
    }

    /// As a workbook. A text stays a text there, whatever it begins with.
    pub fn xlsx(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.workbook(name).map_err(|e| Error::Internal(e.to_string()))
    }

    fn workbook(&self, name: &str) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (column, name) in (0..).zip(self.columns) {
            sheet.write_string_with_format(0, column, *name, &bold)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Flag(flag) => sheet.write_boolean(row, column, *flag)?,
                    Cell::Whole(_) | Cell::Scaled(..) => {
                        // What JavaScript can still count, so can a spreadsheet.
                        sheet.write_number(row, column, cell.csv().parse::<f64>().unwrap_or(f64::NAN))?
                    }
                    Cell::Empty => continue,
                };
            }
        }
        book.save_to_buffer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_people_write_them() {
        let texts =
            [(12_500, 3), (-5, 1), (-5, 0), (0, 6), (1, 6), (i64::MIN, 0)].map(|(v, d)| decimal(v, d));
        assert_eq!(texts, ["12.5", "-0.5", "-5", "0", "0.000001", "-9223372036854775808"]);
    }

    #[test]
    fn a_text_is_no_formula_and_a_negative_number_stays_one() {
        let texts = ["=1+1", "@SUM(A1)", "-x", "＝1+1"].map(Cell::from);
        let row = [&texts[..], &[Cell::Whole(-3), Cell::Empty]].concat();
        let sheet = Sheet { columns: &["a", "b", "c", "d", "e", "f"], rows: vec![row] };
        let text = String::from_utf8(sheet.csv().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}a,b,c,d,e,f\n'=1+1,'@SUM(A1),'-x,'＝1+1,-3,\n");
    }
}
