use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_ports::authorisation::Grantee;
use hawker_ports::testing::AuthCall;
use hawker_ports::testing::examples::SHOP;
use serde_json::json;
use url::Url;

use super::*;
use crate::testing::{Answer, Request, Server};

const PROFILES: &str = "/admin/dashboard/connectors/shopee/profiles";
const START: &str = "/admin/dashboard/connectors/shopee/oauth/start";
const RETURN: &str = "https://ops.example.com/shopee?tab=live";

/// A seller who was sent to the marketplace.
struct Seller {
    server: Server,
    profile: String,
    /// Where the marketplace sends the browser back to: path and query.
    way_back: String,
}

impl Seller {
    fn of(environment: &str, return_url: Option<&str>) -> Self {
        let server = Server::returning_to(return_url);
        let token = server.world.token(ApiScope::ALL);
        let body = json!({
            "env_type": environment,
            "display_name": "Shop",
            "partner_id": 1_000_001,
            "partner_key": "partner-key-of-the-app",
        });
        let made = server.tell(&token, "POST", PROFILES, &body);
        let profile = made.json()["id"].as_str().expect("an id").to_owned();
        let started = server.ask(&token, "GET", &format!("{START}?profile_id={profile}"));
        assert_eq!(started.status, 200, "{started:?}");
        let started = started.json();
        assert_eq!(started["environment"], environment);
        assert_eq!(started["profile_id"], profile);
        let link = started["authorization_url"].as_str().expect("a link");
        let (_, redirect) = link.split_once("redirect=").expect("a way back");
        let redirect = Url::parse(redirect).expect("a URL");
        let way_back = format!(
            "{}?{}",
            redirect.path(),
            redirect.query().unwrap_or_default()
        );
        server
            .world
            .authoriser
            .offer_code("c0de", Grantee::Shop(SHOP), &[]);
        Self {
            server,
            profile,
            way_back,
        }
    }

    fn comes_back(&self, rest: &str) -> Answer {
        self.server
            .request("GET", &format!("{}{rest}", self.way_back))
    }

    fn agreed(&self) -> Answer {
        self.comes_back(&format!("&code=c0de&shop_id={SHOP}"))
    }

    fn nonce(&self) -> &str {
        self.way_back
            .split_once("nonce=")
            .map(|(_, nonce)| nonce)
            .expect("a nonce")
    }
}

#[test]
fn a_seller_who_agreed_is_sent_on_to_the_operators_page() {
    for environment in ["live", "sandbox"] {
        let seller = Seller::of(environment, Some(RETURN));
        let answer = seller.agreed();
        let expected = format!(
            "{RETURN}&env={environment}&status=connected&profile_id={}",
            seller.profile
        );
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, Some(expected.as_str()))
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.body, "");
    }
}

#[test]
fn without_an_operators_page_ours_says_where_things_stand() {
    let seller = Seller::of("live", None);
    let answer = seller.agreed();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("content-security-policy").is_some());
    assert!(
        answer.body.contains("The shop is connected"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains(&seller.profile));
    for secret in ["c0de", seller.nonce()] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
}

#[test]
fn what_went_wrong_is_a_word_in_the_query() {
    let status_of = |answer: &Answer| {
        let location = answer.header("location").expect("a place").to_owned();
        let url = Url::parse(&location).expect("a URL");
        let status = url.query_pairs().find(|(name, _)| name == "status");
        assert!(
            !location.contains("c0de") && !location.contains("nonce"),
            "{location}"
        );
        status
            .map(|(_, value)| value.into_owned())
            .expect("a status")
    };
    let seller = || Seller::of("live", Some(RETURN));
    let agreed = format!("&code=c0de&shop_id={SHOP}");

    let declined = seller();
    assert_eq!(status_of(&declined.comes_back("")), "denied");
    assert_eq!(status_of(&declined.comes_back(&agreed)), "state_used");
    assert_eq!(
        status_of(&seller().comes_back("&code=wrong&shop_id=1")),
        "code_rejected"
    );

    let late = seller();
    late.server.world.clock.advance(TimeDelta::hours(1));
    assert_eq!(status_of(&late.agreed()), "state_expired");

    let lost = seller();
    lost.server
        .world
        .authoriser
        .lose_next_reply(AuthCall::ExchangeCode);
    assert_eq!(status_of(&lost.agreed()), "in_doubt");

    let made_up = seller();
    let path = "/connectors/shopee/oauth/callback/live";
    for query in [
        "",
        "?nonce=made-up&code=c0de&shop_id=7",
        "?profile_id=scp_away",
    ] {
        let answer = made_up.server.request("GET", &format!("{path}{query}"));
        let expected = if query.contains("away") {
            UNAVAILABLE
        } else {
            "invalid_state"
        };
        assert_eq!(status_of(&answer), expected, "{query}");
    }
}

#[test]
fn the_way_back_without_an_environment_is_the_sandboxs() {
    let of_sandbox = Seller::of("sandbox", Some(RETURN));
    let path = of_sandbox
        .way_back
        .replace("/callback/sandbox?", "/callback?");
    let target = format!("{path}&code=c0de&shop_id={SHOP}");
    let answer = of_sandbox.server.request("GET", &target);
    let location = answer.header("location").unwrap_or_default();
    assert!(
        location.contains("env=sandbox&status=connected"),
        "{location}"
    );

    let of_live = Seller::of("live", Some(RETURN));
    let path = of_live.way_back.replace("/callback/live?", "/callback?");
    let target = format!("{path}&code=c0de&shop_id={SHOP}");
    let answer = of_live.server.request("GET", &target);
    let location = answer.header("location").unwrap_or_default();
    assert!(
        location.contains("env=sandbox&status=invalid_state"),
        "{location}"
    );
}

#[test]
fn an_environment_that_does_not_exist_is_not_found() {
    let server = Server::start();
    let answer = server.request("GET", "/connectors/shopee/oauth/callback/moon?nonce=n");
    assert!(answer.is_problem(404, "not-found"), "{answer:?}");
}

#[test]
fn a_browser_that_looks_ahead_does_not_use_the_nonce_up() {
    let seller = Seller::of("live", Some(RETURN));
    let target = format!("{}&code=c0de&shop_id={SHOP}", seller.way_back);
    let head = seller.server.request("HEAD", &target);
    assert_eq!(head.status, 405);
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let request = Request::new("GET", &target).header(name, value);
        let answer = seller.server.send(&request.bytes());
        assert!(answer.is_empty(503), "{name}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let answer = seller.agreed();
    let location = answer.header("location").unwrap_or_default();
    assert!(location.contains("status=connected"), "{location}");
}

#[test]
fn of_two_visits_with_one_nonce_one_connects() {
    let seller = Seller::of("live", Some(RETURN));
    let location = |answer: Answer| answer.header("location").unwrap_or_default().to_owned();
    assert!(location(seller.agreed()).contains("status=connected"));
    assert!(location(seller.agreed()).contains("status=state_used"));
    assert_eq!(
        seller.server.world.authoriser.calls(AuthCall::ExchangeCode),
        1
    );
}
