//! Putting back what is linked: a ticket that follows another where it costs least once that has ended; a crew at the
//! moment at which all of it together cost least. Moments that are tried are those at which somebody could best begin
//! if he were alone.

use super::agree;
use super::distance::Distance;
use super::instance::{FAR, Instance};
use super::links::{Links, Span, Visit};
use super::random::Random;
use super::recreate::Recreate;
use super::route::Insertion;
use super::solution::{Solution, Step};

/// Of each part, so many engineers are asked for a moment.
const ASKED: usize = 3;

/// How often a moment is tried besides at which somebody could begin elsewhere in his route: what is best for each of
/// them alone need not be best for all.
const ELSEWHERE: f64 = 0.1;

/// How often a visit is put back later than it could begin, and by how many seconds at most: so something else finds
/// room before it. What of that is not used is taken back at the end of the step.
const LATER: f64 = 0.05;
const MUCH_LATER: usize = 3_600;

/// A place in somebody's route.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub engineer: u32,
    pub insertion: Insertion,
}

/// How often one of those who would cost least is passed over: what follows may cost less without him.
const SECOND: f64 = 0.03;

/// What is to be put back.
#[derive(Clone, Copy)]
struct Wanted<'w> {
    parts: &'w [u32],
    /// From when on, for the sake of what it follows.
    free: Span,
    /// So much later than a crew could begin.
    wait: i32,
    /// What it costs others that it begins at a moment.
    delay: &'w dyn Fn(i32) -> i64,
    only_changed: bool,
}

impl Recreate {
    /// Serves a linked visit where it costs least, if that is cheaper than to leave it out and all that it follows is
    /// served.
    #[expect(clippy::too_many_arguments, reason = "the step and what it works on")]
    pub fn place_visit<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        links: &Links,
        solution: &mut Solution,
        step: &mut Step,
        visit: u32,
        only_changed: bool,
        random: &mut Random,
    ) {
        let Some(ready) = links.ready(instance, solution, visit) else { return };
        let Visit { parts, after, .. } = &links.visits[visit as usize];
        let later =
            if self.blink > 0.0 && random.chance(LATER) { random.within(1, MUCH_LATER) as i32 } else { 0 };
        let mut best: Option<(Span, Vec<Offer>)> = None;
        for wait in [later, 0] {
            if best.is_some() {
                break;
            }
            // What it follows must not be moved behind it.
            for (other, gap) in after {
                agree::hold(links, instance, solution, step, *other, ready + wait - gap);
            }
            let free = Span { from: ready + wait, until: FAR };
            let delay = |start: i32| links.delay(instance, visit, start);
            let wanted = Wanted { parts, free, wait, delay: &delay, only_changed };
            best = self.find(instance, solution, step, &wanted, random);
            if let Some((_, offers)) = best.as_ref().filter(|_| self.blink > 0.0 && random.chance(SECOND)) {
                self.passed_over = Some(offers[random.below(offers.len())].engineer);
                best = self.find(instance, solution, step, &wanted, random).or(best);
                self.passed_over = None;
            }
        }
        if let Some((span, offers)) = best {
            for (part, offer) in parts.iter().zip(offers) {
                step.insert_within(instance, solution, offer.engineer, *part, offer.insertion, span);
            }
        }
        if let ([ticket], Some(from)) = (parts.as_slice(), solution.start(parts[0])) {
            step.appoint(instance, solution, *ticket, Span { from, until: FAR });
        }
        for (other, _) in after {
            agree::hold(links, instance, solution, step, *other, FAR);
        }
    }

    /// The best place for it, or places, the lead's first.
    fn find<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &Solution,
        step: &Step,
        wanted: &Wanted<'_>,
        random: &mut Random,
    ) -> Option<(Span, Vec<Offer>)> {
        let Wanted { parts, free, only_changed, .. } = *wanted;
        let bound: i64 = parts.iter().map(|part| instance.jobs[*part as usize].penalty()).sum();
        let [ticket] = parts else { return self.crew(instance, solution, step, wanted, bound, random) };
        let offers = self.offers(instance, solution, step, *ticket, free, bound, only_changed, random);
        let cost = |offer: &&Offer| {
            let route = &solution.routes[offer.engineer as usize];
            let start = route.begins(instance, offer.engineer, *ticket, free, &offer.insertion);
            offer.insertion.delta + (wanted.delay)(start)
        };
        offers.iter().min_by_key(cost).map(|offer| (free, vec![*offer]))
    }

    /// The best moment for a crew, and who comes, the lead first.
    fn crew<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &Solution,
        step: &Step,
        wanted: &Wanted<'_>,
        bound: i64,
        random: &mut Random,
    ) -> Option<(Span, Vec<Offer>)> {
        let Wanted { parts, free, wait, delay, only_changed } = *wanted;
        let (lead, helper) = (parts[0], parts[1]);
        let mut moments: Vec<i32> = Vec::new();
        for (part, asked) in [(lead, ASKED), (helper, ASKED.max(parts.len()))] {
            let offers = self.offers(instance, solution, step, part, free, bound, only_changed, random);
            let begins = |offer: &Offer, position: usize| {
                let (engineer, insertion) = (offer.engineer, Insertion { position, ..offer.insertion });
                solution.routes[engineer as usize].begins(instance, engineer, part, free, &insertion)
            };
            moments.extend(offers.iter().take(asked).map(|offer| begins(offer, offer.insertion.position)));
            if !offers.is_empty() && random.chance(ELSEWHERE) {
                let offer = &offers[random.below(offers.len())];
                let stops = solution.routes[offer.engineer as usize].stops.len();
                moments.push(begins(offer, random.within(0, stops)));
            }
        }
        moments.iter_mut().for_each(|moment| *moment += wait);
        moments.sort_unstable();
        moments.dedup();
        let mut best: Option<(i64, Span, Vec<Offer>)> = None;
        for moment in moments {
            let span = Span { from: moment, until: moment };
            let [leads, helpers] = [lead, helper]
                .map(|part| self.offers(instance, solution, step, part, span, bound, false, random));
            for offer in leads {
                let others = helpers.iter().filter(|other| other.engineer != offer.engineer);
                let all: Vec<Offer> =
                    std::iter::once(offer).chain(others.copied()).take(parts.len()).collect();
                let delta: i64 = all.iter().map(|offer| offer.insertion.delta).sum();
                let cost = delta + delay(moment);
                let better = best.as_ref().is_none_or(|(least, ..)| cost < *least);
                if all.len() == parts.len() && delta < bound && better {
                    best = Some((cost, span, all));
                }
            }
        }
        best.map(|(_, span, offers)| (span, offers))
    }
}
