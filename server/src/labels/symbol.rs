//! The symbols that scanners read.

use rxing::{BarcodeFormat, EncodeHints, MultiFormatWriter, Writer};

use crate::error::{Error, Problem};

db::text_enum! {
    /// Which symbol.
    pub enum Symbol {
        /// Holds any text.
        Qr => "qr",
        /// Smaller than a QR code, for short numbers.
        DataMatrix => "data-matrix",
        /// For scanners that read lines only.
        Code128 => "code-128",
    }
}

/// Dark modules, row by row; lines have one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    pub width: usize,
    pub rows: Vec<Vec<bool>>,
}

impl Symbol {
    /// Light modules that must be left around it.
    pub const fn quiet(self) -> usize {
        match self {
            Self::Qr => 4,
            Self::DataMatrix => 2,
            Self::Code128 => 10,
        }
    }

    /// The modules that say `text`.
    ///
    /// # Errors
    /// A text that this symbol cannot hold.
    pub fn encode(self, text: &str) -> Result<Modules, Error> {
        let format = match self {
            Self::Qr => BarcodeFormat::QR_CODE,
            Self::DataMatrix => BarcodeFormat::DATA_MATRIX,
            Self::Code128 => BarcodeFormat::CODE_128,
        };
        let is_fit = self == Self::Qr || text.is_ascii();
        let hints = EncodeHints {
            Margin: Some("0".to_owned()),
            // Labels get dirty: a quarter of them may.
            ErrorCorrection: (self == Self::Qr).then(|| "Q".to_owned()),
            CharacterSet: (!text.is_ascii()).then(|| "UTF-8".to_owned()),
            ..EncodeHints::default()
        };
        let matrix = MultiFormatWriter.encode_with_hints(text, &format, 0, 0, &hints);
        let matrix = matrix.ok().filter(|_| is_fit).ok_or_else(|| {
            let message = format!("cannot hold the number {text}; take qr");
            Error::from(Problem::invalid_field("symbol", "invalid", message))
        })?;
        let rows = if self == Self::Code128 { 1 } else { matrix.height() };
        let row = |y: u32| (0..matrix.width()).map(|x| matrix.get(x, y)).collect::<Vec<bool>>();
        let rows: Vec<Vec<bool>> = (0..rows).map(row).collect();
        Ok(Modules { width: rows.first().map_or(0, Vec::len), rows })
    }
}

impl Modules {
    /// Runs of dark modules: row, first column, length.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for (y, row) in self.rows.iter().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] {
                    runs.push((y, x, run.len()));
                }
                x += run.len();
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_symbol_cannot_hold_is_refused_by_name() {
        assert!(Symbol::Qr.encode("门-12").is_ok());
        for symbol in [Symbol::DataMatrix, Symbol::Code128] {
            assert_eq!(symbol.encode("门-12").unwrap_err().problem().field.as_deref(), Some("symbol"));
            assert!(symbol.encode("P-12").is_ok());
        }
    }

    #[test]
    fn runs_are_all_dark_modules_and_no_light_one() {
        let modules = Modules { width: 5, rows: vec![vec![true, true, false, true, false], vec![false; 5]] };
        assert_eq!(modules.runs(), [(0, 0, 2), (0, 3, 1)]);
    }
}
