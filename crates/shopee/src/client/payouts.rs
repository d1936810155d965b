//! Payouts of several orders: asked for in batches, and one by one where that does not work.
//!
//! What the platform says of one order does not harm the others. An order whose payout it does not have
//! (yet) is left out of the answers, whichever way it says so: by a mark in the batch, by silence, or
//! by refusing the whole batch.
//!
//! A call that fails takes nothing with it that was told before: each has its own time, none is begun when
//! the time of one operation is over, and whatever was not asked for is told as such.
//!
//! Neither the table nor the sample of the batch has what was adjusted later, which the detail of one
//! order has: whoever needs that asks for the order alone.

use std::collections::BTreeSet;

use hawker_domain::OrderSn;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::{
    EscrowAnswer, EscrowFault, Fault, FetchedEscrow, NormalizationError, ShopAccess,
};
use tokio::time::Instant;

use super::call::Call;
use super::marketplace::{ShopeeMarketplace, each_once};
use super::refusal::RefusalClass;
use super::reply::not_understood;
use crate::calls::payment::{
    ESCROWS_PER_CALL_ADVISED, EscrowOfBatchWire, GetEscrowDetail, GetEscrowDetailBatch,
};
use crate::wire::Verbatim;
use crate::{json, translate};

/// Enough of the platform's words to act upon.
const WORDS_CHARS_MAX: usize = 300;

impl ShopeeMarketplace {
    /// The payouts of these orders. A batch that is refused for an order that is not known is halved
    /// until that one stands alone, as for the details of orders.
    pub(super) async fn payouts(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let until = self.api.deadline();
        let orders = each_once(orders);
        let mut batches: Vec<&[OrderSn]> = orders.chunks(ESCROWS_PER_CALL_ADVISED).collect();
        let mut fetched = Vec::with_capacity(orders.len());
        let mut was_answered = false;
        while let Some(batch) = batches.pop() {
            if was_answered && Instant::now() >= until {
                fetched.extend(not_asked(batch));
                continue;
            }
            let told = match self.payouts_of_batch(access, batch, until).await {
                // An app may have the one call and not the other.
                Err(MarketplaceError::Misconfigured {
                    fault: Fault::Permission,
                    ..
                }) => self.payouts_one_by_one(access, batch, until).await,
                told => told,
            };
            was_answered = true;
            match told {
                Ok(payouts) => fetched.extend(payouts),
                Err(MarketplaceError::NotFound { .. }) => {
                    if batch.len() > 1 {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        batches.extend([first, second]);
                    }
                }
                Err(error) if fetched.is_empty() => return Err(error),
                Err(error) => {
                    broken_off(&error);
                    fetched.extend(not_asked(batch));
                    fetched.extend(batches.drain(..).flat_map(not_asked));
                }
            }
        }
        Ok(fetched)
    }

    /// The payout of one order, with its adjustments; nothing where there is none yet.
    pub(super) async fn payout(
        &self,
        access: &ShopAccess,
        order: &OrderSn,
    ) -> Result<Option<FetchedEscrow>, MarketplaceError> {
        let call = GetEscrowDetail {
            order: order.clone(),
        };
        let deadline = self.api.deadline();
        let answer = match self.api.typed(access.into(), &call, deadline).await {
            Ok(answer) => translate::escrow_answer(answer.reply.get(), order),
            Err(MarketplaceError::NotFound { .. }) => return Ok(None),
            Err(MarketplaceError::Refused { code, message, .. }) => {
                Err(refused(&code, Some(&message)))
            }
            Err(error) => return Err(error),
        };
        Ok(Some(FetchedEscrow {
            order_sn: order.clone(),
            answer: answer.map_err(EscrowFault::from),
        }))
    }

    async fn payouts_of_batch(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
        until: Instant,
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let call = GetEscrowDetailBatch {
            orders: orders.to_vec(),
        };
        let deadline = self.api.deadline();
        let reply = self.api.typed(access.into(), &call, deadline).await?.reply;
        let entries = reply.entries().map_err(|complaint| {
            not_understood(&GetEscrowDetailBatch::ENDPOINT, complaint.to_string())
        })?;
        let mut told = Told::of(orders);
        for entry in entries {
            told.take(entry);
        }
        let again = told.to_be_asked_for_again();
        let alone = match self.payouts_one_by_one(access, &again, until).await {
            Err(error) if told.fetched.is_empty() => return Err(error),
            Err(error) => {
                broken_off(&error);
                not_asked(&again)
            }
            Ok(alone) => alone,
        };
        let mut fetched = told.fetched;
        fetched.extend(alone);
        Ok(fetched)
    }

    /// What the first call failed for is told; behind it, the rest is not asked for.
    async fn payouts_one_by_one(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
        until: Instant,
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let mut fetched = Vec::with_capacity(orders.len());
        for (place, order) in orders.iter().enumerate() {
            if place > 0 && Instant::now() >= until {
                fetched.extend(not_asked(&orders[place..]));
                break;
            }
            match self.payout(access, order).await {
                Ok(payout) => fetched.extend(payout),
                Err(error) if place == 0 => return Err(error),
                Err(error) => {
                    broken_off(&error);
                    fetched.extend(not_asked(&orders[place..]));
                    break;
                }
            }
        }
        Ok(fetched)
    }
}

fn not_asked(orders: &[OrderSn]) -> Vec<FetchedEscrow> {
    let not_asked = orders.iter().map(|order_sn| FetchedEscrow {
        order_sn: order_sn.clone(),
        answer: Err(EscrowFault::NotAsked),
    });
    not_asked.collect()
}

fn broken_off(error: &MarketplaceError) {
    tracing::warn!(endpoint = error.endpoint(), %error, "payouts were not asked for any more");
}

/// What a batch tells of the orders that were asked for, by their number and never by their place.
struct Told<'o> {
    /// Nothing was said of them so far.
    awaited: BTreeSet<&'o OrderSn>,
    fetched: Vec<FetchedEscrow>,
    /// Whether something was said of an order without its number.
    has_nameless: bool,
}

impl<'o> Told<'o> {
    fn of(orders: &'o [OrderSn]) -> Self {
        Self {
            awaited: orders.iter().collect(),
            fetched: Vec::with_capacity(orders.len()),
            has_nameless: false,
        }
    }

    fn take(&mut self, entry: &Verbatim<EscrowOfBatchWire>) {
        let named = entry
            .read()
            .ok()
            .and_then(|wire| Some((order_sn(&wire)?, wire)));
        match named {
            None => self.has_nameless = true,
            Some((order_sn, wire)) if self.awaited.remove(&order_sn) => {
                let answer = answer(&wire, &order_sn);
                self.fetched.extend(answer.map(|answer| FetchedEscrow {
                    order_sn,
                    answer: answer.map_err(EscrowFault::from),
                }));
            }
            Some((order_sn, _)) => tracing::warn!(
                order.sn = order_sn.as_str(),
                "the reply holds a payout that was not asked for"
            ),
        }
    }

    /// A payout that does not say whose it is may be that of any order that nothing was said of.
    fn to_be_asked_for_again(&self) -> Vec<OrderSn> {
        let nameless = self.awaited.iter().copied().filter(|_| self.has_nameless);
        nameless.cloned().collect()
    }
}

fn order_sn(wire: &EscrowOfBatchWire) -> Option<OrderSn> {
    let detail = wire.escrow_detail.as_ref()?;
    let [order_sn] = json::pick(detail.get(), ["order_sn"]).ok()?;
    OrderSn::parse(&json::scalar(order_sn?)?)
}

/// What an entry says of its order; nothing where there is no payout yet.
fn answer(
    wire: &EscrowOfBatchWire,
    order_sn: &OrderSn,
) -> Option<Result<EscrowAnswer, NormalizationError>> {
    let words = wire.fail_message.as_deref();
    let Some(code) = wire.fail_error.as_deref().filter(|code| *code != "-") else {
        let detail = wire.escrow_detail.as_ref()?;
        return Some(translate::escrow_answer(detail.get(), order_sn));
    };
    match RefusalClass::of(code, words.unwrap_or_default()) {
        RefusalClass::NotFound => None,
        _ => Some(Err(refused(code, words))),
    }
}

/// The complaint about a payout that the platform has and does not tell.
fn refused(code: &str, words: Option<&str>) -> NormalizationError {
    let fault = match words {
        None | Some("" | "-") => format!("refused by the platform: {code}"),
        Some(words) => format!("refused by the platform: {code}: {words}"),
    };
    NormalizationError {
        field: "escrow_detail".to_owned(),
        fault: fault.chars().take(WORDS_CHARS_MAX).collect(),
    }
}
