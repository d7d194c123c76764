//! Placeholders in the text of a reply, `{number}` and the like, and what a ticket puts in their place. A brace that
//! does not hold a word is a brace. What is put in is not looked through again.

use crate::http::Checks;

/// What can stand in braces.
pub const PLACEHOLDERS: [&str; 11] = [
    "number",
    "title",
    "status",
    "customer",
    "address",
    "contact",
    "engineer",
    "planned",
    "due",
    "organisation",
    "author",
];

/// A piece of a text.
enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut plain) = (text, text);
    while let Some(at) = rest.find('{') {
        let inside = &rest[at + 1..];
        let end = inside.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(inside.len());
        if end > 0 && inside[end..].starts_with('}') {
            pieces.push(Piece::Text(&plain[..plain.len() - rest.len() + at]));
            pieces.push(Piece::Placeholder(&inside[..end]));
            rest = &inside[end + 1..];
            plain = rest;
        } else {
            rest = inside;
        }
    }
    pieces.push(Piece::Text(plain));
    pieces
}

/// Notes each placeholder that there is none of.
pub fn check(checks: &mut Checks, field: &str, text: &str) {
    for piece in pieces(text) {
        match piece {
            Piece::Placeholder(name) if !PLACEHOLDERS.contains(&name) => {
                checks.fault(field, "placeholder", format!("{{{name}}} stands for nothing"));
            }
            _ => {}
        }
    }
}

/// The text with what each placeholder stands for.
pub fn filled<'v>(text: &str, value: impl Fn(&str) -> &'v str) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Placeholder(name) => value(name),
        })
        .fold(String::with_capacity(text.len()), |whole, piece| whole + piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> &'static str {
        match name {
            "number" => "1042",
            "title" => "{number}",
            _ => "?",
        }
    }

    #[test]
    fn each_placeholder_is_filled_and_what_is_put_in_is_left_alone() {
        assert_eq!(filled("Ticket {number}: {title}.", value), "Ticket 1042: {number}.");
        assert_eq!(filled("工单{number}。{number}", value), "工单1042。1042");
        assert_eq!(filled("", value), "");
    }

    #[test]
    fn a_brace_without_a_word_is_a_brace() {
        for text in ["{", "}", "{}", "{ number }", "{Number}", "a { b } c", "{{", "{number"] {
            assert_eq!(filled(text, value), text);
        }
        assert_eq!(filled("{{number}}", value), "{1042}");
    }

    #[test]
    fn what_stands_for_nothing_is_named() {
        let mut checks = Checks::new();
        check(&mut checks, "text", "{number} {colour} {due} {shoe_size}");
        let said: Vec<&str> = checks.faults().iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(said, ["{colour} stands for nothing", "{shoe_size} stands for nothing"]);
        assert!(PLACEHOLDERS.iter().all(|name| {
            let mut checks = Checks::new();
            check(&mut checks, "text", &format!("{{{name}}}"));
            checks.faults().is_empty()
        }));
    }
}
