//! What a refusal means (shopee.md §7). Several codes are overloaded: `error_auth` stands for a
//! bad token and for a missing location, `error_param` for an expired timestamp and for a wrong
//! page size. Those are told apart by their message; when in doubt it is the request that was
//! refused, because using up a refresh token or paging an operator for nothing does harm.

use std::time::Duration;

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::Fault;

use super::endpoint::Endpoint;
use super::quota::until_renewal;

/// What follows from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClass {
    /// The access token is not valid (any more): refresh it.
    TokenInvalid,
    /// The shop has to be authorised again.
    Reauthorise,
    /// App, key, sign, permission, IP allow-list, a banned shop: an operator has to act.
    Misconfigured(Fault),
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
    /// `error_auth` with a text that no document knows. It may be about the token or about what was
    /// asked; a refresh token is not to be used up for it.
    AuthUnclear,
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
            code if is_end_of_authorisation(code) => Self::Reauthorise,
            "error_permission" if says(&["link shop and partner"]) => Self::Reauthorise,
            "error_rate_limit" => Self::Throttled,
            "error_limit" if says(&["daily api call limit"]) => Self::DailyQuota,
            "error_server"
            | "error_network"
            | "error_inner"
            | "error_system_busy"
            | "internal_error_server"
            | "error_timeout" => Self::Transient,
            "error_data" if says(&["parse data failed"]) => Self::Transient,
            code if code.ends_with("error_third_party_server") => Self::Transient,
            "error_not_found" | "order_not_found" | "error_item_not_found" | "income_not_found" => {
                Self::NotFound
            }
            "error_auth" => Self::of_error_auth(&says),
            "error_param" => Self::of_error_param(&says),
            code => fault_of(code).map_or(Self::Business, Self::Misconfigured),
        }
    }

    /// `error_auth` stands for half a dozen things. On the calls that change stock it is about the
    /// stock (shopee.md §7.2).
    fn of_error_auth(says: &dyn Fn(&[&str]) -> bool) -> Self {
        if says(&["invalid access_token", "invalid acceess_token"]) {
            Self::TokenInvalid
        } else if says(&["invalid refresh_token", "invalid partner_id or shopid"]) {
            Self::Reauthorise
        } else if says(&["partner_id is invalid"]) {
            Self::Misconfigured(Fault::PartnerId)
        } else if says(&["the app is deleted"]) {
            Self::Misconfigured(Fault::AppSuspended)
        } else if says(&[
            "no permission to current api",
            "permissions for authorizations have been restricted",
        ]) {
            Self::Misconfigured(Fault::Permission)
        } else if says(&["system error"]) {
            Self::Transient
        } else if says(&[
            "stock",
            "location_id",
            "holiday mode",
            "model level dts",
            "cnsc shop",
            "invalid code",
        ]) {
            Self::Business
        } else {
            Self::AuthUnclear
        }
    }

    fn of_error_param(says: &dyn Fn(&[&str]) -> bool) -> Self {
        if says(&["timestamp is expired"]) {
            Self::Clock
        } else if says(&["permission denied"]) {
            Self::Misconfigured(Fault::Permission)
        } else if says(&["partner_id"]) {
            Self::Misconfigured(Fault::PartnerId)
        } else if says(&["shop_id is invalid"]) {
            Self::Misconfigured(Fault::Other)
        } else if says(&["not found"]) {
            Self::NotFound
        } else {
            Self::Business
        }
    }

    /// The name under which calls with this end are counted and logged.
    pub const fn result(self) -> &'static str {
        match self {
            Self::TokenInvalid => "token_invalid",
            Self::Reauthorise => "reauthorise",
            Self::Misconfigured(_) => "misconfigured",
            Self::Clock => "clock",
            Self::Throttled => "rate_limited",
            Self::DailyQuota => "daily_quota",
            Self::Transient => "unavailable",
            Self::NotFound => "not_found",
            Self::AuthUnclear => "auth_unclear",
            Self::Business => "refused",
            Self::Malformed => "malformed",
        }
    }
}

/// Whether the authorisation, or the refresh token that stands for it, is at its end. Merchants,
/// suppliers and users have codes of their own beside those of shops.
fn is_end_of_authorisation(code: &str) -> bool {
    matches!(code, "refresh_token_expired" | "partner_shop_no_link")
        || ["_access_expired", "_no_linked", "_refresh_token"]
            .iter()
            .any(|ending| code.ends_with(ending))
}

/// What an operator has to put right, where the code alone says so.
fn fault_of(code: &str) -> Option<Fault> {
    Some(match code {
        "error_sign" => Fault::Sign,
        "invalid_partner_id" => Fault::PartnerId,
        "error_partner_key_expired" => Fault::PartnerKeyExpired,
        "error_api_permission" | "error_api_call_restricted" | "error_ashop_api_permission" => {
            Fault::Permission
        }
        "source_ip_undeclared" => Fault::IpAllowList,
        "api_suspended" => Fault::AppSuspended,
        "shop_banned" | "error_kyc_auth" | "error_seller_under_penalty" => Fault::ShopUnusable,
        _ => return None,
    })
}

/// The part after the last dot, in lower case and without blanks around it.
pub(super) fn normalised(code: &str) -> String {
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
    /// `now` by the platform's clock.
    pub(super) fn into_error(
        self,
        endpoint: &Endpoint,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> MarketplaceError {
        let Self {
            class,
            code,
            message,
            request_id,
        } = self;
        let is_repeatable = endpoint.is_repeatable;
        let endpoint = endpoint.name;
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
            RefusalClass::Misconfigured(fault) => MarketplaceError::Misconfigured {
                endpoint,
                fault,
                code,
                message,
                request_id,
            },
            // A clock that cannot be corrected is the operator's as well.
            RefusalClass::Clock => MarketplaceError::Misconfigured {
                endpoint,
                fault: Fault::Clock,
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
                renewed_in: until_renewal(now),
            },
            RefusalClass::NotFound => MarketplaceError::NotFound {
                endpoint,
                code,
                message,
                request_id,
            },
            RefusalClass::Business | RefusalClass::AuthUnclear => MarketplaceError::Refused {
                endpoint,
                code,
                message,
                request_id,
            },
            // The platform met a failure of its own, or said what we cannot read, somewhere on its
            // way through the change.
            RefusalClass::Transient | RefusalClass::Malformed if !is_repeatable => {
                MarketplaceError::MaybeApplied {
                    endpoint,
                    reason: described(&code, &message),
                    cause: None,
                }
            }
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

#[cfg(test)]
mod tests;
