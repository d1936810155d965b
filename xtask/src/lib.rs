//! The checkout's own tools, behind `cargo xtask`.
//!
//! One file per subcommand in `commands`; what several of them need lies beside it: the private
//! Postgres cluster (`postgres`), the rules of the repository (`tidy`), the terminal account of
//! `dev`. This crate is compiled first on a fresh machine, so it stays lean: no async runtime, no
//! database driver, no HTTP client.

pub mod cli;
pub mod commands;
pub mod console;
pub mod database;
pub mod dev;
pub mod postgres;
pub mod prepared_queries;
pub mod process;
pub mod scratch;
pub mod steps;
pub mod stop;
pub mod tidy;
pub mod workspace;

pub use cli::{Cli, run};
