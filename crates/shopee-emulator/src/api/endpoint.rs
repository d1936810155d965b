//! The calls that this stand-in answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Endpoint {
    #[serde(rename = "order/get_order_detail")]
    OrderDetail,
    #[serde(rename = "order/get_order_list")]
    OrderList,
    #[serde(rename = "shop/get_shop_info")]
    ShopInfo,
    #[serde(rename = "payment/get_escrow_detail")]
    EscrowDetail,
    #[serde(rename = "push/get_lost_push_message")]
    LostPushes,
    #[serde(rename = "push/confirm_consumed_lost_push_message")]
    ConfirmLostPushes,
}

#[derive(Debug, thiserror::Error)]
#[error("the emulator has no endpoint {0:?}")]
pub struct UnknownEndpoint(String);

/// On whose behalf a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiType {
    Public,
    Shop,
}

impl Endpoint {
    pub const ALL: [Self; 6] = [
        Self::OrderDetail,
        Self::OrderList,
        Self::ShopInfo,
        Self::EscrowDetail,
        Self::LostPushes,
        Self::ConfirmLostPushes,
    ];

    /// The path below `/api/v2`, with its slash.
    pub(super) const fn route(self) -> &'static str {
        match self {
            Self::OrderDetail => "/order/get_order_detail",
            Self::OrderList => "/order/get_order_list",
            Self::ShopInfo => "/shop/get_shop_info",
            Self::EscrowDetail => "/payment/get_escrow_detail",
            Self::LostPushes => "/push/get_lost_push_message",
            Self::ConfirmLostPushes => "/push/confirm_consumed_lost_push_message",
        }
    }

    /// `order/get_order_detail` and the like.
    pub fn name(self) -> &'static str {
        self.route().trim_start_matches('/')
    }

    /// The path that is signed.
    pub fn path(self) -> String {
        format!("/api/v2{}", self.route())
    }

    pub(super) const fn api_type(self) -> ApiType {
        match self {
            Self::LostPushes | Self::ConfirmLostPushes => ApiType::Public,
            _ => ApiType::Shop,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Endpoint {
    type Err = UnknownEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.name() == text.trim_start_matches('/'))
            .ok_or_else(|| UnknownEndpoint(text.to_owned()))
    }
}
