//! Cursor paging. A list is ordered by a key that never changes (a number, an id), and the cursor is that key of
//! the last row, so that rows which come or go in between shift nothing.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Checks;
use crate::error::{Error, Problem};

/// Rows on a page unless asked otherwise.
pub const DEFAULT_LIMIT: i64 = 50;
/// Most rows on a page.
pub const MAX_LIMIT: i64 = 200;

/// The paging part of a list's query.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// The checked number of rows.
///
/// # Errors
/// Outside 1 to 200.
pub fn limit(limit: Option<i64>) -> Result<i64, Error> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(Problem::invalid_field("limit", "out_of_range", "must be between 1 and 200").into()),
    }
}

/// A cursor read as the key that the list is ordered by.
///
/// # Errors
/// When it is not one of ours.
pub fn cursor<K: std::str::FromStr>(after: Option<&str>) -> Result<Option<K>, Error> {
    let bad = || Problem::invalid_field("after", "invalid", "is not a cursor of this list").into();
    after.map(|text| text.parse().map_err(|_| bad())).transpose()
}

/// Longest text that is searched for.
const LONGEST_SEARCH: usize = 200;

/// The checked text to search for; none if there is nothing in it.
///
/// # Errors
/// Too long, or with control characters, which PostgreSQL refuses even to compare.
pub fn search(q: Option<String>) -> Result<Option<String>, Error> {
    let Some(text) = q.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    Checks::new().text("q", &text, LONGEST_SEARCH).finish()?;
    Ok(Some(text))
}

/// A cursor that is a text, such as a number that people give.
///
/// # Errors
/// When it cannot be one of ours.
pub fn text_cursor(after: Option<String>) -> Result<Option<String>, Error> {
    if let Some(text) = &after {
        Checks::new().text("after", text, LONGEST_SEARCH).finish()?;
    }
    Ok(after)
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// From one row more than a page has, if there was one: load `limit + 1` rows.
    pub fn cut(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// From a list that gives at most `limit` rows and cannot be asked for one more: after a full page there may be
    /// another, which may turn out to be empty.
    pub fn full(items: Vec<T>, limit: i64, key: impl Fn(&T) -> String) -> Self {
        let full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
        let next = if full { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// A list that is short enough to be sent whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_next() {
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next, None);
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((page.items, page.next.as_deref()), (vec![1, 2], Some("2")));
    }

    #[test]
    fn a_search_for_nothing_is_none_and_one_for_nul_is_refused_by_name() {
        assert_eq!(search(Some("  ".to_owned())).unwrap(), None);
        assert_eq!(search(Some("a\0".to_owned())).unwrap_err().problem().field.as_deref(), Some("q"));
        assert_eq!(text_cursor(Some("\0".to_owned())).unwrap_err().problem().field.as_deref(), Some("after"));
    }

    #[test]
    fn a_limit_of_zero_or_a_foreign_cursor_is_refused_by_name() {
        assert_eq!(limit(Some(0)).unwrap_err().problem().field.as_deref(), Some("limit"));
        assert_eq!(cursor::<i64>(Some("x")).unwrap_err().problem().field.as_deref(), Some("after"));
    }
}
