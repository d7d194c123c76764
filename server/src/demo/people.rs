//! The people of the demo, all invented: engineers with homes, shifts and certificates.

use db::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;

use super::chance::{dice, happens, place};
use super::new_york::NewYork;

/// The password of everybody. No secret: the demo serves this machine alone.
pub const PASSWORD: &str = "demo-midtown";

/// Names as New York has them.
const NAMES: &[&str] = &[
    "Maria Santos",
    "James O'Connor",
    "Wei Chen 陈伟",
    "Aisha Johnson",
    "Luis Ramirez",
    "Dmitri Volkov",
    "Fang Li 李芳",
    "Michael Russo",
    "Priya Patel",
    "Kwame Mensah",
    "Ana Rodriguez",
    "Jianguo Wang 王建国",
    "Patrick Kelly",
    "Fatima Hassan",
    "Carlos Mendez",
    "Tyrone Jackson",
    "Xiuying Zhang 张秀英",
    "Anthony Esposito",
    "Svetlana Petrova",
    "Rajesh Kumar",
    "Denise Williams",
    "Min-jun Park",
    "Jun Liu 刘军",
    "Angela Rossi",
    "Omar Khan",
    "Rosa Gutierrez",
    "Brian Murphy",
    "Lei Huang 黄磊",
    "Jamal Brown",
    "Katarzyna Nowak",
    "Hector Cruz",
    "Mei Lin 林梅",
    "David Goldberg",
    "Grace Okafor",
    "Pedro Alvarez",
    "Vincent Caruso",
    "Yong Zhao 赵勇",
    "Latoya Davis",
    "Nikolai Ivanov",
    "Sofia Torres",
    "Sean Gallagher",
    "Tao Wu 吴涛",
    "Marcus Thompson",
    "Elena Popescu",
    "Ravi Sharma",
    "Juan Delgado",
    "Ping Xu 徐平",
    "Frank DeLuca",
    "Amina Diallo",
    "Miguel Ortiz",
    "Kevin Walsh",
    "Na Sun 孙娜",
    "Isaiah Robinson",
    "Joanna Kowalska",
    "Hiroshi Tanaka",
    "Chao Zhou 周超",
    "Teresa Fernandez",
    "Malik Green",
    "Stefan Horvat",
    "Ying Guo 郭颖",
];

/// Where people live: a place of the neighbourhood, from which homes are scattered a little.
const NEIGHBOURHOODS: &[(f64, f64)] = &[
    (40.7638, -73.9918),
    (40.7465, -74.0014),
    (40.7367, -73.9845),
    (40.7479, -73.9757),
    (40.7423, -73.9801),
    (40.7547, -73.9916),
    (40.7549, -73.9714),
    (40.7580, -73.9855),
    (40.7447, -73.9485),
    (40.7265, -73.9815),
    (40.7736, -73.9566),
    (40.7870, -73.9754),
    (40.7644, -73.9235),
    (40.7305, -73.9515),
];
/// Degrees by which a home may be away from there.
const SCATTER: f64 = 0.003;

/// A shift: its name, the hour and minute of its beginning, and its length in minutes.
type Shift = (i8, i8, i64);
const EARLY: Shift = (7, 0, 8 * 60 + 30);
const DAY: Shift = (8, 0, 9 * 60);
const LATE: Shift = (14, 0, 8 * 60 + 30);
const NIGHT: Shift = (22, 0, 9 * 60);
/// Of ten engineers, so many have each shift.
const SHIFTS: [Shift; 10] = [EARLY, DAY, LATE, EARLY, DAY, NIGHT, EARLY, DAY, EARLY, LATE];

/// A proof of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The skill.
    pub skill: &'static str,
    /// 1 to 3.
    pub level: i32,
    /// As printed.
    pub number: String,
    /// From.
    pub valid_from: Timestamp,
    /// Until, or for ever.
    pub valid_until: Option<Timestamp>,
}

/// Somebody who repairs.
#[derive(Debug, Clone)]
pub struct Engineer {
    /// His place in the list.
    pub index: usize,
    /// `E-01`.
    pub code: String,
    /// What he types to log in.
    pub login: String,
    /// His name.
    pub name: &'static str,
    /// His telephone; numbers with 555-01 belong to nobody.
    pub phone: String,
    /// Where he lives.
    pub home: (f64, f64),
}

/// Skills with their names and how many of a hundred engineers hold them.
pub const SKILLS: &[(&str, &str, &str, u64)] = &[
    ("LIFT-A", "Lifts, basic", "电梯基础", 100),
    ("LIFT-B", "Traction machines", "曳引机", 72),
    ("LIFT-H", "Hydraulic lifts", "液压电梯", 45),
    ("ESC-A", "Escalators, basic", "自动扶梯基础", 92),
    ("ESC-B", "Escalator drives", "扶梯驱动", 58),
    ("ELEC", "Controllers and power", "控制柜与电气", 60),
];

/// All engineers.
pub fn engineers() -> Vec<Engineer> {
    NAMES.iter().enumerate().map(|(index, name)| engineer(index, name)).collect()
}

fn engineer(index: usize, name: &'static str) -> Engineer {
    let code = format!("E-{:02}", index + 1);
    let mut rng = dice(&["home", &code]);
    let (latitude, longitude) = NEIGHBOURHOODS[place(&["lives", &code], NEIGHBOURHOODS.len())];
    let mut near = |centre: f64| {
        let scattered: f64 = centre + rng.random_range(-SCATTER..SCATTER);
        // Five decimals are a metre.
        (scattered * 1e5).round() / 1e5
    };
    Engineer {
        index,
        // The first one is the log-in that the demo offers to people who want to see the phone.
        login: if index == 0 { "engineer".to_owned() } else { code.to_lowercase() },
        name,
        phone: format!("+1 212 555 01{index:02}"),
        home: (near(latitude), near(longitude)),
        code,
    }
}

impl Engineer {
    /// The code of his van: `V-01`.
    pub fn van(&self) -> String {
        format!("V-{}", self.code.trim_start_matches("E-"))
    }

    /// Whether he holds a skill, now or in the past.
    pub fn holds(&self, skill: &str) -> bool {
        let share = SKILLS.iter().find(|(code, ..)| *code == skill).map_or(0, |(.., percent)| *percent);
        happens(&["holds", &self.code, skill], share)
    }

    /// His certificates as they stand on a day. A few end within days, a few have ended.
    pub fn certificates(&self, today: Timestamp) -> Vec<Certificate> {
        let held = SKILLS.iter().filter(|(skill, ..)| self.holds(skill));
        held.map(|(skill, ..)| self.certificate(skill, today)).collect()
    }

    fn certificate(&self, skill: &'static str, today: Timestamp) -> Certificate {
        let words = [self.code.as_str(), skill];
        let mut rng = dice(&["certificate", words[0], words[1]]);
        let days = |days: i64| today.plus_minutes(days * 24 * 60);
        let valid_until = match rng.random_range(0..100) {
            // For ever.
            0..10 => None,
            // Ended a while ago; he should have renewed it.
            10..13 => Some(days(-rng.random_range(3..60))),
            13..17 => Some(days(rng.random_range(1..10))),
            _ => Some(days(rng.random_range(30..700))),
        };
        let level = 1 + i32::from(rng.random_bool(0.65)) + i32::from(rng.random_bool(0.3));
        let number = format!("{skill}-{:05}", rng.random_range(10_000..100_000));
        Certificate { skill, level, number, valid_from: days(-rng.random_range(100..720)), valid_until }
    }

    /// When he works on this day, if he does: five days in seven.
    pub fn shift(&self, clocks: &NewYork, date: Date) -> Option<(Timestamp, Timestamp)> {
        let day = date.since(Date::ZERO).map_or(0, |span| span.get_days());
        let rests = (i64::from(day) + 3 * self.index as i64).rem_euclid(7) < 2;
        let (hour, minute, minutes) = SHIFTS[self.index % SHIFTS.len()];
        let starts_at = clocks.hour(date, hour, minute);
        (!rests).then(|| (starts_at, starts_at.plus_minutes(minutes)))
    }

    /// His shifts that begin on one of these days.
    pub fn shifts(&self, clocks: &NewYork, from: Date, days: i64) -> Vec<(Timestamp, Timestamp)> {
        let days = from.series(1.day()).take(usize::try_from(days).unwrap_or(0));
        days.filter_map(|date| self.shift(clocks, date)).collect()
    }

    /// How much longer than others he takes, in percent: people differ, and dispatch may find out.
    pub fn pace_percent(&self) -> i64 {
        85 + place(&["pace", &self.code], 36) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    const TODAY: Timestamp = Timestamp::from_millis(1_795_348_800_000);

    #[test]
    fn sixty_people_have_codes_log_ins_and_homes_of_their_own() {
        let people = engineers();
        assert_eq!(people.len(), 60);
        assert_eq!(people.iter().map(|e| &e.login).collect::<BTreeSet<_>>().len(), 60);
        assert_eq!(people.iter().map(|e| e.name).collect::<BTreeSet<_>>().len(), 60);
        assert_eq!((people[0].code.as_str(), people[0].login.as_str()), ("E-01", "engineer"));
        assert_eq!((people[1].code.as_str(), people[1].login.as_str()), ("E-02", "e-02"));
        let homes = people.iter().map(|e| e.home);
        assert!(
            homes.clone().all(|(lat, lng)| (40.70..40.80).contains(&lat) && (-74.01..-73.91).contains(&lng))
        );
    }

    #[test]
    fn somebody_is_there_at_every_hour_of_every_day() {
        let (people, clocks) = (engineers(), NewYork::default());
        let shifts: Vec<_> = people.iter().flat_map(|e| e.shifts(&clocks, date(2026, 11, 21), 16)).collect();
        let start = clocks.hour(date(2026, 11, 22), 7, 0);
        for hour in 0..24 * 14 {
            let at = start.plus_minutes(hour * 60);
            let there = shifts.iter().filter(|(from, to)| *from <= at && at < *to).count();
            assert!(there >= 3, "{there} at hour {hour}");
            let local = clocks.local(at).hour();
            assert!(!(8..14).contains(&local) || there >= 20, "{there} at {local} o'clock");
        }
    }

    #[test]
    fn everybody_works_five_days_in_seven_and_never_twice_a_day() {
        let clocks = NewYork::default();
        for engineer in engineers() {
            let shifts = engineer.shifts(&clocks, date(2026, 11, 22), 14);
            assert_eq!(shifts.len(), 10, "{}", engineer.code);
            assert!(shifts.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        }
    }

    #[test]
    fn every_skill_is_held_by_many_and_some_certificates_have_ended_or_end_soon() {
        let all: Vec<_> = engineers().iter().flat_map(|e| e.certificates(TODAY)).collect();
        for (skill, ..) in SKILLS {
            let valid = |c: &&Certificate| c.skill == *skill && c.valid_until.is_none_or(|end| end > TODAY);
            assert!(all.iter().filter(valid).count() >= 20, "{skill}");
            assert!(all.iter().any(|c| c.skill == *skill && c.level >= 2), "{skill}");
        }
        let soon = TODAY.plus_minutes(10 * 24 * 60);
        let ends = |from: Timestamp, to: Timestamp| {
            all.iter().filter(|c| c.valid_until.is_some_and(|end| (from..to).contains(&end))).count()
        };
        assert!(ends(TODAY, soon) > 0 && ends(Timestamp::from_millis(0), TODAY) > 0);
        assert!(all.iter().all(|c| c.valid_until.is_none_or(|end| end > c.valid_from)));
    }

    #[test]
    fn the_same_certificates_are_printed_every_time() {
        let engineer = &engineers()[4];
        assert_eq!(engineer.certificates(TODAY), engineer.certificates(TODAY));
        assert!((85..=120).contains(&engineer.pace_percent()));
    }
}
