//! What a push says: its code and data, for order changes and for what is pushed by request.

use serde_json::{Value, json};

use crate::world::{Change, News, Scenario, ShopId, Timestamp};

/// The test push of the console, byte for byte as it was seen.
pub const PING_BODY: &str = r#"{"code":0,"data":{"verify_info":"This is a Verification message.Please respond in the certain format."}}"#;

/// A push by request. Order changes push by themselves.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Code 0: the console verifies the callback URL.
    Ping { partner_id: i64 },
    /// Code 1.
    Authorised { shop_id: ShopId },
    /// Code 2.
    AuthorisationCancelled { shop_id: ShopId },
    /// Code 12: authorisations that end before that time.
    AuthorisationExpiring {
        shops: Vec<ShopId>,
        before: Timestamp,
    },
    /// Any other code with any data.
    Other {
        shop_id: ShopId,
        code: i64,
        data: Value,
    },
}

/// Whom an envelope names besides its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Shop(ShopId),
    Partner(i64),
    Nobody,
}

/// Data of a shop's news: code and `data`.
pub(super) fn of_change(change: &Change, scenario_is_null: bool) -> (i64, Value) {
    let sn = &change.order_sn;
    match &change.news {
        News::Order { status, scenario } => {
            let scenario = match scenario {
                Scenario::NotCompleted if scenario_is_null => Value::Null,
                Scenario::NotCompleted => json!(""),
                Scenario::Normal => json!("NORMAL"),
                Scenario::ReturnAfterCompletion => json!("RRAOC"),
            };
            let data = json!({
                "items": [],
                "ordersn": sn,
                "status": status.as_str(),
                "completed_scenario": scenario,
                "update_time": change.update_time,
            });
            (3, data)
        }
        News::Tracking {
            package_number,
            tracking_number,
        } => {
            let data = json!({
                "ordersn": sn,
                "forder_id": package_number,
                "package_number": package_number,
                "tracking_no": tracking_number,
            });
            (4, data)
        }
        News::Fulfillment {
            package_number,
            status,
        } => {
            let data = json!({
                "ordersn": sn,
                "package_number": package_number,
                "fulfillment_status": status,
                "update_time": change.update_time,
            });
            (30, data)
        }
        News::Return {
            return_sn,
            old,
            new,
        } => {
            let data = json!({
                "order_sn": sn,
                "return_sn": return_sn,
                "updated_values": [{
                    "update_field": "return_status",
                    "old_value": old,
                    "new_value": new,
                    "update_time": change.update_time,
                }],
            });
            (29, data)
        }
    }
}

impl Notice {
    /// Code, data and subject; `partner_of` finds the app that a shop belongs to.
    pub(super) fn content(&self, partner_id: i64) -> (i64, Value, Subject) {
        match self {
            Self::Ping { .. } => (0, Value::Null, Subject::Nobody),
            Self::Authorised { shop_id } => {
                let data = json!({
                    "authorize_type": "shop authorization",
                    "extra": "authorized by seller",
                    "shop_id": shop_id,
                    "success": 1,
                });
                (1, data, Subject::Partner(partner_id))
            }
            Self::AuthorisationCancelled { shop_id } => {
                let data = json!({
                    "authorize_type": "shop authorization",
                    "extra": format!("shop id {shop_id} has been cancelled by seller"),
                    "shop_id": shop_id,
                    "success": 1,
                });
                (2, data, Subject::Partner(partner_id))
            }
            Self::AuthorisationExpiring { shops, before } => {
                let data = json!({
                    "merchant_expire_soon": [],
                    "shop_expire_soon": shops,
                    "user_expire_soon": [],
                    "expire_before": before,
                    "page_no": 1,
                    "total_page": 1,
                });
                (12, data, Subject::Nobody)
            }
            Self::Other {
                shop_id,
                code,
                data,
            } => (*code, data.clone(), Subject::Shop(*shop_id)),
        }
    }

    /// The shop whose app is told; a ping names its app itself.
    pub(crate) fn shop_id(&self) -> Option<ShopId> {
        match self {
            Self::Ping { .. } => None,
            Self::Authorised { shop_id }
            | Self::AuthorisationCancelled { shop_id }
            | Self::Other { shop_id, .. } => Some(*shop_id),
            Self::AuthorisationExpiring { shops, .. } => shops.first().copied(),
        }
    }
}
