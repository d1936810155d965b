//! Parcels: several of one order, their tracking numbers, couriers that do not come.

use hawker_shopee_emulator::{Chaos, NewOrder, PackedLine, PushChaos};
use hawker_tests::{Bench, CARD, cards};

#[tokio::test(flavor = "multi_thread")]
async fn the_parcels_of_a_split_order_go_their_own_ways() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(3)]).paid_at_once()).unwrap();
    let part = |quantity| vec![PackedLine { line: 0, quantity }];
    shop.split(&sn, vec![part(1), part(2)]).unwrap();
    bench.agrees().await;
    let packages = shop.order(&sn).unwrap().packages;
    let [first, second] = [0, 1].map(|index: usize| packages[index].package_number.clone());

    shop.arrange_package(&sn, &first).unwrap();
    bench.agrees().await;
    let parcels = bench.known_order(sn.as_str()).await.shipments;
    assert_eq!(parcels.len(), 1);
    assert_eq!(parcels[0].package_number, first.as_str());
    assert_eq!(parcels[0].state, "arranged");

    shop.arrange_package(&sn, &second).unwrap();
    shop.pick_up_package(&sn, &first).unwrap();
    bench.agrees().await;
    let mut parcels = bench.known_order(sn.as_str()).await.shipments;
    parcels.sort_by_key(|parcel| parcel.package_number != first.as_str());
    assert_eq!(parcels[0].state, "in_transit");
    assert_eq!(parcels[1].state, "arranged");
    let numbers: Vec<_> = parcels.iter().map(|p| p.tracking_number.clone()).collect();
    assert!(numbers[0].is_some() && numbers[1].is_some() && numbers[0] != numbers[1]);

    shop.pick_up_package(&sn, &second).unwrap();
    shop.deliver(&sn).unwrap();
    shop.complete(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (97, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_number_that_comes_later_is_kept_with_its_parcel() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(1)]).paid_at_once().tracked_later();
    let sn = shop.place(order).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    let tracking = async || {
        bench.known_order(sn.as_str()).await.shipments[0]
            .tracking_number
            .clone()
    };
    assert_eq!(tracking().await, None);

    shop.assign_tracking(&sn).unwrap();
    bench.agrees().await;
    let told = shop.order(&sn).unwrap().packages[0].tracking_number.clone();
    assert!(told.is_some());
    assert_eq!(tracking().await, told);

    shop.pick_up(&sn).unwrap();
    shop.complete(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(tracking().await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_number_whose_push_vanishes_is_there_all_the_same() {
    let mut bench = Bench::start().await;
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(1)]).paid_at_once().tracked_later();
    let sn = shop.place(order).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;

    shop.set_chaos(Chaos {
        pushes: PushChaos {
            vanish: 1.0,
            ..PushChaos::default()
        },
        ..Chaos::default()
    });
    shop.assign_tracking(&sn).unwrap();
    shop.idle().await;
    let told = shop.order(&sn).unwrap().packages[0].tracking_number.clone();
    assert!(told.is_some());
    let parcel = bench.known_order(sn.as_str()).await.shipments.remove(0);
    assert_eq!(parcel.tracking_number, None);

    // Half an hour passes. The next look is minutes away, and a service that starts looks at once.
    bench
        .execute("UPDATE tenant_default.order_shipment SET tracking_due_at = now()")
        .await;
    bench.start_another_service();
    bench
        .until_order(sn.as_str(), |order| {
            order.shipments[0].tracking_number == told
        })
        .await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_that_does_not_come_is_a_task_until_the_shipment_is_arranged_again() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    shop.fail_pickup(&sn).unwrap();
    bench.agrees().await;
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].error_class, "action_required");
    assert_eq!(open[0].cause, "arrange-shipment-again");
    assert!(open[0].due_at.is_some());

    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
    let resolved = bench.exceptions(Some("resolved")).await;
    assert_eq!(resolved[0].resolved_by.as_deref(), Some("hawker"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_by_a_courier_of_ones_own_leaves_with_its_arrangement() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(1)]).paid_at_once().by_own_courier();
    let sn = shop.place(order).unwrap();
    bench.agrees().await;
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (99, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_sold_than_there_is_stands_and_is_told_until_the_pieces_are_booked_in() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(120)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 120));
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].error_class, "oversold");
    assert_eq!(open[0].order_sn.as_deref(), Some(sn.as_str()));

    let booked = bench
        .execute(
            "INSERT INTO tenant_default.stock_ledger
                    (variant_id, location_id, movement, on_hand_delta, reserved_delta,
                     cause_kind, cause_id, cause_text)
             SELECT variant.id, place.id, 'receive', 20, 0, 'stated', 'an operator', 'delivery'
             FROM tenant_default.product_variant AS variant, tenant_default.stock_location AS place
             WHERE variant.sku = 'POK-OBF-223-NM-EN' AND place.code = 'main'",
        )
        .await;
    assert_eq!(booked, 1);
    bench.until_open("oversold", 0).await;
    assert_eq!(bench.stock(CARD).await, (120, 120));
}
