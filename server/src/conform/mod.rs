//! `fettle conform`: the sync contract (`mobile-sync/PROTOCOL.md`) asked of any server, from outside, as a phone would
//! meet it. Nothing of the server under test is known here but its address and a way to enrol.
//!
//! The rules are asked one after another, since a phone has a history: its numbers, its clock, its tickets. Each rule
//! ends as passed, failed, or not applicable where something is missing that it needs. A trial writes: notes, a few
//! edits and steps into one ticket of the engineer whose phone it is.

mod bytes;
mod enrolment;
mod merging;
mod office;
mod phone;
mod pulling;
mod pushing;
mod refusing;

use std::fmt;

use phone::{Enrolment, Phone};

/// Whom to ask, and as whom.
#[derive(Debug, Clone)]
pub struct Target {
    /// `http://host:port`, without a slash at the end.
    pub base: String,
    /// How its phones are enrolled.
    pub vouch: Vouch,
    /// A dispatcher's token of Fettle's own REST API: for rules about tickets that change hands.
    pub office: Option<String>,
}

/// Who says that a phone may enrol.
#[derive(Debug, Clone)]
pub enum Vouch {
    /// The engineer's own session, as a bearer token: for any number of phones.
    Token(String),
    /// The same as a cookie.
    Cookie(String),
    /// Codes from the office, each for one phone.
    Codes(Vec<String>),
}

/// How a rule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server keeps it.
    Passed,
    /// It does not.
    Failed,
    /// Something is missing that the rule needs.
    NotApplicable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::NotApplicable => "n/a",
        })
    }
}

/// One rule, and what was seen.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule, in words.
    pub rule: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What the server said, or what is missing.
    pub seen: String,
}

/// Everything that was asked.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order in which it was asked.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many rules ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    fn add(&mut self, rule: &'static str, outcome: Outcome) {
        let (verdict, seen) = match outcome {
            Ok(seen) => (Verdict::Passed, seen),
            Err(Wrong::Failed(seen)) => (Verdict::Failed, seen),
            Err(Wrong::Missing(what)) => (Verdict::NotApplicable, what),
        };
        self.findings.push(Finding { rule, verdict, seen });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.findings.iter().map(|finding| finding.rule.chars().count()).max().unwrap_or(0);
        for Finding { rule, verdict, seen } in &self.findings {
            writeln!(f, "{verdict:<7} {rule:<width$}  {seen}")?;
        }
        let [passed, failed, missing] =
            [Verdict::Passed, Verdict::Failed, Verdict::NotApplicable].map(|verdict| self.count(verdict));
        write!(f, "{passed} passed, {failed} failed, {missing} not applicable")
    }
}

/// Why a rule did not pass.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// What was seen instead.
    Failed(String),
    /// What the rule needs and is not there.
    Missing(String),
}

/// What was seen, in short.
pub(crate) type Outcome = Result<String, Wrong>;

/// Goes on if it is so.
pub(crate) fn expect(so: bool, seen: impl FnOnce() -> String) -> Result<(), Wrong> {
    if so { Ok(()) } else { Err(Wrong::Failed(seen())) }
}

/// What a trial has in hand.
pub(crate) struct Trial {
    pub target: Target,
    pub enrolment: Enrolment,
    pub first: Phone,
    /// Another phone of the same engineer.
    pub second: Option<Phone>,
    /// An open ticket of his.
    pub ticket: Option<String>,
    /// One that the office has taken from him.
    pub late: Option<String>,
}

impl Trial {
    pub fn ticket(&self) -> Result<String, Wrong> {
        let missing = || Wrong::Missing("the engineer has no open ticket".to_owned());
        self.ticket.clone().ok_or_else(missing)
    }

    pub fn second(&mut self) -> Result<&mut Phone, Wrong> {
        let missing = || Wrong::Missing("needs a second phone: another --code, or --token".to_owned());
        self.second.as_mut().ok_or_else(missing)
    }
}

/// Asks a server everything.
pub async fn run(target: Target) -> Report {
    let mut report = Report::default();
    let mut enrolment = Enrolment::new(&target);
    let first = match enrolment.next().await {
        Ok(first) => first,
        Err(wrong) => {
            report.add(enrolment::ENROLS, Err(wrong));
            return report;
        }
    };
    report.add(enrolment::ENROLS, enrolment::announced(&first));
    let second = enrolment.next().await.ok();
    let mut trial = Trial { target, enrolment, first, second, ticket: None, late: None };
    pulling::ask(&mut trial, &mut report).await;
    enrolment::ask(&mut trial, &mut report).await;
    pushing::ask(&mut trial, &mut report).await;
    refusing::ask(&mut trial, &mut report).await;
    merging::ask(&mut trial, &mut report).await;
    bytes::ask(&mut trial, &mut report).await;
    office::ask(&mut trial, &mut report).await;
    enrolment::ask_last(&mut trial, &mut report).await;
    report
}
