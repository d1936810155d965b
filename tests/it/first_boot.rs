//! The first boot: the variables are read once, by one of however many processes, as soon as there is
//! a database, and never again.

use futures_util::future::join_all;
use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::PartnerApp;
use hawker_tests::{Gate, ServiceProcess, Settings, run, until};
use serde_json::{Value, json};

use crate::client::Client;

/// What nobody answers at: nothing here calls the marketplace.
const NOWHERE: &str = "http://127.0.0.1:9/api/v2";

fn settings(database_url: &str) -> Settings {
    Settings::new(database_url, NOWHERE, "https://ops.example.com/hook")
}

async fn profiles(client: &Client) -> Vec<Value> {
    let listed = client.call("listProfiles").ok().await;
    listed["items"].as_array().expect("items").clone()
}

/// The profiles, once there are any.
async fn first_profiles(client: &Client, service: &ServiceProcess) -> Vec<Value> {
    until(
        "the first profiles",
        async || Some(profiles(client).await).filter(|profiles| !profiles.is_empty()),
        async || format!("{:#?}", service.logged()),
    )
    .await
}

/// Whether a process has looked if it has to make the first profiles, and could.
async fn has_looked(service: &ServiceProcess) -> bool {
    let http = hawker_app::wiring::http_client().expect("a client");
    let metrics = http.get(format!("{}/metrics", service.origin())).send();
    let metrics = metrics.await.expect("an answer").text().await;
    let metrics = metrics.expect("a text");
    let mut lines = metrics.lines();
    lines.any(|line| {
        line.starts_with("hawker_job_runs_total")
            && line.contains("job=\"first-boot\"")
            && line.contains("result=\"ok\"")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_processes_that_start_at_once_one_makes_the_two_profiles() {
    let database = TestDatabase::new().await;
    let gate = Gate::before(database.url()).await;
    let through_gate = settings(gate.url());
    let started = join_all((0..4).map(|_| ServiceProcess::start(&through_gate))).await;
    let services: Vec<_> = started.into_iter().map(Result::unwrap).collect();
    for service in &services {
        assert!(service.entries("profiles.seeded").is_empty());
    }
    gate.open();
    let client = Client::of_everything(&settings(database.url()), &services[0].origin()).await;
    let made = first_profiles(&client, &services[0]).await;
    until(
        "every process to have looked",
        async || {
            let looked = join_all(services.iter().map(has_looked)).await;
            looked.into_iter().all(|looked| looked).then_some(())
        },
        async || format!("{:#?}", services[0].logged()),
    )
    .await;

    assert_eq!(profiles(&client).await, made);
    let mut ids: Vec<_> = made.iter().map(|profile| &profile["id"]).collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, [&json!("prof_live"), &json!("prof_sandbox")]);
    for profile in &made {
        let is_filled = profile["id"] == "prof_sandbox";
        assert_eq!(profile["missing"] == json!([]), is_filled, "{profile:#}");
        assert_eq!(profile["partner_key"]["is_set"], is_filled);
        assert_eq!(profile["is_active"], true);
        assert_eq!(profile["is_in_force"], is_filled);
    }
    let seeders = services
        .iter()
        .map(|of| of.entries("profiles.seeded").len());
    assert_eq!(seeders.sum::<usize>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_variables_say_later_changes_nothing() {
    let database = TestDatabase::new().await;
    let first = settings(database.url());
    let seeded = run(&first, &["seed"]).await;
    assert_eq!(seeded.code, 0, "{seeded:#?}");
    let service = ServiceProcess::start(&first).await.unwrap();
    let client = Client::of_everything(&first, &service.origin()).await;
    let before = profiles(&client).await;
    assert_eq!(before.len(), 2);
    service.kill().await.unwrap();

    let edited = first
        .with("SHOPEE_PARTNER_ID", "4242")
        .with("SHOPEE_PARTNER_KEY", "another-partner-key-of-another-app")
        .with("SHOPEE_PUSH_PARTNER_KEY", "another-push-key-of-another-app")
        .with("SHOPEE_SHOP_ID", "1")
        .with("SHOPEE_REGION", "TEST_MY")
        .with("SHOPEE_PUSH_URL", "https://other.example.com/hook")
        .with("SHOPEE_ENVIRONMENT", "live")
        .with("SHOPEE_PROFILE_ID", "prof_of_another_name");
    let again = run(&edited, &["seed"]).await;
    assert_eq!(again.code, 0, "{again:#?}");
    let service = ServiceProcess::start(&edited).await.unwrap();
    until(
        "the process to have looked",
        async || has_looked(&service).await.then_some(()),
        async || format!("{:#?}", service.logged()),
    )
    .await;
    let client = Client::of_everything(&edited, &service.origin()).await;
    assert_eq!(profiles(&client).await, before);
    let connector = client.call("showConnector").ok().await;
    assert_eq!(connector["active_environment"], "sandbox");
    let partner_id = &connector["profile"]["partner_id"];
    assert_eq!(*partner_id, PartnerApp::default().partner_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_set_up_yet_is_seeded_once_it_is() {
    let database = TestDatabase::empty().await;
    let settings = settings(database.url());
    let service = ServiceProcess::start(&settings).await.unwrap();
    let migrated = run(&settings, &["migrate"]).await;
    assert_eq!(migrated.code, 0, "{migrated:#?}");
    let client = Client::of_everything(&settings, &service.origin()).await;
    assert_eq!(first_profiles(&client, &service).await.len(), 2);
    assert_eq!(service.entries("profiles.seeded").len(), 1);
}
