//! GS1 element strings: what Data Matrix and GS1-128 labels on goods say. Four application identifiers are read, those
//! that name a piece of goods; of all others only the end is looked for.
//!
//! This is not a decoder of symbols, which scanners and the page's camera are, but of the text that they read. Written
//! here because no crate was found that is kept and knows all identifiers: `qrcode-parse`, the one with a parser, has a
//! table of the usual ones, and calls the others out of scope. What the general specifications ask for to get past an
//! identifier that one does not know is short: some have their length by themselves, all others end at a separator.

use std::fmt;

/// What a label says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elements {
    /// 01: which article, 14 digits.
    pub gtin: Option<String>,
    /// 10: of which lot.
    pub lot: Option<String>,
    /// 17: the day until which it may be used, `YYYY-MM-DD`.
    pub expires_on: Option<String>,
    /// 21: which piece.
    pub serial: Option<String>,
}

/// Why a label cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends before what it begins.
    Cut,
    /// It has an identifier that is not read here.
    UnknownIdentifier,
    /// The last digit of the article's number does not fit the others.
    CheckDigit,
    /// Not a day.
    Date,
    /// The same identifier twice.
    Twice,
    /// Characters that cannot be there.
    Characters,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut => "is cut off",
            Self::UnknownIdentifier => "has an application identifier that is not read here",
            Self::CheckDigit => "has a wrong check digit",
            Self::Date => "has a date that is no day",
            Self::Twice => "says the same thing twice",
            Self::Characters => "has characters that cannot be there",
        })
    }
}

/// Ends an element of variable length.
const SEPARATOR: char = '\u{1d}';

/// Longest value of any element.
const LONGEST_ELEMENT: usize = 90;

/// What scanners put before a GS1 code, to say what it is: GS1-128, Data Matrix, QR, DataBar.
const SYMBOLS: [&str; 4] = ["]C1", "]d2", "]Q3", "]e0"];

/// Longest lot or serial number.
const LONGEST: usize = 20;

/// Reads a code as an element string: none if it does not look like one.
///
/// # Errors
/// It is marked as one, and faulty. A code that only happens to begin like one is none.
pub fn parse(code: &str) -> Result<Option<Elements>, Fault> {
    let unmarked = SYMBOLS.iter().find_map(|symbol| code.strip_prefix(symbol));
    if let Some(rest) = unmarked {
        return raw(rest.strip_prefix(SEPARATOR).unwrap_or(rest)).map(Some);
    }
    if let Some(rest) = code.strip_prefix(SEPARATOR) {
        return raw(rest).map(Some);
    }
    if is_bracketed(code) {
        return bracketed(code).map(Some);
    }
    if code.contains(SEPARATOR) {
        return raw(code).map(Some);
    }
    // Without any mark only a whole article number with the right check digit is believed to be one.
    if code.starts_with("01") && code.len() >= 16 { Ok(raw(code).ok()) } else { Ok(None) }
}

fn raw(text: &str) -> Result<Elements, Fault> {
    let mut found = Elements::default();
    let mut rest = text;
    if rest.is_empty() {
        return Err(Fault::Cut);
    }
    while !rest.is_empty() {
        let (digits, length) = measure(rest)?;
        let identifier = rest.get(..digits).ok_or(Fault::Cut)?;
        let after = rest.get(digits..).unwrap_or("");
        let length = length.unwrap_or_else(|| after.find(SEPARATOR).unwrap_or(after.len()));
        let value = after.get(..length).ok_or(Fault::Cut)?;
        set(&mut found, identifier, value)?;
        rest = after.get(length..).unwrap_or("");
        rest = rest.strip_prefix(SEPARATOR).unwrap_or(rest);
    }
    Ok(found)
}

/// How many digits the identifier has that this begins with, and how long its value is, if that is predefined: from
/// the table of the GS1 general specifications, to which no other will ever be added.
fn measure(text: &str) -> Result<(usize, Option<usize>), Fault> {
    Ok(match text.get(..2).ok_or(Fault::Cut)? {
        "00" => (2, Some(18)),
        "01" | "02" | "03" => (2, Some(14)),
        "04" => (2, Some(16)),
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => (2, Some(6)),
        "20" => (2, Some(2)),
        "31" | "32" | "33" | "34" | "35" | "36" => (4, Some(6)),
        "41" => (3, Some(13)),
        "10" | "21" | "22" | "30" | "37" => (2, None),
        "90" | "91" | "92" | "93" | "94" | "95" | "96" | "97" | "98" | "99" => (2, None),
        "23" | "24" | "25" | "40" | "42" | "71" => (3, None),
        "39" | "43" | "70" | "72" | "80" | "81" | "82" => (4, None),
        _ => return Err(Fault::UnknownIdentifier),
    })
}

/// Whether it begins with an identifier in brackets.
fn is_bracketed(code: &str) -> bool {
    let identifier = code.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(digits, _)| digits);
    identifier.is_some_and(|text| (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))
}

/// As people write it: `(01)09506000134352(21)A1`.
fn bracketed(text: &str) -> Result<Elements, Fault> {
    let mut found = Elements::default();
    for element in text.split('(').skip(1) {
        let (identifier, value) = element.split_once(')').ok_or(Fault::Cut)?;
        let (digits, _) = measure(identifier)?;
        if identifier.len() != digits {
            return Err(Fault::UnknownIdentifier);
        }
        set(&mut found, identifier, value.trim_end_matches(SEPARATOR))?;
    }
    Ok(found)
}

fn set(found: &mut Elements, identifier: &str, value: &str) -> Result<(), Fault> {
    let (slot, value) = match identifier {
        "01" => (&mut found.gtin, gtin(value)?),
        "10" => (&mut found.lot, number(value)?),
        "17" => (&mut found.expires_on, day(value)?),
        "21" => (&mut found.serial, number(value)?),
        _ => return skip(identifier, value),
    };
    if slot.replace(value).is_some() { Err(Fault::Twice) } else { Ok(()) }
}

/// It says nothing to us, but it has to be one: half a code is refused wherever it was cut.
fn skip(identifier: &str, value: &str) -> Result<(), Fault> {
    if !identifier.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::UnknownIdentifier);
    }
    if let (_, Some(length)) = measure(identifier)? {
        return digits(value, length);
    }
    if value.is_empty() {
        return Err(Fault::Cut);
    }
    let fits = value.len() <= LONGEST_ELEMENT && value.chars().all(|c| c.is_ascii_graphic());
    if fits { Ok(()) } else { Err(Fault::Characters) }
}

fn digits(text: &str, count: usize) -> Result<(), Fault> {
    if text.chars().any(|c| !c.is_ascii_digit()) {
        return Err(Fault::Characters);
    }
    if text.len() == count { Ok(()) } else { Err(Fault::Cut) }
}

fn gtin(text: &str) -> Result<String, Fault> {
    digits(text, 14)?;
    if check_digit_fits(text) { Ok(text.to_owned()) } else { Err(Fault::CheckDigit) }
}

/// Whether the last digit of an EAN, UPC or GTIN fits the others.
pub fn check_digit_fits(digits: &str) -> bool {
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = digits.chars().rev().zip(weights).filter_map(|(c, w)| Some(c.to_digit(10)? * w)).sum();
    sum.is_multiple_of(10)
}

/// Lots and serials: up to 20 of the characters that GS1 allows, which are all visible.
fn number(text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Err(Fault::Cut);
    }
    if text.len() > LONGEST || text.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(Fault::Characters);
    }
    Ok(text.to_owned())
}

/// `YYMMDD` in this century; day 00 is the last of its month.
fn day(text: &str) -> Result<String, Fault> {
    digits(text, 6)?;
    let part =
        |at: std::ops::Range<usize>| text.get(at).and_then(|t| t.parse::<u32>().ok()).ok_or(Fault::Date);
    let (year, month, day) = (2_000 + part(0..2)?, part(2..4)?, part(4..6)?);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // No year of this century that is divisible by 4 is an exception.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => return Err(Fault::Date),
    };
    if day > last {
        return Err(Fault::Date);
    }
    Ok(format!("{year}-{month:02}-{:02}", if day == 0 { last } else { day }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GTIN: &str = "09506000134352";

    fn read(code: &str) -> Elements {
        parse(code).unwrap().unwrap()
    }

    #[test]
    fn all_four_are_read_however_they_are_marked() {
        let all = Elements {
            gtin: Some(GTIN.to_owned()),
            lot: Some("L7".to_owned()),
            expires_on: Some("2027-05-31".to_owned()),
            serial: Some("A/1".to_owned()),
        };
        let body = format!("01{GTIN}17270531") + "10L7\u{1d}21A/1";
        for mark in ["]d2", "]C1", "]Q3", "\u{1d}", "", "]d2\u{1d}"] {
            assert_eq!(read(&format!("{mark}{body}")), all, "{mark:?}");
        }
        assert_eq!(read(&format!("(01){GTIN}(17)270531(10)L7(21)A/1")), all);
    }

    #[test]
    fn an_unmarked_code_is_read_only_if_it_is_right() {
        assert_eq!(read(&format!("01{GTIN}21X")).serial.as_deref(), Some("X"));
        assert_eq!(parse("0109506000134353"), Ok(None), "a number of something else");
        assert_eq!(parse("D-1/A"), Ok(None));
        assert_eq!(parse("9506000134352"), Ok(None), "an EAN by itself is no element string");
    }

    #[test]
    fn half_a_code_and_other_faults_are_named() {
        let faults = [
            ("]d2".to_owned(), Fault::Cut),
            ("]d20".to_owned(), Fault::Cut),
            ("]d201095060".to_owned(), Fault::Cut),
            (format!("]d201{GTIN}17"), Fault::Cut),
            (format!("]d201{GTIN}21"), Fault::Cut),
            (format!("(01){GTIN}(21"), Fault::Cut),
            ("]d20109506000134353".to_owned(), Fault::CheckDigit),
            ("]d2010950600013435X".to_owned(), Fault::Characters),
            (format!("]d201{GTIN}17271301"), Fault::Date),
            (format!("]d201{GTIN}17270230"), Fault::Date),
            (format!("]d201{GTIN}05123"), Fault::UnknownIdentifier),
            (format!("]d201{GTIN}310300018"), Fault::Cut),
            (format!("]d201{GTIN}11XX0101"), Fault::Characters),
            (format!("(01){GTIN}(400)"), Fault::Cut),
            (format!("(01){GTIN}(4000)7"), Fault::UnknownIdentifier),
            (format!("]d201{GTIN}01{GTIN}"), Fault::Twice),
            (format!("]d201{GTIN}21{}", "X".repeat(21)), Fault::Characters),
            (format!("]d201{GTIN}21A\u{e9}"), Fault::Characters),
        ];
        for (code, fault) in faults {
            assert_eq!(parse(&code), Err(fault), "{code:?}");
        }
    }

    #[test]
    fn what_says_nothing_to_us_is_passed_over() {
        let label =
            format!("]C101{GTIN}11260101310300018937 12\u{1d}400PO-77\u{1d}10L7\u{1d}7003260131120021A1");
        let found = read(&label.replace("37 12", "3712"));
        assert_eq!(
            (found.gtin.as_deref(), found.lot.as_deref(), found.serial.as_deref()),
            (Some(GTIN), Some("L7"), None)
        );
        assert_eq!(read(&format!("(01){GTIN}(11)260101(8005)000125(21)A1")).serial.as_deref(), Some("A1"));
        assert_eq!(read("]C100123456789012345675"), Elements::default(), "a pallet's number alone");
        assert_eq!(read("(37)12(10)L7").lot.as_deref(), Some("L7"));
    }

    #[test]
    fn day_zero_is_the_last_of_its_month() {
        assert_eq!(read("(17)280200").expires_on.as_deref(), Some("2028-02-29"));
        assert_eq!(read("(17)270200").expires_on.as_deref(), Some("2027-02-28"));
    }

    proptest::proptest! {
        #[test]
        fn no_code_whatever_makes_it_fail(code in ".{0,60}", mark in "(\\]d2|\\]C1|01|\\(01\\)|)") {
            let _ = parse(&format!("{mark}{code}"));
        }

        #[test]
        fn what_was_put_in_comes_out(lot in "[A-Z0-9/-]{1,20}", serial in "[A-Z0-9/-]{1,20}") {
            let found = read(&format!("]d201{GTIN}10{lot}\u{1d}21{serial}"));
            proptest::prop_assert_eq!(found.lot, Some(lot));
            proptest::prop_assert_eq!(found.serial, Some(serial));
        }
    }
}
