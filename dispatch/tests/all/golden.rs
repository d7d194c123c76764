//! One recommendation in full, as it is stored and sent: a change of it is a change of the API.

use crate::town::{self, Dice, HOUR, MINUTE, NOW};
use dispatch::{Load, Policy, Query, Roster, SkillRequirement, StraightLine, recommend};
use uuid::Uuid;

#[test]
fn a_recommendation_in_json() {
    let mut engineers = town::engineers(12);
    // Everybody could repair lifts; the skills of the town would exclude all but one.
    for (engineer, level) in engineers.iter_mut().zip([3, 1, 2, 2].into_iter().cycle()) {
        engineer.certificates[0].skill = "LIFT-A".into();
        engineer.certificates[0].level = level;
    }
    engineers[5].certificates[0].valid_until = Some(NOW + 10 * MINUTE);
    engineers[7].absences = vec![engineers[7].shifts[1]];
    let mut visit = town::visit(0, &mut Dice(4));
    visit.required_skills = vec![SkillRequirement { skill: "LIFT-A".into(), level: 2 }];
    visit.due_at = Some(NOW + HOUR);
    let policy = Policy { max_distance_m: 16_000.0, ..Policy::default() };
    let supply = town::supply(&engineers[..6], &mut Dice(5));
    let mut roster = Roster::build(engineers, NOW, &policy);
    roster.loaded(Uuid::from_u128(3), Load { tickets: 1, minutes: 45 });
    let query = Query::new(&visit, NOW, &policy);
    let answer = recommend(&roster, &query, &supply, &StraightLine::default());
    insta::assert_json_snapshot!(answer);
}

/// The nearest engineers of a larger town in one line each, so that a change of the scores is seen.
#[test]
fn who_is_recommended_in_a_town_of_three_hundred() {
    let (engineers, mut dice, policy) = (town::engineers(300), Dice(11), Policy::default());
    let supply = town::supply(&engineers, &mut dice);
    let mut roster = Roster::build(engineers.clone(), NOW, &policy);
    for engineer in &engineers {
        roster.loaded(engineer.id, town::load(&mut dice));
    }
    let mut lines = Vec::new();
    for skills in [0, 1, 1, 2] {
        let visit = town::visit(skills, &mut dice);
        let answer = recommend(&roster, &Query::new(&visit, NOW, &policy), &supply, &StraightLine::default());
        let best: Vec<String> =
            answer.ranked.iter().take(3).map(|c| format!("{} {}", c.code, c.score_minutes)).collect();
        let counts: Vec<String> =
            answer.excluded_counts.iter().map(|count| format!("{:?} {}", count.rule, count.count)).collect();
        lines.push(format!("{} | {} | +{}", best.join(", "), counts.join(", "), answer.beyond_shortlist));
    }
    insta::assert_snapshot!(lines.join("\n"));
}
