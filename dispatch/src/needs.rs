//! Which parts a ticket will probably need, learnt from what like tickets really used: Bayesian counts, so that it
//! works from the first day with none. Pure: the caller counts, people edit, and this says what follows.
//!
//! A ticket is like others by its kind, by kind and asset model, by kind and symptom, and by all three. From the
//! broadest to the narrowest, each level begins with what the one before it says, as if that had been seen on
//! `prior_tickets` tickets, and adds its own counts:
//! `p = (uses + prior_tickets * p_before) / (tickets + prior_tickets)`. Before the broadest, nothing is needed. So few
//! tickets hardly move it, and many leave nothing but their frequency.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What a ticket is compared on. `None` as a key of counts and edits: for all models, or for all symptoms; of a
/// ticket: not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    pub kind: String,
    pub asset_model: Option<String>,
    pub symptom: Option<String>,
}

/// So many finished tickets had exactly this fault. To be given as it was known of the ticket; the broader levels
/// are summed up from these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCount {
    pub fault: Fault,
    pub tickets: u32,
}

/// Of those tickets so many used the part, so much of it in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCount {
    pub fault: Fault,
    pub part_id: Uuid,
    pub tickets: u32,
    /// The sum over these tickets, scaled by the part's decimals.
    pub quantity: i64,
}

/// What somebody says is needed, at one level: `fault` without a model is for all models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub fault: Fault,
    pub part_id: Uuid,
    /// From 0 to 1.
    pub probability: f64,
    /// When it is needed, scaled by the part's decimals.
    pub quantity: i64,
    pub weight: Weight,
}

/// How much an edit counts beside what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As much as so many tickets at its level. What is seen later may outweigh it.
    Tickets(f64),
    /// It is so, whatever was seen at its level or a broader one. Only an edit at a narrower level, or what is seen
    /// there, moves it for that level. Of two such edits at one level the higher probability holds.
    Fixed,
}

/// How to answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// What a broader level counts for at the next narrower one, in tickets.
    pub prior_tickets: f64,
    /// Parts that are less probable are left out.
    pub least_probability: f64,
}

impl Default for Outlook {
    fn default() -> Self {
        Self { prior_tickets: 5.0, least_probability: 0.05 }
    }
}

/// A part that will probably be needed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LikelyPart {
    pub part_id: Uuid,
    /// From 0 to 1.
    pub probability: f64,
    /// How much, if it is needed; at least 1. Scaled by the part's decimals.
    pub quantity: i64,
    /// How much on average over all such tickets, whether they need it or not.
    pub expected_quantity: f64,
    /// What it rests on: of so many tickets of the narrowest level that has any ...
    pub tickets: u32,
    /// ... so many used it.
    pub uses: u32,
    /// Whether somebody said so.
    pub is_edited: bool,
}

/// What one level says of a part, and what it begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct LearntLevel {
    pub fault: Fault,
    /// What the broader level before it says; nothing before the broadest.
    pub prior: f64,
    /// So many like tickets ...
    pub tickets: u32,
    /// ... so many of which used the part ...
    pub uses: u32,
    /// ... and so much of it in all, scaled by its decimals.
    pub used_quantity: i64,
    /// What follows, with what people say at this level.
    pub probability: f64,
}

/// A part with all that its probability rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct LearntPart {
    pub part: LikelyPart,
    /// From the broadest to the narrowest.
    pub levels: Vec<LearntLevel>,
}

/// Everything that is known. The order in which it is told does not matter.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    levels: HashMap<Fault, Level>,
}

/// What is known of one level.
#[derive(Clone, Debug, Default)]
struct Level {
    tickets: u64,
    parts: BTreeMap<Uuid, Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    uses: u64,
    quantity: i64,
    /// Sorted, so that they add up alike in every order: weight, probability, quantity.
    edits: Vec<(f64, f64, i64)>,
    fixed: Option<(f64, i64)>,
}

impl Needs {
    pub fn learn(
        tickets: impl IntoIterator<Item = TicketCount>,
        uses: impl IntoIterator<Item = UseCount>,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        let mut needs = Self::default();
        tickets.into_iter().for_each(|count| needs.add_tickets(&count));
        uses.into_iter().for_each(|count| needs.add_uses(&count));
        edits.into_iter().for_each(|edit| needs.add_edit(&edit));
        needs
    }

    /// More tickets, on top of what is known.
    pub fn add_tickets(&mut self, count: &TicketCount) {
        for fault in levels_of(&count.fault) {
            let level = self.levels.entry(fault).or_default();
            level.tickets = level.tickets.saturating_add(u64::from(count.tickets));
        }
    }

    /// More uses, on top of what is known.
    pub fn add_uses(&mut self, count: &UseCount) {
        for fault in levels_of(&count.fault) {
            let seen = self.levels.entry(fault).or_default().parts.entry(count.part_id).or_default();
            seen.uses = seen.uses.saturating_add(u64::from(count.tickets));
            seen.quantity = seen.quantity.saturating_add(count.quantity.max(0));
        }
    }

    /// One more edit, at its own level only. One that is no number counts for nothing.
    pub fn add_edit(&mut self, edit: &Edit) {
        if edit.probability.is_nan() {
            return;
        }
        let (probability, quantity) = (edit.probability.clamp(0.0, 1.0), edit.quantity.max(1));
        let seen = self.levels.entry(edit.fault.clone()).or_default().parts.entry(edit.part_id).or_default();
        match edit.weight {
            Weight::Tickets(weight) if weight > 0.0 => {
                let edit = (weight.min(1e9), probability, quantity);
                let is_before = |e: &(f64, f64, i64)| {
                    e.0.total_cmp(&edit.0).then(e.1.total_cmp(&edit.1)).then(e.2.cmp(&edit.2)).is_lt()
                };
                let position = seen.edits.partition_point(is_before);
                seen.edits.insert(position, edit);
            }
            Weight::Tickets(_) => {}
            Weight::Fixed => {
                let is_higher = |(p, q): (f64, i64)| (probability, quantity) > (p, q);
                if seen.fixed.is_none_or(is_higher) {
                    seen.fixed = Some((probability, quantity));
                }
            }
        }
    }

    /// What a ticket with this fault will probably need, most probable first, ties by id.
    pub fn of(&self, fault: &Fault, outlook: &Outlook) -> Vec<LikelyPart> {
        let levels: Vec<&Level> =
            levels_of(fault).iter().filter_map(|fault| self.levels.get(fault)).collect();
        let mut parts: Vec<Uuid> = levels.iter().flat_map(|level| level.parts.keys().copied()).collect();
        parts.sort_unstable();
        parts.dedup();
        let likely = parts.into_iter().map(|part_id| likely(part_id, &levels, outlook, |_| ()));
        let mut likely: Vec<LikelyPart> = likely
            .filter(|part| part.probability > 0.0 && part.probability >= outlook.least_probability)
            .collect();
        likely.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.part_id.cmp(&b.part_id)));
        likely
    }

    /// Every part that a ticket with this fault may need, however improbable, with what each level says of it. Most
    /// probable first, ties by id.
    pub fn learnt(&self, fault: &Fault, outlook: &Outlook) -> Vec<LearntPart> {
        let faults = levels_of(fault);
        let nothing = Level::default();
        let levels: Vec<&Level> =
            faults.iter().map(|fault| self.levels.get(fault).unwrap_or(&nothing)).collect();
        let mut parts: Vec<Uuid> = levels.iter().flat_map(|level| level.parts.keys().copied()).collect();
        parts.sort_unstable();
        parts.dedup();
        let few = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let learnt = |part_id| {
            let mut said = Vec::with_capacity(levels.len());
            let part = likely(part_id, &levels, outlook, |step| {
                said.push(LearntLevel {
                    fault: faults[said.len()].clone(),
                    prior: step.prior,
                    tickets: few(step.tickets),
                    uses: few(step.uses),
                    used_quantity: step.used_quantity,
                    probability: step.probability,
                });
            });
            LearntPart { part, levels: said }
        };
        let mut learnt: Vec<LearntPart> = parts.into_iter().map(learnt).collect();
        learnt.sort_by(|a, b| {
            let (a, b) = (&a.part, &b.part);
            b.probability.total_cmp(&a.probability).then(a.part_id.cmp(&b.part_id))
        });
        learnt
    }
}

/// What one level adds.
struct Step {
    prior: f64,
    tickets: u64,
    uses: u64,
    used_quantity: i64,
    probability: f64,
}

/// From the broadest to the narrowest; only those that are known of it.
fn levels_of(fault: &Fault) -> Vec<Fault> {
    let level = |asset_model: &Option<String>, symptom: &Option<String>| Fault {
        kind: fault.kind.clone(),
        asset_model: asset_model.clone(),
        symptom: symptom.clone(),
    };
    let mut levels = vec![level(&None, &None)];
    if fault.asset_model.is_some() {
        levels.push(level(&fault.asset_model, &None));
    }
    if fault.symptom.is_some() {
        levels.push(level(&None, &fault.symptom));
    }
    if fault.asset_model.is_some() && fault.symptom.is_some() {
        levels.push(fault.clone());
    }
    levels
}

/// What all levels together say, each of which is told on its way.
fn likely(part_id: Uuid, levels: &[&Level], outlook: &Outlook, mut tell: impl FnMut(Step)) -> LikelyPart {
    // At least a little, so that nothing is divided by nothing.
    let prior = outlook.prior_tickets.max(1e-9);
    let (mut probability, mut quantity) = (0.0, None);
    let (mut tickets, mut uses, mut is_edited) = (0, 0, false);
    let nothing = Seen::default();
    for level in levels {
        let seen = level.parts.get(&part_id).unwrap_or(&nothing);
        // Uses that were counted without their tickets are tickets too.
        let of_tickets = level.tickets.max(seen.uses);
        if of_tickets > 0 {
            (tickets, uses) = (of_tickets, seen.uses);
        }
        let mut step = Step {
            prior: probability,
            tickets: of_tickets,
            uses: seen.uses,
            used_quantity: seen.quantity,
            probability: 0.0,
        };
        is_edited |= seen.fixed.is_some() || !seen.edits.is_empty();
        if let Some((fixed, fixed_quantity)) = seen.fixed {
            (probability, quantity) = (fixed, Some(fixed_quantity as f64));
            step.probability = probability;
            tell(step);
            continue;
        }
        let edits = |of: fn(&(f64, f64, i64)) -> f64| seen.edits.iter().map(of).sum::<f64>();
        let used = seen.uses as f64 + edits(|(weight, probability, _)| weight * probability);
        let of = of_tickets as f64 + edits(|(weight, ..)| *weight);
        probability = ((used + prior * probability) / (of + prior)).clamp(0.0, 1.0);
        let taken =
            seen.quantity as f64 + edits(|(w, probability, quantity)| w * probability * *quantity as f64);
        quantity = match quantity {
            Some(before) => Some((taken + prior * before) / (used + prior)),
            None => (used > 0.0).then_some(taken / used),
        };
        step.probability = probability;
        tell(step);
    }
    let quantity = quantity.unwrap_or(1.0).max(1.0);
    LikelyPart {
        part_id,
        probability,
        // To the nearest: a second one that is rarely needed is not brought.
        quantity: quantity.round() as i64,
        expected_quantity: probability * quantity,
        tickets: u32::try_from(tickets).unwrap_or(u32::MAX),
        uses: u32::try_from(uses).unwrap_or(u32::MAX),
        is_edited,
    }
}

#[cfg(test)]
mod tests;
