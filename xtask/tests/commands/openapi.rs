//! `openapi`, and the step of `test` that watches over what it made.

use crate::world::World;

fn world() -> World {
    World::new().with("FAKE_OPENAPI", "{ \"openapi\": \"3.1.0\" }")
}

#[test]
fn the_description_and_the_types_are_renewed() {
    let world = world();
    let done = world.run("openapi");
    assert!(done.succeeded, "{}", done.said);
    assert_eq!(world.read("web/openapi.json"), "{ \"openapi\": \"3.1.0\" }\n");
    assert_eq!(world.read("web/shared/api/schema.d.ts"), "{ \"openapi\": \"3.1.0\" }\n");
}

#[test]
fn what_was_just_renewed_is_current() {
    let world = world();
    world.run("openapi");
    let done = world.run("test --only openapi");
    assert!(done.succeeded, "{}", done.said);
}

#[test]
fn an_old_description_fails_the_test_and_says_how_to_renew_it() {
    let world = world();
    world.run("openapi");
    world.write("web/openapi.json", "{ \"openapi\": \"3.0.0\" }\n");
    let done = world.run("test --only openapi");
    assert!(!done.succeeded && done.said.contains("Renew it with `cargo xtask openapi`"), "{}", done.said);
    assert_eq!(world.read("web/openapi.json"), "{ \"openapi\": \"3.0.0\" }\n", "a check changes nothing");
}

#[test]
fn old_types_fail_the_test() {
    let world = world();
    world.run("openapi");
    world.write("web/shared/api/schema.d.ts", "of yesterday");
    let done = world.run("test --only openapi");
    assert!(!done.succeeded && done.said.contains("web/shared/api/schema.d.ts is old"), "{}", done.said);
}
