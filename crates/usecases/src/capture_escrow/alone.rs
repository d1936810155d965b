//! Payouts that are asked for one by one, because a call for several says nothing of adjustments.
//!
//! Only where that matters: money is taken back or added after it was released, and whatever else
//! changes shows in the amount. What was told before a failure is kept; of the rest what is known stands.

use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::future::{Either, FusedFuture, select};
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowFault, FetchedEscrow, ShopAccess};

use super::CaptureEscrow;
use crate::chain::chain;
use crate::tokens::CallError;

/// So many are asked for after one call for several: the claim has to outlast them. The others are due
/// again soon.
const ALONE_MAX: usize = 10;

impl CaptureEscrow {
    /// The same answers with the adjustments that they are silent about, as long as `may_go_on`.
    pub(super) async fn with_adjustments(
        &self,
        tenant: &TenantSlug,
        batch: &[DueEscrow],
        mut answers: Vec<FetchedEscrow>,
        may_go_on: impl Fn() -> bool + Send + Sync,
        mut patience: Pin<&mut (impl FusedFuture<Output = ()> + Send)>,
    ) -> Result<Vec<FetchedEscrow>, StoreError> {
        let mut left = ALONE_MAX;
        for fetched in &mut answers {
            let order = batch.iter().find(|order| is_silent(order, fetched));
            let Some(order) = order else { continue };
            if left == 0 || patience.is_terminated() || !may_go_on() {
                fetched.answer = Err(EscrowFault::NotAsked);
                continue;
            }
            left -= 1;
            let asked = pin!(self.ask_alone(tenant, order));
            let asked = match select(asked, patience.as_mut()).await {
                Either::Left((asked, _)) => asked?,
                Either::Right(_) => Err(None),
            };
            match asked {
                Ok(Some(alone)) => *fetched = alone,
                // There is no more to be had than what the call for several said.
                Ok(None) => {}
                Err(error) => {
                    if let Some(error) = error {
                        failed(order, &error);
                    }
                    left = 0;
                    fetched.answer = Err(EscrowFault::NotAsked);
                }
            }
        }
        Ok(answers)
    }

    async fn ask_alone(
        &self,
        tenant: &TenantSlug,
        order: &DueEscrow,
    ) -> Result<Result<Option<FetchedEscrow>, Option<CallError>>, StoreError> {
        let marketplace = &self.marketplace;
        let order_sn = &order.key.order_sn;
        let ask = |access: Arc<ShopAccess>| async move {
            marketplace.escrow_detail(&access, order_sn).await
        };
        let answered = self.tokens.call(tenant, &order.profile, ask).await?;
        Ok(answered.map_err(Some))
    }
}

/// Whether this answer is about the order, and adjustments may be missing from it. Before the first
/// capture there is nothing to compare it with; the order is looked at again.
fn is_silent(order: &DueEscrow, fetched: &FetchedEscrow) -> bool {
    let Ok(answer) = &fetched.answer else {
        return false;
    };
    let has_changed = order
        .known
        .is_some_and(|known| known.escrow_amount != answer.amounts.escrow_amount);
    fetched.order_sn == order.key.order_sn
        && !answer.income.tells_of_adjustments()
        && (order.released_at.is_some() || has_changed)
}

fn failed(order: &DueEscrow, error: &CallError) {
    let order_sn = &order.key.order_sn;
    match error {
        CallError::Blocked(_) => {
            tracing::warn!(%order_sn, "the adjustments of a payout could not be asked for");
        }
        CallError::Marketplace { error, .. } => tracing::warn!(
            %order_sn, error = %chain(error),
            "the adjustments of a payout could not be fetched"
        ),
    }
}
