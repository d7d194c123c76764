//! What is recorded at a site beside steps, parts and notes, and what is asked there.

use super::*;

/// A question that is asked at tickets of one kind. Everybody has all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChecklistDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_kind: String,
    /// Its place, from 1.
    pub position: i64,
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question_zh: Option<String>,
    /// `yes_no`, `number` or `text`.
    pub answer_kind: String,
    /// Whether the phone should insist; the server takes work without it.
    pub required: bool,
}

/// An answer. Of each question and visit there is one, whoever inserts it: a second one is an edit of the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChecklistAnswerDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub question_id: String,
    /// As it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    pub at: i64,
}

/// What an instrument showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReadingDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub at: i64,
    pub kind: String,
    pub value: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A photo. Its bytes go by `/sync/v1/blobs`, and never hold up the row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PhotoDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub at: i64,
    /// `before`, `after` or `other`.
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    pub bytes: i64,
    /// `pending` until the bytes are there, then `stored`. The server's to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
}

/// A signature, bound to what was signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignatureDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub at: i64,
    pub signed_by: String,
    /// Of what was shown and signed: the signature is under this and nothing else.
    pub signed_sha256: String,
    /// Of the picture of the signature.
    pub sha256: String,
    pub bytes: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
}

impl Document for ChecklistDoc {
    const COLLECTION: Collection = Collection::Checklists;
}

impl Document for ChecklistAnswerDoc {
    const COLLECTION: Collection = Collection::ChecklistAnswers;
}

impl Document for ReadingDoc {
    const COLLECTION: Collection = Collection::Readings;
}

impl Document for PhotoDoc {
    const COLLECTION: Collection = Collection::Photos;
}

impl Document for SignatureDoc {
    const COLLECTION: Collection = Collection::Signatures;
}
