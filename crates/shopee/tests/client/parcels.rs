//! Tracking numbers of packages: each by its own, none blank, and no package in the way of another.

use hawker_ports::MarketplaceError;
use hawker_ports::parcels::{ParcelTracker, Tracking};
use serde_json::{Value, json};

use super::*;

fn told(package_number: &str, tracking_number: &str) -> Tracking {
    Tracking {
        package_number: package_number.into(),
        tracking_number: tracking_number.into(),
        is_pushed: false,
    }
}

fn package(number: &str, tracking_number: impl Into<Value>) -> Value {
    json!({
        "order_sn": "A1", "package_number": number,
        "tracking_number": tracking_number.into(),
    })
}

fn reply(packages: &[Value]) -> Answer {
    Answer::json(
        200,
        &json!({"error": "", "response": {"package_list": packages}}),
    )
}

async fn numbers(bench: &Bench, packages: &[&str]) -> Result<Vec<Tracking>, MarketplaceError> {
    let packages: Vec<String> = packages.iter().map(ToString::to_string).collect();
    let access = bench.access();
    bench.marketplace.tracking_numbers(&access, &packages).await
}

#[tokio::test]
async fn packages_are_asked_for_together_and_once() {
    let bench = Bench::new(|_| reply(&[package("OFG1", "SG1"), package("OFG2", "SG2")]));
    let told_of = numbers(&bench, &["OFG2", "OFG1", "OFG2"]).await.unwrap();
    assert_eq!(told_of, [told("OFG1", "SG1"), told("OFG2", "SG2")]);
    let request = bench.request();
    assert_eq!(request.query("package_number_list"), "OFG1,OFG2");
}

#[tokio::test]
async fn a_number_that_is_not_there_yet_is_none() {
    for nothing in [json!(""), json!("  "), Value::Null] {
        let answer = [package("OFG1", nothing), package("OFG2", "SG2")];
        let bench = Bench::new(move |_| reply(&answer));
        let told_of = numbers(&bench, &["OFG1", "OFG2"]).await.unwrap();
        assert_eq!(told_of, [told("OFG2", "SG2")]);
    }
}

#[tokio::test]
async fn what_was_not_asked_for_or_cannot_be_read_harms_no_other_package() {
    let answer = [
        json!("no package"),
        json!({"tracking_number": "SG0"}),
        package("OFG9", "SG9"),
        package("OFG2", "SG2"),
    ];
    let bench = Bench::new(move |_| reply(&answer));
    let told_of = numbers(&bench, &["OFG1", "OFG2"]).await.unwrap();
    assert_eq!(told_of, [told("OFG2", "SG2")]);
}

#[tokio::test]
async fn a_package_that_the_platform_does_not_know_keeps_no_number_back() {
    for code in ["error_not_found", "logistics.package_number_not_exist"] {
        let bench = Bench::new(move |request| {
            let asked = request.query("package_number_list");
            if asked.split(',').any(|number| number == "GONE") {
                return Answer::json(200, &json!({"error": code, "message": "no such package"}));
            }
            let numbers = asked.split(',').map(|number| package(number, "SG1"));
            reply(&numbers.collect::<Vec<_>>())
        });
        let packages = ["GONE", "OFG1", "OFG2", "OFG3"];
        let mut told_of = numbers(&bench, &packages).await.unwrap();
        told_of.sort_by(|a, b| a.package_number.cmp(&b.package_number));
        let expected = ["OFG1", "OFG2", "OFG3"].map(|number| told(number, "SG1"));
        assert_eq!(told_of, expected, "{code}");
    }
}

#[tokio::test]
async fn any_other_refusal_is_told() {
    let bench =
        Bench::new(|_| Answer::json(200, &json!({"error": "error_param", "message": "odd"})));
    let error = numbers(&bench, &["OFG1", "OFG2"]).await.unwrap_err();
    assert!(
        matches!(error, MarketplaceError::Refused { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_number_with_a_comma_is_no_packages() {
    let bench = Bench::new(|_| reply(&[package("OFG1", "SG1")]));
    let told_of = numbers(&bench, &["OFG1", "A,B"]).await.unwrap();
    assert_eq!(told_of, [told("OFG1", "SG1")]);
    assert_eq!(bench.request().query("package_number_list"), "OFG1");
    assert_eq!(numbers(&bench, &["A,B"]).await.unwrap(), []);
}
