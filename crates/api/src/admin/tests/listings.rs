use std::collections::BTreeSet;

use hawker_domain::api_access::ApiScope;
use hawker_ports::testing::examples::{forged, noon, push};
use serde_json::json;

use super::{Admin, PROFILES, text};

/// Walks a list with pages of two items; answers the ids in their order.
fn walked(admin: &Admin, list: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = String::new();
    loop {
        let page = admin.get(&format!("{list}?limit=2{after}"));
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        ids.extend(items.iter().map(|item| text(&item["id"])));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return ids,
        }
    }
}

#[test]
fn every_item_of_a_list_is_on_exactly_one_page() {
    let admin = Admin::new();
    for name in ["A", "B", "C", "D", "E"] {
        admin.profile("live", name);
    }
    let audit = "/admin/dashboard/audit";
    for (list, at_least) in [(PROFILES, 5), (audit, 5)] {
        let ids = walked(&admin, list);
        assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len(), "{list}");
        assert!(ids.len() >= at_least, "{list}");
        assert_eq!(admin.get(list).json()["total"], ids.len(), "{list}");
    }
}

#[test]
fn a_page_that_cannot_be_is_refused_by_the_name_of_its_parameter() {
    let admin = Admin::new();
    let lists = [
        PROFILES,
        "/admin/dashboard/audit",
        "/admin/dashboard/events",
    ];
    for list in lists {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=x", "limit"),
            ("after=%20", "after"),
            ("afer=x", "afer"),
        ] {
            let refused = admin.get(&format!("{list}?{query}"));
            assert!(
                refused.is_problem(422, "validation-failed"),
                "{list}?{query}: {refused:?}"
            );
            assert_eq!(
                refused.json()["errors"][0]["field"],
                field,
                "{list}?{query}"
            );
        }
    }
    let gone = admin.get(&format!("{PROFILES}?after=prof_gone"));
    assert!(gone.is_problem(422, "validation-failed"), "{gone:?}");
}

#[test]
fn profiles_are_listed_by_environment() {
    let admin = Admin::new();
    admin.profile("live", "A");
    admin.profile("sandbox", "B");
    let of = |query: &str| admin.get(&format!("{PROFILES}{query}")).json()["total"].clone();
    assert_eq!(
        (of(""), of("?env=live"), of("?env=sandbox")),
        (json!(2), json!(1), json!(1))
    );
    assert!(
        admin
            .get(&format!("{PROFILES}?env=moon"))
            .is_problem(422, "validation-failed")
    );
}

#[test]
fn the_audit_log_is_filtered_by_thing_and_deed() {
    let admin = Admin::new();
    let id = admin.profile("live", "A");
    admin.profile("live", "B");
    let found = admin
        .get(&format!("/admin/dashboard/audit?subject=profile:{id}"))
        .json();
    assert_eq!(found["total"], 1, "{found}");
    assert_eq!(found["items"][0]["subject"], format!("profile:{id}"));
    assert!(
        text(&found["items"][0]["actor"]).starts_with("api-token:apt_"),
        "{found}"
    );
    let none = admin
        .get("/admin/dashboard/audit?action=profile.never")
        .json();
    assert_eq!((&none["total"], &none["next"]), (&json!(0), &json!(null)));
}

#[test]
fn events_are_listed_and_shown_to_whom_may_see_them() {
    let admin = Admin::new();
    let world = &admin.server.world;
    let event = push("prof_1", "251214TESTSN01", noon(), &*world.ids);
    let id = event.id;
    world.store_event(event);
    let list = admin
        .get("/admin/dashboard/events?order_sn=251214TESTSN01&processed=false")
        .json();
    assert_eq!(list["items"][0]["id"], id.to_string(), "{list}");
    assert_eq!(
        (&list["total"], &list["total_is_exact"]),
        (&json!(1), &json!(true))
    );
    let shown = admin.get(&format!("/admin/dashboard/events/{id}"));
    assert_eq!((shown.status, &shown.json()["code"]), (200, &json!(3)));
    let other = world.token_of("cards");
    let hidden = admin
        .server
        .ask(&other, "GET", &format!("/admin/dashboard/events/{id}"));
    assert!(hidden.is_problem(404, "not-found"), "{hidden:?}");
    let reader = world.token(&[ApiScope::ConnectorsWrite]);
    let refused = admin.server.ask(&reader, "GET", "/admin/dashboard/events");
    assert!(refused.is_problem(403, "scope-missing"), "{refused:?}");
}

#[test]
fn a_push_that_did_not_verify_is_explained_and_let_in_once_its_key_is_there() {
    let admin = Admin::new();
    let world = &admin.server.world;
    let id = admin.profile("sandbox", "Shop");
    let genuine = push(&id, "251214TESTSN01", noon(), &*world.ids);
    let mut kept = forged(&genuine, &*world.ids);
    kept.signature = Some("the-right-key".into());
    let event = kept.id;
    world.store_event(kept);

    let lab = format!("/admin/dashboard/events/{event}/signature");
    let report = admin.get(&lab);
    assert_eq!(report.status, 200, "{report:?}");
    let shown = report.json();
    assert_eq!(
        (&shown["signature_ok"], &shown["verifies_now"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        shown["candidates"][0]["key_fingerprint"], "push…-app·len24",
        "{shown}"
    );
    assert!(!report.body.contains("the-right-key"), "{}", report.body);

    let key = json!({ "push_partner_key": "the-right-key" });
    assert_eq!(
        admin
            .send("PATCH", &format!("{PROFILES}/{id}"), &key)
            .status,
        200
    );
    assert_eq!(admin.get(&lab).json()["verifies_now"], true);
    let again = admin.post("/admin/dashboard/connectors/shopee/verify-again");
    assert_eq!(
        again.json(),
        json!({ "judged": 1, "trusted": 1, "duplicates": 0 }),
        "{again:?}"
    );
    assert_eq!(admin.get(&lab).json()["signature_ok"], true);

    let nothing = admin.get("/admin/dashboard/events/srev_00000000000000000000000000/signature");
    assert!(nothing.is_problem(404, "not-found"), "{nothing:?}");
}
