//! Orders that are cancelled, wholly or in part.

use super::story::{Story, ask_to_cancel, cancel, cents, two_lines, units};
use crate::world::{
    CancelAnswer, CancelledBy, DeliveryFailure, IllegalTransition, LogisticsStatus as L,
    OrderStatus as S, Parcels, Step, Verb, WorldError,
};

#[test]
fn cash_on_delivery_can_be_refused() {
    let story = Story::of(two_lines().cash_on_delivery()).then(Verb::RejectCod);
    assert_eq!(story.order().status, S::Cancelled);
    assert_eq!(story.logistics(), [L::CodRejected]);
    assert_eq!(
        Story::paid().refuses(Verb::RejectCod),
        WorldError::NoCashDue
    );
}

#[test]
fn what_cancellation_leaves_of_a_package_depends_on_how_far_it_was() {
    let unpaid = Story::of(two_lines()).then(cancel(CancelledBy::System));
    assert_eq!(unpaid.logistics(), [L::Invalid]);
    let ready = Story::paid().then(cancel(CancelledBy::Seller));
    assert_eq!(ready.logistics(), [L::Invalid]);
    let arranged = Story::paid()
        .then(Verb::Arrange(Parcels::All))
        .then(cancel(CancelledBy::Buyer));
    assert_eq!(arranged.logistics(), [L::RequestCanceled]);
    assert_eq!(
        arranged.order().cancellation.as_ref().unwrap().buyer_reason,
        "Out of Stock"
    );
    let failed = Story::shipped().then(Verb::FailDelivery(DeliveryFailure::Undelivered));
    assert_eq!(failed.logistics(), [L::DeliveryFailed]);
    assert!(failed.order().pickup_done_time.is_some());
}

#[test]
fn a_shipped_order_cannot_be_cancelled_outright() {
    let error = Story::shipped().refuses(cancel(CancelledBy::Seller));
    let expected = IllegalTransition {
        from: S::Shipped,
        step: Step::Cancel,
    };
    assert_eq!(error, WorldError::Illegal(expected));
}

#[test]
fn a_rejected_cancellation_leads_back_to_where_it_came_from() {
    for arranged in [false, true] {
        let mut story = Story::paid();
        if arranged {
            story = story.then(Verb::Arrange(Parcels::All));
        }
        let before = story.order().status;
        story = story.then(ask_to_cancel());
        assert_eq!(story.order().status, S::InCancel);
        assert_eq!(story.order().lines[0].cancel_requested, 2);
        story = story.then(Verb::AnswerCancel(CancelAnswer::Reject));
        assert_eq!(story.order().status, before);
        assert_eq!(story.order().lines[0].cancel_requested, 0);
        assert_eq!(story.order().cancellation, None);
    }
}

#[test]
fn an_accepted_cancellation_is_the_buyers() {
    let story = Story::paid()
        .then(ask_to_cancel())
        .then(Verb::AnswerCancel(CancelAnswer::Accept));
    let cancellation = story.order().cancellation.as_ref().unwrap();
    assert_eq!(
        (story.order().status, cancellation.by),
        (S::Cancelled, Some(CancelledBy::Buyer))
    );
    assert_eq!(cancellation.reason, "Changed my mind");
    assert!(story.order().lines.iter().all(|line| line.active() == 0));
}

#[test]
fn part_of_an_order_can_be_cancelled_but_not_all_of_it() {
    let story = Story::paid().then(Verb::PartialCancel(units(&[(0, 1), (1, 1)])));
    let order = story.order();
    assert_eq!(order.status, S::ReadyToShip);
    assert_eq!((order.lines[0].active(), order.lines[1].active()), (1, 0));
    assert_eq!(order.packages[0].contents, units(&[(0, 1)]));
    assert_eq!(order.buyer_total(), cents(1000));
    let mut story = Story::paid();
    assert_eq!(
        story.refuses(Verb::PartialCancel(units(&[(0, 2), (1, 1)]))),
        WorldError::NothingLeft
    );
    assert_eq!(
        story.refuses(Verb::PartialCancel(units(&[(0, 3)]))),
        WorldError::TooManyUnits {
            line: 0,
            available: 2,
            asked: 3
        }
    );
}
