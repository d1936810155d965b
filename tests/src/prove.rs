//! The proof: the real service in two processes, a real Postgres, and the emulator with a random life
//! of the shop and random trouble; and in the end an oracle that compares what we hold with the truth.
//!
//! Everything that is chosen by chance is chosen by the seed, before it begins ([`Plan`]). What the
//! clock of the machine decides is only how fast it goes.

mod cut;
mod database;
mod drive;
mod fleet;
mod front;
mod lasting;
mod plan;
mod progress;
mod report;
mod settle;
mod stage;

pub use cut::Cut;
pub use fleet::{Fleet, Kind};
pub use front::{Front, Passed};
pub use plan::{Deed, Plan, Planned, Sizes, Whom};
pub use progress::Progress;
pub use report::Report;
pub use stage::{Proof, Setup};
