//! The stream of breakdowns: recorded outages moved to today. A day overlays several recorded days of the same
//! weekday, each break at its recorded time of day, on a lift or an escalator of Midtown. The pairing of units with
//! devices is ours: the records are Washington's, the lifts New York's.

use std::collections::{BTreeMap, HashMap};

use db::Timestamp;
use jiff::civil::{Date, Weekday};
use rand::seq::IndexedRandom;

use super::chance::{dice, place};
use super::data::{Data, Outage};
use super::faults::{Family, Symptom};
use super::new_york::NewYork;

/// Recorded days of escalators that make one day of the demo.
const ESCALATOR_DAYS: usize = 2;
/// Fewest and most recorded days of lifts; they are overlaid until a day has [`ENOUGH`] breakdowns. Washington has two
/// escalators for each lift, Midtown fourteen lifts for each escalator.
const LIFT_DAYS: std::ops::RangeInclusive<usize> = 6..=20;
/// About so many breakdowns a day keep the engineers busy and leave them a chance.
const ENOUGH: usize = 225;
/// Days with fewer breaks of escalators are gaps of the record.
const LEAST_BREAKS: usize = 30;
/// A device that broke less than so long ago has a ticket already; nobody calls twice.
const QUIET_MINUTES: i64 = 4 * 60;
/// The part of a recorded outage in which somebody worked; before it people waited for him.
const HANDS_ON_PERCENT: i64 = 55;
/// Shortest and longest work on site in minutes.
const WORK: std::ops::RangeInclusive<i64> = 20..=150;

/// Something broke, and somebody called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// Names it for good: day and number.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// Which device, by its place in [`Data::lifts`].
    pub lift: usize,
    /// Which record, by its place in [`Data::outages`].
    pub outage: usize,
}

/// How long somebody worked of an outage that was recorded; without an end, as long as the symptom lets expect.
pub fn hands_on(recorded_minutes: Option<i64>, symptom: Symptom) -> i64 {
    let usual = if symptom == Symptom::Major { 240 } else { 110 };
    let worked = recorded_minutes.unwrap_or(usual) * HANDS_ON_PERCENT / 100;
    worked.clamp(*WORK.start(), *WORK.end())
}

/// Everything that breaks, day by day.
#[derive(Debug)]
pub struct Stream {
    clocks: NewYork,
    /// Recorded days by weekday, gaps left out.
    alike: HashMap<Weekday, Vec<Date>>,
    escalators: Vec<usize>,
    lifts: Vec<usize>,
    expected: BTreeMap<(bool, Symptom), i64>,
}

impl Stream {
    /// Sorts the records.
    pub fn new(data: &Data) -> Self {
        let mut alike: HashMap<Weekday, Vec<Date>> = HashMap::new();
        for (date, day) in &data.days {
            if day.escalators.len() >= LEAST_BREAKS {
                alike.entry(date.weekday()).or_default().push(*date);
            }
        }
        let escalator = |index: &usize| data.lifts[*index].family == Family::Escalator;
        let (escalators, lifts) = (0..data.lifts.len()).partition(escalator);
        Self { clocks: NewYork::default(), alike, escalators, lifts, expected: expected(data) }
    }

    /// Minutes of work that the office expects: the median of what was recorded for this symptom.
    pub fn expected_minutes(&self, escalator: bool, symptom: Symptom) -> i64 {
        self.expected.get(&(escalator, symptom)).copied().unwrap_or(60)
    }

    /// What breaks between two instants, in order.
    pub fn between(&self, data: &Data, from: Timestamp, to: Timestamp) -> Vec<Breakdown> {
        let last = self.clocks.local(to).date();
        let mut date = self.clocks.local(from).date();
        let mut found = Vec::new();
        while date <= last {
            found.extend(self.day(data, date).into_iter().filter(|b| b.at >= from && b.at < to));
            match date.tomorrow() {
                Ok(next) => date = next,
                Err(_) => break,
            }
        }
        found
    }

    /// What breaks on a day, in order.
    pub fn day(&self, data: &Data, date: Date) -> Vec<Breakdown> {
        let Some(alike) = self.alike.get(&date.weekday()) else { return Vec::new() };
        let mut rng = dice(&["stream", &date.to_string()]);
        let chosen: Vec<&Date> = alike.sample(&mut rng, ESCALATOR_DAYS + LIFT_DAYS.end()).collect();
        let mut calls = Vec::new();
        for (layer, recorded) in chosen.into_iter().enumerate() {
            if calls.len() >= ENOUGH && layer >= ESCALATOR_DAYS + LIFT_DAYS.start() {
                break;
            }
            let Some(day) = data.days.get(recorded) else { continue };
            let records = if layer < ESCALATOR_DAYS { &day.escalators } else { &day.lifts };
            for index in records {
                let outage = &data.outages[*index];
                calls.push((self.clocks.at(date, outage.time), self.device(outage, layer), *index));
            }
        }
        calls.sort_unstable();
        let calls = without_repeats(calls);
        let number = |(n, (at, lift, outage)): (usize, Call)| Breakdown {
            reference: format!("{}-{:03}", date.strftime("%Y%m%d"), n + 1),
            at,
            lift,
            outage,
        };
        calls.into_iter().enumerate().map(number).collect()
    }

    /// The device that stands for a unit: always the same one, so that a unit which broke often is a device that
    /// breaks often. Another one in each layer, so that more lifts than Washington's take part.
    fn device(&self, outage: &Outage, layer: usize) -> usize {
        let devices = if outage.escalator { &self.escalators } else { &self.lifts };
        let at = place(&["device", outage.unit, &layer.to_string()], devices.len());
        devices.get(at).copied().unwrap_or(0)
    }
}

type Call = (Timestamp, usize, usize);

fn without_repeats(calls: Vec<Call>) -> Vec<Call> {
    let mut last: HashMap<usize, Timestamp> = HashMap::new();
    let mut kept = Vec::with_capacity(calls.len());
    for call in calls {
        let (at, lift, _) = call;
        if last.get(&lift).is_none_or(|before| at >= before.plus_minutes(QUIET_MINUTES)) {
            last.insert(lift, at);
            kept.push(call);
        }
    }
    kept
}

fn expected(data: &Data) -> BTreeMap<(bool, Symptom), i64> {
    let mut worked: BTreeMap<(bool, Symptom), Vec<i64>> = BTreeMap::new();
    for outage in &data.outages {
        let minutes = hands_on(outage.minutes, outage.symptom);
        worked.entry((outage.escalator, outage.symptom)).or_default().push(minutes);
    }
    let median = |minutes: &mut Vec<i64>| {
        minutes.sort_unstable();
        minutes.get(minutes.len() / 2).copied().unwrap_or(60)
    };
    worked.iter_mut().map(|(key, minutes)| (*key, median(minutes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn both() -> (Data, Stream) {
        let data = Data::read().unwrap();
        let stream = Stream::new(&data);
        (data, stream)
    }

    fn days() -> impl Iterator<Item = Date> {
        date(2026, 11, 22).series(jiff::ToSpan::days(1)).take(28)
    }

    #[test]
    fn the_same_day_brings_the_same_breakdowns_on_every_machine() {
        let (data, stream) = both();
        let again = Stream::new(&Data::read().unwrap());
        let first = stream.day(&data, date(2026, 11, 22));
        assert_eq!(first, again.day(&data, date(2026, 11, 22)));
        assert_ne!(first, stream.day(&data, date(2026, 11, 29)));
    }

    #[test]
    fn a_day_has_enough_breakdowns_to_look_alive_and_few_enough_to_be_repaired() {
        let (data, stream) = both();
        let counts: Vec<usize> = days().map(|day| stream.day(&data, day).len()).collect();
        let mean = counts.iter().sum::<usize>() / counts.len();
        assert!((200..=240).contains(&mean), "{mean}: {counts:?}");
        assert!(counts.iter().all(|n| (190..=280).contains(n)), "{counts:?}");
    }

    #[test]
    fn breaks_of_escalators_are_on_escalators_and_of_lifts_on_lifts() {
        let (data, stream) = both();
        let day = stream.day(&data, date(2026, 11, 23));
        for breakdown in &day {
            let escalator = data.lifts[breakdown.lift].family == Family::Escalator;
            assert_eq!(escalator, data.outages[breakdown.outage].escalator);
        }
        let lifts = day.iter().filter(|b| !data.outages[b.outage].escalator).count();
        assert!(lifts * 5 > day.len(), "{lifts} of {}", day.len());
    }

    #[test]
    fn breakdowns_come_in_order_at_their_recorded_time_of_day_and_have_names_of_their_own() {
        let (data, stream) = both();
        let day = stream.day(&data, date(2026, 11, 24));
        assert!(day.is_sorted_by_key(|b| b.at));
        assert_eq!(day[0].reference, "20261124-001");
        let clocks = NewYork::default();
        for breakdown in &day {
            let shown = clocks.local(breakdown.at);
            assert_eq!(shown.date(), date(2026, 11, 24));
            assert_eq!(shown.time(), data.outages[breakdown.outage].time);
        }
    }

    #[test]
    fn nobody_calls_about_a_device_that_has_a_ticket_of_the_last_hours() {
        let call = |minute: i64, lift: usize| (Timestamp::from_millis(0).plus_minutes(minute), lift, 0);
        let kept = without_repeats(vec![call(0, 1), call(10, 2), call(200, 1), call(240, 1)]);
        assert_eq!(kept, [call(0, 1), call(10, 2), call(240, 1)]);
    }

    #[test]
    fn two_halves_of_a_stretch_are_the_whole_of_it() {
        let (data, stream) = both();
        let clocks = NewYork::default();
        let (from, to) = (clocks.hour(date(2026, 11, 22), 7, 0), clocks.hour(date(2026, 11, 24), 3, 0));
        let middle = clocks.hour(date(2026, 11, 22), 16, 30);
        let mut halves = stream.between(&data, from, middle);
        halves.extend(stream.between(&data, middle, to));
        assert_eq!(halves, stream.between(&data, from, to));
        assert!(halves.iter().all(|b| b.at >= from && b.at < to));
    }

    #[test]
    fn work_takes_between_twenty_minutes_and_two_and_a_half_hours() {
        assert_eq!(hands_on(Some(1), Symptom::Other), 20);
        assert_eq!(hands_on(Some(100), Symptom::Callback), 55);
        assert_eq!(hands_on(Some(100_000), Symptom::Major), 150);
        assert_eq!(hands_on(None, Symptom::Callback), 60);
    }

    #[test]
    fn the_office_expects_the_median_of_what_was_recorded() {
        let (_, stream) = both();
        let callback = stream.expected_minutes(true, Symptom::Callback);
        assert!((45..=75).contains(&callback), "{callback}");
        assert_eq!(stream.expected_minutes(true, Symptom::Major), 150);
    }
}
