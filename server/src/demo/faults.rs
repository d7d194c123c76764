//! What can be wrong with a lift, as the people of the office know it: what a symptom means for kind, urgency and
//! skills, and what kind of machine stands there. What is really broken only [`super::truth`] knows.

use crate::tickets::SkillNeed;

/// A symptom as the transit authority recorded it. In July 2014 it renamed them; both names are one symptom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symptom {
    /// Somebody called.
    Callback,
    /// Needs a small repair.
    Minor,
    /// Needs a large repair.
    Major,
    /// Somebody came to harm, or nearly.
    Incident,
    /// No power.
    Power,
    /// Stopped by the fire alarm.
    FireAlarm,
    /// The handrail.
    Handrail,
    /// Water where it should not be.
    Water,
    /// The weather.
    Weather,
    /// Anything else.
    Other,
}

impl Symptom {
    /// Reads either of the recorded names; anything unknown is something else.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "CALLBACK/REPAIR" | "SERVICE CALL" => Self::Callback,
            "MINOR REPAIR" => Self::Minor,
            "MAJOR REPAIR" => Self::Major,
            "INCIDENT/ACCIDENT" | "CUSTOMER INCIDENT" => Self::Incident,
            "POWER SURGE/OUTAGE" | "POWER OUTAGE" => Self::Power,
            "FIRE ALARM/DELUGE SYSTEMS" | "FIRE ALARM" => Self::FireAlarm,
            "HANDRAIL" => Self::Handrail,
            "WATER LEAK/INTRUSION" => Self::Water,
            "WEATHER RELATED" => Self::Weather,
            _ => Self::Other,
        }
    }

    /// The recorded name, the older one where there are two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Callback => "CALLBACK/REPAIR",
            Self::Minor => "MINOR REPAIR",
            Self::Major => "MAJOR REPAIR",
            Self::Incident => "INCIDENT/ACCIDENT",
            Self::Power => "POWER SURGE/OUTAGE",
            Self::FireAlarm => "FIRE ALARM/DELUGE SYSTEMS",
            Self::Handrail => "HANDRAIL",
            Self::Water => "WATER LEAK/INTRUSION",
            Self::Weather => "WEATHER RELATED",
            Self::Other => "OTHER",
        }
    }

    /// What the call centre writes as the ticket's kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Power | Self::FireAlarm => "reset",
            _ => "repair",
        }
    }

    /// What is wrong, in the words of a title.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Callback => "out of service",
            Self::Minor => "small repair",
            Self::Major => "large repair",
            Self::Incident => "incident, passengers need help",
            Self::Power => "no power",
            Self::FireAlarm => "stopped by the fire alarm",
            Self::Handrail => "handrail damaged",
            Self::Water => "water in the pit",
            Self::Weather => "stopped by the weather",
            Self::Other => "does not run as it should",
        }
    }
}

/// What kind of machine it is: decides who may work on it and what usually breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Moving stairs.
    Escalator,
    /// Traction lift without a gear: tall buildings.
    Gearless,
    /// Traction lift with a gear or a drum.
    Geared,
    /// Lift on a hydraulic cylinder.
    Hydraulic,
    /// Dumbwaiters, pavement lifts, platforms.
    Small,
}

impl Family {
    /// Reads the register's device type and machine type. Codes that nobody explains are taken for geared ones,
    /// the most common after gearless.
    pub fn of(device_type: &str, machine_type: &str) -> Self {
        match (device_type, machine_type) {
            ("Escalator", _) => Self::Escalator,
            ("Dumbwaiter" | "Sidewalk" | "Manlift" | "Handicap Lift", _) => Self::Small,
            (_, "GL") => Self::Gearless,
            (_, "OH") => Self::Hydraulic,
            _ => Self::Geared,
        }
    }

    /// What people call it.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Escalator => "Escalator",
            Self::Small => "Small lift",
            _ => "Lift",
        }
    }
}

/// 1 urgent to 4 low. The only lift of a building matters more than one of many.
pub const fn priority(symptom: Symptom, family: Family, alone: bool) -> i32 {
    match (symptom, family) {
        (Symptom::Incident, _) => 1,
        (Symptom::Power | Symptom::FireAlarm | Symptom::Water, _) => 2,
        (Symptom::Callback, Family::Gearless | Family::Geared | Family::Hydraulic) if alone => 2,
        (Symptom::Minor | Symptom::Other, _) => 4,
        _ => 3,
    }
}

/// Who may do it.
pub fn skills(symptom: Symptom, family: Family) -> Vec<SkillNeed> {
    let codes: &[(&str, u8)] = match (symptom, family) {
        (Symptom::Incident, Family::Escalator) => &[("ESC-A", 2)],
        (Symptom::Incident, _) => &[("LIFT-A", 2)],
        (Symptom::Power | Symptom::FireAlarm, _) => &[("ELEC", 1)],
        (Symptom::Major, Family::Escalator) => &[("ESC-A", 2), ("ESC-B", 1)],
        (Symptom::Handrail, Family::Escalator) => &[("ESC-B", 1)],
        (_, Family::Escalator) => &[("ESC-A", 1)],
        (Symptom::Major, Family::Gearless) => &[("LIFT-B", 2), ("ELEC", 1)],
        (_, Family::Gearless) => &[("LIFT-B", 1)],
        (Symptom::Major, Family::Geared) => &[("LIFT-B", 2)],
        (_, Family::Geared) => &[("LIFT-A", 2)],
        (Symptom::Major, Family::Hydraulic) => &[("LIFT-H", 2)],
        (_, Family::Hydraulic) => &[("LIFT-H", 1)],
        (_, Family::Small) => &[("LIFT-A", 1)],
    };
    codes.iter().map(|(skill, level)| SkillNeed { skill: (*skill).to_owned(), level: *level }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Symptom; 10] = [
        Symptom::Callback,
        Symptom::Minor,
        Symptom::Major,
        Symptom::Incident,
        Symptom::Power,
        Symptom::FireAlarm,
        Symptom::Handrail,
        Symptom::Water,
        Symptom::Weather,
        Symptom::Other,
    ];

    #[test]
    fn a_symptom_is_read_from_its_own_name_and_from_the_one_after_the_renaming() {
        assert!(ALL.iter().all(|symptom| Symptom::parse(symptom.name()) == *symptom));
        assert_eq!(Symptom::parse("Service Call"), Symptom::Callback);
        assert_eq!(Symptom::parse("Customer Incident"), Symptom::Incident);
        assert_eq!(Symptom::parse("Power Outage"), Symptom::Power);
        assert_eq!(Symptom::parse("Fire Alarm"), Symptom::FireAlarm);
        assert_eq!(Symptom::parse("REHAB/MODERNIZATION"), Symptom::Other);
    }

    #[test]
    fn an_incident_is_urgent_on_every_machine_and_nothing_else_is() {
        for family in [Family::Escalator, Family::Gearless, Family::Small] {
            let urgent: Vec<_> = ALL.into_iter().filter(|s| priority(*s, family, true) == 1).collect();
            assert_eq!(urgent, [Symptom::Incident]);
        }
    }

    #[test]
    fn the_only_lift_of_a_building_comes_before_one_of_many() {
        assert_eq!(priority(Symptom::Callback, Family::Geared, true), 2);
        assert_eq!(priority(Symptom::Callback, Family::Geared, false), 3);
        assert_eq!(priority(Symptom::Callback, Family::Escalator, true), 3, "there are stairs");
    }

    #[test]
    fn the_machine_type_decides_the_family_and_the_family_the_skill() {
        assert_eq!(Family::of("Passenger Elevator", "OH"), Family::Hydraulic);
        assert_eq!(Family::of("Passenger Elevator", ""), Family::Geared);
        assert_eq!(Family::of("Escalator", "OG"), Family::Escalator);
        assert_eq!(skills(Symptom::Callback, Family::Hydraulic)[0].skill, "LIFT-H");
        assert_eq!(skills(Symptom::Power, Family::Escalator)[0].skill, "ELEC");
    }

    #[test]
    fn every_fault_on_every_machine_names_a_skill_once() {
        for family in [Family::Escalator, Family::Gearless, Family::Geared, Family::Hydraulic, Family::Small]
        {
            for symptom in ALL {
                let needed = skills(symptom, family);
                let different: std::collections::BTreeSet<_> = needed.iter().map(|n| &n.skill).collect();
                assert!(!needed.is_empty() && different.len() == needed.len());
                assert!((1..=4).contains(&priority(symptom, family, false)));
            }
        }
    }
}
