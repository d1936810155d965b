//! The marketplace as the work on orders and their payouts needs it.

use std::slice;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::escrow::{EscrowAmounts, Income};
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderSnapshot;
use hawker_domain::{OrderSn, ShopId};
use secrecy::SecretString;

use crate::store::Cause;

/// Everything that a call on behalf of one shop needs. Opened just before the call, dropped after.
#[derive(Debug)]
pub struct ShopAccess {
    /// The profile, for rate limits and logs.
    pub profile: ProfileId,
    /// Where the API lives, `/api/v2` included.
    pub base_url: String,
    /// The partner (app) id.
    pub partner_id: i64,
    /// The partner key.
    pub partner_key: SecretString,
    /// The shop.
    pub shop: ShopId,
    /// The access token.
    pub access_token: SecretString,
}

/// Everything that a call as the app needs, on nobody's behalf. Opened just before the call, dropped
/// after.
#[derive(Debug)]
pub struct AppAccess {
    /// The profile, for rate limits and logs.
    pub profile: ProfileId,
    /// Where the API lives, `/api/v2` included.
    pub base_url: String,
    /// The partner (app) id.
    pub partner_id: i64,
    /// The partner key.
    pub partner_key: SecretString,
}

/// What is wrong with the app, its settings or its shop (shopee.md §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The base URL leads to no API.
    Host,
    /// The signature is not accepted: the partner key is not the app's.
    Sign,
    /// The partner id is not known in this environment.
    PartnerId,
    /// The partner key has ended.
    PartnerKeyExpired,
    /// The app may not make this call.
    Permission,
    /// The server's address is not on the app's list.
    IpAllowList,
    /// The clocks differ, and could not be brought together.
    Clock,
    /// The app was suspended or deleted.
    AppSuspended,
    /// The shop is banned, frozen or under penalty.
    ShopUnusable,
    /// Something else that only an operator can put right.
    Other,
}

/// Why a call came to nothing. `request_id` is the marketplace's own, to be quoted to its support.
#[derive(Debug, thiserror::Error)]
pub enum MarketplaceError {
    /// Too many calls; come back later.
    #[error("{endpoint} was refused: too many calls")]
    RateLimited {
        /// Which call.
        endpoint: &'static str,
        /// How long to wait, where it said so.
        retry_after: Option<Duration>,
    },
    /// The app's calls of the day are used up.
    #[error("{endpoint} was refused: the app's calls of the day are used up")]
    DailyQuota {
        /// Which call.
        endpoint: &'static str,
        /// How long until the quota is renewed (00:00 UTC+8).
        renewed_in: Duration,
    },
    /// The access token is not accepted (any more).
    #[error("{endpoint} was refused: the access token is not valid ({code}: {message})")]
    TokenInvalid {
        /// Which call.
        endpoint: &'static str,
        /// The marketplace's error code, verbatim.
        code: String,
        /// Its message.
        message: String,
        /// Its request id.
        request_id: Option<String>,
    },
    /// The shop has to be authorised again.
    #[error("{endpoint} was refused: the shop has to be authorised again ({code}: {message})")]
    Reauthorise {
        /// Which call.
        endpoint: &'static str,
        /// The marketplace's error code, verbatim.
        code: String,
        /// Its message.
        message: String,
        /// Its request id.
        request_id: Option<String>,
    },
    /// The app or its settings are at fault: key, sign, IP allow-list, permission; or the shop is
    /// banned. An operator has to act.
    #[error("{endpoint} was refused: {code}: {message}")]
    Misconfigured {
        /// Which call.
        endpoint: &'static str,
        /// What is wrong, as far as the answer tells.
        fault: Fault,
        /// The marketplace's error code, verbatim.
        code: String,
        /// Its message.
        message: String,
        /// Its request id.
        request_id: Option<String>,
    },
    /// There is no such thing, or not yet.
    #[error("{endpoint}: not found ({code}: {message})")]
    NotFound {
        /// Which call.
        endpoint: &'static str,
        /// The marketplace's error code, verbatim.
        code: String,
        /// Its message.
        message: String,
        /// Its request id.
        request_id: Option<String>,
    },
    /// The request was understood and refused for what it asks.
    #[error("{endpoint} was refused: {code}: {message}")]
    Refused {
        /// Which call.
        endpoint: &'static str,
        /// The marketplace's error code, verbatim.
        code: String,
        /// Its message.
        message: String,
        /// Its request id.
        request_id: Option<String>,
    },
    /// It did not answer, or with an error of its own; a later try may succeed.
    #[error("{endpoint} failed: {reason}")]
    Unavailable {
        /// Which call.
        endpoint: &'static str,
        /// In words: time-out, connection refused, HTTP 502…
        reason: String,
        /// The cause, where there is one.
        #[source]
        cause: Option<Cause>,
    },
    /// The answer to a call that changes something was lost: it may have happened or not. Look at the
    /// state before it is tried again.
    #[error("{endpoint} may have happened or not: {reason}")]
    MaybeApplied {
        /// Which call.
        endpoint: &'static str,
        /// In words: what became of the answer.
        reason: String,
        /// The cause, where there is one.
        #[source]
        cause: Option<Cause>,
    },
    /// It answered something that cannot be understood.
    #[error("{endpoint} answered something that cannot be understood: {reason}")]
    Malformed {
        /// Which call.
        endpoint: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl MarketplaceError {
    /// Which call it was.
    pub const fn endpoint(&self) -> &'static str {
        match self {
            Self::RateLimited { endpoint, .. }
            | Self::DailyQuota { endpoint, .. }
            | Self::TokenInvalid { endpoint, .. }
            | Self::Reauthorise { endpoint, .. }
            | Self::Misconfigured { endpoint, .. }
            | Self::NotFound { endpoint, .. }
            | Self::Refused { endpoint, .. }
            | Self::Unavailable { endpoint, .. }
            | Self::MaybeApplied { endpoint, .. }
            | Self::Malformed { endpoint, .. } => endpoint,
        }
    }

    /// The marketplace's own id of the call, where it gave one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::TokenInvalid { request_id, .. }
            | Self::Reauthorise { request_id, .. }
            | Self::Misconfigured { request_id, .. }
            | Self::NotFound { request_id, .. }
            | Self::Refused { request_id, .. } => request_id.as_deref(),
            Self::RateLimited { .. }
            | Self::DailyQuota { .. }
            | Self::Unavailable { .. }
            | Self::MaybeApplied { .. }
            | Self::Malformed { .. } => None,
        }
    }
}

/// An order of a reply: understood, or why not.
#[derive(Debug)]
pub struct FetchedOrder {
    /// Its number.
    pub order_sn: OrderSn,
    /// What the marketplace says of it.
    pub snapshot: Result<OrderSnapshot, NormalizationError>,
}

/// What the marketplace says of an order could not be put into our terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` of the marketplace's order is {fault}")]
pub struct NormalizationError {
    /// The field, in the marketplace's words, for example `item_list[0].model_quantity_purchased`.
    pub field: String,
    /// What is wrong with it, for example `missing` or `not a number: "x"`.
    pub fault: String,
}

/// A payout of a reply: understood, or why not.
#[derive(Debug)]
pub struct FetchedEscrow {
    /// The order.
    pub order_sn: OrderSn,
    /// What the marketplace says of its payout.
    pub answer: Result<EscrowAnswer, EscrowFault>,
}

/// Why there is no answer for one order of several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EscrowFault {
    /// It cannot be put into our terms.
    #[error(transparent)]
    Unreadable(#[from] NormalizationError),
    /// A call failed after others had answered, and this order was not asked for any more. It says
    /// nothing of the order.
    #[error("the marketplace was not asked for it any more")]
    NotAsked,
}

/// What the marketplace says of the payout for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowAnswer {
    /// The amounts that have a name of their own.
    pub amounts: EscrowAmounts,
    /// Everything that the payout is made of.
    pub income: Income,
    /// The whole answer, verbatim: JSON.
    pub payload: String,
}

/// A marketplace.
#[async_trait]
pub trait Marketplace: Send + Sync {
    /// The most orders that one call may ask for.
    fn orders_per_call(&self) -> u32;

    /// What the marketplace says of these orders (at most [`orders_per_call`]). An order that it
    /// does not know is not among the answers; the rest of the call is not harmed by it.
    ///
    /// [`orders_per_call`]: Marketplace::orders_per_call
    async fn order_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedOrder>, MarketplaceError>;

    /// The most orders whose payouts one call should ask for.
    fn payouts_per_call(&self) -> u32;

    /// What is paid out for these orders (at most [`payouts_per_call`]). An order that the marketplace
    /// has no answer for yet is not among the answers; the rest of the call is not harmed by it. What
    /// was told is not lost over a failure behind it: the others are then [`EscrowFault::NotAsked`].
    /// Answers may be silent about adjustments.
    ///
    /// [`payouts_per_call`]: Marketplace::payouts_per_call
    async fn escrow_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError>;

    /// The same of one order, with its adjustments; nothing where the marketplace has no answer yet.
    async fn escrow_detail(
        &self,
        access: &ShopAccess,
        order: &OrderSn,
    ) -> Result<Option<FetchedEscrow>, MarketplaceError> {
        let mut fetched = self.escrow_details(access, slice::from_ref(order)).await?;
        Ok(fetched.pop())
    }
}
