//! `bench dispatch`: which peers are installed, and what is run.

use crate::world::World;

const BENCH: &str = "cargo bench --package dispatch --bench now";

/// A machine with Python, whose virtual environment is a folder of fakes.
fn world() -> World {
    let world = World::new();
    world.fake("bin/python3");
    world.write("dispatch/peers/requirements.txt", "pyvrp==1\n");
    world.write("dispatch/peers/cpuclock.c", "");
    world
}

/// The names of the scripts that Python ran, with their flags but without folders.
fn scripts(calls: &[String]) -> Vec<&str> {
    let scripts = calls.iter().filter_map(|call| call.split_once("dispatch/peers/"));
    scripts.map(|(_, script)| script).filter(|script| script.contains(".py")).collect()
}

#[test]
fn ours_alone_needs_no_peers() {
    let done = world().run("bench dispatch --alone --tables nearest");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(done.calls[0], format!("{BENCH} --no-run"));
    assert!(done.calls.contains(&BENCH.to_owned()), "{:?}", done.calls);
    assert!(
        !done.calls.iter().any(|call| call.contains("pip") || call.contains("install")),
        "{:?}",
        done.calls
    );
}

#[test]
fn plans_are_judged_by_a_judge_who_was_judged_himself() {
    let world = world();
    let results = world.path("target/peers/results");
    let done = world.run("bench dispatch --alone --tables day --sizes S --seconds 1");
    let fettle = world.path("target/release/fettle");
    let day = format!("day.py --fettle {fettle} --results {results} --sizes S --seconds 1 --alone");
    assert_eq!(scripts(&done.calls), ["evaluate.py --selftest", &day], "{}", done.said);
    assert!(done.calls.contains(&"cargo build --package server --bin fettle --release".to_owned()));
}

#[test]
fn the_peers_are_installed_once() {
    let world = world();
    let line = format!("bench dispatch --tables day --fettle {}", world.path("target/release/fettle"));
    let done = world.run(&line);
    assert!(done.succeeded, "{}", done.said);
    let installs = |calls: &[String]| {
        let brought =
            calls.iter().filter(|call| call.contains(" pip install ") || call.starts_with("cargo install "));
        brought.count()
    };
    assert_eq!(installs(&done.calls), 2, "{:?}", done.calls);
    assert!(scripts(&done.calls).iter().any(|script| script.starts_with("plot.py ")), "{:?}", done.calls);
    let again = world.run(&line);
    assert!(again.succeeded && installs(&again.calls) == 0, "{:?}", again.calls);
}

#[test]
fn a_peer_that_cannot_be_installed_fails_the_comparison_before_it_begins() {
    let world = world();
    let root = world.path("target/peers");
    let install = format!("cargo install vrp-cli --locked --force --version 1.25.0 --root {root}");
    let line = format!("bench dispatch --tables day --fettle {}", world.path("target/release/fettle"));
    let done = world.with("FAKE_FAILS", &install).run(&line);
    assert!(!done.succeeded && done.said.contains(&format!("`{install}` failed")), "{}", done.said);
    assert_eq!(scripts(&done.calls), [""; 0]);
}

#[test]
fn an_ordinary_user_is_told_which_peers_are_missing() {
    let done = World::with_only(&["cargo", "cc", "id"]).with("FAKE_USER", "1000").run("bench dispatch");
    assert!(!done.succeeded && done.calls.is_empty(), "{:?}", done.calls);
    for line in ["Python 3.11 or later (Debian: python3)", "redis-server (Debian: redis-server)"] {
        assert!(done.said.contains(line), "{line} is not in:\n{}", done.said);
    }
}
