//! Scripted failures.

use std::time::{Duration, Instant};

use hawker_shopee_emulator::{Endpoint, Fault};
use serde_json::Value;

use crate::client::{Caller, emulator};
use crate::goods::placed;

const DETAIL: &str = "/api/v2/order/get_order_detail";
const INFO: &str = "/api/v2/shop/get_shop_info";

#[tokio::test]
async fn faults_happen_as_often_as_they_were_scripted() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = placed(&emulator);
    let asked = [("order_sn_list", sn.as_str())];
    let fail = |fault| emulator.fail_next(Endpoint::OrderDetail, fault, 1);

    emulator.fail_next(Endpoint::OrderDetail, Fault::Inner, 2);
    for _ in 0..2 {
        assert_eq!(caller.get(DETAIL, &asked).await.error(), "error_inner");
    }
    assert_eq!(caller.get(DETAIL, &asked).await.error(), "");

    fail(Fault::status(502, "<html>bad gateway</html>"));
    assert_eq!(caller.get(DETAIL, &asked).await.status, 502);
    fail(Fault::EdgeForbidden);
    let edge = caller.get(DETAIL, &asked).await;
    assert_eq!((edge.status, edge.text.starts_with("<html>")), (403, true));
    fail(Fault::RateLimited {
        retry_after: Some(2),
    });
    let limited = caller.get(DETAIL, &asked).await;
    assert_eq!(
        (limited.status, limited.error()),
        (429, "error_rate_limit".to_owned())
    );
    for fault in [Fault::TruncatedJson, Fault::Garbage] {
        fail(fault.clone());
        let answer = caller.try_get(DETAIL, &asked).await;
        let text = answer.map(|answer| answer.text).unwrap_or_default();
        assert!(
            serde_json::from_str::<Value>(&text).is_err(),
            "{fault:?}: {text}"
        );
    }
    for fault in [
        Fault::Drop,
        Fault::LostReply,
        Fault::hang(Duration::from_millis(20)),
    ] {
        fail(fault.clone());
        assert!(caller.try_get(DETAIL, &asked).await.is_err(), "{fault:?}");
    }
    assert_eq!(caller.get(DETAIL, &asked).await.error(), "");
    assert_eq!(emulator.stats().api.faults[&Endpoint::OrderDetail], 10);
}

#[tokio::test]
async fn a_lost_reply_was_done_and_a_dropped_call_was_not() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = placed(&emulator);
    let asked = [("order_sn_list", sn.as_str())];
    emulator.fail_next(Endpoint::OrderDetail, Fault::Drop, 1);
    caller.try_get(DETAIL, &asked).await.unwrap_err();
    assert_eq!(emulator.stats().api.details_of(&sn), 0);
    emulator.fail_next(Endpoint::OrderDetail, Fault::LostReply, 1);
    caller.try_get(DETAIL, &asked).await.unwrap_err();
    assert_eq!(emulator.stats().api.details_of(&sn), 1);
}

#[tokio::test]
async fn a_hanging_call_does_not_keep_the_emulator_from_stopping() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.fail_next(Endpoint::ShopInfo, Fault::hang(Duration::from_hours(1)), 1);
    let controls = emulator.controls();
    let (answer, ()) = tokio::join!(caller.try_get(INFO, &[]), async {
        let asked = Instant::now();
        while controls.stats().api.calls_to(Endpoint::ShopInfo) == 0 {
            assert!(
                asked.elapsed() < Duration::from_secs(30),
                "the call never came"
            );
            tokio::task::yield_now().await;
        }
        emulator.shutdown().await;
    });
    answer.unwrap_err();
}
