//! Refusals, with the platform's own codes and texts (misspellings included).

mod texts;

use std::net::IpAddr;

use actix_web::http::StatusCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub code: &'static str,
    pub message: String,
    pub status: StatusCode,
    /// Seconds for the header of that name.
    pub retry_after: Option<u32>,
    /// Some refusals say `"response": null`; most say nothing.
    pub null_response: bool,
}

impl ApiError {
    /// A refusal of the gateway: who calls is not who may.
    pub(super) fn auth(code: &'static str, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
            status: StatusCode::FORBIDDEN,
            retry_after: None,
            null_response: false,
        }
    }

    /// Everything else is answered with 200; the body's `error` decides.
    pub(super) fn business(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: StatusCode::OK,
            retry_after: None,
            null_response: false,
        }
    }

    pub fn param(message: impl Into<String>) -> Self {
        Self::business("error_param", message)
    }

    pub fn wrong_parameters(detail: &str) -> Self {
        Self::param(format!("Wrong parameters, detail: {detail}."))
    }

    pub fn missing_in_query(name: &str) -> Self {
        Self::param(format!("There is no {name} in query."))
    }

    pub fn not_an_id(name: &str) -> Self {
        Self::param(format!(
            "{name} is invalid, should be an integer between 0 and 4294967295."
        ))
    }

    pub fn no_timestamp() -> Self {
        Self::param("no timestamp.")
    }

    pub fn timestamp_expired() -> Self {
        Self::param("Timestamp is expired.")
    }

    pub fn wrong_sign() -> Self {
        Self::auth("error_sign", "Wrong sign.")
    }

    pub fn unknown_partner() -> Self {
        Self::auth(
            "invalid_partner_id",
            "Invalid partner_id, please have a check.",
        )
    }

    pub fn not_linked() -> Self {
        Self::auth("shop_no_linked", "Partner and shop has no linked.")
    }

    pub fn banned() -> Self {
        Self::auth(
            "shop_banned",
            "The shop account has been banned. Permissions for shop authorization and API calls \
             have been suspended until the shop account is restored.",
        )
    }

    pub fn bad_token() -> Self {
        Self::auth(
            "invalid_acceess_token",
            "Invalid access_token, please have a check.",
        )
    }

    pub fn too_many_requests(retry_after: Option<u32>) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after,
            ..Self::business(
                "error_rate_limit",
                "Too many requests. You have reached the rate limit. Please try again later.",
            )
        }
    }

    pub fn daily_limit() -> Self {
        Self::business(
            "error_limit",
            "The total API call number made by your APP has reached the daily API call limit, \
             please try again after 00: 00 (UTC+08:00)",
        )
    }

    pub fn undeclared_address(address: IpAddr) -> Self {
        Self::auth(
            "source_ip_undeclared",
            &format!(
                "Request Source IP ({address}) is undeclared. Please declare all your IP \
                 addresses in the Shopee Open Platform Console > App list > IP Address Whitelist"
            ),
        )
    }

    pub fn partner_key_expired() -> Self {
        Self::auth(
            "error_partner_key_expired",
            "Your API partner key has expired, please reset the Live API Partner Key in Console \
             to get a new valid partner key to call open api.",
        )
    }

    pub fn no_such_path() -> Self {
        Self::param(
            "Permission denied. This API is currently offline or the request path is incorrect.",
        )
    }

    pub fn order_not_found() -> Self {
        Self::business(
            "error_not_found",
            "Wrong parameters, detail: the order is not found.",
        )
    }

    pub fn invalid_time_range() -> Self {
        Self::business(
            "order.order_list_invalid_time",
            "Start time must be earlier than end time and diff in 15days.",
        )
    }

    pub fn escrow_not_found() -> Self {
        Self::business(
            "order_not_found",
            "Order SN provided is invalid or does not belong to you. Please enter a valid Order \
             SN.",
        )
    }

    pub fn inner() -> Self {
        Self::business("error_inner", "System error, please try again later.")
    }
}
