//! The [`Marketplace`] port on top of the API; payouts are in [`payouts`](super::payouts). The other ports that [`ShopeeMarketplace`] implements
//! stand in files of their own beside this one.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_ports::marketplace::{FetchedEscrow, FetchedOrder, ShopAccess};
use hawker_ports::{Marketplace, MarketplaceError};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::api::ShopeeApi;
use crate::calls::order::{GetOrderDetail, ORDERS_PER_CALL_MAX};
use crate::calls::payment::ESCROWS_PER_CALL_ADVISED;
use crate::{json, translate};

/// Shopee as a marketplace.
#[derive(Clone, Debug)]
pub struct ShopeeMarketplace {
    pub(super) api: Arc<ShopeeApi>,
}

impl ShopeeMarketplace {
    /// Calls through `api`, whose limits hold for everything that shares it.
    pub fn new(api: Arc<ShopeeApi>) -> Self {
        Self { api }
    }

    /// The details of one batch; `NotFound` where the platform refuses it as a whole.
    async fn batch(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
        deadline: Instant,
    ) -> Result<Vec<FetchedOrder>, MarketplaceError> {
        let call = GetOrderDetail {
            orders: orders.to_vec(),
        };
        let answer = self.api.typed(access.into(), &call, deadline).await?;
        Ok(fetched(&answer.reply.order_list, orders))
    }
}

#[async_trait]
impl Marketplace for ShopeeMarketplace {
    fn orders_per_call(&self) -> u32 {
        u32::try_from(ORDERS_PER_CALL_MAX).unwrap_or(u32::MAX)
    }

    /// A batch with an unknown order may be refused as a whole (shopee.md §5.1). It is then halved
    /// until the unknown one stands alone, which for n orders takes at most 2n − 1 calls, and about
    /// 2 log n when one is unknown.
    async fn order_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedOrder>, MarketplaceError> {
        let deadline = self.api.deadline();
        let orders = each_once(orders);
        let mut batches: Vec<&[OrderSn]> = orders.chunks(ORDERS_PER_CALL_MAX).collect();
        let mut fetched = Vec::with_capacity(orders.len());
        while let Some(batch) = batches.pop() {
            match self.batch(access, batch, deadline).await {
                Ok(found) => fetched.extend(found),
                Err(MarketplaceError::NotFound { .. }) => {
                    if batch.len() > 1 {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        batches.extend([first, second]);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(fetched)
    }

    fn payouts_per_call(&self) -> u32 {
        u32::try_from(ESCROWS_PER_CALL_ADVISED).unwrap_or(u32::MAX)
    }

    async fn escrow_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        self.payouts(access, orders).await
    }

    async fn escrow_detail(
        &self,
        access: &ShopAccess,
        order: &OrderSn,
    ) -> Result<Option<FetchedEscrow>, MarketplaceError> {
        self.payout(access, order).await
    }
}

/// What is asked for twice is asked once.
pub(super) fn each_once(orders: &[OrderSn]) -> Vec<OrderSn> {
    let each: BTreeSet<_> = orders.iter().collect();
    each.into_iter().cloned().collect()
}

/// The orders of a reply that were asked for, by their number and never by their place. An order
/// that is listed twice is taken once.
fn fetched(list: &[Box<RawValue>], orders: &[OrderSn]) -> Vec<FetchedOrder> {
    let mut awaited: BTreeSet<&OrderSn> = orders.iter().collect();
    let mut fetched = Vec::with_capacity(list.len());
    for raw in list {
        let order_sn = json::pick(raw.get(), ["order_sn"])
            .ok()
            .and_then(|[order_sn]| json::scalar(order_sn?))
            .and_then(|text| OrderSn::parse(&text));
        match order_sn {
            Some(order_sn) if awaited.remove(&order_sn) => fetched.push(FetchedOrder {
                snapshot: translate::order_snapshot(raw.get()),
                order_sn,
            }),
            _ => tracing::warn!(
                order.sn = order_sn.as_ref().map(OrderSn::as_str),
                "the reply holds an order that was not asked for"
            ),
        }
    }
    fetched
}
