//! The whole status matrix: what the status alone makes of an order, from every status before it.
//!
//! The snapshots carry no payment, parcel or pickup beside the status, so that each line shows what
//! is concluded from the status and from what was known before.

use std::collections::BTreeMap;

use super::support::{CARD, World, bare, raised, steps};
use crate::exception::ErrorClass;
use crate::order::{FulfilledBy, LineStock, OrderSnapshot, OrderStatus, Payment, Plan};

/// A status of the snapshot, and below it, for each status before: the order's lifecycle, payment,
/// fulfilment and stock, then the steps that are taken. `+escrow`: the payout is due. `!…`: a task
/// for an operator arises.
const MATRIX: &str = "
  UNPAID
    first-sight                                 | pending   awaiting unfulfilled      reserved  | created
    UNPAID                                      | pending   awaiting unfulfilled      reserved  |
    READY_TO_SHIP IN_CANCEL                     | pending   captured unfulfilled      reserved  | status_recorded
    PROCESSED RETRY_SHIP                        | pending   captured unfulfilled      reserved  | shipment_updated
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | pending   captured fulfilled        deducted  | shipment_updated
    CANCELLED                                   | pending   awaiting unfulfilled      reserved  | reopened
    COMPLETED                                   | pending   captured fulfilled        deducted  | reopened shipment_updated
    INVOICE_PENDING                             | pending   awaiting unfulfilled      reserved  | status_recorded
  READY_TO_SHIP
    first-sight                                 | open      captured unfulfilled      reserved  | created payment_captured
    UNPAID INVOICE_PENDING                      | open      captured unfulfilled      reserved  | payment_captured
    READY_TO_SHIP                               | open      captured unfulfilled      reserved  |
    PROCESSED RETRY_SHIP                        | open      captured unfulfilled      reserved  | shipment_updated
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | open      captured fulfilled        deducted  | shipment_updated
    IN_CANCEL                                   | open      captured unfulfilled      reserved  | status_recorded
    CANCELLED                                   | open      captured unfulfilled      reserved  | reopened payment_captured
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened shipment_updated
  PROCESSED
    first-sight                                 | open      captured shipment_created reserved  | created payment_captured shipment_created
    UNPAID INVOICE_PENDING                      | open      captured shipment_created reserved  | payment_captured shipment_created
    READY_TO_SHIP IN_CANCEL                     | open      captured shipment_created reserved  | shipment_created
    PROCESSED                                   | open      captured shipment_created reserved  |
    RETRY_SHIP                                  | open      captured shipment_created reserved  | shipment_updated
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | open      captured fulfilled        deducted  | shipment_updated
    CANCELLED                                   | open      captured shipment_created reserved  | reopened payment_captured shipment_created
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened shipment_updated
  RETRY_SHIP
    first-sight                                 | open      captured shipment_created reserved  | created payment_captured shipment_created !arrange-shipment-again
    UNPAID INVOICE_PENDING                      | open      captured shipment_created reserved  | payment_captured shipment_created !arrange-shipment-again
    READY_TO_SHIP IN_CANCEL                     | open      captured shipment_created reserved  | shipment_created !arrange-shipment-again
    PROCESSED                                   | open      captured shipment_created reserved  | shipment_updated !arrange-shipment-again
    RETRY_SHIP                                  | open      captured shipment_created reserved  |
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | open      captured fulfilled        deducted  | shipment_updated !arrange-shipment-again
    CANCELLED                                   | open      captured shipment_created reserved  | reopened payment_captured shipment_created !arrange-shipment-again
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened shipment_updated !arrange-shipment-again
  SHIPPED
    first-sight                                 | open      captured fulfilled        deducted  | created payment_captured shipment_created fulfilled
    UNPAID INVOICE_PENDING                      | open      captured fulfilled        deducted  | payment_captured shipment_created fulfilled
    READY_TO_SHIP IN_CANCEL                     | open      captured fulfilled        deducted  | shipment_created fulfilled
    PROCESSED RETRY_SHIP                        | open      captured fulfilled        deducted  | shipment_updated fulfilled
    SHIPPED                                     | open      captured fulfilled        deducted  |
    TO_CONFIRM_RECEIVE TO_RETURN                | open      captured fulfilled        deducted  | shipment_updated
    CANCELLED                                   | open      captured fulfilled        deducted  | reopened payment_captured shipment_created fulfilled
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened shipment_updated
  TO_CONFIRM_RECEIVE
    first-sight                                 | open      captured fulfilled        deducted  | created payment_captured shipment_created fulfilled
    UNPAID INVOICE_PENDING                      | open      captured fulfilled        deducted  | payment_captured shipment_created fulfilled
    READY_TO_SHIP IN_CANCEL                     | open      captured fulfilled        deducted  | shipment_created fulfilled
    PROCESSED RETRY_SHIP                        | open      captured fulfilled        deducted  | shipment_updated fulfilled
    SHIPPED                                     | open      captured fulfilled        deducted  | shipment_updated
    TO_CONFIRM_RECEIVE                          | open      captured fulfilled        deducted  |
    CANCELLED                                   | open      captured fulfilled        deducted  | reopened payment_captured shipment_created fulfilled
    TO_RETURN                                   | open      captured fulfilled        deducted  | status_recorded
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened
  IN_CANCEL
    first-sight                                 | open      captured unfulfilled      reserved  | created payment_captured !cancellation-request
    UNPAID INVOICE_PENDING                      | open      captured unfulfilled      reserved  | payment_captured !cancellation-request
    READY_TO_SHIP                               | open      captured unfulfilled      reserved  | status_recorded !cancellation-request
    PROCESSED RETRY_SHIP                        | open      captured unfulfilled      reserved  | shipment_updated !cancellation-request
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | open      captured fulfilled        deducted  | shipment_updated !cancellation-request
    IN_CANCEL                                   | open      captured unfulfilled      reserved  |
    CANCELLED                                   | open      captured unfulfilled      reserved  | reopened payment_captured !cancellation-request
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened shipment_updated !cancellation-request
  CANCELLED
    first-sight                                 | canceled  voided   unfulfilled      untouched | created canceled
    UNPAID INVOICE_PENDING                      | canceled  voided   unfulfilled      released  | canceled
    READY_TO_SHIP IN_CANCEL                     | canceled  captured unfulfilled      released  | canceled
    PROCESSED RETRY_SHIP                        | canceled  captured unfulfilled      released  | shipment_updated canceled
    SHIPPED TO_CONFIRM_RECEIVE                  | canceled  captured fulfilled        deducted  | shipment_updated canceled !goods-coming-back
    TO_RETURN COMPLETED                         | canceled  captured fulfilled        deducted  | shipment_updated canceled !goods-coming-back
    CANCELLED                                   | canceled  voided   unfulfilled      untouched |
  TO_RETURN
    first-sight                                 | open      captured fulfilled        deducted  | created payment_captured shipment_created fulfilled !return-opened
    UNPAID INVOICE_PENDING                      | open      captured fulfilled        deducted  | payment_captured shipment_created fulfilled !return-opened
    READY_TO_SHIP IN_CANCEL                     | open      captured fulfilled        deducted  | shipment_created fulfilled !return-opened
    PROCESSED RETRY_SHIP                        | open      captured fulfilled        deducted  | shipment_updated fulfilled !return-opened
    SHIPPED                                     | open      captured fulfilled        deducted  | shipment_updated !return-opened
    TO_CONFIRM_RECEIVE                          | open      captured fulfilled        deducted  | status_recorded !return-opened
    CANCELLED                                   | open      captured fulfilled        deducted  | reopened payment_captured shipment_created fulfilled !return-opened
    TO_RETURN                                   | open      captured fulfilled        deducted  |
    COMPLETED                                   | open      captured fulfilled        deducted  | reopened !return-opened
  COMPLETED
    first-sight                                 | completed captured fulfilled        deducted  | created payment_captured shipment_created fulfilled completed +escrow
    UNPAID CANCELLED INVOICE_PENDING            | completed captured fulfilled        deducted  | payment_captured shipment_created fulfilled completed +escrow
    READY_TO_SHIP IN_CANCEL                     | completed captured fulfilled        deducted  | shipment_created fulfilled completed +escrow
    PROCESSED RETRY_SHIP                        | completed captured fulfilled        deducted  | shipment_updated fulfilled completed +escrow
    SHIPPED                                     | completed captured fulfilled        deducted  | shipment_updated completed +escrow
    TO_CONFIRM_RECEIVE TO_RETURN                | completed captured fulfilled        deducted  | completed +escrow
    COMPLETED                                   | completed captured fulfilled        deducted  | +escrow
  INVOICE_PENDING
    first-sight                                 | pending   awaiting unfulfilled      reserved  | created
    UNPAID                                      | pending   awaiting unfulfilled      reserved  | status_recorded
    READY_TO_SHIP IN_CANCEL                     | open      captured unfulfilled      reserved  | status_recorded
    PROCESSED RETRY_SHIP                        | open      captured shipment_created reserved  | status_recorded
    SHIPPED TO_CONFIRM_RECEIVE TO_RETURN        | open      captured fulfilled        deducted  | status_recorded
    CANCELLED                                   | canceled  voided   unfulfilled      untouched | status_recorded
    COMPLETED                                   | completed captured fulfilled        deducted  | status_recorded
    INVOICE_PENDING                             | pending   awaiting unfulfilled      reserved  |
";

/// One that is not modelled.
const UNKNOWN: &str = "INVOICE_PENDING";

const FIRST_SIGHT: &str = "first-sight";

fn every_status() -> impl Iterator<Item = OrderStatus> {
    let unknown = OrderStatus::from_text(UNKNOWN);
    OrderStatus::MODELLED.into_iter().chain([unknown])
}

fn every_transition() -> impl Iterator<Item = (Option<OrderStatus>, OrderStatus)> {
    every_status().flat_map(|to| {
        let before = std::iter::once(None).chain(every_status().map(Some));
        before.map(move |before| (before, to.clone()))
    })
}

/// The table's rows by the statuses before and after.
fn expected() -> BTreeMap<(String, String), String> {
    let mut rows = BTreeMap::new();
    let mut to = "";
    for line in MATRIX.lines().filter(|line| !line.is_empty()) {
        let Some((before, row)) = line.split_once('|') else {
            to = line.trim();
            continue;
        };
        for before in before.split_whitespace() {
            let known = rows.insert((before.to_owned(), to.to_owned()), in_words(row));
            assert_eq!(known, None, "{before} before {to} is listed twice");
        }
    }
    rows
}

fn in_words(row: &str) -> String {
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn row(plan: &Plan) -> String {
    let order = &plan.order;
    let mut words = vec![
        order.lifecycle.as_str(),
        order.payment.as_str(),
        order.fulfilment.as_str(),
        order.lines[0].stock.as_str(),
        "|",
    ];
    words.extend(steps(plan));
    if plan.escrow_due {
        words.push("+escrow");
    }
    let tasks = raised(plan).into_iter().map(|(class, key)| {
        assert_eq!(class, ErrorClass::ActionRequired);
        format!("!{key}")
    });
    let tasks: Vec<_> = tasks.collect();
    words.extend(tasks.iter().map(String::as_str));
    words.join(" ")
}

/// Both snapshots changed alike, the second planned upon the first.
fn planned(
    before: Option<&OrderStatus>,
    to: &OrderStatus,
    change: impl Fn(&mut OrderSnapshot),
) -> (World, Plan) {
    let mut world = World::new();
    let snapshot = |status: &OrderStatus, seconds| {
        let mut snapshot = bare(status.clone(), seconds);
        change(&mut snapshot);
        snapshot
    };
    if let Some(before) = before {
        world.apply(&snapshot(before, 10));
    }
    let plan = world.apply(&snapshot(to, 20));
    (world, plan)
}

#[test]
fn every_status_after_every_other_does_what_the_table_says() {
    let mut expected = expected();
    for (before, to) in every_transition() {
        let from = before.as_ref().map_or(FIRST_SIGHT, OrderStatus::as_str);
        let row_of_table = expected.remove(&(from.to_owned(), to.to_string()));
        let (_, plan) = planned(before.as_ref(), &to, |_| {});
        assert_eq!(Some(row(&plan)), row_of_table, "{from} before {to}");
    }
    assert!(expected.is_empty(), "no such statuses: {expected:?}");
}

#[test]
fn every_modelled_status_is_part_of_the_matrix() {
    // A new variant does not compile until it has a place here and with it a row in the table.
    let place = |status: &OrderStatus| match status {
        OrderStatus::Unpaid => 0,
        OrderStatus::ReadyToShip => 1,
        OrderStatus::Processed => 2,
        OrderStatus::RetryShip => 3,
        OrderStatus::Shipped => 4,
        OrderStatus::ToConfirmReceive => 5,
        OrderStatus::InCancel => 6,
        OrderStatus::Cancelled => 7,
        OrderStatus::ToReturn => 8,
        OrderStatus::Completed => 9,
        OrderStatus::Other(_) => 10,
    };
    let places: Vec<_> = every_status().map(|status| place(&status)).collect();
    assert_eq!(places, (0..=10).collect::<Vec<_>>());
}

#[test]
fn the_same_snapshot_again_is_no_change_from_whatever_status() {
    for (before, to) in every_transition() {
        let (mut world, _) = planned(before.as_ref(), &to, |_| {});
        let again = world.apply(&bare(to.clone(), 20));
        let is_silent = again.steps.is_empty() && again.ledger.is_empty();
        assert!(!again.is_change && is_silent, "{before:?} before {to}");
        assert!(again.raised.is_empty() && !again.escrow_due);
    }
}

#[test]
fn the_ledger_adds_up_to_what_the_line_holds_from_whatever_status() {
    for (before, to) in every_transition() {
        let (world, plan) = planned(before.as_ref(), &to, |_| {});
        let held = match plan.order.lines[0].stock {
            LineStock::Untouched | LineStock::Released => (10, 0),
            LineStock::Reserved(_) => (10, 2),
            LineStock::Deducted(_) => (8, 0),
        };
        assert_eq!(world.total(CARD), held, "{before:?} before {to}");
    }
}

#[test]
fn cash_on_delivery_is_never_captured_by_a_status_and_otherwise_no_different() {
    for (before, to) in every_transition() {
        let (_, paid) = planned(before.as_ref(), &to, |_| {});
        let (_, cod) = planned(before.as_ref(), &to, |snapshot| {
            snapshot.cash_on_delivery = true;
        });
        let unknown = OrderStatus::from_text(UNKNOWN);
        let stays_cancelled = to == unknown && before == Some(OrderStatus::Cancelled);
        let payment = if to == OrderStatus::Cancelled || stays_cancelled {
            Payment::Voided
        } else {
            Payment::OnDelivery
        };
        assert_eq!(cod.order.payment, payment, "{before:?} before {to}");
        assert_eq!(cod.order.lifecycle, paid.order.lifecycle);
        assert_eq!(cod.order.fulfilment, paid.order.fulfilment);
        assert_eq!(cod.order.lines[0].stock, paid.order.lines[0].stock);
        assert_eq!(cod.escrow_due, paid.escrow_due);
        assert_eq!(raised(&cod), raised(&paid));
        let other_steps = |plan: &Plan| {
            let mut steps = steps(plan);
            steps.retain(|step| !["payment_captured", "status_recorded"].contains(step));
            steps.join(" ")
        };
        assert_eq!(
            other_steps(&cod),
            other_steps(&paid),
            "{before:?} before {to}"
        );
    }
}

#[test]
fn what_the_marketplace_ships_itself_never_touches_our_stock() {
    for (before, to) in every_transition() {
        let (world, plan) = planned(before.as_ref(), &to, |snapshot| {
            snapshot.fulfilled_by = FulfilledBy::Marketplace;
        });
        assert_eq!(plan.order.lines[0].stock, LineStock::Untouched);
        assert!(world.ledger.is_empty(), "{before:?} before {to}");
        let shipping_tasks = ["arrange-shipment-again", "goods-coming-back"];
        let is_ours = |(_, key): &(ErrorClass, &str)| shipping_tasks.contains(key);
        assert!(!raised(&plan).iter().any(is_ours), "{before:?} before {to}");
    }
}
