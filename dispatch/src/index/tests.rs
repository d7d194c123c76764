//! What the roster does with one engineer at a time. That it finds the right ones among many is shown
//! in `tests/all/properties.rs`, against a scan over everybody.

use super::*;
use crate::problem::MS_PER_MINUTE;
use crate::rules::sample::{engineer, visit};

const HOME: Point = Point { latitude: 40.75, longitude: -73.98 };
const AWAY: Point = Point { latitude: 40.80, longitude: -73.95 };

fn at(minute: i64, point: Point) -> Position {
    Position { point, at: minute * MS_PER_MINUTE }
}

fn person(id: u128, skill: &str) -> Engineer {
    let mut person = engineer().shift(0, 600).with(skill, 1).build();
    person.id = Uuid::from_u128(id);
    person.home = HOME;
    person
}

fn roster() -> Roster {
    let mut roster = Roster::new(0, &Policy::default());
    roster.upsert(person(1, "LIFT-A"));
    roster.upsert(person(2, "LIFT-B"));
    roster
}

fn place(roster: &Roster, id: u128) -> Point {
    roster.place(Uuid::from_u128(id)).unwrap()
}

fn near(roster: &Roster, skill: &str) -> Vec<u128> {
    let mut visit = visit();
    visit.required_skills.push(crate::SkillRequirement { skill: skill.into(), level: 1 });
    let policy = Policy::default();
    let near = roster.nearest(&Query::new(&visit, 0, &policy), 10);
    near.iter().map(|near| near.engineer_id.as_u128()).collect()
}

#[test]
fn someone_of_unknown_position_is_taken_to_be_at_home() {
    assert_eq!(place(&roster(), 1), HOME);
}

#[test]
fn a_position_counts_until_it_is_too_old() {
    let (mut roster, policy) = (roster(), Policy::default());
    assert!(roster.moved(Uuid::from_u128(1), at(0, AWAY)));
    assert_eq!(place(&roster, 1), AWAY);
    roster.refresh(60 * MS_PER_MINUTE, &policy);
    assert_eq!(place(&roster, 1), AWAY);
    roster.refresh(60 * MS_PER_MINUTE + 1, &policy);
    assert_eq!(place(&roster, 1), HOME);
    assert_eq!(roster.position(Uuid::from_u128(1)), Some(at(0, AWAY)));
}

#[test]
fn a_position_that_is_too_old_when_it_arrives_moves_nobody() {
    let mut roster = roster();
    assert!(roster.moved(Uuid::from_u128(1), at(-61, AWAY)));
    assert_eq!(place(&roster, 1), HOME);
}

#[test]
fn an_older_position_does_not_replace_a_later_one() {
    let mut roster = roster();
    assert!(roster.moved(Uuid::from_u128(1), at(5, AWAY)));
    assert!(!roster.moved(Uuid::from_u128(1), at(4, HOME)));
    assert_eq!(place(&roster, 1), AWAY);
}

#[test]
fn putting_somebody_in_again_keeps_his_load_and_his_later_position() {
    let mut roster = roster();
    let (id, load) = (Uuid::from_u128(1), Load { tickets: 2, minutes: 90 });
    roster.moved(id, at(5, AWAY));
    roster.loaded(id, load);
    let mut again = person(1, "LIFT-A");
    again.position = Some(at(3, HOME));
    roster.upsert(again);
    assert_eq!((roster.load(id), roster.position(id)), (Some(load), Some(at(5, AWAY))));
    assert_eq!(roster.len(), 2);
}

#[test]
fn changed_certificates_change_who_is_found() {
    let mut roster = roster();
    assert_eq!(near(&roster, "LIFT-A"), [1]);
    roster.upsert(person(1, "LIFT-B"));
    assert_eq!(near(&roster, "LIFT-A"), Vec::<u128>::new());
    assert_eq!(near(&roster, "LIFT-B"), [1, 2]);
}

#[test]
fn someone_removed_is_found_no_more_and_his_seat_is_used_again() {
    let mut roster = roster();
    assert!(roster.remove(Uuid::from_u128(1)));
    assert!(!roster.remove(Uuid::from_u128(1)));
    assert!(near(&roster, "LIFT-A").is_empty());
    assert!(roster.engineer(Uuid::from_u128(1)).is_none());
    roster.upsert(person(3, "LIFT-A"));
    assert_eq!(near(&roster, "LIFT-A"), [3]);
    assert_eq!((roster.len(), roster.seats.len()), (2, 2));
}

#[test]
fn someone_unknown_is_neither_moved_nor_loaded() {
    let mut roster = roster();
    assert!(!roster.moved(Uuid::nil(), at(0, AWAY)));
    assert!(!roster.loaded(Uuid::nil(), Load::default()));
}

#[test]
fn building_at_once_is_the_same_as_one_by_one() {
    let people = || [person(1, "LIFT-A"), person(2, "LIFT-B"), person(2, "LIFT-A")];
    let built = Roster::build(people(), 0, &Policy::default());
    assert_eq!((built.len(), built.tree.size()), (2, 2));
    assert_eq!(near(&built, "LIFT-A"), [1, 2]);
    assert!(near(&built, "LIFT-B").is_empty());
}

#[test]
fn an_empty_roster_finds_nobody() {
    let roster = Roster::new(0, &Policy::default());
    assert!(roster.is_empty());
    assert!(near(&roster, "LIFT-A").is_empty());
}
