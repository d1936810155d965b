//! What is known of a profile's connection, as it goes out: the documented shape, and beside it what
//! an operator needs more.

use chrono::{DateTime, Utc};
use hawker_domain::profile::{Missing, Region};
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{Environment, ShopId};
use hawker_usecases::diagnose_profile::{CallCard, Diagnostics, PushCard, RateLimitCard};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{EnvironmentWire, MissingWire, RefreshStatusWire, RegionWire, TokenStateWire};

/// What is known of a profile's connection. There is no token in it, not even a part of one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Diagnostics)]
pub(crate) struct DiagnosticsWire {
    /// The profile.
    profile_id: String,
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    env_type: Environment,
    /// Its region.
    #[schema(value_type = RegionWire)]
    region: Region,
    /// Its shop.
    #[schema(required)]
    shop_id: Option<i64>,
    /// When the access token ends.
    #[schema(required)]
    access_token_expires_at: Option<DateTime<Utc>>,
    /// When the pair was obtained.
    #[schema(required)]
    access_token_last_refreshed_at: Option<DateTime<Utc>>,
    /// When a refresh token of the shop was last used.
    #[schema(required)]
    refresh_token_last_used_at: Option<DateTime<Utc>>,
    /// What the app may do, as far as the marketplace says; see `scopes_note`.
    scopes: Vec<String>,
    /// When it was last tried to renew the pair.
    #[schema(required)]
    last_refresh_attempt_at: Option<DateTime<Utc>>,
    /// How that went.
    #[schema(required, value_type = Option<RefreshStatusWire>)]
    last_refresh_status: Option<RefreshStatus>,
    /// Why it failed, shortened.
    #[schema(required)]
    last_refresh_error: Option<String>,
    /// What the pair is good for; `null` while there is none.
    #[schema(required, value_type = Option<TokenStateWire>)]
    token_state: Option<TokenState>,
    /// Why it is not good for calls, where it is not.
    #[schema(required)]
    token_state_reason: Option<String>,
    /// Since when it is not known whether the refresh token was used up.
    #[schema(required)]
    token_in_doubt_since: Option<DateTime<Utc>>,
    /// When the refresh token ends.
    #[schema(required)]
    refresh_token_expires_at: Option<DateTime<Utc>>,
    /// When the seller's authorisation ends, where it is known.
    #[schema(required)]
    authorisation_expires_at: Option<DateTime<Utc>>,
    /// When the partner key ends, where the operator noted it.
    #[schema(required)]
    partner_key_expires_at: Option<DateTime<Utc>>,
    /// Why the list of scopes is empty.
    scopes_note: &'static str,
    /// The last calls to the marketplace, newest first.
    last_calls: Vec<CallWire>,
    /// By how many seconds the marketplace's clock is ahead of ours, as its last answer told.
    #[schema(required)]
    clock_skew_seconds: Option<i64>,
    /// How much of the self-imposed limits is left; `null` without a partner id.
    #[schema(required)]
    rate_limit: Option<RateLimitWire>,
    /// What was seen of the marketplace's pushes.
    push: PushWire,
    /// What the profile lacks before its shop can be called for.
    #[schema(value_type = Vec<MissingWire>)]
    missing: Vec<Missing>,
}

/// A call to the marketplace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketplaceCall)]
struct CallWire {
    /// When it was begun.
    at: DateTime<Utc>,
    /// Which call.
    #[schema(example = "order/get_order_detail")]
    endpoint: String,
    /// `ok` or the kind of its failure.
    result: String,
    /// The marketplace's error code, verbatim.
    #[schema(required)]
    code: Option<String>,
    /// The marketplace's own id of the call, to be quoted to its support.
    #[schema(required)]
    request_id: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// How much of the self-imposed limits is left in the process that answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateLimit)]
struct RateLimitWire {
    /// Calls that may be made for the shop at once.
    shop_left: f64,
    /// Calls each second for the shop.
    shop_per_second: f64,
    /// Calls that may be made for the app at once.
    app_left: f64,
    /// Calls each second for the app.
    app_per_second: f64,
    /// Until when the app rests because its calls of the day are used up.
    #[schema(required)]
    paused_until: Option<DateTime<Utc>>,
}

/// What was seen of the marketplace's pushes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushHealth)]
struct PushWire {
    /// How the marketplace judges our answers.
    #[schema(required)]
    status: Option<String>,
    /// Where it pushes to.
    #[schema(required)]
    callback_url: Option<String>,
    /// Since when it pushes nothing.
    #[schema(required)]
    suspended_since: Option<DateTime<Utc>>,
    /// When that was looked at.
    #[schema(required)]
    looked_at: Option<DateTime<Utc>>,
}

impl From<Diagnostics> for DiagnosticsWire {
    fn from(found: Diagnostics) -> Self {
        let Diagnostics {
            profile,
            environment,
            region,
            shop,
            access_token_expires_at,
            access_token_last_refreshed_at,
            refresh_token_last_used_at,
            scopes,
            last_refresh_attempt_at,
            last_refresh_status,
            last_refresh_error,
            token_state,
            token_state_reason,
            token_in_doubt_since,
            refresh_token_expires_at,
            authorisation_expires_at,
            partner_key_expires_at,
            scopes_note,
            last_calls,
            clock_skew_seconds,
            rate_limit,
            push,
            missing,
        } = found;
        Self {
            profile_id: profile.as_str().to_owned(),
            env_type: environment,
            region,
            shop_id: shop.map(|ShopId(id)| id),
            access_token_expires_at,
            access_token_last_refreshed_at,
            refresh_token_last_used_at,
            scopes,
            last_refresh_attempt_at,
            last_refresh_status,
            last_refresh_error,
            token_state,
            token_state_reason,
            token_in_doubt_since,
            refresh_token_expires_at,
            authorisation_expires_at,
            partner_key_expires_at,
            scopes_note,
            last_calls: last_calls.into_iter().map(Into::into).collect(),
            clock_skew_seconds,
            rate_limit: rate_limit.map(Into::into),
            push: push.into(),
            missing,
        }
    }
}

impl From<CallCard> for CallWire {
    fn from(card: CallCard) -> Self {
        let CallCard {
            at,
            endpoint,
            result,
            code,
            request_id,
            took_ms,
        } = card;
        Self {
            at,
            endpoint,
            result,
            code,
            request_id,
            took_ms,
        }
    }
}

impl From<RateLimitCard> for RateLimitWire {
    fn from(card: RateLimitCard) -> Self {
        let RateLimitCard {
            shop_left,
            shop_per_second,
            app_left,
            app_per_second,
            paused_until,
        } = card;
        Self {
            shop_left,
            shop_per_second,
            app_left,
            app_per_second,
            paused_until,
        }
    }
}

impl From<PushCard> for PushWire {
    fn from(card: PushCard) -> Self {
        let PushCard {
            status,
            callback_url,
            suspended_since,
            looked_at,
        } = card;
        Self {
            status,
            callback_url,
            suspended_since,
            looked_at,
        }
    }
}
