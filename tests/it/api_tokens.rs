//! Tokens of the API: made, listed and revoked by command, and good or not from the next request on.

use hawker_tests::{Bench, Ended, ServiceProcess, run};
use serde_json::Value;

use crate::client::{Client, api_token};

async fn by_command(bench: &Bench, arguments: &[&str]) -> Ended {
    let settings = bench.settings.clone().without("RUST_LOG");
    let ended = run(&settings, arguments).await;
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    ended
}

async fn listed(bench: &Bench, id: &str) -> Value {
    let listed = by_command(bench, &["api-token", "list", "--json"]).await;
    let listed = listed.json();
    let mut rows = listed.as_array().expect("rows").iter();
    let row = rows.find(|row| row["id"] == id);
    row.expect("the token").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_is_refused_by_the_next_request_in_every_process() {
    let bench = Bench::without_service().await;
    let (one, other) = tokio::join!(
        ServiceProcess::start(&bench.settings),
        ServiceProcess::start(&bench.settings)
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    let (id, token) = api_token(&bench.settings, &["connectors:read"]).await;
    let (_, kept) = api_token(&bench.settings, &["connectors:read"]).await;
    let mut clients = Vec::new();
    for service in [&one, &other] {
        let client = Client::at(&service.origin()).await;
        let known = client.bearing(&token).call("whoAmI").ok().await;
        assert_eq!(known["id"], id);
        assert_eq!(known["scopes"], serde_json::json!(["connectors:read"]));
        clients.push(client);
    }
    assert_eq!(listed(&bench, &id).await["is_good"], true);
    by_command(&bench, &["api-token", "revoke", &id]).await;
    for client in &clients {
        let refused = client.bearing(&token).call("whoAmI").send().await;
        refused.problem(401, "unauthenticated");
        client.bearing(&kept).call("whoAmI").ok().await;
    }
    let row = listed(&bench, &id).await;
    assert_eq!(row["is_good"], false);
    assert!(row["revoked_at"].is_string(), "{row}");
    assert!(row["last_used_at"].is_string(), "{row}");
    let unknown = ["api-token", "revoke", "apt_01ARZ3NDEKTSV4RRFFQ69G5FAV"];
    let ended = run(&bench.settings.clone().without("RUST_LOG"), &unknown).await;
    assert_eq!(ended.code, 4, "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_ended_is_refused() {
    let mut bench = Bench::without_service().await;
    let origin = bench.start_another_service();
    let create = ["api-token", "create", "--name", "short", "--days", "1"];
    let create = [&create[..], &["--scope", "audit:read"]].concat();
    let made = by_command(&bench, &create).await;
    // The token alone is on standard output.
    let token = made.stdout.trim();
    assert!(token.starts_with("hwk_") && token.len() == 68, "{made:?}");
    assert!(!made.stderr.contains(token), "{made:?}");
    let client = Client::at(&origin).await.bearing(token);
    client.call("listAudit").ok().await;
    let ended = bench
        .execute("UPDATE public.api_token SET expires_at = now() - interval '1 second'")
        .await;
    assert_eq!(ended, 1);
    let refused = client.call("listAudit").send().await;
    refused.problem(401, "unauthenticated");
    let shown = by_command(&bench, &["api-token", "list"]).await;
    assert!(shown.stdout.contains("ended "), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_only_its_digest_is_stored_and_only_its_end_is_shown() {
    let bench = Bench::without_service().await;
    let (id, token) = api_token(&bench.settings, &["audit:read"]).await;
    let (digest, row): (bool, String) = sqlx::query_as(
        "SELECT digest = sha256(convert_to($1, 'UTF8')), of::text FROM public.api_token AS of",
    )
    .bind(&token)
    .fetch_one(bench.store.pool())
    .await
    .unwrap();
    assert!(digest, "{row}");
    let half = &token[..token.len() / 2];
    assert!(!row.contains(half), "{row}");
    for arguments in [
        &["api-token", "list"] as &[&str],
        &["api-token", "list", "--json"],
        &["api-token", "revoke", &id],
    ] {
        let said = by_command(&bench, arguments).await;
        assert!(!said.stdout.contains(half), "{said:?}");
    }
}
