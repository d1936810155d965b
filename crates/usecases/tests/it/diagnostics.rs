//! Diagnosing profiles.

use std::collections::BTreeSet;
use std::time::Duration;

use hawker_domain::profile::Missing;
use hawker_ports::Store as _;
use hawker_ports::calls::RecordedCall;
use hawker_ports::push_console::PushStatus;
use hawker_ports::testing::examples;
use hawker_ports::watches::SeenPushSettings;
use hawker_usecases::diagnose_profile::{DiagnoseError, Diagnostics};

use crate::operators::{anna, id, usual};
use crate::world::World;

const DOCUMENTED: [&str; 11] = [
    "profile_id",
    "env_type",
    "region",
    "shop_id",
    "access_token_expires_at",
    "access_token_last_refreshed_at",
    "refresh_token_last_used_at",
    "scopes",
    "last_refresh_attempt_at",
    "last_refresh_status",
    "last_refresh_error",
];

const MORE: [&str; 12] = [
    "token_state",
    "token_state_reason",
    "token_in_doubt_since",
    "refresh_token_expires_at",
    "authorisation_expires_at",
    "partner_key_expires_at",
    "scopes_note",
    "last_calls",
    "clock_skew_seconds",
    "rate_limit",
    "push",
    "missing",
];

async fn diagnosed(world: &World, profile: &str) -> Diagnostics {
    let diagnosed = world
        .diagnose()
        .run(&world.tenant, &anna(), &id(profile))
        .await;
    diagnosed.unwrap()
}

#[tokio::test]
async fn the_keys_are_the_documented_ones_first_and_then_some() {
    let world = World::new().await;
    let diagnosed = diagnosed(&world, usual().as_str()).await;
    let text = serde_json::to_string(&diagnosed).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: BTreeSet<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, DOCUMENTED.into_iter().chain(MORE).collect());
    assert_eq!(json["env_type"], "sandbox");
    assert_eq!(json["region"], "TEST_SG");
    assert_eq!(json["shop_id"], examples::SHOP.0);
    assert_eq!(json["access_token_expires_at"], "2026-01-05T08:00:00Z");
    assert_eq!(
        json["access_token_last_refreshed_at"],
        "2026-01-05T04:00:00Z"
    );
    assert_eq!(json["scopes"], serde_json::json!([]));
    assert_eq!(json["last_refresh_status"], serde_json::Value::Null);
    for secret in [
        "plain:",
        "partner-key",
        "push-key",
        "access-token",
        "refresh-token",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn the_last_calls_and_the_state_of_pushes_are_shown() {
    let world = World::new().await;
    let call = |seconds: i64, clock_skew_s| RecordedCall {
        profile: usual(),
        at: examples::after_noon(seconds),
        endpoint: "order/get_order_detail".into(),
        result: "ok".into(),
        code: None,
        request_id: Some(format!("req-{seconds}")),
        took: Duration::from_millis(120),
        clock_skew_s,
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.calls()
        .record(&[call(1, Some(-4)), call(2, None)])
        .await
        .unwrap();
    let seen = SeenPushSettings {
        status: PushStatus::Warning,
        callback_url: Some("https://hub.example/x".into()),
        suspended_at: None,
    };
    uow.watches()
        .note_push_settings(&usual(), &seen, world.now())
        .await
        .unwrap();
    uow.commit().await.unwrap();
    let diagnosed = diagnosed(&world, usual().as_str()).await;
    let calls: Vec<_> = diagnosed
        .last_calls
        .iter()
        .map(|call| (call.request_id.as_deref(), call.took_ms))
        .collect();
    assert_eq!(calls, [(Some("req-2"), 120), (Some("req-1"), 120)]);
    assert_eq!(diagnosed.clock_skew_seconds, Some(-4));
    assert_eq!(diagnosed.push.status.as_deref(), Some("Warning"));
    assert!(diagnosed.rate_limit.is_some());
}

#[tokio::test]
async fn a_profile_of_which_nothing_is_known_is_diagnosed_all_the_same() {
    let world = World::new().await;
    world.put(examples::blank_profile("prof_empty")).await;
    let diagnosed = diagnosed(&world, "prof_empty").await;
    assert_eq!(diagnosed.missing, Missing::ALL);
    assert_eq!((diagnosed.token_state, diagnosed.rate_limit), (None, None));
}

#[tokio::test]
async fn each_look_is_written_down_with_who_looked() {
    let world = World::new().await;
    for _ in 0..2 {
        diagnosed(&world, usual().as_str()).await;
    }
    assert_eq!(world.deeds(), ["diagnostics.read", "diagnostics.read"]);
    let entry = &world.audit()[0];
    assert_eq!(
        (entry.actor.as_str(), entry.subject.as_str()),
        ("anna", "profile:prof_sandbox")
    );
    let gone = world
        .diagnose()
        .run(&world.tenant, &anna(), &id("prof_gone"))
        .await;
    assert!(
        matches!(gone, Err(DiagnoseError::NoSuchProfile(_))),
        "{gone:?}"
    );
}
