//! Jobs over HTTP: a run that is asked for finds what no push told of.

use hawker_shopee_emulator::{NewOrder, PushPolicy};
use hawker_tests::{Bench, PROFILE, cards, until};
use serde_json::{Value, json};

use crate::client::Client;

/// Asks for a run and waits until it is over.
async fn run(client: &Client, job: &str) -> Value {
    let asked = client.call("runJob").with("job", job).ok().await;
    let id = asked["run_id"].as_str().expect("a run");
    let looked = async || client.call("showJobRun").with("id", id).ok().await;
    until(
        &format!("a run of {job} to be over"),
        async || Some(looked().await).filter(|run| run["finished_at"].is_string()),
        async || format!("{:#}", looked().await),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_run_that_is_asked_for_finds_what_no_push_told_of() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    bench.emulator.set_push_policy(PushPolicy {
        drop: 1.0,
        dropped_are_lost: false,
        ..PushPolicy::default()
    });
    let order = NewOrder::of([cards(1)]).paid_at_once();
    let sn = bench.emulator.place(order).expect("an order");
    bench.settled().await;
    assert!(bench.order(sn.as_str()).await.is_none());

    let done = run(&client, "reconcile-daily").await;
    assert_eq!(
        (&done["state"], &done["profile_id"], &done["trigger"]),
        (&json!("done"), &json!(PROFILE), &json!("manual")),
        "{done:#}"
    );
    assert_eq!(done["counts"]["missing"], 1, "{done:#}");
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;

    run(&client, "reconcile-daily").await;
    let shown = client.call("showCompleteness").ok().await;
    assert_eq!(
        (&shown["missing"], &shown["unlisted"]),
        (&json!(0), &json!(0))
    );
    let days = shown["days"].as_array().expect("days");
    let sum = |name: &str| -> i64 { days.iter().filter_map(|day| day[name].as_i64()).sum() };
    assert_eq!(
        (sum("listed"), sum("held"), sum("by_reconcile")),
        (1, 1, 1),
        "{shown:#}"
    );
    let jobs = client.call("listJobs").ok().await;
    let jobs = jobs["items"].as_array().expect("jobs");
    let reconcile = jobs.iter().find(|job| job["job"] == "reconcile-daily");
    let scope = &reconcile.expect("the job")["scopes"][0];
    assert_eq!(scope["profile_id"], PROFILE);
    assert_eq!(scope["last_run"]["state"], "done", "{scope:#}");
}
