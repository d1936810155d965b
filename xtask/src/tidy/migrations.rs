//! Migrations have names that sort, never change once merged, and lock no table for long.
//!
//! A database remembers the checksum of what it ran: an edited file stops every upgrade. And an
//! index built without `CONCURRENTLY` on a table that may be large stops every writer.

use std::path::Path;
use std::process::Command;

use super::checkout::{Checkout, SourceFile};
use super::finding::Finding;
use crate::process::output;

pub const NAME: &str = "migrations";

const FOLDER: &str = "migrations";
/// `YYYYMMDDHHMMSS`.
const TIMESTAMP_DIGITS: usize = 14;

pub fn check(checkout: &Checkout) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in checkout.files(FOLDER, ".sql")? {
        let mut found = |line, sentence: String| {
            findings.push(Finding::new(NAME, &file.path, line, sentence));
        };
        if !is_well_named(&file.path) {
            found(1, "name it YYYYMMDDHHMMSS_verb_object.sql".to_owned());
        }
        for (line, table) in blocking_indexes(&file) {
            found(
                line,
                format!(
                    "an index on the existing table `{table}` blocks its writers: use CREATE \
                     INDEX CONCURRENTLY in a file whose first line is `-- no-transaction`"
                ),
            );
        }
    }
    findings.extend(edited(checkout));
    Ok(findings)
}

/// `20260301090000_add_parcel_ref_to_orders.sql`
fn is_well_named(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let Some((timestamp, words)) = name.split_once('_') else {
        return false;
    };
    let word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    timestamp.len() == TIMESTAMP_DIGITS
        && timestamp.chars().all(|c| c.is_ascii_digit())
        && words.contains('_')
        && words.split('_').all(word)
}

/// Line and table of each index that is built on a table which the file does not create itself.
fn blocking_indexes(file: &SourceFile) -> Vec<(usize, String)> {
    let words = words(&file.text);
    let mut created = Vec::new();
    let mut found = Vec::new();
    for (index, (line, word)) in words.iter().enumerate() {
        if word != "create" {
            continue;
        }
        // One statement: the words up to the next `create`, few of which matter.
        let statement: Vec<&str> = words[index + 1..]
            .iter()
            .map(|(_, word)| &**word)
            .take(16)
            .collect();
        let statement = match statement.split_first() {
            Some((&"unique", rest)) => rest,
            _ => &statement[..],
        };
        match statement.split_first() {
            Some((&"table", rest)) => {
                let name = rest
                    .iter()
                    .find(|word| !matches!(**word, "if" | "not" | "exists"));
                created.extend(name.map(|name| bare(name)));
            }
            Some((&"index", rest)) if rest.first() != Some(&"concurrently") => {
                let table = rest.iter().skip_while(|word| **word != "on").nth(1);
                if let Some(table) = table.map(|table| bare(table))
                    && !created.contains(&table)
                {
                    found.push((*line, table));
                }
            }
            _ => {}
        }
    }
    found
}

/// A table's name without its schema and quotes.
fn bare(name: &str) -> String {
    name.rsplit('.')
        .next()
        .unwrap_or(name)
        .trim_matches('"')
        .to_owned()
}

/// The words of a text in lower case with their lines, without comments.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.split("--").next().unwrap_or_default();
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"');
        let parts = code
            .split(|c: char| !belongs(c))
            .filter(|word| !word.is_empty());
        words.extend(parts.map(|word| (index + 1, word.to_lowercase())));
    }
    words
}

/// Merged migrations that differ from what was merged, or are gone.
///
/// "Merged" is what the published main branch holds; without one, the branch `main`. Where there
/// is no history, such as in a source archive, there is nothing to compare with.
fn edited(checkout: &Checkout) -> Vec<Finding> {
    let git = |arguments: &[&str]| {
        output(
            Command::new("git")
                .arg("-C")
                .arg(checkout.root())
                .args(arguments),
        )
        .ok()
    };
    let base = ["origin/main", "main", "HEAD"].into_iter().find(|base| {
        git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            &format!("{base}^{{commit}}"),
        ])
        .is_some()
    });
    let Some(base) = base else { return Vec::new() };
    let changed = git(&[
        "diff",
        "--name-only",
        "--relative",
        "--diff-filter=MDTR",
        base,
        "--",
        FOLDER,
    ]);
    changed
        .unwrap_or_default()
        .lines()
        .filter(|path| {
            Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "sql")
        })
        .map(|path| {
            let sentence = format!(
                "was merged (`{base}`) and must stay as it is: databases remember its checksum; \
                 restore it and write a new migration"
            );
            Finding::new(NAME, path, 1, sentence)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tidy::checkout::fixture::Fixture;

    const GOOD: &str = "migrations/tenant/20260301090000_create_orders.sql";

    fn with(path: &str, text: &str) -> Vec<Finding> {
        check(&Fixture::new(&[(path, text)]).checkout()).unwrap()
    }

    #[test]
    fn a_migration_that_sorts_and_blocks_nobody_is_fine() {
        let text = "CREATE TABLE IF NOT EXISTS orders (id text);\n\
                    CREATE UNIQUE INDEX orders_sn ON orders (id);\n";
        assert_eq!(with(GOOD, text), []);
        assert_eq!(
            with(
                GOOD,
                "-- no-transaction\nCREATE INDEX CONCURRENTLY a ON old (id);"
            ),
            []
        );
        assert_eq!(with(GOOD, "-- CREATE INDEX a ON old (id);"), []);
    }

    #[test]
    fn names_that_do_not_sort_or_say_nothing_are_found() {
        for name in [
            "1_create_orders",
            "20260301090000_orders",
            "20260301090000_Create_orders",
        ] {
            assert_eq!(
                with(&format!("migrations/tenant/{name}.sql"), "").len(),
                1,
                "{name}"
            );
        }
    }

    #[test]
    fn an_index_that_blocks_an_existing_table_is_found() {
        let found = with(
            GOOD,
            "CREATE TABLE a (id int);\n\nCREATE INDEX b_id ON public.b (id);\n",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
        assert!(found[0].sentence.contains("`b`"));
    }

    #[test]
    fn a_merged_migration_must_not_change() {
        let fixture = Fixture::new(&[(GOOD, "CREATE TABLE a (id int);\n")]);
        let git = |arguments: &[&str]| {
            let identity = [
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "commit.gpgsign=false",
            ];
            let mut command = Command::new("git");
            output(
                command
                    .arg("-C")
                    .arg(fixture.root())
                    .args(identity)
                    .args(arguments),
            )
            .unwrap();
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--no-verify", "--message", "first"]);
        assert_eq!(check(&fixture.checkout()).unwrap(), []);

        fs::write(fixture.root().join(GOOD), "CREATE TABLE a (id bigint);\n").unwrap();
        let found = check(&fixture.checkout()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].sentence.contains("write a new migration"));
    }
}
