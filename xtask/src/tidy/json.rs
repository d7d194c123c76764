//! The entries of a JSON object, as far as files of messages need it: keys in their order, double
//! ones included, which a real parser would hide. Nested objects are flattened to `outer.inner`.

use std::iter::Peekable;
use std::str::CharIndices;

type Chars<'a> = Peekable<CharIndices<'a>>;

/// Keys with their values as they are written. An error says where the text is not such an object.
pub fn entries(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut chars = text.char_indices().peekable();
    let mut found = Vec::new();
    object(text, &mut chars, "", &mut found)?;
    Ok(found)
}

fn object(
    text: &str,
    chars: &mut Chars,
    prefix: &str,
    found: &mut Vec<(String, String)>,
) -> Result<(), String> {
    take(chars, '{')?;
    if peek(chars) == Some('}') {
        return take(chars, '}');
    }
    loop {
        let key = format!("{prefix}{}", string(text, chars)?);
        take(chars, ':')?;
        if peek(chars) == Some('{') {
            object(text, chars, &format!("{key}."), found)?;
        } else {
            found.push((key, value(text, chars)?));
        }
        if peek(chars) != Some(',') {
            return take(chars, '}');
        }
        take(chars, ',')?;
    }
}

/// The text of a value, up to the comma or bracket that ends it.
fn value(text: &str, chars: &mut Chars) -> Result<String, String> {
    let start = position(text, chars);
    let mut depth = 0_usize;
    while let Some(char) = peek(chars) {
        match char {
            '"' => {
                string(text, chars)?;
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' if depth > 0 => depth -= 1,
            ',' | '}' | ']' if depth == 0 => break,
            _ => {}
        }
        chars.next();
    }
    Ok(text[start..position(text, chars)].trim().to_owned())
}

/// What is between two quotes, escapes left as they are.
fn string(text: &str, chars: &mut Chars) -> Result<String, String> {
    take(chars, '"')?;
    let start = position(text, chars);
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => {
                chars.next();
            }
            '"' => return Ok(text[start..at].to_owned()),
            _ => {}
        }
    }
    Err("a string does not end".into())
}

fn position(text: &str, chars: &mut Chars) -> usize {
    chars.peek().map_or(text.len(), |(at, _)| *at)
}

fn peek(chars: &mut Chars) -> Option<char> {
    while chars.next_if(|(_, char)| char.is_whitespace()).is_some() {}
    chars.peek().map(|(_, char)| *char)
}

fn take(chars: &mut Chars, wanted: char) -> Result<(), String> {
    peek(chars);
    match chars.next() {
        Some((_, char)) if char == wanted => Ok(()),
        Some((at, char)) => Err(format!("`{wanted}` expected at byte {at}, not `{char}`")),
        None => Err(format!("`{wanted}` expected at the end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<(String, String)> {
        entries(text).unwrap()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn keys_come_with_their_values_as_written() {
        let expected = [pair("a", "\"x, } \\\" y\""), pair("b", "[{\"c\": 1}, 2]")];
        assert_eq!(flat(r#"{ "a": "x, } \" y", "b": [{"c": 1}, 2] }"#), expected);
        assert_eq!(flat("{}"), []);
    }

    #[test]
    fn nested_objects_are_flattened() {
        assert_eq!(
            flat(r#"{"a": {"b": "1", "c": {"d": "2"}}}"#),
            [pair("a.b", "\"1\""), pair("a.c.d", "\"2\"")]
        );
    }

    #[test]
    fn a_key_given_twice_comes_twice() {
        assert_eq!(flat(r#"{"a": "1", "a": "2"}"#).len(), 2);
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_place() {
        assert_eq!(entries("[]").unwrap_err(), "`{` expected at byte 0, not `[`");
        assert_eq!(entries("{\"a\" 1}").unwrap_err(), "`:` expected at byte 5, not `1`");
        assert_eq!(entries("{\"a").unwrap_err(), "a string does not end");
        assert_eq!(entries("{").unwrap_err(), "`\"` expected at the end");
    }
}
