//! What `cargo xtask dev` is made of: the demo shop's settings, the processes, and the account of
//! what happens, told line by line from the service's log.

pub mod account;
pub mod background;
pub mod header;
pub mod http;
pub mod jobs;
pub mod log_line;
pub mod luck;
pub mod metrics;
pub mod newcomer;
pub mod pushes;
pub mod seller;
pub mod sentence;
pub mod shop;
pub mod story;
pub mod tally;
pub mod terminal;
