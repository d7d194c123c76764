//! Habits that are forbidden line by line.

use super::tree::Tree;

/// Clippy denies these as well; here they are found in code that a feature or a target hides.
const PANICS: [&str; 2] = [".unwrap()", ".expect("];
/// The one file of a crate's tests that may pause, between two looks at a condition.
const WAITING_ROOM: &str = "/wait.rs";
/// Tests of the web; other scripts there may take their time.
const TESTS: [&str; 3] = [".test.ts", ".test.mjs", ".test.js"];
/// Spelt so that this file does not find itself.
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];

pub fn unwraps(tree: &Tree) -> Vec<String> {
    let panics = |code: &str| PANICS.iter().any(|panic| code.contains(panic));
    let what = "unwraps outside tests: give the error to the caller";
    tree.rust
        .iter()
        .flat_map(|file| file.lines_where(|line| !line.test && panics(&line.code), what))
        .collect()
}

pub fn sleeps(tree: &Tree) -> Vec<String> {
    let what = "sleeps in a test: wait for the condition instead";
    let rust = tree.rust.iter().filter(|file| !file.path.ends_with(WAITING_ROOM));
    let rust = rust.flat_map(|file| file.lines_where(|line| line.test && line.code.contains("sleep("), what));
    let web = tree.below("web/").filter(|file| TESTS.iter().any(|end| file.path.ends_with(end)));
    let web = web.flat_map(|file| file.lines_where(|line| line.contains(".waitForTimeout("), what));
    rust.chain(web).collect()
}

pub fn ignored_tests(tree: &Tree) -> Vec<String> {
    let what = "a test is switched off: make it pass or delete it";
    let rust = tree.rust.iter();
    let rust = rust.flat_map(|file| file.lines_where(|line| line.code.trim().starts_with("#[ignore"), what));
    let off = ["test.skip(", "it.skip(", "describe.skip(", "test.only(", "it.only(", "describe.only("];
    let web = tree.below("web/").filter(|file| file.ends_in(&["ts", "mjs", "js"]));
    let web = web.flat_map(|file| {
        file.lines_where(|line| off.iter().any(|call| line.trim_start().starts_with(call)), what)
    });
    rust.chain(web).collect()
}

/// Whoever writes the first example of a crate has it run.
pub fn unread_examples(tree: &Tree) -> Vec<String> {
    let opens = |line: &str| ["/// ```", "//! ```"].iter().any(|fence| line.trim_start().starts_with(fence));
    let off = tree.files.iter().filter(|file| file.text.contains("\ndoctest = false"));
    let folders = off.filter_map(|file| file.path.strip_suffix("Cargo.toml"));
    let what = "an example that is not run: take `doctest = false` out of the crate's Cargo.toml";
    folders
        .flat_map(|folder| tree.below(&format!("{folder}src/")).collect::<Vec<_>>())
        .flat_map(|file| file.lines_where(opens, what))
        .collect()
}

pub fn trailing_whitespace(tree: &Tree) -> Vec<String> {
    let trails = |line: &str| line.ends_with([' ', '\t', '\r']);
    tree.files.iter().flat_map(|file| file.lines_where(trails, "ends in whitespace")).collect()
}

pub fn tabs(tree: &Tree) -> Vec<String> {
    // The compiler of the messages writes tabs into its own JSON, whatever we do.
    let files = tree.files.iter().filter(|file| !file.ends_in(&["json"]));
    files.flat_map(|file| file.lines_where(|line| line.contains('\t'), "contains a tab")).collect()
}

pub fn notes_to_self(tree: &Tree) -> Vec<String> {
    let noted = |line: &str| NOTES.iter().any(|note| line.contains(note));
    let what = "is a note to self: do it, or file an issue";
    tree.files.iter().flat_map(|file| file.lines_where(noted, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT_TESTS: &str = "#[cfg(test)]\nmod tests {\n    BODY\n}\n";

    #[test]
    fn an_unwrap_is_found_in_code_but_not_in_tests_comments_or_strings() {
        let fine = UNIT_TESTS.replace("BODY", "a.unwrap();") + "// b.unwrap()\nlet c = \".unwrap()\";\n";
        let tree = Tree::of(&[
            ("a/src/good.rs", &fine),
            ("a/src/bad.rs", "fn a() {\n    b.expect(c);\n}\n"),
            ("a/tests/good.rs", "a.unwrap();\n"),
        ]);
        let expected = "a/src/bad.rs:2: unwraps outside tests: give the error to the caller";
        assert_eq!(unwraps(&tree), [expected]);
    }

    #[test]
    fn a_sleep_is_found_in_tests_unless_it_is_the_one_that_waits_for_conditions() {
        let sleeping = UNIT_TESTS.replace("BODY", "tokio::time::sleep(second).await;");
        let tree = Tree::of(&[
            ("a/src/bad.rs", &sleeping),
            ("a/src/watch.rs", "fn run() { sleep(interval) }\n"),
            ("a/tests/api/wait.rs", "sleep(pause);\n"),
            ("web/test/a.test.mjs", "await page.waitForTimeout(500)\n"),
        ]);
        let what = "sleeps in a test: wait for the condition instead";
        assert_eq!(
            sleeps(&tree),
            [format!("a/src/bad.rs:3: {what}"), format!("web/test/a.test.mjs:1: {what}")]
        );
    }

    #[test]
    fn a_test_that_is_switched_off_is_found() {
        let tree = Tree::of(&[
            ("a/tests/b.rs", "#[test]\n#[ignore = \"slow\"]\nfn c() {}\n"),
            ("web/test/a.test.ts", "  it.skip('does', () => {})\nmap.skip(1)\n"),
        ]);
        let lines: Vec<_> = ignored_tests(&tree);
        assert_eq!(lines.len(), 2, "{lines:?}");
    }

    #[test]
    fn an_example_of_a_crate_that_runs_none_is_found() {
        let example = "/// ```\n/// a();\n";
        let tree = Tree::of(&[
            ("a/Cargo.toml", "[lib]\ndoctest = false\n"),
            ("a/src/b.rs", "/// Words.\nfn a() {}\n"),
            ("a/src/c.rs", example),
            ("a/b/Cargo.toml", "[lib]\n"),
            ("a/b/src/c.rs", example),
        ]);
        let found = unread_examples(&tree);
        assert!(found.len() == 1 && found[0].starts_with("a/src/c.rs:1: an example"), "{found:?}");
    }

    #[test]
    fn whitespace_at_the_end_of_a_line_is_found() {
        let tree = Tree::of(&[("README.md", "good\nbad \nworse\r\n")]);
        assert_eq!(
            trailing_whitespace(&tree),
            ["README.md:2: ends in whitespace", "README.md:3: ends in whitespace"]
        );
    }

    #[test]
    fn a_tab_is_found() {
        assert_eq!(tabs(&Tree::of(&[("a.sql", "\tselect 1;\n")])), ["a.sql:1: contains a tab"]);
    }

    #[test]
    fn a_note_to_self_is_found() {
        let note = format!("fine\n// {} later\n", NOTES[0]);
        let found = notes_to_self(&Tree::of(&[("a/src/b.rs", &note)]));
        assert_eq!(found, ["a/src/b.rs:2: is a note to self: do it, or file an issue"]);
    }
}
