//! Engineers with their skills, written `LIFT-B:2;ESC-A:1`: each becomes a certificate without a number that holds
//! from now on, until somebody enters the real one.

use std::collections::{BTreeSet, HashSet};

use db::schema::{engineers, skills};
use db::types::Id;
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use super::table::{Cells, Column};
use super::{Fault, IN_LIST, Import, Numbered};
use crate::engineers::write::{self, USUAL_LOAD};
use crate::engineers::{Certificate, Engineer, store};
use crate::error::Error;
use crate::http::Checks;
use crate::http::checks::ServiceArea;

/// Engineers who live inside this area.
pub struct Engineers {
    pub area: ServiceArea,
    pub now: Timestamp,
}

/// A row of the file.
pub struct Row {
    engineer: Engineer,
    /// Codes and levels.
    skills: Vec<(String, i32)>,
}

impl Import for Engineers {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::needed("code"),
        Column::needed("name"),
        Column::optional("phone"),
        Column::needed("home_latitude"),
        Column::needed("home_longitude"),
        Column::optional("max_load_minutes"),
        Column::optional("skills"),
    ];

    const KEY: &'static str = "code";

    fn read(&self, cells: &Cells<'_>, checks: &mut Checks) -> Row {
        let home = cells.place(checks, ("home_latitude", "home_longitude"), &self.area);
        let engineer = Engineer {
            id: Id::new(),
            code: cells.text("code").to_owned(),
            name: cells.text("name").to_owned(),
            phone: cells.text("phone").to_owned(),
            home_latitude: home.0,
            home_longitude: home.1,
            max_load_minutes: cells.whole(checks, "max_load_minutes", USUAL_LOAD),
            active: true,
            created_at: self.now,
        };
        write::check(checks, &engineer, &self.area);
        let skills = skills_of(cells.text("skills")).unwrap_or_else(|(code, message)| {
            checks.fault("skills", code, message);
            Vec::new()
        });
        Row { engineer, skills }
    }

    fn key(row: &Row) -> &str {
        &row.engineer.code
    }

    fn check(&self, conn: &mut Conn, rows: &[Numbered<Row>]) -> Result<Vec<Fault>, Error> {
        let mut known = HashSet::new();
        for rows in rows.chunks(IN_LIST) {
            let codes = rows.iter().map(|row| row.value.engineer.code.as_str());
            let found: Vec<String> =
                engineers::table.filter(engineers::code.eq_any(codes)).select(engineers::code).load(conn)?;
            known.extend(found);
        }
        let mut faults = super::taken::<Self>(rows, &known);
        let named: BTreeSet<&str> =
            rows.iter().flat_map(|row| &row.value.skills).map(|(skill, _)| skill.as_str()).collect();
        let mut unknown: HashSet<&str> = named.iter().copied().collect();
        for codes in named.into_iter().collect::<Vec<_>>().chunks(IN_LIST) {
            let found: Vec<String> = skills::table
                .filter(skills::code.eq_any(codes.iter().copied()))
                .select(skills::code)
                .load(conn)?;
            for code in &found {
                unknown.remove(code.as_str());
            }
        }
        for row in rows {
            if let Some((skill, _)) = row.value.skills.iter().find(|(s, _)| unknown.contains(s.as_str())) {
                faults.push(Fault::new(row.row, "skills", "unknown", format!("{skill} is no known skill")));
            }
        }
        Ok(faults)
    }

    fn write(&self, tx: &mut Tx<'_>, rows: &[&Row]) -> Result<(), Error> {
        for row in rows {
            store::insert(tx, &row.engineer)?;
            for (skill, level) in &row.skills {
                let certificate = Certificate {
                    id: Id::new(),
                    engineer_id: row.engineer.id,
                    skill: skill.clone(),
                    level: *level,
                    number: String::new(),
                    valid_from: self.now,
                    valid_until: None,
                };
                store::insert_certificate(tx, &certificate)?;
            }
        }
        Ok(())
    }
}

/// Reads `LIFT-B:2;ESC-A:1`; or says what is wrong with it, as a code and a message.
fn skills_of(text: &str) -> Result<Vec<(String, i32)>, (&'static str, String)> {
    let mut skills: Vec<(String, i32)> = Vec::new();
    for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (code, level) = entry.split_once(':').unwrap_or((entry, ""));
        let (code, level) = (code.trim(), level.trim().parse::<i32>());
        let Ok(level @ 1..=9) = level else {
            return Err(("invalid", "must look like LIFT-B:2;ESC-A:1, with levels from 1 to 9".to_owned()));
        };
        if skills.iter().any(|(other, _)| other == code) {
            return Err(("duplicate", format!("names {code} twice")));
        }
        skills.push((code.to_owned(), level));
    }
    Ok(skills)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_read_with_their_levels() {
        let read = skills_of(" LIFT-B:2; ESC-A : 1 ;").unwrap();
        assert_eq!(read, [("LIFT-B".to_owned(), 2), ("ESC-A".to_owned(), 1)]);
        assert_eq!(skills_of("").unwrap(), []);
    }

    #[test]
    fn a_skill_without_level_beyond_nine_or_twice_is_refused() {
        for (text, code) in
            [("LIFT-B", "invalid"), ("A:10", "invalid"), ("A:x", "invalid"), ("A:1;A:2", "duplicate")]
        {
            assert_eq!(skills_of(text).unwrap_err().0, code, "{text}");
        }
    }
}
