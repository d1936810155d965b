//! Orders that wait for somebody: a SKU that is missing or names too much, no place for stock.

use super::support::{CARD, CARD_SKU, SLAB, SLAB_SKU, World, bare, line, sku};
use crate::catalogue::SkuIndex;
use crate::exception::ErrorClass;
use crate::inventory::Stock;
use crate::order::{Lifecycle, LineStock, OrderSnapshot, OrderStatus, Problem};

fn with_lines(skus: &[Option<&str>], status: OrderStatus) -> OrderSnapshot {
    let mut snapshot = bare(status, 10);
    let numbered = (1..).zip(skus);
    snapshot.lines = numbered
        .map(|(number, text)| {
            let mut line = line(&format!("{number}"), CARD_SKU, 1);
            line.sku = text.map(sku);
            line
        })
        .collect();
    snapshot
}

fn causes(problem: &Problem, snapshot: &OrderSnapshot) -> Vec<(ErrorClass, String)> {
    let key = crate::channel::OrderKey {
        connector: crate::ConnectorName::Shopee,
        environment: crate::Environment::Sandbox,
        order_sn: snapshot.order_sn.clone(),
    };
    let causes = problem.causes(&key).into_iter();
    causes.map(|cause| (cause.class, cause.key)).collect()
}

#[test]
fn an_order_with_a_missing_sku_waits_and_takes_nothing() {
    let mut world = World::new();
    let snapshot = with_lines(&[Some(CARD_SKU), Some("MISSING")], OrderStatus::ReadyToShip);
    let problem = world.hold(&snapshot);
    assert_eq!(problem.missing_skus(), [sku("MISSING")]);
    let missing = (ErrorClass::SkuNotFound, "sku:MISSING".to_owned());
    assert_eq!(causes(&problem, &snapshot), [missing]);
    assert_eq!(world.total(CARD), (10, 0));
    assert!(world.order.is_none());
}

#[test]
fn every_missing_sku_is_a_cause_of_its_own_and_each_is_named_once() {
    let mut world = World::new();
    let snapshot = with_lines(
        &[Some("MISSING-2"), Some("MISSING-1"), Some("MISSING-2")],
        OrderStatus::Unpaid,
    );
    let problem = world.hold(&snapshot);
    assert_eq!(problem.missing_skus(), [sku("MISSING-1"), sku("MISSING-2")]);
    let missing = |text: &str| (ErrorClass::SkuNotFound, format!("sku:{text}"));
    assert_eq!(
        causes(&problem, &snapshot),
        [missing("MISSING-1"), missing("MISSING-2")]
    );
}

#[test]
fn a_sku_that_several_variants_carry_holds_the_order_too() {
    let mut world = World::new();
    world.skus = [(sku(CARD_SKU), CARD), (sku(CARD_SKU), SLAB)]
        .into_iter()
        .collect();
    let snapshot = bare(OrderStatus::ReadyToShip, 10);
    let problem = world.hold(&snapshot);
    assert_eq!(problem.missing_skus(), [sku(CARD_SKU)]);
    let ambiguous = (ErrorClass::AmbiguousSku, format!("sku:{CARD_SKU}"));
    assert_eq!(causes(&problem, &snapshot), [ambiguous]);
}

#[test]
fn a_listing_without_a_sku_is_told_by_its_numbers_and_waits_for_no_sku() {
    let mut world = World::new();
    let snapshot = with_lines(&[None], OrderStatus::ReadyToShip);
    let problem = world.hold(&snapshot);
    assert!(problem.missing_skus().is_empty());
    let listing = (ErrorClass::SkuNotFound, "listing:880000:1".to_owned());
    assert_eq!(causes(&problem, &snapshot), [listing]);
}

#[test]
fn an_order_that_was_cancelled_before_anything_left_needs_no_sku() {
    let mut world = World::new();
    let snapshot = with_lines(
        &[Some(CARD_SKU), Some("MISSING"), None],
        OrderStatus::Cancelled,
    );
    let plan = world.apply(&snapshot);
    assert!(matches!(plan.order.lifecycle, Lifecycle::Cancelled { .. }));
    let variants: Vec<_> = plan.order.lines.iter().map(|line| line.variant).collect();
    assert_eq!(variants, [Some(CARD), None, None]);
    assert!(plan.ledger.is_empty());
}

#[test]
fn a_cancelled_order_whose_goods_have_left_needs_its_skus() {
    let mut world = World::new();
    let mut snapshot = with_lines(&[Some("MISSING")], OrderStatus::Cancelled);
    snapshot.picked_up_at = Some(super::support::at(5));
    world.hold(&snapshot);
}

#[test]
fn a_held_order_goes_on_when_its_sku_is_there() {
    let mut world = World::new();
    let snapshot = with_lines(&[Some("MISSING")], OrderStatus::Shipped);
    world.hold(&snapshot);
    world.skus = [(sku("MISSING"), CARD)].into_iter().collect();
    world.apply(&snapshot);
    assert_eq!(world.total(CARD), (9, 0));
}

#[test]
fn a_line_keeps_the_variant_that_it_was_sold_as_when_the_sku_goes_to_another() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    world.skus = [(sku(CARD_SKU), SLAB)].into_iter().collect();
    world.apply(&bare(OrderStatus::Processed, 20));
    world.skus = SkuIndex::default();
    world.apply(&bare(OrderStatus::Shipped, 30));
    assert_eq!(world.order().lines[0].variant, Some(CARD));
    assert_eq!((world.total(CARD), world.total(SLAB)), ((8, 0), (10, 0)));
}

#[test]
fn a_line_keeps_its_variant_when_the_listing_gets_another_sku() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    let mut relisted = bare(OrderStatus::Processed, 20);
    relisted.lines[0].sku = Some(sku(SLAB_SKU));
    world.apply(&relisted);
    let line = &world.order().lines[0];
    assert_eq!(
        (line.variant, &line.sku),
        (Some(CARD), &Some(sku(CARD_SKU)))
    );
}

#[test]
fn an_order_that_we_have_is_held_as_it_stands_when_a_line_with_a_missing_sku_joins_it() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::Unpaid, 10));
    let mut joined = bare(OrderStatus::ReadyToShip, 20);
    joined.lines.push(line("2", "MISSING", 1));
    world.hold(&joined);
    assert_eq!(world.order().lifecycle, Lifecycle::Pending);
    assert_eq!(world.total(CARD), (10, 2));
}

#[test]
fn without_a_place_for_stock_an_order_waits_unless_it_needs_none() {
    let mut world = World::new();
    world.stock = Stock::new(Vec::new(), []);
    let snapshot = bare(OrderStatus::ReadyToShip, 10);
    let problem = world.hold(&snapshot);
    assert_eq!(problem, Problem::NoStockLocation);
    let cause = (
        ErrorClass::MedusaWorkflowFailed,
        "no-stock-location".to_owned(),
    );
    assert_eq!(causes(&problem, &snapshot), [cause]);
    let plan = world.apply(&bare(OrderStatus::Cancelled, 20));
    assert_eq!(plan.order.lines[0].stock, LineStock::Untouched);
}
