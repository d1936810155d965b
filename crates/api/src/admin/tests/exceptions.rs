use std::collections::BTreeSet;

use chrono::TimeDelta;
use hawker_domain::order::OrderStatus;
use hawker_domain::{Environment, TenantSlug};
use hawker_ports::testing::examples::noon;
use serde_json::{Value, json};

use super::{Admin, text};
use crate::testing::Answer;

const LIST: &str = "/admin/exceptions";
const BULK: &str = "/admin/exceptions/bulk";
const SKU: &str = "POK-OBF-223-NM-EN";
const NUMBERS: [&str; 3] = ["251214TESTSN01", "251214TESTSN02", "251214TESTSN03"];

/// A shop of which three orders wait for a SKU; answers the exceptions.
fn held() -> (Admin, Vec<String>) {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    let ids = admin.server.world.lack_sku(&profile, SKU, &NUMBERS);
    (admin, ids)
}

fn shown(admin: &Admin, id: &str) -> Value {
    let answer = admin.get(&format!("{LIST}/{id}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn listed(admin: &Admin, query: &str) -> BTreeSet<String> {
    let page = admin.get(&format!("{LIST}{query}")).json();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| text(&item["id"])).collect()
}

fn field(refused: &Answer) -> String {
    assert!(refused.is_problem(422, "validation-failed"), "{refused:?}");
    text(&refused.json()["errors"][0]["field"])
}

#[test]
fn exceptions_of_one_cause_are_one_group() {
    let (admin, ids) = held();
    let groups = admin.get("/admin/exceptions/groups").json();
    let group = &groups["items"][0];
    assert_eq!(groups["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&group["error_class"], &group["open"], &group["orders"]),
        (&json!("sku_not_found"), &json!(3), &json!(3)),
        "{group}"
    );
    assert_eq!(group["cause"], format!("sku:{SKU}"));
    assert_eq!(listed(&admin, "?limit=200"), BTreeSet::from_iter(ids));
    let other = admin.get("/admin/exceptions/groups?class=oversold").json();
    assert_eq!(other["items"], json!([]));
}

#[test]
fn the_list_is_narrowed_down_to_an_environment_and_a_profile() {
    let admin = Admin::new();
    let [shop, other] = [("sandbox", "Shop"), ("live", "Other")].map(|(environment, name)| {
        let profile = admin.profile(environment, name);
        (environment, profile)
    });
    let world = &admin.server.world;
    let ids = world.lack_sku(&shop.1, SKU, &NUMBERS[..2]);
    let theirs = world.lack_sku_in(Environment::Live, &other.1, SKU, &NUMBERS[2..]);
    for ((environment, profile), ids) in [(&shop, &ids), (&other, &theirs)] {
        let expected: BTreeSet<_> = ids.iter().cloned().collect();
        for query in [
            format!("?env={environment}"),
            format!("?profile_id={profile}"),
            format!("?env={environment}&profile_id={profile}&status=open"),
        ] {
            assert_eq!(listed(&admin, &query), expected, "{query}");
        }
    }
    let neither = format!("?env=live&profile_id={}", shop.1);
    assert!(listed(&admin, &neither).is_empty());
    let of_list = |query: &str| field(&admin.get(&format!("{LIST}?{query}")));
    assert_eq!(of_list("env=moon"), "env");
    assert_eq!(of_list("profile_id=a%20b"), "profile_id");
}

#[test]
fn what_must_be_done_first_comes_first_where_that_is_asked_for() {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    let world = &admin.server.world;
    let undated = world.lack_sku(&profile, SKU, &NUMBERS[..1]);
    world.authorise(&profile);
    world.order(&profile, NUMBERS[1], OrderStatus::InCancel);
    let resolved = world.lack_sku(&profile, SKU, &NUMBERS[2..]);
    admin.send(
        "POST",
        &format!("{LIST}/{}/resolve", resolved[0]),
        &json!({}),
    );
    let rows = |query: &str| {
        let page = admin.get(&format!("{LIST}{query}")).json();
        let items = page["items"].as_array().expect("items").clone();
        let numbers: Vec<_> = items.iter().map(|row| text(&row["order_sn"])).collect();
        (numbers, page["next"].clone())
    };
    let (newest, _) = rows("?sort=newest");
    assert_eq!(newest[0], NUMBERS[2], "{newest:?}");
    let (due, _) = rows("?sort=due");
    let dated = due.iter().filter(|number| *number == NUMBERS[1]).count();
    assert_eq!(due.len(), dated + 1, "what is resolved is not due: {due:?}");
    assert_eq!(due.last().map(String::as_str), Some(NUMBERS[0]), "{due:?}");
    // Page by page as well.
    let (first, next) = rows("?sort=due&limit=1");
    let (second, _) = rows(&format!("?sort=due&limit=200&after={}", text(&next)));
    assert_eq!([first, second].concat(), due);
    assert_eq!(undated.len(), 1);
    let refused = |query: &str| field(&admin.get(&format!("{LIST}?{query}")));
    assert_eq!(refused("sort=due&status=resolved"), "sort");
    assert_eq!(refused("sort=worst"), "sort");
}

#[test]
fn what_an_order_is_worth_is_at_stake() {
    let admin = Admin::new();
    let profile = admin.profile("sandbox", "Shop");
    let world = &admin.server.world;
    world.authorise(&profile);
    world.order(&profile, NUMBERS[0], OrderStatus::ReadyToShip);
    let group = admin.get("/admin/exceptions/groups").json()["items"][0].clone();
    assert_eq!(
        group["at_stake"],
        json!([{ "currency": "SGD", "amount": "26.90" }])
    );
    let held = admin.get(&format!("{LIST}?order_sn={}", NUMBERS[0])).json();
    let held = &held["items"][0];
    assert_eq!(
        (&held["order_total"], &held["currency"]),
        (&json!("26.90"), &json!("SGD"))
    );
}

#[test]
fn all_of_a_group_are_retried_in_portions_and_followed_item_by_item() {
    let (admin, ids) = held();
    let mut request = json!({
        "action": "retry",
        "selection": { "matching": { "class": "sku_not_found", "cause": format!("sku:{SKU}") } },
        "limit": 2,
    });
    let first = admin.send("POST", BULK, &request).json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2), "{first}");
    assert_eq!(first["items"][0]["result"], "due");
    request["after"] = first["next"].clone();
    request["batch"] = first["batch"].clone();
    let second = admin.send("POST", BULK, &request).json();
    assert_eq!(
        (&second["batch"], &second["next"]),
        (&first["batch"], &json!(null)),
        "{second}"
    );
    let worked: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|portion| portion["items"].as_array().cloned().unwrap_or_default())
        .map(|item| text(&item["id"]))
        .collect();
    assert_eq!(worked, ids);
    assert_eq!(admin.server.world.woken().len(), 2);

    let path = format!("/admin/exceptions/retries/{}", text(&first["batch"]));
    let progress = admin.get(&format!("{path}?limit=2")).json();
    assert_eq!(
        (&progress["retried"], &progress["waiting"]),
        (&json!(3), &json!(3)),
        "{progress}"
    );
    let rest = admin.get(&format!("{path}?limit=2&after={}", text(&progress["next"])));
    let rest = rest.json();
    assert_eq!(rest["items"][0]["exception_id"], ids[2].as_str(), "{rest}");
    assert_eq!(rest["next"], json!(null));
}

#[test]
fn one_exception_is_retried_and_the_workers_learn_of_it_at_once() {
    let (admin, ids) = held();
    let retried = admin.post(&format!("{LIST}/{}/retry", ids[0]));
    assert_eq!(retried.status, 202, "{retried:?}");
    assert_eq!(retried.json()["result"], "due");
    assert_eq!(admin.server.world.woken(), [TenantSlug::default_tenant()]);
    let exception = shown(&admin, &ids[0]);
    assert_eq!(exception["retries"][0]["batch"], retried.json()["batch"]);
    let events = admin.get("/admin/dashboard/events?processed=false").json();
    assert_eq!(events["items"][0]["order_sn"], NUMBERS[0], "{events}");
}

#[test]
fn what_is_decided_about_an_exception_is_kept_and_audited() {
    let (admin, ids) = held();
    let id = &ids[0];
    let until = noon() + TimeDelta::days(2);
    for (deed, body) in [
        ("assign", json!({ "assignee": "mei" })),
        ("note", json!({ "note": "Asked the supplier." })),
        ("snooze", json!({ "until": until })),
    ] {
        let answer = admin.send("POST", &format!("{LIST}/{id}/{deed}"), &body);
        assert_eq!(answer.status, 200, "{deed}: {answer:?}");
        assert_eq!(answer.json()["result"], "changed", "{deed}");
    }
    let exception = shown(&admin, id);
    assert_eq!(exception["assignee"], "mei");
    assert_eq!(exception["notes"][0]["text"], "Asked the supplier.");
    assert_eq!(exception["snoozed_until"], json!(until));
    assert!(!listed(&admin, "").contains(id));
    assert!(listed(&admin, "?with_snoozed=true&assignee=mei").contains(id));

    let back = json!({ "until": null });
    admin.send("POST", &format!("{LIST}/{id}/snooze"), &back);
    let resolve = format!("{LIST}/{id}/resolve");
    admin.send("POST", &resolve, &json!({ "note": "Shipped by hand." }));
    let exception = shown(&admin, id);
    assert_eq!(exception["status"], "resolved");
    assert!(
        text(&exception["resolved_by"]).starts_with("api-token:"),
        "{exception}"
    );
    assert_eq!(exception["notes"][1]["text"], "Shipped by hand.");
    let log = admin.get(&format!("/admin/dashboard/audit?subject=exception:{id}"));
    let log = log.json();
    let deeds: BTreeSet<_> = log["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    let expected = ["assigned", "noted", "resolved", "snoozed"];
    assert_eq!(
        deeds,
        expected.map(|deed| format!("exception.{deed}")).into()
    );
}

#[test]
fn what_is_left_as_it_is_is_not_open_any_more() {
    let (admin, ids) = held();
    let leave = format!("{LIST}/{}/wont-fix", ids[1]);
    assert_eq!(admin.send("POST", &leave, &json!({})).status, 200);
    assert_eq!(listed(&admin, "?status=wont_fix"), [ids[1].clone()].into());
    assert_eq!(listed(&admin, "?status=open").len(), 2);
    let again = admin.send("POST", &leave, &json!({})).json();
    assert_eq!(again["result"], "unchanged");
    let closed = admin.post(&format!("{LIST}/{}/retry", ids[1]));
    assert!(closed.is_problem(409, "conflict"), "{closed:?}");
}

#[test]
fn many_are_worked_on_with_a_result_each() {
    let (admin, ids) = held();
    let gone = "cex_00000000000000000000000000";
    let request = json!({
        "action": "assign",
        "selection": { "ids": [ids[0], gone] },
        "assignee": "mei",
    });
    let answer = admin.send("POST", BULK, &request).json();
    let result_of = |id: &str| {
        let items = answer["items"].as_array().expect("items");
        let item = items.iter().find(|item| item["id"] == id);
        text(&item.unwrap_or_else(|| panic!("{id} is missing: {answer}"))["result"])
    };
    assert_eq!(
        (result_of(&ids[0]), result_of(gone)),
        ("changed".into(), "not_found".into())
    );
    assert_eq!(
        (&answer["batch"], &answer["next"]),
        (&json!(null), &json!(null))
    );
    let resolve = json!({ "action": "resolve", "selection": { "matching": {} } });
    let resolved = admin.send("POST", BULK, &resolve).json();
    assert_eq!(resolved["items"].as_array().map(Vec::len), Some(3));
    assert!(listed(&admin, "?status=open").is_empty());
}

#[test]
fn a_bulk_request_that_does_not_fit_is_refused_with_all_that_is_wrong() {
    let (admin, ids) = held();
    let refused = |request: &Value| {
        let answer = admin.send("POST", BULK, request);
        assert!(answer.is_problem(422, "validation-failed"), "{answer:?}");
        let problem = answer.json();
        let errors = problem["errors"].as_array().expect("errors");
        errors
            .iter()
            .map(|error| text(&error["field"]))
            .collect::<BTreeSet<_>>()
    };
    let all = || json!({ "matching": {} });
    for (request, fields) in [
        (
            json!({ "action": "assign", "selection": all() }),
            vec!["assignee"],
        ),
        (
            json!({ "action": "note", "selection": all() }),
            vec!["note"],
        ),
        (
            json!({ "action": "snooze", "selection": all() }),
            vec!["until"],
        ),
        (
            json!({ "action": "retry", "selection": { "ids": [] }, "limit": 501, "note": "x" }),
            vec!["limit", "note", "selection.ids"],
        ),
        (
            json!({ "action": "resolve", "selection": { "matching": { "order_sn": "a b" } } }),
            vec!["selection.matching.order_sn"],
        ),
        (
            json!({ "action": "resolve", "selection": { "matching": { "clas": "unknown" } } }),
            vec!["selection.matching.clas"],
        ),
        (
            json!({ "action": "forget", "selection": all() }),
            vec!["action"],
        ),
        (json!({ "action": "resolve" }), vec!["selection"]),
        (
            json!({ "action": "resolve", "selection": { "ids": [ids[0]], "matching": {} } }),
            vec!["selection"],
        ),
    ] {
        let expected: BTreeSet<_> = fields.into_iter().map(str::to_owned).collect();
        assert_eq!(refused(&request), expected, "{request}");
    }
    assert_eq!(listed(&admin, "?status=open").len(), 3);
}

#[test]
fn words_and_moments_that_cannot_be_are_refused_by_name() {
    let (admin, ids) = held();
    let post =
        |deed: &str, body: Value| admin.send("POST", &format!("{LIST}/{}/{deed}", ids[0]), &body);
    assert_eq!(field(&post("note", json!({ "note": " " }))), "note");
    assert_eq!(field(&post("note", json!({}))), "note");
    assert_eq!(field(&post("snooze", json!({ "until": noon() }))), "until");
    let far = noon() + TimeDelta::days(91);
    assert_eq!(field(&post("snooze", json!({ "until": far }))), "until");
    assert_eq!(field(&post("snooze", json!({}))), "until");
    assert_eq!(field(&post("assign", json!({}))), "assignee");
    let book = "m".repeat(101);
    let assigned = post("assign", json!({ "assignee": book }));
    assert_eq!(field(&assigned), "assignee");
    assert_eq!(field(&post("resolve", json!({ "note": "" }))), "note");
    let of_list = |query: &str| field(&admin.get(&format!("{LIST}?{query}")));
    assert_eq!(of_list("class=hunger"), "class");
    assert_eq!(of_list("status=closed"), "status");
    assert_eq!(of_list("order_sn=a%20b"), "order_sn");
    assert_eq!(of_list("after=next"), "after");
}

#[test]
fn another_merchant_sees_and_changes_nothing() {
    let (admin, ids) = held();
    let server = &admin.server;
    let other = server.world.token_of("cards");
    assert_eq!(server.ask(&other, "GET", LIST).json()["items"], json!([]));
    let path = format!("{LIST}/{}", ids[0]);
    for answer in [
        server.ask(&other, "GET", &path),
        server.ask(&other, "POST", &format!("{path}/retry")),
        server.tell(&other, "POST", &format!("{path}/resolve"), &json!({})),
    ] {
        assert!(answer.is_problem(404, "not-found"), "{answer:?}");
    }
    let batch = admin.post(&format!("{path}/retry")).json()["batch"].clone();
    let progress = format!("/admin/exceptions/retries/{}", text(&batch));
    let hidden = server.ask(&other, "GET", &progress);
    assert!(hidden.is_problem(404, "not-found"), "{hidden:?}");
    assert_eq!(shown(&admin, &ids[0])["status"], "open");
}

#[test]
fn a_note_that_is_sent_again_with_its_key_is_there_once() {
    let (admin, ids) = held();
    let path = format!("{LIST}/{}/note", ids[0]);
    let send = || {
        let request = admin
            .request("POST", &path)
            .header("idempotency-key", "note-1")
            .json(&json!({ "note": "Once." }));
        admin.server.send(&request.bytes())
    };
    assert_eq!(send().header("idempotency-replayed"), None);
    assert_eq!(send().header("idempotency-replayed"), Some("true"));
    assert_eq!(
        shown(&admin, &ids[0])["notes"].as_array().map(Vec::len),
        Some(1)
    );
}
