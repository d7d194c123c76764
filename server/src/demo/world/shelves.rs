//! What really lies at the depots and in the vans. Nobody asks the server: it begins with what the demo begins with,
//! and changes only when somebody of the demo carries something. The carriers keep a diary, so that a demo that is
//! started again goes on with what was there. At the end of a day books and shelves are compared.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::demo::people::Engineer;
use crate::demo::{catalogue, places};

/// A place's code and a part's number.
pub type Spot = (String, String);

/// What lies where.
#[derive(Debug)]
pub struct Shelves {
    counts: BTreeMap<Spot, i64>,
    diary: Option<File>,
}

impl Shelves {
    /// As on the first morning: depots and vans are full.
    pub fn full(people: &[Engineer]) -> Self {
        let mut counts = BTreeMap::new();
        for depot in places::DEPOTS {
            for item in catalogue::PARTS {
                counts.insert((depot.code.to_owned(), item.number.to_owned()), item.depot * item.dose);
            }
        }
        for engineer in people {
            for (item, quantity) in catalogue::kit(|skill| engineer.holds(skill)) {
                counts.insert((engineer.van(), item.number.to_owned()), quantity);
            }
        }
        Self { counts, diary: None }
    }

    /// Reads what was carried before, unless the demo begins anew, and keeps the diary from now on.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn keep_diary(&mut self, file: &Path, anew: bool) -> std::io::Result<()> {
        let written = if anew { String::new() } else { read(file)? };
        for line in written.lines() {
            let mut words = line.split(' ');
            let entry = (words.next(), words.next(), words.next().and_then(|by| by.parse().ok()));
            // A line that a crash cut short was not carried to its end either.
            if let (Some(place), Some(part), Some(by)) = entry {
                self.add(place, part, by);
            }
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        self.diary = Some(if anew { options.truncate(true) } else { options.append(true) }.open(file)?);
        Ok(())
    }

    /// A supplier brought something to a depot.
    pub fn delivered(&mut self, depot: &str, part: &str, quantity: i64) {
        self.carried(depot, part, quantity);
    }

    /// Over the counter of a depot into a van.
    pub fn handed_over(&mut self, depot: &str, van: &str, part: &str, quantity: i64) {
        self.carried(depot, part, -quantity);
        self.carried(van, part, quantity);
    }

    /// Out of a van into a lift.
    pub fn built_in(&mut self, van: &str, part: &str, quantity: i64) {
        self.carried(van, part, -quantity);
    }

    /// What a look at every shelf finds: places' codes and parts' numbers with quantities, nothing left out.
    pub fn counted(&self) -> BTreeMap<Spot, i64> {
        self.counts.clone()
    }

    fn add(&mut self, place: &str, part: &str, by: i64) {
        *self.counts.entry((place.to_owned(), part.to_owned())).or_default() += by;
    }

    fn carried(&mut self, place: &str, part: &str, by: i64) {
        self.add(place, part, by);
        let Some(diary) = &mut self.diary else { return };
        if let Err(error) = diary.write_all(format!("{place} {part} {by}\n").as_bytes()) {
            tracing::error!(%error, "the diary of the shelves cannot be written");
        }
    }
}

/// What is written; nothing if there is no diary yet.
fn read(file: &Path) -> std::io::Result<String> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people;

    fn spot(place: &str, part: &str) -> Spot {
        (place.to_owned(), part.to_owned())
    }

    fn count(shelves: &Shelves, place: &str, part: &str) -> i64 {
        shelves.counted().get(&spot(place, part)).copied().unwrap_or(0)
    }

    #[test]
    fn what_is_carried_is_missing_where_it_was_and_lies_where_it_went() {
        let mut shelves = Shelves::full(&people::engineers());
        let (depot, van) = (count(&shelves, "D-E38", "DR-ROL"), count(&shelves, "V-07", "DR-ROL"));
        assert_eq!((depot, van), (40, 2));
        shelves.handed_over("D-E38", "V-07", "DR-ROL", 3);
        shelves.built_in("V-07", "DR-ROL", 1);
        shelves.delivered("D-E38", "DR-ROL", 10);
        assert_eq!((count(&shelves, "D-E38", "DR-ROL"), count(&shelves, "V-07", "DR-ROL")), (47, 4));
    }

    #[test]
    fn the_diary_tells_the_next_demo_what_was_carried_unless_it_begins_anew() {
        let folder = std::env::temp_dir().join(format!("fettle-diary-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (file, people) = (folder.join("shelves.txt"), people::engineers());
        let opened = |anew| {
            let mut shelves = Shelves::full(&people);
            shelves.keep_diary(&file, anew).unwrap();
            shelves
        };
        opened(false).handed_over("D-E38", "V-07", "DR-ROL", 3);
        opened(false).built_in("V-07", "DR-ROL", 1);
        assert_eq!(count(&opened(false), "V-07", "DR-ROL"), 4);
        assert_eq!(count(&opened(true), "V-07", "DR-ROL"), 2);
        assert_eq!(count(&opened(false), "V-07", "DR-ROL"), 2);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
