//! Returns over the API.

use std::time::Duration;

use hawker_shopee_emulator::{Emulator, NewLine, NewOrder, OrderSn, PackedLine, ReturnOutcome};
use serde_json::json;

use crate::client::{Caller, emulator};
use crate::goods::money;

const LIST: &str = "/api/v2/returns/get_return_list";
const DETAIL: &str = "/api/v2/returns/get_return_detail";

fn delivered(emulator: &Emulator) -> OrderSn {
    let line = NewLine::new("POK-A", money(1300))
        .times(2)
        .discounted_to(money(1255));
    let sn = emulator.place(NewOrder::of([line]).paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.deliver(&sn).unwrap();
    sn
}

fn open(emulator: &Emulator) -> (OrderSn, String) {
    let sn = delivered(emulator);
    let unit = PackedLine {
        line: 0,
        quantity: 1,
    };
    emulator.open_return(&sn, &[unit], "Bent corner").unwrap();
    let return_sn = emulator.order(&sn).unwrap().returns[0]
        .return_sn
        .to_string();
    (sn, return_sn)
}

#[tokio::test]
async fn a_return_is_described_by_its_units() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let (sn, return_sn) = open(&emulator);
    let asked = [("return_sn", return_sn.as_str())];
    let detail = caller.get(DETAIL, &asked).await.response();
    assert_eq!(detail["order_sn"], sn.as_str());
    assert_eq!(detail["status"], "REQUESTED");
    assert_eq!(detail["text_reason"], "Bent corner");
    assert_eq!(detail["refund_amount"], 12.55);
    assert_eq!(detail["amount_before_discount"], 13);
    assert_eq!(detail["item"][0]["amount"], 1, "a quantity");
    assert_eq!(detail["item"][0]["variation_sku"], "POK-A");
    assert_eq!(detail["return_refund_type"], "RRBOC");
    let opened_at = detail["create_time"].as_i64().unwrap();
    for field in ["due_date", "return_seller_due_date"] {
        assert_eq!(detail[field].as_i64(), Some(opened_at + 2 * 86_400));
    }
    assert_eq!(
        detail["negotiation"]["negotiation_status"],
        "PENDING_RESPOND"
    );
    let unknown = caller.get(DETAIL, &[("return_sn", "NONE")]).await;
    assert_eq!(unknown.error(), "error_data");
    assert_eq!(unknown.message(), "The return you queried doesn't exist.");
}

#[tokio::test]
async fn returns_are_listed_in_pages_from_zero_and_by_their_status() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let opened: Vec<_> = (0..3).map(|_| open(&emulator)).collect();
    emulator.advance(Duration::from_mins(10));
    emulator
        .close_return(&opened[1].0, ReturnOutcome::Refunded)
        .unwrap();
    let list = async |query: &[(&str, &str)]| {
        let page = caller.get(LIST, query).await.response();
        let found = page["return"].as_array().unwrap().iter();
        let found: Vec<_> = found.map(|entry| entry["return_sn"].clone()).collect();
        (found.len(), page["more"].clone(), found)
    };
    let (count, more, _) = list(&[("page_no", "0"), ("page_size", "2")]).await;
    assert_eq!((count, more), (2, json!(true)));
    let (count, more, _) = list(&[("page_no", "1"), ("page_size", "2")]).await;
    assert_eq!((count, more), (1, json!(false)));
    let accepted = [("page_no", "0"), ("page_size", "9"), ("status", "ACCEPTED")];
    assert_eq!(list(&accepted).await.2, [json!(opened[1].1)]);

    // What changed lately, by the time of the change.
    let (from, to) = (emulator.shop_time() - 60, emulator.shop_time() + 60);
    let (from, to) = (from.to_string(), to.to_string());
    let lately = [
        ("page_no", "0"),
        ("page_size", "9"),
        ("update_time_from", from.as_str()),
        ("update_time_to", to.as_str()),
    ];
    assert_eq!(list(&lately).await.2, [json!(opened[1].1)]);
    let never = [
        ("page_no", "0"),
        ("page_size", "9"),
        ("create_time_from", from.as_str()),
        ("create_time_to", to.as_str()),
    ];
    assert_eq!(list(&never).await.0, 0);
}

#[tokio::test]
async fn windows_that_cannot_be_are_refused() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let refused = async |from: &str, to: &str| {
        let query = [
            ("page_no", "0"),
            ("page_size", "9"),
            ("create_time_from", from),
            ("create_time_to", to),
        ];
        caller.get(LIST, &query).await.message()
    };
    assert_eq!(
        refused("0", "1296001").await,
        "The period between create_time_from and created_time_of must not more than 15 days."
    );
    assert_eq!(
        refused("5", "5").await,
        "The create_time_to should be later than create_time_from."
    );
}
