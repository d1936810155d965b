//! What is to be known of an endpoint to call it.

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

/// How an endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// All of it in the query.
    Get,
    /// A body of JSON. The platform has questions of this kind, too.
    Post,
}

/// Where a reply has its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyShape {
    /// In the member `response`.
    Enveloped,
    /// Beside `error` and `message`: the authorisation calls and a few more (shopee.md §7.1).
    Flat,
    /// A file; JSON only where there is none (shopee.md §5.5).
    File,
}

/// An endpoint. It is described once, as a constant:
///
/// ```
/// use hawker_shopee::client::{ApiType, Endpoint};
///
/// const SHOP_INFO: Endpoint = Endpoint::get("shop.get_shop_info", "/shop/get_shop_info").flat();
/// const CANCEL: Endpoint = Endpoint::post("order.cancel_order", "/order/cancel_order").once();
/// assert!(SHOP_INFO.is_repeatable && !CANCEL.is_repeatable);
/// assert_eq!(CANCEL.api_type, ApiType::Shop);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// certainly not carried out (throttled, clock) is repeated, and a lost reply is
    /// [`MaybeApplied`](hawker_ports::MarketplaceError::MaybeApplied).
    pub is_repeatable: bool,
}

impl Endpoint {
    /// Asked by GET on behalf of a shop; the payload is in `response`.
    pub const fn get(name: &'static str, path: &'static str) -> Self {
        Self {
            name,
            method: Method::Get,
            path,
            api_type: ApiType::Shop,
            reply: ReplyShape::Enveloped,
            is_repeatable: true,
        }
    }

    /// The same by POST.
    pub const fn post(name: &'static str, path: &'static str) -> Self {
        Self {
            method: Method::Post,
            ..Self::get(name, path)
        }
    }

    /// Called as the app.
    #[must_use]
    pub const fn of_the_app(self) -> Self {
        Self {
            api_type: ApiType::Public,
            ..self
        }
    }

    /// The payload is beside `error` and `message`.
    #[must_use]
    pub const fn flat(self) -> Self {
        Self {
            reply: ReplyShape::Flat,
            ..self
        }
    }

    /// The payload is a file.
    #[must_use]
    pub const fn file(self) -> Self {
        Self {
            reply: ReplyShape::File,
            ..self
        }
    }

    /// It changes something, and must not be repeated when its reply was lost.
    #[must_use]
    pub const fn once(self) -> Self {
        Self {
            is_repeatable: false,
            ..self
        }
    }
}
