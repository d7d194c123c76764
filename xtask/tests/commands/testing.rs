//! `test` and `bench`.

use crate::world::World;

/// The address that a runner was given.
fn address<'a>(calls: &'a [String], name: &str) -> &'a str {
    calls.iter().find_map(|call| call.strip_prefix(name)).unwrap()
}

#[test]
fn the_first_failure_stops_the_tests_and_fails_them() {
    let done = World::new().with("FAKE_FAILS", "cargo fmt --all --check").run("test --only fmt,clippy");
    assert!(!done.succeeded);
    assert_eq!(done.calls, ["cargo fmt --all --check"]);
    assert!(done.said.contains("fmt        FAILED"), "{}", done.said);
    assert!(done.said.contains("clippy     not reached"), "{}", done.said);
    assert!(done.said.contains("browser    not asked for"), "{}", done.said);
    assert!(done.said.contains("xtask: `cargo fmt --all --check` failed"), "{}", done.said);
}

#[test]
fn every_step_tells_its_time() {
    let done = World::new().run("test --only fmt,clippy");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(done.said.matches("clippy     passed").count(), 2, "{}", done.said);
}

#[test]
fn an_unknown_step_runs_nothing() {
    let done = World::new().run("test --only clipy");
    assert!(!done.succeeded && done.said.contains("there is no step `clipy`"), "{}", done.said);
    assert_eq!(done.calls, [""; 0]);
}

#[test]
fn the_rust_tests_are_given_a_postgresql_of_their_own() {
    let done = World::new().run("test --only rust");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(done.calls[..2], ["cargo nextest --version", "cargo nextest run --workspace"]);
    assert!(address(&done.calls, "tests=").starts_with("postgres://postgres@127.0.0.1:"));
}

#[test]
fn without_nextest_the_tests_run_all_the_same() {
    let done = World::new().with("FAKE_FAILS", "cargo nextest --version").run("test --only rust");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(done.calls[1], "cargo test --workspace --lib --bins --tests");
    assert!(address(&done.calls, "tests=").starts_with("postgres://"));
}

#[test]
fn failing_rust_tests_take_their_postgresql_with_them() {
    let done = World::new().with("FAKE_FAILS", "cargo nextest run --workspace").run("test --only rust");
    // The output is complete only when the script that keeps the server has ended as well.
    assert!(!done.succeeded && done.said.contains("rust       FAILED"), "{}", done.said);
}

#[test]
fn the_browser_test_is_given_the_server_and_the_browser() {
    let world = World::new().with("CHROMIUM", "/opt/chromium");
    let done = world.run("test --only browser");
    assert!(done.succeeded, "{}", done.said);
    let expected = format!("browser=/opt/chromium fettle={}", world.path("target/debug/fettle"));
    assert_eq!(done.calls.last().unwrap(), &expected);
    assert!(done.calls.contains(&"npm run build".to_owned()), "{:?}", done.calls);
}

#[test]
fn the_phones_library_is_tested_with_packages_of_its_own_against_the_server() {
    let world = World::new();
    let done = world.run("test --only sync-js");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(done.calls[..3], ["npm ci --no-audit --no-fund", "npm run check", "npm run test"]);
    let expected = format!("in=mobile-sync/js fettle={}", world.path("target/debug/fettle"));
    assert_eq!(done.calls.last().unwrap(), &expected);
    assert!(world.has("mobile-sync/js/node_modules") && !world.has("web/node_modules"));
}

#[test]
fn continuous_integration_builds_without_line_numbers() {
    let here = World::new();
    let target = here.path("target");
    let line = here.run("test --only clippy").calls.pop().unwrap();
    assert_eq!(line, format!("debug= target={target}"));
    let there = World::new().with("CI", "true");
    assert!(there.run("test --only clippy").calls.pop().unwrap().starts_with("debug=0 "));
}

#[test]
fn the_web_is_checked_with_its_packages_installed() {
    let done = World::new().run("test --only web-check,web-test");
    assert_eq!(done.calls, ["npm ci --no-audit --no-fund", "npm run check", "npm run test"]);
}

#[test]
fn a_benchmark_is_given_its_arguments_and_a_postgresql() {
    let done = World::new().run("bench --clients 16");
    assert!(done.succeeded, "{}", done.said);
    let bench = "cargo bench --package server --bench tickets";
    assert!(done.calls.contains(&format!("{bench} --no-run")), "{:?}", done.calls);
    assert!(done.calls.contains(&format!("{bench} -- --clients 16")), "{:?}", done.calls);
    assert!(done.calls.last().unwrap().starts_with("bench=postgres://"), "{:?}", done.calls);
}

#[test]
fn tidy_reports_its_figures_and_fails_on_violations() {
    let world = World::new();
    world.write("db/src/lib.rs", "use std::fs;\n");
    world.write("web/messages/en.json", "{}");
    assert!(world.run("tidy --report").succeeded);
    let done = world.run("tidy");
    assert!(
        !done.succeeded && done.said.contains("db/src/lib.rs: does not open with a paragraph"),
        "{}",
        done.said
    );
    assert!(done.said.contains("tidy found 2 violations"), "{}", done.said);
}
