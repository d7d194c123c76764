//! Clocks: the cases, and what must hold for any reading.

use mobile_sync_wire::{
    Hlc,
    event_time::{Stamp, corrected, offset},
};
use proptest::prelude::*;
use serde::Deserialize;

use crate::files::vector;

#[derive(Deserialize)]
struct HlcCases {
    tick: Vec<Tick>,
    receive: Vec<Receive>,
    clamp: Vec<Clamp>,
    ascending: Vec<String>,
    none: Vec<String>,
}

#[derive(Deserialize)]
struct Tick {
    name: String,
    last: Hlc,
    now: i64,
    next: Hlc,
}

#[derive(Deserialize)]
struct Receive {
    name: String,
    mine: Hlc,
    other: Hlc,
    now: i64,
    next: Hlc,
}

#[derive(Deserialize)]
struct Clamp {
    name: String,
    hlc: Hlc,
    server_now: i64,
    counts_as: Hlc,
}

#[derive(Deserialize)]
struct TimeCases {
    corrected: Vec<Corrected>,
    offset: Vec<Offset>,
}

#[derive(Deserialize)]
struct Corrected {
    name: String,
    event: Stamp,
    sent: Option<Stamp>,
    received_at: i64,
    at: i64,
    time_uncertain: bool,
}

#[derive(Deserialize)]
struct Offset {
    name: String,
    sent_wall: i64,
    received_wall: i64,
    server_time: i64,
    offset: i64,
}

#[test]
fn the_clock_cases_hold() {
    let cases: HlcCases = vector("hlc");
    for case in cases.tick {
        assert_eq!(case.last.tick(case.now), case.next, "{}", case.name);
    }
    for case in cases.receive {
        assert_eq!(case.mine.receive(&case.other, case.now), case.next, "{}", case.name);
    }
    for case in cases.clamp {
        assert_eq!(case.hlc.clamped(case.server_now), case.counts_as, "{}", case.name);
    }
    assert!(cases.ascending.is_sorted());
    let read: Vec<Hlc> = cases.ascending.iter().map(|text| text.parse().unwrap()).collect();
    assert!(read.is_sorted());
    for text in cases.none {
        assert!(text.parse::<Hlc>().is_err(), "{text:?} is no clock reading");
    }
}

#[test]
fn the_event_time_cases_hold() {
    let cases: TimeCases = vector("event-time");
    for case in cases.corrected {
        let time = corrected(&case.event, case.sent.as_ref(), case.received_at);
        assert_eq!((time.at, time.time_uncertain), (case.at, case.time_uncertain), "{}", case.name);
    }
    for case in cases.offset {
        assert_eq!(
            offset(case.sent_wall, case.received_wall, case.server_time),
            case.offset,
            "{}",
            case.name
        );
    }
}

#[test]
fn a_devices_tag_is_the_random_end_of_its_id() {
    assert_eq!(Hlc::tag_of("0198F3C1-0d2e-7b3c-9a41-5e6f708192D9"), "708192d9");
    assert_eq!(Hlc::new(1, 0, "Straße-9").tag(), "trae9", "a tag is brought into its alphabet");
    assert_eq!(Hlc::new(-5, 0, "").to_string(), "000000000000-0000-0");
}

fn reading() -> impl Strategy<Value = Hlc> {
    (0..1_i64 << 47, any::<u16>(), "[a-z0-9]{1,8}")
        .prop_map(|(millis, counter, tag)| Hlc::new(millis, counter, &tag))
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (any::<i64>(), any::<i64>(), "[ab]").prop_map(|(wall, mono, boot)| Stamp { wall, mono, boot })
}

proptest! {
    #[test]
    fn a_reading_survives_its_text_and_texts_sort_as_readings(a in reading(), b in reading()) {
        prop_assert_eq!(&a.to_string().parse::<Hlc>().unwrap(), &a);
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn every_tick_is_later_whatever_the_wall_clock_does(start in reading(), walls in prop::collection::vec(0..1_i64 << 47, 1..50)) {
        let mut clock = start;
        for now in walls {
            let next = clock.tick(now);
            prop_assert!(next > clock && next.tag() == clock.tag());
            clock = next;
        }
    }

    #[test]
    fn what_was_heard_is_before_what_follows(mine in reading(), other in reading(), now in 0..1_i64 << 47) {
        let next = mine.receive(&other, now);
        prop_assert!((next.millis(), next.counter()) > (mine.millis(), mine.counter()));
        prop_assert!((next.millis(), next.counter()) > (other.millis(), other.counter()));
        prop_assert!(next.millis() >= now && next.tag() == mine.tag());
    }

    #[test]
    fn no_reading_counts_for_later_than_the_servers_now(hlc in reading(), now in 0..1_i64 << 47) {
        prop_assert!(hlc.clamped(now).millis() <= now);
        prop_assert!(hlc.clamped(now) <= hlc || hlc.millis() <= now);
    }

    #[test]
    fn no_stranger_makes_time_overflow_or_the_future(event in stamp(), sent in prop::option::of(stamp()), received in any::<i64>()) {
        let time = corrected(&event, sent.as_ref(), received);
        prop_assert!(0 <= time.at && time.at <= received.max(0));
    }
}
