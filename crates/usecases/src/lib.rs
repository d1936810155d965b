//! What Hawker does, one file for each intention. A use case is the only place that sequences
//! ports: load, decide (in the domain), store, commit. It knows no technology, and no gateway is
//! called while a unit of work is open.

pub mod add_variants;
pub mod api_bearers;
pub mod authorise_shop;
pub mod capture_escrow;
pub mod clear_restocked;
pub mod deliver_alerts;
pub mod diagnose_profile;
pub mod examine_signature;
pub mod first_boot;
pub mod keyed_requests;
pub mod manage_profiles;
pub mod problems;
pub mod push_settings;
pub mod receive_pushes;
pub mod refresh_locations;
pub mod refresh_orders;
pub mod retry_event;
pub mod rotate_keys;
pub mod test_connection;
pub mod tokens;
pub mod watch_authorisations;

mod carried;
mod chain;
mod profile;
mod raise;
mod words;

pub use add_variants::AddVariants;
pub use api_bearers::ApiBearers;
pub use authorise_shop::AuthoriseShop;
pub use capture_escrow::CaptureEscrow;
pub use clear_restocked::ClearRestocked;
pub use deliver_alerts::DeliverAlerts;
pub use diagnose_profile::DiagnoseProfile;
pub use examine_signature::ExamineSignature;
pub use first_boot::FirstBoot;
pub use keyed_requests::KeyedRequests;
pub use manage_profiles::ManageProfiles;
pub use push_settings::ManagePushSettings;
pub use receive_pushes::{ReceivePushes, VerifyAgain};
pub use refresh_locations::RefreshLocations;
pub use refresh_orders::RefreshOrders;
pub use retry_event::RetryEvent;
pub use rotate_keys::RotateKeys;
pub use test_connection::TestConnection;
pub use tokens::ShopTokens;
pub use watch_authorisations::{CareForTokens, WatchConnections};
