//! Order details: what is in them, and how orders are asked for.

use hawker_shopee_emulator::{
    Endpoint, Masking, NewLine, NewOrder, OrderSn, PackedLine, UnknownOrders,
};
use serde_json::{Value, json};

use crate::client::{Caller, emulator};
use crate::goods::{money, one_card, placed};

const DETAIL: &str = "/api/v2/order/get_order_detail";
const ALL_FIELDS: &str = "buyer_user_id,buyer_username,estimated_shipping_fee,recipient_address,\
    actual_shipping_fee,goods_to_declare,note,note_update_time,item_list,pay_time,dropshipper,\
    dropshipper_phone,split_up,buyer_cancel_reason,cancel_by,cancel_reason,\
    actual_shipping_fee_confirmed,buyer_cpf_id,fulfillment_flag,pickup_done_time,package_list,\
    shipping_carrier,payment_method,total_amount,invoice_data,order_chargeable_weight_gram";

async fn detail(caller: &Caller, sn: &OrderSn) -> Value {
    caller.details(&[sn.as_str()], ALL_FIELDS).await.response()["order_list"][0].clone()
}

#[tokio::test]
async fn only_basic_fields_come_unasked() {
    let emulator = emulator().await;
    let sn = placed(&emulator);
    let answer = Caller::of(&emulator)
        .details(&[sn.as_str()], "")
        .await
        .response();
    let fields: Vec<_> = answer["order_list"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        fields,
        [
            "cod",
            "create_time",
            "currency",
            "days_to_ship",
            "message_to_seller",
            "order_sn",
            "order_status",
            "region",
            "ship_by_date",
            "update_time"
        ]
    );
}

#[tokio::test]
async fn an_unpaid_order_has_a_null_pay_time_and_no_total() {
    let emulator = emulator().await;
    let sn = placed(&emulator);
    let order = detail(&Caller::of(&emulator), &sn).await;
    assert_eq!(order["order_status"], "UNPAID");
    assert_eq!(order["pay_time"], Value::Null);
    assert!(order.as_object().unwrap().contains_key("pay_time"));
    assert!(!order.as_object().unwrap().contains_key("total_amount"));
    assert_eq!(order["invoice_data"], Value::Null);
    assert_eq!(order["pickup_done_time"], 0);
    assert_eq!(
        order["package_list"][0]["logistics_status"],
        "LOGISTICS_NOT_START"
    );
}

#[tokio::test]
async fn an_order_is_told_in_major_units_and_in_full() {
    let emulator = emulator().await;
    let order = NewOrder::of([
        NewLine::new("POK-OBF-223-NM-EN", money(1300))
            .times(2)
            .discounted_to(money(1250)),
        NewLine::plain("DECK-BOX-01", money(990)),
        NewLine::new("MTG-A", money(500))
            .in_bundle(1)
            .discounted_to(money(400)),
        NewLine::new("MTG-B", money(500))
            .in_bundle(1)
            .discounted_to(money(400)),
    ])
    .with_shipping_fee(money(199))
    .paid_at_once();
    let sn = emulator.place(order).unwrap();
    let order = detail(&Caller::of(&emulator), &sn).await;
    assert_eq!(order["total_amount"].to_string(), "44.89");
    let items = order["item_list"].as_array().unwrap();
    assert_eq!(items[0]["model_original_price"].to_string(), "13");
    assert_eq!(items[0]["model_discounted_price"].to_string(), "12.5");
    assert_eq!(items[0]["model_sku"], "POK-OBF-223-NM-EN");
    assert_eq!(
        (&items[1]["model_id"], &items[1]["model_sku"]),
        (&json!(0), &json!(""))
    );
    assert_eq!(items[1]["item_sku"], "DECK-BOX-01");
    assert_eq!(items[2]["model_discounted_price"].to_string(), "0");
    assert_eq!(items[2]["promotion_type"], "bundle_deal");
    assert_eq!(items[2]["order_item_id"], items[3]["order_item_id"]);
    assert_ne!(items[2]["line_item_id"], items[3]["line_item_id"]);
    assert!(items[0].get("active_qty").is_none());
}

#[tokio::test]
async fn cash_on_delivery_is_ready_to_ship_before_it_is_paid() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = emulator.place(one_card().cash_on_delivery()).unwrap();
    let order = detail(&caller, &sn).await;
    assert_eq!(
        (&order["order_status"], &order["cod"]),
        (&json!("READY_TO_SHIP"), &json!(true))
    );
    assert_eq!(order["pay_time"], Value::Null);
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    assert_eq!(detail(&caller, &sn).await["pay_time"], Value::Null);
    emulator.deliver(&sn).unwrap();
    let order = detail(&caller, &sn).await;
    assert!(order["pay_time"].as_i64() > order["pickup_done_time"].as_i64());
}

#[tokio::test]
async fn a_cancellation_after_shipping_keeps_the_pickup_time() {
    let emulator = emulator().await;
    let sn = emulator.place(one_card().paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.lose_parcel(&sn).unwrap();
    let order = detail(&Caller::of(&emulator), &sn).await;
    assert_eq!(
        (&order["order_status"], &order["cancel_by"]),
        (&json!("CANCELLED"), &json!("system"))
    );
    assert!(order["pickup_done_time"].as_i64() > Some(0));
    assert_eq!(
        order["package_list"][0]["logistics_status"],
        "LOGISTICS_LOST"
    );
}

#[tokio::test]
async fn partial_cancellation_shows_quantities() {
    let emulator = emulator().await;
    let lines = [
        NewLine::new("A", money(100)).times(3),
        NewLine::new("B", money(100)),
    ];
    let sn = emulator.place(NewOrder::of(lines).paid_at_once()).unwrap();
    emulator
        .partial_cancel(
            &sn,
            &[PackedLine {
                line: 0,
                quantity: 2,
            }],
        )
        .unwrap();
    let order = detail(&Caller::of(&emulator), &sn).await;
    let item = &order["item_list"][0];
    assert_eq!(
        (&item["active_qty"], &item["cancelled_qty"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(item["model_quantity_purchased"], 3);
    assert_eq!(
        order["package_list"][0]["item_list"][0]["model_quantity"],
        1
    );
}

#[tokio::test]
async fn the_address_is_masked_once_the_order_is_over() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = emulator
        .place(one_card().paid_at_once().masked(Masking::AfterCompletion))
        .unwrap();
    assert_eq!(
        detail(&caller, &sn).await["recipient_address"]["name"],
        "Tan Mei Ling"
    );
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    assert_eq!(
        detail(&caller, &sn).await["recipient_address"]["name"],
        "T******g"
    );
}

#[tokio::test]
async fn a_held_order_is_pending_only_to_those_who_know_the_word() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = emulator
        .place(one_card().paid_at_once().held_for("SYSTEM_PENDING"))
        .unwrap();
    assert_eq!(detail(&caller, &sn).await["order_status"], "READY_TO_SHIP");
    let query = [
        ("order_sn_list", sn.as_str()),
        ("request_order_status_pending", "true"),
    ];
    let order = caller.get(DETAIL, &query).await.response()["order_list"][0].clone();
    assert_eq!(order["order_status"], "PENDING");
    assert_eq!(order["pending_terms"], json!(["SYSTEM_PENDING"]));
}

#[tokio::test]
async fn one_unknown_number_is_not_found_and_among_several_it_is_left_out() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = placed(&emulator);
    let alone = caller.details(&["2404098R48U37H"], "").await;
    assert_eq!(
        (alone.status, alone.error()),
        (200, "error_not_found".to_owned())
    );
    assert_eq!(
        alone.message(),
        "Wrong parameters, detail: the order is not found."
    );
    let among = [sn.as_str(), "2404098R48U37H"];
    let orders = caller.details(&among, "").await.response()["order_list"].clone();
    assert_eq!(orders.as_array().unwrap().len(), 1);
    emulator.set_unknown_orders(UnknownOrders::RefuseAll);
    assert_eq!(caller.details(&among, "").await.error(), "error_not_found");
}

#[tokio::test]
async fn one_to_fifty_numbers_are_taken() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = placed(&emulator);
    for count in [0, 51] {
        let answer = caller.details(&vec![sn.as_str(); count], "").await;
        assert_eq!(answer.error(), "error_param");
        assert!(answer.message().ends_with("1..50."), "{}", answer.message());
    }
    let answer = caller.details(&[sn.as_str(); 50], "").await;
    assert_eq!(
        answer.response()["order_list"].as_array().unwrap().len(),
        50
    );
    assert_eq!(emulator.stats().api.details_of(&sn), 50);
    assert_eq!(emulator.stats().api.calls_to(Endpoint::OrderDetail), 3);
}
