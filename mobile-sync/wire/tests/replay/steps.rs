//! The life of a ticket: the table, and what an engineer may rely on.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    EventKind, TicketStatus,
    intents::{Refusal, Step, next_action, step},
};
use proptest::prelude::*;

use crate::files::vector;

/// One cell of the table as text.
pub fn cell(kind: EventKind, status: TicketStatus) -> String {
    match step(kind, status) {
        Ok(Step::To(next)) => format!("→ {}", next.as_str()),
        Ok(Step::Stay) => "stays".into(),
        Err(refusal) => refusal.to_string(),
    }
}

pub fn table() -> BTreeMap<&'static str, BTreeMap<&'static str, String>> {
    let row =
        |kind| TicketStatus::ALL.into_iter().map(|status| (status.as_str(), cell(kind, status))).collect();
    EventKind::ALL.into_iter().map(|kind| (kind.as_str(), row(kind))).collect()
}

#[test]
fn the_table_for_other_languages_is_this_one() {
    let stored: serde_json::Value = vector("steps");
    let ours = serde_json::to_value(table()).unwrap();
    assert_eq!(ours, stored, "write this: {ours:#}");
}

fn walk(kinds: &[EventKind]) -> TicketStatus {
    kinds.iter().fold(TicketStatus::Assigned, |status, &kind| step(kind, status).unwrap().from(status))
}

#[test]
fn the_plain_day_leads_from_assigned_to_completed() {
    use EventKind::*;
    assert_eq!(walk(&[Accept, Travel, Arrive, Start, Complete]), TicketStatus::Completed);
    assert_eq!(walk(&[Accept, Travel, Arrive, Start, Pause, Resume, Complete]), TicketStatus::Completed);
    assert_eq!(walk(&[Accept, Start, Pause, Travel, Arrive, Start, Complete]), TicketStatus::Completed);
}

#[test]
fn steps_may_be_skipped_and_pressed_twice() {
    use EventKind::*;
    assert_eq!(walk(&[Start, Complete]), TicketStatus::Completed);
    assert_eq!(walk(&[Complete, Complete]), TicketStatus::Completed);
    assert_eq!(walk(&[Arrive, Accept, Travel, Travel, Start, Arrive]), TicketStatus::Working);
    assert_eq!(walk(&[Accept, Complete, Arrive]), TicketStatus::Completed, "a late arrival moves nothing");
}

#[test]
fn what_contradicts_the_office_or_itself_is_refused_with_its_reason() {
    use EventKind::*;
    assert_eq!(step(Complete, TicketStatus::Cancelled), Err(Refusal::Cancelled));
    assert_eq!(step(Start, TicketStatus::Closed), Err(Refusal::Closed));
    assert_eq!(step(Accept, TicketStatus::New), Err(Refusal::NotAssigned));
    assert_eq!(step(Claim, TicketStatus::Accepted), Err(Refusal::AlreadyTaken));
    assert_eq!(step(Decline, TicketStatus::Working), Err(Refusal::AlreadyBegun));
    assert_eq!(step(Resume, TicketStatus::Completed), Err(Refusal::AlreadyCompleted));
    assert_eq!(step(Pause, TicketStatus::Assigned), Err(Refusal::NotAccepted));
    assert_eq!(step(Reopen, TicketStatus::Working), Err(Refusal::NotCompleted));
}

#[test]
fn the_primary_button_always_moves_the_ticket_and_ends_at_completed() {
    let mut status = TicketStatus::Assigned;
    let mut presses = 0;
    while let Some(kind) = next_action(status) {
        assert!(kind.is_engineers());
        let Ok(Step::To(next)) = step(kind, status) else { panic!("{kind:?} does not move {status:?}") };
        status = next;
        presses += 1;
    }
    assert_eq!((status, presses), (TicketStatus::Completed, 5));
    assert_eq!(next_action(TicketStatus::Waiting), Some(EventKind::Resume));
}

#[test]
fn names_read_back_as_themselves() {
    for status in TicketStatus::ALL {
        assert_eq!(TicketStatus::parse(status.as_str()), Some(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        assert_eq!(status.is_open(), next_action(status).is_some());
    }
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    let engineers = EventKind::ALL.into_iter().filter(|kind| kind.is_engineers()).count();
    assert_eq!(engineers, 9);
    for refusal in [Refusal::NotAssigned, Refusal::AlreadyTaken, Refusal::Closed] {
        assert_eq!(
            serde_json::to_value(refusal).unwrap(),
            refusal.to_string(),
            "one code, however it is written"
        );
    }
}

proptest! {
    #[test]
    fn repeating_an_event_at_once_changes_nothing_more(kinds in prop::collection::vec(prop::sample::select(EventKind::ALL.to_vec()), 0..30)) {
        let mut status = TicketStatus::New;
        for kind in kinds {
            let Ok(first) = step(kind, status) else { continue };
            status = first.from(status);
            // A repeat is either recorded without effect or refused; a reassignment stays assigned.
            if let Ok(again) = step(kind, status) {
                prop_assert_eq!(again.from(status), status);
            }
        }
    }

    #[test]
    fn no_engineer_can_touch_what_the_office_has_ended(kind in prop::sample::select(EventKind::ALL[..9].to_vec())) {
        prop_assert!(step(kind, TicketStatus::Closed).is_err());
        prop_assert!(step(kind, TicketStatus::Cancelled).is_err());
    }
}
