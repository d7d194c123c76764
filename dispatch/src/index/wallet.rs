//! What is asked about few: certificates without their names, and the shifts of who is absent now and then.

use super::gate::{Asked, Verdict};
use super::spell::Spell;
use crate::problem::Millis;
use crate::profile::Profile;
use crate::rules::Rule;

/// Certificates beyond these are looked up in the profile.
const HELD: usize = 8;
/// 1 January 2026. Dates are whole seconds from it, 68 years either way; they take half the space of instants.
const EPOCH: Millis = 1_767_225_600_000;
/// Dates beyond these seconds are as good as never.
const FAR_S: i64 = 1 << 30;

/// Two lines of the processor's cache, which it fetches together.
#[derive(Clone, Debug)]
#[repr(align(128))]
pub(super) struct Wallet {
    from_s: [i32; HELD],
    until_s: [i32; HELD],
    /// The skill's number and, in the highest byte, the level.
    held: [u32; HELD],
    /// The first of his shifts that was not over when this was written, as if he were never absent.
    rostered: Spell,
    /// How many are his; `None` if he holds more, or dates that are no whole seconds.
    count: Option<u8>,
}

impl Wallet {
    /// `mark` numbers the skills.
    pub fn new(profile: &Profile, now: Millis, mark: impl Fn(&str) -> u32) -> Self {
        let certificates = &profile.engineer.certificates;
        let (rostered, _) = Spell::first(profile.duty.rostered(), now);
        let mut wallet = Self {
            from_s: [0; HELD],
            until_s: [0; HELD],
            held: [0; HELD],
            rostered,
            count: u8::try_from(certificates.len()).ok().filter(|count| usize::from(*count) <= HELD),
        };
        for (at, certificate) in certificates.iter().take(HELD).enumerate() {
            let until = certificate.valid_until.map_or(Some(i32::MAX), date);
            match (date(certificate.valid_from), until, mark(&certificate.skill)) {
                (Some(from), Some(until), mark) if mark < 1 << 24 => {
                    (wallet.from_s[at], wallet.until_s[at]) = (from, until);
                    wallet.held[at] = mark | u32::from(certificate.level) << 24;
                }
                _ => wallet.count = None,
            }
        }
        wallet
    }

    /// Writes anew what may be over by now.
    pub fn refresh(&mut self, profile: &Profile, now: Millis) {
        (self.rostered, _) = Spell::first(profile.duty.rostered(), now);
    }

    pub fn rostered(&self) -> &Spell {
        &self.rostered
    }

    /// Does he hold, for each required skill, one certificate for a visit that begins between the two?
    pub fn covers(&self, asked: &Asked, first: Millis, latest: Millis) -> bool {
        let (first_s, last_s) = (floor_s(first), ceil_s(latest.saturating_add(asked.query.visit_ms())));
        is_near(first_s, last_s)
            && asked.wanted.iter().all(|wanted| {
                self.of_level(*wanted).any(|at| self.from_s[at] <= first_s && last_s <= self.until_s[at])
            })
    }

    /// The rule about levels or dates that he breaks, if it is the same whenever he begins between the two.
    pub fn broken(&self, asked: &Asked, first: Millis, latest: Millis) -> Verdict {
        // Whole seconds before and after the visit decide about whole seconds as the visit does.
        let visit_ms = asked.query.visit_ms();
        let (first_s, last_s) = (floor_s(first), ceil_s(latest.saturating_add(visit_ms)));
        if self.count.is_none() || !is_near(first_s, last_s) {
            return Verdict::AskTheRules;
        }
        if asked.wanted.iter().any(|wanted| self.of_level(*wanted).next().is_none()) {
            return Verdict::Known(Some(Rule::CertificateLevel));
        }
        let (begun_s, over_s) = (floor_s(latest), ceil_s(first.saturating_add(visit_ms)));
        let mut broken = None;
        for wanted in &asked.wanted {
            let (mut has_begun, mut holds) = (false, false);
            for at in self.of_level(*wanted) {
                let (has, holds_first) = (self.from_s[at] <= first_s, over_s <= self.until_s[at]);
                if has != (self.from_s[at] <= begun_s) || holds_first != (last_s <= self.until_s[at]) {
                    return Verdict::AskTheRules;
                }
                has_begun |= has;
                holds |= has && holds_first;
            }
            match (holds, has_begun) {
                (true, _) => {}
                (false, true) => return Verdict::Known(Some(Rule::CertificateExpired)),
                (false, false) => broken = Some(Rule::CertificateNotYetValid),
            }
        }
        Verdict::Known(broken)
    }

    /// Which of them are for this skill, of this level or above.
    fn of_level(&self, (mark, level): (u32, u8)) -> impl Iterator<Item = usize> {
        let count = usize::from(self.count.unwrap_or(0));
        (0..count).filter(move |at| {
            let held = self.held[*at];
            held & 0x00ff_ffff == mark && (held >> 24) as u8 >= level
        })
    }
}

/// A date that is kept exactly, if it is a whole second; those that are far away as never.
fn date(at: Millis) -> Option<i32> {
    let seconds = at.saturating_sub(EPOCH).div_euclid(1_000);
    if seconds <= -FAR_S {
        return Some(i32::MIN);
    }
    if seconds >= FAR_S {
        return Some(i32::MAX);
    }
    ((at - EPOCH) % 1_000 == 0).then_some(seconds as i32)
}

/// Between the dates that are as good as never?
fn is_near(first_s: i32, last_s: i32) -> bool {
    i64::from(first_s) > -FAR_S && i64::from(last_s) < FAR_S
}

/// The first second that is not before; of what began too long ago, a later one.
pub(super) fn ceil_s(at: Millis) -> i32 {
    let far = if at < EPOCH { i32::MIN + i32::from(at != Millis::MIN) } else { i32::MAX };
    i32::try_from(-EPOCH.saturating_sub(at).div_euclid(1_000)).unwrap_or(far)
}

/// The last second that is not after; of what ends too far away, an earlier one.
pub(super) fn floor_s(at: Millis) -> i32 {
    let far = if at < EPOCH { i32::MIN } else { i32::MAX - i32::from(at != Millis::MAX) };
    i32::try_from(at.saturating_sub(EPOCH).div_euclid(1_000)).unwrap_or(far)
}

/// The instant of a second; what is beyond all seconds is beyond all instants.
pub(super) fn instant(seconds: i32) -> Millis {
    match seconds {
        i32::MIN => Millis::MIN,
        i32::MAX => Millis::MAX,
        _ => EPOCH + 1_000 * i64::from(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_kept_exactly_or_not_at_all() {
        assert_eq!((date(EPOCH + 5_000), date(EPOCH - 5_000), date(EPOCH + 1)), (Some(5), Some(-5), None));
        assert_eq!((date(Millis::MIN), date(Millis::MAX)), (Some(i32::MIN), Some(i32::MAX)));
    }

    #[test]
    fn seconds_are_rounded_against_the_certificate() {
        assert_eq!((ceil_s(EPOCH + 1), floor_s(EPOCH + 1_999)), (1, 1));
        assert_eq!((ceil_s(EPOCH - 1_999), floor_s(EPOCH - 1)), (-1, -1));
        let (long_ago, far_away) = (EPOCH - (1 << 52), EPOCH + (1 << 52));
        assert!(instant(ceil_s(long_ago)) > long_ago && instant(floor_s(far_away)) < far_away);
        assert_eq!((instant(ceil_s(Millis::MIN)), instant(floor_s(Millis::MAX))), (Millis::MIN, Millis::MAX));
    }
}
