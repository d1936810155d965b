//! Orders with a SKU that the catalogue does not have: held, seen, and released by themselves.

use hawker_ports::views::{OrderFilter, PageRequest, Views as _};
use hawker_shopee_emulator::{NewLine, NewOrder, OrderSn};
use hawker_tests::{Bench, cards, run};

const UNKNOWN: &str = "POK-PRE-161-NM-JP";

/// A paid order of one card that is known and two that are not.
fn with_unknown(bench: &Bench) -> OrderSn {
    let unknown = NewLine::new(UNKNOWN, 30.into()).times(2);
    let order = NewOrder::of([cards(1), unknown]).paid_at_once();
    bench.emulator.place(order).expect("an order")
}

/// Waits until the order is released, and asserts that nothing is left of the hold.
async fn released(bench: &Bench, sn: &OrderSn) {
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.hold, None);
    assert_eq!(order.summary.sync_status, "created");
    assert!(order.missing_skus.is_empty());
    let open = bench.open_classes().await;
    assert!(!open.contains(&"sku_not_found".to_owned()), "{open:?}");
    assert_eq!(bench.stock(UNKNOWN).await.1, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_an_unknown_sku_is_held_and_everybody_can_see_why() {
    let bench = Bench::start().await;
    let sn = with_unknown(&bench);
    bench.settled().await;

    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.hold.as_deref(), Some("mapping"));
    assert_eq!(order.summary.sync_status, "pending");
    assert_eq!(order.summary.order_id, None);
    assert_eq!(
        order.summary.marketplace_status.as_deref(),
        Some("READY_TO_SHIP")
    );
    assert!(order.summary.ship_by.is_some());
    assert_eq!(order.missing_skus, [UNKNOWN]);
    // Nothing is set aside for an order that may yet change.
    assert_eq!(bench.stock(hawker_tests::CARD).await, (100, 0));

    let filter = OrderFilter {
        held: Some(true),
        ..OrderFilter::default()
    };
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let held = bench.store.orders(&bench.tenant, &filter, &page).await;
    let held = held.unwrap().rows;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].order_sn, sn.as_str());

    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].error_class, "sku_not_found");
    assert_eq!(open[0].order_sn.as_deref(), Some(sn.as_str()));
    assert!(open[0].message.contains(UNKNOWN), "{}", open[0].message);
    let alerts = bench.told_alerts().await;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["ordersn"], sn.as_str());
    assert_eq!(alerts[0]["exception_id"], open[0].id.as_str());
    let pending = bench
        .count("SELECT count(*) FROM tenant_default.connector_event WHERE NOT processed")
        .await;
    assert!(pending > 0, "the event waits for the operator");

    let listed = run(&bench.settings, &["orders", "list", "--held"]).await;
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.stdout.contains(sn.as_str()), "{listed:?}");
    assert!(listed.stdout.contains("held: mapping"), "{listed:?}");
    let shown = run(&bench.settings, &["orders", "show", sn.as_str(), "--json"]).await;
    assert_eq!(shown.json()["missing_skus"][0], UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_order_keeps_up_with_the_shop_and_raises_nothing_twice() {
    let bench = Bench::start().await;
    let sn = with_unknown(&bench);
    bench.settled().await;
    bench.emulator.arrange_shipment(&sn).unwrap();
    bench.settled().await;
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(
        order.summary.marketplace_status.as_deref(),
        Some("PROCESSED")
    );
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert!(open[0].retry_count > 0);
    assert_eq!(bench.told_alerts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_that_is_inserted_with_sql_releases_the_order() {
    let bench = Bench::start().await;
    let sn = with_unknown(&bench);
    bench.settled().await;
    bench
        .execute(
            "WITH added AS (
                 INSERT INTO tenant_default.product (title) VALUES ('Pikachu') RETURNING id
             )
             INSERT INTO tenant_default.product_variant (product_id, sku)
             SELECT id, 'POK-PRE-161-NM-JP' FROM added",
        )
        .await;
    released(&bench, &sn).await;
    // There is none of it yet.
    assert_eq!(bench.open_classes().await, ["oversold"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_that_is_renamed_with_sql_releases_the_order() {
    let bench = Bench::start().await;
    bench.add_card("POK-PRE-161-NM-JA", 10).await;
    let sn = with_unknown(&bench);
    bench.settled().await;
    assert_eq!(bench.open_classes().await, ["sku_not_found"]);
    bench
        .execute(
            "UPDATE tenant_default.product_variant SET sku = 'POK-PRE-161-NM-JP'
             WHERE sku = 'POK-PRE-161-NM-JA'",
        )
        .await;
    released(&bench, &sn).await;
    assert!(bench.open_classes().await.is_empty());
    assert_eq!(bench.stock(UNKNOWN).await, (10, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_that_is_added_at_the_command_line_releases_the_order() {
    let bench = Bench::start().await;
    let sn = with_unknown(&bench);
    bench.settled().await;
    let arguments = [
        "catalogue",
        "add",
        "--sku",
        UNKNOWN,
        "--title",
        "Pikachu ex",
        "--price",
        "30.00",
        "--stock",
        "4",
        "--json",
    ];
    let added = run(&bench.settings, &arguments).await;
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(added.json()["added"], true);
    released(&bench, &sn).await;
    assert_eq!(bench.stock(UNKNOWN).await, (4, 2));

    let again = run(&bench.settings, &arguments).await;
    assert_eq!(again.json()["added"], false);
    assert_eq!(bench.stock(UNKNOWN).await, (4, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_two_unknown_skus_waits_for_both() {
    let bench = Bench::start().await;
    let lines = [
        NewLine::new("MISSING-1", 5.into()),
        NewLine::new("MISSING-2", 6.into()),
    ];
    let sn = bench
        .emulator
        .place(NewOrder::of(lines).paid_at_once())
        .unwrap();
    bench.settled().await;
    assert_eq!(
        bench.open_classes().await,
        ["sku_not_found", "sku_not_found"]
    );
    let missing = async || bench.known_order(sn.as_str()).await.missing_skus;
    assert_eq!(missing().await, ["MISSING-1", "MISSING-2"]);

    bench.add_card("MISSING-1", 1).await;
    bench
        .until_order(sn.as_str(), |order| order.missing_skus == ["MISSING-2"])
        .await;
    bench.until_open("sku_not_found", 1).await;
    assert_eq!(bench.known_order(sn.as_str()).await.summary.order_id, None);

    bench.add_card("MISSING-2", 1).await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}
