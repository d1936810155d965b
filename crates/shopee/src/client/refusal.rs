//! What a refusal means (shopee.md §7). Several codes are overloaded: `error_auth` stands for a
//! bad token and for a missing location, `error_param` for an expired timestamp and for a wrong
//! page size. Those are told apart by their message; when in doubt it is the request that was
//! refused, because refreshing a token or paging an operator for nothing does harm.

use std::time::Duration;

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;

/// What follows from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClass {
    /// The access token is not valid (any more): refresh it.
    TokenInvalid,
    /// The shop has to be authorised again.
    Reauthorise,
    /// App, key, sign, permission, IP allow-list, a banned shop: an operator has to act.
    Misconfigured,
    /// Our clock is off: correct it and repeat once.
    Clock,
    /// Too many calls: wait and repeat.
    Throttled,
    /// The calls of the day are used up.
    DailyQuota,
    /// The platform failed: repeat.
    Transient,
    /// There is no such thing, or not yet.
    NotFound,
    /// The request was understood and refused.
    Business,
    /// The answer cannot be understood.
    Malformed,
}

impl RefusalClass {
    /// The class of an error code, given with its message. The code may carry a module
    /// (`common.`, `order. `) and odd blanks.
    pub fn of(code: &str, message: &str) -> Self {
        let code = normalised(code);
        let message = message.to_ascii_lowercase();
        let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
        match code.as_str() {
            // The first spelling is the platform's usual one.
            "invalid_acceess_token" | "invalid_access_token" | "error_access_token" => {
                Self::TokenInvalid
            }
            "refresh_token_expired"
            | "error_shop_refresh_token"
            | "error_merchant_refresh_token"
            | "shop_access_expired"
            | "merchant_access_expired"
            | "shop_no_linked"
            | "merchant_no_linked"
            | "partner_shop_no_link" => Self::Reauthorise,
            "error_sign"
            | "invalid_partner_id"
            | "error_partner_key_expired"
            | "error_api_permission"
            | "error_api_call_restricted"
            | "error_ashop_api_permission"
            | "source_ip_undeclared"
            | "api_suspended"
            | "shop_banned"
            | "error_kyc_auth"
            | "error_seller_under_penalty" => Self::Misconfigured,
            "error_rate_limit" => Self::Throttled,
            "error_limit" if says(&["daily api call limit"]) => Self::DailyQuota,
            "error_server"
            | "error_network"
            | "error_inner"
            | "error_system_busy"
            | "internal_error_server"
            | "error_timeout" => Self::Transient,
            "error_data" if says(&["parse data failed"]) => Self::Transient,
            other if other.ends_with("error_third_party_server") => Self::Transient,
            "error_not_found" | "order_not_found" | "error_item_not_found" | "income_not_found" => {
                Self::NotFound
            }
            "error_auth" if says(&["invalid access_token", "invalid acceess_token"]) => {
                Self::TokenInvalid
            }
            "error_auth" if says(&["invalid refresh_token", "invalid partner_id or shopid"]) => {
                Self::Reauthorise
            }
            "error_auth"
                if says(&[
                    "no permission to current api",
                    "partner_id is invalid",
                    "the app is deleted",
                    "permissions for authorizations have been restricted",
                ]) =>
            {
                Self::Misconfigured
            }
            "error_auth" if says(&["system error"]) => Self::Transient,
            "error_param" if says(&["timestamp is expired"]) => Self::Clock,
            "error_param" if says(&["permission denied", "partner_id", "shop_id is invalid"]) => {
                Self::Misconfigured
            }
            "error_param" if says(&["not found"]) => Self::NotFound,
            _ => Self::Business,
        }
    }

    /// The name under which calls with this end are counted and logged.
    pub const fn result(self) -> &'static str {
        match self {
            Self::TokenInvalid => "token_invalid",
            Self::Reauthorise => "reauthorise",
            Self::Misconfigured => "misconfigured",
            Self::Clock => "clock",
            Self::Throttled => "rate_limited",
            Self::DailyQuota => "daily_quota",
            Self::Transient => "unavailable",
            Self::NotFound => "not_found",
            Self::Business => "refused",
            Self::Malformed => "malformed",
        }
    }
}

/// The part after the last dot, in lower case and without blanks around it.
fn normalised(code: &str) -> String {
    code.rsplit('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A refusal: what it means, and the platform's own words.
#[derive(Debug)]
pub(super) struct Refusal {
    pub class: RefusalClass,
    /// Verbatim; `http_403` and its like where the body held none.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
}

impl Refusal {
    pub(super) fn into_error(
        self,
        endpoint: &'static str,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> MarketplaceError {
        let Self {
            class,
            code,
            message,
            request_id,
        } = self;
        match class {
            RefusalClass::TokenInvalid => MarketplaceError::TokenInvalid {
                endpoint,
                code,
                message,
                request_id,
            },
            RefusalClass::Reauthorise => MarketplaceError::Reauthorise {
                endpoint,
                code,
                message,
                request_id,
            },
            // A clock that cannot be corrected is the operator's as well.
            RefusalClass::Misconfigured | RefusalClass::Clock => MarketplaceError::Misconfigured {
                endpoint,
                code,
                message,
                request_id,
            },
            RefusalClass::Throttled => MarketplaceError::RateLimited {
                endpoint,
                retry_after,
            },
            RefusalClass::DailyQuota => MarketplaceError::DailyQuota {
                endpoint,
                renewed_in: until_quota_is_renewed(now),
            },
            RefusalClass::NotFound => MarketplaceError::NotFound {
                endpoint,
                code,
                message,
                request_id,
            },
            RefusalClass::Business => MarketplaceError::Refused {
                endpoint,
                code,
                message,
                request_id,
            },
            RefusalClass::Transient => MarketplaceError::Unavailable {
                endpoint,
                reason: described(&code, &message),
                cause: None,
            },
            RefusalClass::Malformed => MarketplaceError::Malformed {
                endpoint,
                reason: described(&code, &message),
            },
        }
    }
}

fn described(code: &str, message: &str) -> String {
    match message {
        "" => code.to_owned(),
        message => format!("{code}: {message}"),
    }
}

/// The quota of the day is renewed at 00:00 UTC+8.
fn until_quota_is_renewed(now: Timestamp) -> Duration {
    const DAY: i64 = 24 * 60 * 60;
    const UTC_PLUS_8: i64 = 8 * 60 * 60;
    let into_the_day = (now.timestamp() + UTC_PLUS_8).rem_euclid(DAY);
    Duration::from_secs(u64::try_from(DAY - into_the_day).unwrap_or_default())
}

#[cfg(test)]
mod tests;
