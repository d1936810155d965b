//! Orders: asked for in batches, told apart by their number, and not harmed by one another.

use std::collections::BTreeSet;

use hawker_ports::Marketplace;
use hawker_ports::marketplace::FetchedOrder;
use hawker_shopee::calls::order::ORDERS_PER_CALL_MAX;
use serde_json::{Value, json};

use super::*;

fn order(order_sn: &str) -> Value {
    json!({
        "order_sn": order_sn, "order_status": "SHIPPED", "currency": "SGD",
        "create_time": 1_655_714_000, "update_time": 1_655_714_100,
        "item_list": [{
            "item_id": 1, "item_sku": "A-1", "model_quantity_purchased": 1,
            "model_discounted_price": 13.97,
        }],
    })
}

fn listed(orders: &[Value]) -> Answer {
    Answer::json(
        200,
        &json!({"error": "", "response": {"order_list": orders}}),
    )
}

/// A platform that knows all orders but some, and refuses a whole call for one it does not know.
fn strict(unknown: &'static [&'static str]) -> impl FnMut(&Request) -> Answer + Send {
    move |request| {
        let list = request.query("order_sn_list");
        let asked: Vec<&str> = list.split(',').collect();
        assert!(asked.len() <= ORDERS_PER_CALL_MAX);
        if asked.iter().any(|order_sn| unknown.contains(order_sn)) {
            let message = "Wrong parameters, detail: the order is not found.";
            return Answer::json(
                200,
                &json!({"error": "error_not_found", "message": message}),
            );
        }
        let orders: Vec<Value> = asked.iter().map(|order_sn| order(order_sn)).collect();
        listed(&orders)
    }
}

fn numbers(fetched: &[FetchedOrder]) -> BTreeSet<String> {
    let all = fetched.iter().map(|order| order.order_sn.to_string());
    let numbers: BTreeSet<String> = all.collect();
    assert_eq!(numbers.len(), fetched.len(), "an order was answered twice");
    numbers
}

#[tokio::test]
async fn orders_come_back_translated() {
    let bench = Bench::new(strict(&[]));
    let [fetched] = bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1")])
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(fetched.order_sn, sn("A1"));
    let snapshot = fetched.snapshot.unwrap();
    assert_eq!(snapshot.order_sn, sn("A1"));
    assert_eq!(snapshot.lines[0].unit_price.to_string(), "13.97");
    assert_eq!(bench.results(), ["ok"]);
    assert_eq!(bench.marketplace.orders_per_call(), 50);
}

#[tokio::test]
async fn orders_are_told_apart_by_their_number_and_extras_are_ignored() {
    let bench = Bench::new(|_| {
        let broken = json!({"order_sn": "C3", "order_status": "SHIPPED", "item_list": "?"});
        listed(&[
            broken,
            order("Z9"),
            order("A1"),
            order("A1"),
            json!(null),
            json!({"order_status": "SHIPPED"}),
        ])
    });
    let fetched = bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1"), sn("B2"), sn("C3"), sn("A1")])
        .await
        .unwrap();
    assert_eq!(numbers(&fetched), ["A1", "C3"].map(String::from).into());
    let [request] = bench.server.requests().try_into().unwrap();
    assert_eq!(request.query("order_sn_list"), "A1,B2,C3");
    for fetched in fetched {
        assert_eq!(
            fetched.snapshot.is_ok(),
            fetched.order_sn == sn("A1"),
            "one broken order does not harm another"
        );
    }
}

#[tokio::test]
async fn an_unknown_order_does_not_harm_the_others() {
    const UNKNOWN: [&str; 2] = ["SN07", "SN42"];
    let bench = Bench::new(strict(&UNKNOWN));
    let orders: Vec<OrderSn> = (0..50).map(|n| sn(&format!("SN{n:02}"))).collect();
    let fetched = bench
        .marketplace
        .order_details(&bench.access(), &orders)
        .await
        .unwrap();
    let expected = orders
        .iter()
        .map(OrderSn::to_string)
        .filter(|order_sn| !UNKNOWN.contains(&order_sn.as_str()))
        .collect();
    assert_eq!(numbers(&fetched), expected);
    let calls = bench.server.requests().len();
    assert!(calls <= 25, "{calls} calls to find two of fifty");
}

#[tokio::test]
async fn when_all_are_unknown_the_answer_is_empty_and_the_calls_are_bounded() {
    const UNKNOWN: [&str; 4] = ["A1", "B2", "C3", "D4"];
    let bench = Bench::new(strict(&UNKNOWN));
    let fetched = bench
        .marketplace
        .order_details(&bench.access(), &UNKNOWN.map(sn))
        .await
        .unwrap();
    assert!(fetched.is_empty());
    assert_eq!(bench.results(), ["not_found"; 7]);
}

#[tokio::test]
async fn more_orders_than_fit_are_asked_for_in_several_calls_and_none_in_no_call() {
    let bench = Bench::new(strict(&[]));
    let orders: Vec<OrderSn> = (0..101).map(|n| sn(&format!("SN{n:03}"))).collect();
    let access = bench.access();
    let fetched = bench
        .marketplace
        .order_details(&access, &orders)
        .await
        .unwrap();
    assert_eq!(numbers(&fetched).len(), 101);
    assert_eq!(bench.server.requests().len(), 3);

    let none = bench.marketplace.order_details(&access, &[]).await;
    assert!(none.unwrap().is_empty());
    assert_eq!(bench.server.requests().len(), 3);
}
