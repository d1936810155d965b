//! A file that the platform answers with: labels to print.

use std::fmt;

/// A file: PDF, HTML or ZIP, as its kind says.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// The `Content-Type` that it came with, for example `application/pdf`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Shows nothing of the file: a label is personal data.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("content_type", &self.content_type)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
