//! The shape of files: how they open, how long they and their lines are. The length of functions is
//! clippy's to check (`too_many_lines`).

use super::figures::Lengths;
use super::lexer::Kind;
use super::tree::Tree;

/// Half of all files fit on three screens, and nine of ten can be read in one sitting.
pub const MEDIAN_FILE: usize = 150;
pub const P90_FILE: usize = 400;
/// rustfmt breaks code before this; what is left are comments and strings.
const LONGEST_LINE: usize = 120;
/// rustfmt does not reach into macros, and the tests of both databases live in one.
const LONGEST_TEST_LINE: usize = 200;

/// Every Rust file opens with a comment that says what it is for.
pub fn paragraphs(tree: &Tree) -> Vec<String> {
    let first = |kind: Option<Kind>| matches!(kind, None | Some(Kind::Comment));
    let files = tree.rust.iter().filter(|file| {
        let kinds = file.lines.iter().map(|line| line.kind);
        !first(kinds.into_iter().find(|kind| *kind != Kind::Blank))
    });
    files.map(|file| format!("{}: does not open with a paragraph on what it is for", file.path)).collect()
}

pub fn lengths(tree: &Tree) -> Vec<String> {
    let lengths = Lengths::of_rust(tree);
    let mut violations = Vec::new();
    if lengths.median > MEDIAN_FILE {
        violations.push(format!("the median file has {} lines, over {MEDIAN_FILE}", lengths.median));
    }
    if lengths.p90 > P90_FILE {
        violations.push(format!("one file in ten has {} lines or more, over {P90_FILE}", lengths.p90));
        let long = tree.rust.iter().filter(|file| file.length() > P90_FILE);
        violations.extend(long.map(|file| format!("{}: {} lines", file.path, file.length())));
    }
    violations
}

pub fn long_lines(tree: &Tree) -> Vec<String> {
    let rust = tree.files.iter().filter(|file| file.ends_in(&["rs"]));
    rust.flat_map(|file| {
        let most = if file.path.contains("/tests/") { LONGEST_TEST_LINE } else { LONGEST_LINE };
        let what = format!("is longer than {most} characters");
        file.lines_where(|line| line.chars().count() > most, &what)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_opening_paragraph_is_found() {
        let tree = Tree::of(&[
            ("a/src/good.rs", "//! Good.\n\nuse b;\n"),
            ("a/src/also.rs", "\n// Good.\n"),
            ("a/src/bad.rs", "use b;\n// Late.\n"),
            ("a/src/empty.rs", ""),
        ]);
        assert_eq!(paragraphs(&tree), ["a/src/bad.rs: does not open with a paragraph on what it is for"]);
    }

    #[test]
    fn long_files_are_found_when_there_are_too_many_of_them() {
        let long = "fn a() {}\n".repeat(P90_FILE + 1);
        let violations = lengths(&Tree::of(&[("a/src/long.rs", &long)]));
        assert_eq!(violations[0], "the median file has 401 lines, over 150");
        assert!(violations.contains(&"a/src/long.rs: 401 lines".to_owned()), "{violations:?}");
    }

    #[test]
    fn a_long_file_of_tests_is_no_fault() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(P90_FILE + 1));
        assert_eq!(lengths(&Tree::of(&[("a/src/b.rs", &tests)])), [""; 0]);
    }

    #[test]
    fn a_long_line_is_found_by_its_characters_not_its_bytes() {
        let fits = "修".repeat(LONGEST_LINE);
        let tree = Tree::of(&[("a/src/b.rs", &format!("// \n{fits}\n{fits}!\n"))]);
        assert_eq!(long_lines(&tree), ["a/src/b.rs:3: is longer than 120 characters"]);
    }
}
