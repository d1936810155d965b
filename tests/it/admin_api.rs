//! The admin API over HTTP: what is refused and how, what is repeated, and what is never shown.

use std::collections::BTreeSet;

use hawker_shopee_emulator::{PartnerApp, Shop};
use hawker_tests::{ACCESS_TOKEN, Bench, JWT_SECRET, REFRESH_TOKEN};
use serde_json::{Value, json};

use crate::client::{ALL_SCOPES, Client};

/// The profile of the bench's shop.
pub const SANDBOX: &str = "prof_sandbox";
const LIVE: &str = "prof_live";

/// A shop with a service, and a client that may do everything.
pub async fn served() -> (Bench, Client) {
    let mut bench = Bench::without_service().await;
    let origin = bench.start_another_service();
    let client = Client::of_everything(&bench.settings, &origin).await;
    (bench, client)
}

/// A profile as it is shown.
pub async fn profile(client: &Client, id: &str) -> Value {
    client.call("showProfile").with("id", id).ok().await
}

/// A profile of which nothing is known but its name; answers its id.
pub async fn create(client: &Client, environment: &str, name: &str) -> String {
    let created = client.call("createProfile").with("env_type", environment);
    let created = created.with("display_name", name).ok().await;
    created["id"].as_str().expect("an id").to_owned()
}

/// A profile of the sandbox that lacks nothing.
pub async fn create_whole(client: &Client, name: &str) -> String {
    let id = create(client, "sandbox", name).await;
    let app = PartnerApp::default();
    let edited = client.call("editProfile").with("id", &*id);
    let edited = edited
        .with("partner_id", app.partner_id)
        .with("partner_key", app.partner_key)
        .with("push_partner_key", app.push_key)
        .with("shop_id", Shop::default().shop_id);
    assert_eq!(edited.ok().await["missing"], json!([]));
    id
}

/// The names of the fields that a refusal complains about.
fn complaints(problem: &Value) -> BTreeSet<&str> {
    let errors = problem["errors"].as_array().expect("errors");
    let fields = errors.iter().map(|error| error["field"].as_str());
    fields.map(|field| field.expect("a field")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_edits_of_the_same_version_is_refused() {
    let (_bench, client) = served().await;
    let shown = client.call("showProfile").with("id", SANDBOX).send().await;
    let etag = shown.header("etag").to_owned();
    assert_eq!(etag, format!("\"v{}\"", shown.json()["version"]));
    let rename = |name: &str| {
        let edit = client.call("editProfile").with("id", SANDBOX);
        edit.with("If-Match", etag.as_str())
            .with("display_name", name)
    };
    let first = rename("First").send().await;
    assert_eq!(first.status, 200, "{first:#?}");
    let second = rename("Second").send().await;
    let problem = second.problem(412, "version-mismatch");
    assert_eq!(problem["current_version"], first.json()["version"]);
    assert_eq!(profile(&client, SANDBOX).await["display_name"], "First");
    for operation in ["activateProfile", "deleteProfile"] {
        let call = client.call(operation).with("id", SANDBOX);
        let reply = call.with("If-Match", etag.as_str()).send().await;
        reply.problem(412, "version-mismatch");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_named_and_all_that_is_wrong_is_told_at_once() {
    let (_bench, client) = served().await;
    let before = profile(&client, SANDBOX).await;
    let edit = || {
        let call = client.call("editProfile").with("id", SANDBOX);
        call.unchecked().with("display_name", "Changed")
    };
    let refused = edit().with("partner_kee", "oops").send().await;
    let problem = refused.problem(422, "validation-failed");
    assert_eq!(complaints(&problem), BTreeSet::from(["partner_kee"]));
    let refused = edit()
        .with("display_name", " ")
        .with("partner_id", 0)
        .with("shop_id", -1)
        .with("base_url_override", "no url")
        .with("registered_url", "neither")
        .with("default_location_id", "nowhere");
    let problem = refused.send().await.problem(422, "validation-failed");
    let all = [
        "base_url_override",
        "default_location_id",
        "display_name",
        "partner_id",
        "registered_url",
        "shop_id",
    ];
    assert_eq!(complaints(&problem), BTreeSet::from(all));
    assert_eq!(profile(&client, SANDBOX).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_secret_stays_as_it_is_and_no_answer_to_anything_has_a_secret_in_it() {
    let (_bench, client) = served().await;
    let before = profile(&client, SANDBOX).await;
    let edit = || client.call("editProfile").with("id", SANDBOX);
    let blank = edit()
        .with("partner_key", "")
        .with("push_partner_key", "  ");
    let blank = blank.ok().await;
    for key in [
        "partner_key",
        "push_partner_key",
        "previous_push_partner_key",
    ] {
        assert_eq!(blank[key], before[key], "{key}");
    }
    let new_key = "push-key-that-was-just-made-0f1e2d3c4b5a";
    let changed = edit().with("push_partner_key", new_key).ok().await;
    assert_eq!(
        changed["previous_push_partner_key"],
        before["push_partner_key"]
    );
    assert_ne!(changed["push_partner_key"], before["push_partner_key"]);
    let wrong = edit().unchecked().with("display_name", "");
    let wrong = wrong.with("partner_key", "partner-key-of-a-refused-form-77");
    wrong.send().await.problem(422, "validation-failed");
    // A look at everything that can be looked at, and at everything that can be asked for.
    for operation in client.operations() {
        let is_admin = operation.path.starts_with("/admin");
        if !is_admin || operation.path.contains("/events/") || operation.id == "deleteProfile" {
            continue;
        }
        let mut call = client.call(operation.id).unchecked().somewhere(SANDBOX);
        if operation.id == "redeemResendCode" {
            call = call.with("code", "resend-code-of-the-test-4242");
        }
        call.send().await;
    }
    let app = PartnerApp::default();
    let answers = client.answers();
    assert!(answers.len() > 20, "{} answers", answers.len());
    let secrets = [
        app.partner_key.as_str(),
        app.push_key.as_str(),
        new_key,
        "partner-key-of-a-refused-form-77",
        "resend-code-of-the-test-4242",
        ACCESS_TOKEN,
        REFRESH_TOKEN,
        JWT_SECRET,
    ];
    for answer in answers {
        for secret in secrets {
            assert!(!answer.contains(secret), "{secret} is in {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_repeated_with_its_key_happens_once() {
    let (bench, client) = served().await;
    let create = |key: &str, name: &str| {
        let call = client.call("createProfile").with("Idempotency-Key", key);
        call.with("env_type", "live").with("display_name", name)
    };
    let first = create("once", "Branch").send().await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = create("once", "Branch").send().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("etag"), first.header("etag"));
    let other = create("once", "Another branch").send().await;
    other.problem(422, "idempotency-key-reused");
    // Another bearer's keys are others.
    let colleague = client.with_scopes(&bench.settings, &ALL_SCOPES).await;
    let theirs = colleague
        .call("createProfile")
        .with("Idempotency-Key", "once");
    let theirs = theirs.with("env_type", "live");
    let theirs = theirs.with("display_name", "Theirs").send().await;
    assert_eq!(theirs.status, 201, "{theirs:#?}");
    let listed = client.call("listProfiles").with("env", "live").ok().await;
    assert_eq!(listed["total"], 3);
}

/// Every item of a list, by pages of `limit`; each page has to know how many there are in all.
async fn walk(client: &Client, operation: &str, limit: usize, total: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = Value::Null;
    loop {
        let mut call = client.call(operation).with("limit", limit);
        if !after.is_null() {
            call = call.with("after", after.clone());
        }
        let page = call.ok().await;
        assert_eq!(page["total"], total, "{page:#}");
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= limit);
        ids.extend(items.iter().map(|item| item["id"].to_string()));
        after = page["next"].clone();
        if after.is_null() {
            return ids;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_bring_everything_once_and_count_it() {
    let (_bench, client) = served().await;
    for number in 0..7 {
        create(&client, "sandbox", &format!("Branch {number}")).await;
    }
    for operation in ["listProfiles", "listAudit"] {
        let whole = client.call(operation).with("limit", 200).ok().await;
        let total = whole["items"].as_array().unwrap().len();
        assert!(total >= 9, "{operation}: {total}");
        for limit in [1, 4, total] {
            let ids = walk(&client, operation, limit, total).await;
            let once: BTreeSet<_> = ids.iter().collect();
            assert_eq!((ids.len(), once.len()), (total, total), "{operation}");
        }
    }
    let bad = client
        .call("listProfiles")
        .with("after", "no cursor")
        .send();
    bad.await.problem(422, "validation-failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_is_not_configured_is_shown_and_not_used() {
    let (_bench, client) = served().await;
    let shown = client.call("showConnector").with("env", "live").ok().await;
    let missing = json!(["partner_id", "partner_key", "shop_id"]);
    assert_eq!(shown["missing"], missing);
    assert_eq!(shown["active_environment"], "sandbox");
    profile(&client, LIVE).await;
    client.call("diagnoseProfile").with("id", LIVE).ok().await;
    client.call("showLocations").with("id", LIVE).ok().await;
    let report = client.call("testConnection").with("id", LIVE).ok().await;
    assert_eq!(report["is_ok"], false);
    let uses = [
        client.call("switchEnvironment").with("environment", "live"),
        client.call("startAuthorisation").with("env", "live"),
        client.call("showPushConfig").with("id", LIVE),
        client.call("refreshLocations").with("id", LIVE),
    ];
    for call in uses {
        let reply = call.send().await;
        assert_eq!(reply.status, 409, "{reply:#?}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.contains("is not fully configured: missing partner_id"),
            "{detail}"
        );
    }
    let switch = client.call("switchEnvironment").with("environment", "live");
    let problem = switch.send().await.problem(409, "not-configured");
    assert_eq!(problem["missing"], missing);
    let shown = client.call("showConnector").ok().await;
    assert_eq!(shown["environment"], "sandbox");
}
