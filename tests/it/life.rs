//! An order's life from checkout to completion, and what we make of each step.

use hawker_shopee_emulator::{Address, Masking, NewLine, NewOrder, PackedLine, Region};
use hawker_tests::{Bench, CARD, cards};
use rust_decimal::Decimal;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_followed_from_checkout_to_completion() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(2)])).unwrap();
    bench.agrees().await;
    assert_eq!(bench.steps(sn.as_str()).await, ["created"]);
    assert_eq!(bench.stock(CARD).await, (100, 2));

    shop.pay(&sn).unwrap();
    bench.agrees().await;
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 2));

    shop.pick_up(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (98, 0));

    shop.deliver(&sn).unwrap();
    bench.agrees().await;
    shop.complete(&sn).unwrap();
    bench.agrees().await;
    let whole_life = [
        "created",
        "payment_captured",
        "shipment_created",
        "fulfilled",
        "completed",
    ];
    assert_eq!(bench.steps(sn.as_str()).await, whole_life);
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.sync_status, "created");
    assert_eq!(order.sales_channel.as_deref(), Some("Shopee"));
    assert_eq!(order.summary.total, Some(Decimal::from(176)));
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_first_seen_completed_takes_every_step_before() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    shop.pause_pushes();
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    shop.pick_up(&sn).unwrap();
    shop.complete(&sn).unwrap();
    shop.resume_pushes();
    bench.agrees().await;
    let whole_life = [
        "created",
        "payment_captured",
        "shipment_created",
        "fulfilled",
        "completed",
    ];
    assert_eq!(bench.steps(sn.as_str()).await, whole_life);
    assert_eq!(bench.stock(CARD).await, (99, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_paid_at_once_is_captured_with_its_creation() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    assert_eq!(
        bench.steps(sn.as_str()).await,
        ["created", "payment_captured"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_on_delivery_is_captured_when_the_courier_has_it() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop
        .place(NewOrder::of([cards(1)]).cash_on_delivery())
        .unwrap();
    bench.agrees().await;
    let payment = async || bench.known_order(sn.as_str()).await.summary.payment_status;
    assert_eq!(payment().await.as_deref(), Some("on_delivery"));
    shop.arrange_shipment(&sn).unwrap();
    shop.pick_up(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(payment().await.as_deref(), Some("on_delivery"));

    shop.deliver(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(payment().await.as_deref(), Some("captured"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_bundle_at_price_zero_keep_their_original_price() {
    let bench = Bench::start().await;
    bench.add_card("POK-MEW-199-NM-EN", 5).await;
    let other = NewLine::new("POK-MEW-199-NM-EN", 245.into()).discounted_to(200.into());
    let order = NewOrder::of([cards(1).in_bundle(1), other.in_bundle(1)]).paid_at_once();
    let sn = bench.emulator.place(order).unwrap();
    bench.agrees().await;
    let order = bench.known_order(sn.as_str()).await;
    let mut prices: Vec<_> = order.lines.iter().map(|line| line.unit_price).collect();
    prices.sort();
    assert_eq!(prices, [Decimal::from(88), Decimal::from(245)]);
    let estimated = bench
        .count(
            "SELECT count(*) FROM tenant_default.sales_order_line
             WHERE price_basis = 'bundle_estimate'",
        )
        .await;
    assert_eq!(estimated, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_without_variations_is_found_by_the_sku_of_the_item() {
    let bench = Bench::start().await;
    let line = NewLine::plain(CARD, Decimal::new(1390, 2));
    let sn = bench
        .emulator
        .place(NewOrder::of([line]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.lines[0].sku.as_deref(), Some(CARD));
    assert_eq!(order.lines[0].unit_price, Decimal::new(1390, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partly_cancelled_order_sets_aside_what_is_left() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(3)]).paid_at_once()).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 3));

    let one = PackedLine {
        line: 0,
        quantity: 1,
    };
    shop.partial_cancel(&sn, &[one]).unwrap();
    bench.agrees().await;
    let line = &bench.known_order(sn.as_str()).await.lines[0];
    assert_eq!((line.quantity, line.cancelled_quantity), (3, 1));
    assert_eq!(bench.stock(CARD).await, (100, 2));

    shop.arrange_shipment(&sn).unwrap();
    shop.pick_up(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (98, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_the_platform_holds_and_one_that_waits_for_its_invoice_go_on_afterwards() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let held = NewOrder::of([cards(1)])
        .paid_at_once()
        .held_for("SYSTEM_PENDING");
    let held = shop.place(held).unwrap();
    let without_invoice = NewOrder::of([cards(1)]).paid_at_once().needing_invoice();
    let without_invoice = shop.place(without_invoice).unwrap();
    bench.agrees().await;
    shop.release_hold(&held).unwrap();
    shop.upload_invoice(&without_invoice).unwrap();
    for sn in [&held, &without_invoice] {
        shop.arrange_shipment(sn).unwrap();
    }
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_address_never_replaces_the_readable_one() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(1)]).masked(Masking::UnlessToShip);
    let sn = shop.place(order).unwrap();
    bench.agrees().await;
    let address = async || bench.known_order(sn.as_str()).await.address.unwrap();
    let readable = Address::sample(Region::Sg);
    assert_eq!(address().await["name"], readable.masked().name.as_str());

    shop.pay(&sn).unwrap();
    bench.agrees().await;
    let is_readable = |address: &serde_json::Value| {
        assert_eq!(address["name"], readable.name.as_str());
        assert_eq!(address["phone"], readable.phone.as_str());
        assert_eq!(address["full_address"], readable.full_address.as_str());
        assert_eq!(address["postal_code"], readable.zipcode.as_str());
    };
    is_readable(&address().await);

    shop.arrange_shipment(&sn).unwrap();
    shop.pick_up(&sn).unwrap();
    shop.complete(&sn).unwrap();
    bench.agrees().await;
    is_readable(&address().await);

    let moved = Address {
        full_address: "9 Jalan Baru #01-02".into(),
        ..Address::sample(Region::Sg)
    };
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    bench.agrees().await;
    shop.change_address(&sn, moved.clone()).unwrap();
    bench.agrees().await;
    let address = bench.known_order(sn.as_str()).await.address.unwrap();
    assert_eq!(address["full_address"], moved.full_address.as_str());
}
