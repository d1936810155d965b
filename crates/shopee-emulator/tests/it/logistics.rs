//! What the couriers know of a parcel.

use hawker_shopee_emulator::PackedLine;

use crate::client::{Caller, emulator};
use crate::goods::one_card;

const NUMBER: &str = "/api/v2/logistics/get_tracking_number";
const INFO: &str = "/api/v2/logistics/get_tracking_info";
const CHANNELS: &str = "/api/v2/logistics/get_channel_list";

#[tokio::test]
async fn a_tracking_number_is_blank_until_there_is_one() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let order = one_card().paid_at_once().tracked_later();
    let sn = emulator.place(order).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    let asked = [("order_sn", sn.as_str())];
    assert_eq!(
        caller.get(NUMBER, &asked).await.response()["tracking_number"],
        ""
    );
    emulator.assign_tracking(&sn).unwrap();
    let truth = emulator.order(&sn).unwrap().packages[0]
        .tracking_number
        .clone();
    assert_eq!(
        caller.get(NUMBER, &asked).await.response()["tracking_number"].as_str(),
        truth.as_deref()
    );
}

#[tokio::test]
async fn a_journey_is_told_from_its_end() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = emulator.place(one_card().paid_at_once()).unwrap();
    let asked = [("order_sn", sn.as_str())];
    let early = caller.get(INFO, &asked).await;
    assert_eq!(early.error(), "logistics.error_status_limit");
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.deliver(&sn).unwrap();
    let info = caller.get(INFO, &asked).await.response();
    assert_eq!(info["logistics_status"], "LOGISTICS_DELIVERY_DONE");
    let events = info["tracking_info"].as_array().unwrap();
    let names: Vec<_> = events
        .iter()
        .map(|event| event["logistics_status"].clone())
        .collect();
    assert_eq!(names, ["DELIVERED", "PICKED_UP", "ORDER_CREATED"]);
    let times = events
        .iter()
        .map(|event| event["update_time"].as_i64().unwrap());
    assert!(times.is_sorted_by(|later, earlier| later > earlier));
}

#[tokio::test]
async fn a_split_order_is_asked_for_by_package() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let mut order = one_card().paid_at_once();
    order.lines[0].quantity = 2;
    let sn = emulator.place(order).unwrap();
    let part = || {
        vec![PackedLine {
            line: 0,
            quantity: 1,
        }]
    };
    emulator.split(&sn, vec![part(), part()]).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    let whole = caller.get(NUMBER, &[("order_sn", sn.as_str())]).await;
    assert_eq!(whole.error(), "logistics.package_number_not_exist");
    for package in emulator.order(&sn).unwrap().packages {
        let asked = [
            ("order_sn", sn.as_str()),
            ("package_number", package.package_number.as_str()),
        ];
        let number = caller.get(NUMBER, &asked).await.response();
        assert_eq!(
            number["tracking_number"].as_str(),
            package.tracking_number.as_deref()
        );
    }
    let wrong = [("order_sn", sn.as_str()), ("package_number", "OFG1")];
    assert_eq!(
        caller.get(NUMBER, &wrong).await.error(),
        "logistics.package_not_exist"
    );
    let unknown = caller.get(NUMBER, &[("order_sn", "NONE")]).await;
    assert_eq!(unknown.error(), "logistics.invalid_error");
}

#[tokio::test]
async fn channels_are_couriers_and_not_places() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let list = caller.get(CHANNELS, &[]).await.response();
    let list = list["logistics_channel_list"].as_array().unwrap();
    assert_eq!(list[0]["logistics_channel_id"], 18_099);
    assert!(
        list.iter()
            .all(|channel| channel.get("location_id").is_none())
    );
}
