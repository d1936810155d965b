//! The calls that this stand-in answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
#[error("the emulator has no endpoint {0:?}")]
pub struct UnknownEndpoint(String);

/// On whose behalf a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiType {
    /// For the app alone.
    Public,
    Shop,
}

macro_rules! endpoints {
    ($($name:ident = $path:literal, $signed_for:ident;)*) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Endpoint {
            $(#[serde(rename = $path)] $name,)*
        }

        impl Endpoint {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The path below `/api/v2`, with its slash.
            pub(super) const fn route(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("/", $path),)*
                }
            }

            pub const fn api_type(self) -> ApiType {
                match self {
                    $(Self::$name => ApiType::$signed_for,)*
                }
            }
        }
    };
}

endpoints! {
    TokenGet = "auth/token/get", Public;
    TokenRefresh = "auth/access_token/get", Public;
    TokenResend = "public/get_token_by_resend_code", Public;
    ShopsByPartner = "public/get_shops_by_partner", Public;
    MerchantsByPartner = "public/get_merchants_by_partner", Public;
    IpRanges = "public/get_shopee_ip_ranges", Public;
    ShopInfo = "shop/get_shop_info", Shop;
    ShopProfile = "shop/get_profile", Shop;
    Warehouses = "shop/get_warehouse_detail", Shop;
    PushConfig = "push/get_app_push_config", Public;
    SetPushConfig = "push/set_app_push_config", Public;
    LostPushes = "push/get_lost_push_message", Public;
    ConfirmLostPushes = "push/confirm_consumed_lost_push_message", Public;
    OrderDetail = "order/get_order_detail", Shop;
    OrderList = "order/get_order_list", Shop;
    ShipmentList = "order/get_shipment_list", Shop;
    PackageDetail = "order/get_package_detail", Shop;
    PackageSearch = "order/search_package_list", Shop;
    EscrowDetail = "payment/get_escrow_detail", Shop;
    EscrowDetailBatch = "payment/get_escrow_detail_batch", Shop;
    EscrowList = "payment/get_escrow_list", Shop;
    TrackingNumber = "logistics/get_tracking_number", Shop;
    TrackingInfo = "logistics/get_tracking_info", Shop;
    ChannelList = "logistics/get_channel_list", Shop;
    ReturnList = "returns/get_return_list", Shop;
    ReturnDetail = "returns/get_return_detail", Shop;
    ItemList = "product/get_item_list", Shop;
    ItemBaseInfo = "product/get_item_base_info", Shop;
    ModelList = "product/get_model_list", Shop;
}

impl Endpoint {
    /// `order/get_order_detail` and the like.
    pub fn name(self) -> &'static str {
        self.route().trim_start_matches('/')
    }

    /// The path that is signed.
    pub fn path(self) -> String {
        format!("/api/v2{}", self.route())
    }

    /// The three that hand out tokens.
    pub(crate) const fn gives_tokens(self) -> bool {
        matches!(
            self,
            Self::TokenGet | Self::TokenRefresh | Self::TokenResend
        )
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
            .iter()
            .copied()
            .find(|endpoint| endpoint.name() == text.trim_start_matches('/'))
            .ok_or_else(|| UnknownEndpoint(text.to_owned()))
    }
}
