//! Who may use the admin API: nobody without a token, nobody beyond the scopes of one, and nobody
//! for another merchant.

use std::collections::BTreeSet;

use hawker_postgres::migrate::{Silent, create_tenant};
use hawker_tests::{Bench, order_push, post, run, webhook};
use reqwest::Method;
use serde_json::Value;

use crate::admin_api::{SANDBOX, profile, served};
use crate::client::{ALL_SCOPES, Client};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_below_admin_answers_without_a_token() {
    let mut bench = Bench::without_service().await;
    let origin = bench.start_another_service();
    let client = Client::at(&origin).await;
    let operations = client.operations();
    let below = operations.iter().filter(|of| of.path.starts_with("/admin"));
    let mut asked: Vec<_> = below
        .map(|of| (of.method.clone(), of.path.replace("{id}", SANDBOX)))
        .collect();
    assert!(asked.len() > 20, "{} operations", asked.len());
    let elsewhere = [
        "/admin",
        "/admin/",
        "/admin/nothing",
        "/admin/dashboard",
        "/admin/dashboard/connectors/shopee/profiles/",
        "/admin//dashboard/whoami",
        "/admin/dashboard/whoami/more",
    ];
    for path in elsewhere {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            asked.push((method, path.to_owned()));
        }
    }
    asked.push((Method::PUT, "/admin/dashboard/whoami".to_owned()));
    let unknown = format!("Bearer hwk_{}", "0".repeat(64));
    let shown = [None, Some("Bearer "), Some("Basic YTpi"), Some(&*unknown)];
    for (method, path) in asked {
        for authorization in shown {
            let url = format!("{origin}{path}");
            let mut request = bench.http.request(method.clone(), url);
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let answer = request.send().await.unwrap();
            let place = format!("{method} {path} with {authorization:?}");
            assert_eq!(answer.status(), 401, "{place}");
            assert!(answer.headers().contains_key("www-authenticate"), "{place}");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["type"], "urn:hawker:problem:unauthenticated");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_method_whatever_gets_past_the_token() {
    let mut bench = Bench::without_service().await;
    let origin = bench.start_another_service();
    let client = Client::at(&origin).await;
    let operations = client.operations().into_iter();
    let below = operations.filter(|of| of.path.starts_with("/admin"));
    let paths: BTreeSet<_> = below.map(|of| of.path.replace("{id}", SANDBOX)).collect();
    let methods = ["HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND"];
    for (path, method) in paths.iter().flat_map(|path| methods.map(|of| (path, of))) {
        let url = format!("{origin}{path}");
        let answer = bench.http.request(method.parse().unwrap(), url).send();
        assert_eq!(answer.await.unwrap().status(), 401, "{method} {path}");
    }
}

/// All scopes that do not cover this one.
fn all_but(needed: &str) -> Vec<&'static str> {
    let kind = needed.split(':').next().unwrap_or_default();
    let mut others: Vec<_> = ALL_SCOPES
        .into_iter()
        .filter(|scope| !scope.starts_with(kind))
        .collect();
    match needed {
        "connectors:write" => others.push("connectors:read"),
        "events:write" => others.push("events:read"),
        "orders:write" => others.push("orders:read"),
        "escrow:write" => others.push("escrow:read"),
        "exceptions:write" => others.push("exceptions:read"),
        "jobs:write" => others.push("jobs:read"),
        _ => {}
    }
    others
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_that_is_missing_is_named_and_nothing_is_done() {
    let (bench, client) = served().await;
    let before = profile(&client, SANDBOX).await;
    let mut refused = 0;
    for operation in client.operations() {
        let Some(needed) = operation.described["security"][0]["bearer"][0].as_str() else {
            continue;
        };
        let narrow = client.with_scopes(&bench.settings, &all_but(needed)).await;
        let call = narrow.call(operation.id).unchecked().somewhere(SANDBOX);
        let problem = call.send().await.problem(403, "scope-missing");
        assert_eq!(problem["needed_scope"], needed, "{}", operation.id);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(needed), "{detail}");
        refused += 1;
    }
    assert!(refused > 20, "{refused} operations");
    assert_eq!(profile(&client, SANDBOX).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tenant_has_is_not_there() {
    let (bench, client) = served().await;
    let event = pushed(&bench, &client).await;
    let open = client.call("listExceptions").ok().await;
    let exception = open["items"][0]["id"].as_str();
    let exception = exception.expect("an exception").to_owned();
    let asked = client.call("runJob").with("job", "reconcile-daily");
    let run = asked.ok().await["run_id"].as_str().map(str::to_owned);
    let run = run.expect("a run");
    let before = profile(&client, SANDBOX).await;
    let theirs = client.bearing(&token_of_neighbour(&bench).await);
    let known = theirs.call("whoAmI").ok().await;
    assert_eq!(known["tenant"], "neighbour");
    let mut asked = 0;
    for operation in client.operations() {
        if !(operation.path.starts_with("/admin") && operation.path.contains("{id}")) {
            continue;
        }
        let id = match operation.path.split('/').nth_back(1) {
            _ if operation.path.contains("/events/") => event.as_str(),
            _ if operation.path.contains("/exceptions/") => exception.as_str(),
            Some("runs") => run.as_str(),
            _ => SANDBOX,
        };
        let call = theirs.call(operation.id).with("id", id);
        let call = match operation.id {
            "redeemResendCode" => call.with("code", "resend-code-of-somebody"),
            "assignException" => call.with("assignee", "somebody"),
            "noteException" => call.with("note", "Theirs."),
            "snoozeException" => call.with("until", Value::Null),
            _ => call,
        };
        call.send().await.problem(404, "not-found");
        asked += 1;
    }
    assert!(asked > 10, "{asked} operations");
    let listed = theirs.call("listProfiles").ok().await;
    assert_eq!(listed["total"], 0);
    assert_eq!(profile(&client, SANDBOX).await, before);
}

/// Posts a push that nobody signed; answers the id of its event.
async fn pushed(bench: &Bench, client: &Client) -> String {
    let body = order_push("2404098R48U37H", "READY_TO_SHIP", 1);
    let url = webhook(client.origin());
    let answer = post(&bench.http, &url, body, None).await;
    assert!(answer.expect("an answer").counts());
    let events = client.call("listEvents").ok().await;
    let id = events["items"][0]["id"].as_str();
    id.expect("an event").to_owned()
}

/// Adds a merchant beside the one that there is; answers a token that may do everything there.
async fn token_of_neighbour(bench: &Bench) -> String {
    let slug = "neighbour".parse().expect("a tenant");
    let created = create_tenant(&bench.store, &slug, &Silent).await;
    created.expect("the tenant");
    let settings = bench.settings.clone().without("RUST_LOG");
    let mut arguments = vec!["--tenant", "neighbour", "api-token", "create"];
    arguments.extend(["--name", "theirs", "--json"]);
    for scope in ALL_SCOPES {
        arguments.extend(["--scope", scope]);
    }
    let made = run(&settings, &arguments).await;
    assert_eq!(made.code, 0, "{made:#?}");
    let token = made.json()["token"].as_str().map(str::to_owned);
    token.expect("a token")
}
