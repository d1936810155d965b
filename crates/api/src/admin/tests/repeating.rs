use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_ports::testing::DeskCall;
use hawker_ports::{MarketplaceError, StoreError};
use serde_json::{Value, json};

use super::{Admin, CONNECTOR, PROFILES, text};
use crate::testing::{Answer, Request};

fn send(admin: &Admin, key: &str, body: &Value) -> Answer {
    let request = admin
        .request("POST", PROFILES)
        .header("idempotency-key", key);
    admin.server.send(&request.json(body).bytes())
}

fn draft(name: &str) -> Value {
    json!({ "env_type": "live", "display_name": name })
}

#[test]
fn a_request_with_a_key_happens_once_and_is_answered_the_same_again() {
    let admin = Admin::new();
    let first = send(&admin, "key-1", &draft("Shop"));
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, None)
    );
    let again = send(&admin, "key-1", &draft("Shop"));
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, Some("true"))
    );
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(admin.get(PROFILES).json()["total"], 1);
    assert_eq!(send(&admin, "key-2", &draft("Shop")).status, 201);
    assert_eq!(admin.get(PROFILES).json()["total"], 2);
}

#[test]
fn a_refusal_is_answered_the_same_again_too() {
    let admin = Admin::new();
    let first = send(&admin, "key-1", &draft(" "));
    assert!(first.is_problem(422, "validation-failed"), "{first:?}");
    let again = send(&admin, "key-1", &draft(" "));
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[test]
fn a_key_belongs_to_one_request_and_one_token() {
    let admin = Admin::new();
    assert_eq!(send(&admin, "key-1", &draft("Shop")).status, 201);
    let other = send(&admin, "key-1", &draft("Another"));
    assert!(other.is_problem(422, "idempotency-key-reused"), "{other:?}");
    let elsewhere = admin
        .request("PATCH", CONNECTOR)
        .header("idempotency-key", "key-1");
    let elsewhere = admin.server.send(&elsewhere.json(&draft("Shop")).bytes());
    assert!(
        elsewhere.is_problem(422, "idempotency-key-reused"),
        "{elsewhere:?}"
    );
    let colleague = admin.server.world.token(ApiScope::ALL);
    let theirs = Request::new("POST", PROFILES)
        .by(&colleague)
        .header("idempotency-key", "key-1");
    assert_eq!(
        admin
            .server
            .send(&theirs.json(&draft("Another")).bytes())
            .status,
        201
    );
}

#[test]
fn a_failure_of_ours_or_the_marketplaces_is_forgotten_so_that_it_can_be_tried_again() {
    let admin = Admin::new();
    let id = admin.profile("sandbox", "Shop");
    admin.server.world.authorise(&id);
    let path = format!("{PROFILES}/{id}/refresh-locations");
    let refresh = || {
        let request = admin
            .request("POST", &path)
            .header("idempotency-key", "key-1");
        admin.server.send(&request.bytes())
    };
    let away = MarketplaceError::Unavailable {
        endpoint: "shop/get_warehouse_detail",
        reason: "connection refused".into(),
        cause: None,
    };
    admin
        .server
        .world
        .desk
        .fail_next(DeskCall::Warehouses, away);
    let failed = refresh();
    assert!(
        failed.is_problem(503, "marketplace-unavailable"),
        "{failed:?}"
    );
    let again = refresh();
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (200, None)
    );
    assert_eq!(refresh().header("idempotency-replayed"), Some("true"));
}

/// Fetches the warehouses with a key; a commit of it fails where an error is given.
fn refresh(admin: &Admin, id: &str, failure: Option<StoreError>) -> Answer {
    let world = &admin.server.world;
    if let Some(failure) = failure {
        let store = world.store.clone();
        world.desk.meanwhile(DeskCall::Warehouses, async move {
            store.fail_next_commit(failure);
        });
    }
    let path = format!("{PROFILES}/{id}/refresh-locations");
    let request = admin.request("POST", &path);
    let request = request.header("idempotency-key", "key-1");
    admin.server.send(&request.bytes())
}

#[test]
fn what_may_have_happened_is_not_repeated_blindly() {
    let admin = Admin::new();
    let world = &admin.server.world;
    let id = admin.profile("sandbox", "Shop");
    world.authorise(&id);
    let lost = StoreError::CommitUnknown("connection reset".into());
    let unknown = refresh(&admin, &id, Some(lost));
    assert!(unknown.is_problem(503, "store-unavailable"), "{unknown:?}");
    let again = refresh(&admin, &id, None);
    assert!(again.is_problem(409, "request-under-way"), "{again:?}");
    world.clock.advance(TimeDelta::minutes(6));
    let anew = refresh(&admin, &id, None);
    assert_eq!(
        (anew.status, anew.header("idempotency-replayed")),
        (200, None),
        "{anew:?}"
    );
}

#[test]
fn two_changes_that_met_in_the_database_may_be_tried_again_with_the_same_key() {
    let admin = Admin::new();
    let id = admin.profile("sandbox", "Shop");
    admin.server.world.authorise(&id);
    let met = StoreError::Conflict {
        entity: "profile",
        cause: None,
    };
    let refused = refresh(&admin, &id, Some(met));
    assert!(refused.is_problem(409, "conflict"), "{refused:?}");
    let again = refresh(&admin, &id, None);
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (200, None),
        "{again:?}"
    );
}

#[test]
fn a_key_makes_one_profile_even_after_its_answer_was_forgotten() {
    let admin = Admin::new();
    let first = send(&admin, "key-1", &draft("Shop"));
    assert_eq!(first.status, 201, "{first:?}");
    let id = text(&first.json()["id"]);
    admin.server.world.clock.advance(TimeDelta::days(2));
    let again = send(&admin, "key-1", &draft("Shop"));
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, None)
    );
    assert_eq!(text(&again.json()["id"]), id);
    assert_eq!(admin.get(PROFILES).json()["total"], 1);
    admin.server.world.clock.advance(TimeDelta::days(2));
    let other = send(&admin, "key-1", &draft("Another"));
    assert!(other.is_problem(422, "idempotency-key-reused"), "{other:?}");
    assert!(other.body.contains(&id), "{other:?}");
    assert_eq!(admin.get(PROFILES).json()["total"], 1);
}

#[test]
fn a_database_that_is_away_is_told_with_when_to_come_again() {
    let admin = Admin::new();
    let away = || StoreError::Unavailable("password for hawker@db.internal".into());
    admin.server.world.store.fail_next_begin(away());
    let failed = send(&admin, "key-1", &draft("Shop"));
    assert!(failed.is_problem(503, "store-unavailable"), "{failed:?}");
    assert_eq!(failed.header("retry-after"), Some("5"));
    assert!(!failed.body.contains("db.internal"), "{}", failed.body);
    admin.server.world.store.fail_next_begin(away());
    let failed = admin.get(PROFILES);
    assert!(failed.is_problem(503, "store-unavailable"), "{failed:?}");
    assert_eq!(send(&admin, "key-1", &draft("Shop")).status, 201);
}

#[test]
fn a_request_that_is_under_way_is_not_begun_twice() {
    let admin = Admin::new();
    admin.profile("sandbox", "Shop");
    let world = &admin.server.world;
    let (begun, go_on) = world.hold_next_shop_list();
    let path = format!(
        "{PROFILES}/{}/test-connection",
        text(&admin.get(PROFILES).json()["items"][0]["id"],)
    );
    let request = || {
        admin
            .request("POST", &path)
            .header("idempotency-key", "key-1")
            .bytes()
    };
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| admin.server.send(&request()));
        begun.recv().expect("the first is under way");
        let second = admin.server.send(&request());
        go_on.send(()).expect("the first waits");
        (first.join().expect("an answer"), second)
    });
    assert!(second.is_problem(409, "request-under-way"), "{second:?}");
    assert!(second.header("retry-after").is_some());
    assert_eq!(first.status, 200, "{first:?}");
    let third = admin.server.send(&request());
    assert_eq!(
        (third.status, third.header("idempotency-replayed")),
        (200, Some("true"))
    );
}

#[test]
fn a_request_whose_client_hangs_up_is_brought_to_its_end() {
    let admin = Admin::new();
    let path = format!(
        "{PROFILES}/{}/test-connection",
        admin.profile("sandbox", "Shop")
    );
    let request = admin.request("POST", &path);
    let request = request.header("idempotency-key", "key-1").bytes();
    let (begun, go_on) = admin.server.world.hold_next_shop_list();
    let connection = admin.server.begin(&request);
    begun.recv().expect("it is under way");
    drop(connection);
    // The one thread that serves has other things to do meanwhile, and notices.
    for _ in 0..20 {
        assert_eq!(admin.server.request("GET", "/health").status, 200);
    }
    assert!(!go_on.is_closed(), "it was broken off");
    go_on.send(()).expect("it goes on");
    let answer = loop {
        let answer = admin.server.send(&request);
        if answer.status != 409 {
            break answer;
        }
    };
    assert_eq!(
        (answer.status, answer.header("idempotency-replayed")),
        (200, Some("true"))
    );
}

#[test]
fn what_cannot_be_a_key_is_refused() {
    let admin = Admin::new();
    let too_long = "k".repeat(256);
    for key in ["", "two words", "sch\u{f6}n", too_long.as_str()] {
        let answer = send(&admin, key, &draft("Shop"));
        assert!(
            answer.is_problem(422, "validation-failed"),
            "{key}: {answer:?}"
        );
        assert_eq!(answer.json()["errors"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(send(&admin, &"k".repeat(255), &draft("Shop")).status, 201);
}

#[test]
fn a_body_beyond_the_limit_is_refused_with_and_without_a_key() {
    let admin = Admin::new();
    let body = draft(&"x".repeat(64 * 1024));
    for key in [None, Some("key-1")] {
        let mut request = admin.request("POST", PROFILES);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = admin.server.send(&request.json(&body).bytes());
        assert!(
            answer.is_problem(413, "body-too-large"),
            "{key:?}: {answer:?}"
        );
    }
}
