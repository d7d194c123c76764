//! The tickets that are measured with: about 1 KiB each as JSON, in words of the trade, from a seed, so that every run
//! and every peer has the same ones.

/// What people write about lifts; a text takes its words from here by chance.
const WORDS: [&str; 96] = [
    "lift",
    "door",
    "landing",
    "car",
    "cable",
    "motor",
    "brake",
    "controller",
    "relay",
    "fuse",
    "sensor",
    "buffer",
    "stops",
    "between",
    "floors",
    "opens",
    "slowly",
    "closes",
    "again",
    "after",
    "before",
    "since",
    "Monday",
    "the",
    "a",
    "and",
    "with",
    "without",
    "noise",
    "smell",
    "of",
    "oil",
    "on",
    "rail",
    "guide",
    "shoe",
    "worn",
    "loose",
    "replaced",
    "checked",
    "cleaned",
    "adjusted",
    "measured",
    "caller",
    "porter",
    "says",
    "that",
    "it",
    "stood",
    "still",
    "for",
    "an",
    "hour",
    "minutes",
    "twice",
    "today",
    "yesterday",
    "week",
    "basement",
    "lobby",
    "roof",
    "machine",
    "room",
    "key",
    "at",
    "desk",
    "ring",
    "bell",
    "code",
    "gate",
    "parking",
    "behind",
    "yard",
    "left",
    "right",
    "upper",
    "lower",
    "button",
    "lamp",
    "display",
    "shows",
    "error",
    "number",
    "alarm",
    "works",
    "not",
    "only",
    "when",
    "warm",
    "cold",
    "rain",
    "water",
    "pit",
    "pump",
    "light",
    "emergency",
];

/// Characters of a description: with its ids and times a ticket is then about 1 KiB.
const DESCRIPTION: usize = 520;

/// What is written of one ticket.
pub struct Written {
    pub title: String,
    pub description: String,
    pub access_note: String,
    pub site_contact: String,
}

/// A small generator of its own, so that its numbers never change with a library.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound` (SplitMix64).
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn text(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(WORDS[self.below(WORDS.len())]);
        }
        text
    }
}

/// The text of the n-th ticket.
pub fn written(nth: usize) -> Written {
    let mut chance = Chance::new(nth as u64);
    Written {
        title: chance.text(40),
        description: chance.text(DESCRIPTION),
        access_note: format!("{} {:04}", chance.text(24), chance.below(10_000)),
        site_contact: format!("+1 212 555 {:04}", chance.below(10_000)),
    }
}

/// What an engineer writes over the n-th access note.
pub fn edit(nth: usize) -> String {
    let mut chance = Chance::new(0x1000_0000 + nth as u64);
    format!("{} {:04}", chance.text(16), chance.below(10_000))
}
