//! What of a template is refused when it is saved: each fault by its field.

use std::collections::HashSet;

use db::Conn;
use db::types::PartId;

use super::routes::TemplateBody;
use super::{Field, Kind, store};
use crate::error::Error;
use crate::http::Checks;
use crate::tickets::write::LONGEST;

/// Most fields of a template.
const MOST_FIELDS: usize = 40;
/// Most answers to choose from.
const MOST_OPTIONS: usize = 50;
/// Most questions of a template.
const MOST_QUESTIONS: usize = 100;
/// Most skills or parts.
const MOST_NEEDS: usize = 50;
/// Most bytes of fields and questions: every ticket keeps them.
pub(super) const MOST_BYTES: usize = 32 * 1024;
/// No number of a field is farther from 0.
pub const FARTHEST: f64 = 1e12;

/// Everything that can be said without the database.
///
/// # Errors
/// Faults by field.
pub fn shape(template: &TemplateBody) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks
        .name("kind", &template.kind, 50)
        .name("name_en", &template.name_en, 200)
        .name("name_zh", &template.name_zh, 200)
        .within("priority", i64::from(template.priority.unwrap_or(1)), 1, 4)
        .within("expected_minutes", template.expected_minutes.unwrap_or(1), 1, LONGEST);
    for (field, count, most) in [
        ("fields", template.fields.len(), MOST_FIELDS),
        ("checklist", template.checklist.len(), MOST_QUESTIONS),
        ("required_skills", template.required_skills.len(), MOST_NEEDS),
        ("needed_parts", template.needed_parts.len(), MOST_NEEDS),
    ] {
        checks.require(count <= most, field, "too_many", &format!("at most {most}"));
    }
    checks.finish()?;
    let mut keys = HashSet::new();
    for (i, one) in template.fields.iter().enumerate() {
        let at = format!("fields[{i}]");
        field(&mut checks, &at, one);
        checks.require(keys.insert(&one.key), &format!("{at}.key"), "duplicate", "is named twice");
    }
    let mut ids = HashSet::new();
    for (i, one) in template.checklist.iter().enumerate() {
        checks.name(&format!("checklist[{i}].question"), &one.question, 500);
        checks.text(&format!("checklist[{i}].question_zh"), &one.question_zh, 500);
        let again = one.id.is_some_and(|id| !ids.insert(id));
        checks.require(!again, &format!("checklist[{i}].id"), "duplicate", "is named twice");
    }
    let size =
        serde_json::to_string(&(&template.fields, &template.checklist)).map_err(db::Error::from)?.len();
    checks.require(size <= MOST_BYTES, "fields", "too_large", "fields and questions are at most 32 KiB");
    checks.finish()
}

/// A short name as databases and programs like it: `door_code`.
fn short_name(checks: &mut Checks, at: &str, name: &str) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let good = (1..=40).contains(&name.len()) && name.chars().all(fits);
    checks.require(good, at, "invalid", "must be 1 to 40 small letters, digits or _");
}

/// Whether a number of so many digits behind the point lies within these bounds.
fn leaves_any((least, most): (f64, f64), decimals: u8) -> bool {
    let scale = 10_f64.powi(i32::from(decimals));
    let (first, last) = (least * scale, most * scale);
    (first - slack(first)).ceil() <= (last + slack(last)).floor()
}

/// By how much a number may be off that a double cannot hold exactly, as 0.1: some of its last digits.
pub(super) fn slack(scaled: f64) -> f64 {
    4.0 * f64::EPSILON * scaled.abs()
}

fn field(checks: &mut Checks, at: &str, field: &Field) {
    short_name(checks, &format!("{at}.key"), &field.key);
    checks.name(&format!("{at}.label_en"), &field.label_en, 100);
    checks.name(&format!("{at}.label_zh"), &field.label_zh, 100);
    match &field.answer {
        Kind::Text { longest } => {
            checks.within(&format!("{at}.answer.longest"), *longest, 1, 2_000);
        }
        Kind::Number { least, most, decimals, unit } => {
            for (name, bound) in [("least", least), ("most", most)] {
                let far = bound.is_some_and(|bound| bound.is_nan() || bound.abs() > FARTHEST);
                checks.require(!far, &format!("{at}.answer.{name}"), "out_of_range", "is too far from 0");
            }
            let ordered = !matches!((least, most), (Some(least), Some(most)) if least > most);
            checks.require(ordered, &format!("{at}.answer.most"), "out_of_order", "is less than the least");
            checks.within(&format!("{at}.answer.decimals"), i64::from(*decimals), 0, 6);
            let bounds = (least.unwrap_or(-FARTHEST), most.unwrap_or(FARTHEST));
            checks.require(
                !ordered || leaves_any(bounds, (*decimals).min(6)),
                &format!("{at}.answer.most"),
                "out_of_order",
                "leaves no number with so few digits",
            );
            checks.text(&format!("{at}.answer.unit"), unit, 20);
        }
        Kind::Choice { options } => {
            let at = format!("{at}.answer.options");
            checks.require(!options.is_empty(), &at, "required", "say between what one chooses");
            checks.require(options.len() <= MOST_OPTIONS, &at, "too_many", "at most 50");
            let mut values = HashSet::new();
            for (i, option) in options.iter().enumerate().take(MOST_OPTIONS) {
                short_name(checks, &format!("{at}[{i}].value"), &option.value);
                checks.name(&format!("{at}[{i}].label_en"), &option.label_en, 100);
                checks.name(&format!("{at}[{i}].label_zh"), &option.label_zh, 100);
                let new = values.insert(&option.value);
                checks.require(new, &format!("{at}[{i}].value"), "duplicate", "is named twice");
            }
        }
        Kind::Date {} | Kind::YesNo {} => {}
    }
}

/// Whether the skills and parts that it names are there, each once and in a sensible amount.
///
/// # Errors
/// Faults by field.
pub fn needs(conn: &mut Conn, template: &TemplateBody) -> Result<(), Error> {
    let codes: Vec<&str> = template.required_skills.iter().map(|need| need.skill.as_str()).collect();
    let ids: Vec<PartId> = template.needed_parts.iter().map(|need| need.part_id).collect();
    let (skills, parts) = (store::known_skills(conn, &codes)?, store::known_parts(conn, &ids)?);
    let mut checks = Checks::new();
    for (i, need) in template.required_skills.iter().enumerate() {
        let field = format!("required_skills[{i}].skill");
        checks.require(skills.contains(&need.skill), &field, "unknown", "is no known skill");
        checks.within(&format!("required_skills[{i}].level"), i64::from(need.level), 1, 9);
        checks.require(!codes[..i].contains(&need.skill.as_str()), &field, "duplicate", "is named twice");
    }
    for (i, need) in template.needed_parts.iter().enumerate() {
        let field = format!("needed_parts[{i}].part_id");
        checks.require(parts.contains(&need.part_id), &field, "unknown", "is no known part");
        checks.within(&format!("needed_parts[{i}].quantity"), need.quantity, 1, inventory::MAX_QUANTITY);
        checks.require(!ids[..i].contains(&need.part_id), &field, "duplicate", "is named twice");
    }
    checks.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_leave_a_number_or_none() {
        for (bounds, decimals) in [((1.1, 1.1), 1), ((0.2, 0.8), 1), ((0.2, 1.0), 0), ((-0.4, 0.4), 0)] {
            assert!(leaves_any(bounds, decimals), "{bounds:?}");
        }
        for (bounds, decimals) in [((0.2, 0.8), 0), ((1.11, 1.19), 1), ((-0.8, -0.2), 0)] {
            assert!(!leaves_any(bounds, decimals), "{bounds:?}");
        }
    }
}
