//! The main road: a visit without a network, from accept to complete, and exactly once on the server.

use mobile_sync_device::{
    PartUse, sync_once,
    wire::{Collection, EventKind, TicketStatus, docs::PartOutcome},
};

use crate::world::{DAY_ENDS, DAY_STARTS, World};

fn two_rollers() -> PartUse {
    PartUse {
        part_id: "P5".into(),
        quantity: 2,
        serial: None,
        removed_serial: None,
        outcome: PartOutcome::Used,
    }
}

#[test]
fn a_visit_done_offline_is_shown_at_once_and_arrives_exactly_once() {
    let mut world = World::new(1);
    let mut phone = world.phone();
    for kind in [EventKind::Accept, EventKind::Travel, EventKind::Arrive, EventKind::Start] {
        assert_eq!(phone.next_action("T1").unwrap(), Some(kind));
        phone.act(&world.moment(), "T1", kind, None).unwrap();
    }
    phone.use_part(&world.moment(), "T1", &two_rollers()).unwrap();
    phone.add_note(&world.moment(), "T1", "rollers worn").unwrap();
    phone.add_labour(&world.moment(), "T1", 45).unwrap();
    phone.act(&world.moment(), "T1", EventKind::Complete, None).unwrap();

    let shown = phone.ticket("T1").unwrap().unwrap();
    assert_eq!(shown.status, TicketStatus::Completed, "the screen does not wait for a network");
    assert_eq!(world.server.status("T1"), TicketStatus::Assigned);
    assert_eq!(phone.van_stock().unwrap()[0].on_hand, 2);
    assert_eq!(phone.waiting().unwrap().count, 8);

    let progress = world.sync(&mut phone);
    assert_eq!((progress.results, progress.troubles), (8, 0));
    assert_eq!(world.server.status("T1"), TicketStatus::Completed);
    assert_eq!(world.server.order[phone.device_id()], (1..=8).collect::<Vec<_>>());
    assert!(world.server.written.values().all(|&times| times == 1));
    assert_eq!(phone.waiting().unwrap().count, 0);
    assert_eq!(phone.notes("T1").unwrap()[0].text, "rollers worn");
    assert_eq!(phone.part_usage("T1").unwrap()[0].quantity, 2);
}

#[test]
fn the_oldest_waiting_act_is_known_by_the_servers_clock() {
    let mut world = World::new(2);
    world.wall -= 2 * 3_600_000;
    let mut phone = world.phone();
    let before = world.server.now;
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    world.pass(38 * 60_000);
    phone.act(&world.moment(), "T1", EventKind::Travel, None).unwrap();
    let waiting = phone.waiting().unwrap();
    assert_eq!(waiting.count, 2);
    let oldest = waiting.oldest_at.unwrap();
    assert!((oldest - before).abs() < 100, "a wall clock two hours slow is corrected: {}", oldest - before);
}

#[test]
fn todays_visits_are_in_the_order_of_the_plan_with_their_next_step() {
    let mut world = World::new(3);
    crate::world::one_ticket(&mut world.server, "T0", 1040);
    world.server.put(
        Collection::Tickets,
        "T0",
        serde_json::json!({"planned_at": DAY_STARTS + 8 * 3_600_000, "status": "accepted"}),
    );
    crate::world::one_ticket(&mut world.server, "T9", 1049);
    world.server.put(Collection::Tickets, "T9", serde_json::json!({"planned_at": DAY_ENDS + 1}));
    crate::world::one_ticket(&mut world.server, "T2", 1042);
    world.server.put(
        Collection::Tickets,
        "T2",
        serde_json::json!({"planned_at": DAY_STARTS - 1, "status": "closed"}),
    );
    let phone = world.phone();
    let stops = phone.todays_visits(DAY_STARTS, DAY_ENDS).unwrap();
    let seen: Vec<_> = stops.iter().map(|stop| (stop.ticket.id.as_str(), stop.next)).collect();
    assert_eq!(seen, [("T0", Some(EventKind::Travel)), ("T1", Some(EventKind::Accept))]);
    assert_eq!(stops[1].site.as_ref().unwrap().address, "1 Penn Plaza");
    assert_eq!(phone.held_parts("T1").unwrap()[0].part.as_ref().unwrap().name, "Door roller");
}

#[test]
fn the_status_shown_never_falls_back_between_the_result_and_the_pull() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    let moment = world.moment();
    let mobile_sync_device::Next::Send(push) = phone.next(&moment).unwrap() else { panic!("a push is due") };
    let answer = mobile_sync_device::Answer::Arrived(world.server.answer(&push));
    phone.receive(&world.moment(), push.number, answer).unwrap();
    assert_eq!(phone.waiting().unwrap().count, 0);
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Accepted);
}

/// Seeds 2700 and 3015 of the simulation: the screen showed the phone's older value over a row that was newer, and the
/// next edit, made on that row, replaced the office's value without a card.
#[test]
fn an_edit_is_laid_over_no_row_that_has_it_already() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    let set = |name: &str, value: &str| {
        mobile_sync_device::wire::Fields::from_iter([(name.to_owned(), serde_json::json!(value))])
    };
    let push = |world: &mut World, phone: &mut mobile_sync_device::Device| {
        let mobile_sync_device::Next::Send(push) = phone.next(&world.moment()).unwrap() else {
            panic!("a push is due")
        };
        let answer = mobile_sync_device::Answer::Arrived(world.server.answer(&push));
        phone.receive(&world.moment(), push.number, answer).unwrap();
    };
    let note = |phone: &mobile_sync_device::Device| phone.ticket("T1").unwrap().unwrap().access_note;
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("access_note", "phone")).unwrap();
    push(&mut world, &mut phone);
    assert_eq!(note(&phone).as_deref(), Some("phone"), "the row is older");
    world.server.put(Collection::Tickets, "T1", serde_json::json!({"access_note": "office"}));
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("site_contact", "porter")).unwrap();
    push(&mut world, &mut phone);
    assert_eq!(note(&phone).as_deref(), Some("office"), "the row that came with the answer is newer");
}

/// Seeds 96136 and 300058 of the simulation: while an edit waited, an answer brought a newer row,
/// which the edit hid. The edit was refused, and the next one of its field replaced the office's value without a card.
#[test]
fn an_edit_of_what_one_has_edited_is_made_on_what_was_seen_then() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    let set = |name: &str, value: &str| {
        mobile_sync_device::wire::Fields::from_iter([(name.to_owned(), serde_json::json!(value))])
    };
    let ask = |world: &mut World, phone: &mut mobile_sync_device::Device| {
        let mobile_sync_device::Next::Send(push) = phone.next(&world.moment()).unwrap() else {
            panic!("a push is due")
        };
        push
    };
    let seen = world.server.scope()[&(Collection::Tickets, "T1".into())]["sync_v"].as_i64();
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("access_note", "gate")).unwrap();
    let push = ask(&mut world, &mut phone);
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("site_contact", "porter")).unwrap();
    world.server.put(Collection::Tickets, "T1", serde_json::json!({"site_contact": "office"}));
    let answer = mobile_sync_device::Answer::Arrived(world.server.answer(&push));
    phone.receive(&world.moment(), push.number, answer).unwrap();
    assert_eq!(
        phone.ticket("T1").unwrap().unwrap().site_contact.as_deref(),
        Some("porter"),
        "it hides the office's"
    );
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("site_contact", "neighbour")).unwrap();
    phone.patch(&world.moment(), Collection::Tickets, "T1", set("access_note", "yard")).unwrap();
    let push: mobile_sync_device::wire::push::PushRequest =
        serde_json::from_slice(&ask(&mut world, &mut phone).body).unwrap();
    let bases: Vec<_> = push.mutations.iter().map(|mutation| mutation.base).collect();
    assert_eq!(bases[..2], [seen, seen], "nobody saw the office's words");
    assert!(bases[2] > seen, "of the other field the newer row is seen");
}

#[test]
fn the_blocking_loop_ends_idle_with_everything_sent() {
    let mut world = World::new(5);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    let mut clock = World::new(6);
    let (progress, next) = sync_once(&mut phone, &mut world, || clock.moment()).unwrap();
    assert_eq!((progress.results, next), (1, mobile_sync_device::Next::Idle));
}

#[test]
fn a_quiet_phone_asks_once_and_hears_nothing() {
    let mut world = World::new(7);
    let mut phone = world.phone();
    world.requests = 0;
    let progress = world.sync(&mut phone);
    assert_eq!((world.requests, progress.changes), (1, 0));
}

#[test]
fn a_phone_may_move_between_threads() {
    fn movable<T: Send>(_: T) {}
    movable(World::new(8).phone());
}
