//! Opening a ticket by a template: what the request leaves out comes from the template, what it answers is checked.

use db::{Conn, Db};

use super::{Form, Template, answers, store};
use crate::error::{Error, Problem};
use crate::http::Checks;
use crate::tickets::write::NewTicket;

/// The same ticket with what its template brings along; as it is if it names none.
///
/// # Errors
/// Faults by field, or a failure of the database.
pub async fn fill(db: &Db, new: &NewTicket) -> Result<NewTicket, Error> {
    let new = new.clone();
    if new.template_id.is_none() && new.fields.is_empty() {
        return Ok(new);
    }
    db.read(move |conn: &mut Conn| filled(conn, new)).await
}

fn filled(conn: &mut Conn, mut new: NewTicket) -> Result<NewTicket, Error> {
    let refused = |field: &str, code: &str, why: &str| Err(Problem::invalid_field(field, code, why).into());
    let Some(id) = &new.template_id else {
        return refused("fields", "no_template", "name the template_id that they are of");
    };
    let Some(template) = store::find(conn, id)? else {
        return refused("template_id", "unknown", "is no known template");
    };
    if !template.enabled {
        return refused("template_id", "disabled", "is not in use");
    }
    if !new.kind.is_empty() && new.kind != template.kind {
        return refused("template_id", "other_kind", "is for another kind of ticket");
    }
    new.kind.clone_from(&template.kind);
    new.priority = new.priority.or(template.priority);
    new.expected_minutes = new.expected_minutes.or(template.expected_minutes);
    new.required_skills.get_or_insert_with(|| template.required_skills.0.clone());
    new.needed_parts.get_or_insert_with(|| template.needed_parts.0.clone());
    let mut form = form(template);
    let mut checks = Checks::new();
    answers::take(&mut checks, &mut form, &new.fields);
    answers::complete(&mut checks, &form, &new.fields);
    checks.finish()?;
    new.form = Some(form);
    Ok(new)
}

fn form(template: Template) -> Form {
    Form {
        template_id: template.id,
        version: template.version,
        name_en: template.name_en,
        name_zh: template.name_zh,
        fields: template.fields.0,
        answers: answers::Answers::new(),
        checklist: template.checklist.0,
    }
}
