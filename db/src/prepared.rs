//! Diesel prepares every update, upsert and list comparison anew, because its text may differ from call to call. On
//! the busiest paths that costs a quarter of the writer's time. A statement whose text is one of a few says so with
//! [`prepared`]; the cache is keyed by the text, so a wrong claim costs memory and never a wrong answer.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// A statement that the connection keeps prepared.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<Q>(Q);

/// Lets the connection keep this statement prepared. Pad its lists by [`padded`]. Ask it for rows, an update by
/// `returning`: on the way through `execute` diesel looks at the statement inside instead, and prepares it anew.
pub fn prepared<Q>(statement: Q) -> Prepared<Q> {
    Prepared(statement)
}

impl<Q, DB> QueryFragment<DB> for Prepared<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// None of its own: the text is the key.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Prepared<Q> {}

/// The list with its last value repeated up to the next power of two, so that lists of all lengths make few texts.
pub fn padded<T: Clone>(values: &[T]) -> Vec<T> {
    let mut list = values.to_vec();
    if let Some(last) = values.last() {
        list.resize(values.len().next_power_of_two(), last.clone());
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_grow_to_a_power_of_two_by_their_last_value() {
        assert!(padded::<i32>(&[]).is_empty());
        assert_eq!(padded(&[7]), [7]);
        assert_eq!(padded(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
    }
}
