//! An XLSX workbook as rows: its first sheet. A small file can hide very much text, so what it inflates to is counted
//! before anything is read, and what its cells say while they are.

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Reader, Xlsx};
use csv::StringRecord;
use zip::ZipArchive;

use super::MOST_ROWS;
use super::table::{Records, check_count, refuse};
use crate::error::Error;

/// How a ZIP archive begins, and so every workbook.
pub const MAGIC: &[u8] = b"PK\x03\x04";

/// Most bytes that a workbook may inflate to.
const MOST_INFLATED: u64 = 128 * 1024 * 1024;
/// Most bytes of text in all cells together: a text may be in the file once and in every cell.
const MOST_TEXT: usize = 64 * 1024 * 1024;
/// Most columns.
const MOST_COLUMNS: usize = 100;
/// Digits after the point to which a number is told: a sheet that computes 0.1 + 0.2 means 0.3.
const DIGITS: usize = 9;

fn malformed(error: impl std::fmt::Display) -> Error {
    refuse("malformed_xlsx", error.to_string())
}

/// Reads the first sheet.
///
/// # Errors
/// A file that is no workbook, or holds more than is read here.
pub fn records(bytes: &[u8]) -> Result<Records, Error> {
    check_size(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(malformed)?;
    let name = book.sheet_names().into_iter().next().ok_or_else(|| malformed("has no sheet"))?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(malformed)?;
    let mut cells: Vec<Vec<String>> = Vec::new();
    let mut text = 0;
    while let Some(cell) = reader.next_cell().map_err(malformed)? {
        let (row, column) = cell.get_position();
        let value = text_of(cell.get_value());
        if value.is_empty() {
            continue;
        }
        let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let (row, column) = (place(row), place(column));
        text += value.len();
        if text > MOST_TEXT || column >= MOST_COLUMNS {
            return Err(refuse(
                "too_many",
                format!("has more than {MOST_COLUMNS} columns or 64 MiB of text"),
            ));
        }
        if row > MOST_ROWS {
            check_count(row)?;
        }
        if cells.len() <= row {
            cells.resize_with(row + 1, Vec::new);
        }
        let cells = &mut cells[row];
        if cells.len() <= column {
            cells.resize_with(column + 1, String::new);
        }
        cells[column] = value;
    }
    let mut filled = cells.into_iter().filter(|row| !row.is_empty());
    let header = filled.next().unwrap_or_default();
    let rows = filled.map(|row| padded(row, header.len())).collect();
    Ok(Records { header: StringRecord::from(header), rows })
}

/// Empty cells at the end of a row are not in the file.
fn padded(mut row: Vec<String>, columns: usize) -> StringRecord {
    if row.len() < columns {
        row.resize_with(columns, String::new);
    }
    StringRecord::from(row)
}

/// Refuses a bomb. What an archive declares of its sizes is not believed.
fn check_size(bytes: &[u8]) -> Result<(), Error> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(malformed)?;
    let mut left = MOST_INFLATED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(malformed)?;
        let inflated = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink()).map_err(malformed)?;
        left = left.checked_sub(inflated).ok_or_else(|| {
            refuse("too_large", "inflates to more than 128 MiB; send it as CSV, or in parts")
        })?;
    }
    Ok(())
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Float(number) => number_of(*number),
        other => Data::from(other.clone()).to_string(),
    }
}

fn number_of(number: f64) -> String {
    let text = format!("{number:.DIGITS$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::Workbook;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(book.add_worksheet());
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn numbers_texts_and_gaps_come_as_a_csv_file_would_have_them() {
        let bytes = book(|sheet| {
            sheet.write(0, 0, "number").unwrap();
            sheet.write(0, 1, "price").unwrap();
            sheet.write(0, 2, "note").unwrap();
            sheet.write(1, 0, 6_901_234_567_892.0).unwrap();
            sheet.write(1, 1, 0.1 + 0.2).unwrap();
            sheet.write(4, 0, "门皮带").unwrap();
            sheet.write(4, 2, true).unwrap();
        });
        let records = records(&bytes).unwrap();
        assert_eq!(records.header, vec!["number", "price", "note"]);
        assert_eq!(records.rows, [vec!["6901234567892", "0.3", ""], vec!["门皮带", "", "true"]]);
    }

    #[test]
    fn a_sheet_that_is_wider_or_no_workbook_is_refused() {
        let wide = book(|sheet| {
            sheet.write(0, 100, "x").unwrap();
        });
        let code = |bytes: &[u8]| records(bytes).err().unwrap().problem().errors[0].code.clone();
        assert_eq!(code(&wide), "too_many");
        assert_eq!(code(b"PK\x03\x04nonsense"), "malformed_xlsx");
    }

    #[test]
    fn a_small_file_that_inflates_to_very_much_is_refused_before_it_is_read() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..129 {
            archive.write_all(&zeros).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 1024 * 1024);
        assert_eq!(records(&bytes).err().unwrap().problem().errors[0].code, "too_large");
    }
}
