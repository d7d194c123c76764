//! Rows of site work as phones send them. Whatever can be seen to be wrong is refused before anything is written.

use db::schema::{blobs, checklist_answers, checklists, labour, photos, readings, signatures};
use db::types::{ChecklistAnswerId, Id, QuestionId};
use db::{Timestamp, Tx};
use diesel::prelude::*;
use mobile_sync::{NewRow, Verdict};
use mobile_sync_wire::limits::BLOB_BYTES;
use mobile_sync_wire::{Collection, Fields};
use serde_json::Value;

use super::{ChecklistAnswer, Labour, PENDING, Photo, Reading, STORED, Signature};
use crate::blobs::is_hash;
use crate::error::Error;
use crate::http::Checks;
use crate::tickets::store;

/// Longest time worked in one row, in minutes: a week.
const LONGEST: i64 = 7 * 24 * 60;
/// Longest answer.
const ANSWER: usize = 2_000;
/// Longest question, caption or name.
const LINE: usize = 500;
/// Longest kind, unit or purpose.
const WORD: usize = 50;

/// Why a row is not taken: a stable code.
type Refusal = &'static str;

/// A text column; none is empty.
fn text(set: &Fields, name: &str, most: usize) -> Result<String, Refusal> {
    let text = match set.get(name) {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err("bad_text"),
    };
    Checks::new().text(name, text, most).finish().map_err(|_| "bad_text")?;
    Ok(text.to_owned())
}

/// A text column that must say something.
fn named(set: &Fields, name: &str, most: usize) -> Result<String, Refusal> {
    text(set, name, most).and_then(|text| if text.trim().is_empty() { Err("bad_text") } else { Ok(text) })
}

fn hash(set: &Fields, name: &str) -> Result<String, Refusal> {
    text(set, name, 64).and_then(|text| if is_hash(&text) { Ok(text) } else { Err("bad_hash") })
}

fn number(set: &Fields, name: &str, most: i64) -> Option<i64> {
    set.get(name).and_then(Value::as_i64).filter(|number| (1..=most).contains(number))
}

fn id<T>(row: &NewRow<'_>) -> Result<Id<T>, Refusal> {
    row.id.parse().map_err(|_| "bad_id")
}

/// Writes a row that a phone made.
///
/// # Errors
/// A failure of the database.
pub fn insert(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Error> {
    let taken = match row.collection {
        Collection::Labour => match labour_of(row) {
            Ok(row) => add_labour(tx, &row)?,
            Err(why) => return Ok(refused(why)),
        },
        Collection::ChecklistAnswers => match answer_of(row) {
            Ok(row) => add_answer(tx, row)?,
            Err(why) => return Ok(refused(why)),
        },
        Collection::Readings => match reading_of(row) {
            Ok(row) => add_reading(tx, &row)?,
            Err(why) => return Ok(refused(why)),
        },
        Collection::Photos => match photo_of(row) {
            Ok(row) => add_photo(tx, row)?,
            Err(why) => return Ok(refused(why)),
        },
        Collection::Signatures => match signature_of(row) {
            Ok(row) => add_signature(tx, row)?,
            Err(why) => return Ok(refused(why)),
        },
        _ => return Ok(refused("unsupported")),
    };
    Ok(if taken { Verdict::Applied } else { Verdict::Known })
}

fn refused(why: &str) -> Verdict {
    Verdict::Refused(why.to_owned())
}

fn at(row: &NewRow<'_>) -> Timestamp {
    Timestamp::from_millis(row.at.at)
}

fn labour_of(row: &NewRow<'_>) -> Result<Labour, Refusal> {
    Ok(Labour {
        id: id(row)?,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        at: at(row),
        minutes: number(row.set, "minutes", LONGEST).ok_or("bad_minutes")?,
        kind: text(row.set, "kind", WORD)?,
    })
}

fn answer_of(row: &NewRow<'_>) -> Result<ChecklistAnswer, Refusal> {
    let question = row.set.get("question_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    Ok(ChecklistAnswer {
        id: id(row)?,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        question_id: question.ok_or("unknown_question")?,
        question: text(row.set, "question", LINE)?,
        answer: text(row.set, "answer", ANSWER)?,
        at: at(row),
    })
}

fn reading_of(row: &NewRow<'_>) -> Result<Reading, Refusal> {
    let value = row.set.get("value").and_then(Value::as_f64).filter(|value| value.is_finite());
    Ok(Reading {
        id: id(row)?,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        at: at(row),
        kind: named(row.set, "kind", WORD)?,
        value: value.ok_or("bad_value")?,
        unit: text(row.set, "unit", WORD)?,
    })
}

fn photo_of(row: &NewRow<'_>) -> Result<Photo, Refusal> {
    let purpose = match text(row.set, "purpose", WORD)?.as_str() {
        "" | "other" => "other",
        "before" => "before",
        "after" => "after",
        _ => return Err("unknown_purpose"),
    };
    Ok(Photo {
        id: id(row)?,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        at: at(row),
        purpose: purpose.to_owned(),
        caption: text(row.set, "caption", LINE)?,
        sha256: hash(row.set, "sha256")?,
        bytes: number(row.set, "bytes", BLOB_BYTES).ok_or("bad_size")?,
        blob: PENDING.to_owned(),
    })
}

fn signature_of(row: &NewRow<'_>) -> Result<Signature, Refusal> {
    Ok(Signature {
        id: id(row)?,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        at: at(row),
        signed_by: named(row.set, "signed_by", LINE)?,
        signed_sha256: hash(row.set, "signed_sha256")?,
        sha256: hash(row.set, "sha256")?,
        bytes: number(row.set, "bytes", BLOB_BYTES).ok_or("bad_size")?,
        blob: PENDING.to_owned(),
    })
}

fn add_labour(tx: &mut Tx<'_>, row: &Labour) -> Result<bool, Error> {
    let known: i64 = labour::table.filter(labour::id.eq(row.id)).count().get_result(tx.conn())?;
    if known > 0 {
        return Ok(false);
    }
    diesel::insert_into(labour::table).values(row.clone()).execute(tx.conn())?;
    tx.created(row)?;
    Ok(true)
}

/// The question is written as it is asked now; of one that is gone, as the phone knew it.
fn add_answer(tx: &mut Tx<'_>, mut row: ChecklistAnswer) -> Result<bool, Error> {
    let known: i64 =
        checklist_answers::table.filter(checklist_answers::id.eq(row.id)).count().get_result(tx.conn())?;
    if known > 0 {
        return Ok(false);
    }
    if let Some(asked) = asked(tx, &row)? {
        row.question = asked;
    }
    diesel::insert_into(checklist_answers::table).values(row.clone()).execute(tx.conn())?;
    tx.created(&row)?;
    Ok(true)
}

/// The question as its kind of ticket asks it, or the ticket's template.
fn asked(tx: &mut Tx<'_>, row: &ChecklistAnswer) -> Result<Option<String>, Error> {
    let general: Option<String> =
        checklists::table.find(row.question_id).select(checklists::question).first(tx.conn()).optional()?;
    if general.is_some() {
        return Ok(general);
    }
    let form = store::get(tx.conn(), row.ticket_id)?.form.0;
    let of_template =
        form.into_iter().flat_map(|form| form.checklist).find(|one| one.id == Some(row.question_id));
    Ok(of_template.map(|one| one.question))
}

fn add_reading(tx: &mut Tx<'_>, row: &Reading) -> Result<bool, Error> {
    let known: i64 = readings::table.filter(readings::id.eq(row.id)).count().get_result(tx.conn())?;
    if known > 0 {
        return Ok(false);
    }
    diesel::insert_into(readings::table).values(row.clone()).execute(tx.conn())?;
    tx.created(row)?;
    Ok(true)
}

/// Whether the bytes are here already.
fn blob(tx: &mut Tx<'_>, sha256: &str) -> Result<String, Error> {
    let here: i64 = blobs::table.filter(blobs::sha256.eq(sha256)).count().get_result(tx.conn())?;
    Ok(if here > 0 { STORED } else { PENDING }.to_owned())
}

fn add_photo(tx: &mut Tx<'_>, mut row: Photo) -> Result<bool, Error> {
    let known: i64 = photos::table.filter(photos::id.eq(row.id)).count().get_result(tx.conn())?;
    if known > 0 {
        return Ok(false);
    }
    row.blob = blob(tx, &row.sha256)?;
    diesel::insert_into(photos::table).values(row.clone()).execute(tx.conn())?;
    tx.created(&row)?;
    Ok(true)
}

fn add_signature(tx: &mut Tx<'_>, mut row: Signature) -> Result<bool, Error> {
    let known: i64 = signatures::table.filter(signatures::id.eq(row.id)).count().get_result(tx.conn())?;
    if known > 0 {
        return Ok(false);
    }
    row.blob = blob(tx, &row.sha256)?;
    diesel::insert_into(signatures::table).values(row.clone()).execute(tx.conn())?;
    tx.created(&row)?;
    Ok(true)
}

/// Writes the fields of an answer that the merge let through.
///
/// # Errors
/// A failure of the database.
pub fn change_answer(tx: &mut Tx<'_>, row_id: &str, fields: &Fields) -> Result<Verdict, Error> {
    let Ok(id) = row_id.parse::<ChecklistAnswerId>() else { return Ok(refused("bad_id")) };
    let mut row: ChecklistAnswer = checklist_answers::table.find(id).first(tx.conn())?;
    for (name, value) in fields {
        match name.as_str() {
            "answer" => match text(fields, "answer", ANSWER) {
                Ok(answer) => row.answer = answer,
                Err(why) => return Ok(refused(why)),
            },
            // Its phone's clock; never later than now.
            "at" => {
                let told = value.as_i64().map_or(tx.now(), Timestamp::from_millis);
                row.at = told.min(tx.now()).max(Timestamp::from_millis(0));
            }
            _ => return Ok(refused("unsupported")),
        }
    }
    diesel::update(checklist_answers::table.find(id))
        .set((checklist_answers::answer.eq(&row.answer), checklist_answers::at.eq(row.at)))
        .execute(tx.conn())?;
    tx.changed(&row)?;
    Ok(Verdict::Applied)
}

/// The question that a phone's answer is to.
pub fn question_of(set: &Fields) -> Option<QuestionId> {
    set.get("question_id").and_then(Value::as_str)?.parse().ok()
}
