//! Both databases take the same steps, under the same names.

use super::tree::Tree;
use std::collections::BTreeSet;

const DATABASES: [&str; 2] = ["migrations/sqlite/", "migrations/postgres/"];

pub fn check(tree: &Tree) -> Vec<String> {
    let [sqlite, postgres] = DATABASES.map(|folder| names(tree, folder));
    let lacks = |folder: &str, name: &&str| format!("{folder}{name} is missing: the other database has it");
    let in_postgres = sqlite.difference(&postgres).map(|name| lacks(DATABASES[1], name));
    let in_sqlite = postgres.difference(&sqlite).map(|name| lacks(DATABASES[0], name));
    in_postgres.chain(in_sqlite).collect()
}

fn names<'a>(tree: &'a Tree, folder: &'static str) -> BTreeSet<&'a str> {
    tree.below(folder).filter_map(|file| file.path.strip_prefix(folder)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_of_one_database_alone_is_found() {
        let tree = Tree::of(&[
            ("migrations/sqlite/0001_tickets/up.sql", ""),
            ("migrations/postgres/0001_tickets/up.sql", ""),
            ("migrations/sqlite/0002_sla/up.sql", ""),
            ("migrations/postgres/0003_parts/up.sql", ""),
        ]);
        assert_eq!(
            check(&tree),
            [
                "migrations/postgres/0002_sla/up.sql is missing: the other database has it",
                "migrations/sqlite/0003_parts/up.sql is missing: the other database has it",
            ]
        );
    }
}
