//! What is pushed by request, and about authorisations: code and data.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::{ShopId, Timestamp};

/// The test push of the console, byte for byte as it was seen.
pub const PING_BODY: &str = r#"{"code":0,"data":{"verify_info":"This is a Verification message.Please respond in the certain format."}}"#;

/// A push by request. Changes of orders push by themselves, and so does a consent.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Code 0: the console verifies the callback URL.
    Ping { partner_id: i64 },
    /// Code 1 for one shop.
    Authorised { shop_id: ShopId },
    /// Code 1 for what a main account authorised at once. At least one shop.
    AuthorisedByMainAccount {
        main_account_id: i64,
        shops: Vec<ShopId>,
        merchants: Vec<i64>,
    },
    /// Code 1 for one merchant. The first app is told.
    MerchantAuthorised { merchant_id: i64 },
    /// Code 2 with the id of the shop: short for [`Revocation::BySellerWithId`].
    AuthorisationCancelled { shop_id: ShopId },
    /// Code 2 in any documented shape.
    AuthorisationEnded { shop_id: ShopId, how: Revocation },
    /// Code 12: authorisations that end before that time, all in one push.
    AuthorisationExpiring {
        shops: Vec<ShopId>,
        before: Timestamp,
    },
    /// Code 12 in several pushes with at most so many ids in each, as the platform pages them.
    ExpiryPages {
        shops: Vec<ShopId>,
        merchants: Vec<i64>,
        users: Vec<i64>,
        before: Timestamp,
        per_page: usize,
    },
    /// Any other code with any data.
    Other {
        shop_id: ShopId,
        code: i64,
        data: Value,
    },
}

/// How an authorisation ends, by what code 2 says of it. The shapes differ in how they name the
/// shop; the platform's own sample does not name it at all outside of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The platform's sample: no id in any field, only in the text of `extra`.
    BySeller,
    /// The same with `shop_id`.
    BySellerWithId,
    /// The authorised time is over; names `shopid`.
    Expired,
    /// The shop is in an abnormal state; names `shopid`.
    Abnormal,
    /// The platform disconnected the shop; names `shopid`.
    Disconnected,
    /// A main account withdrew; names `main_account_id` and `shop_id_list`.
    OfMainAccount(i64),
    /// A merchant withdrew along with the shop; names `merchant_id` alone.
    OfMerchant(i64),
    /// A user withdrew; names `user_id_list` alone.
    OfUser(i64),
    /// Nobody is told.
    Silently,
}

/// Whom an envelope names besides its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Shop(ShopId),
    Partner(i64),
    Nobody,
}

/// Code, data and subject of a message.
type Content = (i64, Value, Subject);

impl Notice {
    /// The messages that it takes, for the app that is told.
    pub(super) fn contents(&self, partner_id: i64) -> Vec<Content> {
        let to_partner = |code, data| vec![(code, data, Subject::Partner(partner_id))];
        match self {
            Self::Ping { .. } => vec![(0, Value::Null, Subject::Nobody)],
            Self::Authorised { shop_id } => {
                let data = json!({
                    "authorize_type": "shop authorization",
                    "extra": "authorized by seller",
                    "shop_id": shop_id,
                    "success": 1,
                });
                to_partner(1, data)
            }
            Self::AuthorisedByMainAccount {
                main_account_id,
                shops,
                merchants,
            } => {
                let data = json!({
                    "authorize_type": "main account authorization",
                    "extra": "authorized by main account",
                    "main_account_id": main_account_id,
                    "shop_id_list": shops,
                    "merchant_id_list": merchants,
                    "success": 1,
                });
                to_partner(1, data)
            }
            Self::MerchantAuthorised { merchant_id } => {
                let data = json!({
                    "authorize_type": "merchant authorization",
                    "extra": "authorized by merchant",
                    "merchant_id": merchant_id,
                    "success": 1,
                });
                to_partner(1, data)
            }
            Self::AuthorisationCancelled { shop_id } => {
                let data = Revocation::BySellerWithId.data(*shop_id);
                data.map_or_else(Vec::new, |data| to_partner(2, data))
            }
            Self::AuthorisationEnded { shop_id, how } => how
                .data(*shop_id)
                .map_or_else(Vec::new, |data| to_partner(2, data)),
            Self::AuthorisationExpiring { shops, before } => {
                expiry_pages(shops, &[], &[], *before, shops.len())
            }
            Self::ExpiryPages {
                shops,
                merchants,
                users,
                before,
                per_page,
            } => expiry_pages(shops, merchants, users, *before, *per_page),
            Self::Other {
                shop_id,
                code,
                data,
            } => vec![(*code, data.clone(), Subject::Shop(*shop_id))],
        }
    }

    /// The shop whose app is told; a ping names its app itself.
    pub(crate) fn shop_id(&self) -> Option<ShopId> {
        match self {
            Self::Ping { .. } | Self::MerchantAuthorised { .. } => None,
            Self::Authorised { shop_id }
            | Self::AuthorisationCancelled { shop_id }
            | Self::AuthorisationEnded { shop_id, .. }
            | Self::Other { shop_id, .. } => Some(*shop_id),
            Self::AuthorisedByMainAccount { shops, .. }
            | Self::AuthorisationExpiring { shops, .. }
            | Self::ExpiryPages { shops, .. } => shops.first().copied(),
        }
    }
}

impl Revocation {
    fn data(self, shop_id: ShopId) -> Option<Value> {
        let named_otherwise = |extra: String| {
            json!({
                "authorize_type": "shop authorization",
                "extra": extra,
                "shopid": shop_id,
                "success": 1,
            })
        };
        let by_seller = format!("shop id {shop_id} has been cancelled by seller");
        let data = match self {
            Self::BySeller => json!({
                "authorize_type": "shop authorization",
                "extra": by_seller,
                "success": 1,
            }),
            Self::BySellerWithId => json!({
                "authorize_type": "shop authorization",
                "extra": by_seller,
                "shop_id": shop_id,
                "success": 1,
            }),
            Self::Expired => {
                named_otherwise(format!("shop id {shop_id} authorization has expired"))
            }
            Self::Abnormal => named_otherwise(format!("shop id {shop_id} status is abnormal")),
            Self::Disconnected => {
                named_otherwise(format!("shop id {shop_id} has been disconnected"))
            }
            Self::OfMainAccount(main_account_id) => json!({
                "authorize_type": "main account authorization",
                "extra": format!("main account {main_account_id} has been cancelled by seller"),
                "main_account_id": main_account_id,
                "shop_id_list": [shop_id],
                "success": 1,
            }),
            Self::OfMerchant(merchant_id) => json!({
                "authorize_type": "merchant authorization",
                "extra": format!("merchant id {merchant_id} has been cancelled by seller"),
                "merchant_id": merchant_id,
                "success": 1,
            }),
            Self::OfUser(user_id) => json!({
                "authorize_type": "user authorization",
                "extra": format!("user id {user_id} has been cancelled by seller"),
                "user_id_list": [user_id],
                "success": 1,
            }),
            Self::Silently => return None,
        };
        Some(data)
    }
}

/// The lists are cut into pages of the same number, as far as each reaches; there is always one.
fn expiry_pages(
    shops: &[ShopId],
    merchants: &[i64],
    users: &[i64],
    before: Timestamp,
    per_page: usize,
) -> Vec<Content> {
    let per_page = per_page.max(1);
    let longest = shops.len().max(merchants.len()).max(users.len());
    let total = longest.div_ceil(per_page).max(1);
    let page_of = |list: &[i64], page: usize| -> Vec<i64> {
        let skipped = page * per_page;
        list.iter().skip(skipped).take(per_page).copied().collect()
    };
    let content = |page: usize| {
        let data = json!({
            "merchant_expire_soon": page_of(merchants, page),
            "shop_expire_soon": page_of(shops, page),
            "user_expire_soon": page_of(users, page),
            "expire_before": before,
            "page_no": page + 1,
            "total_page": total,
        });
        (12, data, Subject::Nobody)
    };
    (0..total).map(content).collect()
}
