//! What follows from a few tickets and from many, and from what people said.

use super::*;
use proptest::prelude::*;

fn fault(model: Option<&str>, symptom: Option<&str>) -> Fault {
    Fault { kind: "repair".into(), asset_model: model.map(Into::into), symptom: symptom.map(Into::into) }
}

fn door() -> Fault {
    fault(Some("M-1"), Some("door"))
}

fn id(part: u128) -> Uuid {
    Uuid::from_u128(part)
}

fn tickets(fault: Fault, tickets: u32) -> TicketCount {
    TicketCount { fault, tickets }
}

fn uses(fault: Fault, part: u128, tickets: u32, quantity: i64) -> UseCount {
    UseCount { fault, part_id: id(part), tickets, quantity }
}

fn edit(fault: Fault, probability: f64, weight: Weight) -> Edit {
    Edit { fault, part_id: id(1), probability, quantity: 2, weight }
}

fn probability(needs: &Needs, fault: &Fault) -> f64 {
    let all = Outlook { least_probability: 0.0, ..Outlook::default() };
    needs.of(fault, &all).iter().find(|part| part.part_id == id(1)).map_or(0.0, |part| part.probability)
}

fn seen(of: u32, used: u32) -> Needs {
    Needs::learn([tickets(door(), of)], [uses(door(), 1, used, i64::from(used))], [])
}

#[test]
fn with_nothing_known_nothing_is_needed() {
    assert_eq!(Needs::default().of(&door(), &Outlook::default()), []);
}

#[test]
fn from_the_first_day_what_people_said_is_needed() {
    let needs = Needs::learn([], [], [edit(fault(None, Some("door")), 0.6, Weight::Tickets(5.0))]);
    let likely = needs.of(&door(), &Outlook::default());
    assert_eq!((likely.len(), likely[0].quantity, likely[0].is_edited), (1, 2, true));
    // Five tickets of them, and five of nothing before.
    assert!((likely[0].probability - 0.3).abs() < 1e-9);
    assert!((likely[0].expected_quantity - 0.6).abs() < 1e-9);
}

#[test]
fn a_few_tickets_are_not_believed_and_many_are() {
    // One of one: a sixth, then half of the rest, at each of four levels.
    assert!((0.4..0.6).contains(&probability(&seen(1, 1), &door())), "{}", probability(&seen(1, 1), &door()));
    assert!((probability(&seen(10_000, 2_500), &door()) - 0.25).abs() < 0.001);
}

#[test]
fn a_fault_never_seen_is_judged_by_the_symptom_on_other_models_and_by_the_kind() {
    let needs = seen(1_000, 400);
    let other = |model, symptom| probability(&needs, &fault(model, symptom));
    assert!((other(Some("M-2"), Some("door")) - 0.4).abs() < 0.01);
    assert!((other(Some("M-2"), Some("rope")) - 0.4).abs() < 0.01);
    assert!((other(None, None) - 0.4).abs() < 0.01);
    let elsewhere = Fault { kind: "inspection".into(), ..door() };
    assert_eq!(needs.of(&elsewhere, &Outlook::default()), []);
}

#[test]
fn a_symptom_tells_more_than_its_kind() {
    let rope = fault(Some("M-1"), Some("rope"));
    let needs = Needs::learn(
        [tickets(door(), 100), tickets(rope.clone(), 100)],
        [uses(door(), 1, 80, 160), uses(rope.clone(), 2, 50, 50)],
        [],
    );
    let likely = needs.of(&door(), &Outlook::default());
    assert_eq!(likely.iter().map(|part| part.part_id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!((likely[0].quantity, likely[0].tickets, likely[0].uses), (2, 100, 80));
    let cut = Outlook { least_probability: 0.0001, ..Outlook::default() };
    assert_eq!(needs.of(&door(), &cut).len(), 2);
}

#[test]
fn a_fixed_edit_holds_whatever_is_seen_at_its_level_and_below_only_evidence_moves_it() {
    let mut needs = seen(500, 0);
    needs.add_edit(&edit(door(), 0.9, Weight::Fixed));
    assert_eq!(probability(&needs, &door()), 0.9);
    assert_eq!(probability(&needs, &fault(None, Some("door"))), 0.0);
    let mut broad = seen(500, 0);
    broad.add_edit(&edit(fault(None, Some("door")), 0.9, Weight::Fixed));
    let never_seen = fault(Some("M-9"), Some("door"));
    assert_eq!(probability(&broad, &never_seen), 0.9);
    assert!(probability(&broad, &door()) < 0.01);
}

#[test]
fn an_edit_that_makes_no_sense_counts_for_nothing() {
    let mut needs = Needs::default();
    needs.add_edit(&edit(door(), f64::NAN, Weight::Fixed));
    needs.add_edit(&edit(door(), 0.5, Weight::Tickets(f64::NAN)));
    needs.add_edit(&edit(door(), 0.5, Weight::Tickets(-1.0)));
    assert_eq!(probability(&needs, &door()), 0.0);
    needs.add_edit(&edit(door(), 7.0, Weight::Fixed));
    assert_eq!(probability(&needs, &door()), 1.0);
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let option = |values: [&'static str; 2]| prop::option::of(prop::sample::select(values.to_vec()));
    (option(["M-1", "M-2"]), option(["door", "rope"])).prop_map(|(model, symptom)| fault(model, symptom))
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let weight = prop_oneof![Just(Weight::Fixed), (0.0..50.0).prop_map(Weight::Tickets)];
    (any_fault(), 1u128..4, 0.0..=1.0, 1i64..9, weight).prop_map(
        |(fault, part, probability, quantity, weight)| Edit {
            fault,
            part_id: id(part),
            probability,
            quantity,
            weight,
        },
    )
}

#[derive(Clone, Debug)]
struct Evidence {
    tickets: Vec<TicketCount>,
    uses: Vec<UseCount>,
    edits: Vec<Edit>,
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let ticket = (any_fault(), 0u32..60).prop_map(|(fault, count)| tickets(fault, count));
    let using = (any_fault(), 1u128..4, 0u32..60, -3i64..200).prop_map(|(f, part, n, q)| uses(f, part, n, q));
    let many = |most| prop::collection::vec(any_edit(), 0..most);
    (prop::collection::vec(ticket, 0..8), prop::collection::vec(using, 0..8), many(6))
        .prop_map(|(tickets, uses, edits)| Evidence { tickets, uses, edits })
}

impl Evidence {
    fn learnt(&self) -> Needs {
        Needs::learn(self.tickets.clone(), self.uses.clone(), self.edits.clone())
    }
}

proptest! {
    #[test]
    fn probabilities_are_between_nothing_and_certainty(
        evidence in evidence(), fault in any_fault(), prior in 0.0..50.0,
    ) {
        let outlook = Outlook { prior_tickets: prior, least_probability: 0.1 };
        let likely = evidence.learnt().of(&fault, &outlook);
        for part in &likely {
            prop_assert!((0.1..=1.0).contains(&part.probability), "{part:?}");
            prop_assert!(part.quantity >= 1 && part.expected_quantity.is_finite(), "{part:?}");
        }
        prop_assert!(likely.is_sorted_by(|a, b| a.probability >= b.probability));
    }

    #[test]
    fn the_order_in_which_it_is_told_does_not_matter(evidence in evidence(), fault in any_fault(), by in 0usize..8) {
        let mut turned = evidence.clone();
        let turn = |count: usize| if count == 0 { 0 } else { by % count };
        let (a, b, c) = (turn(turned.tickets.len()), turn(turned.uses.len()), turn(turned.edits.len()));
        turned.tickets.rotate_left(a);
        turned.uses.rotate_left(b);
        turned.edits.rotate_left(c);
        turned.edits.reverse();
        let (one, other) = (evidence.learnt(), turned.learnt());
        prop_assert_eq!(one.of(&fault, &Outlook::default()), other.of(&fault, &Outlook::default()));
    }

    #[test]
    fn one_more_ticket_that_used_it_never_lowers_and_one_that_did_not_never_raises(
        evidence in evidence(), of in any_fault(), asked in any_fault(),
    ) {
        // Counts as they come from tickets: nobody used more than there were.
        let mut needs = evidence.learnt();
        evidence.uses.iter().for_each(|count| needs.add_tickets(&tickets(count.fault.clone(), count.tickets)));
        let before = probability(&needs, &asked);
        let (mut used, mut not_used) = (needs.clone(), needs);
        used.add_tickets(&tickets(of.clone(), 1));
        used.add_uses(&uses(of.clone(), 1, 1, 1));
        not_used.add_tickets(&tickets(of, 1));
        prop_assert!(probability(&used, &asked) >= before - 1e-12);
        prop_assert!(probability(&not_used, &asked) <= before + 1e-12);
    }

    #[test]
    fn much_evidence_ends_at_its_frequency(evidence in evidence(), percent in 0u32..=100) {
        let mut needs = evidence.learnt();
        evidence.uses.iter().for_each(|count| needs.add_tickets(&tickets(count.fault.clone(), count.tickets)));
        let fixed = evidence.edits.iter().any(|e| e.fault == door() && e.weight == Weight::Fixed && e.part_id == id(1));
        prop_assume!(!fixed);
        let frequency = f64::from(percent) / 100.0;
        let mut distance = f64::INFINITY;
        for times in [100, 1_000, 100_000] {
            needs.add_tickets(&tickets(door(), 100 * times));
            needs.add_uses(&uses(door(), 1, percent * times, 1));
            let now = (probability(&needs, &door()) - frequency).abs();
            prop_assert!(now <= distance + 1e-9, "{now} after {distance}");
            distance = now;
        }
        prop_assert!(distance < 1e-3, "{distance}");
    }

    #[test]
    fn a_fixed_edit_at_the_level_of_the_ticket_is_the_answer(evidence in evidence(), said in 0.0..=1.0) {
        let mut needs = evidence.learnt();
        let fixed = evidence.edits.iter().any(|e| e.fault == door() && e.weight == Weight::Fixed && e.part_id == id(1));
        prop_assume!(!fixed);
        needs.add_edit(&edit(door(), said, Weight::Fixed));
        prop_assert_eq!(probability(&needs, &door()), said);
    }
}

#[test]
fn what_was_learnt_is_told_level_by_level_and_ends_at_the_answer() {
    let mut needs = seen(10, 4);
    needs.add_tickets(&tickets(fault(Some("M-2"), Some("door")), 20));
    needs.add_edit(&edit(fault(None, Some("door")), 0.9, Weight::Tickets(10.0)));
    let learnt = needs.learnt(&door(), &Outlook::default());
    assert_eq!(learnt.len(), 1);
    let levels = &learnt[0].levels;
    let seen: Vec<(u32, u32, i64)> = levels.iter().map(|l| (l.tickets, l.uses, l.used_quantity)).collect();
    assert_eq!(seen, [(30, 4, 4), (10, 4, 4), (30, 4, 4), (10, 4, 4)]);
    assert!(levels[0].prior.abs() < 1e-12 && (levels[0].probability - 4.0 / 35.0).abs() < 1e-9);
    assert!(levels.windows(2).all(|two| (two[0].probability - two[1].prior).abs() < 1e-12), "{levels:?}");
    // Four of thirty, nine of the ten that people say, and five of what the model said.
    let model = levels[1].probability;
    assert!((levels[2].probability - (4.0 + 9.0 + 5.0 * model) / (30.0 + 10.0 + 5.0)).abs() < 1e-9);
    assert!((levels[3].probability - learnt[0].part.probability).abs() < 1e-12);
}

#[test]
fn what_is_too_improbable_to_be_proposed_is_told_all_the_same() {
    let needs = seen(1_000, 1);
    assert_eq!(needs.of(&door(), &Outlook::default()), []);
    let learnt = needs.learnt(&door(), &Outlook::default());
    assert!(learnt[0].part.probability > 0.0 && learnt[0].part.probability < 0.05);
    let other = Fault { kind: "inspection".into(), ..door() };
    assert_eq!(needs.learnt(&other, &Outlook::default()), []);
}
