//! The offline data of checked queries: one JSON file per query, named after its text.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// The data of many queries, by file name.
#[derive(Debug, Default)]
pub struct PreparedQueries {
    files: BTreeMap<String, String>,
}

/// One query whose kept data is not what it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    kind: Kind,
    /// The start of the query's text.
    query: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Unused,
    Changed,
}

impl PreparedQueries {
    /// Reads a folder; one that is not there holds no data.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        if folder.is_dir() {
            for entry in fs::read_dir(folder).context("cannot list the query data")? {
                let path = entry.context("cannot list the query data")?.path();
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                if name.starts_with("query-") {
                    let text = fs::read_to_string(&path)
                        .with_context(|| format!("cannot read {}", path.display()))?;
                    files.insert(name, text);
                }
            }
        }
        Ok(Self { files })
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Makes a folder hold this data and no other; files that are right already stay untouched.
    pub fn keep_in(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).context("cannot create the folder for the query data")?;
        let kept = Self::read(folder)?;
        for name in kept
            .files
            .keys()
            .filter(|name| !self.files.contains_key(*name))
        {
            fs::remove_file(folder.join(name)).with_context(|| format!("cannot remove {name}"))?;
        }
        for (name, text) in &self.files {
            if kept.files.get(name) != Some(text) {
                fs::write(folder.join(name), text)
                    .with_context(|| format!("cannot write {name}"))?;
            }
        }
        Ok(())
    }

    /// What would change if `fresh` replaced this data.
    pub fn differences_to(&self, fresh: &Self) -> Vec<Difference> {
        let missing = fresh
            .files
            .iter()
            .filter_map(|(name, text)| match self.files.get(name) {
                None => Some(Difference::new(Kind::Missing, text)),
                Some(kept) if kept != text => Some(Difference::new(Kind::Changed, text)),
                Some(_) => None,
            });
        let unused = self
            .files
            .iter()
            .filter(|(name, _)| !fresh.files.contains_key(*name))
            .map(|(_, text)| Difference::new(Kind::Unused, text));
        missing.chain(unused).collect()
    }
}

impl Difference {
    /// So much of a query is enough to know it.
    const CHARACTERS: usize = 100;

    fn new(kind: Kind, text: &str) -> Self {
        let query = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|data| data.get("query")?.as_str().map(str::to_owned))
            .unwrap_or_default();
        let words: Vec<_> = query.split_whitespace().collect();
        Self {
            kind,
            query: words.join(" ").chars().take(Self::CHARACTERS).collect(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Missing => "missing",
            Kind::Unused => "unused",
            Kind::Changed => "changed",
        };
        write!(f, "{kind}: {}", self.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(files: &[(&str, &str)]) -> PreparedQueries {
        let entry = |(name, text): &(&str, &str)| {
            (
                format!("query-{name}.json"),
                format!(r#"{{"query": "{text}"}}"#),
            )
        };
        PreparedQueries {
            files: files.iter().map(entry).collect(),
        }
    }

    #[test]
    fn differences_name_the_query_and_what_is_wrong() {
        let kept = data(&[("a", "SELECT 1"), ("b", "SELECT 2"), ("d", "SELECT 4")]);
        let fresh = data(&[
            ("a", "SELECT 1"),
            ("b", "SELECT 2 again"),
            ("c", "SELECT\\n  3"),
        ]);
        let shown: Vec<_> = kept
            .differences_to(&fresh)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "changed: SELECT 2 again",
                "missing: SELECT 3",
                "unused: SELECT 4"
            ]
        );
    }

    #[test]
    fn kept_data_becomes_the_fresh_data_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        data(&[("a", "SELECT 1"), ("b", "SELECT 2")])
            .keep_in(folder.path())
            .unwrap();
        let fresh = data(&[("b", "SELECT 2"), ("c", "SELECT 3")]);
        fresh.keep_in(folder.path()).unwrap();
        let kept = PreparedQueries::read(folder.path()).unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!(kept.differences_to(&fresh), []);
    }
}
