//! `web`, `demo` and `dist`.

use crate::world::World;

const CI: &str = "npm ci --no-audit --no-fund";
const BUILD_RELEASE: &str = "cargo build --package server --bin fettle --release";

#[test]
fn the_web_is_installed_and_built_once() {
    let world = World::new();
    assert_eq!(world.run("web").calls, [CI, "npm run build"]);
    let again = world.run("web");
    assert!(again.succeeded && again.said.contains("web/dist is up to date"), "{}", again.said);
    assert_eq!(again.calls, [""; 0]);
}

#[test]
fn a_changed_source_builds_the_web_again_without_installing() {
    let world = World::new();
    world.run("web");
    world.write("web/console/main.ts", "second");
    assert_eq!(world.run("web").calls, ["npm run build"]);
}

#[test]
fn a_changed_lock_file_installs_again() {
    let world = World::new();
    world.run("web");
    world.write("web/package-lock.json", "{ }");
    assert_eq!(world.run("web").calls, [CI, "npm run build"]);
}

#[test]
fn a_lost_dist_is_built_again() {
    let world = World::new();
    world.run("web");
    world.remove("web/dist");
    assert_eq!(world.run("web").calls, ["npm run build"]);
}

#[test]
fn a_failing_build_leaves_no_dist_to_be_served() {
    let world = World::new();
    world.run("web");
    world.write("web/console/main.ts", "does not compile");
    let world = world.with("FAKE_FAILS", "npm run build");
    let done = world.run("web");
    assert!(!done.succeeded && done.said.contains("`npm run build` failed"), "{}", done.said);
    assert!(!world.has("web/dist"));
}

#[test]
fn a_failing_installation_leaves_no_dist_to_be_served() {
    let world = World::new().with("FAKE_FAILS", CI);
    world.write("web/dist/index.html", "of yesterday");
    let done = world.run("web");
    assert!(!done.succeeded && !world.has("web/dist"));
    assert_eq!(done.calls, [CI]);
}

#[test]
fn the_demo_builds_everything_and_becomes_the_server() {
    let world = World::new();
    let done = world.run("demo --speed 60 --fresh --data=here");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(
        done.calls,
        [CI, "npm run build", BUILD_RELEASE, "fettle demo --speed 60 --fresh --data here"]
    );
}

#[test]
fn the_demo_may_be_built_without_optimisation() {
    let done = World::new().run("demo --debug");
    assert_eq!(done.calls[2..], ["cargo build --package server --bin fettle", "fettle demo"]);
}

#[test]
fn the_demo_is_not_built_for_a_misspelt_flag() {
    let done = World::new().run("demo --spede 60");
    assert!(!done.succeeded && done.said.contains("--spede is not known here"), "{}", done.said);
    assert_eq!(done.calls, [""; 0]);
}

#[test]
fn the_demo_does_not_start_when_its_build_fails() {
    let done = World::new().with("FAKE_FAILS", BUILD_RELEASE).run("demo");
    assert!(!done.succeeded);
    assert_eq!(done.calls.last().unwrap(), BUILD_RELEASE);
}

#[test]
fn a_distribution_is_built_whole_and_described() {
    let world = World::new();
    let done = world.run("dist");
    let build = "cargo build --release --package server --bin fettle --features dist";
    assert_eq!(done.calls, [CI, "npm run build", build]);
    assert!(done.said.contains(&world.path("target/release/fettle")), "{}", done.said);
    assert!(done.said.contains(" MB ("), "{}", done.said);
}
