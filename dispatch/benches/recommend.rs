//! How long an answer takes: `cargo bench -p dispatch`. The town is the one of the tests: each engineer
//! holds 1 to 6 of 40 skills, two thirds are on shift.

#[path = "../tests/all/town.rs"]
#[expect(dead_code, reason = "shared with the tests, of which each uses a part")]
mod town;

use dispatch::{
    Fresh, PartSupply, Policy, Position, Query, Roster, StraightLine, Visit, explain_all, rank, shortlist,
};
use divan::{Bencher, black_box};
use town::{Dice, MINUTE, NOW};

fn main() {
    divan::main();
}

struct Town {
    roster: Roster,
    supply: PartSupply,
    visits: Vec<Visit>,
}

/// A roster of so many engineers with work in hand, and 1,000 visits that need so many skills.
fn town(count: u64, skills: u64) -> Town {
    let (engineers, mut dice) = (town::engineers(count), Dice(7));
    let supply = town::supply(&engineers, &mut dice);
    let mut roster = Roster::build(engineers.clone(), NOW, &Policy::default());
    for engineer in &engineers {
        roster.loaded(engineer.id, town::load(&mut dice));
    }
    let visits = (0..1_000).map(|_| town::visit(skills, &mut dice)).collect();
    Town { roster, supply, visits }
}

/// Asks about one visit after the other.
fn each_visit(bencher: Bencher, town: &Town, ask: impl Fn(&Query) + Sync) {
    let (policy, mut next) = (Policy::default(), (0..town.visits.len()).cycle());
    bencher
        .with_inputs(|| next.next().unwrap_or(0))
        .bench_local_values(|visit| ask(&Query::new(&town.visits[visit], NOW, &policy)));
}

/// What creating a ticket costs: shortlist, then rank with fresh loads and stock.
#[divan::bench(args = [200, 500, 5_000], consts = [0, 1, 2], sample_count = 1_000)]
fn recommend<const SKILLS: u64>(bencher: Bencher, count: u64) {
    let town = town(count, SKILLS);
    let travel = StraightLine::default();
    each_visit(bencher, &town, |query| {
        let shortlist = shortlist(&town.roster, query);
        let loads = shortlist.loads();
        black_box(rank(shortlist, query, &Fresh::new(&loads, &town.supply, &travel)));
    });
}

/// The part of it that needs no transaction.
#[divan::bench(args = [200, 500, 5_000], consts = [0, 1], sample_count = 1_000)]
fn shortlist_alone<const SKILLS: u64>(bencher: Bencher, count: u64) {
    let town = town(count, SKILLS);
    each_visit(bencher, &town, |query| drop(black_box(shortlist(&town.roster, query))));
}

/// Every excluded engineer in full.
#[divan::bench(args = [200, 500], sample_count = 1_000)]
fn explain_everybody(bencher: Bencher, count: u64) {
    let town = town(count, 1);
    each_visit(bencher, &town, |query| drop(black_box(explain_all(&town.roster, query))));
}

/// The index alone: the ten nearest eligible of 100,000.
#[divan::bench(consts = [0, 1, 2], sample_count = 1_000)]
fn ten_nearest_of_100_000<const SKILLS: u64>(bencher: Bencher) {
    let town = town(100_000, SKILLS);
    each_visit(bencher, &town, |query| drop(black_box(town.roster.nearest(query, 10))));
}

/// A position from each of 10,000 among 100,000, about a hundred metres on.
#[divan::bench(sample_count = 20)]
fn ten_thousand_moves_among_100_000(bencher: Bencher) {
    let engineers = town::engineers(100_000);
    let (mut roster, mut dice) = (Roster::build(engineers.clone(), NOW, &Policy::default()), Dice(3));
    let mut at = NOW;
    bencher.bench_local(|| {
        at += MINUTE;
        for engineer in engineers.iter().skip(dice.below(10) as usize).step_by(10) {
            let mut point = roster.position(engineer.id).map_or(engineer.home, |position| position.point);
            point.latitude += 0.001 * (dice.unit() - 0.5);
            point.longitude += 0.001 * (dice.unit() - 0.5);
            roster.moved(engineer.id, Position { point, at });
        }
    });
}
