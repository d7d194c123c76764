//! Hybrid logical clock: a wall clock that never runs backwards and always stands after what it has heard of.
//!
//! Written `0198f3c27b00-0003-d9`: twelve hexadecimal digits of UTC milliseconds, four of a counter, and the tag of
//! the writer. The widths are fixed, so the order of the texts is the order of the clocks, in any language and in
//! any database. It only ever decides between edits that are really concurrent; what came after what is told by
//! `base`, never by clocks.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::limits;

const MAX_MILLIS: i64 = (1 << 48) - 1;

/// One reading of a hybrid logical clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hlc {
    // Declared in the order in which they are compared.
    millis: i64,
    counter: u16,
    tag: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no clock reading: 12 hexadecimal digits, 4 of them, and a tag, as 0198f3c27b00-0003-d9")]
pub struct BadHlc(String);

impl Hlc {
    /// A reading. Milliseconds outside 48 bits are brought inside; a tag keeps only lower-case letters and digits.
    pub fn new(millis: i64, counter: u16, tag: &str) -> Self {
        let mut tag: String = tag.chars().filter(|&c| is_tag_char(c)).take(limits::ID_CHARS).collect();
        if tag.is_empty() {
            tag.push('0');
        }
        Self { millis: millis.clamp(0, MAX_MILLIS), counter, tag }
    }

    /// The tag of a device: the end of its id, where UUIDv7 keeps its randomness.
    pub fn tag_of(device_id: &str) -> String {
        let kept: Vec<char> =
            device_id.chars().map(|c| c.to_ascii_lowercase()).filter(|&c| is_tag_char(c)).collect();
        kept[kept.len().saturating_sub(8)..].iter().collect()
    }

    pub const fn millis(&self) -> i64 {
        self.millis
    }

    pub const fn counter(&self) -> u16 {
        self.counter
    }

    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The reading for a new event of the same writer at `now`: later than this one even if the wall clock is not.
    #[must_use]
    pub fn tick(&self, now: i64) -> Self {
        if now > self.millis { Self::new(now, 0, &self.tag) } else { self.next() }
    }

    /// The reading after hearing of `other` at `now`: later than both.
    #[must_use]
    pub fn receive(&self, other: &Self, now: i64) -> Self {
        let latest = self.max(other);
        Self { tag: self.tag.clone(), ..latest.tick(now) }
    }

    /// What the server counts with: a clock that runs ahead never wins by it.
    #[must_use]
    pub fn clamped(&self, server_now: i64) -> Self {
        if self.millis > server_now { Self::new(server_now, 0, &self.tag) } else { self.clone() }
    }

    fn next(&self) -> Self {
        match self.counter.checked_add(1) {
            Some(counter) => Self { counter, ..self.clone() },
            // 65,536 events in a millisecond: borrow the next one.
            None => Self::new(self.millis + 1, 0, &self.tag),
        }
    }
}

const fn is_tag_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Digits as `format!("{:x}")` writes them: `from_str_radix` would also take capitals and a sign.
fn hex(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if plain { i64::from_str_radix(text, 16).ok() } else { None }
}

impl FromStr for Hlc {
    type Err = BadHlc;

    fn from_str(text: &str) -> Result<Self, BadHlc> {
        let read = || {
            let mut parts = text.splitn(3, '-');
            let millis = hex(parts.next()?, 12)?;
            let counter = u16::try_from(hex(parts.next()?, 4)?).ok()?;
            let tag = parts.next()?;
            let plain = !tag.is_empty() && tag.len() <= limits::ID_CHARS && tag.chars().all(is_tag_char);
            plain.then(|| Self { millis, counter, tag: tag.into() })
        };
        read().ok_or_else(|| BadHlc(text.chars().take(limits::ID_CHARS).collect()))
    }
}

impl TryFrom<String> for Hlc {
    type Error = BadHlc;

    fn try_from(text: String) -> Result<Self, BadHlc> {
        text.parse()
    }
}

impl From<Hlc> for String {
    fn from(hlc: Hlc) -> Self {
        hlc.to_string()
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}-{:04x}-{}", self.millis, self.counter, self.tag)
    }
}

impl utoipa::PartialSchema for Hlc {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Hlc {}
