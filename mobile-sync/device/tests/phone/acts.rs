//! What a phone refuses to put into its outbox, and the shape of what it does put there.

use mobile_sync_device::{
    DeviceError, Next, PartUse,
    wire::{
        Collection, EventKind, Fields, TicketStatus,
        docs::PartOutcome,
        intents::Refusal,
        push::{Op, PushRequest},
    },
};
use serde_json::json;

use crate::world::World;

fn fields(name: &str, value: serde_json::Value) -> Fields {
    Fields::from_iter([(name.to_owned(), value)])
}

#[test]
fn what_the_server_would_refuse_is_refused_at_once_and_takes_no_number() {
    let mut world = World::new(1);
    let mut phone = world.phone();
    let illegal = phone.act(&world.moment(), "T1", EventKind::Resume, None);
    assert!(matches!(illegal, Err(DeviceError::Illegal(Refusal::NotAccepted))));
    let office = phone.act(&world.moment(), "T1", EventKind::Cancel, Some("because"));
    assert!(matches!(office, Err(DeviceError::NotChangeable(_))));
    let silent = phone.act(&world.moment(), "T1", EventKind::Decline, Some("  "));
    assert!(matches!(silent, Err(DeviceError::ReasonNeeded)));
    let unknown = phone.add_note(&world.moment(), "T404", "hello");
    assert!(matches!(unknown, Err(DeviceError::NoSuchRow { .. })));
    let none = PartUse {
        part_id: "P5".into(),
        quantity: 0,
        serial: None,
        removed_serial: None,
        outcome: PartOutcome::Used,
    };
    assert!(matches!(phone.use_part(&world.moment(), "T1", &none), Err(DeviceError::OutOfRange("quantity"))));
    assert!(matches!(phone.add_labour(&world.moment(), "T1", 0), Err(DeviceError::OutOfRange("minutes"))));
    let long = "x".repeat(300_000);
    assert!(matches!(phone.add_note(&world.moment(), "T1", &long), Err(DeviceError::TooLarge(_))));
    assert_eq!((phone.last_seq(), phone.waiting().unwrap().count), (0, 0));
}

#[test]
fn only_columns_that_phones_own_can_be_patched() {
    let mut world = World::new(2);
    let mut phone = world.phone();
    for (field, value) in [
        ("priority", json!(3)),
        ("status", json!("closed")),
        ("no_such", json!(1)),
        ("access_note", json!(["a"])),
    ] {
        let refused = phone.patch(&world.moment(), Collection::Tickets, "T1", fields(field, value));
        assert!(matches!(refused, Err(DeviceError::NotChangeable(_))), "{field}");
    }
    let missing =
        phone.patch(&world.moment(), Collection::Tickets, "T404", fields("access_note", json!("x")));
    assert!(matches!(missing, Err(DeviceError::NoSuchRow { .. })));
    phone
        .patch(&world.moment(), Collection::Tickets, "T1", fields("access_note", json!("gate 1234")))
        .unwrap();
    assert_eq!(phone.ticket("T1").unwrap().unwrap().access_note.as_deref(), Some("gate 1234"));
    phone.patch(&world.moment(), Collection::Tickets, "T1", fields("access_note", json!(null))).unwrap();
    assert_eq!(phone.ticket("T1").unwrap().unwrap().access_note, None);
}

#[test]
fn mutations_are_numbered_and_clocked_and_name_what_was_seen() {
    let mut world = World::new(3);
    let mut phone = world.phone();
    let made = phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    phone.patch(&world.moment(), Collection::Tickets, "T1", fields("access_note", json!("x"))).unwrap();
    // The wall clock is set back an hour: the order stays.
    world.wall -= 3_600_000;
    phone.add_note(&world.moment(), "T1", "later").unwrap();
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    let push: PushRequest = serde_json::from_slice(&request.body).unwrap();
    let seqs: Vec<_> = push.mutations.iter().map(|m| m.seq.unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert!(push.mutations.is_sorted_by(|a, b| a.hlc < b.hlc));
    assert_eq!((push.mutations[0].op, push.mutations[0].mid.as_str()), (Op::Intent, made.mid.as_str()));
    assert_eq!(push.mutations[0].id, made.id, "an inserted row is its own key");
    assert_eq!(push.mutations[0].set["engineer_id"], "E7");
    let seen = world.server.scope()[&(Collection::Tickets, "T1".into())]["sync_v"].as_i64();
    assert_eq!(push.mutations[1].base, seen);
    assert_ne!(push.mutations[1].mid, push.mutations[1].id);
    assert_eq!(push.sent.unwrap().boot, "b1");
}

#[test]
fn the_steps_offered_are_those_that_move_the_ticket() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Start, None).unwrap();
    assert_eq!(phone.actions("T1").unwrap(), [EventKind::Pause, EventKind::Complete]);
    phone.act(&world.moment(), "T1", EventKind::Pause, Some("waiting for a part")).unwrap();
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Waiting);
    assert_eq!(phone.next_action("T1").unwrap(), Some(EventKind::Resume));
    assert!(phone.actions("T404").unwrap().is_empty());
}

#[test]
fn a_part_taken_out_goes_back_into_the_van() {
    let mut world = World::new(5);
    let mut phone = world.phone();
    let part = |outcome, quantity| PartUse {
        part_id: "P5".into(),
        quantity,
        serial: Some("SN 1".into()),
        removed_serial: None,
        outcome,
    };
    phone.use_part(&world.moment(), "T1", &part(PartOutcome::Defective, 3)).unwrap();
    phone.use_part(&world.moment(), "T1", &part(PartOutcome::Returned, 1)).unwrap();
    assert_eq!(phone.van_stock().unwrap()[0].on_hand, 2);
    assert_eq!(phone.part_usage("T1").unwrap().len(), 2);
}
