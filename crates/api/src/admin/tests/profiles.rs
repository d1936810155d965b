use serde_json::json;

use super::{Admin, PROFILES, text};

#[test]
fn a_profile_is_created_shown_edited_activated_and_deleted() {
    let admin = Admin::new();
    admin.profile("live", "First");
    let id = admin.profile("live", "Second");
    let path = format!("{PROFILES}/{id}");

    let shown = admin.get(&path);
    assert_eq!((shown.status, shown.header("etag")), (200, Some("\"v1\"")));
    assert_eq!(shown.json()["display_name"], "Second");
    assert_eq!(shown.json()["region"], "GLOBAL");
    assert_eq!(shown.json()["is_active"], false);

    let edited = admin.send(
        "PATCH",
        &path,
        &json!({ "display_name": "Other", "region": "SG" }),
    );
    assert_eq!(
        (edited.status, edited.header("etag")),
        (200, Some("\"v2\""))
    );
    assert_eq!(edited.json()["display_name"], "Other");
    assert_eq!(edited.json()["partner_id"], 1_000_001);

    let active = admin.post(&format!("{path}/activate"));
    assert_eq!(
        (active.status, &active.json()["is_active"]),
        (200, &json!(true))
    );
    let refused = admin.server.ask(&admin.token, "DELETE", &path);
    assert!(refused.is_problem(409, "profile-is-active"), "{refused:?}");

    let first = text(&admin.get(PROFILES).json()["items"][0]["id"]);
    assert_eq!(
        admin.post(&format!("{PROFILES}/{first}/activate")).status,
        200
    );
    let deleted = admin.server.ask(&admin.token, "DELETE", &path);
    assert!(deleted.is_empty(204), "{deleted:?}");
    assert!(admin.get(&path).is_problem(404, "not-found"));
}

#[test]
fn a_secret_goes_in_and_only_its_fingerprint_comes_out() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    let path = format!("{PROFILES}/{id}");
    let secrets = [
        "partner-key-of-the-live-app",
        "push-key-of-the-live-app",
        "another-push-key",
    ];
    let blank = json!({ "partner_key": " ", "push_partner_key": "another-push-key" });
    let answers = [
        admin.send("PATCH", &path, &blank),
        admin.get(&path),
        admin.get(PROFILES),
        admin.get("/admin/dashboard/connectors/shopee?env=live"),
        admin.get("/admin/dashboard/audit"),
    ];
    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        for secret in secrets {
            assert!(!answer.body.contains(secret), "{}", answer.body);
        }
    }
    let shown = answers[1].json();
    assert_eq!(shown["partner_key"]["fingerprint"], "part…-app·len27");
    assert_eq!(shown["push_partner_key"]["fingerprint"], "anot…-key·len16");
    assert_eq!(
        shown["previous_push_partner_key"]["fingerprint"],
        "push…-app·len24"
    );
}

#[test]
fn a_field_that_is_not_known_is_refused_by_name_and_nothing_is_saved() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    let path = format!("{PROFILES}/{id}");
    let body = json!({ "display_name": "Other", "partner_kee": "typo-of-a-secret" });
    let refused = admin.send("PATCH", &path, &body);
    assert!(refused.is_problem(422, "validation-failed"), "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["field"], "partner_kee");
    assert!(
        !refused.body.contains("typo-of-a-secret"),
        "{}",
        refused.body
    );
    assert_eq!(admin.get(&path).json()["display_name"], "Shop");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let admin = Admin::new();
    let body = json!({
        "env_type": "live",
        "display_name": " ",
        "partner_id": 0,
        "base_url_override": "no url",
    });
    let refused = admin.send("POST", PROFILES, &body);
    assert!(refused.is_problem(422, "validation-failed"), "{refused:?}");
    let errors = refused.json()["errors"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let fields: Vec<_> = errors.iter().map(|error| text(&error["field"])).collect();
    assert_eq!(fields, ["display_name", "base_url_override", "partner_id"]);
}

#[test]
fn null_clears_a_field_and_what_is_left_out_stays() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    let path = format!("{PROFILES}/{id}");
    let set = json!({
        "base_url_override": "https://proxy.example/api/v2",
        "partner_key": "the-partner-key-again",
    });
    assert_eq!(admin.send("PATCH", &path, &set).status, 200);
    let cleared = admin.send("PATCH", &path, &json!({ "shop_id": null }));
    assert_eq!(cleared.json()["shop_id"], json!(null));
    assert_eq!(
        cleared.json()["base_url_override"],
        "https://proxy.example/api/v2"
    );
    assert_eq!(cleared.json()["missing"], json!(["shop_id"]));
}

#[test]
fn a_change_of_what_was_changed_meanwhile_is_refused_with_the_version_that_is_there() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    let path = format!("{PROFILES}/{id}");
    let send = |if_match: &str, name: &str| {
        let request = admin.request("PATCH", &path).header("if-match", if_match);
        admin
            .server
            .send(&request.json(&json!({ "display_name": name })).bytes())
    };
    assert_eq!(send("\"v1\"", "By the first").status, 200);
    let refused = send("\"v1\"", "By the second");
    assert!(refused.is_problem(412, "version-mismatch"), "{refused:?}");
    assert_eq!(refused.json()["current_version"], 2);
    assert_eq!(admin.get(&path).json()["display_name"], "By the first");
    assert_eq!(send("*", "Whatever is there").status, 200);
    assert!(send("v3", "Not a tag").is_problem(400, "malformed-request"));
}

#[test]
fn a_look_is_answered_in_full_because_the_version_does_not_cover_all_that_it_shows() {
    let admin = Admin::new();
    let id = admin.profile("sandbox", "Shop");
    let path = format!("{PROFILES}/{id}");
    let look = || {
        let request = admin.request("GET", &path);
        let request = request.header("if-none-match", "\"v1\"");
        admin.server.send(&request.bytes())
    };
    let before = look();
    assert_eq!(before.status, 200, "{before:?}");
    admin.server.world.authorise(&id);
    let after = look();
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_ne!(after.json()["token"], before.json()["token"]);
}

#[test]
fn a_tag_that_a_proxy_marked_as_weak_counts_as_the_tag() {
    let admin = Admin::new();
    let path = format!("{PROFILES}/{}", admin.profile("live", "Shop"));
    let edit = || {
        let request = admin.request("PATCH", &path).header("if-match", "W/\"v1\"");
        let request = request.json(&json!({ "display_name": "Other" }));
        admin.server.send(&request.bytes())
    };
    assert_eq!(edit().status, 200);
    assert!(edit().is_problem(412, "version-mismatch"));
}

#[test]
fn another_merchants_profile_is_not_there() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    let other = admin.server.world.token_of("cards");
    let path = format!("{PROFILES}/{id}");
    for (method, target) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/activate")),
        ("GET", format!("{path}/diagnostics")),
        ("GET", format!("{path}/locations")),
        ("POST", format!("{path}/refresh-locations")),
        ("POST", format!("{path}/test-connection")),
        ("GET", format!("{path}/push-config")),
        ("POST", format!("{path}/refresh-token")),
    ] {
        let answer = admin.server.ask(&other, method, &target);
        assert!(
            answer.is_problem(404, "not-found"),
            "{method} {target}: {answer:?}"
        );
    }
    for (method, target, body) in [
        ("PATCH", path.clone(), json!({ "display_name": "Mine" })),
        (
            "PATCH",
            format!("{path}/push-config"),
            json!({ "set_push_config_on": [3] }),
        ),
        (
            "POST",
            format!("{path}/resend-code"),
            json!({ "code": "c" }),
        ),
    ] {
        let answer = admin.server.tell(&other, method, &target, &body);
        assert!(
            answer.is_problem(404, "not-found"),
            "{method} {target}: {answer:?}"
        );
    }
    assert_eq!(admin.server.ask(&other, "GET", PROFILES).json()["total"], 0);
    assert_eq!(admin.get(&path).status, 200);
}
