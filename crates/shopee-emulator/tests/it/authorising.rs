//! The seller's page, both forms of link, and what comes back to the app.

use hawker_shopee_emulator::{
    Consent, ConsentError, Emulator, EmulatorConfig, Shop, Standing, WorldError,
};
use serde_json::json;

use crate::client::{Caller, TOKEN, emulator, now, parameter};

const LINK: &str = "/api/v2/shop/auth_partner";
const CANCEL: &str = "/api/v2/shop/cancel_auth_partner";
const TOKEN_GET: &str = "/api/v2/auth/token/get";
const INFO: &str = "/api/v2/shop/get_shop_info";
const BACK: &str = "https://ops.example.com/oauth/callback/live?profile_id=prof_01";

const OTHER_SHOP: i64 = 14_701_712;

async fn two_shops() -> Emulator {
    let mut config = EmulatorConfig::default().with_token(TOKEN).at_speed(0.0);
    config.shops.push(Shop {
        shop_id: OTHER_SHOP,
        name: "Sleeves & <Dice>".to_owned(),
        ..Shop::default()
    });
    Emulator::start(config).await.unwrap()
}

#[tokio::test]
async fn a_seller_agrees_in_the_browser_and_the_code_becomes_a_working_token() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    emulator
        .set_standing(caller.shop_id, Standing::Unlinked)
        .unwrap();
    let link = caller.link(LINK, BACK);
    let page = caller.browse(&link, None).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    for wanted in [
        "Authorise",
        "Cancel",
        "ops.example.com",
        "prefers-color-scheme",
    ] {
        assert!(page.text.contains(wanted), "{wanted}");
    }
    assert!(!page.text.contains("{{"), "an unfilled place");

    let shop = caller.shop_id.to_string();
    let form = [
        ("decision", "agree"),
        ("account", "shop"),
        ("shop", &shop),
        ("days", "30"),
    ];
    let sent_back = caller.browse(&link, Some(&form)).await;
    assert_eq!(sent_back.status, 302);
    let location = sent_back.header("location").unwrap();
    assert!(location.starts_with(&format!("{BACK}&code=")), "{location}");
    assert_eq!(parameter(location, "shop_id"), Some(shop));

    let code = parameter(location, "code").unwrap();
    let exchange = json!({
        "code": code, "partner_id": caller.partner_id, "shop_id": caller.shop_id,
    });
    let tokens = caller.public(TOKEN_GET, Some(exchange)).await.json();
    assert_eq!(tokens["error"], "");
    assert!(
        tokens.get("shop_id_list").is_none(),
        "only the redirect names the shop"
    );
    tokens["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut caller.token);
    let info = caller.get(INFO, &[]).await.json();
    assert_eq!(
        info["expire_time"].as_i64().unwrap() - info["auth_time"].as_i64().unwrap(),
        30 * 86_400
    );
}

#[tokio::test]
async fn the_login_page_carries_the_state_back() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let link = caller.login_link("https://ops.example.com", "n0nce&=");
    assert_eq!(caller.browse(&link, None).await.status, 200);
    let consent = Consent::of_shop(caller.shop_id);
    let back = emulator.authorise(&link, &consent).unwrap();
    assert_eq!(parameter(&back, "state"), Some("n0nce&=".to_owned()));
    assert_eq!(parameter(&back, "code").unwrap().len(), 32);
}

#[tokio::test]
async fn a_main_account_authorises_several_shops_with_one_code() {
    let emulator = two_shops().await;
    let caller = Caller::of(&emulator);
    let link = caller.link(LINK, BACK);
    let page = caller.browse(&link, None).await.text;
    assert!(
        page.contains("Sleeves &amp; &lt;Dice&gt;"),
        "names are escaped"
    );
    let (one, other) = (caller.shop_id.to_string(), OTHER_SHOP.to_string());
    let form = [
        ("decision", "agree"),
        ("account", "main"),
        ("main_account_id", "1000888"),
        ("shops", &one),
        ("shops", &other),
    ];
    let answer = caller.browse(&link, Some(&form)).await;
    let location = answer.header("location").unwrap();
    assert_eq!(
        parameter(location, "main_account_id").as_deref(),
        Some("1000888")
    );
    assert_eq!(parameter(location, "shop_id"), None);
    let exchange = json!({
        "code": parameter(location, "code").unwrap(),
        "partner_id": caller.partner_id,
        "main_account_id": 1_000_888,
    });
    let tokens = caller.public(TOKEN_GET, Some(exchange)).await.json();
    assert_eq!(tokens["shop_id_list"], json!([caller.shop_id, OTHER_SHOP]));
    assert_eq!(tokens["merchant_id_list"], json!([]));
    assert_eq!(emulator.exchanges(OTHER_SHOP).succeeded, 1);
}

#[tokio::test]
async fn an_incomplete_answer_is_asked_again_and_a_refusal_changes_nothing() {
    let emulator = two_shops().await;
    let caller = Caller::of(&emulator);
    emulator
        .set_standing(caller.shop_id, Standing::Unlinked)
        .unwrap();
    let link = caller.link(LINK, BACK);
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("decision", "agree")], "Choose a shop."),
        (
            &[
                ("decision", "agree"),
                ("account", "main"),
                ("main_account_id", "7"),
            ],
            "Choose at least one shop",
        ),
        (
            &[("decision", "agree"), ("shop", "14701711"), ("days", "366")],
            "1 to 365 days",
        ),
        (
            &[("decision", "agree"), ("shop", "4711")],
            "no shop has the id 4711",
        ),
    ];
    for (form, problem) in cases {
        let page = caller.browse(&link, Some(form)).await;
        assert_eq!(page.status, 200, "{form:?}");
        assert!(page.text.contains(problem), "{form:?}: {}", page.text);
    }
    let declined = caller.browse(&link, Some(&[("decision", "decline")])).await;
    assert_eq!(declined.status, 200);
    assert!(declined.text.contains("Nothing was changed"));
    assert!(!declined.text.contains("code="));
    assert_eq!(caller.get(INFO, &[]).await.error(), "shop_no_linked");
}

#[tokio::test]
async fn a_link_dies_after_five_minutes_and_with_a_wrong_signature() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let consent = Consent::of_shop(caller.shop_id);
    let refused = |link: &str| match emulator.authorise(link, &consent) {
        Err(ConsentError::Link { code, message }) => (code, message),
        other => panic!("{other:?}"),
    };
    caller.clock_error = -301;
    let old = caller.link(LINK, BACK);
    assert_eq!(refused(&old).1, "Timestamp is expired.");
    let page = caller.browse(&old, None).await;
    assert_eq!(page.message(), "Timestamp is expired.");
    // Whoever opened the page in time may still press its button.
    let form = [("decision", "agree"), ("shop", "14701711")];
    assert_eq!(caller.browse(&old, Some(&form)).await.status, 302);
    caller.clock_error = -500;
    let older = caller.link(LINK, BACK);
    assert_eq!(
        caller.browse(&older, Some(&form)).await.error(),
        "error_param"
    );
    caller.clock_error = 0;

    let good = caller.link(LINK, BACK);
    emulator.authorise(&good, &consent).unwrap();
    // Only path and query count: a host in front of the emulator does not matter.
    let elsewhere = good.replace(&emulator.origin(), "https://partner.example.com");
    emulator.authorise(&elsewhere, &consent).unwrap();
    caller.partner_key.push('x');
    assert_eq!(refused(&caller.link(LINK, BACK)).0, "error_sign");
    caller.partner_id = 1;
    assert_eq!(refused(&caller.link(LINK, BACK)).0, "invalid_partner_id");
    assert_eq!(
        caller.browse(&caller.link(LINK, BACK), None).await.status,
        403
    );
    let nowhere = emulator.authorise("https://ops.example.com/", &consent);
    assert!(matches!(nowhere, Err(ConsentError::Link { .. })));
}

#[tokio::test]
async fn a_redirect_outside_of_the_registered_origin_is_refused() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_redirect_origin(Some("https://ops.example.com"));
    let consent = Consent::of_shop(caller.shop_id);
    for good in [
        BACK,
        "https://ops.example.com",
        "https://ops.example.com:443/any",
    ] {
        emulator
            .authorise(&caller.link(LINK, good), &consent)
            .unwrap();
    }
    for bad in [
        "https://evil.example.com/",
        "http://ops.example.com/",
        "https://ops.example.com:8443/",
        "https://ops.example.com.evil.example/",
        "javascript:alert(1)",
    ] {
        let refused = emulator.authorise(&caller.link(LINK, bad), &consent);
        assert!(
            matches!(refused, Err(ConsentError::Link { .. })),
            "{bad}: {refused:?}"
        );
        let login = caller.login_link(bad, "");
        emulator.authorise(&login, &consent).unwrap_err();
    }
}

#[tokio::test]
async fn a_cancel_link_takes_the_access_away() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    caller.token = pair.access_token;
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    let link = caller.link(CANCEL, BACK);
    assert!(
        caller
            .browse(&link, None)
            .await
            .text
            .contains("Cancel the authorisation")
    );
    let shop = caller.shop_id.to_string();
    let form = [("decision", "agree"), ("shop", shop.as_str())];
    let answer = caller.browse(&link, Some(&form)).await;
    assert_eq!(answer.status, 302);
    assert_eq!(parameter(answer.header("location").unwrap(), "code"), None);
    assert_eq!(caller.get(INFO, &[]).await.error(), "shop_no_linked");
    // What it had stays dead after the shop has come back.
    emulator
        .issue_code(&Consent::of_shop(caller.shop_id))
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "invalid_acceess_token");

    let wrong = emulator.authorise(&link, &Consent::of_shop(caller.shop_id));
    assert!(matches!(wrong, Err(ConsentError::WrongPurpose(_))));
}

#[tokio::test]
async fn a_consent_that_cannot_be_is_refused() {
    let emulator = emulator().await;
    let shop = Shop::default().shop_id;
    let refused = |consent: Consent| emulator.issue_code(&consent).unwrap_err();
    assert_eq!(
        refused(Consent::of_shop(4711)),
        ConsentError::World(WorldError::UnknownShop(4711))
    );
    assert_eq!(
        refused(Consent::of_shop(shop).lasting_days(0)),
        ConsentError::World(WorldError::AuthorisationLength(0))
    );
    assert_eq!(
        refused(Consent::of_main_account(1, [])),
        ConsentError::World(WorldError::NobodyAuthorised)
    );
    emulator.set_standing(shop, Standing::Banned).unwrap();
    assert_eq!(
        refused(Consent::of_shop(shop)),
        ConsentError::World(WorldError::BannedShop(shop))
    );
}

#[tokio::test]
async fn an_authorisation_ends_by_itself() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator
        .expire_authorisation_at(caller.shop_id, now() - 1)
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "shop_no_linked");
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    let refresh = json!({
        "refresh_token": pair.refresh_token,
        "partner_id": caller.partner_id,
        "shop_id": caller.shop_id,
    });
    let path = "/api/v2/auth/access_token/get";
    let answer = caller.public(path, Some(refresh)).await;
    assert_eq!(answer.error(), "shop_access_expired");
}
