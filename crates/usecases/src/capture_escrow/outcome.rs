//! What an answer means for the order that it is about.

use chrono::TimeDelta;
use hawker_domain::escrow::{Escrow, EscrowPatience, PAYOUT_OVERDUE_AFTER, look_again_at};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException};
use hawker_domain::money::Money;
use hawker_domain::{ShopId, Timestamp};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowAnswer, EscrowFault};

use super::alone::{Lack, Payout};
use super::{CaptureEscrow, subject};

/// How long until a payout that is overdue is asked for again: a person looks into it by now.
const WHILE_OVERDUE: TimeDelta = TimeDelta::weeks(1);

/// How long until an order is asked for that a failure kept from being asked for with the others.
const UNTIL_ASKED: TimeDelta = TimeDelta::minutes(5);

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
    /// Whether the marketplace said anything of it, that there is no payout yet included.
    pub(super) is_told: bool,
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
            is_told: true,
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
        payout: Option<Payout>,
        now: Timestamp,
    ) -> Outcome<'a> {
        let Some(Payout { answer, lacks, .. }) = payout else {
            return self.not_ready(order, shop, now);
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(EscrowFault::Unreadable(error)) => {
                return self.failure(order, shop, &error.to_string(), now);
            }
            Err(EscrowFault::NotAsked) => {
                return Outcome {
                    is_told: false,
                    ..Outcome::postponed(order, now + UNTIL_ASKED, "postponed")
                };
            }
        };
        let captured = self.captured(order, shop, answer, now);
        match lacks {
            None => captured,
            // Whether it is what the list of releases says shows once its adjustments are known.
            Some(Lack::OfShop(wait)) => Outcome {
                captured: captured.captured,
                is_told: false,
                ..Outcome::postponed(order, now + wait, "postponed")
            },
            Some(Lack::OfOrder(why)) => Outcome {
                captured: captured.captured,
                ..self.failure(order, shop, &why, now)
            },
        }
    }

    /// There is no payout yet. After very long that is a matter for a person, unless there was one
    /// before.
    fn not_ready<'a>(&self, order: &'a DueEscrow, shop: ShopId, now: Timestamp) -> Outcome<'a> {
        let order_sn = &order.key.order_sn;
        let is_overdue = order.known.is_none() && now - order.completed_at >= PAYOUT_OVERDUE_AFTER;
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

    /// There is a payout. One that the list of releases told otherwise was asked for because of that:
    /// where it is as it was, a person has to find out which of the two is true.
    fn captured<'a>(
        &self,
        order: &'a DueEscrow,
        shop: ShopId,
        answer: EscrowAnswer,
        now: Timestamp,
    ) -> Outcome<'a> {
        let EscrowAnswer {
            amounts,
            income,
            payload,
        } = answer;
        let (key, currency) = (order.key.clone(), order.currency);
        let mut escrow = Escrow::captured(key, currency, amounts, income, payload, now);
        // The details do not tell it; the list of releases may have been quicker.
        escrow.released_at = order.released_at;
        let payout = escrow.after_adjustments();
        // An adjustment may be paid by itself, after the release that is listed.
        let explained = [payout.amount, escrow.payout().amount];
        let listed = order.known.and_then(|known| known.listed);
        let listed = listed.filter(|listed| !explained.contains(listed));
        let raised = listed.map(|amount| {
            let cause = differs(order, payout, Money { amount, ..payout });
            let subject = subject(order, Some(shop), Some(order.key.order_sn.clone()));
            RaisedException::once(subject, cause, &*self.ids)
        });
        Outcome {
            claim: order,
            due_at: look_again_at(order.completed_at, order.released_at, now),
            captured: Some(escrow),
            raised,
            is_told: true,
            result: "captured",
        }
    }
}

fn differs(order: &DueEscrow, payout: Money, listed: Money) -> Cause {
    let order_sn = &order.key.order_sn;
    Cause {
        class: ErrorClass::EscrowFetchFailed,
        key: "payout-differs".into(),
        message: format!(
            "The marketplace's list of releases says that {listed} was paid out for order {order_sn}, the details of its payout say {payout}, also when they were asked for again. The latter is kept. Compare both with the income in the seller centre, and ask the marketplace's support about the difference."
        ),
        due_at: None,
    }
}
