//! The file alone is the state: whatever moment the app dies at, nothing is lost and nothing is done twice.

use mobile_sync_device::{
    Answer, Device, Next, Place,
    wire::{EventKind, TicketStatus},
};
use tempfile::TempDir;

use crate::world::{World, identity};

fn on_disk(dir: &TempDir) -> Device {
    Device::open(&Place::File(dir.path().join("phone.db")), &identity()).unwrap()
}

fn enrolled(world: &mut World, dir: &TempDir) -> Device {
    let mut phone = on_disk(dir);
    world.enrol(&mut phone);
    world.sync(&mut phone);
    phone
}

#[test]
fn everything_survives_a_crash_before_it_was_sent() {
    let dir = TempDir::new().unwrap();
    let mut world = World::new(1);
    let mut phone = enrolled(&mut world, &dir);
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    phone.add_note(&world.moment(), "T1", "in the cellar").unwrap();
    let cursor = phone.cursor();
    drop(phone);
    let mut phone = on_disk(&dir);
    assert!(phone.is_enrolled() && phone.is_complete());
    assert_eq!((phone.cursor(), phone.last_seq(), phone.engineer_id()), (cursor, 2, Some("E7")));
    assert_eq!(phone.ticket("T1").unwrap().unwrap().status, TicketStatus::Accepted);
    // Another start of the device: the numbers go on.
    world.boot += 1;
    world.mono = 5;
    let made = phone.act(&world.moment(), "T1", EventKind::Travel, None).unwrap();
    assert_eq!(made.seq, 3);
    world.sync(&mut phone);
    assert_eq!(world.server.order[phone.device_id()], [1, 2, 3]);
}

#[test]
fn a_crash_between_the_servers_commit_and_the_phones_doubles_nothing() {
    let dir = TempDir::new().unwrap();
    let mut world = World::new(2);
    let mut phone = enrolled(&mut world, &dir);
    phone.act(&world.moment(), "T1", EventKind::Complete, None).unwrap();
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a push is due") };
    world.server.answer(&request);
    drop(phone);
    let mut phone = on_disk(&dir);
    world.sync(&mut phone);
    assert!(world.server.written.values().all(|&times| times == 1));
    assert_eq!((phone.waiting().unwrap().count, phone.troubles().unwrap().len()), (0, 0));
}

#[test]
fn an_answer_for_the_app_that_died_is_not_taken_by_the_next() {
    let dir = TempDir::new().unwrap();
    let mut world = World::new(3);
    let mut phone = enrolled(&mut world, &dir);
    phone.want_pull();
    let Next::Send(request) = phone.next(&world.moment()).unwrap() else { panic!("a pull is due") };
    let answer = world.server.answer(&request);
    drop(phone);
    let mut phone = on_disk(&dir);
    let progress = phone.receive(&world.moment(), request.number, Answer::Arrived(answer)).unwrap();
    assert_eq!(progress, Default::default());
}

#[test]
fn the_identity_of_the_first_start_stays_for_the_life_of_the_file() {
    let dir = TempDir::new().unwrap();
    let first = on_disk(&dir).device_id().to_owned();
    let mut other = identity();
    other.device_id = "another".into();
    let reopened = Device::open(&Place::File(dir.path().join("phone.db")), &other).unwrap();
    assert_eq!(reopened.device_id(), first);
}
