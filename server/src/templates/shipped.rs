//! The templates that come with Fettle, so that a new server is of use in its first hour. They name no skills and no
//! parts: those differ from house to house.

use db::Timestamp;
use db::types::Json;
use serde::Deserialize;

use super::{Field, Question, Template};

const FILE: &str = include_str!("shipped.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    id: String,
    kind: String,
    name_en: String,
    name_zh: String,
    priority: i32,
    expected_minutes: i64,
    fields: Vec<Field>,
    checklist: Vec<Question>,
}

/// All of them.
pub fn templates() -> Vec<Template> {
    let read: Vec<Shipped> = serde_json::from_str(FILE).unwrap_or_default();
    read.into_iter().map(template).collect()
}

fn template(shipped: Shipped) -> Template {
    Template {
        id: shipped.id,
        version: 1,
        kind: shipped.kind,
        name_en: shipped.name_en,
        name_zh: shipped.name_zh,
        enabled: true,
        priority: Some(shipped.priority),
        expected_minutes: Some(shipped.expected_minutes),
        required_skills: Json(Vec::new()),
        needed_parts: Json(Vec::new()),
        fields: Json(shipped.fields),
        checklist: Json(shipped.checklist),
        changed_at: Timestamp::from_millis(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::check;
    use crate::templates::routes::TemplateBody;

    #[test]
    fn every_template_that_comes_with_fettle_would_be_taken_if_somebody_saved_it() {
        let all = templates();
        assert_eq!(all.len(), 4);
        for template in all {
            assert!(template.checklist.0.iter().all(|question| question.id.is_some()));
            check::shape(&TemplateBody::of(template)).unwrap();
        }
    }
}
