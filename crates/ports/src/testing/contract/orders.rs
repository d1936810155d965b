//! Orders are written whole and loaded as they were written.

use hawker_domain::event::EventOutcome;
use hawker_domain::order::snapshot::{LogisticsStatus, Package};
use hawker_domain::order::{
    Cancellation, FulfilledBy, Order, OrderSnapshot, OrderStatus, PriceBasis,
};
use rust_decimal::Decimal;

use super::bench::{Bench, LEASE, reports};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::WorkResult;
use crate::testing::examples::{SKU, after_noon, line, noon, order_sn, snapshot};

const NUMBER: &str = "250101AAA";

/// Whatever its first sight is.
pub async fn an_order_in_every_state_is_loaded_as_it_was_applied(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let unknown = OrderStatus::Other("INVOICE_PENDING".into());
    let statuses = OrderStatus::MODELLED.into_iter().chain([unknown]);
    for (seconds, status) in (0..).step_by(10).zip(statuses) {
        let number = format!("250101{seconds:03}");
        let told = OrderSnapshot {
            buyer_id: Some(seconds),
            ..snapshot(&number, status)
        };
        let plan = bench.refresh(told, seconds).await?;
        assert!(plan.is_new);
        let stored = bench.stored_order(&number, seconds + 1).await?;
        assert_eq!(stored, Some(plan.order));
    }
    Ok(())
}

/// Every state is reached from the one before it too.
pub async fn an_order_is_loaded_as_it_was_applied_at_every_step_of_its_life(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let life = [
        OrderStatus::Unpaid,
        OrderStatus::ReadyToShip,
        OrderStatus::Processed,
        OrderStatus::RetryShip,
        OrderStatus::Shipped,
        OrderStatus::ToConfirmReceive,
        OrderStatus::ToReturn,
        OrderStatus::Completed,
    ];
    let mut before: Option<Order> = None;
    for (seconds, status) in (0..).step_by(10).zip(life) {
        let told = OrderSnapshot {
            updated_at: after_noon(seconds),
            ..snapshot(NUMBER, status)
        };
        let plan = bench.refresh(told, seconds).await?;
        assert_eq!(plan.is_new, before.is_none());
        let stored = bench.stored_order(NUMBER, seconds + 1).await?;
        assert_eq!(stored.as_ref(), Some(&plan.order));
        before = stored;
    }
    Ok(())
}

/// Bundles, split parcels, partial and whole cancellations, cash on delivery, the marketplace's own
/// warehouse, lines without a SKU, orders about which little is said.
pub async fn special_orders_are_loaded_as_they_were_applied(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for text in [SKU, "OTHER"] {
        bench.add_variant(text).await?;
    }
    let package = |number: &str, logistics| Package {
        number: number.into(),
        logistics,
        carrier: None,
    };
    let mut bundle = snapshot("250101001", OrderStatus::Processed);
    bundle.lines = vec![line("2", "OTHER", 3), line("1", SKU, 1), line("3", SKU, 1)];
    bundle.lines[0].cancelled_quantity = 1;
    bundle.lines[1].unit_price = Decimal::new(123_456, 4);
    bundle.lines[1].price_basis = PriceBasis::BundleEstimate;
    bundle.packages = vec![
        package("OFG-B", LogisticsStatus::RequestCreated),
        package("OFG-A", LogisticsStatus::Other("LOGISTICS_NEW".into())),
    ];
    bundle.message_to_seller = Some("Please “double sleeve” 謝謝".into());
    bundle.note = Some("gift".into());

    let mut on_delivery = snapshot("250101002", OrderStatus::ReadyToShip);
    on_delivery.cash_on_delivery = true;
    on_delivery.paid_at = None;

    let mut cancelled = snapshot("250101003", OrderStatus::Cancelled);
    cancelled.lines = vec![line("1", "NOWHERE", 1)];
    cancelled.lines[0].sku = None;
    cancelled.cancellation = Some(Cancellation {
        by: Some("buyer".into()),
        reason: Some("Out of Stock".into()),
        buyer_reason: None,
    });

    let mut theirs = snapshot("250101004", OrderStatus::Shipped);
    theirs.fulfilled_by = FulfilledBy::Marketplace;

    let mut bare = snapshot("250101005", OrderStatus::Unpaid);
    bare.buyer_id = None;
    bare.buyer_username = None;
    bare.address = None;
    bare.payment_method = None;
    bare.shipping_carrier = None;

    for (seconds, mut told) in (0..)
        .step_by(10)
        .zip([bundle, on_delivery, cancelled, theirs, bare])
    {
        told.buyer_id = told.buyer_id.map(|_| seconds);
        let number = told.order_sn.to_string();
        let plan = bench.refresh(told, seconds).await?;
        let stored = bench.stored_order(&number, seconds + 1).await?;
        assert_eq!(stored, Some(plan.order));
    }
    Ok(())
}

/// A parcel that gets its name takes the place of the nameless one.
pub async fn what_an_order_no_longer_has_is_gone(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let nameless = OrderSnapshot {
        packages: Vec::new(),
        ..snapshot(NUMBER, OrderStatus::Processed)
    };
    bench.refresh(nameless, 0).await?;
    let named = OrderSnapshot {
        updated_at: after_noon(10),
        ..snapshot(NUMBER, OrderStatus::Processed)
    };
    let plan = bench.refresh(named, 10).await?;
    let stored = bench.stored_order(NUMBER, 11).await?;
    let stored = stored.expect("the order is there");
    assert_eq!(stored.shipments.len(), 1);
    assert_eq!(stored, plan.order);
    Ok(())
}

/// Whoever lost the lease must not write on the strength of it.
pub async fn only_orders_that_the_lease_holds_are_loaded(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .store(&[bench.push(NUMBER, 0), bench.push("250101BBB", 1)])
        .await?;
    let slow = bench.must_claim(after_noon(1)).await?;
    let loaded = bench.load(&slow).await?;
    assert_eq!(loaded.len(), 2);
    assert!(loaded.iter().all(|loaded| loaded.order.is_none()));
    for order in &slow.orders {
        let same = loaded.iter().find(|one| one.order_sn == order.order_sn);
        assert_eq!(same.map(|one| one.sync), Some(order.sync));
    }
    // One is finished, the other is taken over when the lease has ended.
    let mut done = reports(&slow, &WorkResult::Done(EventOutcome::Applied));
    done.truncate(1);
    let mut uow = bench.begin().await?;
    uow.inbox().finish(&slow, &done, after_noon(2)).await?;
    uow.commit().await?;
    let left = bench.load(&slow).await?;
    assert_eq!(left.len(), 1);
    let quick = bench.must_claim(after_noon(1) + LEASE).await?;
    assert_eq!(bench.load(&slow).await?.len(), 0);
    assert_eq!(bench.load(&quick).await?.len(), 1);
    Ok(())
}

/// The timeline and the ledger stay as they are.
pub async fn a_plan_without_a_change_writes_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let told = snapshot(NUMBER, OrderStatus::ReadyToShip);
    let first = bench.refresh(told.clone(), 0).await?;
    let steps = steps(&bench).await?;
    let second = bench.refresh(told, 10).await?;
    assert!(!second.is_change);
    assert_eq!(bench.stored_order(NUMBER, 11).await?, Some(first.order));
    assert_eq!(self::steps(&bench).await?, steps);
    Ok(())
}

/// Under the id that the buyer got with the first order.
pub async fn a_buyer_is_one_customer_over_all_orders(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let first = snapshot(NUMBER, OrderStatus::ReadyToShip);
    bench.refresh(first, 0).await?;
    let mut second = snapshot("250101BBB", OrderStatus::ReadyToShip);
    second.lines = vec![line("1", SKU, 1)];
    let planned = bench.refresh(second, 10).await?;
    let customer = |order: Option<Order>| order.and_then(|order| order.customer);
    let of_first = customer(bench.stored_order(NUMBER, 20).await?);
    let of_second = customer(bench.stored_order("250101BBB", 30).await?);
    assert!(of_first.is_some());
    assert_eq!(of_second, of_first);
    assert_ne!(
        planned.order.customer.map(|customer| customer.id),
        of_first.map(|customer| customer.id)
    );
    Ok(())
}

/// Steps of one moment included.
pub async fn the_steps_of_an_order_are_kept_in_order(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let told = |status, seconds| OrderSnapshot {
        updated_at: after_noon(seconds),
        ..snapshot(NUMBER, status)
    };
    bench.refresh(told(OrderStatus::Shipped, 0), 0).await?;
    bench.refresh(told(OrderStatus::Completed, 10), 10).await?;
    let expected = [
        "created",
        "payment_captured",
        "shipment_created",
        "fulfilled",
        "shipment_updated",
        "completed",
    ];
    assert_eq!(steps(&bench).await?, expected);
    let detail = bench.views.order(&bench.tenant, &order_sn(NUMBER)).await?;
    let detail = detail.expect("the order is there");
    assert_eq!(detail.timeline[0].at, noon());
    assert_eq!(detail.timeline[5].at, after_noon(10));
    assert_eq!(detail.timeline[5].marketplace_status, "COMPLETED");
    assert_eq!(detail.summary.sync_status, "created");
    assert_eq!(detail.summary.status.as_deref(), Some("completed"));
    assert_eq!(detail.sales_channel.as_deref(), Some("Shopee"));
    assert_eq!(detail.lines[0].sku.as_deref(), Some(SKU));
    assert_eq!(detail.lines[0].stock, "deducted");
    assert_eq!(detail.lines[0].allocations, [("main".to_owned(), 2)]);
    assert_eq!(detail.shipments[0].state, "delivered");
    Ok(())
}

async fn steps(bench: &Bench) -> Result<Vec<String>, StoreError> {
    let detail = bench.views.order(&bench.tenant, &order_sn(NUMBER)).await?;
    let timeline = detail.expect("the order is there").timeline;
    Ok(timeline.into_iter().map(|row| row.step).collect())
}
