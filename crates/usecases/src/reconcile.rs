//! Compare the marketplace's lists of a shop's orders with what we hold, and ask for whatever differs.
//!
//! Two passes. By the time of the last change, from where the last run ended (with an overlap, because
//! lists lag behind): that finds every order that we missed a push of. A list tells neither when an
//! order changed nor how, so that each one is fetched that was not fetched since the list's end,
//! whatever its status. By the time of placing, day by
//! day as the shop's calendar says: that counts, and so proves that no order of a day is missing.
//!
//! A page is kept before the next one is asked for, and a mark moves on with the last page of its
//! stretch of time in the same commit. So a run may end anywhere: the next one goes on from there, and
//! nothing that was listed is lost. An order that was listed twice is asked for once. A window that was
//! asked for moves no mark where it would leave a gap: how far it came is kept with its run, whose next
//! attempt goes on there.

mod plan;
mod reached;
mod step;

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::Counts;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::OrderLister;
use hawker_ports::{Clock, Progress, Store};

use crate::listing::ListingError;
use crate::profile::living;
use crate::tokens::ShopTokens;
use plan::Plan;
use reached::Reached;
use step::Run;

/// Why a run did not come to its end.
pub type ReconcileError = ListingError;

/// Compares lists of orders with ours.
pub struct Reconcile {
    /// Where orders are.
    pub store: Arc<dyn Store>,
    /// Lists them.
    pub lister: Arc<dyn OrderLister>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// How far back it looks.
    pub settings: ReconcileSettings,
}

/// How far back a run looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconcileSettings {
    /// So far behind its mark a run begins: an order that the marketplace was late to list is found
    /// by the next run.
    pub overlap: TimeDelta,
    /// So far back the first run of a profile looks.
    pub history: TimeDelta,
}

/// An hour, and thirty days.
impl Default for ReconcileSettings {
    fn default() -> Self {
        Self {
            overlap: TimeDelta::hours(1),
            history: TimeDelta::days(30),
        }
    }
}

impl Reconcile {
    /// Compares what changed since the last run, or within `window`. Counts `pages`, `listed`,
    /// `missing`, `other_status`, `older` (fetched before the end of what was compared), `waiting` (differing orders that were asked for already),
    /// `asked_for`, `days`, `days_differing`.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        window: Option<Window>,
        progress: &dyn Progress,
    ) -> Result<Counts, ReconcileError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = living(&mut *uow, profile).await?;
        let known = uow.reconciliation().watermark(profile).await?;
        drop(uow);
        let found = found.ok_or_else(|| ListingError::NoSuchProfile(profile.clone()))?;
        let plan = Plan::of(known, window, found.region.zone(), now, self.settings);
        let orders = OrdersOf {
            connector: found.connector,
            environment: found.environment,
            profile: found.id,
        };
        let mut steps = plan.steps(self.lister.window_longest());
        let reached = window.map(|_| Reached::of(progress));
        if let Some(reached) = &reached {
            steps.retain(|step| !reached.is_behind(step));
        }
        Run::of(self, tenant, orders, plan.marks, progress)
            .going_on(reached)
            .through(steps)
            .await
    }
}
