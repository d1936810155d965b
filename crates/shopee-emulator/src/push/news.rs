//! What a push says about a change of an order: its code and data.

use serde_json::{Value, json};

use crate::world::{Change, News, Scenario};

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
