//! The signature lab: what a push was signed with, shown without any secret, and released once the
//! key is right.

use hawker_ports::views::OrderDetail;
use hawker_shopee_emulator::{NewOrder, PartnerApp};
use hawker_tests::{ACCESS_TOKEN, Bench, Ended, JWT_SECRET, cards, run};
use serde_json::Value;

use crate::client::Client;

const PROFILE: &str = "prof_sandbox";
const WRONG: [&str; 2] = [
    "a-push-key-with-a-typing-error-1",
    "a-push-key-with-a-typing-error-2",
];

async fn save_push_key(client: &Client, key: &str) {
    let edit = client.call("editProfile").with("id", PROFILE);
    edit.with("push_partner_key", key).ok().await;
}

/// An order whose push has come, and its event.
async fn pushed(bench: &Bench) -> (String, String) {
    let placed = NewOrder::of([cards(1)]).paid_at_once();
    let number = bench.emulator.place(placed).expect("an order");
    bench.settled().await;
    let event = bench.newest_event().await;
    (number.as_str().to_owned(), event.summary.id)
}

async fn by_command(bench: &Bench, arguments: &[&str]) -> Ended {
    let settings = bench.settings.clone().without("RUST_LOG");
    let ended = run(&settings, arguments).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:#?}");
    ended
}

fn assert_without_secrets(text: &str) {
    let app = PartnerApp::default();
    let keys = [&*app.partner_key, &*app.push_key, WRONG[0], WRONG[1]];
    for secret in keys.into_iter().chain([ACCESS_TOKEN, JWT_SECRET]) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

fn candidates(report: &Value) -> &[Value] {
    report["candidates"].as_array().expect("candidates")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_by_an_unknown_key_shows_what_was_tried_and_is_released_by_the_right_key() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    // The key before a change counts as well, so that it takes two mistakes.
    for key in WRONG {
        save_push_key(&client, key).await;
    }
    let (number, event) = pushed(&bench).await;
    let examine = async || {
        client
            .call("examineSignature")
            .with("id", &*event)
            .ok()
            .await
    };
    let report = examine().await;
    assert_eq!(report["signature_ok"], false);
    assert_eq!(report["verifies_now"], false);
    assert_eq!(report["header"], "plain");
    let tried = candidates(&report);
    for key in ["push", "previous_push", "partner"] {
        for scheme in ["url_body", "body_only"] {
            let is_it = |of: &&Value| of["key"] == key && of["scheme"] == scheme;
            let candidate = tried.iter().find(is_it);
            let candidate = candidate.unwrap_or_else(|| panic!("{key}, {scheme}: {report:#}"));
            assert_eq!(candidate["matches"], false);
            let is_over_url = candidate["url"].is_string();
            assert_eq!(is_over_url, scheme == "url_body", "{candidate}");
            let fingerprint = candidate["key_fingerprint"].as_str().unwrap();
            assert!(fingerprint.contains("·len"), "{fingerprint}");
        }
    }
    assert!(tried.iter().all(|candidate| candidate["matches"] == false));
    assert!(!report["hints"].as_array().unwrap().is_empty());
    assert_without_secrets(&report.to_string());

    let shown = by_command(&bench, &["events", "signature", &event]).await;
    assert!(shown.stdout.contains("does not match"), "{shown:?}");
    let told = by_command(&bench, &["events", "signature", &event, "--json"]).await;
    assert_eq!(candidates(&told.json()).len(), tried.len());
    for ended in [shown, told] {
        for candidate in tried {
            let fingerprint = candidate["key_fingerprint"].as_str().unwrap();
            assert!(ended.stdout.contains(fingerprint), "{ended:?}");
        }
        assert_without_secrets(&ended.stdout);
    }

    save_push_key(&client, &PartnerApp::default().push_key).await;
    let corrected = examine().await;
    assert_eq!(corrected["verifies_now"], true, "{corrected:#}");
    client.call("verifyAgain").ok().await;
    let released = examine().await;
    assert_eq!(released["signature_ok"], true);
    assert_eq!(released["signature_key"], "push");
    let arrived = |order: &OrderDetail| order.summary.order_id.is_some();
    bench.until_order(&number, arrived).await;
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_signed_before_a_rotation_verifies_and_it_is_said_with_which_key() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    save_push_key(&client, "the-push-key-after-the-rotation").await;
    let (number, event) = pushed(&bench).await;
    let report = client
        .call("examineSignature")
        .with("id", &*event)
        .ok()
        .await;
    assert_eq!(report["signature_ok"], true);
    assert_eq!(report["signature_key"], "previous_push");
    let matching: Vec<_> = candidates(&report)
        .iter()
        .filter(|candidate| candidate["matches"] == true)
        .collect();
    assert_eq!(matching.len(), 1, "{report:#}");
    assert_eq!(matching[0]["key"], "previous_push");
    let hints = report["hints"].to_string();
    assert!(hints.contains("previous push key"), "{hints}");
    let shown = by_command(&bench, &["events", "signature", &event]).await;
    assert!(shown.stdout.contains("previous push key"), "{shown:?}");
    let arrived = |order: &OrderDetail| order.summary.order_id.is_some();
    bench.until_order(&number, arrived).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_by_a_wrong_key_is_released_by_the_command() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    for key in WRONG {
        save_push_key(&client, key).await;
    }
    let (number, event) = pushed(&bench).await;
    by_command(&bench, &["events", "verify-again"]).await;
    assert_eq!(bench.event(&event).await.summary.signature_ok, Some(false));
    save_push_key(&client, &PartnerApp::default().push_key).await;
    let said = by_command(&bench, &["events", "verify-again"]).await;
    assert!(said.stdout.contains("Judged again"), "{said:?}");
    assert_eq!(bench.event(&event).await.summary.signature_ok, Some(true));
    let arrived = |order: &OrderDetail| order.summary.order_id.is_some();
    bench.until_order(&number, arrived).await;
    bench.agrees().await;
}
