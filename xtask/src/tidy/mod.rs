//! `cargo xtask tidy`: the style of the whole tree, checked like behaviour.
//!
//! What rustfmt and clippy cannot see: who imports whom, how long files are, whether comments and
//! tests keep pace with the code, and whether the two databases and the two languages stay in step.
//! Each check is a function from the tree to its violations; all run, so that one look shows all.

mod figures;
mod habits;
mod imports;
mod json;
mod lexer;
mod migrations;
mod mutants;
mod rust;
mod shape;
mod test_code;
mod translations;
mod tree;
mod web_code;
mod web_imports;

use crate::args;
use crate::failure::{Failure, Outcome};
use crate::workspace;
use tree::Tree;

pub const USAGE: &str = "cargo xtask tidy [--report]

Checks the style of the whole tree. With --report, prints lengths and ratios and checks nothing.";

/// A check gives one line for each violation: where, and what is wrong.
type Check = fn(&Tree) -> Vec<String>;

const CHECKS: [(&str, Check); 17] = [
    ("imports follow the layout", imports::check),
    ("the pages' imports as well", web_imports::check),
    ("files open with a paragraph", shape::paragraphs),
    ("files are short", shape::lengths),
    ("lines are short", shape::long_lines),
    ("no unwrap outside tests", habits::unwraps),
    ("tests wait for conditions", habits::sleeps),
    ("no trailing whitespace", habits::trailing_whitespace),
    ("no tabs", habits::tabs),
    ("no notes to self", habits::notes_to_self),
    ("tests keep pace with the code", figures::check),
    ("both databases have the same migrations", migrations::check),
    ("all languages have the same messages", translations::check),
    ("the web fetches nothing from outside", web_code::addresses),
    ("no test is switched off", habits::ignored_tests),
    ("examples are run", habits::unread_examples),
    ("rules are broken for tests alone", mutants::check),
];

pub fn command(words: &[String]) -> Outcome {
    let report = !args::parse(words, &[args::switch("--report")])?.is_empty();
    let tree = Tree::read(&workspace::root()?)?;
    println!("{}", figures::report(&tree));
    if report {
        return Ok(());
    }
    let mut violations = 0;
    for (name, check) in CHECKS {
        let found = check(&tree);
        println!("{:<42} {}", name, if found.is_empty() { "ok" } else { "VIOLATED" });
        found.iter().for_each(|violation| println!("  {violation}"));
        violations += found.len();
    }
    match violations {
        0 => Ok(()),
        count => Err(Failure::new(format!("tidy found {count} violations; they are listed above"))),
    }
}
