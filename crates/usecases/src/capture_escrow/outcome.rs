//! What an answer means for the order that it is about.

use chrono::TimeDelta;
use hawker_domain::escrow::{Escrow, EscrowPatience, PAYOUT_OVERDUE_AFTER, look_again_at};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException};
use hawker_domain::{ShopId, Timestamp};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowAnswer, NormalizationError};

use super::{CaptureEscrow, subject};

/// How long until a payout that is overdue is asked for again: a person looks into it by now.
const WHILE_OVERDUE: TimeDelta = TimeDelta::weeks(1);

/// What became of a claimed order.
pub(super) struct Outcome<'a> {
    /// The claim that it ends.
    pub(super) claim: &'a DueEscrow,
    /// When it is due again, if ever.
    pub(super) due_at: Option<Timestamp>,
    /// What was captured.
    pub(super) captured: Option<Escrow>,
    /// What somebody should know of it.
    pub(super) raised: Option<RaisedException>,
    /// The result under which it counts.
    pub(super) result: &'static str,
}

impl<'a> Outcome<'a> {
    pub(super) const fn postponed(
        claim: &'a DueEscrow,
        due_at: Timestamp,
        result: &'static str,
    ) -> Self {
        Self {
            claim,
            due_at: Some(due_at),
            captured: None,
            raised: None,
            result,
        }
    }
}

impl CaptureEscrow {
    /// What the marketplace's answer means; without one it has none yet.
    pub(super) fn outcome<'a>(
        &self,
        order: &'a DueEscrow,
        shop: ShopId,
        answer: Option<Result<EscrowAnswer, NormalizationError>>,
        now: Timestamp,
    ) -> Outcome<'a> {
        match answer {
            Some(Ok(answer)) => captured(order, answer, now),
            Some(Err(error)) => self.failure(order, shop, &error.to_string(), now),
            None => self.not_ready(order, shop, now),
        }
    }

    /// There is no payout yet. After very long that is a matter for a person, unless there was one
    /// before.
    fn not_ready<'a>(&self, order: &'a DueEscrow, shop: ShopId, now: Timestamp) -> Outcome<'a> {
        let order_sn = &order.key.order_sn;
        let is_overdue = !order.is_captured && now - order.completed_at >= PAYOUT_OVERDUE_AFTER;
        if !is_overdue {
            let jitter = fastrand::f64();
            let again_at = EscrowPatience::NOT_READY.again_at(order.completed_at, now, jitter);
            tracing::debug!(event = "escrow.not_ready", %order_sn, %again_at);
            return Outcome::postponed(order, again_at, "not_ready");
        }
        let again_at = now + WHILE_OVERDUE;
        let cause = Cause {
            class: ErrorClass::EscrowFetchFailed,
            key: "never-paid-out".into(),
            message: format!(
                "Order {order_sn} was completed on {}, and the marketplace has no payout for it to this day. Ask its support where the money is. It is asked for again on {}.",
                order.completed_at.format("%F"),
                again_at.format("%F")
            ),
            due_at: None,
        };
        let subject = subject(order, Some(shop), Some(order_sn.clone()));
        Outcome {
            raised: Some(RaisedException::once(subject, cause, &*self.ids)),
            ..Outcome::postponed(order, again_at, "not_ready")
        }
    }

    /// The payout of this order could not be fetched, understood or kept.
    pub(super) fn failure<'a>(
        &self,
        order: &'a DueEscrow,
        shop: ShopId,
        why: &str,
        now: Timestamp,
    ) -> Outcome<'a> {
        let again_at = EscrowPatience::FAILED.again_at(order.completed_at, now, fastrand::f64());
        let order_sn = &order.key.order_sn;
        let cause = Cause {
            class: ErrorClass::EscrowFetchFailed,
            key: "escrow-detail".into(),
            message: format!(
                "The payout of order {order_sn} could not be captured: {why}. It is asked for again at {}.",
                again_at.format("%F %H:%M UTC")
            ),
            due_at: None,
        };
        let subject = subject(order, Some(shop), Some(order_sn.clone()));
        Outcome {
            raised: Some(RaisedException::once(subject, cause, &*self.ids)),
            ..Outcome::postponed(order, again_at, "failed")
        }
    }
}

fn captured(order: &DueEscrow, answer: EscrowAnswer, now: Timestamp) -> Outcome<'_> {
    let EscrowAnswer {
        amounts,
        income,
        payload,
    } = answer;
    let (key, currency) = (order.key.clone(), order.currency);
    Outcome {
        claim: order,
        due_at: look_again_at(order.completed_at, order.released_at, now),
        captured: Some(Escrow::captured(
            key, currency, amounts, income, payload, now,
        )),
        raised: None,
        result: "captured",
    }
}
