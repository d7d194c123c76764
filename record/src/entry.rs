//! One change as the record has it: a line of JSON, the leaf. Who, when, what; the digests of the row's two parts; and,
//! if it belongs to a ticket, its number among that ticket's changes and the hash of the one before. Verifiers never
//! write a leaf anew, they hash the text that they were given, so no two programs need to agree on how JSON is written.

use db::Timestamp;
use db::changes::digest;
use serde::{Deserialize, Serialize};

use crate::personal;

/// What is hashed for one change. Fields are written in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Number of the change: higher is later.
    pub number: i64,
    /// When, on the server's clock, UTC milliseconds.
    pub at: Timestamp,
    /// A user's id, or a part of the server.
    pub actor_id: String,
    /// The log-in, as people knew it then.
    pub actor: String,
    /// The phone behind it.
    pub device_id: Option<String>,
    /// The table.
    pub entity: String,
    /// The row.
    pub row_id: String,
    /// `put` or `delete`.
    pub op: String,
    /// The ticket whose record this belongs to.
    pub ticket_id: Option<String>,
    /// The how manieth change of that ticket, from 1.
    pub entry: Option<i64>,
    /// The leaf's hash of the ticket's change before; none for the first.
    pub previous: Option<String>,
    /// Digest of the part of the row that may always be kept.
    pub open: String,
    /// Digest of the part that tells of people.
    pub personal: Option<String>,
    /// SHA-256 of the dossier of an assignment, in hexadecimal: who was ranked how, and who was excluded by which rule.
    pub why: Option<String>,
}

impl Leaf {
    /// The text that is hashed.
    ///
    /// # Errors
    /// None in practice: it has no maps and no numbers that JSON lacks.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// The content of a change as the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Of the whole row; of the open part once the other is erased; empty once all is.
    pub salt: String,
    /// The row, or what is left of it.
    pub body: String,
    /// When something of it was erased.
    pub erased_at: Option<Timestamp>,
    /// Digest of the open part, once it is erased.
    pub open_digest: Option<String>,
    /// Digest of the personal part, once it is erased.
    pub personal_digest: Option<String>,
}

/// A part of a row: its digest, and what it is the digest of unless that was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// SHA-256 of salt and text, in hexadecimal.
    pub digest: String,
    /// Salt and text.
    pub shown: Option<Shown>,
}

/// What a digest was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Goes before the text.
    pub salt: String,
    /// A JSON object, byte for byte as it was hashed.
    pub text: String,
}

impl Part {
    fn of(salt: String, text: String) -> Self {
        Self { digest: digest(&salt, &text), shown: Some(Shown { salt, text }) }
    }

    fn gone(digest: String) -> Self {
        Self { digest, shown: None }
    }
}

/// Both parts of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What may always be kept.
    pub open: Part,
    /// What tells of people.
    pub personal: Option<Part>,
}

/// The parts of a content. Salts of the parts follow from that of the row, and none from another part's: what is
/// erased cannot be guessed with the help of what is left.
pub fn parts(entity: &str, content: Option<&Content>) -> Parts {
    let Some(content) = content else {
        // Only somebody who went past the server can have removed it; what there was is on no digest's word.
        return Parts { open: Part::of(String::new(), String::new()), personal: None };
    };
    let Content { salt, body, erased_at, open_digest, personal_digest } = content;
    if erased_at.is_none() {
        let split = personal::split(entity, body);
        return Parts {
            open: Part::of(digest(salt, "open"), split.open),
            personal: split.personal.map(|text| Part::of(digest(salt, "personal"), text)),
        };
    }
    let open = match open_digest {
        Some(digest) => Part::gone(digest.clone()),
        None => Part::of(salt.clone(), body.clone()),
    };
    Parts { open, personal: personal_digest.clone().map(Part::gone) }
}

/// What is left of a content when its personal part is erased; nothing if there is none, or it is gone already.
pub fn without_personal(entity: &str, content: &Content, now: Timestamp) -> Option<Content> {
    if content.erased_at.is_some() {
        return None;
    }
    let parts = parts(entity, Some(content));
    let (personal, open) = (parts.personal?, parts.open.shown?);
    Some(Content {
        salt: open.salt,
        body: open.text,
        erased_at: Some(now),
        open_digest: None,
        personal_digest: Some(personal.digest),
    })
}

/// What is left of a content when all of it is erased; nothing if it is gone already.
pub fn without_text(entity: &str, content: &Content, now: Timestamp) -> Option<Content> {
    if content.open_digest.is_some() {
        return None;
    }
    let parts = parts(entity, Some(content));
    Some(Content {
        salt: String::new(),
        // Readers of the log still find a row, with no field in it.
        body: "{}".to_owned(),
        erased_at: Some(now),
        open_digest: Some(parts.open.digest),
        personal_digest: parts.personal.map(|part| part.digest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(5);

    fn note() -> Content {
        Content {
            salt: "00112233445566778899aabbccddeeff".to_owned(),
            body: r#"{"id":"n1","text":"ring twice"}"#.to_owned(),
            erased_at: None,
            open_digest: None,
            personal_digest: None,
        }
    }

    fn digests(content: &Content) -> (String, Option<String>) {
        let parts = parts("notes", Some(content));
        (parts.open.digest, parts.personal.map(|part| part.digest))
    }

    #[test]
    fn erasing_leaves_both_digests_as_they_were() {
        let before = digests(&note());
        let without = without_personal("notes", &note(), NOW).unwrap();
        assert_eq!(digests(&without), before);
        assert_eq!(digests(&without_text("notes", &without, NOW).unwrap()), before);
        assert_eq!(digests(&without_text("notes", &note(), NOW).unwrap()), before);
    }

    #[test]
    fn what_is_left_tells_neither_the_text_nor_the_salt_it_was_hashed_with() {
        let without = without_personal("notes", &note(), NOW).unwrap();
        let left = format!("{without:?}");
        let lost = parts("notes", Some(&note())).personal.unwrap().shown.unwrap();
        assert!(!left.contains("ring twice") && !left.contains(&lost.salt) && !left.contains(&note().salt));
        let nothing = format!("{:?}", without_text("notes", &note(), NOW).unwrap());
        assert!(!nothing.contains("n1") && !nothing.contains(&without.salt));
    }

    #[test]
    fn nothing_is_erased_twice() {
        let without = without_personal("notes", &note(), NOW).unwrap();
        assert_eq!(without_personal("notes", &without, NOW), None);
        let gone = without_text("notes", &without, NOW).unwrap();
        assert_eq!(without_text("notes", &gone, NOW), None);
        assert_eq!(without_personal("visits", &note(), NOW), None, "nobody is in it");
    }
}
