//! The order list: pages, filters, its window.

use std::time::Duration;

use hawker_shopee_emulator::OrderSn;
use serde_json::json;

use crate::client::{Caller, emulator};
use crate::goods::placed;

const LIST: &str = "/api/v2/order/get_order_list";

#[tokio::test]
async fn the_order_list_pages_filters_and_keeps_to_its_window() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let start = emulator.shop_time();
    let sns: Vec<_> = (0..5)
        .map(|_| {
            emulator.advance(Duration::from_mins(1));
            placed(&emulator)
        })
        .collect();
    emulator.pay(&sns[1]).unwrap();
    let (from, to) = (start.to_string(), (start + 3600).to_string());
    let page = |field: &'static str, extra: Vec<(&'static str, String)>| {
        let (caller, from, to) = (&caller, from.clone(), to.clone());
        async move {
            let mut query = vec![
                ("time_range_field", field),
                ("time_from", &from),
                ("time_to", &to),
            ];
            query.extend(extra.iter().map(|(key, value)| (*key, value.as_str())));
            caller.get(LIST, &query).await
        }
    };
    let first = page("create_time", vec![("page_size", "3".into())])
        .await
        .response();
    assert_eq!(first["more"], true);
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let second = page(
        "create_time",
        vec![("page_size", "3".into()), ("cursor", cursor)],
    )
    .await
    .response();
    assert_eq!(
        (&second["more"], &second["next_cursor"]),
        (&json!(false), &json!(""))
    );
    let listed: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["order_list"].as_array().unwrap())
        .map(|entry| entry["order_sn"].as_str().unwrap())
        .collect();
    assert_eq!(
        listed,
        sns.iter().rev().map(OrderSn::as_str).collect::<Vec<_>>()
    );
    assert!(first["order_list"][0].get("order_status").is_none());

    let paid = vec![
        ("page_size", "100".into()),
        ("order_status", "READY_TO_SHIP".into()),
        ("response_optional_fields", "order_status".into()),
    ];
    let paid = page("update_time", paid).await.response();
    assert_eq!(
        paid["order_list"],
        json!([{ "order_sn": sns[1], "order_status": "READY_TO_SHIP" }])
    );
    assert_eq!(
        page("create_time", vec![("page_size", "101".into())])
            .await
            .error(),
        "error_param"
    );
    let unfilterable = vec![
        ("page_size", "1".into()),
        ("order_status", "TO_RETURN".into()),
    ];
    assert_eq!(
        page("create_time", unfilterable).await.error(),
        "error_param"
    );
}

#[tokio::test]
async fn the_order_list_spans_fifteen_days_at_most() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    for (from, to, error) in [
        ("0", "1296000", ""),
        ("0", "1296001", "order.order_list_invalid_time"),
        ("5", "5", "order.order_list_invalid_time"),
    ] {
        let query = [
            ("time_range_field", "update_time"),
            ("time_from", from),
            ("time_to", to),
            ("page_size", "20"),
        ];
        assert_eq!(
            caller.get(LIST, &query).await.error(),
            error,
            "{from}..{to}"
        );
    }
}

/// One page of what changed, oldest change first: order numbers and the next cursor.
async fn changed(caller: &Caller, from: i64, to: i64, cursor: &str) -> (Vec<String>, String) {
    let (from, to) = (from.to_string(), to.to_string());
    let query = [
        ("time_range_field", "update_time"),
        ("time_from", from.as_str()),
        ("time_to", to.as_str()),
        ("page_size", "3"),
        ("cursor", cursor),
    ];
    let page = caller.get(LIST, &query).await.response();
    let list = page["order_list"].as_array().unwrap().iter();
    let sns = list.map(|entry| entry["order_sn"].as_str().unwrap().to_owned());
    (
        sns.collect(),
        page["next_cursor"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn an_order_that_changes_between_two_pages_is_met_twice_or_later_and_hides_no_other() {
    for changes in 0..6 {
        let emulator = emulator().await;
        let caller = Caller::of(&emulator);
        let (from, to) = (emulator.shop_time(), emulator.shop_time() + 86_400);
        let sns: Vec<_> = (0..6)
            .map(|_| {
                emulator.advance(Duration::from_mins(1));
                placed(&emulator)
            })
            .collect();
        let (mut seen, mut cursor) = changed(&caller, from, to, "").await;
        emulator.advance(Duration::from_mins(1));
        emulator.pay(&sns[changes]).unwrap();
        while !cursor.is_empty() {
            let (page, next) = changed(&caller, from, to, &cursor).await;
            seen.extend(page);
            cursor = next;
        }
        let times = |sn: &OrderSn| seen.iter().filter(|seen| *seen == sn.as_str()).count();
        for (index, sn) in sns.iter().enumerate() {
            let twice = index == changes && index < 3;
            assert_eq!(
                times(sn),
                1 + usize::from(twice),
                "{index} when {changes} changes"
            );
        }
        assert_eq!(
            seen.last().unwrap(),
            sns[changes].as_str(),
            "its change is the latest"
        );
    }
}

#[tokio::test]
async fn an_order_that_changes_out_of_the_window_hides_no_other() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let from = emulator.shop_time();
    let sns: Vec<_> = (0..6)
        .map(|_| {
            emulator.advance(Duration::from_mins(1));
            placed(&emulator)
        })
        .collect();
    let to = emulator.shop_time();
    let (first, cursor) = changed(&caller, from, to, "").await;
    emulator.advance(Duration::from_mins(1));
    emulator.pay(&sns[0]).unwrap();
    let (second, _) = changed(&caller, from, to, &cursor).await;
    let listed: Vec<_> = first.iter().chain(&second).map(String::as_str).collect();
    assert_eq!(listed, sns.iter().map(OrderSn::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_of_somebody_else_is_refused() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let query = [
        ("time_range_field", "update_time"),
        ("time_from", "0"),
        ("time_to", "100"),
        ("page_size", "3"),
        ("cursor", "what"),
    ];
    assert_eq!(caller.get(LIST, &query).await.error(), "error_param");
}
