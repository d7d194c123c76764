//! Answers to the fields of a template: each is checked against its field, and a fault names it: `fields.door_code`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::check::{MOST_BYTES, slack};
use super::{Field, Form, Kind};
use crate::http::Checks;
use crate::tickets::Ticket;

/// Answers by the key of their field; `null` takes an answer back.
pub type Answers = BTreeMap<String, Value>;

/// Longest key that a fault repeats.
const LONGEST_KEY: usize = 40;

/// Takes answers into a form. Those that are at fault are noted and left out.
pub fn take(checks: &mut Checks, form: &mut Form, given: &Answers) {
    if given.len() > form.fields.len() {
        let unknown = given.keys().find(|key| form.fields.iter().all(|field| field.key != **key));
        let key: String = unknown.map_or_else(String::new, |key| key.chars().take(LONGEST_KEY).collect());
        checks.fault(&format!("fields.{key}"), "unknown_field", "is no field of the template");
        return;
    }
    for (key, value) in given {
        let shown: String = key.chars().take(LONGEST_KEY).collect();
        let at = format!("fields.{shown}");
        let Some(field) = form.fields.iter().find(|field| field.key == *key) else {
            checks.fault(&at, "unknown_field", "is no field of the template");
            continue;
        };
        if let Some(answer) = answer(checks, &at, field, value) {
            form.answers.insert(key.clone(), answer);
        } else {
            form.answers.remove(key);
        }
    }
    // Each version of a ticket carries them.
    let size = serde_json::to_string(&form.answers).map_or(usize::MAX, |text| text.len());
    checks.require(size <= MOST_BYTES, "fields", "too_large", "answers are at most 32 KiB");
}

/// Whether everything is answered that has to be.
pub fn complete(checks: &mut Checks, form: &Form, given: &Answers) {
    for field in form.fields.iter().filter(|field| field.required && !given.contains_key(&field.key)) {
        checks.fault(&format!("fields.{}", field.key), "required", "has to be answered");
    }
}

/// Edits the answers of a ticket.
pub fn edit(checks: &mut Checks, ticket: &mut Ticket, given: &Answers) {
    match &mut ticket.form.0 {
        Some(form) => take(checks, form, given),
        None => {
            checks.require(given.is_empty(), "fields", "no_template", "the ticket was opened by no template");
        }
    }
}

/// What a ticket has in these fields; `null` where it has nothing.
pub fn of(ticket: &Ticket, asked: &Answers) -> Answers {
    let has = |key: &String| ticket.form.0.as_ref().and_then(|form| form.answers.get(key)).cloned();
    asked.keys().map(|key| (key.clone(), has(key).unwrap_or(Value::Null))).collect()
}

/// The fields in which one version of a ticket differs from the other, as the other has them; none if in none.
pub fn changed(from: &Ticket, to: &Ticket) -> Option<Answers> {
    let answers =
        |ticket: &Ticket| ticket.form.0.as_ref().map(|form| form.answers.clone()).unwrap_or_default();
    let (before, after) = (answers(from), answers(to));
    let keys = before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
    let differ: Answers =
        keys.map(|key| (key.clone(), after.get(key).cloned().unwrap_or(Value::Null))).collect();
    (!differ.is_empty()).then_some(differ)
}

/// An answer as it is kept; none if there is nothing to keep, or it is at fault.
fn answer(checks: &mut Checks, at: &str, field: &Field, given: &Value) -> Option<Value> {
    let given = match given {
        Value::String(text) => Value::from(text.trim()),
        other => other.clone(),
    };
    if given.is_null() || given == "" {
        checks.require(!field.required, at, "required", "has to be answered");
        return None;
    }
    match (&field.answer, &given) {
        (Kind::Text { longest }, Value::String(text)) => {
            checks.text(at, text, usize::try_from(*longest).unwrap_or(0));
        }
        (Kind::Number { least, most, decimals, .. }, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            within(checks, at, number, (*least, *most), *decimals);
        }
        (Kind::Choice { options }, Value::String(value)) => {
            let known = options.iter().any(|option| option.value == *value);
            checks.require(known, at, "unknown", "is none of the answers");
        }
        (Kind::Date {}, Value::String(text)) => {
            let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
            let is_date = date.is_some_and(|date| (1900..2200).contains(&date.year()));
            checks.require(is_date, at, "invalid", "must be a day from 1900 to 2199, as 2026-11-23");
        }
        (Kind::YesNo {}, Value::Bool(_)) => {}
        (Kind::Text { .. } | Kind::Choice { .. }, _) => {
            checks.fault(at, "invalid", "must be a text");
        }
        (Kind::Number { .. }, _) => {
            checks.fault(at, "invalid", "must be a number");
        }
        (Kind::Date {}, _) => {
            checks.fault(at, "invalid", "must be a day, as 2026-11-23");
        }
        (Kind::YesNo {}, _) => {
            checks.fault(at, "invalid", "must be true or false");
        }
    }
    Some(given)
}

fn within(checks: &mut Checks, at: &str, number: f64, bounds: (Option<f64>, Option<f64>), decimals: u8) {
    let (least, most) =
        (bounds.0.unwrap_or(-super::check::FARTHEST), bounds.1.unwrap_or(super::check::FARTHEST));
    if !(least..=most).contains(&number) {
        checks.fault(at, "out_of_range", format!("must be between {least} and {most}"));
        return;
    }
    let scaled = number * 10_f64.powi(i32::from(decimals));
    let exact = (scaled - scaled.round()).abs() <= slack(scaled);
    checks.require(
        exact,
        at,
        "too_precise",
        &format!("must have at most {decimals} digits behind the point"),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(key: &str, required: bool, answer: Value) -> Value {
        json!({
            "key": key, "label_en": key, "label_zh": key,
            "required": required, "answer": answer,
        })
    }

    fn form() -> Form {
        let fields = json!([
            field("code", true, json!({"type": "text", "longest": 5})),
            field("heat", false, json!({"type": "number", "least": -40, "most": 90.5, "decimals": 1})),
            field(
                "door",
                false,
                json!({"type": "choice", "options": [
                {"value": "open", "label_en": "Open", "label_zh": "开"}]})
            ),
            field("since", false, json!({"type": "date"})),
            field("trapped", false, json!({"type": "yes_no"})),
        ]);
        let fields = serde_json::from_value(fields).unwrap();
        Form {
            template_id: "t".into(),
            version: 1,
            name_en: "T".into(),
            name_zh: "T".into(),
            fields,
            answers: Answers::new(),
            checklist: Vec::new(),
        }
    }

    #[test]
    fn answers_are_bounded_together() {
        let text = json!({"type": "text", "longest": 2000});
        let fields: Vec<Value> = (0..20).map(|nth| field(&format!("f{nth}"), false, text.clone())).collect();
        let mut form = Form { fields: serde_json::from_value(json!(fields)).unwrap(), ..form() };
        let mut checks = Checks::new();
        let given: Answers = (0..20).map(|nth| (format!("f{nth}"), json!("x".repeat(2_000)))).collect();
        take(&mut checks, &mut form, &given);
        assert_eq!(
            checks.faults().iter().map(|fault| fault.code.as_str()).collect::<Vec<&str>>(),
            ["too_large"]
        );
    }

    #[test]
    fn digits_are_counted_however_large_the_number_is() {
        let fits = |number: f64, decimals: u8| {
            let mut checks = Checks::new();
            within(&mut checks, "n", number, (None, None), decimals);
            checks.faults().is_empty()
        };
        for (number, decimals) in [(0.1, 1), (500_000.0, 0), (1_234_567.89, 2), (-0.000_001, 6), (8_765.4, 1)]
        {
            assert!(fits(number, decimals), "{number}");
        }
        for (number, decimals) in
            [(0.15, 1), (500_000.5, 0), (5_000.005, 2), (0.000_000_1, 6), (1_234_567.75, 0)]
        {
            assert!(!fits(number, decimals), "{number}");
        }
    }

    fn faults(given: Value) -> Vec<(String, String)> {
        let (mut checks, mut form) = (Checks::new(), form());
        take(&mut checks, &mut form, &serde_json::from_value(given).unwrap());
        checks.faults().iter().map(|fault| (fault.field.clone(), fault.code.clone())).collect()
    }

    #[test]
    fn an_answer_of_another_kind_or_beyond_its_bounds_names_its_field() {
        for (given, field, code) in [
            (json!({"code": "123456"}), "code", "too_long"),
            (json!({"code": 1234}), "code", "invalid"),
            (json!({"code": "1\u{202e}2"}), "code", "control_character"),
            (json!({"code": "  "}), "code", "required"),
            (json!({"code": null}), "code", "required"),
            (json!({"heat": "hot"}), "heat", "invalid"),
            (json!({"heat": 90.6}), "heat", "out_of_range"),
            (json!({"heat": -1e300}), "heat", "out_of_range"),
            (json!({"heat": 20.55}), "heat", "too_precise"),
            (json!({"door": "ajar"}), "door", "unknown"),
            (json!({"door": ["open"]}), "door", "invalid"),
            (json!({"since": "2026-02-30"}), "since", "invalid"),
            (json!({"since": "23.11.2026"}), "since", "invalid"),
            (json!({"since": "0001-01-01"}), "since", "invalid"),
            (json!({"trapped": "yes"}), "trapped", "invalid"),
            (json!({"colour": "red"}), "colour", "unknown_field"),
        ] {
            assert_eq!(faults(given.clone()), [(format!("fields.{field}"), code.to_owned())], "{given}");
        }
        assert!(
            faults(
                json!({"code": " 12 ", "heat": 20.1, "door": "open", "since": "2026-11-23", "trapped": false})
            )
            .is_empty()
        );
    }

    #[test]
    fn many_answers_are_one_fault() {
        let many: Answers = (0..10_000).map(|n| (format!("f{n}"), json!(1))).collect();
        assert_eq!(faults(json!(many)).len(), 1);
    }

    #[test]
    fn an_answer_is_trimmed_and_one_that_is_taken_back_is_gone() {
        let (mut checks, mut form) = (Checks::new(), form());
        take(&mut checks, &mut form, &serde_json::from_value(json!({"code": " 12 ", "heat": 4})).unwrap());
        assert_eq!(form.answers["code"], "12");
        take(&mut checks, &mut form, &serde_json::from_value(json!({"heat": null})).unwrap());
        assert_eq!(form.answers.len(), 1);
        complete(&mut checks, &form, &Answers::new());
        assert_eq!(checks.faults().len(), 1, "nobody gave the code in this request");
    }
}
