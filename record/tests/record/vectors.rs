//! The vectors that verifiers in other languages replay: a good bundle, and one for each way to spoil it, with the
//! faults that must be found. They are made here, from fixed salts and a fixed key, and compared with the files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use db::Timestamp;
use record::bundle::{Bundle, FORMAT, Proved};
use record::check::check;
use record::entry::{Content, Leaf, parts, without_personal};
use record::note::{Head, Statement};
use record::tree::{Edge, Hash, TILE, Tiles, hex, leaf_hash, sha256};
use record::{PublicKey, Signer};
use serde_json::{Value, json};

const TICKET: &str = "0198f3c2-7b00-7000-8000-000000000001";

/// Why one of them is so.
const DOSSIER: &str = r#"{"policy_version": 3, "ranked": []}"#;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))
}

fn signer() -> Signer {
    Signer::from_seed([42; 32])
}

/// What the third entry's note was, before it was erased.
fn content(number: i64) -> Content {
    let row =
        json!({"id": format!("row-{number}"), "text": format!("ring {number} times 请按铃"), "minutes": 1.5});
    let whole = Content {
        salt: format!("{number:032x}"),
        body: row.to_string(),
        erased_at: None,
        open_digest: None,
        personal_digest: None,
    };
    if number == 11 { without_personal("notes", &whole, Timestamp::from_millis(9)).unwrap() } else { whole }
}

/// A log of 300 changes, of which 5, 8, 11, … 20 are of the ticket; every other one of those has nothing personal.
fn good() -> Bundle {
    let (mut edge, mut tiles) = (Edge::default(), BTreeMap::<(u32, u64), Vec<Hash>>::new());
    let mut entries = Vec::new();
    let (mut entry, mut previous) = (0, None);
    for number in 1..=300 {
        let ours = (5..=20).contains(&number) && number % 3 == 2;
        let entity = if number % 2 == 1 { "notes" } else { "visits" };
        let parts = parts(entity, Some(&content(number)));
        entry += i64::from(ours);
        let leaf = Leaf {
            number,
            at: Timestamp::from_millis(1_772_442_000_000 + number),
            actor_id: "0198f3c2-7b00-7000-8000-00000000000a".to_owned(),
            actor: "alex \"the\" dispatcher".to_owned(),
            device_id: None,
            entity: entity.to_owned(),
            row_id: format!("row-{number}"),
            op: "put".to_owned(),
            ticket_id: ours.then(|| TICKET.to_owned()),
            entry: ours.then_some(entry),
            previous: if ours { previous.clone() } else { None },
            open: parts.open.digest.clone(),
            personal: parts.personal.as_ref().map(|part| part.digest.clone()),
            why: (number == 14).then(|| sha256(DOSSIER)),
        };
        let text = leaf.text().unwrap();
        let (position, hash) = (edge.size(), leaf_hash(&text));
        if ours {
            previous = Some(hex(&hash));
            let why = (number == 14).then(|| DOSSIER.to_owned());
            let (open, personal) = (parts.open.shown, parts.personal.and_then(|part| part.shown));
            entries.push(Proved { position, leaf: text, proof: Vec::new(), open, personal, why });
        }
        tiles.entry((0, position / TILE)).or_default().push(hash);
        for node in edge.push(hash) {
            tiles.entry((node.level, node.position / TILE)).or_default().push(node.hash);
        }
    }
    let (size, at) = (edge.size(), Timestamp::from_millis(1_772_442_009_000));
    let mut tiles = Tiles::new(|level, tile| Ok(tiles[&(level, tile)].clone()));
    for proved in &mut entries {
        proved.proof = tiles.path(proved.position, size).unwrap().iter().map(|hash| hex(hash)).collect();
    }
    let head = Head { epoch: "e1".to_owned(), size, root: edge.root(), at };
    let (last, erased) = (previous.unwrap(), vec!["3p".to_owned()]);
    let statement = Statement { ticket_id: TICKET.to_owned(), entries: entry, last, erased, size, at };
    Bundle {
        format: FORMAT.to_owned(),
        public_key: signer().public().text(),
        head: signer().sign(&head.text()),
        statement: signer().sign(&statement.text()),
        entries,
    }
}

type Spoil = fn(&mut Bundle);

fn signed_again(bundle: &mut Bundle, from: &str, to: &str) {
    let text = signer().public().open(&bundle.statement).unwrap().replace(from, to);
    bundle.statement = signer().sign(&text);
}

/// Each with its name.
const SPOILT: &[(&str, Spoil)] = &[
    ("good", |_| ()),
    ("a byte of the open text", |b| b.entries[1].open.as_mut().unwrap().text.push(' ')),
    ("a personal text replaced", |b| {
        b.entries[0].personal.as_mut().unwrap().text = "{\"text\":\"\"}".to_owned()
    }),
    ("a salt replaced", |b| b.entries[0].personal.as_mut().unwrap().salt = "00".to_owned()),
    ("a personal text taken out", |b| b.entries[0].personal = None),
    ("an open text taken out", |b| b.entries[1].open = None),
    ("a text put where there is none", |b| b.entries[1].personal = b.entries[0].personal.clone()),
    ("another dossier", |b| b.entries[3].why = Some(DOSSIER.replace('3', "4"))),
    ("a dossier taken out", |b| b.entries[3].why = None),
    ("a dossier put where there is none", |b| b.entries[0].why = Some(DOSSIER.to_owned())),
    ("another actor", |b| b.entries[2].leaf = b.entries[2].leaf.replace("alex", "mary")),
    ("another time", |b| {
        b.entries[3].leaf = b.entries[3].leaf.replace("\"at\":1772442000014", "\"at\":1772442000013")
    }),
    ("another number of the entry", |b| {
        b.entries[3].leaf = b.entries[3].leaf.replace("\"entry\":4", "\"entry\":9")
    }),
    ("blanks in a leaf", |b| b.entries[3].leaf = b.entries[3].leaf.replace(",\"at\"", ", \"at\"")),
    ("no leaf at all", |b| b.entries[1].leaf = "[]".to_owned()),
    ("a leaf without an entry", |b| {
        b.entries[1].leaf = b.entries[1].leaf.replace("\"entry\":2", "\"entry\":null")
    }),
    ("another position", |b| b.entries[4].position = 15),
    ("a position behind the end", |b| b.entries[4].position = 300),
    ("a proof cut short", |b| drop(b.entries[4].proof.pop())),
    ("a proof made longer", |b| b.entries[4].proof.push("00".repeat(32))),
    ("a proof that is no hash", |b| b.entries[4].proof[0] = "zz".repeat(32)),
    ("the first entry dropped", |b| drop(b.entries.remove(0))),
    ("an entry in between dropped", |b| drop(b.entries.remove(2))),
    ("the last entry dropped", |b| drop(b.entries.pop())),
    ("all entries dropped", |b| b.entries.clear()),
    ("two entries exchanged", |b| b.entries.swap(1, 2)),
    ("the last entry first", |b| b.entries.rotate_right(1)),
    ("an entry twice", |b| b.entries.insert(3, b.entries[2].clone())),
    ("the statement of another ticket", |b| signed_again(b, TICKET, "another")),
    ("a statement of one entry less", |b| signed_again(b, "\n6\n", "\n5\n")),
    ("a statement of one entry more", |b| signed_again(b, "\n6\n", "\n7\n")),
    ("a statement about another head", |b| signed_again(b, "\n300\n", "\n299\n")),
    ("a statement altered", |b| b.statement = b.statement.replace("erased 3p", "erased 1p")),
    ("a head altered", |b| b.head = b.head.replace("\n300\n", "\n301\n")),
    ("a head without a signature", |b| b.head = b.head.split("\n\n").next().unwrap().to_owned() + "\n"),
    ("head and statement exchanged", |b| std::mem::swap(&mut b.head, &mut b.statement)),
    ("another format", |b| b.format = "fettle-record-2".to_owned()),
    ("a key that is none", |b| b.public_key = b.public_key.replace("+", "-")),
    ("another key", |b| b.public_key = Signer::from_seed([1; 32]).public().text()),
];

fn named(bundle: &Bundle, key: Option<&PublicKey>) -> Vec<String> {
    let name = |fault: &record::check::Fault| match fault.code() {
        (code, None) => code.to_owned(),
        (code, Some(entry)) => format!("{code} {entry}"),
    };
    let mut names: Vec<String> = check(bundle, key).faults.iter().map(name).collect();
    names.sort_unstable();
    names
}

fn cases() -> Value {
    let case = |(name, spoil): &(&str, Spoil)| {
        let mut bundle = good();
        spoil(&mut bundle);
        let (faults, trusted) = (named(&bundle, None), named(&bundle, Some(&signer().public())));
        json!({"name": name, "faults": faults, "with_key": trusted, "bundle": bundle})
    };
    json!({"key": signer().public().text(), "cases": SPOILT.iter().map(case).collect::<Vec<_>>()})
}

#[test]
fn the_vectors_are_those_of_the_files() {
    let (file, text) =
        (folder().join("bundles.json"), serde_json::to_string_pretty(&cases()).unwrap() + "\n");
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    if known != text {
        std::fs::write(&file, text).unwrap();
        panic!("{} was another and is written anew: look at what is different", file.display());
    }
}

#[test]
fn each_way_to_spoil_a_bundle_is_found_and_the_good_one_has_no_fault() {
    for case in cases()["cases"].as_array().unwrap() {
        let good = case["name"] == "good";
        assert_eq!(case["faults"].as_array().unwrap().is_empty(), good, "{}", case["name"]);
        assert_eq!(case["with_key"].as_array().unwrap().is_empty(), good, "{}", case["name"]);
    }
}

#[test]
fn a_verifier_in_another_language_finds_the_same() {
    let (script, vectors) = (folder().join("../tests/vectors.py"), folder().join("bundles.json"));
    let arguments = [script.as_path(), vectors.as_path()];
    let output = Command::new("python3").args(arguments).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("{} vectors agree", SPOILT.len())), "{said}");
}
