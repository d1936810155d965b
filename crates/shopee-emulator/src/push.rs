//! Pushes: what is told to the app, how it is signed, when it is tried again, and where it ends
//! when nobody listens.

mod deliverer;
mod envelope;
mod health;
mod lost;
mod news;
mod notice;
mod outbox;
mod settings;
mod signing;

pub(crate) use deliverer::{HttpCourier, PingRefusal, run as deliver};
pub(crate) use envelope::{Addressee, Message};
pub use health::PushJudgement;
pub(crate) use lost::LostMessage;
pub use notice::{Notice, Revocation};
pub use outbox::PushStats;
pub(crate) use outbox::{Outbox, Undelivered};
pub(crate) use settings::millis;
pub use settings::{MessageIds, PushPolicy, PushSettings};
pub(crate) use signing::PushKeys;
pub use signing::PushSigning;
