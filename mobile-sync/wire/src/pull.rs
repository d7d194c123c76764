//! `POST /sync/v1/pull`: the rows of one engineer's scope that changed after a cursor.
//!
//! A page holds exactly `limit` changes unless `more` is false: replicating libraries take a short page for the end.
//! A row that changes while a phone pages through moves to a later page, so a first sync needs no snapshot.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Collection, Fields};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// 0 at the first pull and after an epoch change, then what the last page said.
    pub cursor: i64,
    /// 1 to `limits.page_limit`; [`crate::limits::PAGE_DEFAULT`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only these collections. Names the server does not know are ignored, for a newer phone may ask for more.
    /// A filter has its own cursor: the two must not be mixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collections: Option<Vec<String>>,
    /// The highest `seq` that the device has used: what is lost with a phone is then at least counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seq: Option<i64>,
    pub schema: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PullPage {
    /// When it differs from the phone's, the server came back from a backup: see `409 epoch_changed`.
    pub epoch: String,
    /// Ask with this next time. At least 1; an empty first page too advances to 1 or beyond.
    pub cursor: i64,
    pub more: bool,
    /// All mutations of this device up to this `seq` are in the server's inbox.
    pub acked_seq: i64,
    /// UTC milliseconds.
    pub server_time: i64,
    pub changes: Vec<PageChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOp {
    /// The row as it is now, whole.
    Put,
    /// No longer in this scope: drop the local row, keep un-acknowledged work on it.
    Remove,
    /// Gone for everybody.
    Delete,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PageChange {
    /// A collection's name; text, so that an old phone can store what only a new server knows.
    pub c: String,
    pub id: String,
    pub op: ChangeOp,
    /// Version of the row's last change; with `put` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v: Option<i64>,
    /// With `put` only: the flat row, `id` and `sync_v` included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub doc: Option<Fields>,
}

impl PageChange {
    /// A row as it is now; stamps `id` and `sync_v` into it, so that no writer can forget them.
    pub fn put(c: Collection, id: impl Into<String>, v: i64, mut doc: Fields) -> Self {
        let id = id.into();
        doc.insert("id".into(), id.clone().into());
        doc.insert("sync_v".into(), v.into());
        Self { c: c.as_str().into(), id, op: ChangeOp::Put, v: Some(v), doc: Some(doc) }
    }

    pub fn remove(c: Collection, id: impl Into<String>) -> Self {
        Self { c: c.as_str().into(), id: id.into(), op: ChangeOp::Remove, v: None, doc: None }
    }

    pub fn delete(c: Collection, id: impl Into<String>) -> Self {
        Self { c: c.as_str().into(), id: id.into(), op: ChangeOp::Delete, v: None, doc: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_of_a_pull_is_refused() {
        let typo = r#"{"cursor":0,"limits":10,"schema":1}"#;
        assert!(serde_json::from_str::<PullRequest>(typo).is_err());
    }

    #[test]
    fn a_page_of_a_newer_server_is_still_read() {
        let page = r#"{"epoch":"e1","cursor":1,"more":false,"acked_seq":0,"server_time":0,"moon":"full",
            "changes":[{"c":"price_book","id":"P1","op":"put","v":1,"doc":{"id":"P1","sync_v":1},"hint":1}]}"#;
        assert_eq!(serde_json::from_str::<PullPage>(page).unwrap().changes[0].c, "price_book");
    }

    #[test]
    fn a_put_always_carries_its_id_and_version() {
        let change = PageChange::put(Collection::Notes, "N1", 9, Fields::new());
        let doc = change.doc.unwrap();
        assert_eq!((doc["id"].as_str(), doc["sync_v"].as_i64()), (Some("N1"), Some(9)));
    }
}
