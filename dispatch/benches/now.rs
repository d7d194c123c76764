//! The ten nearest who hold two skills, beside other ways to find them: `cargo xtask bench dispatch`. The town is
//! the one of the published comparison: seven of ten engineers in 25 clusters on a square of 60 km, the others
//! anywhere; each holds 1 to 6 of 40 skills; the two skills of a question are held together by somebody. The other
//! ways look at places and skills alone; ours asks all rules. All must find the same people. Then the whole
//! recommendation, among as many who have ten tickets in hand each. With `--export FOLDER` towns, questions, answers
//! and figures are left there for peers that are no libraries, and their figures are printed beside these.

#[path = "../tests/all/town.rs"]
#[expect(dead_code, reason = "shared with the tests, of which each uses a part")]
mod town;

#[path = "now/export.rs"]
mod export;

use dispatch::{
    Certificate, Engineer, Interval, Load, Point, Policy, Position, Query, Roster, SkillRequirement,
    StraightLine, Visit,
};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};
use town::{Dice, HOUR, MINUTE, NOW, SKILLS};
use uuid::Uuid;

const K: usize = 10;
const OURS: &str = "ours, with all rules";
const QUESTIONS: usize = 1_000;
const MOVES: usize = 10_000;
/// Metres in a degree along a meridian, and along the parallel in the middle of the town.
const NORTH_M: f64 = 111_195.0;
const EAST_M: f64 = 84_240.0;

fn main() {
    let folder = export::folder();
    for count in [10_000, 100_000] {
        let data = Data::new(count);
        let compared = compare(&data);
        match &folder {
            Some(folder) => export::write(folder, &data, &compared),
            None => compared.show(),
        }
        println!("{} engineers: {}", count, compared.memory);
    }
    recommend(100_000);
}

/// One way to find them: its name, median and 99th percentile, and what it takes to move people.
struct Row {
    name: &'static str,
    times: (Duration, Duration),
    moves: Option<Duration>,
}

/// All ways on one town, ours last, and the people that all of them found.
struct Compared {
    rows: Vec<Row>,
    answers: Vec<Vec<u32>>,
    memory: String,
}

impl Compared {
    fn show(&self) {
        println!(
            "\nThe {K} nearest who hold two skills, {QUESTIONS} questions; {MOVES} moves of about 100 m"
        );
        println!("{:34} {:>10} {:>10} {:>9} {:>9}", "", "median", "p99", "of ours", "moves");
        let own = self.rows.last().map_or(f64::NAN, |row| row.times.0.as_secs_f64());
        for Row { name, times, moves } in &self.rows {
            let of_ours = times.0.as_secs_f64() / own;
            let moves = moves.map(millis).unwrap_or_default();
            println!("{name:34} {:>10} {:>10} {of_ours:>7.1} x {moves:>9}", micros(times.0), micros(times.1));
        }
    }
}

struct Question {
    at: [f64; 2],
    skills: [u8; 2],
}

/// The town in planar metres.
struct Data {
    places: Vec<[f64; 2]>,
    skills: Vec<u64>,
    questions: Vec<Question>,
}

impl Data {
    fn new(count: usize) -> Self {
        let mut dice = Dice(5);
        let centres: Vec<[f64; 2]> =
            (0..25).map(|_| [0; 2].map(|_| 8_000.0 + 44_000.0 * dice.unit())).collect();
        let near = |dice: &mut Dice, spread: f64| {
            let centre = centres[dice.below(25) as usize];
            [centre[0] + spread * normal(dice), centre[1] + spread * normal(dice)]
        };
        let place = |dice: &mut Dice| match dice.unit() < 0.7 {
            true => near(dice, 2_500.0),
            false => [60_000.0 * dice.unit(), 60_000.0 * dice.unit()],
        };
        let places: Vec<[f64; 2]> = (0..count).map(|_| place(&mut dice)).collect();
        let held = |dice: &mut Dice| {
            let (mut held, wanted) = (0u64, 1 + dice.below(6) as u32);
            while held.count_ones() < wanted {
                held |= 1 << dice.below(SKILLS as u64);
            }
            held
        };
        let skills: Vec<u64> = (0..count).map(|_| held(&mut dice)).collect();
        let able: Vec<u64> = skills.iter().copied().filter(|held| held.count_ones() > 1).collect();
        let question = |_| {
            let at = near(&mut dice, 3_000.0);
            let held: Vec<u8> = bits(able[dice.below(able.len() as u64) as usize]).collect();
            let first = dice.below(held.len() as u64) as usize;
            let second = (first + 1 + dice.below(held.len() as u64 - 1) as usize) % held.len();
            Question { at, skills: [held[first], held[second]] }
        };
        let questions = (0..QUESTIONS).map(question).collect();
        Self { places, skills, questions }
    }

    fn engineer(&self, number: usize) -> Engineer {
        let certificate = |skill: u8| Certificate {
            skill: town::skill(u64::from(skill)),
            level: 1,
            number: format!("C-{number}"),
            valid_from: NOW - 24 * HOUR,
            valid_until: Some(NOW + 24 * HOUR),
        };
        Engineer {
            id: Uuid::from_u128(number as u128),
            code: format!("E-{number}"),
            name: format!("Engineer {number}"),
            active: true,
            home: point(self.places[number]),
            position: None,
            shifts: vec![Interval { starts_at: NOW - 2 * HOUR, ends_at: NOW + 7 * HOUR }],
            absences: Vec::new(),
            certificates: bits(self.skills[number]).map(certificate).collect(),
            max_load_minutes: 480,
            speeds: Vec::new(),
            territory: None,
            skill_group: None,
        }
    }

    fn visit(&self, question: &Question) -> Visit {
        let mut visit = town::visit(0, &mut Dice(1));
        visit.point = point(question.at);
        let required = |skill: u8| SkillRequirement { skill: town::skill(u64::from(skill)), level: 1 };
        visit.required_skills = question.skills.map(required).into();
        visit.needed_parts.clear();
        visit
    }
}

/// Sum of twelve dice: near enough to the bell curve.
fn normal(dice: &mut Dice) -> f64 {
    (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0
}

fn bits(word: u64) -> impl Iterator<Item = u8> {
    (0..64).filter(move |bit| word >> bit & 1 == 1)
}

/// On the equator of the town, so that the plane and the sphere order people alike.
fn point(place: [f64; 2]) -> Point {
    Point { latitude: 40.75 + place[1] / NORTH_M, longitude: -73.98 + place[0] / EAST_M }
}

type Spot = GeomWithData<[f64; 3], (u32, u64)>;

fn unit(point: Point) -> [f64; 3] {
    let (sin_lat, cos_lat) = point.latitude.to_radians().sin_cos();
    let (sin_lon, cos_lon) = point.longitude.to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

fn wanted(question: &Question) -> u64 {
    question.skills.iter().fold(0, |set, skill| set | 1 << skill)
}

/// The holders of each skill in a list.
fn by_list(lists: &[Vec<([f64; 3], u32, u64)>], question: &Question) -> Vec<u32> {
    let (at, wanted) = (unit(point(question.at)), wanted(question));
    let shorter =
        question.skills.iter().map(|skill| &lists[usize::from(*skill)]).min_by_key(|list| list.len());
    let mut best: BinaryHeap<(u64, u32)> = BinaryHeap::with_capacity(K + 1);
    for (unit, number, _) in shorter.into_iter().flatten().filter(|(_, _, held)| held & wanted == wanted) {
        let chord2: f64 = unit.iter().zip(&at).map(|(a, b)| (a - b) * (a - b)).sum();
        // Bits of positive numbers are in the order of the numbers.
        best.push((chord2.to_bits(), *number));
        if best.len() > K {
            best.pop();
        }
    }
    best.into_sorted_vec().into_iter().map(|(_, number)| number).collect()
}

fn by_tree(tree: &RTree<Spot>, question: &Question) -> Vec<u32> {
    let (at, wanted) = (unit(point(question.at)), wanted(question));
    let holders = tree.nearest_neighbor_iter(at).filter(|spot| spot.data.1 & wanted == wanted);
    holders.take(K).map(|spot| spot.data.0).collect()
}

fn compare(data: &Data) -> Compared {
    let count = data.places.len();
    let spot = |number: usize| {
        GeomWithData::new(unit(point(data.places[number])), (number as u32, data.skills[number]))
    };
    let mut tree = RTree::bulk_load((0..count).map(spot).collect());
    let mut trees: Vec<RTree<Spot>> = (0..SKILLS)
        .map(|skill| {
            RTree::bulk_load((0..count).filter(|n| data.skills[*n] >> skill & 1 == 1).map(spot).collect())
        })
        .collect();
    let list =
        |trees: &RTree<Spot>| trees.iter().map(|spot| (*spot.geom(), spot.data.0, spot.data.1)).collect();
    let lists: Vec<Vec<([f64; 3], u32, u64)>> = trees.iter().map(list).collect();
    let policy = Policy::default();
    let before_kb = resident_kb();
    let began = Instant::now();
    let mut roster = Roster::build((0..count).map(|number| data.engineer(number)), NOW, &policy);
    let (built, kb) = (began.elapsed(), resident_kb().saturating_sub(before_kb));
    let visits: Vec<Visit> = data.questions.iter().map(|question| data.visit(question)).collect();
    let ours = |number: usize| -> Vec<u32> {
        let near = roster.nearest(&Query::new(&visits[number], NOW, &policy), K);
        near.iter().map(|near| near.engineer_id.as_u128() as u32).collect()
    };
    let skill_tree = |question: &Question| {
        let shorter =
            question.skills.iter().map(|skill| &trees[usize::from(*skill)]).min_by_key(|tree| tree.size());
        shorter.map(|tree| by_tree(tree, question)).unwrap_or_default()
    };
    let (own, answers) = measured(ours);
    let peers = [
        ("rstar, filtered afterwards", measured(|n| by_tree(&tree, &data.questions[n]))),
        ("rstar, a tree a skill", measured(|n| skill_tree(&data.questions[n]))),
        ("the shorter of two lists", measured(|n| by_list(&lists, &data.questions[n]))),
    ];
    let mut rows = Vec::new();
    for (name, (times, found)) in peers {
        assert_eq!(found, answers, "{name}");
        rows.push(Row { name, times, moves: None });
    }
    let moves = Moves::new(data);
    rows[0].moves = Some(moves.in_tree(&mut tree));
    rows[1].moves = Some(moves.in_trees(&mut trees));
    rows.push(Row { name: OURS, times: own, moves: Some(moves.in_roster(&mut roster)) });
    let memory = format!("ours built in {}, {} MB with all profiles", millis(built), kb / 1_024);
    Compared { rows, answers, memory }
}

/// What creating a ticket costs: everybody's reasons counted, twenty candidates, and for each the cheapest place in
/// his route. In the town of the tests, where a third is not on shift yet and a quarter of the certificates ended.
fn recommend(count: u64) {
    println!("\nRecommending among {count} engineers with ten tickets in hand each, {QUESTIONS} questions");
    println!("{:34} {:>10} {:>10}", "", "median", "p99");
    let (engineers, policy, mut dice) = (town::engineers(count), Policy::default(), Dice(7));
    let supply = town::supply(&engineers, &mut dice);
    let place = |e: &Engineer| (e.id, e.position.map_or(e.home, |position| position.point));
    let places: Vec<(Uuid, Point)> = engineers.iter().map(place).collect();
    let mut roster = Roster::build(engineers, NOW, &policy);
    for (id, point) in places {
        roster.loaded(id, Load { tickets: 10, minutes: 200 });
        roster.routed(id, Some(town::route(point, 10, &mut dice)));
    }
    let travel = StraightLine::default();
    for skills in [2, 1, 0] {
        let visits: Vec<Visit> = (0..QUESTIONS).map(|_| town::visit(skills, &mut dice)).collect();
        let (times, ranked) = measured(|number| {
            let query = Query::new(&visits[number], NOW, &policy);
            let answer = dispatch::recommend(&roster, &query, &supply, &travel);
            vec![answer.ranked.len() as u32]
        });
        let ranked = f64::from(ranked.iter().flatten().sum::<u32>()) / QUESTIONS as f64;
        let name = format!("{skills} required skills, {ranked:.1} ranked");
        println!("{name:34} {:>10} {:>10}", micros(times.0), micros(times.1));
    }
}

/// Median and 99th percentile, and the answers. Each question is asked once before, so that all start alike.
fn measured(ask: impl Fn(usize) -> Vec<u32>) -> ((Duration, Duration), Vec<Vec<u32>>) {
    let answers: Vec<Vec<u32>> = (0..QUESTIONS).map(&ask).collect();
    let time = |number| {
        let began = Instant::now();
        divan::black_box(ask(number));
        began.elapsed()
    };
    let mut times: Vec<Duration> = (0..QUESTIONS).map(time).collect();
    times.sort_unstable();
    ((times[QUESTIONS / 2], times[QUESTIONS * 99 / 100]), answers)
}

/// Who moves, from where, to where, and that in planar metres.
struct Moves(Vec<(u32, Spot, Spot, [f64; 2])>);

impl Moves {
    fn new(data: &Data) -> Self {
        let (mut dice, count) = (Dice(3), data.places.len());
        let mut one = |number: usize| {
            let place = data.places[number];
            let to = [place[0] + 100.0 * normal(&mut dice), place[1] + 100.0 * normal(&mut dice)];
            let spot = |place| GeomWithData::new(unit(point(place)), (number as u32, data.skills[number]));
            (number as u32, spot(place), spot(to), to)
        };
        Self((0..count).step_by(count / MOVES).map(&mut one).collect())
    }

    fn in_tree(&self, tree: &mut RTree<Spot>) -> Duration {
        let began = Instant::now();
        for (_, from, to, _) in &self.0 {
            tree.remove(from);
            tree.insert(*to);
        }
        began.elapsed()
    }

    fn in_trees(&self, trees: &mut [RTree<Spot>]) -> Duration {
        let began = Instant::now();
        for (_, from, to, _) in &self.0 {
            for skill in bits(from.data.1) {
                trees[usize::from(skill)].remove(from);
                trees[usize::from(skill)].insert(*to);
            }
        }
        began.elapsed()
    }

    /// From degrees, as they come from the phones: the vectors are worked out too.
    fn in_roster(&self, roster: &mut Roster) -> Duration {
        let degrees = |[x, y, z]: &[f64; 3]| Point {
            latitude: z.asin().to_degrees(),
            longitude: y.atan2(*x).to_degrees(),
        };
        let id = |number: u32| Uuid::from_u128(u128::from(number));
        let moves: Vec<_> =
            self.0.iter().map(|(number, _, to, _)| (id(*number), degrees(to.geom()))).collect();
        let began = Instant::now();
        for (id, point) in moves {
            roster.moved(id, Position { point, at: NOW + MINUTE });
        }
        began.elapsed()
    }
}

fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// What the process holds, where the system says so.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
