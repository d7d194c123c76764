//! What the rules ask about one engineer, in one line of the processor's cache. His profile is spread over the
//! heap, and a question touches it for each of those who are near; the gate answers for most of them without it,
//! and a [`Wallet`] of his certificates for most of the others. They say exactly what
//! [`first_broken`](crate::rules::first_broken) would, or that they do not know.

use crate::calendar::current_or_next;
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
    /// The first stretch in which he works that was not over when this was written; none is empty and over.
    starts_at: Millis,
    ends_at: Millis,
    /// All his certificates hold from the one instant to the other, and are of this level or above.
    certified_from: Millis,
    certified_until: Millis,
    /// To be done before the visit; nothing if his route is known, in which it may come first.
    work_minutes: u32,
    load_minutes: u32,
    max_load_minutes: u32,
    level: u8,
    must_end: bool,
}

/// Certificates beyond these are looked up in the profile.
const HELD: usize = 6;

/// His certificates without their names.
#[derive(Clone, Debug)]
pub(super) struct Wallet {
    /// How many of `held` are his; `None` if he holds more.
    count: Option<u8>,
    held: [Held; HELD],
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    from: Millis,
    until: Millis,
    mark: u32,
    level: u8,
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
    /// Up to this squared chord nobody is too far, and no journey takes longer than `longest_ms`.
    pub sure_chord2: f64,
    pub longest_ms: i64,
    /// The question is not older than the gates: what was over for them is over for it.
    pub is_current: bool,
}

/// What is said of somebody who is active and holds certificates for all required skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Known(Option<Rule>),
    AskTheRules,
}

impl Gate {
    pub fn new(profile: &Profile, load: Load, is_routed: bool, now: Millis) -> Self {
        let certificates = &profile.engineer.certificates;
        let stretch = current_or_next(profile.duty.present(), now);
        let until = certificates.iter().map(|c| c.valid_until.unwrap_or(Millis::MAX)).min();
        Self {
            id: profile.engineer.id,
            starts_at: stretch.map_or(Millis::MIN, |stretch| stretch.starts_at),
            ends_at: stretch.map_or(Millis::MIN, |stretch| stretch.ends_at),
            must_end: stretch.is_some_and(|stretch| stretch.must_end),
            certified_from: certificates.iter().map(|c| c.valid_from).max().unwrap_or(Millis::MIN),
            certified_until: until.unwrap_or(Millis::MAX),
            level: certificates.iter().map(|c| c.level).min().unwrap_or(u8::MAX),
            work_minutes: if is_routed { 0 } else { load.minutes },
            load_minutes: load.minutes,
            max_load_minutes: profile.engineer.max_load_minutes,
        }
    }

    pub fn loaded(&mut self, load: Load, is_routed: bool) {
        self.work_minutes = if is_routed { 0 } else { load.minutes };
        self.load_minutes = load.minutes;
    }

    /// Must it be written anew, since the stretch that it knows is over?
    pub fn is_over(&self, now: Millis) -> bool {
        self.ends_at <= now && self.ends_at != Millis::MIN
    }

    /// Is he on duty when the visit may begin? `None` if the profile has to be asked.
    pub fn is_on_duty(&self, asked: &Asked) -> Option<bool> {
        let at = asked.query.begins_at();
        (asked.is_current && at < self.ends_at).then_some(self.starts_at <= at)
    }

    /// The first rule that he breaks, in the order of [`Rule::ORDER`]. His wallet is only opened if needed.
    pub fn verdict<'a>(&self, asked: &Asked, chord2: f64, wallet: impl FnOnce() -> &'a Wallet) -> Verdict {
        let query = asked.query;
        if query.visit.excluded_engineers.contains(&self.id) {
            return Verdict::Known(Some(Rule::ExcludedByCustomer));
        }
        if self.is_sure(asked, chord2) {
            return Verdict::Known(self.is_overloaded(asked).then_some(Rule::Workload));
        }
        let distance_m = chord2_to_m(chord2);
        let travel_ms = 1_000 * i64::from(query.policy.straight_line.seconds_for(distance_m));
        let start_at = self.start_at(asked, travel_ms);
        let is_certified = |start_at: Millis| {
            self.certified_from <= start_at
                && start_at.saturating_add(query.visit_ms()) <= self.certified_until
        };
        if self.level < asked.level || !start_at.is_some_and(is_certified) {
            match wallet().broken(asked, start_at) {
                Verdict::Known(None) => {}
                verdict => return verdict,
            }
        }
        Verdict::Known(if distance_m > query.policy.max_distance_m {
            Some(Rule::TooFar)
        } else {
            self.is_overloaded(asked).then_some(Rule::Workload)
        })
    }

    fn is_overloaded(&self, asked: &Asked) -> bool {
        self.load_minutes.saturating_add(asked.query.visit.expected_minutes) > self.max_load_minutes
    }

    /// Would he be in time and certified from whatever distance he may come? Then how far it is, which takes
    /// longer to work out than all else, does not matter.
    fn is_sure(&self, asked: &Asked, chord2: f64) -> bool {
        let in_time = |travel_ms| self.start_at(asked, travel_ms);
        chord2 <= asked.sure_chord2
            && self.level >= asked.level
            && in_time(asked.longest_ms).is_some_and(|latest| {
                let over_at = latest.saturating_add(asked.query.visit_ms());
                over_at <= self.certified_until
                    && in_time(0).is_some_and(|first| self.certified_from <= first)
            })
    }

    /// When he could begin, if that is in the stretch known here and in time.
    fn start_at(&self, asked: &Asked, travel_ms: i64) -> Option<Millis> {
        let query = asked.query;
        if !asked.is_current || self.ends_at <= query.now {
            return None;
        }
        let work_ms = i64::from(self.work_minutes) * MS_PER_MINUTE;
        let free_at = self.starts_at.max(query.now).saturating_add(work_ms);
        let start_at = free_at.saturating_add(travel_ms).max(query.begins_at());
        let in_time = free_at < self.ends_at && start_at < self.ends_at && start_at <= query.ends_at();
        let over_at = start_at.saturating_add(query.visit_ms());
        (in_time && (!self.must_end || over_at <= self.ends_at)).then_some(start_at)
    }
}

impl Wallet {
    /// `mark` numbers the skills.
    pub fn new(profile: &Profile, mark: impl Fn(&str) -> u32) -> Self {
        let certificates = &profile.engineer.certificates;
        let mut held = [Held::default(); HELD];
        for (held, certificate) in held.iter_mut().zip(certificates) {
            *held = Held {
                from: certificate.valid_from,
                until: certificate.valid_until.unwrap_or(Millis::MAX),
                mark: mark(&certificate.skill),
                level: certificate.level,
            };
        }
        let count = u8::try_from(certificates.len()).ok().filter(|count| usize::from(*count) <= HELD);
        Self { count, held }
    }

    /// The rule about levels or dates that he breaks if he begins then.
    fn broken(&self, asked: &Asked, start_at: Option<Millis>) -> Verdict {
        let Some(count) = self.count else { return Verdict::AskTheRules };
        let held = &self.held[..usize::from(count)];
        let of_level =
            |(mark, level): (u32, u8)| held.iter().filter(move |h| h.mark == mark && h.level >= level);
        if asked.wanted.iter().any(|wanted| of_level(*wanted).next().is_none()) {
            return Verdict::Known(Some(Rule::CertificateLevel));
        }
        let Some(starts_at) = start_at else { return Verdict::AskTheRules };
        let ends_at = starts_at.saturating_add(asked.query.visit_ms());
        let mut broken = None;
        for wanted in &asked.wanted {
            let (mut has_begun, mut holds) = (false, false);
            for certificate in of_level(*wanted) {
                has_begun |= certificate.from <= starts_at;
                holds |= certificate.from <= starts_at && ends_at <= certificate.until;
            }
            match (holds, has_begun) {
                (true, _) => {}
                (false, true) => return Verdict::Known(Some(Rule::CertificateExpired)),
                (false, false) => broken = Some(Rule::CertificateNotYetValid),
            }
        }
        Verdict::Known(broken)
    }
}
