use chrono::TimeDelta;
use hawker_domain::order::OrderStatus;
use hawker_ports::testing::examples::noon;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Admin, text};
use crate::testing::{Answer, adjusted, escrow};

const SN: &str = "251214TESTSN01";
const REPORT: &str = "/admin/escrow/report";

/// A shop with a completed order.
fn completed() -> Admin {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    admin.server.world.stock();
    admin.server.world.authorise(&profile);
    admin
        .server
        .world
        .order(&profile, SN, OrderStatus::Completed);
    admin
}

fn amount(value: &Value) -> Decimal {
    text(value).parse().expect("an amount")
}

fn report(admin: &Admin, query: &str) -> Answer {
    let (from, to) = (noon() - TimeDelta::days(1), noon() + TimeDelta::days(1));
    let period = format!(
        "totals=true&from={}&to={}",
        from.format("%Y-%m-%d"),
        to.format("%Y-%m-%d")
    );
    admin.get(&format!("{REPORT}?{period}{query}"))
}

#[test]
fn a_payout_adds_up_and_what_is_not_explained_is_told_as_such() {
    let admin = completed();
    let first = escrow(SN, noon(), 5);
    admin.server.world.capture(std::slice::from_ref(&first));
    admin.server.world.capture(&[adjusted(first)]);
    let shown = admin.get(&format!("/admin/orders/{SN}/escrow"));
    assert_eq!(shown.status, 200, "{shown:?}");
    let shown = shown.json();
    let steps = shown["waterfall"].as_array().expect("steps");
    let names: Vec<_> = steps.iter().map(|step| text(&step["name"])).collect();
    assert_eq!(
        names,
        [
            "original_cost_of_goods_sold",
            "seller_transaction_fee",
            "commission_fee"
        ]
    );
    assert_eq!(steps[1]["effect"], "-1.76");
    let sum: Decimal = steps.iter().map(|step| amount(&step["effect"])).sum();
    assert_eq!(sum, amount(&shown["computed"]));
    assert_eq!(shown["unexplained"], "0.05");
    let total = sum + amount(&shown["unexplained"]) + amount(&shown["adjustment"]);
    assert_eq!(total, amount(&shown["payout"]), "{shown}");
    assert_eq!(shown["payout"], "82.42");
    assert_eq!(shown["parts"]["service_fee"], "0.00");
    let causes: Vec<_> = shown["versions"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|version| (version["version"].clone(), text(&version["cause"])))
        .collect();
    let expected = [
        (json!(1), "captured".into()),
        (json!(2), "adjustment".into()),
    ];
    assert_eq!(causes, expected);
}

#[test]
fn what_was_not_captured_yet_is_not_there_and_can_be_asked_for() {
    let admin = completed();
    let none = admin.get(&format!("/admin/orders/{SN}/escrow"));
    assert!(none.is_problem(404, "not-found"), "{none:?}");
    let asked = admin.post(&format!("/admin/orders/{SN}/escrow/sync"));
    assert_eq!((asked.status, asked.body.as_str()), (202, ""), "{asked:?}");
    let unknown = admin.post("/admin/orders/251214TESTSN99/escrow/sync");
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
    let log = admin.get("/admin/dashboard/audit?action=escrow.sync_asked");
    assert_eq!(log.json()["total"], 2);
}

#[test]
fn an_order_on_its_way_has_no_payout_to_ask_for() {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    admin.server.world.stock();
    admin.server.world.authorise(&profile);
    admin.server.world.order(&profile, SN, OrderStatus::Shipped);
    let refused = admin.post(&format!("/admin/orders/{SN}/escrow/sync"));
    assert!(refused.is_problem(409, "conflict"), "{refused:?}");
}

#[test]
fn a_report_as_of_a_moment_is_the_same_whenever_it_is_made() {
    let admin = completed();
    let world = &admin.server.world;
    let first = escrow(SN, noon(), 0);
    world.capture(std::slice::from_ref(&first));
    let before = report(&admin, "").json();
    assert_eq!(before["totals"][0]["payout"], "84.37", "{before}");
    assert_eq!(before["totals"][0]["fees"], "3.63");
    assert_eq!(before["items"][0]["order_sn"], SN);

    world.clock.advance(TimeDelta::days(2));
    world.capture(&[adjusted(first)]);
    let now = report(&admin, "").json();
    assert_eq!(now["totals"][0]["payout"], "82.37", "{now}");
    let again = report(&admin, &format!("&as_of={}", text(&before["as_of"])));
    assert_eq!(again.json(), before);
}

#[test]
fn a_report_comes_in_parts_and_its_totals_are_of_all() {
    let admin = completed();
    let numbers = ["251214TESTSN01", "251214TESTSN02", "251214TESTSN03"];
    let payouts = numbers.map(|number| escrow(number, noon(), 0));
    admin.server.world.capture(&payouts);
    let first = report(&admin, "&limit=2").json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    assert_eq!(
        (&first["totals"][0]["orders"], &first["totals"][0]["payout"]),
        (&json!(3), &json!("253.11"))
    );
    let rest = report(&admin, &format!("&limit=2&after={}", text(&first["next"]))).json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
    assert_eq!(rest["next"], json!(null));
}

#[test]
fn all_pages_of_a_report_are_as_of_the_moment_of_the_first() {
    let admin = completed();
    let numbers = ["251214TESTSN01", "251214TESTSN02", "251214TESTSN03"];
    let payouts = numbers.map(|number| escrow(number, noon(), 0));
    admin.server.world.capture(&payouts);
    let first = report(&admin, "&limit=2").json();
    let next = text(&first["next"]);

    admin.server.world.clock.advance(TimeDelta::days(2));
    let [.., last] = payouts;
    admin.server.world.capture(&[adjusted(last)]);
    let rest = report(&admin, &format!("&limit=2&after={next}")).json();
    assert_eq!(rest["as_of"], first["as_of"]);
    assert_eq!(rest["totals"], first["totals"]);
    assert_eq!(rest["items"][0]["payout"], "84.37", "{rest}");
    let anew = report(&admin, "").json();
    assert_ne!(anew["totals"], first["totals"]);

    let same = format!("&limit=2&after={next}&as_of={}", text(&first["as_of"]));
    assert_eq!(report(&admin, &same).json(), rest);
    let earlier = format!("&after={next}&as_of=2025-01-01");
    let refused = report(&admin, &earlier);
    assert_eq!(refused.json()["errors"][0]["field"], "as_of", "{refused:?}");
    let no_cursor = report(&admin, "&after=1_nonsense");
    assert_eq!(
        no_cursor.json()["errors"][0]["field"],
        "after",
        "{no_cursor:?}"
    );
}

#[test]
fn a_table_is_whole_however_long_and_its_amounts_are_exact() {
    let admin = completed();
    let numbers: Vec<_> = (0..1_201).map(|n| format!("=2512{n:06}")).collect();
    let payouts: Vec<_> = numbers.iter().map(|n| escrow(n, noon(), -1)).collect();
    admin.server.world.capture(&payouts);
    let table = report(&admin, "&format=csv");
    assert_eq!(table.status, 200, "{table:?}");
    assert_eq!(
        table.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let lines: Vec<_> = table.body.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + numbers.len());
    let columns: Vec<_> = lines[0].split(',').collect();
    let cells: Vec<_> = lines[1].split(',').collect();
    let cell = |name: &str| {
        let place = columns.iter().position(|column| *column == name);
        cells[place.expect("a column")]
    };
    assert_eq!(cell("order_sn"), "'=2512000000", "no formula");
    assert_eq!((cell("payout"), cell("computed")), ("84.36", "84.37"));
    assert_eq!(cell("unexplained"), "-0.01");
    let sum: Decimal = lines[1..]
        .iter()
        .map(|line| line.split(',').nth(columns.len() - 3).expect("a cell"))
        .map(|cell| cell.parse::<Decimal>().expect("an amount"))
        .sum();
    assert_eq!(sum, Decimal::new(8_436, 2) * Decimal::from(1_201));
}

#[test]
fn a_report_that_cannot_be_is_refused_by_name() {
    let admin = completed();
    for (query, field) in [
        ("to=2025-01-01", "from"),
        ("from=2025-01-02&to=2025-01-01", "to"),
        ("from=2025-01-01&to=2025-01-02&by=guess", "by"),
        ("from=2025-01-01&to=2025-01-02&format=pdf", "format"),
        ("from=2025-01-01&to=2025-01-02&as_of=then", "as_of"),
        ("from=2025-01-01&to=2025-01-02&format=csv&limit=5", "limit"),
        ("from=2025-01-01&to=2025-01-02&limit=0", "limit"),
    ] {
        let refused = admin.get(&format!("{REPORT}?{query}"));
        assert!(
            refused.is_problem(422, "validation-failed"),
            "{query}: {refused:?}"
        );
        assert_eq!(refused.json()["errors"][0]["field"], field, "{query}");
    }
    let profile = admin
        .get("/admin/dashboard/connectors/shopee/profiles")
        .json();
    let id = text(&profile["items"][0]["id"]);
    let other = report(&admin, &format!("&profile_id={id}&env=live"));
    assert_eq!(other.json()["errors"][0]["field"], "env", "{other:?}");
    let unknown = report(&admin, "&profile_id=prof_gone");
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
}
