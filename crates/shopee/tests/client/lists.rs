//! Lists of orders: asked for in exact windows, and whole or none.

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::order::OrderStatus;
use hawker_ports::MarketplaceError;
use hawker_ports::recovery::{ListedBy, ListedOrder, OrderListPage, OrderListQuery, OrderLister};
use serde_json::{Value, json};

use super::*;

pub fn window() -> Window {
    Window {
        from: at(1_655_000_000),
        to: at(1_655_086_400),
    }
}

fn updated() -> OrderListQuery {
    OrderListQuery {
        by: ListedBy::Updated,
        window: window(),
        after: None,
    }
}

async fn listed(response: Value, query: &OrderListQuery) -> Result<OrderListPage, String> {
    let bench = Bench::new(move |_| Answer::json(200, &json!({"error": "", "response": response})));
    let page = bench.marketplace.list_orders(&bench.access(), query).await;
    page.map_err(|error| match error {
        MarketplaceError::Malformed { endpoint, reason } => {
            assert_eq!(endpoint, "order.get_order_list");
            reason
        }
        other => panic!("told as: {other:?}"),
    })
}

#[tokio::test]
async fn a_list_of_orders_is_asked_for_with_its_statuses_and_a_page_of_a_hundred() {
    for (by, field) in [
        (ListedBy::Created, "create_time"),
        (ListedBy::Updated, "update_time"),
    ] {
        let bench = Bench::new(|_| {
            Answer::json(200, &json!({"response": {"order_list": [], "more": false}}))
        });
        let query = OrderListQuery {
            by,
            after: Some("c 2".into()),
            ..updated()
        };
        bench
            .marketplace
            .list_orders(&bench.access(), &query)
            .await
            .unwrap();
        let request = bench.request();
        for (name, value) in [
            ("time_range_field", field),
            ("time_from", "1655000000"),
            ("time_to", "1655086399"),
            ("page_size", "100"),
            ("cursor", "c 2"),
            ("response_optional_fields", "order_status"),
            ("order_status", ""),
            ("shop_id", "14701711"),
        ] {
            assert_eq!(request.query(name), value, "{name}");
        }
        assert_eq!(bench.marketplace.window_longest(), TimeDelta::days(15));
    }
}

#[tokio::test]
async fn windows_that_follow_each_other_share_no_second_and_leave_none_out() {
    let half = TimeDelta::milliseconds(500);
    let seam = window().to + half;
    let asked = |window: Window| async move {
        let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"order_list": null}})));
        let query = OrderListQuery {
            window,
            ..updated()
        };
        bench
            .marketplace
            .list_orders(&bench.access(), &query)
            .await
            .unwrap();
        let request = bench.request();
        (request.query("time_from"), request.query("time_to"))
    };
    let first = asked(Window {
        to: seam,
        ..window()
    })
    .await;
    let second = asked(Window {
        from: seam,
        to: seam + TimeDelta::hours(1),
    })
    .await;
    assert_eq!(first.1, "1655086400");
    assert_eq!(second.0, "1655086401");
    let nothing = asked(Window {
        from: seam,
        to: seam,
    })
    .await;
    assert_eq!(
        nothing,
        ("1655086401".into(), "1655086402".into()),
        "the platform wants a length"
    );
}

#[tokio::test]
async fn the_orders_of_a_page_come_with_the_statuses_that_were_told() {
    let response = json!({
        "more": true, "next_cursor": "20", "order_list": [
            {"order_sn": "A1", "order_status": "SHIPPED", "booking_sn": ""},
            {"order_sn": "B2"},
            {"order_sn": "C3", "order_status": "A_STATUS_OF_TOMORROW"},
        ],
    });
    let order = |number, status| ListedOrder {
        order_sn: sn(number),
        status,
    };
    assert_eq!(
        listed(response, &updated()).await.unwrap(),
        OrderListPage {
            orders: vec![
                order("A1", Some(OrderStatus::Shipped)),
                order("B2", None),
                order(
                    "C3",
                    Some(OrderStatus::Other("A_STATUS_OF_TOMORROW".into()))
                ),
            ],
            next: Some("20".into()),
        }
    );
}

#[tokio::test]
async fn a_list_ends_where_it_says_so() {
    for response in [
        json!({"order_list": [], "more": false, "next_cursor": ""}),
        json!({"order_list": [], "more": false, "next_cursor": "20"}),
        json!({"order_list": null}),
    ] {
        assert_eq!(listed(response, &updated()).await.unwrap().next, None);
    }
    let response = json!({"order_list": [], "next_cursor": "20"});
    let page = listed(response, &updated()).await.unwrap();
    assert_eq!(
        page.next.as_deref(),
        Some("20"),
        "where it does not say that it ends"
    );
}

#[tokio::test]
async fn a_page_of_orders_that_is_not_whole_is_none() {
    let after = OrderListQuery {
        after: Some("20".into()),
        ..updated()
    };
    for (response, query, reason) in [
        (
            json!({"more": false}),
            &updated(),
            "`order_list` is missing",
        ),
        (
            json!({"order_list": [{"order_status": "SHIPPED"}]}),
            &updated(),
            "`order_list[].order_sn` is missing",
        ),
        (
            json!({"order_list": [{"order_sn": "A 1"}]}),
            &updated(),
            "`order_list[].order_sn` is not an order number: A 1",
        ),
        (
            json!({"order_list": [{"order_sn": "A1"}], "more": true}),
            &updated(),
            "`next_cursor` is missing",
        ),
        (
            json!({"order_list": [{"order_sn": "A1"}], "more": true, "next_cursor": "20"}),
            &after,
            "`next_cursor` is not another page: 20",
        ),
    ] {
        assert_eq!(listed(response, query).await.unwrap_err(), reason);
    }
}

#[tokio::test]
async fn a_window_that_the_platform_refuses_is_told() {
    let bench = Bench::new(|_| {
        Answer::new(
            200,
            refusal("order.order_list_invalid_time", "diff in 15days."),
        )
    });
    let page = bench
        .marketplace
        .list_orders(&bench.access(), &updated())
        .await;
    assert!(matches!(
        page.unwrap_err(),
        MarketplaceError::Refused { .. }
    ));
}
