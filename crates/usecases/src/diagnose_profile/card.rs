//! The shape of a diagnosis: the documented keys, and beside them what an operator needs more.

use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{Missing, Region};
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{Environment, ShopId, Timestamp};
use hawker_ports::calls::{CallBudget, RecordedCall};
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::StoredToken;
use hawker_ports::watches::Watch;
use serde::Serialize;

/// The longest error that is shown, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// Why the list of scopes is empty.
const SCOPES_NOTE: &str = "The marketplace names no scopes in any of its answers: what the app may do is shown in its console, under API permissions.";

/// What is known of a profile's connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostics {
    /// The profile.
    #[serde(rename = "profile_id")]
    pub profile: ProfileId,
    /// Sandbox or live.
    #[serde(rename = "env_type")]
    pub environment: Environment,
    /// Its region.
    pub region: Region,
    /// Its shop.
    #[serde(rename = "shop_id")]
    pub shop: Option<ShopId>,
    /// When the access token ends.
    pub access_token_expires_at: Option<Timestamp>,
    /// When the pair was obtained.
    pub access_token_last_refreshed_at: Option<Timestamp>,
    /// When a refresh token of the shop was last used.
    pub refresh_token_last_used_at: Option<Timestamp>,
    /// What the app may do, as far as the marketplace says; it says nothing.
    pub scopes: Vec<String>,
    /// When it was last tried to renew the pair.
    pub last_refresh_attempt_at: Option<Timestamp>,
    /// How that went.
    pub last_refresh_status: Option<RefreshStatus>,
    /// Why it failed, shortened.
    pub last_refresh_error: Option<String>,

    /// What the pair is good for; absent while there is none.
    pub token_state: Option<TokenState>,
    /// Why it is not good for calls, where it is not.
    pub token_state_reason: Option<String>,
    /// Since when it is not known whether the refresh token was used up.
    pub token_in_doubt_since: Option<Timestamp>,
    /// When the refresh token ends.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// When the seller's authorisation ends, where it is known.
    pub authorisation_expires_at: Option<Timestamp>,
    /// When the partner key ends, where the operator noted it.
    pub partner_key_expires_at: Option<Timestamp>,
    /// Why the list of scopes is empty.
    pub scopes_note: &'static str,
    /// The last calls to the marketplace, newest first.
    pub last_calls: Vec<CallCard>,
    /// By how many seconds the marketplace's clock is ahead of ours, as its last answer told.
    pub clock_skew_seconds: Option<i64>,
    /// How much of the self-imposed limits is left; absent without a partner id.
    pub rate_limit: Option<RateLimitCard>,
    /// What is known of the marketplace's pushes.
    pub push: PushCard,
    /// What the profile lacks before its shop can be called for.
    pub missing: Vec<Missing>,
}

/// A call to the marketplace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallCard {
    /// When it was begun.
    pub at: Timestamp,
    /// Which call.
    pub endpoint: String,
    /// `ok` or the kind of its failure.
    pub result: String,
    /// The marketplace's error code, verbatim.
    pub code: Option<String>,
    /// The marketplace's own id of the call, to be quoted to its support.
    pub request_id: Option<String>,
    /// How long it took.
    pub took_ms: u64,
}

/// How much of the self-imposed limits is left in the process that answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateLimitCard {
    /// Calls that may be made for the shop at once.
    pub shop_left: f64,
    /// Calls each second for the shop.
    pub shop_per_second: f64,
    /// Calls that may be made for the app at once.
    pub app_left: f64,
    /// Calls each second for the app.
    pub app_per_second: f64,
    /// Until when the app rests because its calls of the day are used up.
    pub paused_until: Option<Timestamp>,
}

/// What was seen of the marketplace's pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushCard {
    /// How the marketplace judges our answers.
    pub status: Option<String>,
    /// Where it pushes to.
    pub callback_url: Option<String>,
    /// Since when it pushes nothing.
    pub suspended_since: Option<Timestamp>,
    /// When that was looked at.
    pub looked_at: Option<Timestamp>,
}

/// What a diagnosis is made of.
pub(super) struct Parts {
    pub(super) profile: Profile,
    pub(super) token: Option<StoredToken>,
    pub(super) watch: Option<Watch>,
    pub(super) calls: Vec<RecordedCall>,
    pub(super) budget: Option<CallBudget>,
}

impl From<Parts> for Diagnostics {
    fn from(parts: Parts) -> Self {
        let Parts {
            profile,
            token,
            watch,
            calls,
            budget,
        } = parts;
        let token = token.as_ref();
        let attempt = token.and_then(|token| token.last_attempt.as_ref());
        let error = attempt.and_then(|attempt| attempt.error.as_deref());
        Self {
            missing: profile.missing(),
            profile: profile.id,
            environment: profile.environment,
            region: profile.region,
            shop: profile.shop,
            access_token_expires_at: token.map(|token| token.expires_at),
            access_token_last_refreshed_at: token.map(|token| token.obtained_at),
            refresh_token_last_used_at: token.and_then(|token| token.refresh_token_last_used_at),
            scopes: Vec::new(),
            last_refresh_attempt_at: attempt.map(|attempt| attempt.at),
            last_refresh_status: attempt.map(|attempt| attempt.status),
            last_refresh_error: error.map(|error| error.chars().take(ERROR_CHARS_MAX).collect()),
            token_state: token.map(|token| token.state),
            token_state_reason: token.and_then(|token| token.state_reason.clone()),
            token_in_doubt_since: token.and_then(|token| token.in_doubt_since),
            refresh_token_expires_at: token.map(|token| token.refresh_token_ends_at),
            authorisation_expires_at: token.and_then(|token| token.authorisation_ends_at),
            partner_key_expires_at: profile.partner_key_ends_at,
            scopes_note: SCOPES_NOTE,
            clock_skew_seconds: calls.iter().find_map(|call| call.clock_skew_s),
            last_calls: calls.into_iter().map(CallCard::from).collect(),
            rate_limit: budget.map(RateLimitCard::from),
            push: PushCard::from(watch),
        }
    }
}

impl From<RecordedCall> for CallCard {
    fn from(call: RecordedCall) -> Self {
        let RecordedCall {
            profile: _,
            at,
            endpoint,
            result,
            code,
            request_id,
            took,
            clock_skew_s: _,
        } = call;
        Self {
            at,
            endpoint,
            result,
            code,
            request_id,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<CallBudget> for RateLimitCard {
    fn from(budget: CallBudget) -> Self {
        let CallBudget {
            shop_left,
            shop_per_second,
            app_left,
            app_per_second,
            paused_until,
        } = budget;
        Self {
            shop_left,
            shop_per_second,
            app_left,
            app_per_second,
            paused_until,
        }
    }
}

impl From<Option<Watch>> for PushCard {
    fn from(watch: Option<Watch>) -> Self {
        let watch = watch.as_ref();
        let status = watch.and_then(|watch| watch.push_status.as_ref());
        Self {
            status: status.map(|status| status.as_str().to_owned()),
            callback_url: watch.and_then(|watch| watch.push_callback_url.clone()),
            suspended_since: watch.and_then(|watch| watch.push_suspended_at),
            looked_at: watch.and_then(|watch| watch.looked_at),
        }
    }
}
