//! What can be wrong with a profile before any database is asked.

use std::collections::HashSet;

use super::{ColumnKind, ExtraKind, Part, Profile, Table, Zone, authjs};
use crate::Dialect;
use crate::dialect::Family;

/// Everything that is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema profile cannot be used: {}", .problems.join("; "))]
pub struct ProfileError {
    /// One sentence for each problem.
    pub problems: Vec<String>,
}

/// How many columns of its own a table may have: the statements are told apart by a bit for each.
const MOST_EXTRA: usize = 30;

impl Profile {
    pub(crate) fn check(&self, dialect: Dialect) -> Result<(), ProfileError> {
        let mut problems = self.problems.clone();
        if let Some(schema) = &self.postgres_schema {
            check_identifier(&mut problems, dialect, "the PostgreSQL schema", schema);
        }
        let mut tables = HashSet::new();
        for table in Table::ALL {
            let Some(spec) = self.spec(table) else { continue };
            check_identifier(&mut problems, dialect, &format!("the table for {table}"), &spec.name);
            if dialect.family() == Family::Sqlite && spec.name.to_ascii_lowercase().starts_with("sqlite_") {
                problems.push(format!("the table for {table} has a name that SQLite keeps for itself"));
            }
            if !tables.insert(dialect.fold(&spec.name)) {
                problems.push(format!("two tables have the name {:?}", spec.name));
            }

            let apart = spec.columns.iter().filter(|column| column.kind != ColumnKind::Joined(Part::Rest));
            let own = apart.map(|column| (column.field, self.name_of(column)));
            let extra = spec.extra.iter().map(|column| (&*column.field, self.name_of_extra(column)));
            let (mut fields, mut names) = (HashSet::new(), HashSet::new());
            for column in &spec.extra {
                let is_own = spec.columns.iter().any(|own| own.field == &*column.field);
                // Lucia's users have whatever columns the application gives them, by whatever names.
                if table != Table::Users && !is_own && authjs::column(table, &column.field).is_some() {
                    let field = &column.field;
                    problems
                        .push(format!("{table} have {field:?} by with_column, not as a column of their own"));
                }
            }
            for (field, name) in own.chain(extra) {
                check_identifier(&mut problems, dialect, &format!("column {field:?} of {table}"), &name);
                if dialect.is_system_column(&name) {
                    problems.push(format!("column {field:?} of {table} has the name {name:?}, which the database keeps for itself"));
                }
                if !fields.insert(field) {
                    problems.push(format!("{table} has the column {field:?} already"));
                } else if !names.insert(dialect.fold(&name).into_owned()) {
                    problems.push(format!("two columns of {table} have the name {name:?}"));
                }
            }
            if spec.extra.len() > MOST_EXTRA {
                problems.push(format!("{table} has more than {MOST_EXTRA} columns of the application's own"));
            }
        }
        if let Some(field) = &self.deleted_at {
            let column =
                self.spec(Table::Users).and_then(|spec| spec.extra.iter().find(|own| own.field == *field));
            if !column.is_some_and(|column| matches!(column.kind, ExtraKind::Time | ExtraKind::TimeAs(_))) {
                problems.push(format!(
                    "users have no column {field:?} of their own that tells when they were deleted"
                ));
            }
        }
        if dialect.family() == Family::Sqlite && self.zones().any(|zone| *zone != Zone::UTC) {
            problems.push("a date without a zone is UTC in SQLite, which knows no other zone".to_owned());
        }
        dialect.check_ids(self, &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(ProfileError { problems }) }
    }
}

fn check_identifier(problems: &mut Vec<String>, dialect: Dialect, what: &str, name: &str) {
    let limit = dialect.identifier_limit();
    if name.is_empty() {
        problems.push(format!("{what} has an empty name"));
    } else if name.contains('\0') {
        problems.push(format!("{what} has a NUL byte in its name"));
    } else if name.len() > limit {
        problems.push(format!("{what} has a name of {} bytes; the database cuts it at {limit}", name.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExtraColumn;

    #[test]
    fn all_problems_are_reported_at_once() {
        let profile = Profile::authjs()
            .with_table(Table::Users, "")
            .with_table(Table::Authenticators, "passkeys")
            .with_column(Table::Users, "nickname", "x")
            .with_column(Table::Sessions, "expires", "id")
            .with_extra_column(Table::Users, ExtraColumn::text("email"))
            .with_extra_column(Table::Accounts, ExtraColumn::text("a\0b"))
            .with_extra_column(Table::Sessions, ExtraColumn::text("x".repeat(64)))
            .with_extra_column(Table::VerificationTokens, ExtraColumn::text("ip"));

        let error = profile.check(Dialect::Postgres).unwrap_err();

        assert_eq!(error.problems.len(), 8, "{error}");
    }

    #[test]
    fn what_the_contract_knows_is_a_column_of_the_applications_own_for_lucias_users_only() {
        let lucia = Profile::lucia(Dialect::Postgres);
        let users = lucia.with_extra_column(Table::Users, ExtraColumn::text("email"));
        let accounts = Profile::lucia_v2(Dialect::Postgres);
        let accounts = accounts.with_extra_column(Table::Accounts, ExtraColumn::text("scope"));

        let error = accounts.check(Dialect::Postgres).unwrap_err();

        assert_eq!(users.check(Dialect::Postgres), Ok(()));
        assert_eq!(error.problems, ["accounts have \"scope\" by with_column, not as a column of their own"]);
    }

    #[test]
    fn odd_names_that_can_be_quoted_are_allowed() {
        let profile = Profile::authjs().with_table(Table::Users, "my \"users\"; drop table x").with_column(
            Table::Users,
            "name",
            "select",
        );

        assert_eq!(profile.check(Dialect::Postgres), Ok(()));
    }
}
