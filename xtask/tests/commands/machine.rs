//! What the machine lacks is installed, or named; never ignored.

use crate::world::World;

#[test]
fn an_ordinary_user_is_told_exactly_what_to_install() {
    let done = World::with_only(&["node", "npm", "cargo", "id"]).with("FAKE_USER", "1000").run("demo");
    assert!(!done.succeeded);
    assert_eq!(done.calls, [""; 0]);
    for line in [
        "a C compiler (cc) (Debian: gcc libc6-dev)",
        "make (Debian: make)",
        "pkg-config (Debian: pkg-config)",
        "libpq with its headers (Debian: libpq-dev)",
    ] {
        assert!(done.said.contains(line), "{line} is not in:\n{}", done.said);
    }
}

#[test]
fn root_on_debian_has_what_is_missing_installed_at_once() {
    let machine = ["node", "npm", "cargo", "pkg-config", "perl", "cc", "id"];
    let done = World::with_only(&machine).with("FAKE_USER", "0").run("dist");
    let wait = "-o DPkg::Lock::Timeout=120";
    let install = format!("apt-get {wait} install -y --no-install-recommends make");
    assert_eq!(done.calls[..2], [format!("apt-get {wait} update"), install]);
    assert_eq!(done.calls[2], "npm ci --no-audit --no-fund", "{}", done.said);
}

#[test]
fn what_the_packages_do_not_bring_is_named() {
    let machine = ["node", "npm", "cargo", "pkg-config", "perl", "id"];
    let done = World::with_only(&machine).with("FAKE_USER", "0").run("dist");
    assert!(!done.succeeded && done.said.contains("a C compiler (cc)"), "{}", done.said);
    assert!(!done.said.contains("  make ("), "{}", done.said);
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let done = World::new().with("FAKE_USER", "0").run("demo");
    assert!(done.succeeded, "{}", done.said);
    assert!(!done.calls.iter().any(|call| call.starts_with("apt-get")), "{:?}", done.calls);
}

#[test]
fn help_needs_nothing() {
    let done = World::with_only(&[]).run("");
    assert!(done.succeeded && done.said.contains("cargo xtask COMMAND --help"), "{}", done.said);
    let done = World::with_only(&[]).run("demo --help");
    assert!(done.succeeded && done.said.contains("--speed N"), "{}", done.said);
}
