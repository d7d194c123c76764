//! Which skills and parts there are, as far as tickets have named them. Neither is ever deleted, so what was found
//! once in the committed state of the database need not be looked up again, by this server or another.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use db::schema::{parts, skills};
use db::types::PartId;
use db::{Conn, Db};
use diesel::prelude::*;

use super::write::NewTicket;
use crate::error::Error;
use crate::http::Checks;

/// The skills and parts that were looked up since the start.
#[derive(Default)]
pub struct Known {
    skills: Names<String>,
    parts: Names<PartId>,
}

impl Known {
    /// Refuses skills and parts that do not exist.
    ///
    /// # Errors
    /// Faults by field, or a failure of the database.
    pub async fn check(&self, db: &Db, new: &NewTicket) -> Result<(), Error> {
        let unseen_skills = self.skills.unseen(new.skills().iter().map(|need| &need.skill));
        let unseen_parts = self.parts.unseen(new.parts().iter().map(|need| &need.part_id));
        if unseen_skills.is_empty() && unseen_parts.is_empty() {
            return Ok(());
        }
        // Read outside of any transaction that writes: what is not committed may yet be undone.
        let read = move |conn: &mut Conn| {
            let skills = skills::table.filter(skills::code.eq_any(unseen_skills)).select(skills::code);
            let parts = parts::table.filter(parts::id.eq_any(unseen_parts)).select(parts::id);
            Ok::<_, Error>((skills.load(conn)?, parts.load(conn)?))
        };
        let (skills, parts) = db.read(read).await?;
        self.skills.add(skills);
        self.parts.add(parts);
        let mut checks = Checks::new();
        for (i, need) in new.skills().iter().enumerate() {
            let field = format!("required_skills[{i}].skill");
            checks.require(self.skills.has(&need.skill), &field, "unknown", "is no known skill");
        }
        for (i, need) in new.parts().iter().enumerate() {
            let field = format!("needed_parts[{i}].part_id");
            checks.require(self.parts.has(&need.part_id), &field, "unknown", "is no known part");
        }
        checks.finish()
    }
}

struct Names<T>(RwLock<HashSet<T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Eq + Hash + Clone> Names<T> {
    fn unseen<'a>(&self, named: impl Iterator<Item = &'a T>) -> Vec<T>
    where
        T: 'a,
    {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        named.filter(|name| !seen.contains(name)).cloned().collect()
    }

    fn add(&self, found: Vec<T>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(found);
    }

    fn has(&self, name: &T) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(name)
    }
}
