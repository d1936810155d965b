//! A marketplace that says what a test put into it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderSnapshot;
use hawker_domain::{OrderSn, ShopId};
use secrecy::ExposeSecret;

use super::locked;
use crate::marketplace::{
    EscrowAnswer, EscrowFault, FetchedEscrow, FetchedOrder, Marketplace, MarketplaceError,
    NormalizationError, ShopAccess,
};

/// Orders with a state of their own, failures that come when they are asked for, and a record of
/// every call.
#[derive(Debug)]
pub struct FakeMarketplace {
    orders_per_call: u32,
    payouts_per_call: u32,
    inside: Mutex<Inside>,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// For this shop.
    pub shop: ShopId,
    /// The orders that were asked for, as they were asked for.
    pub orders: Vec<OrderSn>,
}

/// What Shopee recommends (shopee.md §5.2).
const PAYOUTS_PER_CALL: u32 = 20;

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Inside {
    orders: BTreeMap<OrderSn, Result<OrderSnapshot, NormalizationError>>,
    failures: VecDeque<MarketplaceError>,
    escrows: BTreeMap<OrderSn, Result<EscrowAnswer, NormalizationError>>,
    escrow_failures: VecDeque<MarketplaceError>,
    escrow_calls: Vec<Vec<OrderSn>>,
    escrow_details_alone: Vec<OrderSn>,
    escrow_detail_failures: VecDeque<MarketplaceError>,
    escrows_before_a_failure: Option<usize>,
    are_batches_silent: bool,
    meanwhile: Option<Meanwhile>,
    calls: Vec<DetailCall>,
    access_tokens: Vec<String>,
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inside")
            .field("orders", &self.orders.keys())
            .field("failures", &self.failures)
            .field("calls", &self.calls)
            .field("escrows", &self.escrows.keys())
            .field("escrow_failures", &self.escrow_failures)
            .field("escrow_calls", &self.escrow_calls)
            .finish_non_exhaustive()
    }
}

impl FakeMarketplace {
    /// One that takes at most so many orders in a call.
    pub fn with_orders_per_call(orders_per_call: u32) -> Self {
        Self {
            orders_per_call,
            payouts_per_call: PAYOUTS_PER_CALL,
            inside: Mutex::default(),
        }
    }

    /// One that takes at most so many payouts in a call.
    pub fn with_payouts_per_call(payouts_per_call: u32) -> Self {
        Self {
            payouts_per_call,
            ..Self::default()
        }
    }

    /// From now on the order is as `snapshot` says.
    pub fn put(&self, snapshot: OrderSnapshot) {
        let order_sn = snapshot.order_sn.clone();
        locked(&self.inside).orders.insert(order_sn, Ok(snapshot));
    }

    /// From now on the order cannot be put into our terms.
    pub fn put_unreadable(&self, order_sn: OrderSn, error: NormalizationError) {
        locked(&self.inside).orders.insert(order_sn, Err(error));
    }

    /// From now on the order is not known.
    pub fn forget(&self, order_sn: &OrderSn) {
        locked(&self.inside).orders.remove(order_sn);
    }

    /// Answers the next call with `error`; several are used up one by one.
    pub fn fail_next(&self, error: MarketplaceError) {
        locked(&self.inside).failures.push_back(error);
    }

    /// From now on the payout of the order is as `answer` says; before, there was none yet.
    pub fn put_escrow(&self, order_sn: OrderSn, answer: EscrowAnswer) {
        locked(&self.inside).escrows.insert(order_sn, Ok(answer));
    }

    /// From now on the payout of the order cannot be put into our terms.
    pub fn put_unreadable_escrow(&self, order_sn: OrderSn, error: NormalizationError) {
        locked(&self.inside).escrows.insert(order_sn, Err(error));
    }

    /// From now on there is no payout of the order.
    pub fn forget_escrow(&self, order_sn: &OrderSn) {
        locked(&self.inside).escrows.remove(order_sn);
    }

    /// Answers the next call for payouts with `error`; several are used up one by one.
    pub fn fail_next_escrow(&self, error: MarketplaceError) {
        locked(&self.inside).escrow_failures.push_back(error);
    }

    /// From now on the payouts of a call for several say nothing of adjustments; asked for alone, they
    /// do.
    pub fn keep_adjustments_from_batches(&self) {
        locked(&self.inside).are_batches_silent = true;
    }

    /// The next call for payouts fails after so many of them were told.
    pub fn fail_next_escrow_after(&self, told: usize) {
        locked(&self.inside).escrows_before_a_failure = Some(told);
    }

    /// Answers the next call for the payout of one order with `error`; several are used up one by one.
    pub fn fail_next_escrow_detail(&self, error: MarketplaceError) {
        locked(&self.inside).escrow_detail_failures.push_back(error);
    }

    /// The orders whose payout was asked for alone, oldest call first, failed ones included.
    pub fn escrow_details_alone(&self) -> Vec<OrderSn> {
        locked(&self.inside).escrow_details_alone.clone()
    }

    /// The orders whose payout was asked for, oldest call first, failed ones included.
    pub fn escrow_calls(&self) -> Vec<OrderSn> {
        locked(&self.inside).escrow_calls.concat()
    }

    /// The same, call by call.
    pub fn escrow_batches(&self) -> Vec<Vec<OrderSn>> {
        locked(&self.inside).escrow_calls.clone()
    }

    /// Runs `what` while the next call is under way, before it is answered: that is when pushes
    /// arrive and other workers claim.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        locked(&self.inside).meanwhile = Some(Box::pin(what));
    }

    /// The access token of every call so far, oldest first, failed ones and calls for payouts
    /// included.
    pub fn access_tokens(&self) -> Vec<String> {
        locked(&self.inside).access_tokens.clone()
    }

    /// Every call so far, oldest first, failed ones included.
    pub fn calls(&self) -> Vec<DetailCall> {
        locked(&self.inside).calls.clone()
    }
}

impl Inside {
    fn note(&mut self, access: &ShopAccess) {
        let token = access.access_token.expose_secret().to_owned();
        self.access_tokens.push(token);
    }

    fn as_batches_tell(&self, mut answer: EscrowAnswer) -> EscrowAnswer {
        if self.are_batches_silent {
            answer.income.adjustments.clear();
            answer.income.parts.remove("total_adjustment_amount");
        }
        answer
    }
}

/// One that takes as many orders in a call as Shopee does.
impl Default for FakeMarketplace {
    fn default() -> Self {
        Self::with_orders_per_call(50)
    }
}

#[async_trait]
impl Marketplace for FakeMarketplace {
    fn orders_per_call(&self) -> u32 {
        self.orders_per_call
    }

    async fn order_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedOrder>, MarketplaceError> {
        let meanwhile = {
            let mut inside = locked(&self.inside);
            inside.note(access);
            inside.calls.push(DetailCall {
                profile: access.profile.clone(),
                shop: access.shop,
                orders: orders.to_vec(),
            });
            inside.meanwhile.take()
        };
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        let asked_for = u32::try_from(orders.len()).unwrap_or(u32::MAX);
        assert!(
            (1..=self.orders_per_call).contains(&asked_for),
            "a call takes 1 to {} orders, not {asked_for}",
            self.orders_per_call
        );
        let mut inside = locked(&self.inside);
        if let Some(error) = inside.failures.pop_front() {
            return Err(error);
        }
        let known = orders.iter().filter_map(|order_sn| {
            inside
                .orders
                .get(order_sn)
                .map(|snapshot| (order_sn, snapshot))
        });
        Ok(known
            .map(|(order_sn, snapshot)| FetchedOrder {
                order_sn: order_sn.clone(),
                snapshot: snapshot.clone(),
            })
            .collect())
    }

    fn payouts_per_call(&self) -> u32 {
        self.payouts_per_call
    }

    async fn escrow_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let meanwhile = {
            let mut inside = locked(&self.inside);
            inside.note(access);
            inside.escrow_calls.push(orders.to_vec());
            inside.meanwhile.take()
        };
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        let asked_for = u32::try_from(orders.len()).unwrap_or(u32::MAX);
        assert!(
            (1..=self.payouts_per_call).contains(&asked_for),
            "a call takes 1 to {} payouts, not {asked_for}",
            self.payouts_per_call
        );
        let mut inside = locked(&self.inside);
        if let Some(error) = inside.escrow_failures.pop_front() {
            return Err(error);
        }
        let known = orders.iter().filter_map(|order_sn| {
            let answer = inside.escrows.get(order_sn)?.clone();
            let answer = answer.map(|answer| inside.as_batches_tell(answer));
            Some(FetchedEscrow {
                order_sn: order_sn.clone(),
                answer: answer.map_err(EscrowFault::from),
            })
        });
        let mut fetched: Vec<_> = known.collect();
        if let Some(kept) = inside.escrows_before_a_failure.take() {
            for unasked in fetched.iter_mut().skip(kept) {
                unasked.answer = Err(EscrowFault::NotAsked);
            }
        }
        Ok(fetched)
    }

    async fn escrow_detail(
        &self,
        access: &ShopAccess,
        order: &OrderSn,
    ) -> Result<Option<FetchedEscrow>, MarketplaceError> {
        let mut inside = locked(&self.inside);
        inside.note(access);
        inside.escrow_details_alone.push(order.clone());
        if let Some(error) = inside.escrow_detail_failures.pop_front() {
            return Err(error);
        }
        Ok(inside.escrows.get(order).map(|answer| FetchedEscrow {
            order_sn: order.clone(),
            answer: answer.clone().map_err(EscrowFault::from),
        }))
    }
}
