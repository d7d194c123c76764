//! The contract with phones, from outside. The conformance suite, asked of our own server: it passes, and it notices each rule that is broken on purpose and
//! can be seen from outside. A rule is broken for a whole process, so the tests of this one take turns.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod hostile;
mod world;

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use db::testing::{Backend, block_on};
use mobile_sync_wire::mutants::{self, Mutant};
use server::conform::{self, Report, Target, Verdict, Vouch};
use world::{ENGINEER, OFFICE, World};

/// What a client sees. The other six are faults of a phone, or of what a restore does to a server: for those there is
/// the simulation (docs/simulation.md).
const SEEN_FROM_OUTSIDE: [Mutant; 11] = [
    Mutant::IdempotencyKey,
    Mutant::RemovalOnReassignment,
    Mutant::FieldClockCheck,
    Mutant::OlderOverNewer,
    Mutant::CommitOrder,
    Mutant::PageCursor,
    Mutant::GapIsNoMatter,
    Mutant::DseqColumn,
    Mutant::TruthWithRefusal,
    Mutant::InboxKeepsEverything,
    Mutant::CardForEveryRefusal,
];

static TURN: Mutex<()> = Mutex::new(());

/// Nobody else breaks a rule meanwhile.
fn alone() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn asked(backend: Backend) -> Report {
    let world = World::new(backend).await;
    let (vouch, office) = (Vouch::Token(ENGINEER.to_owned()), Some(OFFICE.to_owned()));
    conform::run(Target { base: world.base.clone(), vouch, office }).await
}

fn passes(backend: Backend) {
    let _turn = alone();
    let report = block_on(asked(backend));
    assert_eq!(report.count(Verdict::Passed), report.findings.len(), "{report}");
    assert!(report.findings.len() > 40, "{report}");
}

#[test]
fn our_server_keeps_every_rule_on_sqlite() {
    passes(Backend::Sqlite);
}

#[test]
fn our_server_keeps_every_rule_on_postgres() {
    passes(Backend::Postgres);
}

fn notices(backend: Backend) {
    let _turn = alone();
    let noticed = |mutant: Mutant| {
        mutants::set(Some(mutant));
        let report = block_on(asked(backend));
        mutants::set(None);
        for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Failed) {
            println!("{mutant:?}: {}", finding.rule);
        }
        report.count(Verdict::Failed) > 0
    };
    let missed: Vec<Mutant> = SEEN_FROM_OUTSIDE.into_iter().filter(|mutant| !noticed(*mutant)).collect();
    assert!(missed.is_empty(), "nobody noticed {missed:?}");
}

#[test]
fn every_broken_rule_that_shows_is_noticed_on_sqlite() {
    notices(Backend::Sqlite);
}

#[test]
fn every_broken_rule_that_shows_is_noticed_on_postgres() {
    notices(Backend::Postgres);
}

#[test]
fn without_an_office_rules_that_need_one_are_not_counted() {
    let _turn = alone();
    let report = block_on(async {
        let world = World::new(Backend::Sqlite).await;
        let vouch = Vouch::Token(ENGINEER.to_owned());
        conform::run(Target { base: world.base.clone(), vouch, office: None }).await
    });
    assert_eq!((report.count(Verdict::Failed), report.count(Verdict::NotApplicable)), (0, 2), "{report}");
}

/// The command, asked of the server at this address as this engineer.
fn command(address: &str, token: &str) -> (Option<i32>, String) {
    let told = Command::new(env!("CARGO_BIN_EXE_fettle"))
        .args(["conform", address, "--token", token])
        .env("FETTLE_LOG", "error")
        .output()
        .unwrap();
    (told.status.code(), String::from_utf8(told.stdout).unwrap())
}

#[test]
fn the_command_prints_a_table_and_ends_with_its_verdict() {
    let _turn = alone();
    block_on(async {
        let world = World::new(Backend::Sqlite).await;
        let base = world.base.clone();
        let (code, table) = tokio::task::spawn_blocking(move || command(&base, ENGINEER)).await.unwrap();
        assert_eq!(code, Some(0), "{table}");
        assert!(table.contains("passed  an insert is applied"), "{table}");
        assert!(table.trim_end().ends_with("0 failed, 2 not applicable"), "{table}");
        let base = world.base.clone();
        let (code, table) = tokio::task::spawn_blocking(move || command(&base, "nobody's")).await.unwrap();
        assert_eq!(code, Some(1), "{table}");
        assert!(table.contains("FAILED"), "{table}");
    });
}
