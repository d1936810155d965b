//! Lost pushes: fetched for each app, kept before they are confirmed, each of them once.

use std::time::Duration;

use hawker_domain::schedule::JobName;
use hawker_ports::progress::NoProgress;
use hawker_shopee_emulator::{
    EmulatorConfig, Endpoint, Fault, MessageIds, NewOrder, OrderSn, PartnerApp, Shop,
};
use hawker_tests::{Bench, CARD, Listener, PROFILE, ServiceProcess, cards, push_of, until};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::client::Client;
use crate::past::{adapters, asked, count, lived, none_arrives, ran, run_of, served, standing};

const EVERY_MINUTE: &str = "* * * * *";

const HOUR: Duration = Duration::from_hours(1);

const BY_POLL: &str = "SELECT count(*) FROM tenant_default.connector_event WHERE source = 'poll'";

/// The push that tells of an order, as another delivery of it.
fn again(bench: &Bench, sn: &OrderSn, message: &str) -> String {
    let order = bench.emulator.order(sn).expect("the order");
    let push = push_of(&order, bench.emulator.shop_time() + 60);
    let mut push: Value = serde_json::from_str(&push).expect("JSON");
    push["msg_id"] = json!(message);
    push.to_string()
}

fn in_queue(bench: &Bench) -> usize {
    bench.emulator.stats().pushes.in_lost_queue
}

#[tokio::test(flavor = "multi_thread")]
async fn six_hours_of_lost_pushes_are_back_after_one_run_and_nothing_is_there_twice() {
    let bench = served(standing(HOUR * 8)).await;
    let shop = &bench.emulator;
    shop.set_push_policy(none_arrives(true));
    let mut orders = Vec::new();
    for _ in 0..6 {
        for stage in 0..5 {
            orders.push(lived(&bench, NewOrder::of([cards(1)]), stage));
        }
        shop.advance(HOUR);
    }
    // One of them comes after all, under another message id than the one that is kept.
    let body = again(&bench, &orders[1], "of-another-delivery");
    assert!(bench.post_signed(&body).await.counts());
    bench.settled().await;
    let lost = i64::try_from(in_queue(&bench)).unwrap();
    assert!(lost > 60, "{:?}", shop.stats().pushes);

    let run = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(run.state, "done", "{run:#?}");
    let counted = ["apps", "fetched", "confirmed", "duplicates", "stored"];
    assert_eq!(
        counted.map(|of| count(&run, of)),
        [1, lost, lost, 1, lost - 1],
        "{run:#?}"
    );
    assert_eq!(in_queue(&bench), 0);
    bench.agrees().await;
    assert_eq!(bench.count(BY_POLL).await, lost - 1);
    // Nobody signs what is asked for: it counts all the same.
    let idle = "SELECT count(*) FROM shopee_raw_event
                WHERE source = 'poll' AND (signature_ok IS NOT NULL OR NOT processed)";
    assert_eq!(bench.count(idle).await, 0);
    for (sn, road) in [(&orders[1], "webhook"), (&orders[29], "poll")] {
        let order = bench.known_order(sn.as_str()).await;
        assert_eq!(order.summary.first_source.as_deref(), Some(road));
    }

    // And some come late, when they were recovered long ago.
    let rows = bench.count("SELECT count(*) FROM shopee_raw_event").await;
    for sn in &orders[5..9] {
        let late = again(&bench, sn, &format!("late-{sn}"));
        assert!(bench.post_signed(&late).await.counts());
    }
    assert_eq!(
        bench.count("SELECT count(*) FROM shopee_raw_event").await,
        rows
    );
    let nothing = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(count(&nothing, "fetched"), 0, "{nothing:#?}");
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_fifty_lost_messages_without_an_id_drain_in_three_calls() {
    let bench = served(standing(HOUR)).await;
    let shop = &bench.emulator;
    shop.set_message_ids(MessageIds::Absent);
    shop.set_push_policy(none_arrives(true));
    for _ in 0..250 {
        lived(&bench, NewOrder::of([cards(1)]), 0);
    }
    assert_eq!(in_queue(&bench), 250);
    let run = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(
        ["pages", "stored", "confirmed"].map(|of| count(&run, of)),
        [3, 250, 250],
        "{run:#?}"
    );
    let calls = shop.stats().api;
    assert_eq!(calls.calls_to(Endpoint::LostPushes), 3);
    assert_eq!(calls.calls_to(Endpoint::ConfirmLostPushes), 3);
    assert_eq!(in_queue(&bench), 0);
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_that_the_database_refuses_is_kept_as_far_as_it_can_be_and_blocks_nothing() {
    let bench = served(standing(HOUR)).await;
    bench.emulator.set_push_policy(none_arrives(true));
    let place = |_| lived(&bench, NewOrder::of([cards(1)]), 0);
    let [refused, unheard_of, taken] = [0, 1, 2].map(place);
    // The first as what it is, the second in its bytes as well.
    let rule = format!(
        "ALTER TABLE tenant_default.connector_event ADD CONSTRAINT none_of_these CHECK (
             order_sn IS DISTINCT FROM '{refused}'
             AND position(convert_to('{unheard_of}', 'UTF8') IN body) = 0
         ) NOT VALID"
    );
    let ruled = sqlx::query(AssertSqlSafe(rule)).execute(bench.store.pool());
    ruled.await.unwrap();
    let run = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(
        ["stored", "unread", "confirmed"].map(|of| count(&run, of)),
        [3, 2, 3],
        "{run:#?}"
    );
    assert_eq!(in_queue(&bench), 0);
    bench.settled().await;
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT convert_from(body, 'UTF8') FROM tenant_default.connector_event
         WHERE source = 'poll' AND NOT processed ORDER BY id",
    )
    .fetch_all(bench.store.pool())
    .await
    .unwrap();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[0].contains(refused.as_str()), "{bodies:?}");
    assert!(bodies[1].contains(" bytes that were not kept, digest "));
    assert_eq!(bench.open_classes().await, ["normalization_failed"]);
    assert!(bench.order(taken.as_str()).await.is_some());
}

/// A shop whose pushes get lost, with an order in each stage of life, and no service yet.
async fn with_lost_pushes() -> (Bench, i64) {
    let bench = Bench::of(standing(HOUR)).await;
    bench.add_card(CARD, 1_000).await;
    bench.emulator.set_push_policy(none_arrives(true));
    bench.emulator.resume_pushes();
    for stage in 0..5 {
        lived(&bench, NewOrder::of([cards(1)]), stage);
    }
    let lost = i64::try_from(in_queue(&bench)).expect("few");
    assert!(lost > 5);
    (bench, lost)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_between_keeping_and_confirming_loses_and_doubles_nothing() {
    let (mut bench, lost) = with_lost_pushes().await;
    let shop = &bench.emulator;
    shop.fail_next(Endpoint::ConfirmLostPushes, Fault::hang(HOUR), 1);
    bench.settings = bench
        .settings
        .clone()
        .with("HAWKER_LOST_PUSH_SCHEDULE", EVERY_MINUTE);
    // A slot that was missed is run at once.
    let killed = ServiceProcess::start(&bench.settings).await.unwrap();
    until(
        "everything to be kept and the confirmation to be on its way",
        async || (shop.stats().api.calls_to(Endpoint::ConfirmLostPushes) == 1).then_some(()),
        async || killed.logged().join("\n"),
    )
    .await;
    assert_eq!(bench.count(BY_POLL).await, lost, "kept before confirmed");
    killed.kill().await.unwrap();
    assert_eq!(i64::try_from(in_queue(&bench)).unwrap(), lost);

    // The time that the killed process's claims last is passed for them.
    for statement in [
        "UPDATE schedule_run SET lease_until = now() WHERE state = 'running'",
        "UPDATE tenant_default.connector_order SET lease_until = now() WHERE lease IS NOT NULL",
    ] {
        bench.execute(statement).await;
    }
    let next = ServiceProcess::start(&bench.settings).await.unwrap();
    until(
        "the queue to be empty",
        async || (in_queue(&bench) == 0).then_some(()),
        async || next.logged().join("\n"),
    )
    .await;
    bench.agrees().await;
    assert_eq!(bench.count(BY_POLL).await, lost);
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_whose_answer_was_lost_leaves_nothing_behind_and_nothing_twice() {
    let (mut bench, lost) = with_lost_pushes().await;
    bench
        .emulator
        .fail_next(Endpoint::ConfirmLostPushes, Fault::LostReply, 1);
    bench.start_another_service();
    let id = asked(&bench, JobName::LostPushRecovery, None).await;
    until(
        "the first attempt to be over",
        async || {
            let run = run_of(&bench, id).await;
            (run.attempts > 0 && run.state != "running").then_some(())
        },
        async || format!("{:#?}", run_of(&bench, id).await),
    )
    .await;
    assert_eq!(in_queue(&bench), 0, "it was done");
    let next = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(count(&next, "fetched"), 0, "{next:#?}");
    bench.agrees().await;
    assert_eq!(bench.count(BY_POLL).await, lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_of_an_app_is_everybodys_who_shares_it_and_a_strangers_message_blocks_nobody() {
    let own = Shop::default().shop_id;
    let [others, strangers] = [4711, 4712];
    let shop = |shop_id| Shop {
        shop_id,
        ..Shop::default()
    };
    let config = EmulatorConfig {
        shops: [own, others, strangers].map(shop).into(),
        ..standing(HOUR)
    };
    let bench = served(config).await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let made = client
        .call("createProfile")
        .with("env_type", "sandbox")
        .with("display_name", "The other shop")
        .with("region", "TEST_SG")
        .with(
            "base_url_override",
            bench.settings.get("SHOPEE_API_BASE_URL"),
        )
        .with("partner_id", PartnerApp::default().partner_id)
        .with("partner_key", bench.settings.get("SHOPEE_PARTNER_KEY"))
        .with("shop_id", others);
    let made = made.ok().await["id"].as_str().unwrap().to_owned();
    bench.emulator.set_push_policy(none_arrives(true));
    let place = |shop| lived(&bench, NewOrder::of([cards(1)]).in_shop(shop), 0);
    // The stranger's is the first: whatever comes after it waits behind it.
    let [_, _, mine] = [strangers, others, own].map(place);

    let run = ran(&bench, JobName::LostPushRecovery, None).await;
    assert_eq!(
        ["apps", "stored", "of_unknown_shops", "confirmed"].map(|of| count(&run, of)),
        [1, 3, 1, 3],
        "{run:#?}"
    );
    assert_eq!(in_queue(&bench), 0);
    bench.settled().await;
    let rows: Vec<(Option<i64>, Option<String>)> = sqlx::query_as(
        "SELECT shop_id, profile_id FROM tenant_default.connector_event
         WHERE source = 'poll' ORDER BY shop_id",
    )
    .fetch_all(bench.store.pool())
    .await
    .unwrap();
    let of = |profile: &str| Some(profile.to_owned());
    let routed = [
        (Some(others), of(&made)),
        (Some(strangers), None),
        (Some(own), of(PROFILE)),
    ];
    assert_eq!(rows, routed);
    let order = bench.known_order(mine.as_str()).await;
    assert!(order.summary.order_id.is_some());
}

/// The queue's documented entry, and every other shape in which the same was seen.
fn shapes(envelopes: &[Value]) -> Vec<Value> {
    let wrapped = |number: usize, envelope: &Value| {
        let text = |value: &Value| Value::String(value.to_string());
        let data = match number {
            0 => text(envelope),
            1 => envelope.clone(),
            2 => text(&envelope["data"]),
            3 => envelope["data"].clone(),
            _ => {
                let mut within = envelope.clone();
                within["data"] = text(&envelope["data"]);
                text(&within)
            }
        };
        json!({ "shop_id": envelope["shop_id"], "code": 3, "timestamp": 1, "data": data })
    };
    let numbered = envelopes.iter().enumerate();
    numbered.map(|(number, one)| wrapped(number, one)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_is_understood_in_every_shape_that_was_seen() {
    let mut bench = Bench::of(standing(HOUR)).await;
    bench.add_card(CARD, 100).await;
    let place = |_| lived(&bench, NewOrder::of([cards(1)]), 1);
    let placed: Vec<_> = (0..5).map(place).collect();
    let envelope = |sn: &OrderSn| {
        let order = bench.emulator.order(sn).expect("the order");
        serde_json::from_str(&push_of(&order, order.update_time)).expect("JSON")
    };
    let envelopes: Vec<_> = placed.iter().map(envelope).collect();
    let queue = Listener::start();
    let page = json!({
        "error": "", "message": "", "request_id": "1",
        "response": {
            "push_message_list": shapes(&envelopes),
            "has_next_page": false,
            "last_message_id": 7,
        },
    });
    queue.answer(200, &page.to_string());
    let elsewhere = bench.settings.clone();
    let elsewhere = elsewhere.with("SHOPEE_API_BASE_URL", &queue.origin());
    bench.set_up(&elsewhere).await;
    let id = asked(&bench, JobName::LostPushRecovery, None).await;
    let runner = adapters(&bench).job_runner(JobName::LostPushRecovery);
    let end = runner.run_this(id, &NoProgress).await.expect("a run");
    assert_eq!(end.counts.0["stored"], 5, "{end:?}");
    let confirmed = queue.heard().last().unwrap().json();
    assert_eq!(confirmed["last_message_id"], 7);

    bench.set_up_shop().await;
    bench.start_another_service();
    for sn in &placed {
        bench
            .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
            .await;
    }
    bench.agrees().await;
    assert!(
        bench.open_classes().await.is_empty(),
        "{:#?}",
        bench.open_exceptions().await
    );
}
