//! Lists of returns: their deadlines as their status says which one counts, and whole or none.

use hawker_domain::order::ReturnStatus;
use hawker_ports::MarketplaceError;
use hawker_ports::returns::{OpenReturn, ReturnLister, ReturnPage};
use serde_json::{Value, json};

use super::lists::window;
use super::*;

fn entry(status: &str) -> Value {
    json!({
        "return_sn": "R1", "order_sn": "A1", "status": status,
        "due_date": 1_655_100_000, "return_seller_due_date": 1_655_200_000,
    })
}

async fn listed(response: Value) -> Result<ReturnPage, MarketplaceError> {
    let bench = Bench::new(move |_| Answer::json(200, &json!({"error": "", "response": response})));
    let access = bench.access();
    bench.marketplace.list_returns(&access, window(), 1).await
}

#[tokio::test]
async fn returns_are_asked_for_by_their_last_change_and_in_pages_from_zero() {
    let bench =
        Bench::new(|_| Answer::json(200, &json!({"response": {"return": [], "more": false}})));
    bench
        .marketplace
        .list_returns(&bench.access(), window(), 3)
        .await
        .unwrap();
    let request = bench.request();
    for (name, value) in [
        ("page_no", "2"),
        ("page_size", "100"),
        ("update_time_from", "1655000000"),
        ("update_time_to", "1655086399"),
    ] {
        assert_eq!(request.query(name), value, "{name}");
    }
}

#[tokio::test]
async fn the_status_says_which_deadline_counts() {
    for (status, due) in [
        ("REQUESTED", Some(1_655_100_000)),
        ("PROCESSING", Some(1_655_200_000)),
        ("ACCEPTED", Some(1_655_200_000)),
        ("JUDGING", None),
        ("SELLER_DISPUTE", None),
        ("CANCELLED", None),
        ("CLOSED", None),
        ("NOT_KNOWN_YET", Some(1_655_100_000)),
    ] {
        let page = listed(json!({"return": [entry(status)], "more": true})).await;
        let expected = OpenReturn {
            return_sn: "R1".into(),
            order_sn: sn("A1"),
            status: ReturnStatus::from_text(status),
            needs_seller: due.is_some(),
            due_at: due.map(at),
        };
        let expected = ReturnPage {
            returns: vec![expected],
            has_more: true,
        };
        assert_eq!(page.unwrap(), expected, "{status}");
    }
}

#[tokio::test]
async fn a_deadline_that_is_not_told_is_none() {
    for (status, needs_seller) in [("REQUESTED", true), ("PROCESSING", false)] {
        let mut entry = entry(status);
        entry["due_date"] = json!(0);
        entry["return_seller_due_date"] = Value::Null;
        let page = listed(json!({"return": [entry], "more": false})).await;
        let [only] = page.unwrap().returns.try_into().expect("one return");
        assert_eq!((only.due_at, only.needs_seller), (None, needs_seller));
    }
}

#[tokio::test]
async fn a_page_of_returns_that_is_not_whole_is_none() {
    let without = |member: &str| {
        let mut entry = entry("REQUESTED");
        entry[member] = Value::Null;
        json!({"return": [entry], "more": false})
    };
    for (response, reason) in [
        (without("return_sn"), "`return[].return_sn` is missing"),
        (without("order_sn"), "`return[].order_sn` is missing"),
        (without("status"), "`return[].status` is missing"),
        (json!({"more": false}), "`return` is missing"),
        (
            json!({"return": [], "more": true}),
            "page 1 of the list of returns is empty, and it goes on",
        ),
    ] {
        match listed(response).await.unwrap_err() {
            MarketplaceError::Malformed { reason: told, .. } => assert_eq!(told, reason),
            other => panic!("told as: {other:?}"),
        }
    }
}
