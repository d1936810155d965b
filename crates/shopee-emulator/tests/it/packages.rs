//! Packages: what is to be shipped, how it is found, and what each holds.

use hawker_shopee_emulator::{Emulator, NewLine, NewOrder, OrderSn, PackedLine};
use serde_json::{Value, json};

use crate::client::{Caller, emulator};
use crate::goods::{money, one_card};

const TO_SHIP: &str = "/api/v2/order/get_shipment_list";
const SEARCH: &str = "/api/v2/order/search_package_list";
const DETAIL: &str = "/api/v2/order/get_package_detail";

fn paid(emulator: &Emulator) -> OrderSn {
    emulator.place(one_card().paid_at_once()).unwrap()
}

fn numbers(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry["order_sn"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_shipment_list_has_what_the_seller_must_arrange() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let waiting: Vec<_> = (0..3).map(|_| paid(&emulator)).collect();
    emulator.place(one_card()).unwrap();
    emulator.arrange_shipment(&paid(&emulator)).unwrap();
    let retried = paid(&emulator);
    emulator.arrange_shipment(&retried).unwrap();
    emulator.fail_pickup(&retried).unwrap();

    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let query = [("page_size", "2"), ("cursor", cursor.as_str())];
        let page = caller.get(TO_SHIP, &query).await.response();
        found.extend(numbers(&page["order_list"]));
        page["next_cursor"]
            .as_str()
            .unwrap()
            .clone_into(&mut cursor);
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(cursor, "");
    let mut expected: Vec<_> = waiting.iter().map(ToString::to_string).collect();
    expected.push(retried.to_string());
    expected.sort();
    assert_eq!(found, expected);
    let refused = caller.get(TO_SHIP, &[("page_size", "101")]).await;
    assert_eq!(
        refused.message(),
        "Wrong parameters, detail: page_size must be 100 or less."
    );
}

#[tokio::test]
async fn packages_are_found_by_what_is_to_be_done_with_them() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let to_process = paid(&emulator);
    let processed = paid(&emulator);
    emulator.arrange_shipment(&processed).unwrap();
    let held = one_card().paid_at_once().held_for("SYSTEM_PENDING");
    let pending = emulator.place(held).unwrap();
    let shipped = paid(&emulator);
    emulator.arrange_shipment(&shipped).unwrap();
    emulator.pick_up(&shipped).unwrap();

    let search = async |filter: Value| {
        let body = json!({ "filter": filter, "pagination": { "page_size": 50 } });
        let found = caller.post(SEARCH, body).await.response();
        assert_eq!(
            found["pagination"]["total_count"],
            found["packages_list"].as_array().unwrap().len()
        );
        numbers(&found["packages_list"])
    };
    assert_eq!(search(json!({})).await, [to_process.as_str()]);
    assert_eq!(
        search(json!({ "package_status": 1 })).await,
        [pending.as_str()]
    );
    assert_eq!(
        search(json!({ "package_status": 3 })).await,
        [processed.as_str()]
    );
    assert_eq!(
        search(json!({ "package_status": 0 })).await.len(),
        3,
        "not the shipped one"
    );
    assert!(search(json!({ "fulfillment_type": 1 })).await.is_empty());
    assert!(
        search(json!({ "logistics_channel_ids": [1] }))
            .await
            .is_empty()
    );
    let refused = caller.post(SEARCH, json!({ "filter": {} })).await;
    assert_eq!(refused.error(), "error_param");
}

#[tokio::test]
async fn a_search_is_sorted_and_paged() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let mut placed = Vec::new();
    for _ in 0..3 {
        placed.push(paid(&emulator).to_string());
        emulator.advance(std::time::Duration::from_mins(1));
    }
    let page = async |ascending: bool, cursor: &str| {
        let body = json!({
            "pagination": { "page_size": 2, "cursor": cursor },
            "sort": { "sort_type": 2, "ascending": ascending },
        });
        caller.post(SEARCH, body).await.response()
    };
    let first = page(true, "").await;
    assert_eq!(numbers(&first["packages_list"]), placed[..2]);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let second = page(true, cursor).await;
    assert_eq!(numbers(&second["packages_list"]), placed[2..]);
    assert_eq!(second["pagination"]["more"], false);
    let newest = page(false, "").await;
    assert_eq!(numbers(&newest["packages_list"])[0], placed[2]);
}

#[tokio::test]
async fn a_package_is_described_with_its_own_contents() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let lines = [
        NewLine::new("POK-A", money(1300)).times(2),
        NewLine::plain("DECK-BOX", money(990)),
    ];
    let sn = emulator.place(NewOrder::of(lines).paid_at_once()).unwrap();
    let unit = |line, quantity| PackedLine { line, quantity };
    let parts = vec![vec![unit(0, 2)], vec![unit(1, 1)]];
    emulator.split(&sn, parts).unwrap();
    let packages = emulator.order(&sn).unwrap().packages;
    emulator
        .arrange_package(&sn, &packages[1].package_number)
        .unwrap();
    let asked = [
        packages[0].package_number.as_str(),
        packages[1].package_number.as_str(),
    ]
    .join(",");
    let query = [("package_number_list", asked.as_str())];
    let list = caller.get(DETAIL, &query).await.response()["package_list"].clone();
    let (first, second) = (&list[0], &list[1]);
    assert_eq!(first["order_sn"], sn.as_str());
    assert_eq!(first["item_list"][0]["model_sku"], "POK-A");
    assert_eq!(first["item_list"][0]["model_quantity"], 2);
    assert_eq!(second["item_list"][0]["item_sku"], "DECK-BOX");
    assert_eq!(first["fulfillment_status"], "LOGISTICS_READY");
    assert_eq!(first["tracking_number"], "");
    assert_eq!(second["fulfillment_status"], "LOGISTICS_REQUEST_CREATED");
    assert_ne!(second["tracking_number"], "");
    assert_eq!(second["is_shipment_arranged"], true);

    let unknown = caller.get(DETAIL, &[("package_number_list", "OFG1")]).await;
    assert_eq!(unknown.error(), "error_not_found");
    let many = ["OFG1"; 51].join(",");
    let many = caller.get(DETAIL, &[("package_number_list", &many)]).await;
    assert_eq!(many.error(), "error_param");
}
