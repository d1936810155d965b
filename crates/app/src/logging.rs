//! Logs: readable on a terminal, JSON lines elsewhere. Documented in `docs/logging.md`.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::Variables;

/// Starts logging to standard error; standard output belongs to what a command answers.
pub(crate) fn start(variables: &Variables, default_filter: &str) {
    let filter = variables.get("RUST_LOG").unwrap_or(default_filter);
    let filter = EnvFilter::builder().parse_lossy(filter);
    let is_terminal = std::io::stderr().is_terminal();
    let is_json = match variables.get("LOG_FORMAT") {
        Some("json") => true,
        Some("pretty") => false,
        _ => !is_terminal,
    };
    let registry = tracing_subscriber::registry().with(filter);
    // A second start in one process (tests) keeps the first.
    if is_json {
        let layer = fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init().ok();
    } else {
        let layer = fmt::layer()
            .compact()
            .with_ansi(is_terminal)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init().ok();
    }
}
