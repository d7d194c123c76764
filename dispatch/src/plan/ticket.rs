//! A visit to be made on the planned day.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::check::{self, LARGEST_CREW, LARGEST_LOAD, LATEST, ProblemError, require};
use super::engineer::first_level;
use super::parts::{self, PartCount};

/// A visit to be made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanTicket {
    pub id: i64,
    #[serde(default)]
    pub lat: f64,
    #[serde(default)]
    pub lon: f64,
    #[serde(default)]
    pub skills: Vec<i64>,
    /// Skills of which a level above the first is required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_skills: Vec<RequiredSkill>,
    pub duration_s: i32,
    pub earliest_s: i32,
    pub due_s: i32,
    pub priority: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<i64>,
    /// Whom the customer does not want.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_engineers: Vec<i64>,
    /// Parts that it needs, all from the van or all from a depot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartCount>,
    /// Where it is; only those who cover it may do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<i64>,
    /// Whom the customer would like best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferred_engineers: Vec<i64>,
    /// What it costs, in seconds, if none of them does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference_s: Option<i32>,
    /// Who does it by the plan in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<i64>,
    /// The only one who may do it: a visit that is agreed or begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_engineer: Option<i64>,
    /// When the pinned engineer began it: he is there, and does it before everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at_s: Option<i32>,
    /// The appointment: it begins then, neither earlier nor later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_start_s: Option<i32>,
    /// It must not begin later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_start_s: Option<i32>,
    /// How many engineers it takes, one of whom is its lead; one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crew: Option<u32>,
    /// What the others of the crew must hold; the skills of the ticket if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crew_skills: Option<Vec<i64>>,
    /// All others of the crew, beside the pinned engineer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned_crew: Vec<i64>,
    /// Who helps by the plan in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_force_crew: Vec<i64>,
    /// It begins only when these have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<After>,
    /// No field of the files, of the search alone: it is the part of a helper in the visit of this ticket.
    #[serde(skip)]
    pub helps: Option<i64>,
    /// No field of the files, of the search alone: others count on it, so it is not left out.
    #[serde(skip)]
    pub is_kept: bool,
}

/// What must have ended before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub ticket: i64,
    /// Seconds from its end, at least.
    #[serde(default)]
    pub gap_s: i32,
}

/// What an engineer must hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredSkill {
    pub skill: i64,
    #[serde(default = "first_level")]
    pub level: u32,
}

impl PlanTicket {
    pub(super) fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        check::place(self.lat, self.lon, at)?;
        require((0..=LATEST).contains(&self.duration_s), || at("duration_s"), "must be 0 to 10,000,000")?;
        check::seconds(self.earliest_s, "earliest_s", at)?;
        check::seconds(self.due_s, "due_s", at)?;
        self.check_start(at)?;
        require((1..=4).contains(&self.priority), || at("priority"), "must be 1 to 4")?;
        check::list(&self.skills, "skills", at)?;
        check::list(&self.required_skills, "required_skills", at)?;
        parts::counts(&self.parts, "parts", at)?;
        check::list(&self.preferred_engineers, "preferred_engineers", at)?;
        let preference = self.preference_s.unwrap_or(0);
        require((0..=LATEST).contains(&preference), || at("preference_s"), "must be 0 to 10,000,000")?;
        let of_somebody = self.preference_s.is_none() || !self.preferred_engineers.is_empty();
        require(of_somebody, || at("preference_s"), "needs preferred_engineers")?;
        check::list(&self.forbidden_engineers, "forbidden_engineers", at)?;
        self.check_crew(at)?;
        let sensible = (0..=LARGEST_LOAD).contains(&self.load.unwrap_or(0));
        require(sensible, || at("load"), "must be 0 to 1,000,000,000,000")
    }

    fn check_start(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        for (field, value) in [
            ("started_at_s", self.started_at_s),
            ("fixed_start_s", self.fixed_start_s),
            ("latest_start_s", self.latest_start_s),
        ] {
            check::seconds(value.unwrap_or(0), field, at)?;
        }
        if self.started_at_s.is_some() {
            require(
                self.pinned_engineer.is_some(),
                || at("started_at_s"),
                "needs the pinned_engineer who began",
            )?;
            require(self.fixed_start_s.is_none(), || at("fixed_start_s"), "is of no use: it has started")?;
        }
        let latest = self.latest_start_s.unwrap_or(LATEST);
        require(self.earliest_s <= latest, || at("latest_start_s"), "must not be before earliest_s")?;
        let possible = self.fixed_start_s.is_none_or(|fixed| (self.earliest_s..=latest).contains(&fixed));
        require(possible, || at("fixed_start_s"), "must not be before earliest_s or after latest_start_s")
    }

    fn check_crew(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        let crew = self.crew_size();
        require((1..=LARGEST_CREW).contains(&crew), || at("crew"), "must be 1 to 10")?;
        check::list(self.crew_skills.as_deref().unwrap_or(&[]), "crew_skills", at)?;
        require(self.crew_skills.is_none() || crew > 1, || at("crew_skills"), "needs a crew of 2 or more")?;
        for (field, names) in [("pinned_crew", &self.pinned_crew), ("in_force_crew", &self.in_force_crew)] {
            let distinct: HashSet<&i64> = names.iter().collect();
            require(distinct.len() == names.len(), || at(field), "names somebody twice")?;
            let all = names.is_empty() || names.len() + 1 == crew;
            require(all, || at(field), "must name all of the crew but its lead")?;
        }
        let lead = self.pinned_engineer;
        let apart = lead.is_none_or(|lead| !self.pinned_crew.contains(&lead));
        require(apart, || at("pinned_crew"), "names the pinned_engineer, who is its lead")?;
        require(
            self.pinned_crew.is_empty() || lead.is_some(),
            || at("pinned_crew"),
            "needs the pinned_engineer, who is its lead",
        )?;
        let complete = self.started_at_s.is_none() || self.pinned_crew.len() + 1 == crew;
        require(complete, || at("started_at_s"), "needs the pinned_crew who began")
    }

    /// How many engineers it takes.
    pub fn crew_size(&self) -> usize {
        self.crew.map_or(1, |crew| crew as usize)
    }

    /// What a second of lateness costs: 8, 4, 2, 1 for priorities 1 to 4. Of a crew, the lead's part is charged.
    pub fn weight(&self) -> i32 {
        if self.helps.is_some() {
            return 0;
        }
        8 >> self.priority.clamp(1, 4).saturating_sub(1)
    }
}
