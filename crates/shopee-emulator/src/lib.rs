//! A faithful stand-in for the Shopee Open Platform.
//!
//! It holds a shop world of its own (orders that live through the platform's life cycle), answers
//! signed API calls with the platform's limits and error texts, and pushes changes with the real
//! signature, envelope and retry schedule. It can fail, forget, repeat and mislead on command.
//!
//! It knows nothing of the rest of the workspace: that is what keeps our client honest.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use hawker_shopee_emulator::{Emulator, EmulatorConfig, NewLine, NewOrder};
//!
//! let config = EmulatorConfig::default().with_token("token").pushing_to("http://127.0.0.1:9000/hook");
//! let emulator = Emulator::start(config).await?;
//! let sn = emulator.place(NewOrder::of([NewLine::new("POK-OBF-223-NM-EN", 88.into()).times(2)]))?;
//! emulator.pay(&sn)?;
//! emulator.arrange_shipment(&sn)?;
//! emulator.pick_up(&sn)?;
//! emulator.idle().await;
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod agenda;
mod amount;
mod api;
mod chaos;
mod clock;
mod config;
mod consent;
mod control;
mod controls;
pub mod demo;
mod emulator;
mod errands;
mod life;
mod push;
mod scenario;
mod shared;
pub mod signing;
mod switches;
mod sync;
mod world;

pub use api::{ApiStats, ApiType, AuthText, Endpoint, Fault, RefreshTally, UnknownEndpoint};
pub use chaos::{
    CallChaos, CallTrouble, Chaos, ChaosStats, EndpointFamily, PushChaos, PushTrouble, ReSigning,
};
pub use clock::{SteppedWall, SystemWall, WallClock};
pub use config::EmulatorConfig;
pub use consent::ConsentError;
pub use control::REFERENCE as CONTROL_REFERENCE;
pub use controls::{Controls, Stats};
pub use emulator::{Emulator, StartError};
pub use life::{Life, LifePlan, LifeSku, LifeStep};
pub use push::{
    MessageIds, Notice, PushJudgement, PushPolicy, PushSettings, PushSigning, PushStats, Revocation,
};
pub use scenario::{Deed, Script, ScriptProgress, UnknownScenario};
pub use switches::{EscrowRelease, ExpireIn, MissingEscrows, SipListName, Switches, UnknownOrders};
pub use world::{
    ACCESS_TOKEN_SECONDS, AUTHORISATION_DAYS_MAX, Account, Address, Adjustment, Bundle,
    CODE_SECONDS, CancelAnswer, Cancellation, CancelledBy, Charges, Consent, DeliveryFailure,
    Escrow, FeeRates, GRACE_SECONDS, Grantee, IllegalTransition, InvoiceState, Line, Listing,
    LivePushStatus, LogisticsStatus, Masking, NewLine, NewOrder, Next, Order, OrderSn, OrderStatus,
    Package, PackageNumber, PackedLine, Parcels, PartnerApp, Payout, PushConsole,
    REFRESH_TOKEN_SECONDS, Region, Return, ReturnOutcome, ReturnSn, ReturnStatus, Shop, ShopId,
    SplitError, Standing, Step, Timestamp, TokenPair, UnknownRegion, Verb, Warehouse, WorldError,
};
