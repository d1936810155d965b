//! What a batch says of several orders, in each of the ways in which it may.

use hawker_shopee::calls::payment::ESCROWS_PER_CALL_ADVISED;

use super::*;

fn numbers(fetched: &[FetchedEscrow]) -> BTreeSet<String> {
    let all = fetched.iter().map(|payout| payout.order_sn.to_string());
    let numbers: BTreeSet<String> = all.collect();
    assert_eq!(numbers.len(), fetched.len(), "an order was answered twice");
    numbers
}

fn is_batch(request: &Request) -> bool {
    request.url.path().ends_with("_batch")
}

/// The orders that a batch asks for.
fn orders_of(request: &Request) -> Vec<String> {
    let body: Value = serde_json::from_str(&request.body).expect("a body of JSON");
    serde_json::from_value(body["order_sn_list"].clone()).expect("a list of orders")
}

fn listed(entries: &[Value]) -> Answer {
    Answer::json(200, &json!({"error": "", "response": entries}))
}

fn entry(order_sn: &str) -> Value {
    json!({"escrow_detail": payout(order_sn, &json!({}))})
}

fn mark(order_sn: &str, code: &str) -> Value {
    json!({
        "escrow_detail": {"order_sn": order_sn, "return_order_sn_list": []},
        "fail_error": code, "fail_message": "The order info not found.",
    })
}

#[tokio::test]
async fn payouts_are_told_apart_by_their_number_and_extras_are_ignored() {
    let bench = Bench::new(|_| listed(&[entry("C3"), entry("Z9"), entry("A1"), entry("A1")]));
    let fetched = asked(&bench, &["A1", "B2", "C3", "A1"]).await.unwrap();
    assert_eq!(numbers(&fetched), ["A1", "C3"].map(str::to_owned).into());
    assert_eq!(orders_of(&bench.request()), ["A1", "B2", "C3"]);
}

#[tokio::test]
async fn no_more_are_asked_for_at_once_than_is_advised() {
    let bench = Bench::new(|request| {
        let orders = orders_of(request);
        assert!(orders.len() <= ESCROWS_PER_CALL_ADVISED);
        listed(&orders.iter().map(|order| entry(order)).collect::<Vec<_>>())
    });
    assert_eq!(bench.marketplace.payouts_per_call(), 20);
    let orders: Vec<String> = (0..45).map(|number| format!("A{number}")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    assert_eq!(asked(&bench, &orders).await.unwrap().len(), 45);
    assert_eq!(bench.server.requests().len(), 3);
}

#[tokio::test]
async fn a_payout_that_is_marked_as_not_there_yet_is_left_out() {
    for code in [
        "order_not_found",
        "income_not_found",
        "common.error_not_found",
    ] {
        let bench = Bench::new(move |_| listed(&[entry("A1"), mark("B2", code)]));
        let fetched = asked(&bench, &["A1", "B2"]).await.unwrap();
        assert_eq!(numbers(&fetched), ["A1".to_owned()].into(), "{code}");
        assert_eq!(bench.server.requests().len(), 1, "asked once");
    }
}

#[tokio::test]
async fn marks_by_themselves_are_understood_where_the_sample_has_them() {
    let marks = [mark("A1", "order_not_found"), mark("B2", "error_data")];
    let reply = json!({"error": "", "message": "", "escrow_detail_list": marks});
    let bench = Bench::new(move |_| Answer::json(200, &reply));
    let [fetched] = asked(&bench, &["A1", "B2"])
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(fetched.order_sn, sn("B2"));
    assert_eq!(
        fetched.answer.unwrap_err().to_string(),
        "the field `escrow_detail` of the marketplace's order is refused by the platform: \
         error_data: The order info not found."
    );
}

#[tokio::test]
async fn an_empty_list_says_that_there_are_none_and_no_list_says_nothing() {
    for reply in [
        json!({"error": "", "response": []}),
        json!({"error": "", "response": null}),
    ] {
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        assert!(asked(&bench, &[ORDER]).await.unwrap().is_empty());
    }
    let bench = Bench::new(|_| Answer::json(200, &json!({"error": "", "message": ""})));
    match asked(&bench, &[ORDER]).await.unwrap_err() {
        MarketplaceError::Malformed { endpoint, reason } => {
            assert_eq!(endpoint, "payment.get_escrow_detail_batch");
            assert_eq!(reason, "`response` is missing");
        }
        other => panic!("told as: {other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_order_that_spoils_a_batch_does_not_harm_the_others() {
    let bench = Bench::new(|request| {
        let orders = orders_of(request);
        if orders.iter().any(|order| order == "A7") {
            return Answer::new(200, refusal("common.error_not_found", "income not found"));
        }
        listed(&orders.iter().map(|order| entry(order)).collect::<Vec<_>>())
    });
    let orders: Vec<String> = (0..20).map(|number| format!("A{number}")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let fetched = asked(&bench, &orders).await.unwrap();
    let mut expected: BTreeSet<String> = orders.iter().map(|order| (*order).to_owned()).collect();
    expected.remove("A7");
    assert_eq!(numbers(&fetched), expected);
    let calls = bench.server.requests().len();
    assert!(calls <= 11, "{calls} calls: halved each time");
}

#[tokio::test]
async fn a_batch_of_unknown_orders_is_taken_apart_only_as_long_as_an_operation_may_take() {
    let policy = CallPolicy {
        budget: Duration::from_secs(2),
        ..CallPolicy::default()
    };
    let limits = RateLimits {
        shop: Rate::new(1, 1),
        app: Rate::new(50, 50),
    };
    let unknown = |_: &Request| Answer::new(200, refusal("common.error_not_found", "not found"));
    let bench = Bench::limited(policy, limits, unknown);
    let orders: Vec<String> = (0..20).map(|number| format!("A{number}")).collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let fetched = asked(&bench, &orders).await.unwrap();
    let calls = bench.server.requests().len();
    assert!(calls <= 3, "{calls} calls, a second apart");
    assert_eq!(fetched.len(), 20, "of none anything is known");
    assert_eq!(not_asked(&fetched).len(), 20);
}

#[tokio::test]
async fn one_payout_that_cannot_be_understood_does_not_harm_the_others() {
    let bench = Bench::new(|_| {
        let broken = json!({"escrow_detail": {"order_sn": "B2", "order_income": "?"}});
        listed(&[broken, entry("A1")])
    });
    let fetched = asked(&bench, &["A1", "B2"]).await.unwrap();
    let understood = |order: &str| {
        let payout = fetched.iter().find(|payout| payout.order_sn == sn(order));
        payout.expect("an answer").answer.is_ok()
    };
    assert!(understood("A1") && !understood("B2"));
}

#[tokio::test]
async fn payouts_without_a_number_are_asked_for_one_by_one() {
    for nameless in [
        json!({"escrow_detail": {"order_income": {"escrow_amount": 9}}}),
        json!({"escrow_detail": null}),
        json!(7),
    ] {
        let bench = Bench::new(move |request| {
            if is_batch(request) {
                return listed(&[entry("A1"), nameless.clone(), mark("C3", "order_not_found")]);
            }
            let order = request.query("order_sn");
            assert_eq!(order, "B2", "of the others something was said");
            Answer::json(200, &json!({"response": payout(&order, &json!({}))}))
        });
        let fetched = asked(&bench, &["A1", "B2", "C3"]).await.unwrap();
        assert_eq!(numbers(&fetched), ["A1", "B2"].map(str::to_owned).into());
        assert_eq!(bench.server.requests().len(), 2);
    }
}

/// An app that may not ask for batches.
fn one_by_one(
    mut answer: impl FnMut(&str) -> Answer + Send + 'static,
) -> impl FnMut(&Request) -> Answer + Send + 'static {
    move |request| {
        if is_batch(request) {
            return Answer::new(
                403,
                refusal("error_api_permission", "no permission to this API"),
            );
        }
        answer(&request.query("order_sn"))
    }
}

#[tokio::test]
async fn an_app_that_may_not_ask_for_batches_asks_one_by_one() {
    let bench = Bench::new(one_by_one(|order| match order {
        "A1" => Answer::json(200, &json!({"response": payout(order, &json!({}))})),
        "B2" => Answer::new(
            200,
            refusal("order_not_found", "Order SN provided is invalid"),
        ),
        "C3" => Answer::new(200, refusal("decoded_failed_error", "decoded failed")),
        _ => Answer::json(200, &json!({"response": payout("Z9", &json!({}))})),
    }));
    let fetched = asked(&bench, &["A1", "B2", "C3", "D4"]).await.unwrap();
    let told: Vec<_> = fetched
        .iter()
        .map(|payout| {
            let fault = match &payout.answer {
                Err(EscrowFault::Unreadable(complaint)) => Some(complaint.fault.as_str()),
                Err(EscrowFault::NotAsked) => Some("not asked"),
                Ok(_) => None,
            };
            (payout.order_sn.as_str(), fault)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("A1", None),
            (
                "C3",
                Some("refused by the platform: decoded_failed_error: decoded failed")
            ),
            ("D4", Some("not the order asked for: Z9")),
        ]
    );
}

#[tokio::test]
async fn what_stops_the_calls_one_by_one_is_told() {
    let bench = Bench::new(one_by_one(|_| {
        Answer::new(
            403,
            refusal("invalid_acceess_token", "Invalid access_token"),
        )
    }));
    let error = asked(&bench, &["A1", "B2"]).await.unwrap_err();
    assert!(
        matches!(error, MarketplaceError::TokenInvalid { .. }),
        "{error:?}"
    );
    assert_eq!(
        bench.server.requests().len(),
        2,
        "the second order was not asked for"
    );
}

/// Which of them were not asked for any more.
fn not_asked(fetched: &[FetchedEscrow]) -> Vec<&str> {
    let not_asked = fetched
        .iter()
        .filter(|payout| matches!(payout.answer, Err(EscrowFault::NotAsked)));
    not_asked.map(|payout| payout.order_sn.as_str()).collect()
}

#[tokio::test]
async fn what_was_told_before_a_failure_is_kept() {
    // The app may not ask for batches, and the third order meets the end of the day's calls.
    let bench = Bench::new(one_by_one(|order| match order {
        "A1" | "B2" => Answer::json(200, &json!({"response": payout(order, &json!({}))})),
        _ => Answer::new(403, refusal("error_api_permission", "no permission")),
    }));
    let fetched = asked(&bench, &["A1", "B2", "C3", "D4"]).await.unwrap();
    assert_eq!(fetched.iter().filter(|one| one.answer.is_ok()).count(), 2);
    assert_eq!(not_asked(&fetched), ["C3", "D4"]);
    assert_eq!(
        bench.server.requests().len(),
        4,
        "the fourth was not asked for"
    );

    // The same where one order is told apart from its batch by halving it.
    let bench = Bench::new(|request| {
        let orders = orders_of(request);
        match orders.len() {
            4 => Answer::new(200, refusal("common.error_not_found", "income not found")),
            _ if orders.contains(&"A1".to_owned()) => Answer::new(403, refusal("x", "y")),
            _ => listed(&orders.iter().map(|order| entry(order)).collect::<Vec<_>>()),
        }
    });
    let fetched = asked(&bench, &["A1", "B2", "C3", "D4"]).await.unwrap();
    assert_eq!(not_asked(&fetched), ["A1", "B2"]);
}

#[tokio::test]
async fn a_time_out_takes_nothing_with_it_that_was_told_before() {
    let policy = CallPolicy {
        budget: Duration::from_secs(1),
        retries: 0,
        ..CallPolicy::default()
    };
    let hangs = one_by_one(|order| match order {
        "A1" => Answer::json(200, &json!({"response": payout(order, &json!({}))})),
        _ => Answer::Silence,
    });
    let bench = Bench::with(policy, hangs);
    let fetched = asked(&bench, &["A1", "B2", "C3"]).await.unwrap();
    assert!(fetched[0].answer.is_ok());
    assert_eq!(not_asked(&fetched), ["B2", "C3"]);
}

#[tokio::test]
async fn a_batch_that_says_nothing_of_adjustments_is_taken_as_it_is() {
    let bench = Bench::new(|request| {
        let told = json!({"total_adjustment_amount": -3.5});
        if is_batch(request) {
            let silent = json!({"total_adjustment_amount": null});
            return listed(&[json!({"escrow_detail": payout("A1", &silent)})]);
        }
        Answer::json(200, &json!({"response": payout("A1", &told)}))
    });
    let [fetched] = asked(&bench, &["A1"]).await.unwrap().try_into().unwrap();
    assert!(!fetched.answer.unwrap().income.tells_of_adjustments());
    assert_eq!(bench.server.requests().len(), 1);

    let access = bench.access();
    let alone = bench.marketplace.escrow_detail(&access, &sn("A1")).await;
    let alone = alone.unwrap().expect("a payout").answer.unwrap();
    assert_eq!(alone.income.adjusted(), amount("-3.5"));
}

#[tokio::test]
async fn a_payout_alone_that_is_not_there_yet_is_none() {
    let bench = Bench::new(|_| Answer::new(200, refusal("order_not_found", "is invalid")));
    let access = bench.access();
    let alone = bench.marketplace.escrow_detail(&access, &sn("A1")).await;
    assert!(alone.unwrap().is_none());
}
