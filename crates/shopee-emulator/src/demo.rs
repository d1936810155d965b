//! The life of a small trading-card shop, for people to watch: seeded, gently paced, endless.

mod buyers;
mod catalogue;
mod runner;
mod script;

pub use catalogue::{CATALOGUE, DemoCard, UNKNOWN_SKU};
pub use runner::{DemoOptions, run};
