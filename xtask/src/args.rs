//! The few flags these commands take. `std` has no parser, and a dependency would have to be built
//! before anything else could be.

use crate::failure::{Failure, Outcome};

/// One flag of a command.
pub struct Flag {
    pub name: &'static str,
    pub takes_value: bool,
}

pub const fn switch(name: &'static str) -> Flag {
    Flag { name, takes_value: false }
}

pub const fn value(name: &'static str) -> Flag {
    Flag { name, takes_value: true }
}

/// The flags given, in order; a word that is no flag is refused, since none of the commands that
/// use this take one.
pub fn parse(args: &[String], known: &[Flag]) -> Outcome<Vec<(&'static str, Option<String>)>> {
    let mut given = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, text)) => (name, Some(text.to_owned())),
            None => (arg.as_str(), None),
        };
        let Some(flag) = known.iter().find(|flag| flag.name == name) else {
            let names: Vec<_> = known.iter().map(|flag| flag.name).collect();
            return Err(Failure::new(format!("{arg} is not known here; known: {}", names.join(" "))));
        };
        given.push(match (flag.takes_value, inline) {
            (false, None) => (flag.name, None),
            (false, Some(_)) => return Err(Failure::new(format!("{name} takes no value"))),
            (true, Some(text)) => (flag.name, Some(text)),
            (true, None) => match rest.next() {
                Some(text) => (flag.name, Some(text.clone())),
                None => return Err(Failure::new(format!("{name} needs a value"))),
            },
        });
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_value_follows_its_flag_or_an_equals_sign() {
        let known = [value("--speed"), switch("--fresh")];
        let given = parse(&words("--speed 60 --fresh --speed=5"), &known).unwrap();
        let expected = [("--speed", Some("60")), ("--fresh", None), ("--speed", Some("5"))];
        assert_eq!(given, expected.map(|(name, text)| (name, text.map(str::to_owned))));
    }

    #[test]
    fn an_unknown_flag_is_refused_with_the_known_ones() {
        let failure = parse(&words("--sped 60"), &[value("--speed")]).unwrap_err();
        assert_eq!(failure.to_string(), "--sped is not known here; known: --speed");
    }

    #[test]
    fn a_flag_without_its_value_is_refused() {
        let failure = parse(&words("--speed"), &[value("--speed")]).unwrap_err();
        assert_eq!(failure.to_string(), "--speed needs a value");
    }

    #[test]
    fn a_value_for_a_switch_is_refused() {
        let failure = parse(&words("--fresh=yes"), &[switch("--fresh")]).unwrap_err();
        assert_eq!(failure.to_string(), "--fresh takes no value");
    }
}
