//! Lists in parts: `?limit=&after=` in, `{items, total, next}` out.

use hawker_ports::StoreError;
use hawker_ports::views::PageRequest;

use crate::problem::{FieldError, Kind, Problem};

/// Items on a page where the client does not say.
const LIMIT_DEFAULT: u32 = 50;

/// The most items of a page.
const LIMIT_MAX: u32 = 200;

/// The longest text that is looked at as a cursor.
const CURSOR_LENGTH_MAX: usize = 200;

/// Which part of a list is wanted.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) limit: u32,
    pub(crate) after: Option<String>,
}

impl Part {
    /// The same for a read model.
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest {
            limit: self.limit,
            after: self.after.clone(),
        }
    }

    /// What reading the part failed for; a cursor that names nothing (any more) is the client's.
    pub(crate) fn failed(&self, error: StoreError) -> Problem {
        match error {
            StoreError::Refused { .. } if self.after.is_some() => invalid(vec![bad_cursor()]),
            other => other.into(),
        }
    }
}

/// Checks which part is wanted, all of what is wrong at once; a cursor is what `is_cursor` takes for
/// one.
pub(crate) fn part(
    limit: Option<u32>,
    after: Option<String>,
    is_cursor: impl Fn(&str) -> bool,
) -> Result<Part, Problem> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let mut errors = Vec::new();
    if !(1..=LIMIT_MAX).contains(&limit) {
        errors.push(FieldError {
            field: "limit".to_owned(),
            message: format!("1 to {LIMIT_MAX} are possible"),
        });
    }
    if after.as_deref().is_some_and(|after| !is_cursor(after)) {
        errors.push(bad_cursor());
    }
    if errors.is_empty() {
        return Ok(Part { limit, after });
    }
    Err(invalid(errors))
}

/// Whether a text may be a cursor of a list that gives out cursors of its own making; what it names,
/// the read model knows.
pub(crate) fn may_be_cursor(text: &str) -> bool {
    (1..=CURSOR_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn bad_cursor() -> FieldError {
    FieldError {
        field: "after".to_owned(),
        message: "it is no cursor: hand in the `next` of the page before, as it is".to_owned(),
    }
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    let told: Vec<_> = errors
        .iter()
        .map(|FieldError { field, message }| format!("`{field}`: {message}"))
        .collect();
    let detail = format!("There is no such page: {}.", told.join("; "));
    Problem::new(Kind::Invalid, detail).with_errors(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(limit: Option<u32>, after: Option<&str>) -> Vec<String> {
        let checked = part(limit, after.map(str::to_owned), |after| {
            after.starts_with("a_")
        });
        let problem = checked.expect_err("it was taken");
        let problem = problem.shown();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let field = |error: &serde_json::Value| error["field"].as_str().map(str::to_owned);
        errors.iter().filter_map(field).collect()
    }

    #[test]
    fn a_page_has_a_bounded_number_of_items() {
        assert_eq!(wrong(Some(0), None), ["limit"]);
        assert_eq!(wrong(Some(LIMIT_MAX + 1), None), ["limit"]);
        let all = part(Some(LIMIT_MAX), Some("a_1".into()), |_| true).expect("a part");
        assert_eq!((all.limit, all.after.as_deref()), (LIMIT_MAX, Some("a_1")));
        let default = part(None, None, |_| false).expect("a part");
        assert_eq!((default.limit, default.after), (LIMIT_DEFAULT, None));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        assert_eq!(wrong(Some(0), Some("b_1")), ["limit", "after"]);
    }
}
