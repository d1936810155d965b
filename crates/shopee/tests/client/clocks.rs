//! The platform's clock: found out from its answers, corrected for, and told, for each host.

use hawker_ports::Marketplace;
use hawker_ports::authorisation::Authoriser;
use hawker_ports::calls::ClockSkew;
use serde_json::json;
use url::Url;

use super::answers::{error_of, told};
use super::*;

/// What the clock of [`ten_minutes_ahead`] shows.
const AHEAD: i64 = TIMESTAMP + 600;

/// A platform that is 600 s ahead and, as it does, accepts 300 s.
fn ten_minutes_ahead(request: &Request) -> Answer {
    let timestamp: i64 = request.query("timestamp").parse().expect("a number");
    let answer = if (timestamp - AHEAD).abs() > 300 {
        Answer::new(403, refusal("error_param", "Timestamp is expired."))
    } else {
        Answer::json(200, &json!({"response": {"order_list": []}}))
    };
    answer.and("Date", "Mon, 20 Jun 2022 08:50:31 GMT")
}

/// Makes a call that succeeds.
async fn ask(bench: &Bench, access: &ShopAccess) {
    let asked = bench.marketplace.order_details(access, &[sn("A1")]).await;
    asked.expect("an answer");
}

/// A platform whose answers do not tell the time.
fn content(_: &Request) -> Answer {
    Answer::json(200, &json!({"response": {"order_list": []}}))
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once_and_stays_corrected() {
    let bench = Bench::new(ten_minutes_ahead);
    for _ in 0..2 {
        ask(&bench, &bench.access()).await;
    }
    assert_eq!(bench.results(), ["clock", "ok", "ok"]);
    let [_, repeated, later] = bench.server.requests().try_into().unwrap();
    for request in [repeated, later] {
        assert_eq!(request.query("timestamp"), AHEAD.to_string());
    }
}

#[tokio::test]
async fn a_clock_that_stays_off_is_the_operators() {
    let bench = Bench::new(|_| {
        Answer::new(200, refusal("error_param", "Timestamp is expired."))
            .and("Date", "Mon, 20 Jun 2022 08:50:31 GMT")
    });
    assert_eq!(told(&error_of(&bench).await).0, "misconfigured");
    assert_eq!(bench.results(), ["clock", "clock"]);
}

#[tokio::test]
async fn the_clock_of_one_host_says_nothing_of_another() {
    let bench = Bench::new(ten_minutes_ahead);
    let other = Server::start(content);
    let elsewhere = other.base_url();
    for access in [bench.access(), access_to(elsewhere.clone())] {
        ask(&bench, &access).await;
    }
    let [request] = other.requests().try_into().expect("one request");
    assert_eq!(request.query("timestamp"), TIMESTAMP.to_string());

    let link = |access: ShopAccess| {
        let app = AppAccess {
            profile: access.profile,
            base_url: access.base_url,
            partner_id: access.partner_id,
            partner_key: access.partner_key,
        };
        let link = bench
            .marketplace
            .authorisation_link(&app, "https://ops.example.com/back");
        let link = Url::parse(&link.unwrap()).unwrap();
        let stamp = link.query_pairs().find(|(name, _)| name == "timestamp");
        stamp.unwrap().1.parse::<i64>().unwrap()
    };
    assert_eq!(link(access_to(elsewhere)), TIMESTAMP);
    assert_eq!(link(bench.access()), AHEAD);
}

#[tokio::test]
async fn a_host_is_the_same_whatever_path_leads_to_its_api() {
    let bench = Bench::new(ten_minutes_ahead);
    let base_url = bench.server.base_url();
    ask(&bench, &bench.access()).await;
    let host = base_url.trim_end_matches("/api/v2");
    for same in [format!(" {base_url}/ "), format!("{host}/proxied/api/v2")] {
        ask(&bench, &access_to(same)).await;
    }
    assert_eq!(bench.results(), ["clock", "ok", "ok", "ok"]);
}

#[tokio::test]
async fn the_difference_that_was_measured_last_is_told_for_the_host_that_it_was_measured_at() {
    let bench = Bench::new(ten_minutes_ahead);
    let other = Server::start(content);
    let (here, there) = (bench.server.base_url(), other.base_url());
    assert_eq!(bench.api.clock_skew_s(&here), None, "nothing was asked yet");
    for access in [bench.access(), access_to(there.clone())] {
        ask(&bench, &access).await;
    }
    assert_eq!(
        bench.api.clock_skew_s(&here),
        Some(600),
        "as it is, although corrected"
    );
    assert_eq!(
        bench.api.clock_skew_s(&there),
        None,
        "its answer told no time"
    );
    assert_eq!(bench.api.clock_skew_s("no address"), None);

    // Somebody set our clock.
    bench.clock.set(at(AHEAD - 2));
    ask(&bench, &bench.access()).await;
    assert_eq!(bench.api.clock_skew_s(&here), Some(2));
}
