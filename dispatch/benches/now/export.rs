//! What a peer that is no library needs to answer the same questions; `dispatch/peers/nearest.py` reads it. For each
//! town a file `town-100000.json`: places in planar metres, skills, questions, answers, moves, and our own figures.

use crate::{Compared, Data, Moves, Row, bits};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where `--export` says; cargo adds words of its own.
pub fn folder() -> Option<PathBuf> {
    std::env::args().skip_while(|word| word != "--export").nth(1).map(PathBuf::from)
}

pub fn write(folder: &Path, data: &Data, compared: &Compared) {
    let file = folder.join(format!("town-{}.json", data.places.len()));
    let skills: Vec<Vec<u8>> = data.skills.iter().map(|held| bits(*held).collect()).collect();
    let questions: Vec<Value> =
        data.questions.iter().map(|question| json!([question.at, question.skills])).collect();
    let moves: Vec<Value> = Moves::new(data).0.iter().map(|(who, _, _, to)| json!([who, to])).collect();
    let town = json!({
        "places": data.places,
        "skills": skills,
        "questions": questions,
        "answers": compared.answers,
        "moves": moves,
        "rows": compared.rows.iter().map(row).collect::<Vec<_>>(),
    });
    match std::fs::write(&file, town.to_string()) {
        Ok(()) => println!("{} written", file.display()),
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

fn row(row: &Row) -> Value {
    let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6;
    json!({
        "name": row.name,
        "median_us": micros(row.times.0),
        "p99_us": micros(row.times.1),
        "moves_ms": row.moves.map(|time| time.as_secs_f64() * 1e3),
    })
}
