//! Composes the layers into the `hawker` program: configuration, wiring, command line, life cycle.
//! Only this crate names concrete adapters. It holds no rule and no SQL.

pub mod cli;
pub mod config;
pub mod exit;
#[cfg(feature = "planted-faults")]
pub mod planted_faults;
pub mod seeding;
pub mod serve;
pub mod wiring;

mod commands;
mod logging;
mod output;
mod period;
mod system;

pub use cli::run;
pub use system::system;
