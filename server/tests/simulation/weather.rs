//! What goes wrong on the way between a phone and the server, and with either of them.

use mobile_sync_device::{Request, RequestKind, Response};
use mobile_sync_wire::Collection;
use serde_json::value::RawValue;

use crate::chance::Chance;
use crate::facts;
use crate::handset::Kind;
use crate::office;
use crate::run::Run;
use crate::server::Turn;

const HOUR: i64 = 3_600_000;

/// Carries a request to the server and its answer back, or not.
pub fn carry(run: &mut Run<'_>, phone: usize, request: &Request) -> Option<Response> {
    if !run.chance.percent(run.weather) {
        return deliver(run, phone, request, None);
    }
    match run.chance.below(9) {
        0 => {
            run.fault("request lost");
            None
        }
        1 | 2 => {
            run.fault("answer lost");
            deliver(run, phone, request, None);
            None
        }
        3 => {
            run.fault("request twice");
            let first = deliver(run, phone, request, None);
            let second = deliver(run, phone, request, None);
            if run.chance.percent(50) { first } else { second }
        }
        4 => {
            run.fault("request late");
            let at = run.now + run.chance.between(HOUR / 60, 60 * HOUR);
            run.mail.push((at, phone, request.clone()));
            None
        }
        5 => {
            run.fault("server died");
            let groups = run.chance.below(3);
            deliver(run, phone, request, Some(groups));
            None
        }
        6 => {
            run.fault("server's disk full");
            run.server.fill_disk(true);
            let answer = deliver(run, phone, request, None);
            run.server.fill_disk(false);
            answer
        }
        _ => out_of_order(run, phone, request),
    }
}

/// Gives it to the server, which dies after so many groups of writes, if at all.
fn deliver(run: &mut Run<'_>, phone: usize, request: &Request, dies: Option<usize>) -> Option<Response> {
    let who = run.phones[phone].who.clone();
    let mut turns = Chance::new(run.chance.next());
    let mut left = dies;
    let turn = |waiting: usize| {
        if left == Some(0) {
            return Turn::Die;
        }
        left = left.map(|left| left - 1);
        Turn::Commit(if turns.percent(70) { waiting } else { 1 + turns.below(waiting) })
    };
    run.server.answer(&who, request, turn)
}

/// The second half of a push arrives before the first, as from an app that sends several requests at once.
fn out_of_order(run: &mut Run<'_>, phone: usize, request: &Request) -> Option<Response> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Push<'a> {
        epoch: String,
        #[serde(borrow)]
        sent: &'a RawValue,
        #[serde(borrow)]
        mutations: Vec<&'a RawValue>,
    }
    let numbered = matches!(run.phones[phone].kind, Kind::Log(_)) && request.kind == RequestKind::Push;
    let push: Option<Push<'_>> = if numbered { serde_json::from_slice(&request.body).ok() } else { None };
    let Some(mut push) = push.filter(|push| push.mutations.len() > 1) else {
        return deliver(run, phone, request, None);
    };
    run.fault("halves out of order");
    let tail = push.mutations.split_off(1 + run.chance.below(push.mutations.len() - 1));
    let half = |mutations: Vec<_>, push: &Push<'_>| {
        let body = Push { epoch: push.epoch.clone(), sent: push.sent, mutations };
        Request { body: serde_json::to_vec(&body).unwrap(), ..request.clone() }
    };
    let (second, first) = (half(tail, &push), half(push.mutations.clone(), &push));
    deliver(run, phone, &second, None);
    deliver(run, phone, &first, None)
}

/// What happens to a phone or to the server while nobody is talking.
pub fn misfortune(run: &mut Run<'_>, phone: usize) {
    match run.chance.below(12) {
        0 | 1 => {
            run.fault("clock turned");
            run.phones[phone].turn_clock(&mut run.chance);
        }
        2 => {
            run.fault("phone restarted");
            let now = run.now;
            run.phones[phone].restart(now);
        }
        3 => {
            if let Kind::Log(log) = &mut run.phones[phone].kind {
                log.fill_disk(true);
                run.fault("phone's disk full");
            }
        }
        4 => {
            if let Kind::Log(log) = &mut run.phones[phone].kind {
                log.fill_disk(false);
            }
        }
        5..=8 => run.server.back_up(),
        _ if !run.server.backups.is_empty() && run.weather > 0 => {
            let which = run.chance.below(run.server.backups.len());
            restore(run, which);
        }
        _ => {}
    }
}

/// Back to a copy, of this life or another. What was lost is entered again at once, or by nobody.
fn restore(run: &mut Run<'_>, which: usize) {
    run.fault(if run.restored { "server restored again" } else { "server restored" });
    run.restored = true;
    if run.chance.percent(50) {
        last_minute(run, which);
    }
    let lost = run.server.lost_by(which);
    run.server.restore(which);
    let zeal = if run.chance.percent(50) { 90 } else { 0 };
    for field in lost {
        if run.chance.percent(zeal) {
            enter(run, &field);
        }
    }
    for _ in 0..3 {
        run.office();
    }
}

/// Shortly before a life ends the office replaces something that the copy has, and an engineer goes on from there.
fn last_minute(run: &mut Run<'_>, which: usize) {
    let kept = run.server.kept_by(which);
    let Some(field) = run.chance.pick(&kept).cloned() else { return };
    enter(run, &field);
    let phone = run.chance.below(run.phones.len());
    run.talk(phone, 8);
    let (table, id, column) = field;
    let Some(collection) = Collection::parse(table) else { return };
    let now = run.phones[phone].moment(run.now, &mut run.chance);
    run.phones[phone].edit_field(&now, (collection, &id), column, &mut run.facts);
}

fn enter(run: &mut Run<'_>, field: &office::Field) {
    let value = facts::office_value(run.facts.next());
    let said = office::enter(run.server, field, value);
    run.say(|| said);
}
