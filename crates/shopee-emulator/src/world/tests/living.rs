//! Orders that live, from checkout to completion.

use super::story::{NOON, Story, cents, two_lines};
use crate::world::{
    InvoiceState, LogisticsStatus as L, NewLine, NewOrder, News, OrderStatus as S, Parcels, Verb,
    WorldError,
};

#[test]
fn an_ordinary_order_goes_all_the_way() {
    let story = Story::of(two_lines())
        .then(Verb::Pay)
        .then(Verb::Arrange(Parcels::All))
        .then(Verb::PickUp(Parcels::All))
        .then(Verb::Deliver(Parcels::All))
        .then(Verb::Complete);
    assert_eq!(
        story.statuses(),
        [
            S::Unpaid,
            S::ReadyToShip,
            S::Processed,
            S::Shipped,
            S::ToConfirmReceive,
            S::Completed
        ]
    );
    let order = story.order();
    assert!(order.create_time < order.pay_time.unwrap());
    assert!(order.pay_time < order.pickup_done_time);
    assert!(order.pickup_done_time < order.completed_at);
    assert_eq!(story.logistics(), [L::DeliveryDone]);
}

#[test]
fn update_time_grows_even_while_the_clock_stands_still() {
    let mut story = Story::of(two_lines());
    for verb in [
        Verb::Pay,
        Verb::Arrange(Parcels::All),
        Verb::PickUp(Parcels::All),
    ] {
        let before = story.order().update_time;
        story.heard = story.world.act(&story.sn, &verb, NOON).unwrap();
        assert_eq!(story.order().update_time, before + 1);
    }
}

#[test]
fn the_tracking_number_may_come_later() {
    let mut story = Story::of(two_lines().paid_at_once().tracked_later());
    assert_eq!(
        story.refuses(Verb::AssignTracking),
        WorldError::NoTrackingDue
    );
    let story = story.then(Verb::Arrange(Parcels::All));
    let told = |story: &Story| {
        story
            .heard
            .iter()
            .any(|change| matches!(change.news, News::Tracking { .. }))
    };
    assert!(!told(&story));
    assert!(told(&story.then(Verb::AssignTracking)));
}

#[test]
fn an_own_courier_ships_at_once() {
    let story =
        Story::of(two_lines().paid_at_once().by_own_courier()).then(Verb::Arrange(Parcels::All));
    assert_eq!(story.statuses(), [S::ReadyToShip, S::Shipped]);
    assert!(story.order().pickup_done_time.is_some());
}

#[test]
fn cash_is_collected_once_and_from_cash_orders_only() {
    let mut story = Story::of(two_lines().cash_on_delivery());
    assert_eq!(
        (story.order().status, story.order().pay_time),
        (S::ReadyToShip, None)
    );
    story.attempt(&Verb::Pay).unwrap();
    assert!(story.order().pay_time.is_some());
    assert_eq!(story.refuses(Verb::Pay), WorldError::NoCashDue);
    assert_eq!(Story::paid().refuses(Verb::Pay), WorldError::NoCashDue);
}

#[test]
fn a_failed_pickup_is_arranged_again() {
    let story = Story::paid()
        .then(Verb::Arrange(Parcels::All))
        .then(Verb::FailPickup(Parcels::All));
    assert_eq!(
        (story.order().status, story.logistics()),
        (S::RetryShip, vec![L::PickupRetry])
    );
    let story = story.then(Verb::Arrange(Parcels::All));
    assert_eq!(
        (story.order().status, story.logistics()),
        (S::Processed, vec![L::RequestCreated])
    );
}

#[test]
fn a_held_order_cannot_be_shipped_until_it_is_released() {
    let mut story = Story::of(two_lines().held_for("SYSTEM_PENDING").paid_at_once());
    assert_eq!(story.logistics(), [L::PendingArrange]);
    assert_eq!(story.order().shown_status(true, false), S::Pending);
    assert_eq!(story.order().shown_status(false, false), S::ReadyToShip);
    assert_eq!(story.refuses(Verb::Arrange(Parcels::All)), WorldError::Held);
    let mut story = story
        .then(Verb::ReleaseHold)
        .then(Verb::Arrange(Parcels::All));
    assert_eq!(story.refuses(Verb::ReleaseHold), WorldError::NotHeld);
}

#[test]
fn an_order_may_wait_for_its_invoice() {
    let mut story = Story::of(two_lines().needing_invoice().paid_at_once());
    assert_eq!(story.order().shown_status(false, true), S::InvoicePending);
    assert_eq!(story.order().shown_status(false, false), S::ReadyToShip);
    assert_eq!(
        story.refuses(Verb::Arrange(Parcels::All)),
        WorldError::InvoiceMissing
    );
    let mut story = story
        .then(Verb::UploadInvoice)
        .then(Verb::Arrange(Parcels::All));
    assert!(matches!(story.order().invoice, InvoiceState::Given { .. }));
    assert_eq!(
        story.refuses(Verb::UploadInvoice),
        WorldError::InvoiceNotExpected
    );
}

#[test]
fn checkout_refuses_what_cannot_be_sold() {
    let mut story = Story::of(two_lines());
    let mut place = |new| story.world.place(new, NOON).map(drop);
    assert_eq!(place(NewOrder::of([])), Err(WorldError::EmptyOrder));
    let nothing = NewOrder::of([NewLine::new("A", cents(100)).times(0)]);
    assert_eq!(place(nothing), Err(WorldError::EmptyOrder));
    assert_eq!(
        place(two_lines().in_shop(4711)),
        Err(WorldError::UnknownShop(4711))
    );
    place(two_lines().numbered("X1")).unwrap();
    assert_eq!(
        place(two_lines().numbered("X1")),
        Err(WorldError::OrderExists("X1".into()))
    );
}

#[test]
fn the_same_sku_is_the_same_listing() {
    let mut story = Story::of(two_lines());
    let (sn, _) = story.world.place(two_lines(), NOON).unwrap();
    let other = &story.world.orders[&sn];
    assert_eq!(other.lines[0].listing, story.order().lines[0].listing);
    assert_eq!(other.lines[1].listing.model_id, 0);
}
