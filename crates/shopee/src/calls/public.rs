//! The app's own calls: tokens, and who authorised it. All of them reply flat.

mod get_access_token;
mod get_merchants_by_partner;
mod get_shopee_ip_ranges;
mod get_shops_by_partner;
mod get_token_by_resend_code;
mod refresh_access_token;
mod token;

pub use get_access_token::{CodeFor, GetAccessToken};
pub use get_merchants_by_partner::{
    AuthorisedMerchantWire, AuthorisedMerchantsWire, GetMerchantsByPartner,
};
pub use get_shopee_ip_ranges::{GetShopeeIpRanges, IpRangesWire};
pub use get_shops_by_partner::{AuthorisedShopWire, AuthorisedShopsWire, GetShopsByPartner};
pub use get_token_by_resend_code::GetTokenByResendCode;
pub use refresh_access_token::{RefreshAccessToken, TokenOf};
pub use token::{ACCESS_TOKEN_LIFE, TokenWire};

pub(crate) use token::ids;
