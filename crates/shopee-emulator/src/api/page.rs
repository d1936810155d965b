//! Lists in pages: by number or by an offset that travels as a cursor.

use super::error::ApiError;
use super::query::Query;

/// Some consecutive entries of a list.
pub(super) struct Page<T> {
    pub entries: Vec<T>,
    pub more: bool,
    /// Where the next page starts.
    pub end: usize,
}

/// At most `size` entries after the first `skip`.
pub(super) fn page<T>(all: Vec<T>, skip: usize, size: usize) -> Page<T> {
    let end = skip.saturating_add(size).min(all.len());
    Page {
        more: end < all.len(),
        end,
        entries: all.into_iter().skip(skip).take(size).collect(),
    }
}

/// A `page_size` between 1 and `max`; `default` when there is none. Refused with `message`.
pub(super) fn page_size(
    query: &Query,
    default: Option<usize>,
    max: usize,
    message: &str,
) -> Result<usize, ApiError> {
    match (query.get("page_size"), default) {
        (None, Some(default)) => Ok(default),
        (text, _) => text
            .and_then(|text| text.parse().ok())
            .filter(|size| (1..=max).contains(size))
            .ok_or_else(|| ApiError::param(message)),
    }
}

/// The offset within a cursor; a blank one is the start. Some clients send the two quotation
/// marks of the documentation.
pub(super) fn cursor(text: Option<&str>) -> Result<usize, ApiError> {
    match text {
        None | Some("" | "\"\"") => Ok(0),
        Some(text) => text
            .parse()
            .map_err(|_| ApiError::wrong_parameters("cursor is invalid")),
    }
}

/// The cursor of the next page; blank when this was the last.
pub(super) fn next_cursor<T>(page: &Page<T>) -> String {
    if page.more {
        page.end.to_string()
    } else {
        String::new()
    }
}
