//! The outbox in bad weather: lost answers, repeats, batches that are too large, a server that misses a number.

use mobile_sync_device::{
    Answer, Device, Next, RequestKind, Response,
    wire::{EventKind, TicketStatus, push::PushRequest},
};

use crate::world::World;

fn notes(world: &mut World, phone: &mut Device, count: usize) {
    for n in 0..count {
        phone.add_note(&world.moment(), "T1", &format!("note {n}")).unwrap();
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_and_nothing_is_doubled() {
    let mut world = World::new(1);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    let Next::Send(first) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    world.server.answer(&first);
    phone.receive(&world.moment(), first.number, Answer::Lost).unwrap();
    assert_eq!(phone.waiting().unwrap().count, 1, "whether it arrived is not known");
    world.sync(&mut phone);
    assert_eq!(phone.waiting().unwrap().count, 0);
    assert!(world.server.written.values().all(|&times| times == 1));
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Accepted);
}

#[test]
fn an_answer_that_was_given_up_changes_nothing_when_it_comes() {
    let mut world = World::new(2);
    let mut phone = world.phone();
    phone.want_pull();
    let Next::Send(slow) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    let late = world.server.answer(&slow);
    world.server.put(
        mobile_sync_device::wire::Collection::Tickets,
        "T1",
        serde_json::json!({"title": "newer"}),
    );
    world.sync(&mut phone);
    let progress = phone.receive(&world.moment(), slow.number, Answer::Arrived(late)).unwrap();
    assert_eq!(progress, Default::default());
    assert_eq!(phone.ticket("T1").unwrap().unwrap().title, "newer");
}

#[test]
fn the_answer_to_an_earlier_request_is_not_taken_for_the_one_under_way() {
    let mut world = World::new(12);
    let mut phone = world.phone();
    phone.want_pull();
    let Next::Send(slow) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    let late = Answer::Arrived(world.server.answer(&slow));
    let Next::Send(again) = phone.next(&world.moment()).unwrap() else { panic!("a pull is still due") };
    assert_eq!(phone.receive(&world.moment(), slow.number, late).unwrap(), Default::default());
    let answer = Answer::Arrived(world.server.answer(&again));
    assert!(
        phone.receive(&world.moment(), again.number, answer).unwrap().complete,
        "the right one still counts"
    );
}

#[test]
fn pauses_grow_are_bounded_and_end_when_the_network_is_back() {
    let mut world = World::new(3);
    let mut phone = world.phone();
    phone.want_pull();
    let mut longest = 0;
    for _ in 0..20 {
        let now = world.moment();
        match phone.next(&now).unwrap() {
            Next::Send(request) => {
                phone.receive(&now, request.number, Answer::Lost).unwrap();
            }
            Next::WaitUntil { mono } => {
                longest = longest.max(mono - world.mono);
                world.pass(mono - world.mono);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((60_000..=300_000).contains(&longest), "{longest}");
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    phone.receive(&world.moment(), request.number, Answer::Lost).unwrap();
    phone.try_now();
    assert!(matches!(phone.next(&world.moment()).unwrap(), Next::Send(_)));
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    phone.want_pull();
    let now = world.moment();
    let Next::Send(request) = phone.next(&now).unwrap() else { panic!("a pull is due") };
    let busy = Response { status: 503, retry_after_seconds: Some(90), body: b"<html>".to_vec() };
    let progress = phone.receive(&now, request.number, Answer::Arrived(busy)).unwrap();
    assert_eq!(progress.failed, Some(503));
    assert_eq!(phone.next(&now).unwrap(), Next::WaitUntil { mono: now.mono + 90_000 });
}

#[test]
fn nonsense_with_a_good_status_is_only_bad_weather() {
    let mut world = World::new(5);
    let mut phone = world.phone();
    notes(&mut world, &mut phone, 1);
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    let portal =
        Response { status: 200, retry_after_seconds: None, body: b"<html>Welcome to Hotel Wi-Fi".to_vec() };
    phone.receive(&world.moment(), request.number, Answer::Arrived(portal)).unwrap();
    assert_eq!(phone.waiting().unwrap().count, 1);
    world.sync(&mut phone);
    assert_eq!(phone.waiting().unwrap().count, 0);
}

#[test]
fn a_batch_that_is_too_large_is_halved_until_it_passes() {
    let mut world = World::new(6);
    let mut phone = world.phone();
    notes(&mut world, &mut phone, 40);
    world.server.limits.push_mutations = 7;
    let progress = world.sync(&mut phone);
    assert_eq!((progress.results, progress.failed), (40, Some(413)));
    assert_eq!(world.server.order[phone.device_id()], (1..=40).collect::<Vec<_>>());
}

#[test]
fn a_batch_stays_within_the_bytes_announced() {
    let mut world = World::new(7);
    world.server.limits.body_bytes = 64 * 1024;
    let mut phone = world.phone();
    for _ in 0..10 {
        phone.add_note(&world.moment(), "T1", &"x".repeat(20_000)).unwrap();
    }
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    assert!(request.body.len() <= 64 * 1024);
    let progress = world.sync(&mut phone);
    assert_eq!((progress.results, progress.failed), (10, None));
}

#[test]
fn a_server_that_misses_a_number_gets_everything_from_there() {
    let mut world = World::new(8);
    let mut phone = world.phone();
    let backup = world.server.clone();
    notes(&mut world, &mut phone, 3);
    world.sync(&mut phone);
    // The server lost what it had acknowledged, and does not know it: no new epoch.
    let now = world.server.now;
    world.server = backup;
    world.server.now = now;
    notes(&mut world, &mut phone, 1);
    world.sync(&mut phone);
    assert_eq!(world.server.order[phone.device_id()], [1, 2, 3, 4]);
    assert_eq!(phone.waiting().unwrap().count, 0);
    assert_eq!(phone.notes("T1").unwrap().len(), 4);
}

#[test]
fn work_goes_up_before_rows_come_down() {
    let mut world = World::new(9);
    let mut phone = world.phone();
    notes(&mut world, &mut phone, 2);
    phone.want_pull();
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    assert_eq!(request.kind, RequestKind::Push);
    let push: PushRequest = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(push.mutations.len(), 2);
}

#[test]
fn a_first_pull_of_many_pages_is_complete_only_at_the_last() {
    let mut world = World::new(10);
    for n in 0..1_203 {
        world.server.put(
            mobile_sync_device::wire::Collection::Parts,
            &format!("P{n:05}"),
            serde_json::json!({"number": n.to_string(), "name": "part"}),
        );
    }
    let mut phone = Device::open(&mobile_sync_device::Place::Memory, &crate::world::identity()).unwrap();
    world.enrol(&mut phone);
    let mut pages = Vec::new();
    while let Next::Send(request) = phone.next(&world.moment()).unwrap() {
        let answer = Answer::Arrived(world.server.answer(&request));
        let progress = phone.receive(&world.moment(), request.number, answer).unwrap();
        assert_eq!(phone.is_complete(), progress.complete);
        pages.push(progress.changes);
    }
    assert_eq!(pages.iter().sum::<usize>(), world.server.scope().len());
    assert!(pages.len() == 3 && pages[..2] == [500, 500]);
}
