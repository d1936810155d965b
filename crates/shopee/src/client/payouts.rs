//! Payouts of several orders: asked for in batches, and one by one where that does not work.
//!
//! What the platform says of one order does not harm the others. An order whose payout it does not have
//! (yet) is left out of the answers, whichever way it says so: by a mark in the batch, by silence, or
//! by refusing the whole batch.
//!
//! Neither the table nor the sample of the batch has what was adjusted later, which the detail of one
//! order has. A payout of a batch that says nothing of it is therefore asked for by itself: money that
//! was taken back would be missed.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::OrderSn;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::{
    EscrowAnswer, Fault, FetchedEscrow, NormalizationError, ShopAccess,
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

/// Where a payout tells of adjustments, or that there are none.
const ADJUSTMENTS: [&str; 3] = [
    "escrow_amount_after_adjustment",
    "total_adjustment_amount",
    "order_adjustment",
];

impl ShopeeMarketplace {
    /// The payouts of these orders. A batch that is refused for an order that is not known is halved
    /// until that one stands alone, as for the details of orders.
    pub(super) async fn payouts(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let deadline = self.api.deadline();
        let orders = each_once(orders);
        let mut batches: Vec<&[OrderSn]> = orders.chunks(ESCROWS_PER_CALL_ADVISED).collect();
        let mut fetched = Vec::with_capacity(orders.len());
        while let Some(batch) = batches.pop() {
            match self.payouts_of_batch(access, batch, deadline).await {
                Ok(payouts) => fetched.extend(payouts),
                Err(MarketplaceError::NotFound { .. }) => {
                    if batch.len() > 1 {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        batches.extend([first, second]);
                    }
                }
                // An app may have the one call and not the other.
                Err(MarketplaceError::Misconfigured {
                    fault: Fault::Permission,
                    ..
                }) => fetched.extend(self.payouts_one_by_one(access, batch, deadline).await?),
                Err(error) => return Err(error),
            }
        }
        Ok(fetched)
    }

    async fn payouts_of_batch(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
        deadline: Instant,
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let call = GetEscrowDetailBatch {
            orders: orders.to_vec(),
        };
        let reply = self.api.typed(access.into(), &call, deadline).await?.reply;
        let entries = reply.entries().map_err(|complaint| {
            not_understood(&GetEscrowDetailBatch::ENDPOINT, complaint.to_string())
        })?;
        let mut told = Told::of(orders);
        for entry in entries {
            told.take(entry);
        }
        let again = told.to_be_asked_for_again();
        let alone = self.payouts_one_by_one(access, &again, deadline).await?;
        Ok(told.with(alone))
    }

    async fn payouts_one_by_one(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
        deadline: Instant,
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let mut fetched = Vec::with_capacity(orders.len());
        for order in orders {
            let call = GetEscrowDetail {
                order: order.clone(),
            };
            let answer = match self.api.typed(access.into(), &call, deadline).await {
                Ok(answer) => translate::escrow_answer(answer.reply.get(), order),
                Err(MarketplaceError::NotFound { .. }) => continue,
                Err(MarketplaceError::Refused { code, message, .. }) => {
                    Err(refused(&code, Some(&message)))
                }
                Err(error) => return Err(error),
            };
            fetched.push(FetchedEscrow {
                order_sn: order.clone(),
                answer,
            });
        }
        Ok(fetched)
    }
}

/// What a batch tells of the orders that were asked for, by their number and never by their place.
struct Told<'o> {
    /// Nothing was said of them so far.
    awaited: BTreeSet<&'o OrderSn>,
    fetched: Vec<FetchedEscrow>,
    /// Those that say nothing of adjustments.
    sparse: BTreeMap<OrderSn, EscrowAnswer>,
    /// Whether something was said of an order without its number.
    has_nameless: bool,
}

impl<'o> Told<'o> {
    fn of(orders: &'o [OrderSn]) -> Self {
        Self {
            awaited: orders.iter().collect(),
            fetched: Vec::with_capacity(orders.len()),
            sparse: BTreeMap::new(),
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
                match answer(&wire, &order_sn) {
                    None => {}
                    Some(Ok(answer)) if !tells_of_adjustments(&answer.payload) => {
                        self.sparse.insert(order_sn, answer);
                    }
                    Some(answer) => self.fetched.push(FetchedEscrow { order_sn, answer }),
                }
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
        self.sparse.keys().chain(nameless).cloned().collect()
    }

    /// What the batch told together with what was asked for `alone`, which goes before the same in the
    /// batch.
    fn with(self, alone: Vec<FetchedEscrow>) -> Vec<FetchedEscrow> {
        let Self {
            mut fetched,
            mut sparse,
            ..
        } = self;
        for payout in &alone {
            sparse.remove(&payout.order_sn);
        }
        fetched.extend(alone);
        fetched.extend(sparse.into_iter().map(|(order_sn, answer)| FetchedEscrow {
            order_sn,
            answer: Ok(answer),
        }));
        fetched
    }
}

/// Zero is a word, too; `null` and silence are none.
fn tells_of_adjustments(payout: &str) -> bool {
    let income = json::pick(payout, ["order_income"]);
    let told = income
        .ok()
        .and_then(|[income]| json::pick(income?.get(), ADJUSTMENTS).ok());
    told.is_some_and(|told| told.iter().any(Option::is_some))
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
