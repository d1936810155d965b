//! A marketplace whose answers lag behind, or whose amounts lost their cents on the way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_domain::order::OrderSnapshot;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::{FetchedEscrow, FetchedOrder, Marketplace, ShopAccess};

use super::PlantedFault;

/// A marketplace with a fault.
pub(super) struct SpoiltMarketplace {
    pub(super) marketplace: Arc<dyn Marketplace>,
    pub(super) fault: PlantedFault,
    pub(super) lagging: Lagging,
}

/// The snapshots of a replica that is always one change behind: of each order the last two.
#[derive(Default)]
pub(super) struct Lagging(Mutex<BTreeMap<OrderSn, Vec<OrderSnapshot>>>);

impl Lagging {
    fn behind(&self, newest: OrderSnapshot) -> OrderSnapshot {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(newest.order_sn.clone()).or_default();
        if known.last() != Some(&newest) {
            known.push(newest.clone());
        }
        let before_last = known.len().saturating_sub(2);
        known.drain(..before_last);
        known.first().cloned().unwrap_or(newest)
    }
}

#[async_trait]
impl Marketplace for SpoiltMarketplace {
    fn orders_per_call(&self) -> u32 {
        self.marketplace.orders_per_call()
    }

    async fn order_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedOrder>, MarketplaceError> {
        let mut fetched = self.marketplace.order_details(access, orders).await?;
        if self.fault == PlantedFault::IgnoreUpdateTime {
            for order in &mut fetched {
                let newest = order.snapshot.clone();
                order.snapshot = newest.map(|newest| self.lagging.behind(newest));
            }
        }
        Ok(fetched)
    }

    fn payouts_per_call(&self) -> u32 {
        self.marketplace.payouts_per_call()
    }

    async fn escrow_details(
        &self,
        access: &ShopAccess,
        orders: &[OrderSn],
    ) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
        let mut fetched = self.marketplace.escrow_details(access, orders).await?;
        if self.fault == PlantedFault::RoundMoney {
            for answer in fetched
                .iter_mut()
                .filter_map(|one| one.answer.as_mut().ok())
            {
                answer.amounts.escrow_amount = answer.amounts.escrow_amount.round();
                for amount in answer.income.parts.values_mut() {
                    *amount = amount.round();
                }
            }
        }
        Ok(fetched)
    }
}
