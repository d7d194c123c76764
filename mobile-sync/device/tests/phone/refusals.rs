//! What is not taken as sent: the truth returns to the screen, and the user is told why.

use mobile_sync_device::{
    Answer, Next,
    wire::{
        Collection, EventKind, Fields, TicketStatus,
        pull::ChangeOp,
        push::{KeptWhy, Outcome},
    },
};
use serde_json::json;

use crate::world::World;

fn note(text: &str) -> Fields {
    Fields::from_iter([("access_note".to_owned(), json!(text))])
}

#[test]
fn completing_what_the_office_cancelled_shows_the_truth_and_says_why() {
    let mut world = World::new(1);
    let mut phone = world.phone();
    let made = phone.act(&world.moment(), "T1", EventKind::Complete, None).unwrap();
    world.server.put(Collection::Tickets, "T1", json!({"status": "cancelled"}));
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Completed);
    assert_eq!(world.sync(&mut phone).troubles, 1);
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Cancelled);
    let trouble = phone.troubles().unwrap().remove(0);
    assert_eq!(trouble.result.result, Outcome::Conflict);
    assert_eq!(trouble.result.why.as_deref(), Some("cancelled"));
    assert_eq!(world.server.written[&made.id], 1, "the event is stored all the same");
    phone.dismiss(&made.mid).unwrap();
    assert!(phone.troubles().unwrap().is_empty());
}

#[test]
fn work_on_a_ticket_that_was_taken_away_is_still_sent() {
    let mut world = World::new(2);
    let mut phone = world.phone();
    phone.add_note(&world.moment(), "T1", "half done").unwrap();
    world.server.take_away(Collection::Tickets, "T1", ChangeOp::Remove);
    // Only rows come down; the way up is blocked.
    let before = phone.waiting().unwrap().count;
    assert_eq!(before, 1);
    world.sync(&mut phone);
    assert!(phone.ticket("T1").unwrap().is_none());
    assert_eq!(world.server.written.len(), 1);
}

#[test]
fn a_result_does_not_bring_back_a_row_that_was_removed_before_it() {
    let mut world = World::new(3);
    let mut phone = world.phone();
    world.server.put(Collection::Tickets, "T1", json!({"access_note": "office"}));
    world.server.take_away(Collection::Tickets, "T1", ChangeOp::Remove);
    phone.want_pull();
    let Next::Send(pull) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    // The user edits while the page that takes the row away is on its way.
    phone.patch(&world.moment(), Collection::Tickets, "T1", note("phone")).unwrap();
    let page = Answer::Arrived(world.server.answer(&pull));
    phone.receive(&world.moment(), pull.number, page).unwrap();
    let Next::Send(push) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    let results = Answer::Arrived(world.server.answer(&push));
    assert_eq!(phone.receive(&world.moment(), push.number, results).unwrap().troubles, 1);
    assert!(phone.ticket("T1").unwrap().is_none());
    world.sync(&mut phone);
    assert!(phone.ticket("T1").unwrap().is_none());
}

#[test]
fn two_edits_at_once_end_with_one_value_everywhere_and_both_on_a_card() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    world.server.put(Collection::Tickets, "T1", json!({"access_note": "office"}));
    world.pass(1_000);
    phone.patch(&world.moment(), Collection::Tickets, "T1", note("phone, later")).unwrap();
    world.sync(&mut phone);
    assert_eq!(phone.ticket("T1").unwrap().unwrap().access_note.as_deref(), Some("phone, later"));
    let kept = &phone.troubles().unwrap()[0].result.kept["access_note"];
    assert_eq!((&kept.server, kept.why), (&json!("office"), KeptWhy::Device));
}

#[test]
fn a_phone_that_edits_twice_before_it_pulls_does_not_conflict_with_itself() {
    let mut world = World::new(5);
    let mut phone = world.phone();
    phone.patch(&world.moment(), Collection::Tickets, "T1", note("first")).unwrap();
    phone.patch(&world.moment(), Collection::Tickets, "T1", note("second")).unwrap();
    assert_eq!(world.sync(&mut phone).troubles, 0);
    assert_eq!(phone.ticket("T1").unwrap().unwrap().access_note.as_deref(), Some("second"));
}

#[test]
fn a_deleted_row_is_gone_and_an_unknown_collection_harms_nothing() {
    let mut world = World::new(6);
    let mut phone = world.phone();
    world.server.put(Collection::Articles, "A1", json!({"title": "How to", "stars": 4.5}));
    world.server.take_away(Collection::Parts, "P5", ChangeOp::Delete);
    world.sync(&mut phone);
    assert!(phone.held_parts("T1").unwrap()[0].part.is_none());
}
