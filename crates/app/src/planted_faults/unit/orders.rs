//! Orders, with what they do to the stock.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::{LedgerEntryId, ShipmentId};
use hawker_domain::inventory::{LedgerEntry, Movement};
use hawker_domain::order::Plan;
use hawker_ports::StoreError;
use hawker_ports::inbox::ClaimedBatch;
use hawker_ports::orders::{LoadedOrder, OrderRepository, UntrackedParcel};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl OrderRepository for SpoiltUnit {
    async fn load_claimed(&mut self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError> {
        self.unit.orders().load_claimed(batch).await
    }

    async fn apply(&mut self, plans: &[&Plan], now: Timestamp) -> Result<(), StoreError> {
        let is_spoilt =
            self.has(PlantedFault::ForgetRelease) || self.has(PlantedFault::DeductTwice);
        if !is_spoilt {
            return self.unit.orders().apply(plans, now).await;
        }
        let changed: Vec<_> = plans.iter().map(|plan| self.spoilt(plan)).collect();
        let plans: Vec<_> = changed.iter().collect();
        self.unit.orders().apply(&plans, now).await
    }

    async fn untracked(
        &mut self,
        now: Timestamp,
        at_most: u32,
    ) -> Result<Vec<UntrackedParcel>, StoreError> {
        self.unit.orders().untracked(now, at_most).await
    }

    async fn ask_again(
        &mut self,
        parcels: &[(ShipmentId, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        self.unit.orders().ask_again(parcels).await
    }
}

impl SpoiltUnit {
    fn spoilt(&self, plan: &Plan) -> Plan {
        let mut ledger = plan.ledger.clone();
        match self.fault {
            PlantedFault::ForgetRelease => {
                ledger.retain(|entry| entry.movement != Movement::Release);
            }
            PlantedFault::DeductTwice => {
                let again = plan
                    .ledger
                    .iter()
                    .filter(|entry| entry.movement == Movement::Deduct);
                ledger.extend(again.map(|entry| LedgerEntry {
                    id: LedgerEntryId::fresh(&*self.ids),
                    reserved_delta: 0,
                    ..entry.clone()
                }));
            }
            _ => {}
        }
        Plan {
            order: plan.order.clone(),
            is_new: plan.is_new,
            is_change: plan.is_change,
            steps: plan.steps.clone(),
            ledger,
            raised: plan.raised.clone(),
            standing: plan.standing.clone(),
            listings: plan.listings.clone(),
            escrow_due: plan.escrow_due,
        }
    }
}
