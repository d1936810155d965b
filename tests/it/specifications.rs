//! The platform's own samples go through the whole pipeline: a signed push arrives, the sample
//! answer is fetched, and every field that the product uses ends up where it belongs.
//!
//! The specifications lie in the folder that `SHOPEE_SPECS` names, else beside the workspace. They
//! are no part of the project: without them these tests say that they were skipped.

use std::path::PathBuf;

use hawker_tests::{Bench, Listener, REGISTERED_URL, order_push, signature};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// The specification of an endpoint, or what to say where there is none.
fn specification(name: &str) -> Result<Value, String> {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/reference/shopee-api"
    );
    let folder = std::env::var_os("SHOPEE_SPECS").map_or_else(|| beside.into(), PathBuf::from);
    let path = folder.join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path)
        .map_err(|_| format!("skipped: {} is not there", path.display()))?;
    Ok(serde_json::from_str(&text).expect("a specification is JSON"))
}

/// The sample answer of `get_order_detail`. As it is published it is no JSON: a brace too many at
/// the start, and a comma too few after the logistics channel.
fn sample_detail(specification: &Value) -> Value {
    let sample = &specification["response_sample"][0]["value"];
    if sample.is_object() {
        return sample.clone();
    }
    let text = sample.as_str().expect("a text");
    let start = text.rfind("{\n    \"error\"").expect("the envelope");
    let channel = "\"logistics_channel_id\": 18080";
    let mended = text[start..].replace(&format!("{channel}\n"), &format!("{channel},\n"));
    serde_json::from_str(&mended).expect("mended, it is JSON")
}

/// A service whose marketplace gives this one answer.
async fn answered_with(answer: &Value) -> (Bench, Listener) {
    let marketplace = Listener::start();
    marketplace.answer(200, &answer.to_string());
    let mut bench = Bench::without_service().await;
    bench.emulator.set_push_url(None);
    bench.settings = bench.settings.clone().with(
        "SHOPEE_API_BASE_URL",
        &format!("{}/api/v2", marketplace.origin()),
    );
    bench.set_up_shop().await;
    bench.add_card("QAZ-SADOER-05", 3).await;
    bench.start_another_service();
    (bench, marketplace)
}

async fn push(bench: &Bench, body: &str) {
    let signed = signature(REGISTERED_URL, body);
    let answer = bench.post(body.to_owned(), Some(&signed)).await;
    assert!(answer.counts(), "{answer:?}");
}

/// The one row of a query, as JSON.
async fn row(bench: &Bench, query: &str) -> Value {
    let query = format!("SELECT row_to_json(found) FROM ({query}) AS found");
    let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(query.clone()))
        .fetch_all(bench.store.pool())
        .await
        .unwrap_or_else(|error| panic!("{error} in {query}"));
    assert_eq!(rows.len(), 1, "{query}: {rows:?}");
    rows.into_iter().next().expect("one row")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_order_ends_up_in_the_database_field_by_field() {
    let specification = match specification("v2.order.get_order_detail") {
        Ok(specification) => specification,
        Err(skipped) => return println!("{skipped}"),
    };
    let (bench, marketplace) = answered_with(&sample_detail(&specification)).await;
    push(
        &bench,
        &order_push("2404098R48U37H", "COMPLETED", 1_713_139_948),
    )
    .await;
    bench.finished().await;
    // Asked for the payout or the push settings, the marketplace gives the same answer, which is none.
    let mut open = bench.open_exceptions().await;
    open.retain(|open| open.error_class != "escrow_fetch_failed" && open.cause != "push-url");
    assert!(open.is_empty(), "{open:?}");

    let seconds = |column: &str| format!("extract(epoch FROM {column})::bigint AS {column}");
    let query = format!(
        "SELECT order_sn, status, hold, shopee_status, currency, total, {}, {}, {},
                escrow_due_at IS NOT NULL AS escrow_due
         FROM tenant_default.connector_order",
        seconds("marketplace_updated_at"),
        seconds("placed_at"),
        seconds("ship_by"),
    );
    let expected = json!({
        "order_sn": "2404098R48U37H", "status": "created", "hold": null,
        "shopee_status": "COMPLETED", "currency": "VND", "total": 32119.0,
        "marketplace_updated_at": 1_713_139_948, "placed_at": 1_712_601_591,
        "ship_by": 1_712_671_200, "escrow_due": true,
    });
    same(&row(&bench, &query).await, &expected);

    let query = format!(
        "SELECT connector, environment, profile_id, shop_id, status, fulfillment_status, {},
                marketplace_status, {}, {}, currency, total, fulfilled_by,
                coalesce(message_to_seller, '') AS message_to_seller, coalesce(note, '') AS note,
                cancellation_told, cancel_reason
         FROM tenant_default.sales_order",
        seconds("fulfilled_at"),
        seconds("placed_at"),
        seconds("ship_by"),
    );
    let expected = json!({
        "connector": "shopee", "environment": "sandbox", "profile_id": "prof_sandbox",
        "shop_id": 14_701_711, "status": "completed", "fulfillment_status": "fulfilled",
        "fulfilled_at": 1_712_726_577, "marketplace_status": "COMPLETED",
        "placed_at": 1_712_601_591, "ship_by": 1_712_671_200, "currency": "VND",
        "total": 32119.0, "fulfilled_by": "seller", "message_to_seller": "", "note": "",
        "cancellation_told": false, "cancel_reason": null,
    });
    same(&row(&bench, &query).await, &expected);

    let payment = format!(
        "SELECT status, {}, method, cash_on_delivery FROM tenant_default.order_payment",
        seconds("captured_at")
    );
    let expected = json!({
        "status": "captured", "captured_at": 1_712_817_766, "method": "Cash on Delivery",
        "cash_on_delivery": true,
    });
    same(&row(&bench, &payment).await, &expected);

    let buyer = "SELECT external_id, username FROM tenant_default.customer";
    let expected = json!({ "external_id": "1170319091", "username": "xt4fdsf96j" });
    same(&row(&bench, buyer).await, &expected);

    let address = "SELECT name, phone, full_address, coalesce(town, '') AS town, district, city,
                          state, coalesce(postal_code, '') AS postal_code, country_code
                   FROM tenant_default.order_address";
    let expected = json!({
        "name": "P******n", "phone": "******64", "full_address": "Ấp******", "town": "",
        "district": "Xã Phong Thạnh Tây B", "city": "Huyện Phước Long", "state": "Bạc Liêu",
        "postal_code": "", "country_code": "vn",
    });
    same(&row(&bench, address).await, &expected);

    let line = "SELECT sku, external_item_id, external_model_id, quantity, cancelled_quantity,
                       unit_price, original_price, price_basis, stock,
                       title LIKE '%SADOER%' AS is_titled
                FROM tenant_default.sales_order_line";
    let expected = json!({
        "sku": "QAZ-SADOER-05", "external_item_id": 23_620_853_561_i64,
        "external_model_id": 221_404_189_791_i64, "quantity": 1, "cancelled_quantity": 0,
        "unit_price": 48000.0, "original_price": 300_000.0, "price_basis": "discounted",
        "stock": "deducted", "is_titled": true,
    });
    same(&row(&bench, line).await, &expected);
    assert_eq!(bench.stock("QAZ-SADOER-05").await, (2, 0));

    let parcel = "SELECT package_number, state, carrier, logistics_status
                  FROM tenant_default.order_shipment";
    let expected = json!({
        "package_number": "OFG166300791210964", "state": "delivered",
        "carrier": "5-Day Delivery (SPX)", "logistics_status": "LOGISTICS_DELIVERY_DONE",
    });
    same(&row(&bench, parcel).await, &expected);

    let listing = "SELECT channel, environment, external_listing_id, external_variation_id
                   FROM tenant_default.tcg_channel_listing";
    let expected = json!({
        "channel": "shopee", "environment": "sandbox",
        "external_listing_id": "23620853561", "external_variation_id": "221404189791",
    });
    same(&row(&bench, listing).await, &expected);
    asked_as_specified(&marketplace, &specification);
}

/// Every parameter that the specification requires was sent.
fn asked_as_specified(marketplace: &Listener, specification: &Value) {
    // How the app and its shop are is asked, too.
    let mut heard = marketplace.heard();
    heard.retain(|heard| heard.target.starts_with("/api/v2/order/get_order_detail?"));
    assert_eq!(heard.len(), 1, "one call is enough");
    let parameters = specification["params"]["request_params"].as_array();
    let required = parameters.expect("parameters").iter().filter_map(|entry| {
        let is_required = entry["required"] == "True";
        entry["name"].as_str().filter(|_| is_required)
    });
    let signed = ["partner_id", "timestamp", "access_token", "shop_id", "sign"];
    for name in required.chain(signed) {
        assert!(
            heard[0].target.contains(&format!("{name}=")),
            "{name} is not in {}",
            heard[0].target
        );
    }
}

/// Numbers are compared as numbers: `48000` and `48000.000000` are the same amount.
fn same(found: &Value, expected: &Value) {
    let expected = expected.as_object().expect("an object");
    for (name, expected) in expected {
        let found = &found[name];
        let is_same = match (found.as_f64(), expected.as_f64()) {
            (Some(found), Some(expected)) => (found - expected).abs() < f64::EPSILON,
            _ => found == expected,
        };
        assert!(is_same, "{name} is {found}, should be {expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_push_brings_the_order_that_it_names() {
    let pushes = match specification("v2.push.get_lost_push_message") {
        Ok(specification) => specification,
        Err(skipped) => return println!("{skipped}"),
    };
    let details = match specification("v2.order.get_order_detail") {
        Ok(specification) => specification,
        Err(skipped) => return println!("{skipped}"),
    };
    let envelope =
        &pushes["response_sample"][0]["value"]["response"]["push_message_list"][0]["data"];
    let mut detail = sample_detail(&details);
    let order = &mut detail["response"]["order_list"][0];
    order["order_sn"] = envelope["data"]["ordersn"].clone();
    order["order_status"] = envelope["data"]["status"].clone();
    let (bench, _marketplace) = answered_with(&detail).await;
    push(&bench, &envelope.to_string()).await;
    bench.finished().await;

    let event = bench.newest_event().await;
    assert_eq!(event.summary.code, 3);
    assert_eq!(event.summary.shop_id, Some(727_720_655));
    assert_eq!(event.summary.order_sn.as_deref(), Some("220810QSK8S7BX"));
    assert_eq!(event.summary.outcome.as_deref(), Some("applied"));
    assert_eq!(event.payload, *envelope);
    let known = bench
        .count(
            "SELECT extract(epoch FROM marketplace_updated_at)::bigint
             FROM tenant_default.connector_event",
        )
        .await;
    assert_eq!(known, 1_660_123_127);
    let order = bench.known_order("220810QSK8S7BX").await;
    assert_eq!(order.summary.sync_status, "created");
}
