//! Every message is there in every language, says something, and has the same blanks to fill.

use super::json;
use super::tree::{Text, Tree};
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "web/messages/";
/// The language the others are translated from.
const SOURCE: &str = "web/messages/en.json";

type Messages = BTreeMap<String, String>;

pub fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let mut languages = BTreeMap::new();
    for file in tree.below(FOLDER).filter(|file| file.ends_in(&["json"])) {
        match messages(file, &mut violations) {
            Ok(messages) => languages.insert(file.path.as_str(), messages),
            Err(fault) => {
                violations.push(format!("{}: {fault}", file.path));
                None
            }
        };
    }
    let Some(source) = languages.remove(SOURCE) else {
        violations.push(format!("{SOURCE} is missing or no JSON"));
        return violations;
    };
    for (path, messages) in &languages {
        violations.extend(compare(path, &source, messages));
    }
    violations
}

/// The messages of one language; those that are empty or given twice are violations.
fn messages(file: &Text, violations: &mut Vec<String>) -> Result<Messages, String> {
    let mut messages = Messages::new();
    for (key, value) in json::entries(&file.text)? {
        if key == "$schema" {
            continue;
        }
        if matches!(value.trim_matches('"').trim(), "" | "[]") {
            violations.push(format!("{}: {key} is empty", file.path));
        }
        if messages.insert(key.clone(), value).is_some() {
            violations.push(format!("{}: {key} is given twice", file.path));
        }
    }
    Ok(messages)
}

fn compare(path: &str, source: &Messages, messages: &Messages) -> Vec<String> {
    let mut violations = Vec::new();
    for (key, value) in source {
        match messages.get(key) {
            None => violations.push(format!("{path}: {key} is missing")),
            Some(translated) if blanks(value) != blanks(translated) => {
                violations.push(format!("{path}: {key} has other blanks than in {SOURCE}"));
            }
            Some(_) => {}
        }
    }
    let unknown = messages.keys().filter(|key| !source.contains_key(*key));
    violations.extend(unknown.map(|key| format!("{path}: {key} is not in {SOURCE}")));
    violations
}

/// The names in braces. Messages with variants are lists with a grammar of their own; languages
/// differ there by right.
fn blanks(value: &str) -> BTreeSet<&str> {
    if !value.starts_with('"') {
        return BTreeSet::new();
    }
    value.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(en: &str, zh: &str) -> Vec<String> {
        check(&Tree::of(&[(SOURCE, en), ("web/messages/zh-CN.json", zh)]))
    }

    #[test]
    fn the_same_keys_in_both_languages_are_fine() {
        let en = r#"{"$schema": "x", "hello": "Hello {name}", "bye": "Bye"}"#;
        assert_eq!(violations(en, r#"{"bye": "再见", "hello": "{name}，你好"}"#), [""; 0]);
    }

    #[test]
    fn a_message_of_one_language_alone_is_found() {
        assert_eq!(
            violations(r#"{"a": "A", "b": "B"}"#, r#"{"a": "甲", "c": "丙"}"#),
            [
                "web/messages/zh-CN.json: b is missing",
                "web/messages/zh-CN.json: c is not in web/messages/en.json",
            ]
        );
    }

    #[test]
    fn an_empty_message_is_found() {
        let found = violations(r#"{"a": "A"}"#, r#"{"a": " "}"#);
        assert_eq!(found, ["web/messages/zh-CN.json: a is empty"]);
    }

    #[test]
    fn a_message_given_twice_is_found() {
        let found = violations(r#"{"a": "A", "a": "B"}"#, r#"{"a": "甲"}"#);
        assert_eq!(found, ["web/messages/en.json: a is given twice"]);
    }

    #[test]
    fn a_blank_lost_in_translation_is_found() {
        let found = violations(r#"{"a": "{count} parts"}"#, r#"{"a": "零件"}"#);
        assert_eq!(found, ["web/messages/zh-CN.json: a has other blanks than in web/messages/en.json"]);
    }

    #[test]
    fn no_messages_at_all_are_found() {
        assert_eq!(check(&Tree::of(&[])), ["web/messages/en.json is missing or no JSON"]);
    }
}
