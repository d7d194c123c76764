//! A Rust file as the checks see it: its lines, and which of them are test code.

use super::lexer::{self, Kind, Line};

pub struct RustFile {
    pub path: String,
    pub lines: Vec<Line>,
}

/// Lines of each kind, to be summed over files.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    pub code: usize,
    pub comments: usize,
    pub tests: usize,
}

impl Count {
    /// Counts one line. Comments in tests count for neither side.
    pub fn add(&mut self, kind: Kind, test: bool) {
        match (kind, test) {
            (Kind::Code, true) => self.tests += 1,
            (Kind::Code, false) => self.code += 1,
            (Kind::Comment, false) => self.comments += 1,
            _ => {}
        }
    }
}

impl RustFile {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), lines: lexer::lines(text) }
    }

    pub fn count_into(&self, count: &mut Count) {
        self.lines.iter().for_each(|line| count.add(line.kind, line.test));
    }

    /// Its length without tests, blank lines and comments included: what has to be scrolled through.
    pub fn length(&self) -> usize {
        self.lines.iter().filter(|line| !line.test).count()
    }

    /// The lines of code that `wrong` holds for, as violations.
    pub fn lines_where(&self, wrong: impl Fn(&Line) -> bool, what: &str) -> Vec<String> {
        let lines = self.lines.iter().enumerate().filter(|(_, line)| wrong(line));
        lines.map(|(index, _)| format!("{}:{}: {what}", self.path, index + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comments_and_tests_are_counted_apart() {
        let mut file = RustFile::new("a.rs", "// why\nfn a() {}\n\n// claim\nfn b() {}\n");
        file.lines[3].test = true;
        file.lines[4].test = true;
        let mut count = Count::default();
        file.count_into(&mut count);
        assert_eq!(count, Count { code: 1, comments: 1, tests: 1 });
    }

    #[test]
    fn the_length_of_a_file_is_without_its_tests() {
        let mut file = RustFile::new("a.rs", "// why\n\nfn a() {}\nfn b() {}\n");
        file.lines[3].test = true;
        assert_eq!(file.length(), 3);
    }
}
