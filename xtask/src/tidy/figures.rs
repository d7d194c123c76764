//! The figures of the tree: lengths of files, share of comments, tests to code.

use super::rust::Count;
use super::shape::{MEDIAN_FILE, P90_FILE};
use super::tree::Tree;
use super::web_code;

/// At least one line of test for each line of code. Enforced for Rust, where the rules are; the web
/// is measured, since its browser tests cover more with each line.
const TESTS_PER_CODE: f64 = 1.0;
/// The target is not reached yet. What has been reached is held: this only ever rises, until it is the target and
/// goes. `--report` shows both.
const HELD: f64 = 0.53;

pub fn check(tree: &Tree) -> Vec<String> {
    let count = rust(tree);
    let ratio = ratio(count.tests, count.code);
    if ratio >= HELD {
        return Vec::new();
    }
    let (code, tests) = (count.code, count.tests);
    vec![format!("{tests} lines of Rust tests to {code} of code are {ratio:.2}, under {HELD:.2}")]
}

/// A table for people.
pub fn report(tree: &Tree) -> String {
    let head = format!(
        "{:<8}{:>8}{:>10}{:>8}{:>8}{:>9}{:>11}{:>9}{:>12}",
        "", "files", "median", "p90", "longest", "code", "comments", "tests", "tests:code"
    );
    let rust = row("Rust", &Lengths::of_rust(tree), rust(tree));
    let web = row("web", &Lengths::of_web(tree), web(tree));
    let held = format!("{:<82}{HELD:.2}", "held");
    let target = format!("{:<16}{MEDIAN_FILE:>10}{P90_FILE:>8}{:>48.2}", "target", TESTS_PER_CODE);
    format!("{head}\n{rust}\n{web}\n{held}\n{target}")
}

fn row(name: &str, lengths: &Lengths, count: Count) -> String {
    let comments = 100.0 * ratio(count.comments, (count.comments + count.code).max(1));
    format!(
        "{name:<8}{:>8}{:>10}{:>8}{:>8}{:>9}{comments:>10.1}%{:>9}{:>12.2}",
        lengths.files,
        lengths.median,
        lengths.p90,
        lengths.longest,
        count.code,
        count.tests,
        ratio(count.tests, count.code)
    )
}

/// The schema is a list of tables, which the migrations' tests cover; it is no code of ours to test.
const SCHEMA: &str = "db/src/schema.rs";

fn rust(tree: &Tree) -> Count {
    let mut count = Count::default();
    let files = tree.rust.iter().filter(|file| file.path != SCHEMA);
    files.for_each(|file| file.count_into(&mut count));
    count
}

fn web(tree: &Tree) -> Count {
    let mut count = Count::default();
    for file in web_code::files(tree) {
        let test = web_code::is_test(&file.path);
        web_code::kinds(&file.text).into_iter().for_each(|kind| count.add(kind, test));
    }
    count
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::INFINITY } else { part as f64 / whole as f64 }
}

/// How long the files are that are not tests alone.
pub struct Lengths {
    pub files: usize,
    pub median: usize,
    pub p90: usize,
    pub longest: usize,
}

impl Lengths {
    pub fn of_rust(tree: &Tree) -> Self {
        let files = tree.rust.iter().filter(|file| file.lines.iter().any(|line| !line.test));
        Self::of(files.map(super::rust::RustFile::length).collect())
    }

    fn of_web(tree: &Tree) -> Self {
        let files = web_code::files(tree).filter(|file| !web_code::is_test(&file.path));
        Self::of(files.map(|file| file.text.lines().count()).collect())
    }

    fn of(mut lengths: Vec<usize>) -> Self {
        lengths.sort_unstable();
        let at = |hundredth: usize| {
            // Nearest rank: the length that so many hundredths of the files do not exceed.
            let rank = (lengths.len() * hundredth).div_ceil(100).max(1);
            lengths.get(rank - 1).copied().unwrap_or(0)
        };
        Self { files: lengths.len(), median: at(50), p90: at(90), longest: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::lexer::Kind;

    #[test]
    fn too_few_tests_are_found() {
        let tree = Tree::of(&[("a/src/b.rs", "fn a() {}\nfn b() {}\n"), ("a/tests/c.rs", "fn d() {}\n")]);
        assert_eq!(check(&tree), ["1 lines of Rust tests to 2 of code are 0.50, under 0.53"]);
    }

    #[test]
    fn as_many_tests_as_code_are_enough() {
        let tree = Tree::of(&[("a/src/b.rs", "// why\nfn a() {}\n"), ("a/tests/c.rs", "fn d() {}\n")]);
        assert_eq!(check(&tree), [""; 0]);
    }

    #[test]
    fn percentiles_are_lengths_of_real_files() {
        let lengths = Lengths::of((1..=10).collect());
        let all = (lengths.files, lengths.median, lengths.p90, lengths.longest);
        assert_eq!(all, (10, 5, 9, 10));
        assert_eq!(Lengths::of(Vec::new()).median, 0);
    }

    #[test]
    fn the_report_shows_both_ratios() {
        let tree = Tree::of(&[
            ("a/src/b.rs", "fn a() {}\n"),
            ("a/tests/c.rs", "fn d() {}\nfn e() {}\n"),
            ("web/a.ts", "a();\n// why\nb();\n"),
            ("web/a.test.ts", "c();\n"),
        ]);
        let text = report(&tree);
        let last: Vec<_> = text.lines().map(|line| line.split_whitespace().last().unwrap()).collect();
        assert_eq!(last, ["tests:code", "2.00", "0.50", "0.53", "1.00"], "{text}");
    }

    #[test]
    fn blank_lines_are_neither_code_nor_comment() {
        let mut count = Count::default();
        count.add(Kind::Blank, false);
        assert_eq!(count, Count::default());
    }
}
