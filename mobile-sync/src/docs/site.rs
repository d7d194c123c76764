//! What is recorded at a site beside steps, parts and notes, and what is asked there.

use db::Conn;
use db::schema::{checklist_answers, checklists, labour, photos, readings, signatures};
use diesel::prelude::*;
use mobile_sync_wire::docs::{
    ChecklistAnswerDoc, ChecklistDoc, LabourDoc, PhotoDoc, ReadingDoc, SignatureDoc,
};

use super::{Found, fields, some};

/// What every row about a ticket begins with.
type Head = (String, String, String, String);

type QuestionRow = (String, String, i32, String, String, String, bool);

pub(super) fn questions(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    let rows: Vec<QuestionRow> = checklists::table.filter(checklists::id.eq_any(ids)).load(conn)?;
    rows.into_iter()
        .map(|(id, ticket_kind, position, question, question_zh, answer_kind, required)| {
            let doc = ChecklistDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_kind,
                position: position.into(),
                question,
                question_zh: some(question_zh),
                answer_kind,
                required,
            };
            fields(id, &doc)
        })
        .collect()
}

pub(super) fn labour(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use labour as l;
    let rows: Vec<(Head, i64, i64, String)> = l::table
        .filter(l::id.eq_any(ids))
        .select(((l::id, l::ticket_id, l::visit_id, l::engineer_id), l::at, l::minutes, l::kind))
        .load(conn)?;
    rows.into_iter()
        .map(|((id, ticket_id, visit_id, engineer_id), at, minutes, kind)| {
            let (visit_id, kind) = (some(visit_id), some(kind));
            fields(
                id.clone(),
                &LabourDoc { id, sync_v: 0, ticket_id, visit_id, engineer_id, at, minutes, kind },
            )
        })
        .collect()
}

pub(super) fn answers(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use checklist_answers as a;
    let head = (a::id, a::ticket_id, a::visit_id, a::engineer_id);
    let rows: Vec<(Head, String, String, String, i64)> = a::table
        .filter(a::id.eq_any(ids))
        .select((head, a::question_id, a::question, a::answer, a::at))
        .load(conn)?;
    rows.into_iter()
        .map(|((id, ticket_id, visit_id, engineer_id), question_id, question, answer, at)| {
            let doc = ChecklistAnswerDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                visit_id: some(visit_id),
                engineer_id,
                question_id,
                question: some(question),
                answer: some(answer),
                at,
            };
            fields(id, &doc)
        })
        .collect()
}

pub(super) fn readings(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use readings as r;
    let head = (r::id, r::ticket_id, r::visit_id, r::engineer_id);
    let rows: Vec<(Head, i64, String, f64, String)> =
        r::table.filter(r::id.eq_any(ids)).select((head, r::at, r::kind, r::value, r::unit)).load(conn)?;
    rows.into_iter()
        .map(|((id, ticket_id, visit_id, engineer_id), at, kind, value, unit)| {
            let doc = ReadingDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                visit_id: some(visit_id),
                engineer_id,
                at,
                kind,
                value,
                unit: some(unit),
            };
            fields(id, &doc)
        })
        .collect()
}

/// Hash, size, and whether the bytes are here.
type Bytes = (String, i64, String);

pub(super) fn photos(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use photos as p;
    let head = (p::id, p::ticket_id, p::visit_id, p::engineer_id);
    let rows: Vec<(Head, i64, String, String, Bytes)> = p::table
        .filter(p::id.eq_any(ids))
        .select((head, p::at, p::purpose, p::caption, (p::sha256, p::bytes, p::blob)))
        .load(conn)?;
    rows.into_iter()
        .map(|((id, ticket_id, visit_id, engineer_id), at, purpose, caption, (sha256, bytes, blob))| {
            let doc = PhotoDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                visit_id: some(visit_id),
                engineer_id,
                at,
                purpose,
                caption: some(caption),
                sha256,
                bytes,
                blob: some(blob),
            };
            fields(id, &doc)
        })
        .collect()
}

pub(super) fn signatures(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use signatures as s;
    let head = (s::id, s::ticket_id, s::visit_id, s::engineer_id);
    let rows: Vec<(Head, i64, String, String, Bytes)> = s::table
        .filter(s::id.eq_any(ids))
        .select((head, s::at, s::signed_by, s::signed_sha256, (s::sha256, s::bytes, s::blob)))
        .load(conn)?;
    rows.into_iter()
        .map(
            |(
                (id, ticket_id, visit_id, engineer_id),
                at,
                signed_by,
                signed_sha256,
                (sha256, bytes, blob),
            )| {
                let doc = SignatureDoc {
                    id: id.clone(),
                    sync_v: 0,
                    ticket_id,
                    visit_id: some(visit_id),
                    engineer_id,
                    at,
                    signed_by,
                    signed_sha256,
                    sha256,
                    bytes,
                    blob: some(blob),
                };
                fields(id, &doc)
            },
        )
        .collect()
}
