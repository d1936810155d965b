//! Lists of released payouts: exact, within one window, and whole or none.

use std::collections::VecDeque;

use hawker_ports::MarketplaceError;
use hawker_ports::recovery::{Release, ReleaseLister, ReleasePage};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::lists::window;
use super::*;

/// The pages of a list, one after the other.
fn pages(replies: impl IntoIterator<Item = Value>) -> Bench {
    let mut replies: VecDeque<Value> = replies.into_iter().collect();
    Bench::new(move |_| {
        let response = replies.pop_front().expect("no further page was asked for");
        Answer::json(200, &json!({"error": "", "response": response}))
    })
}

fn release(order_sn: &str, time: i64) -> Value {
    json!({"order_sn": order_sn, "payout_amount": 5733.04, "escrow_release_time": time})
}

#[tokio::test]
async fn releases_are_read_page_by_page_and_exactly() {
    let bench = pages([
        json!({"escrow_list": [release("A1", 1_655_000_000)], "more": true}),
        json!({"escrow_list": [{"order_sn": "B2", "escrow_release_time": "1655000001"}], "more": false}),
    ]);
    let access = bench.access();
    let first = bench
        .marketplace
        .list_releases(&access, window(), 1)
        .await
        .unwrap();
    let released = |number, payout, time| Release {
        order_sn: sn(number),
        payout,
        released_at: at(time),
    };
    assert_eq!(
        first,
        ReleasePage {
            releases: vec![released(
                "A1",
                Some(Decimal::new(573_304, 2)),
                1_655_000_000
            )],
            has_more: true,
        }
    );
    let second = bench
        .marketplace
        .list_releases(&access, window(), 2)
        .await
        .unwrap();
    assert_eq!(
        second,
        ReleasePage {
            releases: vec![released("B2", None, 1_655_000_001)],
            has_more: false,
        }
    );
    let [one, two] = bench.server.requests().try_into().expect("two requests");
    assert_eq!(
        (one.query("page_no"), two.query("page_no")),
        ("1".into(), "2".into())
    );
    for (name, value) in [
        ("release_time_from", "1655000000"),
        ("release_time_to", "1655086400"),
        ("page_size", "100"),
    ] {
        assert_eq!(one.query(name), value, "{name}");
    }
}

#[tokio::test]
async fn a_release_belongs_to_one_window_only() {
    let bench = pages([json!({
        "escrow_list": [
            release("A1", 1_654_999_999), release("B2", 1_655_000_000),
            release("C3", 1_655_086_399), release("D4", 1_655_086_400),
        ],
        "more": true,
    })]);
    let page = bench
        .marketplace
        .list_releases(&bench.access(), window(), 1)
        .await
        .unwrap();
    let numbers: Vec<_> = page
        .releases
        .iter()
        .map(|release| release.order_sn.as_str())
        .collect();
    assert_eq!(numbers, ["B2", "C3"]);
    assert!(page.has_more, "whatever of it belongs to the window");
}

#[tokio::test]
async fn a_window_in_which_nothing_was_released_is_empty() {
    let bench = Bench::new(|_| Answer::new(200, refusal("income_not_found", "not found.")));
    let page = bench
        .marketplace
        .list_releases(&bench.access(), window(), 1)
        .await
        .unwrap();
    assert_eq!(page, ReleasePage::default());
}

#[tokio::test]
async fn a_page_of_releases_that_is_not_whole_is_none() {
    for (response, reason) in [
        (json!({"more": false}), "`escrow_list` is missing"),
        (
            json!({"escrow_list": [{"escrow_release_time": 1_655_000_000}]}),
            "`escrow_list[].order_sn` is missing",
        ),
        (
            json!({"escrow_list": [{"order_sn": "A1", "escrow_release_time": 0}]}),
            "`escrow_list[].escrow_release_time` is missing",
        ),
        (
            json!({"escrow_list": [], "more": true}),
            "page 1 of the list of releases is empty, and it goes on",
        ),
    ] {
        let bench = pages([response]);
        let page = bench
            .marketplace
            .list_releases(&bench.access(), window(), 1)
            .await;
        match page.unwrap_err() {
            MarketplaceError::Malformed { reason: told, .. } => assert_eq!(told, reason),
            other => panic!("told as: {other:?}"),
        }
    }
}
