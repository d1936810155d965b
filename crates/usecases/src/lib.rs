//! What Hawker does, one file for each intention. A use case is the only place that sequences
//! ports: load, decide (in the domain), store, commit. It knows no technology, and no gateway is
//! called while a unit of work is open.

pub mod add_variants;
pub mod capture_escrow;
pub mod clear_restocked;
pub mod deliver_alerts;
pub mod receive_pushes;
pub mod refresh_orders;
pub mod retry_event;
pub mod set_up_shop;

mod access;
mod chain;
mod raise;

pub use add_variants::AddVariants;
pub use capture_escrow::CaptureEscrow;
pub use clear_restocked::ClearRestocked;
pub use deliver_alerts::DeliverAlerts;
pub use receive_pushes::{ReceivePushes, VerifyAgain};
pub use refresh_orders::RefreshOrders;
pub use retry_event::RetryEvent;
pub use set_up_shop::SetUpShop;
