//! What really happened, as people know it who stood beside: what each user did on which phone and what he saw when
//! he did it. Nothing here is asked of the code under test.

use std::collections::BTreeMap;

use mobile_sync_wire::Collection;
use serde_json::value::RawValue;

/// Something that a user did on a phone.
#[derive(Debug, Clone)]
pub struct Made {
    pub phone: usize,
    pub mid: String,
    pub collection: Collection,
    pub row: String,
    pub what: What,
    /// State-based clients replace an edit that was not acknowledged by a later one; then it need not arrive.
    pub replaced: bool,
}

#[derive(Debug, Clone)]
pub enum What {
    Event {
        ticket: String,
        kind: String,
        dseq: i64,
    },
    Note {
        text: String,
    },
    /// Quantities are never used twice, so that one tells which use it was.
    Usage {
        quantity: i64,
    },
    /// Field and value. Values are never written twice, and say who wrote them in which order.
    Patch(BTreeMap<String, String>),
}

/// A value that says who wrote it: `p2#00017` is the 17th thing that anybody did, on phone 2.
pub fn value(phone: usize, nth: u64) -> String {
    format!("p{phone}#{nth:05}")
}

/// A value of the office.
pub fn office_value(nth: u64) -> String {
    format!("o#{nth:05}")
}

/// The phone that wrote a value, and when.
pub fn author(value: &str) -> Option<(usize, u64)> {
    let (phone, nth) = value.strip_prefix('p')?.split_once('#')?;
    Some((phone.parse().ok()?, nth.parse().ok()?))
}

/// What a user saw in a field when he made an edit of it.
struct Seen {
    phone: usize,
    row: String,
    field: String,
    nth: u64,
    shown: String,
}

#[derive(Default)]
pub struct Facts {
    pub made: Vec<Made>,
    /// The text of each mutation as it was first sent.
    pub sent: BTreeMap<String, String>,
    seen: Vec<Seen>,
    count: u64,
}

impl Facts {
    pub fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub fn saw(&mut self, phone: usize, row: &str, field: &str, nth: u64, shown: String) {
        self.seen.push(Seen { phone, row: row.to_owned(), field: field.to_owned(), nth, shown });
    }

    /// Whether the user had seen this value in the field when he made his `nth` edit, or before.
    pub fn had_seen(&self, phone: usize, row: &str, field: &str, nth: u64, value: &str) -> bool {
        self.seen
            .iter()
            .any(|s| s.phone == phone && s.row == row && s.field == field && s.nth <= nth && s.shown == value)
    }

    /// Remembers how each mutation of a push was worded.
    pub fn sending(&mut self, body: &[u8]) {
        #[derive(serde::Deserialize)]
        struct Push<'a> {
            #[serde(borrow)]
            mutations: Vec<&'a RawValue>,
        }
        #[derive(serde::Deserialize)]
        struct Named {
            mid: String,
        }
        let push: Push<'_> = serde_json::from_slice(body).unwrap();
        for raw in push.mutations {
            let named: Named = serde_json::from_str(raw.get()).unwrap();
            self.sent.entry(named.mid).or_insert_with(|| raw.get().to_owned());
        }
    }

    /// A later edit of this row stands for all of this phone's that were not acknowledged.
    pub fn replace(&mut self, mid: &str) {
        self.made.iter_mut().filter(|made| made.mid == mid).for_each(|made| made.replaced = true);
    }
}
