//! Returns, and what is paid out in the end.

use super::story::{Story, cents, units};
use crate::world::{
    Escrow, FeeRates, NewLine, NewOrder, News, OrderStatus as S, Parcels, ReturnOutcome,
    ReturnStatus, Scenario, Verb, WorldError,
};

#[test]
fn a_return_before_completion_ends_by_its_outcome() {
    let open = |list: &[(usize, u32)]| Verb::OpenReturn {
        units: units(list),
        reason: "Wrong card".to_owned(),
    };
    for (returned, outcome, status, paper) in [
        (
            vec![],
            ReturnOutcome::Refunded,
            S::Cancelled,
            ReturnStatus::Accepted,
        ),
        (
            vec![(0, 1)],
            ReturnOutcome::Refunded,
            S::Completed,
            ReturnStatus::Accepted,
        ),
        (
            vec![],
            ReturnOutcome::Withdrawn,
            S::ToConfirmReceive,
            ReturnStatus::Cancelled,
        ),
        (
            vec![],
            ReturnOutcome::Closed,
            S::Completed,
            ReturnStatus::Closed,
        ),
    ] {
        let story = Story::shipped()
            .then(Verb::Deliver(Parcels::All))
            .then(open(&returned));
        assert_eq!(story.order().status, S::ToReturn);
        let story = story.then(Verb::CloseReturn(outcome));
        assert_eq!(story.order().status, status, "{outcome:?}");
        assert_eq!(story.order().returns[0].status, paper);
        assert!(story.order().pickup_done_time.is_some());
    }
}

#[test]
fn a_return_after_completion_completes_the_order_again() {
    let mut story = Story::shipped().then(Verb::Complete);
    let escrow = |story: &Story| Escrow::of(story.order(), FeeRates::default()).escrow_amount;
    let paid_out = escrow(&story);
    story = story.then(Verb::OpenReturn {
        units: units(&[(0, 1)]),
        reason: String::new(),
    });
    assert_eq!(story.order().status, S::Completed);
    let again = Verb::OpenReturn {
        units: vec![],
        reason: String::new(),
    };
    assert_eq!(story.refuses(again), WorldError::ReturnAlreadyOpen);
    story = story.then(Verb::CloseReturn(ReturnOutcome::Refunded));
    let last = story
        .heard
        .iter()
        .rev()
        .find_map(|change| match change.news {
            News::Order { status, scenario } => Some((status, scenario)),
            _ => None,
        });
    assert_eq!(last, Some((S::Completed, Scenario::ReturnAfterCompletion)));
    assert!(escrow(&story) < paid_out);
}

#[test]
fn the_parts_of_an_escrow_add_up_to_the_cent() {
    let order = NewOrder::of([NewLine::new("A", cents(1999))
        .discounted_to(cents(1755))
        .times(3)])
    .with_shipping_fee(cents(199))
    .with_seller_voucher(cents(250))
    .with_shopee_voucher(cents(100))
    .paid_at_once();
    let story = Story::of(order);
    let escrow = Escrow::of(story.order(), FeeRates::default());
    assert_eq!(escrow.cost_of_goods_sold, cents(5265));
    assert_eq!(escrow.seller_discount, cents(732));
    assert_eq!(escrow.commission_fee, cents(301));
    assert_eq!(escrow.service_fee, cents(75));
    assert_eq!(escrow.buyer_total_amount, cents(5114));
    assert_eq!(escrow.seller_transaction_fee, cents(111));
    assert_eq!(escrow.escrow_amount, cents(5265 - 250 - 301 - 75 - 111));
}
