use serde_json::json;

use super::*;
use crate::testing::{Request, Server};

/// The path of a route with something in place of its variables.
fn example(route: &Route) -> String {
    route
        .path
        .replace("{env}", "live")
        .replace("{file}", "start.js")
        .replace("{id}", "prof_1")
        .replace("{sn}", "251214TESTSN01")
        .replace("{batch}", "xret_1")
        .replace("{job}", "reconcile-daily")
}

fn is_public(route: &Route) -> bool {
    route.permission == Permission::Public
}

#[test]
fn every_listed_route_is_registered_and_answers_its_methods_only() {
    let server = Server::start();
    let token = server.world.token(ApiScope::ALL);
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    for (path, routes) in by_path() {
        let allowed = allowed(&routes);
        let listed: Vec<_> = allowed.split(", ").collect();
        for method in methods {
            let answer = server.ask(&token, method, &example(routes[0]));
            let is_listed = listed.contains(&method);
            assert_eq!(answer.status != 405, is_listed, "{method} {path}");
            if !is_listed {
                assert_eq!(
                    answer.header("allow"),
                    Some(allowed.as_str()),
                    "{method} {path}"
                );
            }
        }
    }
}

#[test]
fn no_route_is_listed_twice() {
    for (index, route) in ROUTES.iter().enumerate() {
        let same = |other: &Route| other.path == route.path && other.method == route.method;
        assert!(
            !ROUTES[index + 1..].iter().any(same),
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[test]
fn what_has_an_effect_does_not_answer_head() {
    let server = Server::start();
    let token = server.world.token(ApiScope::ALL);
    for path in [
        "/connectors/shopee/oauth/callback",
        "/connectors/shopee/oauth/callback/live",
        "/admin/dashboard/connectors/shopee/oauth/start",
    ] {
        let answer = server.ask(&token, "HEAD", path);
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET")),
            "{path}"
        );
    }
}

#[test]
fn nothing_below_admin_is_public_and_nothing_else_needs_a_token() {
    for route in ROUTES {
        let is_below = route.path.starts_with("/admin/");
        assert_eq!(!is_public(route), is_below, "{}", route.path);
    }
}

#[test]
fn nothing_below_admin_answers_without_a_good_token() {
    let server = Server::start();
    let known = ROUTES.iter().filter(|route| !is_public(route));
    let mut targets: Vec<_> = known
        .map(|route| (route.method.as_str(), example(route)))
        .collect();
    for target in [
        "/admin",
        "/admin/",
        "/admin/nothing",
        "/admin/dashboard/nothing",
    ] {
        targets.push(("GET", target.to_owned()));
    }
    targets.push(("PUT", "/admin/dashboard/whoami".to_owned()));
    let bad = format!("hwk_{}", "0".repeat(64));
    for (method, target) in targets {
        let without = server.request(method, &target);
        assert!(
            without.is_problem(401, "unauthenticated"),
            "{method} {target}: {without:?}"
        );
        assert_eq!(
            without.header("www-authenticate"),
            Some("Bearer realm=\"hawker\""),
            "{method} {target}"
        );
        let with_bad = server.ask(&bad, method, &target);
        assert!(
            with_bad.is_problem(401, "unauthenticated"),
            "{method} {target}: {with_bad:?}"
        );
        assert_eq!(
            with_bad.header("www-authenticate"),
            Some("Bearer realm=\"hawker\", error=\"invalid_token\""),
            "{method} {target}"
        );
        assert!(!with_bad.body.contains(&bad), "{method} {target}");
    }
}

#[test]
fn a_token_without_the_scope_is_told_which_one_it_takes() {
    let server = Server::start();
    for route in ROUTES {
        let Permission::Scope(needed) = route.permission else {
            continue;
        };
        let others: Vec<_> = ApiScope::ALL
            .iter()
            .copied()
            .filter(|scope| !scope.covers(needed))
            .collect();
        let token = server.world.token(&others);
        let answer = server.ask(&token, route.method.as_str(), &example(route));
        let place = format!("{} {}", route.method, route.path);
        assert!(
            answer.is_problem(403, "scope-missing"),
            "{place}: {answer:?}"
        );
        assert_eq!(answer.json()["needed_scope"], needed.as_str(), "{place}");
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(
            challenge.contains(&format!("scope=\"{needed}\"")),
            "{place}: {challenge}"
        );
    }
}

#[test]
fn whoever_is_known_learns_what_there_is_not() {
    let server = Server::start();
    let token = server.world.token(&[ApiScope::AuditRead]);
    let answer = server.ask(&token, "GET", "/admin/dashboard/nothing");
    assert!(answer.is_problem(404, "not-found"), "{answer:?}");
    let answer = server.ask(&token, "PUT", "/admin/dashboard/whoami");
    assert!(answer.is_problem(405, "method-not-allowed"), "{answer:?}");
}

#[test]
fn what_is_not_listed_is_a_problem_that_names_the_request() {
    let server = Server::start();
    for target in [
        "/",
        "/nothing",
        "/health/",
        "/connectors/shopee",
        "/connectors/shopee/webhook/live/x",
        "/administration",
        "/docs/nothing",
        "/docs/index.html",
    ] {
        let answer = server.send(
            &Request::new("GET", target)
                .header("x-request-id", "req-1")
                .bytes(),
        );
        assert_eq!(answer.status, 404, "{target}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let expected = json!({
            "type": "urn:hawker:problem:not-found",
            "title": "Not found",
            "status": 404,
            "detail": "There is nothing at this path. /openapi.json lists what there is.",
            "request_id": "req-1",
        });
        assert_eq!(answer.json(), expected);
    }
}

#[test]
fn a_wrong_method_on_a_probe_is_a_problem() {
    let server = Server::start();
    let answer = server.request("POST", "/health");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(answer.json()["detail"], "This path answers GET, HEAD only.");
}

#[test]
fn the_probes_tell_what_they_promise() {
    let server = Server::start();
    for path in ["/health", "/healthz"] {
        assert_eq!(
            server.request("GET", path).json(),
            json!({ "status": "ok" })
        );
    }
    let version = server.request("GET", "/version").json();
    assert_eq!(
        version,
        json!({ "name": "hawker", "version": env!("CARGO_PKG_VERSION") })
    );
    let ready = server.request("GET", "/readyz");
    assert_eq!(ready.status, 200);
    let checks: Vec<_> = ready.json()["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| (check["name"].clone(), check["ok"].clone()))
        .collect();
    let expected = ["database", "migrations", "key"].map(|name| (json!(name), json!(true)));
    assert_eq!(checks, expected);
    let metrics = server.request("GET", "/metrics");
    assert!(
        metrics
            .header("content-type")
            .is_some_and(|t| t.starts_with("application/openmetrics-text"))
    );
    assert!(metrics.body.ends_with("# EOF\n"), "{}", metrics.body);
}

#[test]
fn a_service_that_stops_is_alive_and_not_ready() {
    let server = Server::start();
    server.state.announce_stop();
    assert_eq!(server.request("GET", "/readyz").status, 503);
    assert_eq!(server.request("GET", "/health").status, 200);
    assert_eq!(server.push("/connectors/shopee/webhook", b"{}").status, 200);
}

#[test]
fn a_sane_request_id_is_taken_over_and_any_other_replaced() {
    let server = Server::start();
    let too_long = "x".repeat(65);
    for (sent, is_kept) in [
        ("0af7651916cd43dd-8448.eb21_1c80319c", true),
        ("a b", false),
        ("<script>", false),
        ("", false),
        (too_long.as_str(), false),
    ] {
        let request = Request::new("GET", "/health").header("x-request-id", sent);
        let answer = server.send(&request.bytes());
        let id = answer.header("x-request-id").expect("an id");
        assert_eq!(id == sent, is_kept, "{sent}");
        assert!(!id.is_empty());
    }
    let first = server.request("GET", "/health");
    let second = server.request("GET", "/health");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[test]
fn no_answer_is_kept_in_a_cache_or_taken_for_another_type() {
    let server = Server::start();
    for target in [
        "/health",
        "/metrics",
        "/nothing",
        "/connectors/shopee/webhook",
    ] {
        let answer = server.request("GET", target);
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{target}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{target}");
    }
}
