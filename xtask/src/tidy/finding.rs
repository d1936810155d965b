//! What a rule has found, and how it is shown.

use std::fmt;
use std::path::{Path, PathBuf};

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    /// Relative to the root of the workspace.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub sentence: String,
}

impl Finding {
    pub fn new(
        rule: &'static str,
        path: impl AsRef<Path>,
        line: usize,
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            path: path.as_ref().to_path_buf(),
            line,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            path,
            line,
            sentence,
        } = self;
        write!(f, "{rule}: {}:{line}: {sentence}", path.display())
    }
}
