//! What the documentation lists is what the code knows: reasons with remedies, terms, strategies.

use dispatch::{Policy, Rule, Strategy};

const DOCS: &str = include_str!("../../../docs/dispatch.md");

/// The rows of the table below a heading, each as its cells.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let section = DOCS.split(heading).nth(1).unwrap_or_default();
    let section = section.split("\n#").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_documented_reasons_are_those_of_the_code_in_the_same_order_and_each_has_a_remedy() {
    let rows = rows("### Reasons");
    let codes: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(codes, Rule::ORDER.map(Rule::as_str));
    for row in rows {
        assert!(row.len() == 3 && row[1].len() > 10 && row[2].len() > 10, "{row:?}");
    }
}

#[test]
fn the_documented_strategies_are_those_of_the_code() {
    let all = [
        Strategy::Smart,
        Strategy::Nearest,
        Strategy::RoundRobin,
        Strategy::LeastLoad,
        Strategy::SkillGroup,
        Strategy::Territory,
        Strategy::SeniorFirst { up_to_priority: 2 },
        Strategy::CustomerLevel { from_level: 3 },
        Strategy::Claim,
    ];
    let kind =
        |strategy: &Strategy| serde_json::to_value(strategy).unwrap()["kind"].as_str().unwrap().to_owned();
    let documented: Vec<&str> = rows("### Strategies").iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(documented, all.iter().map(kind).collect::<Vec<_>>());
    assert_eq!(Policy::default().strategy, Strategy::Smart);
}
