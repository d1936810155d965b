use serde_json::json;

use super::{Admin, CONNECTOR, PROFILES};
use crate::testing::Answer;

#[test]
fn an_environment_that_nobody_configured_is_shown_as_such() {
    let admin = Admin::new();
    for (query, environment) in [("", "sandbox"), ("?env=live", "live")] {
        let shown = admin.get(&format!("{CONNECTOR}{query}"));
        assert_eq!(shown.status, 200, "{shown:?}");
        let shown = shown.json();
        assert_eq!(shown["environment"], environment);
        assert_eq!(shown["active_environment"], "sandbox");
        assert_eq!(shown["profile"], json!(null));
        assert_eq!(
            shown["missing"],
            json!(["partner_id", "partner_key", "shop_id"])
        );
    }
}

#[test]
fn the_active_profile_of_an_environment_is_edited_without_naming_it() {
    let admin = Admin::new();
    admin.profile("live", "Shop");
    let path = format!("{CONNECTOR}?env=live");
    let edited = admin.send(
        "PATCH",
        &path,
        &json!({ "region": "SG", "partner_key": "" }),
    );
    assert_eq!(edited.status, 200, "{edited:?}");
    let profile = &edited.json()["profile"];
    assert_eq!(
        (&profile["region"], &profile["partner_key"]["is_set"]),
        (&json!("SG"), &json!(true))
    );
    let unused = format!("{CONNECTOR}?env=sandbox");
    let nobody = admin.send("PATCH", &unused, &json!({ "region": "TEST_SG" }));
    assert!(nobody.is_problem(404, "not-found"), "{nobody:?}");
}

/// Edits the active live profile, if it is what this tag says.
fn edit(admin: &Admin, if_match: &str) -> Answer {
    let path = format!("{CONNECTOR}?env=live");
    let request = admin.request("PATCH", &path).header("if-match", if_match);
    let answer = request.json(&json!({ "region": "SG" })).bytes();
    admin.server.send(&answer)
}

fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("a tag").to_owned()
}

#[test]
fn an_edit_of_what_was_changed_since_it_was_read_is_refused() {
    let admin = Admin::new();
    let unused = admin.get(&format!("{CONNECTOR}?env=live"));
    assert_eq!(unused.header("etag"), None);
    let id = admin.profile("live", "Shop");
    let read = etag(&admin.get(&format!("{CONNECTOR}?env=live")));
    assert_eq!(read, format!("\"{id}.v1\""));
    let edited = edit(&admin, &read);
    assert_eq!(
        (edited.status, etag(&edited)),
        (200, format!("\"{id}.v2\""))
    );
    let stale = edit(&admin, &read);
    assert!(stale.is_problem(412, "version-mismatch"), "{stale:?}");
    assert_eq!(stale.json()["current_version"], 2);
    assert_eq!(edit(&admin, "*").status, 200);
    assert!(edit(&admin, "\"v2\"").is_problem(400, "malformed-request"));
}

#[test]
fn an_edit_of_a_profile_that_gave_way_to_another_is_refused_whatever_the_versions() {
    let admin = Admin::new();
    let first = admin.profile("live", "First");
    let second = admin.profile("live", "Second");
    let read = etag(&admin.get(&format!("{CONNECTOR}?env=live")));
    let activate = |id: &str| {
        let answer = admin.post(&format!("{PROFILES}/{id}/activate"));
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    activate(&second);
    let refused = edit(&admin, &read);
    assert!(refused.is_problem(412, "version-mismatch"), "{refused:?}");
    assert!(refused.body.contains(&second), "{refused:?}");
    for id in [&first, &second] {
        let shown = admin.get(&format!("{PROFILES}/{id}")).json();
        assert_eq!(shown["region"], "GLOBAL", "{shown}");
    }
    // What gave way and came back is not what was read either.
    activate(&first);
    let refused = edit(&admin, &read);
    assert!(refused.is_problem(412, "version-mismatch"), "{refused:?}");
}

#[test]
fn an_environment_is_switched_to_once_nothing_is_missing() {
    let admin = Admin::new();
    admin.profile("sandbox", "Test shop");
    let switch = || {
        let path = format!("{CONNECTOR}/active-environment");
        admin.send("POST", &path, &json!({ "environment": "live" }))
    };
    let refused = switch();
    assert!(refused.is_problem(409, "not-configured"), "{refused:?}");
    assert_eq!(
        refused.json()["missing"],
        json!(["partner_id", "partner_key", "shop_id"])
    );

    let body = json!({ "env_type": "live", "display_name": "Shop", "partner_id": 1 });
    assert_eq!(admin.send("POST", PROFILES, &body).status, 201);
    let refused = switch();
    assert_eq!(
        refused.json()["missing"],
        json!(["partner_key", "shop_id"]),
        "{refused:?}"
    );

    let rest = json!({ "partner_key": "partner-key-of-the-live-app", "shop_id": 7 });
    assert_eq!(
        admin
            .send("PATCH", &format!("{CONNECTOR}?env=live"), &rest)
            .status,
        200
    );
    let done = switch();
    assert_eq!(
        (done.status, &done.json()["active_environment"]),
        (200, &json!("live"))
    );
    assert_eq!(switch().status, 200);
    assert_eq!(admin.get(CONNECTOR).json()["environment"], "live");
}
