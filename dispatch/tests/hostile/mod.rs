//! Problem files that somebody would send who means no good, or whose program is broken: a valid day with every
//! optional field, in which a few places were changed to what they must not be. A number makes always the same file.

use std::time::{Duration, Instant};

use dispatch::optimize::{Options, Progress, optimize};
use dispatch::plan::Problem;
use dispatch::verify::verify;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Planned,
    /// By the parser or by the check of the problem.
    Refused,
    /// What must never be, in words.
    Wrong(String),
}

/// More than the limit that is allowed.
const GRACE: Duration = Duration::from_millis(100);

/// Steps of a search without a limit.
const STEPS: f64 = 50.0;

/// Reads and plans a file, within the limit if there is one. A panic is the caller's to catch.
pub fn attempt(text: &str, limit: Option<Duration>) -> Outcome {
    let Ok(problem) = serde_json::from_str::<Problem>(text) else { return Outcome::Refused };
    let clock = Clock::start();
    let mut done = |progress: &Progress| match limit {
        None => progress.iterations as f64 / STEPS,
        Some(most) => clock.elapsed().as_secs_f64() / most.as_secs_f64().max(1e-9),
    };
    let Ok(plan) = optimize(&problem, &Options::default(), &mut done) else { return Outcome::Refused };
    let took = clock.elapsed();
    if let Some(most) = limit
        && took > most + GRACE
    {
        return Outcome::Wrong(format!("took {took:?} instead of {most:?}"));
    }
    let verdict = verify(&problem, &plan);
    if let Some(fault) = verdict.faults.first() {
        return Outcome::Wrong(fault.clone());
    }
    if plan.cost != Some(verdict.cost) {
        return Outcome::Wrong(format!("costs {:?}, the judge says {}", plan.cost, verdict.cost));
    }
    Outcome::Planned
}

/// The time that this thread has had, where the system tells: what others take from a busy machine is not our fault.
struct Clock {
    began: Instant,
    had: Option<Duration>,
}

impl Clock {
    fn start() -> Self {
        Self { began: Instant::now(), had: Self::had() }
    }

    fn had() -> Option<Duration> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    }

    fn elapsed(&self) -> Duration {
        let had = Self::had().zip(self.had).map(|(now, before)| now.saturating_sub(before));
        had.unwrap_or_else(|| self.began.elapsed())
    }
}

/// The file of this number, of at most so many tickets before it is spoiled.
pub fn file(number: u64, largest: usize) -> String {
    let mut chance = Chance(Pcg64Mcg::seed_from_u64(number));
    let mut value = day(&mut chance, largest);
    for _ in 0..chance.below(5) {
        spoil(&mut value, &mut chance);
    }
    let mut text = value.to_string();
    if chance.one_in(20) {
        // Not even JSON, or cut off.
        let at = chance.below(text.len());
        if chance.one_in(2) { text.truncate(at) } else { text.replace_range(at..=at, "#") }
    }
    text
}

struct Chance(Pcg64Mcg);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        (self.0.next_u64() % count.max(1) as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn number(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low) as usize) as i64
    }

    fn ids(&mut self, most: usize, below: i64) -> Vec<i64> {
        (0..self.below(most + 1)).map(|_| self.number(0, below)).collect()
    }

    fn place(&mut self) -> (f64, f64) {
        let span = [0.0, 0.001, 0.1, 80.0][self.below(4)];
        let mut side = |middle: f64| middle + span * (self.below(1_000) as f64 / 500.0 - 1.0);
        (side(5.0), side(10.0))
    }
}

/// A day that can be planned, mostly.
fn day(chance: &mut Chance, largest: usize) -> Value {
    let tickets = [3, 12, 40, 40, 400][chance.below(5)];
    let tickets = if chance.one_in(60) { largest } else { chance.below(tickets).min(largest) };
    let most = [1, 3, 8, 60][chance.below(4)];
    let engineers = chance.below(most + 1);
    let matrix = tickets < 60 && chance.one_in(3);
    let places = tickets + engineers + 3;
    let people: Vec<Value> =
        (0..engineers).map(|id| engineer(chance, id, matrix.then_some(places))).collect();
    let visits: Vec<Value> = (0..tickets).map(|id| ticket(chance, id, engineers as i64)).collect();
    let depot = |id: usize| match matrix {
        true => json!({"id": id, "row": places - 1 - id, "stock": [{"part": 1, "quantity": 3}]}),
        false => json!({"id": id, "lat": 5.0, "lon": 10.0, "stock": [{"part": 1, "quantity": 3}]}),
    };
    let travel = if matrix {
        let far = [1, 500, 100_000_000][chance.below(3)];
        let row = |_| (0..places).map(|_| chance.number(0, far + 1)).collect::<Vec<_>>();
        json!({"model": "matrix", "seconds": (0..places).map(row).collect::<Vec<_>>()})
    } else {
        json!({"model": "haversine", "road_factor": 1.3, "speed_kmh": 30.0})
    };
    let mut value = json!({"travel": travel, "engineers": people, "tickets": visits});
    value["depots"] = json!((0..3).map(depot).collect::<Vec<_>>());
    value["hard_due"] = json!(chance.one_in(4));
    value["disturbance_s"] = json!(chance.number(0, 5_000));
    value["fairness_weight"] = json!(if chance.one_in(2) { 0.1 } else { 0.0 });
    value
}

fn engineer(chance: &mut Chance, id: usize, rows: Option<usize>) -> Value {
    let ((lat, lon), start) = (chance.place(), chance.number(0, 40_000));
    let end = start + chance.number(0, 60_000);
    let mut value = json!({"id": id, "shift_start_s": start, "shift_end_s": end, "lat": lat, "lon": lon});
    value["skills"] = json!(chance.ids(4, 4));
    if chance.one_in(3) {
        let (from, until) = (chance.number(0, 30_000), chance.number(30_000, 90_000));
        value["certificates"] =
            json!([{"skill": 1, "level": 2, "valid_from_s": from, "valid_until_s": until}]);
    }
    if chance.one_in(3) && end > start + 2_000 {
        value["break"] = json!({"duration_s": 900, "earliest_s": start, "latest_s": start + 1_000});
    }
    match rows {
        Some(rows) if chance.one_in(3) => value["start_row"] = json!(chance.below(rows)),
        None if chance.one_in(3) => {
            let (lat, lon) = chance.place();
            (value["start_lat"], value["start_lon"]) = (json!(lat), json!(lon));
        }
        _ => {}
    }
    for (field, high) in [("max_tasks", 9), ("capacity", 20), ("available_from_s", 900)] {
        if chance.one_in(4) {
            value[field] = json!(chance.number(0, high));
        }
    }
    value["stock"] = json!([{"part": 1, "quantity": chance.number(0, 3)}]);
    value
}

fn ticket(chance: &mut Chance, id: usize, engineers: i64) -> Value {
    let ((lat, lon), earliest) = (chance.place(), chance.number(0, 60_000));
    let (due, who) = (earliest + chance.number(-900, 20_000), engineers.max(1));
    let mut value = json!({"id": id, "lat": lat, "lon": lon, "earliest_s": earliest, "due_s": due});
    value["duration_s"] = json!(chance.number(0, 7_200));
    value["priority"] = json!(chance.number(1, 5));
    value["skills"] = json!(chance.ids(2, 3));
    value["forbidden_engineers"] = json!(chance.ids(1, who));
    for (field, number) in [
        ("pinned_engineer", chance.number(0, who)),
        ("in_force", chance.number(0, who + 1)),
        ("territory", chance.number(0, 3)),
        ("load", chance.number(0, 9)),
        ("fixed_start_s", earliest + chance.number(0, 9_000)),
        ("latest_start_s", earliest + 9_000),
    ] {
        if chance.one_in(8) && (field != "pinned_engineer" || engineers > 0) {
            value[field] = json!(number);
        }
    }
    if chance.one_in(4) {
        value["parts"] = json!([{"part": 1, "quantity": chance.number(0, 3)}]);
    }
    if chance.one_in(4) {
        value["required_skills"] = json!([{"skill": 1, "level": chance.number(0, 4)}]);
    }
    link(&mut value, chance, id, who);
    if chance.one_in(8) {
        (value["preferred_engineers"], value["preference_s"]) = (json!([0, 1]), json!(700));
    }
    value
}

/// Lets it need a crew, or follow others: earlier ones mostly, since the other way round ends in circles.
fn link(value: &mut Value, chance: &mut Chance, id: usize, engineers: i64) {
    if chance.one_in(8) {
        value["crew"] = json!(chance.number(1, 4));
        if value["crew"] != json!(1) && chance.one_in(2) {
            value["crew_skills"] = json!(chance.ids(1, 3));
        }
        if value["crew"] == json!(2) && chance.one_in(4) {
            let lead = value["pinned_engineer"].as_i64();
            value["in_force_crew"] = json!([chance.number(0, engineers)]);
            let other = chance.number(0, engineers);
            if lead.is_some_and(|lead| lead != other) {
                value["pinned_crew"] = json!([other]);
            }
        }
    }
    if id > 0 && chance.one_in(8) {
        let known = if chance.one_in(100) { id + 2 } else { id };
        let before = chance.below(known);
        value["after"] = json!([{"ticket": before, "gap_s": chance.number(0, 2_000)}]);
        if value["fixed_start_s"].is_i64() && !chance.one_in(10) {
            value.as_object_mut().map(|fields| fields.remove("fixed_start_s"));
        }
    }
}

/// Changes one place of the file.
fn spoil(value: &mut Value, chance: &mut Chance) {
    let deeper = !chance.one_in(4);
    match value {
        Value::Array(entries) if deeper && !entries.is_empty() => {
            let at = chance.below(entries.len());
            spoil(&mut entries[at], chance);
        }
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = chance.below(fields.len());
            fields.iter_mut().skip(at).take(1).for_each(|(_, field)| spoil(field, chance));
        }
        Value::Array(entries) => spoil_list(entries, chance),
        Value::Object(fields) if chance.one_in(2) => {
            let name = fields.keys().nth(chance.below(fields.len())).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        Value::Object(fields) => {
            let name = FIELDS[chance.below(FIELDS.len())];
            fields.insert(name.to_owned(), extreme(chance));
        }
        other => *other = extreme(chance),
    }
}

fn spoil_list(entries: &mut Vec<Value>, chance: &mut Chance) {
    let at = chance.below(entries.len());
    match (chance.below(4), entries.get(at).cloned()) {
        (0, Some(_)) => drop(entries.remove(at)),
        (1, Some(entry)) => entries.push(entry),
        (2, Some(entry)) => entries.extend(vec![entry; [2, 50, 1_500][chance.below(3)]]),
        _ => entries.push(extreme(chance)),
    }
}

/// Fields that exist somewhere, and one that does not.
const FIELDS: [&str; 15] = [
    "id",
    "lat",
    "skills",
    "due_s",
    "started_at_s",
    "pinned_engineer",
    "fixed_start_s",
    "break",
    "crew",
    "pinned_crew",
    "after",
    "capacity",
    "depots",
    "start_row",
    "nonsense",
];

fn extreme(chance: &mut Chance) -> Value {
    let numbers = [0, 1, -1, 2, 86_400, 10_000_000, -10_000_000, 100_000_000, i64::from(i32::MAX)];
    match chance.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!("Ada"),
        3 => json!([]),
        4 => json!({}),
        5 => json!([1e308, -0.0, 1e-308, 0.5, 180.0, -90.0][chance.below(6)]),
        6 => json!([i64::MAX, i64::MIN, i64::from(i32::MIN)][chance.below(3)]),
        7 => json!(u64::MAX),
        _ => json!(numbers[chance.below(numbers.len())]),
    }
}
