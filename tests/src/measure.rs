//! The benchmark: the real service, a real Postgres with the settings of production, a reference
//! beside it in the same run, and figures with their spread.
//!
//! Nothing here is a test, and no test looks at a clock: what a machine does in a second says nothing
//! about whether the code is right. Parts are functions from [`Ground`] to [`Section`]; the program
//! `bench` runs those that were asked for.

mod chart;
mod dataset;
mod drain;
mod goal;
mod ground;
mod growth;
mod idle_server;
mod ingest;
mod load;
mod machine;
mod marketplace;
mod memory;
mod pages;
mod processes;
mod progress;
mod pushes;
mod reference;
pub mod report;
mod section;
mod service;
mod shop;
mod start;
mod statistics;
mod table;
mod usage;

pub use chart::Chart;
pub use drain::drain;
pub use goal::{Bound, Goal};
pub use ground::{Ground, begin};
pub use growth::growth;
pub use ingest::ingest;
pub use machine::Machine;
pub use memory::memory;
pub use pages::pages;
pub use progress::say;
pub use section::Section;
pub use start::start;
pub use statistics::{Latencies, Summary, float, per_second, ratio};
pub use table::{Cell, Table, figure};
