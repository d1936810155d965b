//! Orders, loaded under a lease and written whole.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::ids::ShipmentId;
use hawker_domain::order::{Customer, Order, Plan};

use super::state::{OrderRow, State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::inbox::ClaimedBatch;
use crate::orders::{LoadedOrder, OrderRepository, UntrackedParcel};

#[async_trait]
impl OrderRepository for InMemoryUnitOfWork {
    async fn load_claimed(&mut self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError> {
        self.write(|state| {
            let keys = batch.orders.iter().map(|order| OrderKey {
                connector: batch.connector,
                environment: batch.environment,
                order_sn: order.order_sn.clone(),
            });
            let held = keys.filter_map(|key| {
                state
                    .syncs
                    .get(&key)
                    .filter(|sync| sync.is_held_by(batch.lease))
            });
            Ok(held
                .map(|sync| LoadedOrder {
                    sync: sync.id,
                    order_sn: sync.key.order_sn.clone(),
                    order: sync
                        .order
                        .and_then(|id| state.orders.get(&id))
                        .map(|row| state.with_customer(&row.order)),
                })
                .collect())
        })
        .await
    }

    async fn apply(&mut self, plans: &[&Plan], _: Timestamp) -> Result<(), StoreError> {
        self.write(|state| {
            plans
                .iter()
                .filter(|plan| plan.is_change)
                .try_for_each(|plan| state.apply_plan(plan))
        })
        .await
    }

    async fn untracked(
        &mut self,
        now: Timestamp,
        at_most: u32,
    ) -> Result<Vec<UntrackedParcel>, StoreError> {
        self.write(|state| Ok(state.untracked_parcels(now, at_most)))
            .await
    }

    async fn ask_again(
        &mut self,
        parcels: &[(ShipmentId, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state.ask_again(parcels);
            Ok(())
        })
        .await
    }
}

impl State {
    fn apply_plan(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let order = &plan.order;
        let mut others = self.orders.values().map(|row| &row.order);
        if others.any(|other| other.key == order.key && other.id != order.id) {
            return Err(refused("order", "there is another order for its number"));
        }
        let order = Order {
            customer: self.keep_customer(order),
            ..order.clone()
        };
        for sighting in &plan.listings {
            self.listings
                .insert((order.key.connector, sighting.listing), sighting.variant);
        }
        let before = self.orders.remove(&order.id);
        let mut timeline = before.map(|row| row.timeline).unwrap_or_default();
        timeline.extend(plan.steps.iter().cloned());
        self.orders.insert(order.id, OrderRow { order, timeline });
        Ok(())
    }

    /// The customer under the id that the channel's buyer has already, with the newest name.
    fn keep_customer(&mut self, order: &Order) -> Option<Customer> {
        let customer = order.customer.clone()?;
        let buyer = (order.key.connector, customer.external_id.clone());
        let kept = match self.customers.remove(&buyer) {
            Some(known) => Customer {
                id: known.id,
                username: customer.username.or(known.username),
                ..customer
            },
            None => customer,
        };
        self.customers.insert(buyer, kept.clone());
        Some(kept)
    }
}
