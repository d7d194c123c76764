//! The sources of the repository, read once and given to every check.

use super::rust::RustFile;
use crate::failure::Outcome;
use crate::workspace;
use std::path::Path;

/// Files that we write by hand, by the ends of their names.
const WRITTEN: [&str; 12] =
    ["rs", "sql", "ts", "mjs", "js", "svelte", "css", "html", "toml", "sh", "md", "json"];
/// Files of such names that programs write all the same.
const GENERATED: [&str; 3] = ["web/shared/api/schema.d.ts", "web/openapi.json", "web/package-lock.json"];
/// Real data with a style of its own, and what running the demo leaves.
const DATA: [&str; 3] = ["demo/", "data/", "mobile-sync/vectors/"];

pub struct Text {
    /// Relative to the root, with slashes.
    pub path: String,
    pub text: String,
}

impl Text {
    pub fn ends_in(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end))
    }

    /// The numbered lines that `wrong` holds for, as violations.
    pub fn lines_where(&self, wrong: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
        let lines = self.text.split('\n').enumerate().filter(|(_, line)| wrong(line));
        lines.map(|(index, _)| format!("{}:{}: {what}", self.path, index + 1)).collect()
    }
}

pub struct Tree {
    pub files: Vec<Text>,
    pub rust: Vec<RustFile>,
}

impl Tree {
    pub fn read(root: &Path) -> Outcome<Self> {
        let mut files = Vec::new();
        for path in workspace::files(root)? {
            let name = workspace::relative(root, &path);
            if is_ours(&name) {
                files.push(Text { text: workspace::read(&path)?, path: name });
            }
        }
        Ok(Self::new(files))
    }

    fn new(files: Vec<Text>) -> Self {
        let mut rust: Vec<_> = files
            .iter()
            .filter(|file| file.ends_in(&["rs"]))
            .map(|file| RustFile::new(&file.path, &file.text))
            .collect();
        super::test_code::mark(&mut rust);
        Self { files, rust }
    }

    /// The files below a folder of the repository, whose name ends in a slash.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &Text> {
        self.files.iter().filter(move |file| file.path.starts_with(folder))
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let text = |(path, text): &(&str, &str)| Text { path: (*path).into(), text: (*text).into() };
        Self::new(files.iter().map(text).collect())
    }
}

fn is_ours(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, end)| end);
    WRITTEN.contains(&extension)
        && !GENERATED.contains(&path)
        && !DATA.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn only_what_we_write_is_read() {
        let root = Scratch::new();
        root.write("db/src/lib.rs", "//! The database.\n");
        root.write("demo/lifts.json", "{}");
        root.write("web/openapi.json", "{}");
        root.write("web/logo.png", "");
        let tree = Tree::read(root.path()).unwrap();
        let paths: Vec<_> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["db/src/lib.rs"]);
        assert_eq!(tree.rust.len(), 1);
    }

    #[test]
    fn a_violation_names_file_and_line() {
        let file = Text { path: "a.md".into(), text: "good\nbad\n".into() };
        assert_eq!(file.lines_where(|line| line == "bad", "is bad"), ["a.md:2: is bad"]);
    }
}
