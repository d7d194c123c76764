//! The one error of these commands: a sentence for the person at the terminal.
//!
//! Nobody matches on what went wrong here, so there are no variants; what counts is that the
//! sentence names the file or the program, and says what to do next.

use std::fmt;

/// What a command gives back.
pub type Outcome<T = ()> = Result<T, Failure>;

#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Turns any error into a `Failure` that says what was being done.
pub trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{}: {error}", what())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_was_being_done_and_why_it_failed() {
        let failed: Result<(), &str> = Err("no such file");
        let failure = failed.doing(|| "reading web/package.json".into()).unwrap_err();
        assert_eq!(failure.to_string(), "reading web/package.json: no such file");
    }
}
