//! What is to be known of an endpoint to call it.

use reqwest::Method;

/// On whose behalf an endpoint is called, in the platform's words: `api_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiType {
    /// The app's.
    Public,
    /// A shop's.
    Shop,
    /// A merchant's.
    Merchant,
}

/// Where a reply has its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyShape {
    /// In the member `response`.
    Enveloped,
    /// Beside `error` and `message`: the authorisation calls and a few more (shopee.md §7.1).
    Flat,
}

/// An endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The platform's name, for metrics and messages.
    pub name: &'static str,
    /// GET or POST.
    pub method: Method,
    /// The path below `/api/v2`, with the slash before it.
    pub path: &'static str,
    /// On whose behalf.
    pub api_type: ApiType,
    /// Where the payload is.
    pub reply: ReplyShape,
    /// Whether repeating a call whose reply was lost does no harm. Otherwise only what was
    /// certainly not carried out (throttled, clock) is repeated.
    pub is_repeatable: bool,
}

/// What up to fifty orders look like now.
pub const GET_ORDER_DETAIL: Endpoint = Endpoint {
    name: "order.get_order_detail",
    method: Method::GET,
    path: "/order/get_order_detail",
    api_type: ApiType::Shop,
    reply: ReplyShape::Enveloped,
    is_repeatable: true,
};

/// What is paid out for an order.
pub const GET_ESCROW_DETAIL: Endpoint = Endpoint {
    name: "payment.get_escrow_detail",
    method: Method::GET,
    path: "/payment/get_escrow_detail",
    api_type: ApiType::Shop,
    reply: ReplyShape::Enveloped,
    is_repeatable: true,
};
