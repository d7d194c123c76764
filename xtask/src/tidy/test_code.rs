//! Which Rust code is for tests alone.
//!
//! Whole files: below a `tests` folder, or named `tests.rs` or `testing.rs` (what other crates' tests
//! are written with), or declared by a `#[cfg(test)] mod name;`. Else what a `#[cfg(test)]` stands
//! above. Benchmarks are not tests.

use super::lexer::Line;
use super::rust::RustFile;
use std::collections::BTreeSet;

const FOLDERS: [&str; 2] = ["tests", "testing"];

pub fn mark(files: &mut [RustFile]) {
    let mut declared = BTreeSet::new();
    for file in files.iter_mut() {
        for module in mark_items(&mut file.lines) {
            declared.insert(format!("{}{module}", folder_of_modules(&file.path)));
        }
    }
    for file in files {
        if is_test_file(&file.path) || declared.iter().any(|module| belongs_to(&file.path, module)) {
            file.lines.iter_mut().for_each(|line| line.test = true);
        }
    }
}

fn is_test_file(path: &str) -> bool {
    path.trim_end_matches(".rs").split('/').any(|name| FOLDERS.contains(&name))
}

/// Where the modules that a file declares are found.
fn folder_of_modules(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    match name {
        "lib" | "main" | "mod" => format!("{folder}/"),
        _ => format!("{stem}/"),
    }
}

fn belongs_to(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Marks what is below each `#[cfg(test)]`; gives back the modules declared so that are elsewhere.
fn mark_items(lines: &mut [Line]) -> Vec<String> {
    let mut modules = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_for_tests(&lines[at].code) {
            at += 1;
            continue;
        }
        let end = end_of_item(lines, at);
        for line in &mut lines[at..=end] {
            line.test = true;
        }
        modules.extend(lines[at..=end].iter().find_map(|line| declared_module(&line.code)));
        at = end + 1;
    }
    modules
}

fn is_for_tests(code: &str) -> bool {
    let Some((_, condition)) = code.split_once("#[cfg(") else { return false };
    let words = condition.split(|char: char| !char.is_alphanumeric() && char != '_');
    !condition.contains("not(") && words.into_iter().any(|word| word == "test")
}

/// The line on which the item that starts with the attribute on line `start` ends: at the brace that
/// closes its first one, or at a semicolon before any.
fn end_of_item(lines: &[Line], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, line) in lines.iter().enumerate().skip(start) {
        for char in line.code.chars() {
            match char {
                '{' => depth += 1,
                '}' if depth <= 1 => return index,
                '}' => depth -= 1,
                ';' if depth == 0 => return index,
                _ => {}
            }
        }
    }
    lines.len() - 1
}

fn declared_module(code: &str) -> Option<String> {
    let before_semicolon = code.trim_end().strip_suffix(';')?;
    let (before, name) = before_semicolon.rsplit_once("mod ")?;
    let visibility = before.rsplit(']').next()?.trim();
    (visibility.is_empty() || visibility.starts_with("pub")).then(|| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_lines(files: &[(&str, &str)], path: &str) -> Vec<usize> {
        let mut files: Vec<_> = files.iter().map(|(path, text)| RustFile::new(path, text)).collect();
        mark(&mut files);
        let file = files.iter().find(|file| file.path == path).unwrap();
        let lines = file.lines.iter().enumerate().filter(|(_, line)| line.test);
        lines.map(|(index, _)| index + 1).collect()
    }

    #[test]
    fn a_test_module_ends_at_its_own_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { \"}\" }\n}\nfn c() {}\n";
        assert_eq!(test_lines(&[("a/src/b.rs", text)], "a/src/b.rs"), [2, 3, 4, 5]);
    }

    #[test]
    fn a_single_item_for_tests_ends_at_its_semicolon() {
        let text = "#[cfg(test)]\nuse a::b;\nfn c() {}\n";
        assert_eq!(test_lines(&[("a/src/b.rs", text)], "a/src/b.rs"), [1, 2]);
    }

    #[test]
    fn a_module_declared_for_tests_is_test_code_wherever_it_is() {
        let files = [
            ("a/src/lib.rs", "#[cfg(test)]\nmod scratch;\nmod real;\n"),
            ("a/src/scratch.rs", "fn a() {}\n"),
            ("a/src/scratch/deep.rs", "fn a() {}\n"),
            ("a/src/real.rs", "#[cfg(test)] pub mod fakes;\n"),
            ("a/src/real/fakes.rs", "fn a() {}\n"),
        ];
        assert_eq!(test_lines(&files, "a/src/scratch.rs"), [1]);
        assert_eq!(test_lines(&files, "a/src/scratch/deep.rs"), [1]);
        assert_eq!(test_lines(&files, "a/src/real/fakes.rs"), [1]);
        assert_eq!(test_lines(&files, "a/src/lib.rs"), [1, 2]);
    }

    #[test]
    fn integration_tests_and_their_support_are_test_code_and_benchmarks_are_not() {
        assert!(is_test_file("server/tests/api/main.rs"));
        assert!(is_test_file("db/src/testing.rs"));
        assert!(!is_test_file("server/benches/tickets.rs"));
        assert!(!is_test_file("xtask/src/test/mod.rs"));
    }

    #[test]
    fn code_that_is_not_for_tests_is_told_apart() {
        assert!(is_for_tests("#[cfg(any(test, feature = \"\"))]"));
        assert!(!is_for_tests("#[cfg(not(test))]"));
        assert!(!is_for_tests("#[cfg(feature = \"\")]"));
    }
}
