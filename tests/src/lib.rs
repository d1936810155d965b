//! What end-to-end tests share: the real service on a database of its own, against the emulator,
//! and the oracle that compares what we hold with what the shop truly is.
//!
//! A test waits for a state, never for a time: [`Bench::settled`] returns once no push is under way
//! and no work is due, [`until`] once something is so.
//!
//! Tests run on several threads (`flavor = "multi_thread"`): at their end the database is dropped,
//! which waits for connections that are just being made, and these need a runtime that goes on.

mod admin;
mod bench;
mod command;
mod gate;
mod listener;
mod looking;
pub mod measure;
mod oracle;
mod process;
pub mod prove;
mod push;
mod senders;
mod settings;

pub use admin::{Admin, PROFILE, Told, of_profile, told};
pub use bench::{Bench, CARD, REGISTERED_URL, cards, webhook};
pub use command::{Ended, hawker, run};
pub use gate::Gate;
pub use listener::{Heard, Listener};
pub use oracle::{Check, assert_agrees};
pub use process::{ServiceProcess, entries};
pub use push::{Answer, answer, order_push, post, push_of, signature, signature_by};
pub use senders::{Delivery, OnFailure, Seen, Senders};
pub use settings::{ACCESS_TOKEN, JWT_SECRET, REFRESH_TOKEN, Settings};

/// Waits until `is_so` answers `Some`; panics with what `describe` says when it takes too long to
/// be anything but a fault. The limit is far beyond what a slow machine needs.
pub async fn until<T, F, D>(what: &str, mut is_so: F, describe: D) -> T
where
    F: AsyncFnMut() -> Option<T>,
    D: AsyncFnOnce() -> String,
{
    const LIMIT: std::time::Duration = std::time::Duration::from_secs(90);
    const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(15);
    let looking = async {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            if let Some(answer) = is_so().await {
                return answer;
            }
        }
    };
    if let Ok(answer) = tokio::time::timeout(LIMIT, looking).await {
        return answer;
    }
    panic!("waited too long for: {what}\n{}", describe().await)
}
