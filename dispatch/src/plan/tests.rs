//! What is refused, and how it is named.

use serde_json::{Value, json};

use super::*;

/// Two tickets and two engineers, with these fields set.
fn problem(changes: &[(&str, Value)]) -> Result<Problem, String> {
    let engineer = |id| json!({"id": id, "skills": [1], "shift_start_s": 0, "shift_end_s": 36_000});
    let ticket = |id| {
        let mut ticket = json!({"id": id, "duration_s": 600, "earliest_s": 0, "due_s": 9_000, "priority": 2});
        ticket["skills"] = json!([1]);
        ticket
    };
    let mut value = json!({
        "travel": {"model": "haversine", "road_factor": 1.3, "speed_kmh": 30.0},
        "engineers": [engineer(0), engineer(1)],
        "tickets": [ticket(10), ticket(11)],
    });
    for (pointer, change) in changes {
        let (parent, field) = pointer.rsplit_once('/').expect("a path");
        value.pointer_mut(parent).expect("it is there")[field] = change.clone();
    }
    let problem: Problem = serde_json::from_value(value).map_err(|error| error.to_string())?;
    problem.check().map_err(|error| error.to_string())?;
    Ok(problem)
}

/// That each is refused with these words.
fn refused(cases: &[(&str, Value, &str)]) {
    for (pointer, change, words) in cases {
        let fault = problem(&[(pointer, change.clone())]).expect_err(words);
        assert!(fault.contains(words), "{fault} instead of {words}");
    }
}

#[test]
fn certificates_are_checked() {
    let certificate = |change: Value| {
        let mut certificate = json!({"skill": 7, "level": 2, "valid_from_s": 0, "valid_until_s": 100});
        certificate.as_object_mut().expect("fields").extend(change.as_object().expect("fields").clone());
        json!([certificate])
    };
    assert!(problem(&[("/engineers/1/certificates", certificate(json!({})))]).is_ok());
    let at = "/engineers/1/certificates";
    refused(&[
        (
            at,
            certificate(json!({"valid_until_s": -1})),
            "engineers[1].certificates[0].valid_until_s: must not be",
        ),
        (
            at,
            certificate(json!({"valid_from_s": 99_999_999})),
            "engineers[1].certificates[0].valid_from_s: must be",
        ),
        (at, certificate(json!({"valid_til_s": 5})), "unknown field `valid_til_s`"),
        ("/tickets/0/required_skills", json!([{"skill": 7, "levle": 5}]), "unknown field `levle`"),
        ("/engineers/0/skills", json!(vec![1; 1_001]), "engineers[0].skills: has more than 1,000 entries"),
    ]);
}

#[test]
fn breaks_are_checked() {
    let at = "/engineers/1/break";
    let pause = |duration: i32, earliest: i32, latest: i32| {
        let times = [("duration_s", duration), ("earliest_s", earliest), ("latest_s", latest)];
        json!(std::collections::BTreeMap::from(times))
    };
    assert!(problem(&[(at, pause(1_800, 10_000, 34_200))]).is_ok());
    refused(&[
        (at, pause(-1, 10_000, 20_000), "engineers[1].break.duration_s: must be"),
        (at, pause(1_800, 20_000, 10_000), "break.latest_s: must not be before earliest_s"),
        (at, pause(1_800, -20_000, -10_000), "break.latest_s: is before he is at work"),
        (at, pause(1_800, 35_000, 36_000), "engineers[1].break.duration_s: does not fit"),
        (at, json!({"duration_s": 1, "earliest_s": 0}), "missing field `latest_s`"),
    ]);
}

#[test]
fn the_middle_of_the_day_is_checked() {
    let started = ("/tickets/0/started_at_s", json!(100));
    let by = |engineer: i64| ("/tickets/0/pinned_engineer", json!(engineer));
    assert!(problem(&[started.clone(), by(1)]).is_ok());
    let twice = [started.clone(), by(1), ("/tickets/1/started_at_s", json!(0))];
    let fault =
        problem(&[&twice[..], &[("/tickets/1/pinned_engineer", json!(1))]].concat()).expect_err("twice");
    assert_eq!(fault, "tickets[1].started_at_s: is not possible: its engineer has begun another");
    refused(&[
        (started.0, started.1, "tickets[0].started_at_s: needs the pinned_engineer who began"),
        ("/tickets/0/fixed_start_s", json!(-1), "tickets[0].fixed_start_s: must not be before earliest_s"),
        ("/tickets/0/latest_start_s", json!(-1), "tickets[0].latest_start_s: must not be before earliest_s"),
        ("/engineers/0/start_lat", json!(5.0), "engineers[0].start_lat: and start_lon belong together"),
        ("/engineers/0/start_row", json!(3), "engineers[0].start_row: is for travel by a matrix"),
        ("/engineers/0/available_from_s", json!(1e9 as i64), "engineers[0].available_from_s: must be within"),
    ]);
}

#[test]
fn prices_are_checked() {
    refused(&[
        ("/disturbance_s", json!(-1), "disturbance_s: must be 0 to 10,000,000"),
        ("/tickets/1/preference_s", json!(5), "tickets[1].preference_s: needs preferred_engineers"),
        ("/tickets/1/in_force", json!("Ada"), "invalid type"),
    ]);
}

#[test]
fn parts_are_checked() {
    let part = |quantity: i64| json!({"part": 5, "quantity": quantity});
    refused(&[
        ("/tickets/1/parts", json!([part(-1)]), "tickets[1].parts[0].quantity: must be 0 to"),
        ("/engineers/1/stock", json!([part(1), part(2)]), "engineers[1].stock[1].part: is there twice"),
        ("/depots", json!([{"id": 3, "row": 1}]), "depots[0].row: is needed with a matrix, and only then"),
        ("/depots", json!([{"id": 3}, {"id": 3}]), "depots[1].id: is there twice"),
        (
            "/depots",
            json!([{"id": 3, "stock": [part(i64::MAX)]}]),
            "depots[0].stock[0].quantity: must be 0 to",
        ),
    ]);
}

#[test]
fn crews_are_checked() {
    let at = "/tickets/0/crew";
    let two = (at, json!(2));
    let pinned = ("/tickets/0/pinned_engineer", json!(1));
    let others = |ids: &[i64]| ("/tickets/0/pinned_crew", json!(ids));
    assert!(problem(std::slice::from_ref(&two)).is_ok());
    assert!(problem(&[two.clone(), ("/tickets/0/crew_skills", json!([]))]).is_ok());
    assert!(problem(&[(at, json!(10))]).is_ok(), "more than there are: left out like what nobody can do");
    assert!(problem(&[two.clone(), pinned.clone(), others(&[0])]).is_ok());
    refused(&[
        (at, json!(0), "tickets[0].crew: must be 1 to 10"),
        (at, json!(11), "tickets[0].crew: must be 1 to 10"),
        (at, json!(4_000_000_000_u32), "tickets[0].crew: must be 1 to 10"),
        (at, json!(-1), "invalid value"),
        ("/tickets/0/crew_skills", json!([1]), "tickets[0].crew_skills: needs a crew of 2 or more"),
        (
            "/tickets/0/pinned_crew",
            json!([0]),
            "tickets[0].pinned_crew: must name all of the crew but its lead",
        ),
        ("/tickets/0/in_force_crew", json!([5, 5]), "tickets[0].in_force_crew: names somebody twice"),
        ("/tickets/0/helps", json!(11), "unknown field `helps`"),
        ("/tickets/0/is_kept", json!(true), "unknown field `is_kept`"),
    ]);
    for (changes, words) in [
        (
            vec![two.clone(), others(&[0])],
            "tickets[0].pinned_crew: needs the pinned_engineer, who is its lead",
        ),
        (
            vec![two.clone(), pinned.clone(), others(&[1])],
            "tickets[0].pinned_crew: names the pinned_engineer, who is its lead",
        ),
        (vec![two.clone(), pinned.clone(), others(&[7])], "tickets[0].pinned_crew: names no engineer"),
        (
            vec![two.clone(), pinned.clone(), others(&[7, 8])],
            "tickets[0].pinned_crew: must name all of the crew",
        ),
    ] {
        let fault = problem(&changes).expect_err(words);
        assert!(fault.contains(words), "{fault} instead of {words}");
    }
}

#[test]
fn a_crew_that_has_begun_is_named_and_busy() {
    let begun = [
        ("/tickets/0/crew", json!(2)),
        ("/tickets/0/pinned_engineer", json!(1)),
        ("/tickets/0/started_at_s", json!(100)),
    ];
    let fault = problem(&begun).expect_err("nobody knows who helps");
    assert_eq!(fault, "tickets[0].started_at_s: needs the pinned_crew who began");
    let complete = [&begun[..], &[("/tickets/0/pinned_crew", json!([0]))]].concat();
    assert!(problem(&complete).is_ok());
    let other = [("/tickets/1/pinned_engineer", json!(0)), ("/tickets/1/started_at_s", json!(50))];
    let fault = problem(&[&complete[..], &other[..]].concat()).expect_err("he helps with the other");
    assert_eq!(fault, "tickets[1].started_at_s: is not possible: its engineer has begun another");
}

#[test]
fn the_order_of_visits_is_checked() {
    let (at, after) = ("/tickets/1/after", |ticket: i64, gap: i64| json!({"ticket": ticket, "gap_s": gap}));
    assert!(problem(&[(at, json!([{"ticket": 10}]))]).is_ok(), "a gap of nothing need not be said");
    assert!(problem(&[(at, json!([after(10, 3_600)]))]).is_ok());
    refused(&[
        (at, json!([after(11, 0)]), "tickets[1].after[0].ticket: is this ticket itself"),
        (at, json!([after(12, 0)]), "tickets[1].after[0].ticket: is no ticket of this problem"),
        (at, json!([after(10, 0), after(10, 5)]), "tickets[1].after[1].ticket: is there twice"),
        (at, json!([after(10, -1)]), "tickets[1].after[0].gap_s: must be 0 to 10,000,000"),
        (at, json!([after(10, 10_000_001)]), "tickets[1].after[0].gap_s: must be 0 to 10,000,000"),
        (at, json!([10]), "invalid type"),
        (at, json!([{"ticket": 10, "gap": 5}]), "unknown field `gap`"),
        (at, json!(vec![after(10, 0); 1_001]), "tickets[1].after: has more than 1,000 entries"),
    ]);
    let circle = [(at, json!([after(10, 0)])), ("/tickets/0/after", json!([after(11, 0)]))];
    let fault = problem(&circle).expect_err("a circle");
    assert_eq!(fault, "tickets[0].after: goes round in a circle: ticket 10 would wait for itself");
}

#[test]
fn an_order_for_which_there_is_no_time_says_what_cannot_be() {
    let follows = ("/tickets/1/after", json!([{"ticket": 10, "gap_s": 400}]));
    let words = "tickets[1].after[0]: cannot have ended by the time at which this ticket must begin";
    for (field, begins, possible) in [
        ("/tickets/1/fixed_start_s", 999, false),
        ("/tickets/1/fixed_start_s", 1_000, true),
        ("/tickets/1/latest_start_s", 999, false),
        ("/tickets/1/latest_start_s", 1_000, true),
    ] {
        let fault = problem(&[follows.clone(), (field, json!(begins))]).err();
        assert_eq!(fault.as_deref(), (!possible).then_some(words), "{field} {begins}");
    }
    // What has begun is known to the second, and of what has begun itself nothing is asked.
    let begun = [("/tickets/0/pinned_engineer", json!(1)), ("/tickets/0/started_at_s", json!(8_500))];
    let hard = [follows.clone(), ("/hard_due", json!(true))];
    assert_eq!(problem(&[&begun[..], &hard[..]].concat()).expect_err("it is due at 9,000"), words);
    let both = [("/tickets/1/pinned_engineer", json!(0)), ("/tickets/1/started_at_s", json!(0))];
    assert!(problem(&[&begun[..], &hard[..], &both[..]].concat()).is_ok());
}
