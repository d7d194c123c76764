//! Tokens come and go; the queue stays.

use mobile_sync_device::{Answer, Device, DeviceError, Next, Place, wire::EventKind};

use crate::world::{World, identity};

#[test]
fn a_new_phone_asks_to_be_enrolled_and_then_pulls() {
    let mut world = World::new(1);
    let mut phone = Device::open(&Place::Memory, &identity()).unwrap();
    assert_eq!(phone.next(&world.moment()).unwrap(), Next::NeedsEnrolment);
    assert!(matches!(
        phone.act(&world.moment(), "T1", EventKind::Accept, None),
        Err(DeviceError::NoSuchRow { .. })
    ));
    world.enrol(&mut phone);
    assert!(phone.is_enrolled());
    world.sync(&mut phone);
    assert!(phone.is_complete());
}

#[test]
fn a_revoked_token_keeps_the_queue_until_the_phone_is_enrolled_again() {
    let mut world = World::new(2);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    world.server.revoked = true;
    assert_eq!(world.sync(&mut phone).failed, Some(401));
    assert!(!phone.is_enrolled());
    assert_eq!(phone.waiting().unwrap().count, 1);
    world.server.revoked = false;
    world.enrol(&mut phone);
    world.sync(&mut phone);
    assert_eq!(phone.waiting().unwrap().count, 0);
    assert_eq!(world.server.order[phone.device_id()], [1]);
}

#[test]
fn another_engineer_cannot_take_over_a_phone_with_unsent_work() {
    let mut world = World::new(3);
    let mut phone = world.phone();
    phone.act(&world.moment(), "T1", EventKind::Accept, None).unwrap();
    world.server.engineer_id = "E8".into();
    let request = phone.enrol(&world.moment()).unwrap();
    let answer = Answer::Arrived(world.server.answer(&request));
    let refused = phone.receive(&world.moment(), request.number, answer);
    assert!(matches!(refused, Err(DeviceError::AnotherEngineersWork)));
    assert_eq!((phone.engineer_id(), phone.waiting().unwrap().count), (Some("E7"), 1));
}

#[test]
fn another_engineer_finds_nothing_of_the_last_ones_rows() {
    let mut world = World::new(4);
    let mut phone = world.phone();
    world.server.engineer_id = "E8".into();
    world.enrol(&mut phone);
    assert_eq!((phone.engineer_id(), phone.cursor()), (Some("E8"), 0));
    assert!(phone.ticket("T1").unwrap().is_none());
}

#[test]
fn a_failed_enrolment_can_simply_be_tried_again() {
    let mut world = World::new(5);
    let mut phone = Device::open(&Place::Memory, &identity()).unwrap();
    let request = phone.enrol(&world.moment()).unwrap();
    phone.receive(&world.moment(), request.number, Answer::Lost).unwrap();
    assert!(!phone.is_enrolled());
    world.enrol(&mut phone);
    assert!(phone.is_enrolled());
}
