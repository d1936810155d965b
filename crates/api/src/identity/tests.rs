use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::testing::{Request, Server};

const WHO: &str = "/admin/dashboard/whoami";

#[test]
fn a_token_says_whose_data_it_is_for_and_what_it_allows() {
    let server = Server::start();
    let (id, token) = server
        .world
        .named_token("cards", "set-up", &[ApiScope::AuditRead]);
    let answer = server.ask(&token, "GET", WHO);
    let expected = json!({
        "tenant": "cards",
        "kind": "api_token",
        "id": id,
        "name": "set-up",
        "scopes": ["audit:read"],
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
}

#[test]
fn the_scheme_is_bearer_in_any_case_and_nothing_else() {
    let server = Server::start();
    let token = server.world.token(&[ApiScope::AuditRead]);
    for (value, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer  {token} "), 200),
        (format!("BEARER {token}"), 200),
        (format!("Basic {token}"), 401),
        (format!("Bearer{token}"), 401),
        (token.clone(), 401),
        ("Bearer ".to_owned(), 401),
        (format!("Bearer {token} {token}"), 401),
        (format!("Bearer {}", &token[..token.len() - 1]), 401),
        (format!("Bearer {}", token.to_uppercase()), 401),
    ] {
        let request = Request::new("GET", WHO).header("authorization", &value);
        assert_eq!(server.send(&request.bytes()).status, status, "{value}");
    }
    let request = Request::new("GET", WHO).header("authorization", b"Bearer \xff\xfe");
    assert_eq!(server.send(&request.bytes()).status, 401);
}

#[test]
fn a_token_in_the_query_is_none() {
    let server = Server::start();
    let token = server.world.token(&[ApiScope::AuditRead]);
    let answer = server.request("GET", &format!("{WHO}?access_token={token}"));
    assert_eq!(answer.status, 401);
}

#[test]
fn a_token_that_was_revoked_or_has_ended_is_refused_by_the_next_request() {
    let server = Server::start();
    let (id, token) = server
        .world
        .named_token("default", "short", &[ApiScope::AuditRead]);
    assert_eq!(server.ask(&token, "GET", WHO).status, 200);
    server.world.revoke("default", &id);
    assert_eq!(server.ask(&token, "GET", WHO).status, 401);

    let ending = server.world.token_for(TimeDelta::hours(1));
    assert_eq!(server.ask(&ending, "GET", WHO).status, 200);
    server.world.clock.advance(TimeDelta::hours(1));
    assert_eq!(server.ask(&ending, "GET", WHO).status, 401);
}

#[test]
fn who_may_change_may_also_look() {
    let server = Server::start();
    let token = server.world.token(&[ApiScope::ConnectorsWrite]);
    let answer = server.ask(&token, "GET", "/admin/dashboard/connectors/shopee/profiles");
    assert_eq!(answer.status, 200, "{answer:?}");
}
