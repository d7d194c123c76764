//! A server that comes back from a backup: each phone is a backup of its own work.

use mobile_sync_device::{
    Answer, Next, RequestKind,
    wire::{Collection, EventKind, TicketStatus},
};
use serde_json::json;

use crate::world::{World, one_ticket};

#[test]
fn acknowledged_work_that_the_backup_lacks_is_sent_again() {
    let mut world = World::new(1);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    world.sync(&mut phone);
    let backup = world.server.clone();
    phone.act(&world.moment(), "T1", EventKind::Start, None).unwrap();
    phone.add_note(&world.moment(), "T1", "done before the restore").unwrap();
    world.sync(&mut phone);
    assert_eq!(phone.waiting().unwrap().count, 0);

    world.server.restore(&backup, "e2");
    phone.act(&world.moment(), "T1", EventKind::Complete, None).unwrap();
    let progress = world.sync(&mut phone);
    assert!(progress.epoch_changed);
    assert_eq!(phone.epoch(), "e2");
    assert_eq!(world.server.order[phone.device_id()], [1, 2, 3, 4]);
    assert!(world.server.written.values().all(|&times| times == 1));
    assert_eq!(world.server.status("T1"), TicketStatus::Completed);
    assert_eq!(phone.waiting().unwrap().count, 0);
}

#[test]
fn a_pull_notices_the_new_epoch_as_well_as_a_push() {
    let mut world = World::new(2);
    let mut phone = world.phone();
    let backup = world.server.clone();
    phone.add_note(&world.moment(), "T1", "will be lost there").unwrap();
    world.sync(&mut phone);
    world.server.restore(&backup, "e2");
    assert!(world.sync(&mut phone).epoch_changed);
    assert_eq!(world.server.order[phone.device_id()], [1]);
    assert_eq!(phone.notes("T1").unwrap().len(), 1);
}

#[test]
fn rows_stay_on_the_screen_until_the_new_truth_is_whole_and_then_the_forgotten_go() {
    let mut world = World::new(3);
    let backup = world.server.clone();
    one_ticket(&mut world.server, "T2", 1042);
    let mut phone = world.phone();
    assert!(phone.ticket("T2").unwrap().is_some());
    world.server.restore(&backup, "e2");
    phone.want_pull();
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    let answer = Answer::Arrived(world.server.answer(&request));
    assert!(phone.receive(&world.moment(), request.number, answer).unwrap().epoch_changed);
    assert!(phone.ticket("T2").unwrap().is_some() && !phone.is_complete());
    world.sync(&mut phone);
    assert!(phone.ticket("T2").unwrap().is_none() && phone.ticket("T1").unwrap().is_some());
}

#[test]
fn nothing_is_pushed_into_a_new_epoch_before_it_said_what_it_has() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    let backup = world.server.clone();
    world.server.restore(&backup, "e2");
    phone.add_note(&world.moment(), "T1", "waiting").unwrap();
    let mut kinds = Vec::new();
    while let Next::Send(request) = phone.next(&world.moment()).unwrap() {
        kinds.push(request.kind);
        let answer = Answer::Arrived(world.server.answer(&request));
        phone.receive(&world.moment(), request.number, answer).unwrap();
    }
    use RequestKind::{Pull, Push};
    assert_eq!(kinds, [Push, Pull, Push, Pull]);
}

#[test]
fn the_offices_edit_after_a_restore_is_not_overwritten_by_an_old_one() {
    let mut world = World::new(5);
    let mut phone = world.phone();
    let backup = world.server.clone();
    let set = mobile_sync_device::wire::Fields::from_iter([("access_note".to_owned(), json!("phone"))]);
    phone.patch(&world.moment(), Collection::Tickets, "T1", set).unwrap();
    world.sync(&mut phone);
    world.server.restore(&backup, "e2");
    world.pass(60_000);
    world.server.put(Collection::Tickets, "T1", json!({"access_note": "office"}));
    world.sync(&mut phone);
    assert_eq!(phone.ticket("T1").unwrap().unwrap().access_note.as_deref(), Some("office"));
    assert_eq!(phone.troubles().unwrap().len(), 1, "the phone's value is on a card");
}

#[test]
fn acknowledged_work_is_kept_thirty_days_and_then_forgotten() {
    let mut world = World::new(6);
    let mut phone = world.phone();
    let backup = world.server.clone();
    phone.add_note(&world.moment(), "T1", "old").unwrap();
    world.sync(&mut phone);
    world.pass(31 * 24 * 3_600_000);
    world.sync(&mut phone);
    world.server.restore(&backup, "e2");
    world.sync(&mut phone);
    assert!(world.server.inbox.is_empty(), "there is nothing left to send");
}
