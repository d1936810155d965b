//! Pushes: what is told to the app, how it is signed, when it is tried again, and where it ends
//! when nobody listens.

mod deliverer;
mod envelope;
mod lost;
mod notice;
mod outbox;
mod settings;
mod signing;

pub(crate) use deliverer::{HttpCourier, run as deliver};
pub(crate) use envelope::{Addressee, Message};
pub(crate) use lost::LostMessage;
pub use notice::Notice;
pub(crate) use outbox::Outbox;
pub use outbox::PushStats;
pub use settings::{MessageIds, PushPolicy, PushSettings};
pub use signing::PushSigning;
