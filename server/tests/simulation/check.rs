//! The seven claims, judged after the calm by looking at the two sides from outside: with SQL of its own at the
//! server's tables, at the rows that phones show, and at what is known of what their users did. None of the code
//! under test is asked.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::Connection;
use serde_json::Value;

use crate::facts::{Facts, Made, What, author};
use crate::handset::Handset;
use crate::{scope, town};

/// A card's entry about one mutation.
struct OnCard {
    collection: String,
    row: String,
    kept: BTreeMap<String, (String, String)>,
}

/// Successive values of one field.
type History = Vec<(i64, String)>;

pub struct Ledger {
    cards: HashMap<String, Vec<OnCard>>,
    /// Of row and field, in the order of the log.
    written: BTreeMap<(String, String), History>,
    inbox: HashMap<String, String>,
}

/// Everything that is wrong after a run, seen in the server's database, or in a copy of it.
pub fn all(sql: &Connection, facts: &Facts, phones: &[Handset]) -> Vec<String> {
    let ledger = Ledger::read(sql);
    let mut wrong = Vec::new();
    for made in &facts.made {
        wrong.extend(arrived(sql, &ledger, facts, made));
        wrong.extend(told(sql, &ledger, facts, made));
    }
    wrong.extend(once(sql, facts));
    wrong.extend(overwritten(&ledger, facts));
    wrong.extend(in_order(sql));
    wrong.extend(drained(sql));
    for phone in phones {
        wrong.extend(scope::same(sql, phone));
    }
    wrong
}

fn texts<const N: usize>(sql: &Connection, query: &str) -> Vec<[String; N]> {
    let mut statement = sql.prepare_cached(query).unwrap();
    let rows = statement.query_map([], |row| {
        let mut all = [const { String::new() }; N];
        for (at, text) in all.iter_mut().enumerate() {
            *text = row.get::<_, Option<String>>(at)?.unwrap_or_default();
        }
        Ok(all)
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn count(sql: &Connection, query: &str, value: &str) -> i64 {
    sql.prepare_cached(query).unwrap().query_row([value], |row| row.get(0)).unwrap()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Ledger {
    fn read(sql: &Connection) -> Self {
        let mut cards: HashMap<String, Vec<OnCard>> = HashMap::new();
        for [detail] in texts(sql, "SELECT detail FROM conflict_cards") {
            let entries: Vec<Value> = serde_json::from_str(&detail).unwrap();
            for entry in entries {
                let kept = entry["kept"].as_object().into_iter().flatten();
                let kept = kept
                    .map(|(field, both)| (field.clone(), (plain(&both["server"]), plain(&both["device"]))));
                let on_card = OnCard {
                    collection: plain(&entry["collection"]),
                    row: plain(&entry["row_id"]),
                    kept: kept.collect(),
                };
                cards.entry(plain(&entry["mid"])).or_default().push(on_card);
            }
        }
        let inbox = texts(sql, "SELECT mid, body FROM sync_inbox").into_iter().map(|[mid, body]| (mid, body));
        Self { cards, written: written(sql), inbox: inbox.collect() }
    }

    fn keeps(&self, row: &str, field: &str, value: &str) -> bool {
        self.cards.values().flatten().any(|card| {
            card.row == row && card.kept.get(field).is_some_and(|(a, b)| a == value || b == value)
        })
    }

    fn was_written(&self, row: &str, field: &str, value: &str) -> bool {
        let key = (row.to_owned(), field.to_owned());
        self.written.get(&key).is_some_and(|history| history.iter().any(|(_, written)| written == value))
    }
}

/// What each editable field was over time, from the snapshots in the log.
fn written(sql: &Connection) -> BTreeMap<(String, String), History> {
    let mut fields: BTreeMap<(String, String), History> = BTreeMap::new();
    for (table, names) in [
        ("tickets", "access_note,site_contact,status"),
        ("sites", "access_note,contact"),
        ("assets", "description"),
    ] {
        for field in names.split(',') {
            let query = format!(
                "SELECT c.seq, c.row_id, coalesce(json_extract(b.body, '$.{field}'), '') FROM changes c
                 JOIN change_contents b ON b.seq = c.seq WHERE c.entity = '{table}' ORDER BY c.seq"
            );
            let mut statement = sql.prepare_cached(&query).unwrap();
            let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).unwrap();
            for (seq, row, value) in rows.map(Result::<(i64, String, String), _>::unwrap) {
                let history = fields.entry((row, field.to_owned())).or_default();
                if history.last().is_none_or(|(_, last)| *last != value) {
                    history.push((seq, value));
                }
            }
        }
    }
    fields
}

/// I1: it is in the inbox, word for word, and if it is a new row and was not refused, the row is there.
fn arrived(sql: &Connection, ledger: &Ledger, facts: &Facts, made: &Made) -> Vec<String> {
    let Some(body) = ledger.inbox.get(&made.mid) else {
        let lost = format!("I1: {made:?} is not in the inbox");
        return if made.replaced { Vec::new() } else { vec![lost] };
    };
    if facts.sent.get(&made.mid) != Some(body) {
        return vec![format!("I1: {} was stored as {body}", made.mid)];
    }
    let is_there = match &made.what {
        What::Patch(_) => true,
        What::Event { ticket, kind, dseq } => {
            let words = format!("{}|{ticket}|{kind}|{dseq}", made.row);
            count(
                sql,
                "SELECT count(*) FROM ticket_events WHERE id || '|' || ticket_id || '|' || kind || '|' || dseq = ?1",
                &words,
            ) > 0
        }
        What::Note { text } => {
            let words = format!("{}|{text}", made.row);
            count(sql, "SELECT count(*) FROM notes WHERE id || '|' || text = ?1", &words) > 0
        }
        What::Usage { quantity } => {
            let words = format!("{}|{quantity}", made.row);
            count(sql, "SELECT count(*) FROM part_usage WHERE id || '|' || quantity = ?1", &words) > 0
        }
    };
    if !is_there && !ledger.cards.contains_key(&made.mid) {
        return vec![format!("I1: the row of {made:?} is missing, and nobody was told")];
    }
    Vec::new()
}

/// I3: what was not taken as sent has a card.
fn told(sql: &Connection, ledger: &Ledger, facts: &Facts, made: &Made) -> Vec<String> {
    let card = ledger.cards.get(&made.mid);
    let misled =
        |card: &&OnCard| (card.collection.as_str(), &card.row) != (made.collection.as_str(), &made.row);
    if card.into_iter().flatten().any(|card| misled(&card)) {
        return vec![format!("I3: the card of {made:?} speaks of another row")];
    }
    match &made.what {
        What::Event { .. } => {
            let taken = "SELECT count(*) FROM ticket_events WHERE id = ?1 AND applied";
            let taken = count(sql, taken, &made.row) > 0;
            if taken || card.is_some() {
                Vec::new()
            } else {
                vec![format!("I3: {made:?} moved nothing, without a card")]
            }
        }
        What::Patch(set) if ledger.inbox.contains_key(&made.mid) => {
            let quiet = |(field, value): &(&String, &String)| {
                let taken = ledger.was_written(&made.row, field, value);
                let kept =
                    card.into_iter().flatten().any(|c| c.kept.is_empty() || c.kept.contains_key(*field));
                !taken && !kept && !has_newer(facts, made, field, value)
            };
            set.iter()
                .filter(quiet)
                .map(|(field, _)| format!("I3: {field} of {made:?} was not taken, without a card"))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The same phone wrote something newer into the field.
fn has_newer(facts: &Facts, made: &Made, field: &str, value: &str) -> bool {
    let Some((_, nth)) = author(value) else { return false };
    facts.made.iter().any(|other| match &other.what {
        What::Patch(set) if other.phone == made.phone && other.row == made.row => {
            set.get(field).and_then(|value| author(value)).is_some_and(|(_, later)| later > nth)
        }
        _ => false,
    })
}

/// I2: each note, each step and each use of a part is there at most once, and the vans hold what is left.
fn once(sql: &Connection, facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for query in [
        "SELECT 'note ' || text, '' FROM notes GROUP BY text HAVING count(*) > 1",
        "SELECT 'step ' || dseq || ' of ' || device_id, '' FROM ticket_events WHERE device_id IS NOT NULL
         GROUP BY device_id, dseq HAVING count(*) > 1",
        "SELECT 'use of ' || quantity, '' FROM part_usage GROUP BY quantity HAVING count(*) > 1",
    ] {
        wrong.extend(texts(sql, query).iter().map(|[what, _]| format!("I2: {what} is there twice")));
    }
    let used: HashSet<i64> = facts
        .made
        .iter()
        .filter_map(|made| match made.what {
            What::Usage { quantity }
                if count(sql, "SELECT count(*) FROM part_usage WHERE id = ?1", &made.row) > 0 =>
            {
                Some(quantity)
            }
            _ => None,
        })
        .collect();
    let left = count(
        sql,
        "SELECT sum(on_hand) FROM stock_balances b JOIN stock_locations l ON l.id = b.location_id
        WHERE l.kind = 'van' AND ?1 = ''",
        "",
    );
    let vans = count(sql, "SELECT count(*) FROM stock_locations WHERE kind = 'van' AND ?1 = ''", "");
    if left != vans * town::IN_VAN - used.iter().sum::<i64>() {
        wrong.push(format!("I2: the vans hold {left}, and {used:?} were used"));
    }
    wrong
}

/// I4: whoever replaced a value that he had not seen left it on a card. I6: nobody's older edit replaced his newer.
fn overwritten(ledger: &Ledger, facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((row, field), history) in &ledger.written {
        let mut newest: HashMap<usize, u64> = HashMap::new();
        for pair in history.windows(2) {
            let [(_, old), (seq, new)] = pair else { continue };
            let Some((phone, nth)) = author(new) else { continue };
            let last = newest.entry(phone).or_insert(0);
            if nth < *last {
                wrong.push(format!("I6: {new} came back over #{last:05} in {field} of {row} ({seq})"));
            }
            *last = nth.max(*last);
            let own = author(old).is_some_and(|(other, _)| other == phone);
            let seen = old.is_empty() || own || facts.had_seen(phone, row, field, nth, old);
            if !seen && !ledger.keeps(row, field, old) {
                wrong.push(format!(
                    "I4: {new} replaced {old} in {field} of {row} ({seq}), and no card keeps it"
                ));
            }
        }
    }
    wrong
}

/// I6: the steps of one phone at one ticket took effect in the order in which they were made.
fn in_order(sql: &Connection) -> Vec<String> {
    let query = "SELECT e.device_id || ' at ' || e.ticket_id, CAST(e.dseq AS TEXT) FROM changes c
        JOIN ticket_events e ON e.id = c.row_id WHERE c.entity = 'ticket_events' AND e.device_id IS NOT NULL
        ORDER BY c.seq";
    let mut last: HashMap<String, i64> = HashMap::new();
    let mut wrong = Vec::new();
    for [of, dseq] in texts(sql, query) {
        let dseq: i64 = dseq.parse().unwrap();
        if let Some(before) = last.insert(of.clone(), dseq).filter(|before| *before > dseq) {
            wrong.push(format!("I6: step {dseq} of {of} took effect after step {before}"));
        }
    }
    wrong
}

/// I7, seen from the server: nothing is held for want of something else.
fn drained(sql: &Connection) -> Vec<String> {
    let held = texts(sql, "SELECT mid, device_id FROM sync_inbox WHERE result = 'held'");
    held.iter().map(|[mid, device]| format!("I7: {mid} of {device} is still held")).collect()
}
