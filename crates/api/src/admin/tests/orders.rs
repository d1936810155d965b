use hawker_domain::TenantSlug;
use hawker_domain::order::OrderStatus;
use serde_json::json;

use super::{Admin, text};

const SN: &str = "251214TESTSN01";

/// A shop with an authorised profile in force.
fn shop() -> (Admin, String) {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    admin.server.world.authorise(&profile);
    (admin, profile)
}

#[test]
fn orders_are_listed_in_parts_and_shown_with_their_lines() {
    let (admin, profile) = shop();
    for number in [SN, "251214TESTSN02", "251214TESTSN03"] {
        admin
            .server
            .world
            .order(&profile, number, OrderStatus::ReadyToShip);
    }
    let first = admin.get("/admin/orders?limit=2&held=true").json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    let rest = admin.get(&format!(
        "/admin/orders?limit=2&after={}",
        text(&first["next"])
    ));
    let rest = rest.json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
    assert_eq!(rest["next"], json!(null));
    let none = admin.get("/admin/orders?sync_status=created").json();
    assert_eq!(none["items"], json!([]));

    let order = admin.get(&format!("/admin/orders/{SN}"));
    assert_eq!(order.status, 200, "{order:?}");
    let order = order.json();
    assert_eq!(
        (&order["total"], &order["currency"], &order["first_source"]),
        (&json!("26.90"), &json!("SGD"), &json!("webhook")),
        "{order}"
    );
    let other = admin.server.world.token_of("cards");
    let hidden = admin
        .server
        .ask(&other, "GET", &format!("/admin/orders/{SN}"));
    assert!(hidden.is_problem(404, "not-found"), "{hidden:?}");
    let gone = admin.get("/admin/orders?after=order_of_nowhere");
    assert!(gone.is_problem(422, "validation-failed"), "{gone:?}");
}

#[test]
fn an_order_that_nobody_heard_of_is_asked_for_and_the_workers_are_woken() {
    let (admin, profile) = shop();
    let asked = admin.post(&format!("/admin/orders/{SN}/refresh"));
    assert_eq!(asked.status, 202, "{asked:?}");
    let asked = asked.json();
    assert_eq!(asked["profile_id"], profile.as_str());
    assert_eq!(admin.server.world.woken(), [TenantSlug::default_tenant()]);
    let event = admin.get(&format!(
        "/admin/dashboard/events/{}",
        text(&asked["event_id"])
    ));
    let event = event.json();
    assert_eq!(
        (&event["order_sn"], &event["source"], &event["processed"]),
        (&json!(SN), &json!("manual"), &json!(false)),
        "{event}"
    );
    let log = admin.get("/admin/dashboard/audit?action=order.refresh_asked");
    assert_eq!(log.json()["total"], 1);
}

#[test]
fn an_order_cannot_be_asked_for_through_nobody() {
    let admin = Admin::new();
    let refused = admin.post(&format!("/admin/orders/{SN}/refresh"));
    assert!(refused.is_problem(409, "not-configured"), "{refused:?}");
    let unknown = admin.post(&format!("/admin/orders/{SN}/refresh?profile_id=prof_gone"));
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
    assert!(admin.server.world.woken().is_empty());
}

#[test]
fn completeness_is_told_for_the_days_of_the_shop() {
    let (admin, profile) = shop();
    admin
        .server
        .world
        .order(&profile, SN, OrderStatus::ReadyToShip);
    let shown = admin.get("/admin/completeness");
    assert_eq!(shown.status, 200, "{shown:?}");
    let shown = shown.json();
    assert_eq!(
        (&shown["profile_id"], &shown["zone"], &shown["missing"]),
        (&json!(profile), &json!("Asia/Singapore"), &json!(0)),
        "{shown}"
    );
    let days = shown["days"].as_array().expect("days");
    assert_eq!(days.len(), 30);
    let held: i64 = days.iter().filter_map(|day| day["held"].as_i64()).sum();
    let pushed: i64 = days
        .iter()
        .filter_map(|day| day["by_webhook"].as_i64())
        .sum();
    assert_eq!((held, pushed), (1, 1), "{shown}");
}

#[test]
fn days_that_cannot_be_are_refused_by_name() {
    let (admin, _) = shop();
    for (query, field) in [
        ("from=2025-02-02&to=2025-02-01", "to"),
        ("from=yesterday", "from"),
    ] {
        let refused = admin.get(&format!("/admin/completeness?{query}"));
        assert!(
            refused.is_problem(422, "validation-failed"),
            "{query}: {refused:?}"
        );
        assert_eq!(refused.json()["errors"][0]["field"], field, "{query}");
    }
    let unknown = admin.get("/admin/completeness?profile_id=prof_gone");
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
}
