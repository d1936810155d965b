//! The control API for sellers, tokens and the platform.

use serde_json::json;

use crate::client::{Caller, emulator, parameter};
use crate::receiver::Receiver;

#[tokio::test]
async fn a_seller_is_played_over_http() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let shop = caller.shop_id;
    let link = caller.link("/api/v2/shop/auth_partner", "https://ops.example.com/cb");
    let consent = json!({ "link": link, "shop_id": shop, "days": 30 });
    let answer = caller.control("/authorise", Some(consent)).await.json();
    let code = parameter(answer["redirect_url"].as_str().unwrap(), "code").unwrap();
    let exchange = json!({ "code": code, "partner_id": caller.partner_id, "shop_id": shop });
    let get = "/api/v2/auth/token/get";
    let tokens = caller.public(get, Some(exchange)).await.json();
    tokens["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut caller.token);
    let info = "/api/v2/shop/get_shop_info";
    assert_eq!(caller.get(info, &[]).await.error(), "");
    let tally = caller
        .control(&format!("/tokens/{shop}"), None)
        .await
        .json();
    assert_eq!(tally["exchanges"]["succeeded"], 1);
    assert_eq!(tally["refreshes"]["asked"], 0);

    let revoked = json!({ "shop_id": shop, "how": { "of_main_account": 7 } });
    assert_eq!(caller.control("/revoke", Some(revoked)).await.status, 200);
    assert_eq!(caller.get(info, &[]).await.error(), "shop_no_linked");
    let early = caller
        .control("/resend_code", Some(json!({ "shop_id": shop })))
        .await;
    assert_eq!(early.status, 409, "{}", early.text);
    let several = json!({ "main_account_id": 7, "shop_ids": [shop], "merchant_ids": [31] });
    let code = caller.control("/authorise", Some(several)).await.json();
    assert_eq!(code["code"].as_str().unwrap().len(), 32);
    let ends = json!({ "shop_id": shop, "ends_at": 1 });
    caller.control("/authorisation_end", Some(ends)).await;
    assert_eq!(caller.get(info, &[]).await.error(), "shop_no_linked");

    let bad_link = json!({ "link": "https://ops.example.com", "shop_id": shop });
    assert_eq!(
        caller.control("/authorise", Some(bad_link)).await.status,
        409
    );
    assert_eq!(
        caller.control("/authorise", Some(json!({}))).await.status,
        400
    );
    let stranger = json!({ "shop_id": 4711 });
    assert_eq!(
        caller.control("/authorise", Some(stranger)).await.status,
        404
    );
}

#[tokio::test]
async fn tokens_are_seeded_aged_and_lost_over_http() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let shop = caller.shop_id;
    let seeded = json!({
        "shop_id": shop, "access_token": "mine", "refresh_token": "renews_mine",
    });
    caller.control("/tokens/pair", Some(seeded)).await;
    "mine".clone_into(&mut caller.token);
    let info = "/api/v2/shop/get_shop_info";
    assert_eq!(caller.get(info, &[]).await.error(), "");
    caller
        .control(
            "/tokens/expire",
            Some(json!({ "shop_id": shop, "access": true })),
        )
        .await;
    assert_eq!(caller.get(info, &[]).await.error(), "invalid_acceess_token");
    caller
        .control("/tokens/replies", Some(json!({ "lose": 1 })))
        .await;
    let refresh = json!({
        "refresh_token": "renews_mine", "partner_id": caller.partner_id, "shop_id": shop,
    });
    let path = "/api/v2/auth/access_token/get";
    caller
        .try_public(path, &[], Some(refresh))
        .await
        .unwrap_err();
    let tally = caller
        .control(&format!("/tokens/{shop}"), None)
        .await
        .json();
    assert_eq!(tally["refreshes"]["succeeded"], 1);
    let pair = caller
        .control("/tokens/pair", Some(json!({ "shop_id": shop })))
        .await;
    assert!(emulator.token_opens(shop, pair.json()["access_token"].as_str().unwrap()));
}

#[tokio::test]
async fn the_platform_is_set_up_over_http() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let gateway = json!({
        "daily_quota": 2, "retry_after": 3, "clock_offset_seconds": 60,
        "ip_allow_list": ["127.0.0.1"], "access_token_seconds": 60,
    });
    assert_eq!(
        caller.control("/gateway", Some(gateway)).await.json()["calls_today"],
        0
    );
    let info = "/api/v2/shop/get_shop_info";
    assert_eq!(caller.get(info, &[]).await.error(), "");
    assert_eq!(
        caller.control("/gateway", None).await.json()["calls_today"],
        1
    );
    let closed = json!({ "daily_quota": null, "ip_allow_list": [] });
    caller.control("/gateway", Some(closed)).await;
    assert_eq!(caller.get(info, &[]).await.error(), "source_ip_undeclared");
    caller
        .control("/gateway", Some(json!({ "ip_allow_list": null })))
        .await;

    let app = json!({ "partner_key": "another", "redirect_origin": "https://ops.example.com" });
    caller.control("/app", Some(app)).await;
    "another".clone_into(&mut caller.partner_key);
    caller
        .control("/app", Some(json!({ "partner_key_expired": true })))
        .await;
    assert_eq!(
        caller.get(info, &[]).await.error(),
        "error_partner_key_expired"
    );
    caller
        .control("/app", Some(json!({ "partner_key_expired": false })))
        .await;

    let shop = format!("/shops/{}", caller.shop_id);
    let warehouse = json!({
        "warehouse_id": 6, "warehouse_name": "Bedok", "warehouse_type": 1,
        "location_id": "SGZ", "address_id": 7, "region": "SG",
    });
    let settings = json!({ "name": "Kopi", "warehouses": [warehouse] });
    assert_eq!(caller.control(&shop, Some(settings)).await.status, 200);
    assert_eq!(caller.get(info, &[]).await.json()["shop_name"], "Kopi");
    let list = "/api/v2/shop/get_warehouse_detail";
    assert_eq!(
        caller.get(list, &[]).await.response()[0]["location_id"],
        "SGZ"
    );
    caller
        .control(&shop, Some(json!({ "warehouses": null })))
        .await;
    assert_eq!(
        caller.get(list, &[]).await.error(),
        "warehouse.error_not_in_whitelist"
    );
    assert_eq!(
        caller.control("/shops/1", Some(json!({}))).await.status,
        404
    );

    let status = json!({ "live_push_status": "Suspended" });
    let console = caller.control("/console", Some(status)).await.json();
    assert_eq!(console["status"], "Suspended");
    assert!(console["suspended_at"].is_i64());
}

#[tokio::test]
async fn pushes_about_authorisations_take_their_shape_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let receiver = Receiver::start();
    caller
        .control("/pushes", Some(json!({ "url": receiver.url })))
        .await;
    for push in [
        json!({ "code": 1 }),
        json!({ "code": 1, "main_account_id": 7 }),
        json!({ "code": 1, "merchant_ids": [31] }),
        json!({ "code": 2, "how": "disconnected" }),
        json!({ "code": 2 }),
        json!({ "code": 12, "merchant_ids": [31, 32], "per_page": 1 }),
    ] {
        assert_eq!(caller.control("/push", Some(push)).await.status, 200);
        caller.control("/idle", None).await;
    }
    assert_eq!(receiver.codes(), [1, 1, 1, 2, 2, 12, 12]);
    let pushes = receiver.received();
    assert_eq!(pushes[0].data("shop_id"), caller.shop_id);
    assert_eq!(pushes[1].data("main_account_id"), 7);
    assert_eq!(pushes[2].data("merchant_id"), 31);
    assert_eq!(pushes[3].data("shopid"), caller.shop_id);
    assert_eq!(pushes[4].data("shop_id"), caller.shop_id);
    assert_eq!(pushes[5].data("total_page"), 2);
}
