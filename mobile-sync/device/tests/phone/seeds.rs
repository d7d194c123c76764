//! Many days from seeds: random acts, an office that interferes, weather, crashes, a restore. Whatever happens,
//! nothing is lost, nothing is doubled, and in the end phone and server hold the same.

use mobile_sync_device::{
    Device, PartUse, Place,
    wire::{Collection, EventKind, Fields, docs::PartOutcome, pull::ChangeOp},
};
use serde_json::json;
use tempfile::TempDir;

use crate::world::{World, identity, one_ticket};

const TICKETS: [&str; 3] = ["T1", "T2", "T3"];

fn act(world: &mut World, phone: &mut Device) {
    let ticket = *world.chance.clone().pick(&TICKETS);
    world.chance.next();
    // A ticket that was taken away can no longer be worked on.
    if phone.ticket(ticket).unwrap().is_none() {
        return;
    }
    let now = world.moment();
    match world.chance.below(5) {
        0 => drop(phone.add_note(&now, ticket, "seen").unwrap()),
        1 => {
            let part = PartUse {
                part_id: "P5".into(),
                quantity: 1,
                serial: None,
                removed_serial: None,
                outcome: PartOutcome::Used,
            };
            phone.use_part(&now, ticket, &part).unwrap();
        }
        2 => {
            let set = Fields::from_iter([("access_note".to_owned(), json!(format!("phone {}", now.mono)))]);
            phone.patch(&now, Collection::Tickets, ticket, set).unwrap();
        }
        _ => {
            let actions = phone.actions(ticket).unwrap();
            if !actions.is_empty() {
                let kind = *world.chance.pick(&actions);
                if kind != EventKind::Decline {
                    phone.act(&now, ticket, kind, Some("because")).unwrap();
                }
            }
        }
    }
}

fn office(world: &mut World) {
    let ticket = *world.chance.clone().pick(&TICKETS);
    match world.chance.below(8) {
        0 => world.server.put(Collection::Tickets, ticket, json!({"status": "cancelled"})),
        1 => world.server.put(Collection::Tickets, ticket, json!({"status": "assigned"})),
        2 => world.server.take_away(Collection::Tickets, ticket, ChangeOp::Remove),
        _ => {
            let note = format!("office {}", world.server.now);
            world.server.put(Collection::Tickets, ticket, json!({"access_note": note}));
        }
    }
}

/// A few exchanges with whatever weather there is, not necessarily to the end.
fn talk(world: &mut World, phone: &mut Device) {
    use mobile_sync_device::{Answer, Next, Transport};
    phone.want_pull();
    for _ in 0..world.chance.below(6) {
        match phone.next(&world.moment()).unwrap() {
            Next::Send(request) => {
                let answer = world.post(&request).map_or(Answer::Lost, Answer::Arrived);
                phone.receive(&world.moment(), request.number, answer).unwrap();
            }
            Next::WaitUntil { mono } => world.pass(mono - world.mono),
            Next::Idle | Next::NeedsEnrolment => return,
        }
    }
}

fn assert_exactly_once(world: &World, phone: &Device, seed: u64) {
    let all: Vec<i64> = (1..=phone.last_seq()).collect();
    let empty = Vec::new();
    let order = world.server.order.get(phone.device_id()).unwrap_or(&empty);
    assert_eq!(*order, all, "seed {seed}: lost, doubled or out of order");
    assert!(world.server.written.values().all(|&times| times == 1), "seed {seed}: a row was doubled");
    assert_eq!(phone.waiting().unwrap().count, 0, "seed {seed}: the queue did not drain");
}

fn assert_alike(world: &World, phone: &Device, seed: u64) {
    let scope = world.server.scope();
    for collection in
        [Collection::Tickets, Collection::Notes, Collection::TicketEvents, Collection::PartUsage]
    {
        let theirs: Vec<Fields> =
            scope.iter().filter(|((c, _), _)| *c == collection).map(|(_, doc)| doc.clone()).collect();
        assert_eq!(phone.rows(collection).unwrap(), theirs, "seed {seed}: {collection} differ");
    }
}

fn one_day(seed: u64, dir: Option<&TempDir>) {
    let mut world = World::new(seed);
    one_ticket(&mut world.server, "T2", 1042);
    one_ticket(&mut world.server, "T3", 1043);
    let place = dir.map_or(Place::Memory, |dir| Place::File(dir.path().join(format!("{seed}.db"))));
    let mut phone = Device::open(&place, &identity()).unwrap();
    world.enrol(&mut phone);
    world.sync(&mut phone);
    world.faults = 40;
    let mut backup = None;
    for step in 0..60 {
        match world.chance.below(10) {
            0..5 => act(&mut world, &mut phone),
            5 => office(&mut world),
            6 if dir.is_some() => {
                drop(phone);
                phone = Device::open(&place, &identity()).unwrap();
                world.boot += 1;
                world.mono = 0;
            }
            _ => talk(&mut world, &mut phone),
        }
        if step == 20 {
            backup = Some(world.server.clone());
        }
        if step == 45 && seed.is_multiple_of(3) {
            world.server.restore(&backup.take().unwrap(), "e2");
            // A request from before the restore carries the old epoch, and is refused.
        }
    }
    world.faults = 0;
    world.sync(&mut phone);
    assert_exactly_once(&world, &phone, seed);
    assert_alike(&world, &phone, seed);
}

#[test]
fn three_hundred_days_in_memory_converge() {
    (0..300).for_each(|seed| one_day(seed, None));
}

#[test]
fn twenty_days_with_crashes_converge() {
    let dir = TempDir::new().unwrap();
    (1_000..1_020).for_each(|seed| one_day(seed, Some(&dir)));
}
