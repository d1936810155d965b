//! Lists of the marketplace of which something is overlooked or confirmed too soon.

use std::sync::Arc;

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::{AppAccess, ShopAccess};
use hawker_ports::recovery::{
    LostPushPage, LostPushes, OrderListPage, OrderListQuery, OrderLister,
};

use super::Turns;

/// A queue of lost pushes that is confirmed as soon as it is read.
pub(super) struct ConfirmedFirst {
    pub(super) lost: Arc<dyn LostPushes>,
    pub(super) turns: Turns,
}

#[async_trait]
impl LostPushes for ConfirmedFirst {
    async fn lost_pushes(&self, app: &AppAccess) -> Result<LostPushPage, MarketplaceError> {
        let page = self.lost.lost_pushes(app).await?;
        let Some(last) = page.last_message_id.filter(|_| !page.pushes.is_empty()) else {
            return Ok(page);
        };
        self.lost.confirm_lost_pushes(app, last).await?;
        if self.turns.is_every(2) {
            // As if the process had died before its commit.
            return Err(MarketplaceError::Unavailable {
                endpoint: "push.get_lost_push_message",
                reason: "a fault was planted here".to_owned(),
                cause: None,
            });
        }
        Ok(page)
    }

    async fn confirm_lost_pushes(
        &self,
        app: &AppAccess,
        last_message_id: i64,
    ) -> Result<(), MarketplaceError> {
        self.lost.confirm_lost_pushes(app, last_message_id).await
    }
}

/// Lists of orders with holes.
pub(super) struct Overlooking(pub(super) Arc<dyn OrderLister>);

#[async_trait]
impl OrderLister for Overlooking {
    fn window_longest(&self) -> chrono::TimeDelta {
        self.0.window_longest()
    }

    async fn list_orders(
        &self,
        access: &ShopAccess,
        query: &OrderListQuery,
    ) -> Result<OrderListPage, MarketplaceError> {
        let mut page = self.0.list_orders(access, query).await?;
        page.orders.retain(|order| !is_overlooked(&order.order_sn));
        Ok(page)
    }
}

fn is_overlooked(order_sn: &OrderSn) -> bool {
    let sum: u32 = order_sn.as_str().bytes().map(u32::from).sum();
    sum.is_multiple_of(4)
}
