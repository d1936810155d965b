//! Runs of jobs as they are told: what one has found, and nothing of those that found nothing.

use std::collections::BTreeMap;

use super::log_line::LogLine;

/// What is worth telling of a run, and its words.
const FINDS: [(&str, &str); 6] = [
    ("stored", "lost pushes stored"),
    ("missing", "orders were missing"),
    ("other_status", "had another status"),
    ("noted", "releases noted"),
    ("made_due", "payouts asked for again"),
    ("missing_made_due", "payouts were missing"),
];

/// Whether a line of the log tells of a run that is no news: that it was asked for, that it began, that
/// it found nothing.
pub fn is_no_news(line: &LogLine) -> bool {
    match line.event() {
        Some("job.asked" | "job.began") => true,
        Some("job.done") => finds(line).is_empty(),
        _ => false,
    }
}

/// What a run has found.
pub fn done(line: &LogLine) -> String {
    let job = line.shown("job").unwrap_or_default();
    format!("{job}: {}", finds(line).join(", "))
}

fn finds(line: &LogLine) -> Vec<String> {
    let counts = line.text("counts").unwrap_or_default();
    // Names and numbers in braces: JSON, as it happens.
    let counts: BTreeMap<String, u64> = serde_json::from_str(counts).unwrap_or_default();
    let found = FINDS.iter().filter_map(|(name, words)| {
        let number = counts.get(*name).filter(|number| **number > 0)?;
        Some(format!("{number} {words}"))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(counts: &str) -> LogLine {
        let line =
            serde_json::json!({ "event": "job.done", "job": "reconcile-daily", "counts": counts });
        LogLine::parse(&line.to_string()).unwrap()
    }

    #[test]
    fn a_run_that_found_something_is_told_with_what() {
        let line = run(r#"{"listed": 12, "missing": 2, "older": 0, "pages": 3}"#);
        assert!(!is_no_news(&line));
        assert_eq!(done(&line), "reconcile-daily: 2 orders were missing");
    }

    #[test]
    fn a_run_that_found_nothing_is_no_news() {
        assert!(is_no_news(&run(r#"{"listed": 12, "pages": 3}"#)));
        assert!(is_no_news(&run("{}")));
    }
}
