//! Rust source taken apart into code and comments, as far as style checks need it.
//!
//! Not a parser: it knows comments, strings and character literals, so that a brace in a string or
//! an `unwrap()` in a comment is not taken for code. `std` has nothing of the kind, and a real parser
//! would be a dependency of the command that must build before all others.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Blank,
    Comment,
    Code,
}

#[derive(Debug)]
pub struct Line {
    pub kind: Kind,
    /// The code of the line, with comments left out and strings emptied.
    pub code: String,
    /// Set later, by `test_code`.
    pub test: bool,
}

enum State {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    state: State,
    lines: Vec<Line>,
    line: Line,
}

pub fn lines(source: &str) -> Vec<Line> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        state: State::Code,
        lines: Vec::new(),
        line: blank(),
    };
    while let Some(char) = lexer.peek(0) {
        lexer.step(char);
    }
    if !source.ends_with('\n') {
        lexer.end_line();
    }
    lexer.lines
}

fn blank() -> Line {
    Line { kind: Kind::Blank, code: String::new(), test: false }
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, char)| self.peek(ahead) == Some(char))
    }

    fn step(&mut self, char: char) {
        if char == '\n' {
            self.at += 1;
            self.end_line();
            return;
        }
        match self.state {
            State::Code => self.code(char),
            State::LineComment => self.comment(1),
            State::BlockComment { depth } => self.block_comment(depth),
            State::Text => {
                self.text(char);
                match char {
                    '\\' if self.peek(1) != Some('\n') => self.at += 2,
                    '"' => self.end_text(1),
                    _ => self.at += 1,
                }
            }
            State::RawText { hashes } => {
                self.text(char);
                let end = format!("\"{}", "#".repeat(hashes));
                if self.sees(&end) { self.end_text(end.len()) } else { self.at += 1 }
            }
        }
    }

    fn end_line(&mut self) {
        if matches!(self.state, State::LineComment) {
            self.state = State::Code;
        }
        self.lines.push(std::mem::replace(&mut self.line, blank()));
    }

    fn code(&mut self, char: char) {
        if self.sees("//") {
            self.state = State::LineComment;
            self.comment(2);
        } else if self.sees("/*") {
            self.state = State::BlockComment { depth: 1 };
            self.comment(2);
        } else if char == '"' {
            self.push('"');
            self.state = State::Text;
            self.at += 1;
        } else if let Some((hashes, length)) = self.raw_text() {
            self.push('"');
            self.state = State::RawText { hashes };
            self.at += length;
        } else if char == '\'' {
            self.push('\'');
            self.at += self.char_literal();
        } else {
            self.push(char);
            self.at += 1;
        }
    }

    fn push(&mut self, char: char) {
        self.line.code.push(char);
        if !char.is_whitespace() {
            self.line.kind = Kind::Code;
        }
    }

    /// A line inside a string is code, though nothing of it is kept.
    fn text(&mut self, char: char) {
        if !char.is_whitespace() {
            self.line.kind = Kind::Code;
        }
    }

    fn end_text(&mut self, length: usize) {
        self.push('"');
        self.state = State::Code;
        self.at += length;
    }

    fn comment(&mut self, length: usize) {
        if self.line.kind == Kind::Blank {
            self.line.kind = Kind::Comment;
        }
        self.at += length;
    }

    fn block_comment(&mut self, depth: usize) {
        let (depth, length) = match () {
            () if self.sees("/*") => (depth + 1, 2),
            () if self.sees("*/") => (depth - 1, 2),
            () => (depth, 1),
        };
        self.comment(length);
        self.state = if depth == 0 { State::Code } else { State::BlockComment { depth } };
    }

    /// For `r"`, `r#"`, `br##"` and the like: the number of hashes, and the length of the opening.
    fn raw_text(&self) -> Option<(usize, usize)> {
        let before = self.line.code.chars().last();
        if before.is_some_and(|char| char.is_alphanumeric() || char == '_') {
            return None;
        }
        let prefix = ["br", "cr", "r"].into_iter().find(|prefix| self.sees(prefix))?.len();
        let hashes = (prefix..).take_while(|ahead| self.peek(*ahead) == Some('#')).count();
        (self.peek(prefix + hashes) == Some('"')).then_some((hashes, prefix + hashes + 1))
    }

    /// The length of a character literal, or 1 for the quote of a lifetime.
    fn char_literal(&self) -> usize {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), Some(_)) => {
                (3..12).find(|ahead| self.peek(*ahead) == Some('\'')).map_or(1, |end| end + 1)
            }
            (Some(_), Some('\'')) => 3,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> Vec<String> {
        lines(source).into_iter().map(|line| line.code).collect()
    }

    fn kinds(source: &str) -> Vec<Kind> {
        lines(source).into_iter().map(|line| line.kind).collect()
    }

    #[test]
    fn comments_are_not_code() {
        assert_eq!(code("a // b\n/* c */ d\n"), ["a ", " d"]);
        assert_eq!(
            kinds("//! a\n\n/* b\n c */\nd // e"),
            [Kind::Comment, Kind::Blank, Kind::Comment, Kind::Comment, Kind::Code]
        );
    }

    #[test]
    fn block_comments_nest() {
        assert_eq!(code("/* a /* b */ c */ d"), [" d"]);
    }

    #[test]
    fn strings_are_emptied_whatever_is_in_them() {
        assert_eq!(code(r#"x("{ // \" }", y)"#), [r#"x("", y)"#]);
        assert_eq!(code("r#\"a \" { b\"# z"), ["\"\" z"]);
        assert_eq!(code("br\"{\" z"), ["\"\" z"]);
    }

    #[test]
    fn a_string_over_several_lines_is_code_on_each() {
        assert_eq!(kinds("let x = \"a\n b // c\n\";"), [Kind::Code; 3]);
        assert_eq!(code("\"a \\\n b\" c"), ["\"", "\" c"]);
    }

    #[test]
    fn a_brace_or_a_quote_as_a_character_is_not_code() {
        assert_eq!(code(r"['{', '\'', '\u{7f}', '\\', 'x']"), ["[', ', ', ', ']"]);
    }

    #[test]
    fn a_lifetime_is_not_the_start_of_a_character() {
        assert_eq!(code("fn a<'a>(x: &'a str) { b('c') }"), ["fn a<'a>(x: &'a str) { b(') }"]);
    }

    #[test]
    fn a_name_that_ends_in_r_does_not_start_a_raw_string() {
        assert_eq!(code("for\"x\""), ["for\"\""]);
    }
}
