use serde_json::json;

use super::{Admin, CONNECTOR, PROFILES};

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
    let stale = admin.request("PATCH", &path).header("if-match", "\"v1\"");
    let stale = admin
        .server
        .send(&stale.json(&json!({ "region": "MY" })).bytes());
    assert!(stale.is_problem(412, "version-mismatch"), "{stale:?}");
    let unused = format!("{CONNECTOR}?env=sandbox");
    let nobody = admin.send("PATCH", &unused, &json!({ "region": "TEST_SG" }));
    assert!(nobody.is_problem(404, "not-found"), "{nobody:?}");
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
