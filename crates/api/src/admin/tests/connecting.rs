use chrono::TimeDelta;
use hawker_ports::MarketplaceError;
use hawker_ports::push_console::{PushSettings, PushStatus};
use hawker_ports::shops::Warehouses;
use hawker_ports::testing::examples::{SHOP, shop_info, warehouse};
use hawker_ports::testing::{AuthCall, ConsoleCall, DeskCall};
use serde_json::{Value, json};

use super::{Admin, CONNECTOR, PROFILES};

const PARTNER: i64 = 1_000_001;

/// A sandbox profile whose shop is authorised; answers its path.
fn authorised(admin: &Admin) -> String {
    let id = admin.profile("sandbox", "Shop");
    admin.server.world.authorise(&id);
    format!("{PROFILES}/{id}")
}

fn busy(endpoint: &'static str) -> MarketplaceError {
    MarketplaceError::RateLimited {
        endpoint,
        retry_after: Some(std::time::Duration::from_secs(7)),
    }
}

#[test]
fn a_link_for_the_seller_says_for_which_profile_and_until_when() {
    let admin = Admin::new();
    let id = admin.profile("live", "Shop");
    for query in ["?env=live".to_owned(), format!("?profile_id={id}")] {
        let started = admin.get(&format!("{CONNECTOR}/oauth/start{query}"));
        assert_eq!(started.status, 200, "{started:?}");
        let started = started.json();
        assert_eq!(started["profile_id"], id);
        assert_eq!(started["environment"], "live");
        assert_eq!(started["expires_at"], "2026-01-05T04:05:00Z");
        let redirect =
            format!("https://hub.example/connectors/shopee/oauth/callback/live?profile_id={id}");
        assert_eq!(started["redirect_url"], redirect);
    }
    let both = admin.get(&format!("{CONNECTOR}/oauth/start?env=live&profile_id={id}"));
    assert!(both.is_problem(422, "validation-failed"), "{both:?}");
    let nobody = admin.get(&format!("{CONNECTOR}/oauth/start?env=sandbox"));
    assert!(nobody.is_problem(404, "not-found"), "{nobody:?}");
    let unknown = admin.get(&format!("{CONNECTOR}/oauth/start?profile_id=prof_gone"));
    assert!(unknown.is_problem(404, "not-found"), "{unknown:?}");
}

#[test]
fn a_link_for_an_app_that_is_not_there_yet_says_what_is_missing() {
    let admin = Admin::new();
    let body = json!({ "env_type": "live", "display_name": "Shop", "partner_id": 1 });
    assert_eq!(admin.send("POST", PROFILES, &body).status, 201);
    let refused = admin.get(&format!("{CONNECTOR}/oauth/start?env=live"));
    assert!(refused.is_problem(409, "not-configured"), "{refused:?}");
    assert_eq!(refused.json()["missing"], json!(["partner_key"]));
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("not fully configured: missing partner_key"),
        "{detail}"
    );
}

#[test]
fn a_test_of_the_connection_tells_each_check_in_words() {
    let admin = Admin::new();
    let path = format!("{}/test-connection", authorised(&admin));
    admin.server.world.desk.put_info(SHOP, shop_info());
    let report = admin.post(&path);
    assert_eq!(
        (report.status, &report.json()["is_ok"]),
        (200, &json!(true)),
        "{report:?}"
    );
    let away = MarketplaceError::Unavailable {
        endpoint: "public/get_shops_by_partner",
        reason: "connection refused".into(),
        cause: None,
    };
    admin
        .server
        .world
        .authoriser
        .fail_next(AuthCall::AuthorisedShops, away);
    let report = admin.post(&path).json();
    assert_eq!(report["is_ok"], false);
    let checks = report["checks"].as_array().expect("checks");
    let outcome = |name: &str| {
        let check = checks.iter().find(|check| check["name"] == name);
        check.expect("a check")["outcome"].clone()
    };
    assert_eq!(
        (outcome("host"), outcome("shop")),
        (json!("failed"), json!("skipped"))
    );
}

#[test]
fn a_token_pair_is_renewed_on_demand() {
    let admin = Admin::new();
    let path = authorised(&admin);
    let token = |answer: &Value| answer["token"]["access_token_last_refreshed_at"].clone();
    let before = token(&admin.get(&path).json());
    admin.server.world.clock.advance(TimeDelta::hours(1));
    let renewed = admin.post(&format!("{path}/refresh-token"));
    assert_eq!(renewed.status, 200, "{renewed:?}");
    assert_ne!(token(&renewed.json()), before);
    assert_eq!(admin.server.world.authoriser.renewals(SHOP), 1);

    let id = admin.profile("live", "Not authorised");
    let refused = admin.post(&format!("{PROFILES}/{id}/refresh-token"));
    assert!(refused.is_problem(409, "connection-blocked"), "{refused:?}");
    let body = json!({ "env_type": "live", "display_name": "No shop" });
    let id = super::text(&admin.send("POST", PROFILES, &body).json()["id"]);
    let refused = admin.post(&format!("{PROFILES}/{id}/refresh-token"));
    assert_eq!(refused.json()["missing"], json!(["shop_id"]), "{refused:?}");
}

#[test]
fn a_resend_code_is_redeemed_and_a_wrong_one_told() {
    let admin = Admin::new();
    let path = format!("{}/resend-code", authorised(&admin));
    admin
        .server
        .world
        .authoriser
        .offer_resend_code("resend-1", &[SHOP]);
    let redeem = |code: &str| admin.send("POST", &path, &json!({ "code": code }));
    let wrong = redeem("wr0ng");
    assert!(wrong.is_problem(502, "marketplace-refused"), "{wrong:?}");
    assert!(!wrong.body.contains("wr0ng"), "{}", wrong.body);
    let done = redeem("resend-1");
    assert_eq!(
        (done.status, &done.json()["shop_ids"]),
        (200, &json!([SHOP.0])),
        "{done:?}"
    );
    let blank = redeem(" ");
    assert!(blank.is_problem(422, "validation-failed"), "{blank:?}");
    assert_eq!(blank.json()["errors"][0]["field"], "code");
}

#[test]
fn warehouses_are_fetched_and_one_of_them_is_chosen() {
    let admin = Admin::new();
    let path = authorised(&admin);
    let desk = &admin.server.world.desk;
    let never = admin.get(&format!("{path}/locations")).json();
    assert_eq!(
        (&never["locations"], &never["fetched_at"]),
        (&json!([]), &json!(null))
    );
    desk.put_warehouses(
        SHOP,
        Warehouses::Several(vec![warehouse("SGZ"), warehouse("SGA")]),
    );
    let fetched = admin.post(&format!("{path}/refresh-locations"));
    assert_eq!(fetched.status, 200, "{fetched:?}");
    let chosen = admin.send("PATCH", &path, &json!({ "default_location_id": "SGA" }));
    assert_eq!(chosen.json()["default_location_id"], "SGA", "{chosen:?}");
    let shown = admin.get(&format!("{path}/locations")).json();
    assert_eq!(shown["locations"][0]["location_id"], "SGA");
    let unknown = admin.send("PATCH", &path, &json!({ "default_location_id": "XX" }));
    assert_eq!(
        unknown.json()["errors"][0]["field"],
        "default_location_id",
        "{unknown:?}"
    );

    desk.put_warehouses(SHOP, Warehouses::Single);
    let single = admin.post(&format!("{path}/refresh-locations")).json();
    assert_eq!(
        (&single["is_single"], &single["locations"][0]["location_id"]),
        (&json!(true), &json!(null))
    );

    desk.fail_next(DeskCall::Warehouses, busy("shop/get_warehouse_detail"));
    let refused = admin.post(&format!("{path}/refresh-locations"));
    assert!(
        refused.is_problem(503, "marketplace-unavailable"),
        "{refused:?}"
    );
    assert_eq!(refused.header("retry-after"), Some("7"));
}

#[test]
fn push_settings_are_shown_and_changed_at_the_marketplace() {
    let admin = Admin::new();
    let path = format!("{}/push-config", authorised(&admin));
    let console = &admin.server.world.console;
    let settings = PushSettings {
        callback_url: None,
        status: PushStatus::Other("Odd".into()),
        suspended_at: None,
        codes_on: vec![1],
        codes_off: vec![3],
        blocked_shops: vec![SHOP],
    };
    console.put(PARTNER, settings);
    let shown = admin.get(&path).json();
    assert_eq!(shown["live_push_status"], "Odd");
    assert_eq!(shown["blocked_shop_id_list"], json!([SHOP.0]));
    let url = "https://hub.example/connectors/shopee/webhook/sandbox";
    let change =
        json!({ "callback_url": url, "set_push_config_on": [3], "blocked_shop_id_list": [] });
    let changed = admin.send("PATCH", &path, &change);
    assert_eq!(
        (changed.status, &changed.json()["callback_url"]),
        (200, &json!(url)),
        "{changed:?}"
    );
    assert_eq!(console.settings(PARTNER).blocked_shops, []);
    let unknown = admin.send("PATCH", &path, &json!({ "set_push_config_on": [99] }));
    assert_eq!(
        unknown.json()["errors"][0]["field"],
        "set_push_config_on",
        "{unknown:?}"
    );
    console.lose_next_change();
    let lost = admin.send("PATCH", &path, &json!({ "set_push_config_off": [3] }));
    assert!(lost.is_problem(502, "marketplace-in-doubt"), "{lost:?}");
    console.fail_next(ConsoleCall::Read, busy("push/get_app_push_config"));
    assert!(admin.get(&path).is_problem(503, "marketplace-unavailable"));
}

#[test]
fn diagnostics_have_the_documented_keys_and_no_token() {
    let admin = Admin::new();
    let path = format!("{}/diagnostics", authorised(&admin));
    let found = admin.get(&path);
    assert_eq!(found.status, 200, "{found:?}");
    let shown = found.json();
    for key in [
        "profile_id",
        "env_type",
        "region",
        "shop_id",
        "access_token_expires_at",
        "access_token_last_refreshed_at",
        "refresh_token_last_used_at",
        "scopes",
        "last_refresh_attempt_at",
        "last_refresh_status",
        "last_refresh_error",
    ] {
        assert!(shown.get(key).is_some(), "{key}: {shown}");
    }
    assert_eq!(shown["scopes"], json!([]));
    for token in ["access-token", "refresh-token"] {
        assert!(!found.body.contains(token), "{}", found.body);
    }
    let log = admin
        .get("/admin/dashboard/audit?action=diagnostics.read")
        .json();
    assert_eq!(log["total"], 1, "{log}");
}
