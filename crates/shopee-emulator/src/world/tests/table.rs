//! Every status with every step.

use crate::world::{IllegalTransition, Next, OrderStatus as S, Step};

/// What is legal. Whatever is not here must be refused.
const LEGAL: [(S, Step, Next); 35] = [
    (S::Unpaid, Step::Pay, Next::To(S::ReadyToShip)),
    (S::Unpaid, Step::Cancel, Next::To(S::Cancelled)),
    (S::ReadyToShip, Step::CollectCash, Next::Stay),
    (S::ReadyToShip, Step::Arrange, Next::To(S::Processed)),
    (S::ReadyToShip, Step::HandOver, Next::To(S::Shipped)),
    (S::ReadyToShip, Step::RequestCancel, Next::To(S::InCancel)),
    (S::ReadyToShip, Step::Cancel, Next::To(S::Cancelled)),
    (S::Processed, Step::CollectCash, Next::Stay),
    (S::Processed, Step::PickUp, Next::To(S::Shipped)),
    (S::Processed, Step::FailPickup, Next::To(S::RetryShip)),
    (S::Processed, Step::RequestCancel, Next::To(S::InCancel)),
    (S::Processed, Step::Cancel, Next::To(S::Cancelled)),
    (S::RetryShip, Step::CollectCash, Next::Stay),
    (S::RetryShip, Step::Arrange, Next::To(S::Processed)),
    (S::RetryShip, Step::RequestCancel, Next::To(S::InCancel)),
    (S::RetryShip, Step::Cancel, Next::To(S::Cancelled)),
    (S::InCancel, Step::AcceptCancel, Next::To(S::Cancelled)),
    (S::InCancel, Step::RejectCancel, Next::Back),
    (S::InCancel, Step::Cancel, Next::To(S::Cancelled)),
    (S::Shipped, Step::CollectCash, Next::Stay),
    (S::Shipped, Step::Deliver, Next::To(S::ToConfirmReceive)),
    (S::Shipped, Step::FailDelivery, Next::To(S::Cancelled)),
    (S::Shipped, Step::Complete, Next::To(S::Completed)),
    (S::Shipped, Step::OpenReturn, Next::To(S::ToReturn)),
    (S::ToConfirmReceive, Step::CollectCash, Next::Stay),
    (S::ToConfirmReceive, Step::Complete, Next::To(S::Completed)),
    (S::ToConfirmReceive, Step::OpenReturn, Next::To(S::ToReturn)),
    (
        S::ToReturn,
        Step::WithdrawReturn,
        Next::To(S::ToConfirmReceive),
    ),
    (S::ToReturn, Step::CloseReturn, Next::To(S::Completed)),
    (S::ToReturn, Step::RefundReturn, Next::To(S::Cancelled)),
    (S::Completed, Step::CollectCash, Next::Stay),
    (S::Completed, Step::OpenReturn, Next::Stay),
    (S::Completed, Step::WithdrawReturn, Next::Stay),
    (S::Completed, Step::CloseReturn, Next::Stay),
    (S::Completed, Step::RefundReturn, Next::Stay),
];

#[test]
fn every_status_takes_the_steps_of_the_table_and_no_others() {
    for from in S::ALL {
        for step in Step::ALL {
            let legal = LEGAL
                .iter()
                .find(|(status, entry, _)| (*status, *entry) == (from, step));
            let expected = legal.map_or(Err(IllegalTransition { from, step }), |entry| Ok(entry.2));
            assert_eq!(from.after(step), expected, "{from} {step:?}");
        }
    }
}

#[test]
fn cancelled_takes_no_step_at_all() {
    assert!(
        Step::ALL
            .into_iter()
            .all(|step| S::Cancelled.after(step).is_err())
    );
}

#[test]
fn the_list_filters_by_eight_statuses() {
    let filterable = S::ALL
        .iter()
        .filter(|status| S::parse_filter(status.as_str()).is_some());
    assert_eq!(filterable.count(), 8);
}
