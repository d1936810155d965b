//! An index that is made or dropped outside a transaction, by a process that ended in between.
//!
//! Such a statement and the note that it was applied are two commits: whoever is killed between them, or
//! while the index is built, leaves a state that the statement itself would refuse, at every start. It
//! is looked at before the statement is repeated. Whoever asks holds the lock of the plane, which the
//! session that builds an index holds as long as it builds: what is invalid is left behind.

use sqlx::migrate::Migration;
use sqlx::{AssertSqlSafe, Executor, PgConnection};

/// What a migration outside a transaction does to an index.
#[derive(Debug, PartialEq, Eq)]
enum Concurrently<'s> {
    Create(&'s str),
    Drop(&'s str),
}

/// What there is of an index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Index {
    Absent,
    Invalid,
    Valid,
}

/// Clears away what was left half done of a migration; answers whether nothing of it is left to do.
/// The schema is the only one in the search path.
pub(super) async fn is_done(
    connection: &mut PgConnection,
    migration: &Migration,
    schema: &str,
) -> Result<bool, sqlx::Error> {
    match Concurrently::of(migration.sql.as_str()) {
        None => Ok(false),
        Some(Concurrently::Drop(name)) => {
            Ok(Index::find(connection, schema, name).await? == Index::Absent)
        }
        Some(Concurrently::Create(name)) => {
            let found = Index::find(connection, schema, name).await?;
            if found == Index::Invalid {
                tracing::warn!(event = "migration.index_dropped", schema, index = name);
                let drop = format!("DROP INDEX CONCURRENTLY \"{schema}\".{name}");
                connection.execute(AssertSqlSafe(drop)).await?;
            }
            Ok(found == Index::Valid)
        }
    }
}

impl<'s> Concurrently<'s> {
    /// Reads the one statement that such a file has; anything else is none.
    fn of(sql: &'s str) -> Option<Self> {
        let code = sql
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"));
        let mut words = code
            .flat_map(|line| line.split(|char: char| char.is_whitespace() || char == ';'))
            .filter(|word| !word.is_empty())
            .peekable();
        let is = |word: &str, keyword: &str| word.eq_ignore_ascii_case(keyword);
        let verb = words.next()?;
        words.next_if(|word| is(word, "UNIQUE"));
        words.next().filter(|word| is(word, "INDEX"))?;
        words.next().filter(|word| is(word, "CONCURRENTLY"))?;
        if words.next_if(|word| is(word, "IF")).is_some() {
            words.next_if(|word| is(word, "NOT"));
            words.next().filter(|word| is(word, "EXISTS"))?;
        }
        // Names are written without quotes.
        let is_plain = |name: &&str| {
            let mut letters = name.chars();
            letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let name = words.next().filter(is_plain)?;
        match verb {
            _ if is(verb, "CREATE") => words
                .next()
                .filter(|word| is(word, "ON"))
                .map(|_| Self::Create(name)),
            _ if is(verb, "DROP") => words.next().is_none().then_some(Self::Drop(name)),
            _ => None,
        }
    }
}

impl Index {
    async fn find(
        connection: &mut PgConnection,
        schema: &str,
        name: &str,
    ) -> Result<Self, sqlx::Error> {
        let is_valid: Option<bool> = sqlx::query_scalar(
            "SELECT found.indisvalid
             FROM pg_catalog.pg_index AS found
             JOIN pg_catalog.pg_class AS named ON named.oid = found.indexrelid
             JOIN pg_catalog.pg_namespace AS schema ON schema.oid = named.relnamespace
             WHERE schema.nspname = $1 AND named.relname = lower($2)",
        )
        .bind(schema)
        .bind(name)
        .fetch_optional(connection)
        .await?;
        Ok(match is_valid {
            None => Self::Absent,
            Some(false) => Self::Invalid,
            Some(true) => Self::Valid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Concurrently;

    #[test]
    fn the_one_statement_of_a_file_is_read() {
        for (sql, read) in [
            (
                "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY a_key\n    ON a (b) WHERE c;\n",
                Some(Concurrently::Create("a_key")),
            ),
            (
                "create index concurrently if not exists a_idx on a (b)",
                Some(Concurrently::Create("a_idx")),
            ),
            (
                "-- no-transaction\nDROP INDEX CONCURRENTLY a_key;",
                Some(Concurrently::Drop("a_key")),
            ),
            (
                "DROP INDEX CONCURRENTLY IF EXISTS a_key",
                Some(Concurrently::Drop("a_key")),
            ),
            ("CREATE INDEX a_idx ON a (b)", None),
            ("CREATE INDEX CONCURRENTLY ON a (b)", None),
            ("DROP INDEX CONCURRENTLY a_key, b_key", None),
            ("REINDEX INDEX CONCURRENTLY a_key", None),
            ("-- DROP INDEX CONCURRENTLY a_key", None),
        ] {
            assert_eq!(Concurrently::of(sql), read, "{sql}");
        }
    }
}
