//! Random calendars and tickets, and the function compared with the oracle on them. A few thousand cases run with
//! the tests; `cargo run --release -p sla --example oracle` runs 100,000.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::date;
use jiff::tz::TimeZone;
use sla::calendar::spec::{DayKind, SpecialDay, Week, WeekdayName, Years};
use sla::calendar::{CalendarSpec, Shift};
use sla::policy::PauseRule;
use sla::{Calendar, Event, Kind, Outcome, Policy, Target, TargetKind, Unit, count};

use super::oracle::{MARGIN_DAYS, Said, World};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
const WORLD_DAYS: i64 = 45;
/// Clocks that are set by an hour, half an hour, two hours, at midnight, by a whole day, and not at all.
const ZONES: [&str; 14] = [
    "America/New_York",
    "Europe/London",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Tehran",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Asia/Shanghai",
];

/// Chance from a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most.max(1).unsigned_abs()).cast_signed()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as i64)).expect("an index")]
    }

    fn in_ten(&mut self, times: i64) -> bool {
        self.below(10) < times
    }
}

/// How often the two agreed on what.
#[derive(Debug, Default)]
pub struct Tally {
    pub due: u32,
    pub paused: u32,
    pub unknown: u32,
    pub given_up: u32,
}

/// Compares so many cases in each of so many worlds.
///
/// # Panics
/// They differ.
pub fn compare(seed: u64, worlds: u64, cases: u64) -> Tally {
    let mut tally = Tally::default();
    for world in 0..worlds {
        let mut dice = Dice(seed.wrapping_mul(1_000_003).wrapping_add(world));
        let (spec, from) = calendar(&mut dice);
        let Ok(compiled) = Calendar::compile(&spec) else { continue };
        let laid_out = World::lay_out(&spec, from, WORLD_DAYS);
        for case in 0..cases {
            let (policy, events) = (policy(&mut dice), ticket(&mut dice, from));
            let clock = count(&policy, &compiled, &events).expect("events that make sense");
            for (kind, answer) in
                [(TargetKind::Response, clock.response), (TargetKind::Resolution, clock.resolution)]
            {
                let Some(answer) = answer else { continue };
                let said = match laid_out.say(&policy, kind, answer.target, &events) {
                    Said::GivenUp => {
                        tally.given_up += 1;
                        continue;
                    }
                    said => said,
                };
                let quick = match answer.outcome {
                    Outcome::Due { at } => Said::Due(at),
                    Outcome::Paused { left, .. } => Said::PausedWithLeft(left),
                    Outcome::UnknownYear { year } => Said::UnknownYear(year),
                };
                let place = format!("seed {seed}, world {world}, case {case}");
                assert_eq!(quick, said, "{place}: {kind:?} of {policy:?} on {spec:?} with {events:?}");
                match said {
                    Said::Due(_) => tally.due += 1,
                    Said::PausedWithLeft(_) => tally.paused += 1,
                    Said::UnknownYear(_) | Said::GivenUp => tally.unknown += 1,
                }
            }
        }
    }
    tally
}

/// A calendar, and where some weeks begin that are worth looking at.
fn calendar(dice: &mut Dice) -> (CalendarSpec, i64) {
    let name = dice.one(&ZONES);
    let zone = TimeZone::get(name).expect("a zone");
    let year = i16::try_from(2008 + dice.below(20)).expect("a year");
    let middle = match dice.below(7) {
        // When clocks are set; a leap day, or the end of another February; New Year; the day that Samoa skipped.
        0 | 1 => {
            let summer = date(year, 1, 1).to_zoned(zone.clone()).expect("a date").timestamp();
            let mut changes = zone.following(summer);
            let change = if dice.in_ten(5) { changes.next() } else { changes.nth(1) };
            change.map_or(summer, |change| change.timestamp())
        }
        2 => date(year, 2, 28).to_zoned(zone.clone()).expect("a date").timestamp(),
        3 => date(year, 12, 31).to_zoned(zone.clone()).expect("a date").timestamp(),
        4 => date(2011, 12, 30).to_zoned(TimeZone::UTC).expect("a date").timestamp(),
        _ => Timestamp::from_millisecond(1_200_000_000_000 + dice.below(7_000) * DAY).expect("an instant"),
    };
    let from = middle.as_millisecond() - (MARGIN_DAYS + 1 + dice.below(12)) * DAY;
    let from = from.div_euclid(MINUTE) * MINUTE;
    let year = zone.to_datetime(middle).year();
    let years = match dice.below(4) {
        0 => vec![year],
        1 => vec![year, year + 2],
        2 => vec![year + 1, year],
        _ => vec![year - 1, year, year + 1],
    };
    let week = Week {
        monday: shifts(dice, 9),
        tuesday: shifts(dice, 9),
        wednesday: shifts(dice, 7),
        thursday: shifts(dice, 9),
        friday: shifts(dice, 7),
        saturday: shifts(dice, 3),
        sunday: shifts(dice, 2),
    };
    let workdays_like = (!week.monday.is_empty()).then_some(WeekdayName::Monday);
    let mut days: Vec<SpecialDay> = Vec::new();
    for _ in 0..dice.below(8) {
        let at =
            Timestamp::from_millisecond(from).expect("an instant") + (24 * dice.below(WORLD_DAYS)).hours();
        let date = zone.to_datetime(at).date();
        if !years.contains(&date.year()) || days.iter().any(|day| day.date == date) {
            continue;
        }
        let own = if dice.in_ten(4) { shifts(dice, 10) } else { Vec::new() };
        let works = !own.is_empty() || (workdays_like.is_some() && dice.in_ten(4));
        let kind = if works { DayKind::Workday } else { DayKind::Holiday };
        days.push(SpecialDay { date, kind, name: None, shifts: own });
    }
    let spec = CalendarSpec {
        name: "Random".to_owned(),
        time_zone: name.to_owned(),
        years: Years::Known(years),
        week,
        workdays_like,
        days,
        source: None,
    };
    (spec, from)
}

/// None, or up to three in a day, the last perhaps over midnight.
fn shifts(dice: &mut Dice, in_ten: i64) -> Vec<Shift> {
    let (mut shifts, mut from) = (Vec::new(), dice.below(10) * 60 + dice.one(&[0, 0, 15, 30, 47]));
    if !dice.in_ten(in_ten) {
        return shifts;
    }
    for _ in 0..=dice.below(3) {
        let to = from + 1 + dice.one(&[1, 29, 119, 239, 479, 700]);
        if from >= 1_440 || to >= from + 1_440 {
            break;
        }
        let text = |minute: i64| format!("{:02}:{:02}", minute % 1_440 / 60, minute % 60);
        let to_text = if to == 1_440 { "24:00".to_owned() } else { text(to) };
        shifts.push(Shift::try_from(format!("{}-{to_text}", text(from))).expect("a shift"));
        from = to + dice.one(&[0, 1, 30, 60, 240]);
    }
    shifts
}

fn target(dice: &mut Dice) -> Option<Target> {
    let (unit, most) = dice.one(&[
        (Unit::Minutes, 9_000),
        (Unit::Hours, 200),
        (Unit::BusinessMinutes, 3_000),
        (Unit::BusinessHours, 60),
        (Unit::BusinessDays, 8),
    ]);
    let amount = u32::try_from(1 + dice.below(most)).expect("an amount");
    dice.in_ten(9).then_some(Target { amount, unit })
}

fn policy(dice: &mut Dice) -> Policy {
    let mut pauses = Vec::new();
    if dice.in_ten(8) {
        let reasons = if dice.in_ten(5) { vec!["part".to_owned()] } else { Vec::new() };
        let targets = match dice.below(3) {
            0 => vec![TargetKind::Response],
            1 => vec![TargetKind::Resolution],
            _ => vec![TargetKind::Response, TargetKind::Resolution],
        };
        pauses.push(PauseRule { state: "waiting".to_owned(), reasons, targets });
    }
    Policy { response: target(dice), resolution: target(dice), pauses, internal: Vec::new() }
}

/// Events that make sense one after the other, at whole minutes, some of them at the same.
fn ticket(dice: &mut Dice, from: i64) -> Vec<Event> {
    let mut at = from + (MARGIN_DAYS * 1_440 + dice.below(14 * 1_440)) * MINUTE;
    let mut events = vec![Event::new(at, Kind::Opened)];
    let (mut paused, mut resolved, mut responded) = (false, false, false);
    for _ in 0..dice.below(9) {
        at += dice.one(&[0, 1, 13, 60, 240, 1_000, 2_880]) * dice.below(3) * MINUTE;
        let kind = match dice.below(10) {
            0 | 1 => Kind::state("waiting", dice.one(&["part", "customer", ""]), None),
            2 | 3 => Kind::state("working", "", None),
            4 | 5 if paused => Kind::Resumed,
            4 => Kind::paused("lunch", None),
            6 if !responded => Kind::Responded,
            7 if resolved => Kind::Reopened,
            7 if dice.in_ten(4) => Kind::Resolved,
            8 => Kind::Priority("2".to_owned()),
            9 => Kind::Site("Annexe".to_owned()),
            _ => continue,
        };
        match &kind {
            Kind::Paused(_) => paused = true,
            Kind::Resumed => paused = false,
            Kind::Responded => responded = true,
            Kind::Resolved => resolved = true,
            Kind::Reopened => resolved = false,
            _ => {}
        }
        events.push(Event::new(at, kind));
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_agrees_with_the_oracle_on_random_cases() {
        let tally = compare(1, 16, 60);
        assert!(tally.due > 600 && tally.paused > 50 && tally.unknown > 20, "{tally:?}");
    }
}
