use serde_json::json;

use super::*;
use crate::testing::{Request, Server};

/// The path of a route with something in place of its variables.
fn example(route: &Route) -> String {
    route.path.replace("{env}", "live")
}

#[test]
fn every_listed_route_is_registered_and_answers_its_method_only() {
    let server = Server::start();
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    for route in ROUTES {
        let allowed: Vec<_> = route.allowed().split(", ").collect();
        for method in methods {
            let answer = server.request(method, &example(route));
            let expected = if allowed.contains(&method) { 200 } else { 405 };
            assert_eq!(answer.status, expected, "{method} {}", route.path);
            if expected == 405 {
                assert_eq!(
                    answer.header("allow"),
                    Some(route.allowed()),
                    "{method} {}",
                    route.path
                );
            }
        }
    }
}

#[test]
fn no_path_is_listed_twice() {
    for (index, route) in ROUTES.iter().enumerate() {
        let others = &ROUTES[index + 1..];
        assert!(
            others.iter().all(|other| other.path != route.path),
            "{}",
            route.path
        );
    }
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
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "There is nothing at this path.",
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
