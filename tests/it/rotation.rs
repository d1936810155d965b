//! The master secret is rotated while the service runs: pushes keep verifying, orders keep flowing,
//! and whatever is broken off is taken up again.

use std::process::Stdio;

use hawker_app::config::Config;
use hawker_app::wiring::Adapters;
use hawker_domain::api_access::ApiScope;
use hawker_domain::audit::Actor;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment};
use hawker_shopee_emulator::NewOrder;
use hawker_tests::{
    Admin, Bench, CARD, Delivery, Ended, JWT_SECRET, OnFailure, REGISTERED_URL, Senders,
    ServiceProcess, Settings, assert_agrees, cards, hawker, push_of, run, until,
};
use hawker_usecases::manage_profiles::ProfileDraft;
use sqlx::Connection as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};

const NEW_SECRET: &str = "the-next-master-secret-fedcba9876543210";
const ORDERS: usize = 60;
const PUSHES_PER_ORDER: usize = 20;
const SENDERS: usize = 4;

/// More profiles, with two secrets each: several batches of a rotation.
const PROFILES: u64 = 130;

/// A process that seals under `in_force` and still opens what `earlier` sealed.
fn ring(settings: &Settings, in_force: &str, earlier: &str) -> Settings {
    let settings = settings.clone().without("RUST_LOG");
    let settings = settings.with("JWT_SECRET", in_force);
    settings.with("JWT_SECRET_PREVIOUS", earlier)
}

/// A process that knows one master secret.
fn only(settings: &Settings, secret: &str) -> Settings {
    let settings = settings.clone().without("RUST_LOG");
    settings
        .without("JWT_SECRET_PREVIOUS")
        .with("JWT_SECRET", secret)
}

async fn add_profiles(bench: &Bench) {
    let config = Config::read(&bench.settings.variables()).expect("settings");
    let profiles = Adapters::for_command(&config)
        .expect("the adapters")
        .manage_profiles();
    for index in 0..PROFILES {
        let mut draft = ProfileDraft::new(
            ConnectorName::Shopee,
            Environment::Live,
            format!("Shop {index}"),
            Region::Sg,
        );
        draft.partner_key = Some(format!("partner-key-{index:032}").into());
        draft.push_key = Some(format!("push-key-{index:032}").into());
        profiles
            .create(&bench.tenant, &Actor::terminal(), draft)
            .await
            .expect("a profile");
    }
}

async fn rotate(settings: &Settings) -> Ended {
    let ended = run(settings, &["keys", "rotate", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:#?}");
    ended
}

/// How many secrets are sealed under the key in force, and how many under an earlier one.
async fn sealing(settings: &Settings) -> (i32, u64, u64) {
    let ended = run(settings, &["keys", "status", "--json"]).await;
    let tenant = ended.json()["tenants"][0].clone();
    assert!(tenant["unreadable"] == serde_json::json!([]), "{ended:#?}");
    let number = |name: &str| tenant[name].as_u64().expect("a number");
    (ended.code, number("in_force"), number("earlier"))
}

fn deliveries(bench: &Bench) -> Vec<Vec<Delivery>> {
    let orders: Vec<_> = (0..ORDERS)
        .map(|_| {
            let order = NewOrder::of([cards(1)]).paid_at_once();
            let sn = bench.emulator.place(order).expect("an order");
            bench.emulator.order(&sn).expect("the order")
        })
        .collect();
    let list = |sender: usize| {
        let rounds = PUSHES_PER_ORDER / SENDERS;
        let round = |round: usize| {
            let at = i64::try_from(round * SENDERS + sender).expect("few");
            orders.iter().map(move |order| Delivery {
                order_sn: order.order_sn.to_string(),
                body: push_of(order, order.update_time + at),
            })
        };
        (0..rounds).flat_map(round).collect()
    };
    (0..SENDERS).map(list).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_master_secret_is_rotated_every_push_verifies_and_every_order_arrives() {
    let bench = Bench::without_service().await;
    bench.add_card(CARD, 1_000).await;
    add_profiles(&bench).await;
    let there = ring(&bench.settings, NEW_SECRET, JWT_SECRET);
    let back = ring(&bench.settings, JWT_SECRET, NEW_SECRET);
    let service = ServiceProcess::start(&there).await.unwrap();
    let senders = Senders::start(
        &bench.http,
        REGISTERED_URL,
        vec![service.origin()],
        deliveries(&bench),
        OnFailure::TryNext,
    );

    // There and back for as long as pushes come: what is read may be sealed under either.
    let all = u32::try_from(ORDERS * PUSHES_PER_ORDER).unwrap();
    let mut rounds = 0;
    while senders.seen().acknowledgements < all {
        assert!(
            senders.seen().refusals.is_empty(),
            "{:?}",
            senders.seen().refusals
        );
        let resealed = rotate(&there).await.json()["tenants"][0]["resealed"].clone();
        assert!(resealed.as_u64().unwrap() > 200, "{resealed}");
        rotate(&back).await;
        rounds += 1;
    }
    let seen = senders.ended().await;
    assert!(rounds > 0);
    assert!(seen.refusals.is_empty(), "{:?}", seen.refusals);
    assert_eq!((seen.acknowledgements, seen.failed_connections), (all, 0));
    rotate(&there).await;
    bench.finished().await;
    assert_agrees(&bench).await;
    assert_eq!(
        bench
            .count("SELECT count(*) FROM shopee_raw_event WHERE signature_ok IS NOT TRUE")
            .await,
        0
    );
    assert!(bench.exceptions(None).await.is_empty());
    service.terminate().await.unwrap();

    // Nothing is left that needs the old one.
    let alone = only(&bench.settings, NEW_SECRET);
    let (code, in_force, earlier) = sealing(&alone).await;
    assert_eq!((code, earlier), (0, 0));
    assert!(in_force >= 2 * PROFILES + 4, "{in_force}");
    let service = ServiceProcess::start(&alone).await.unwrap();
    let admin = Admin::new(&bench, &service.origin(), ApiScope::ALL).await;
    let report = admin.connection_report().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    let order = NewOrder::of([cards(1)]).paid_at_once();
    let sn = bench.emulator.place(order).unwrap();
    let body = push_of(&bench.emulator.order(&sn).unwrap(), 1);
    let signed = hawker_tests::signature(REGISTERED_URL, &body);
    let url = hawker_tests::webhook(&service.origin());
    let answer = hawker_tests::post(&bench.http, &url, body, Some(&signed)).await;
    assert!(answer.unwrap().counts());
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_half_way_is_taken_up_again() {
    let bench = Bench::without_service().await;
    add_profiles(&bench).await;
    let there = ring(&bench.settings, NEW_SECRET, JWT_SECRET);
    let (_, in_force, all) = sealing(&there).await;
    assert_eq!(in_force, 0);
    // The pairs come last, and they are held, so that the walk stands still before its end.
    let mut holding = sqlx::PgConnection::connect(bench.database.url())
        .await
        .unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE tenant_default.connector_token IN SHARE MODE")
        .execute(&mut holding)
        .await
        .unwrap();
    let mut rotating = hawker()
        .unwrap()
        .args(["keys", "rotate"])
        .envs(there.pairs())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(rotating.stderr.take().unwrap()).lines();
    let first = progress.next_line().await.unwrap().unwrap();
    assert!(first.contains("sealed anew"), "{first}");
    let waits = async || {
        let waiting = bench
            .count(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .await;
        (waiting > 0).then_some(())
    };
    until("the rotation to stand still", waits, async || first.clone()).await;
    rotating.kill().await.unwrap();
    holding.close().await.unwrap();

    let (code, in_force, earlier) = sealing(&there).await;
    assert_eq!(code, 1, "something is left to do");
    assert!(in_force >= 100 && earlier > 0, "{in_force}, {earlier}");
    assert_eq!(in_force + earlier, all);
    let rotated = rotate(&there).await.json()["tenants"][0].clone();
    assert_eq!(
        rotated["resealed"], earlier,
        "only what was left: {rotated}"
    );
    assert_eq!(rotated["seen"], all);
    assert_eq!(
        sealing(&only(&bench.settings, NEW_SECRET)).await,
        (0, all, 0)
    );
}
