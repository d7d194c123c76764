//! What the rules ask about one engineer, in one line of the processor's cache. His profile is spread over the
//! heap, and a question touches it for each of those who are near; the gate answers for most of them without it,
//! and a [`Wallet`] for most of the others. They say exactly what
//! [`first_broken`](crate::rules::first_broken) would, or that they do not know.

use super::roll::Line;
use super::spell::Spell;
use super::wallet::{Wallet, ceil_s, floor_s, instant};
use crate::problem::{Load, MS_PER_MINUTE, Millis};
use crate::profile::Profile;
use crate::query::Query;
use crate::rules::Rule;
use crate::travel::chord2_to_m;
use uuid::Uuid;

#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Gate {
    pub id: Uuid,
    /// The first stretch in which he works that was not over when this was written.
    duty: Spell,
    /// All his certificates hold from the one second to the other, and are of this level or above.
    certified_from_s: i32,
    certified_until_s: i32,
    /// To be done before the visit; nothing if his route is known, in which it may come first.
    work_minutes: u32,
    load_minutes: u32,
    max_load_minutes: u32,
    level: u8,
    must_end: bool,
    has_absences: bool,
}

/// A question, with its skills as numbers.
pub(super) struct Asked<'a> {
    pub query: &'a Query<'a>,
    /// What to look for in the tree.
    pub marks: Vec<u32>,
    /// The required skills and their levels.
    pub wanted: Vec<(u32, u8)>,
    /// The highest of these levels.
    pub level: u8,
    /// Up to this squared chord nobody is too far, and no journey takes longer than `ms_per_chord` says.
    pub sure_chord2: f64,
    pub ms_per_chord: f64,
    /// The question is not older than the gates: what was over for them is over for it.
    pub is_current: bool,
}

/// What is said of somebody who is active and holds certificates for all required skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Known(Option<Rule>),
    AskTheRules,
}

/// What is known of him already. How far away he is, as a squared chord: at most, which is cheap to say, and exactly.
#[derive(Clone, Copy)]
pub(super) struct Away<F> {
    pub most: f64,
    pub exact: F,
    /// His certificates hold whenever the visit may begin, surely.
    pub is_certified: bool,
}

impl<F: Fn() -> f64> Away<F> {
    /// Exactly, in metres, and how long the journey takes.
    fn measured(&self, query: &Query) -> (f64, i64) {
        let distance_m = chord2_to_m((self.exact)());
        (distance_m, 1_000 * i64::from(query.policy.straight_line.seconds_for(distance_m)))
    }
}

impl Asked<'_> {
    /// No journey from so near takes longer; a second more than is measured, for what is rounded.
    fn longest_ms(&self, chord2: f64) -> i64 {
        (chord2.sqrt() * self.ms_per_chord) as i64 + 1_000
    }
}

impl Gate {
    pub fn new(profile: &Profile, load: Load, is_routed: bool, now: Millis) -> Self {
        let certificates = &profile.engineer.certificates;
        let until = certificates.iter().map(|c| c.valid_until.unwrap_or(Millis::MAX)).min();
        let (duty, must_end) = Spell::first(profile.duty.present(), now);
        Self {
            id: profile.engineer.id,
            duty,
            must_end,
            certified_from_s: ceil_s(certificates.iter().map(|c| c.valid_from).max().unwrap_or(Millis::MIN)),
            certified_until_s: floor_s(until.unwrap_or(Millis::MAX)),
            level: certificates.iter().map(|c| c.level).min().unwrap_or(u8::MAX),
            work_minutes: if is_routed { 0 } else { load.minutes },
            load_minutes: load.minutes,
            max_load_minutes: profile.engineer.max_load_minutes,
            has_absences: profile.duty.is_ever_absent(),
        }
    }

    pub fn loaded(&mut self, load: Load, is_routed: bool) {
        self.work_minutes = if is_routed { 0 } else { load.minutes };
        self.load_minutes = load.minutes;
    }

    /// What the roll keeps of it.
    pub fn line(&self) -> Line {
        Line {
            starts_at: self.duty.starts_at,
            ends_at: self.duty.ends_at,
            must_end: self.must_end,
            work_minutes: self.work_minutes,
            load_minutes: self.load_minutes,
            max_load_minutes: self.max_load_minutes,
        }
    }

    /// Must it be written anew, since the stretch that it knows is over?
    pub fn is_over(&self, now: Millis) -> bool {
        self.duty.ends_at <= now && self.duty.ends_at != Millis::MIN
    }

    /// Is he on duty when the visit may begin? `None` if the profile has to be asked.
    pub fn is_on_duty(&self, asked: &Asked) -> Option<bool> {
        let at = asked.query.begins_at();
        (asked.is_current && at < self.duty.ends_at).then_some(self.duty.starts_at <= at)
    }

    /// The first rule that he breaks, in the order of [`Rule::ORDER`]. His wallet is only opened if needed.
    pub fn verdict<'a>(
        &self,
        asked: &Asked,
        away: Away<impl Fn() -> f64>,
        wallet: impl Fn() -> &'a Wallet,
    ) -> Verdict {
        let query = asked.query;
        if query.visit.excluded_engineers.contains(&self.id) {
            return Verdict::Known(Some(Rule::ExcludedByCustomer));
        }
        if !asked.is_current {
            return Verdict::AskTheRules;
        }
        if self.is_sure(asked, &away, &wallet) {
            return Verdict::Known(self.is_overloaded(asked).then_some(Rule::Workload));
        }
        // Who could not begin in time from next door could not from anywhere.
        let start = match self.duty.start(query, self.must_end, self.work_ms(), 0) {
            Some(None) => Some(None),
            _ => self.duty.start(query, self.must_end, self.work_ms(), away.measured(query).1),
        };
        let Some(start) = start else { return Verdict::AskTheRules };
        let begins_at = start.unwrap_or(query.begins_at());
        if !away.is_certified && !self.is_certified(asked, begins_at, begins_at) {
            match wallet().broken(asked, begins_at, begins_at) {
                Verdict::Known(None) => {}
                verdict => return verdict,
            }
        }
        if start.is_none() {
            match self.why_never(asked, &away, wallet) {
                Verdict::Known(None) => {}
                verdict => return verdict,
            }
        }
        Verdict::Known(if away.measured(query).0 > query.policy.max_distance_m {
            Some(Rule::TooFar)
        } else {
            self.is_overloaded(asked).then_some(Rule::Workload)
        })
    }

    fn work_ms(&self) -> i64 {
        i64::from(self.work_minutes) * MS_PER_MINUTE
    }

    fn is_overloaded(&self, asked: &Asked) -> bool {
        self.load_minutes.saturating_add(asked.query.visit.expected_minutes) > self.max_load_minutes
    }

    /// Would he be in time and certified if he came from a little farther? Then how far it is exactly, which takes
    /// longer to work out than all else, does not matter.
    fn is_sure<'a, F>(&self, asked: &Asked, away: &Away<F>, wallet: impl Fn() -> &'a Wallet) -> bool {
        let (query, work_ms) = (asked.query, self.work_ms());
        if away.most > asked.sure_chord2 {
            return false;
        }
        let latest = self.duty.start(query, self.must_end, work_ms, asked.longest_ms(away.most));
        latest.flatten().is_some_and(|latest| {
            away.is_certified
                || self.is_certified(asked, query.begins_at(), latest)
                || wallet().covers(asked, query.begins_at(), latest)
        })
    }

    /// Do all his certificates hold for a visit that begins between the two?
    fn is_certified(&self, asked: &Asked, first: Millis, latest: Millis) -> bool {
        asked.wanted.is_empty()
            || (self.level >= asked.level
                && instant(self.certified_from_s) <= first
                && latest.saturating_add(asked.query.visit_ms()) <= instant(self.certified_until_s))
    }

    /// The rule about shifts, absences and the window that he breaks who cannot begin in time.
    fn why_never<'a>(
        &self,
        asked: &Asked,
        away: &Away<impl Fn() -> f64>,
        wallet: impl Fn() -> &'a Wallet,
    ) -> Verdict {
        let query = asked.query;
        let Some(is_present) = self.duty.touches_window(query) else { return Verdict::AskTheRules };
        let (mut could_begin, mut is_rostered) = (false, is_present);
        if self.has_absences {
            let rostered = wallet().rostered();
            let start = |travel_ms| rostered.start(query, false, self.work_ms(), travel_ms);
            let in_time = match away.most <= asked.sure_chord2 {
                true => start(asked.longest_ms(away.most)).filter(Option::is_some),
                false => None,
            };
            let in_time = in_time.or_else(|| start(away.measured(query).1));
            let (Some(in_time), Some(touches)) = (in_time, rostered.touches_window(query)) else {
                return Verdict::AskTheRules;
            };
            (could_begin, is_rostered) = (in_time.is_some(), touches);
        }
        Verdict::Known(if !could_begin && !is_rostered {
            Some(Rule::OffShift)
        } else if self.has_absences && (could_begin || !is_present) {
            Some(Rule::Absent)
        } else {
            query.visit.latest_at.map(|_| Rule::WindowMissed)
        })
    }
}
