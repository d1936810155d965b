//! Turn the pages of one stretch of time after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use hawker_domain::schedule::Counts;
use hawker_domain::{OrderSn, TenantSlug};
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::reconciliation::{Comparison, DayDifference, Difference, OrdersOf};
use hawker_ports::recovery::{ListedOrder, OrderListPage, OrderListQuery};
use hawker_ports::{Progress, StoreError};

use super::plan::{Marks, Step};
use super::reached::Reached;
use super::{Reconcile, ReconcileError};
use crate::conflicts::repeated;
use crate::listing::{ListingError, ask_for, heed_stop, many};

/// Pages of one list: a hundred orders to a page, that is two million within fifteen days.
const PAGES_MAX: u32 = 20_000;

/// A run under way.
pub(super) struct Run<'a> {
    reconcile: &'a Reconcile,
    tenant: &'a TenantSlug,
    orders: OrdersOf,
    marks: Marks,
    progress: &'a dyn Progress,
    counts: Counts,
    /// How far it came, where its marks do not tell.
    reached: Option<Reached>,
}

/// A page that is to be kept.
struct Listed<'a> {
    step: &'a Step,
    page: &'a [ListedOrder],
    /// Every order of the step, where the page is its last one.
    all: Option<&'a [OrderSn]>,
}

/// What keeping a page came to.
struct Kept {
    comparison: Comparison,
    asked_for: u64,
    difference: Option<DayDifference>,
}

impl<'a> Run<'a> {
    pub(super) fn of(
        reconcile: &'a Reconcile,
        tenant: &'a TenantSlug,
        orders: OrdersOf,
        marks: Marks,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            reconcile,
            tenant,
            orders,
            marks,
            progress,
            counts: Counts::default(),
            reached: None,
        }
    }

    /// Goes on where an attempt before came to, and counts on.
    pub(super) fn going_on(mut self, reached: Option<Reached>) -> Self {
        self.counts = reached.as_ref().map(Reached::counts).unwrap_or_default();
        self.reached = reached;
        self
    }

    /// Takes one step after the other; answers what was done.
    pub(super) async fn through(mut self, steps: Vec<Step>) -> Result<Counts, ReconcileError> {
        for step in &steps {
            self.take(step).await?;
        }
        Ok(self.counts)
    }

    async fn take(&mut self, step: &Step) -> Result<(), ReconcileError> {
        let mut listed = BTreeSet::new();
        let mut after = None;
        for _ in 0..PAGES_MAX {
            heed_stop(self.progress, &self.counts)?;
            let query = OrderListQuery {
                by: step.by,
                window: step.window,
                after,
            };
            let OrderListPage { orders, next } = self.list(&query).await?;
            listed.extend(orders.iter().map(|order| order.order_sn.clone()));
            let all: Option<Vec<_>> = next.is_none().then(|| listed.iter().cloned().collect());
            let page = Listed {
                step,
                page: &orders,
                all: all.as_deref(),
            };
            let kept = repeated(|| self.keep(&page)).await?;
            self.count(&page, &kept);
            self.progress.tell(&self.counts);
            if next.is_none() {
                self.marks = self.marks.after(step);
                if let Some(reached) = &mut self.reached {
                    reached.tell(step, &self.counts, self.progress);
                }
                return Ok(());
            }
            after = next;
        }
        Err(ListingError::endless("order.get_order_list", &self.counts))
    }

    async fn list(&self, query: &OrderListQuery) -> Result<OrderListPage, ReconcileError> {
        let lister = &self.reconcile.lister;
        let ask = |access: Arc<ShopAccess>| async move { lister.list_orders(&access, query).await };
        let tokens = &self.reconcile.tokens;
        let answered = tokens.call(self.tenant, &self.orders.profile, ask).await?;
        answered.map_err(|error| ListingError::of_call(error, &self.counts))
    }

    /// Compares a page and asks for what differs; with the last one the day is noted and the mark
    /// moves on. All of it together or not at all.
    async fn keep(&self, listed: &Listed<'_>) -> Result<Kept, StoreError> {
        let Listed { step, page, all } = listed;
        let Reconcile {
            store, clock, ids, ..
        } = self.reconcile;
        let now = clock.now();
        let mut uow = store.begin(self.tenant).await?;
        let comparison = uow
            .reconciliation()
            .compare(&self.orders, page, step.fetched_since())
            .await?;
        let differing = comparison.differing.iter().map(|(order_sn, _)| order_sn);
        let asked_for = ask_for(&mut *uow, &self.orders, differing, now, &**ids).await?;
        let mut difference = None;
        if let Some(all) = all {
            if let Some(day) = &step.day {
                let noted =
                    uow.reconciliation()
                        .note_day(&self.orders, day, step.settled(now), all, now);
                difference = Some(noted.await?);
            }
            let reached = self.marks.after(step).since(self.marks);
            uow.reconciliation()
                .advance(&self.orders.profile, reached, now)
                .await?;
        }
        uow.commit().await?;
        Ok(Kept {
            comparison,
            asked_for,
            difference,
        })
    }

    fn count(&mut self, listed: &Listed<'_>, kept: &Kept) {
        let Kept {
            comparison,
            asked_for,
            difference,
        } = kept;
        let counts = &mut self.counts;
        counts.add("pages", 1);
        counts.add("listed", many(listed.page));
        counts.add("waiting", comparison.waiting);
        counts.add("asked_for", *asked_for);
        for (order_sn, difference) in &comparison.differing {
            let what = name(*difference);
            counts.add(what, 1);
            // Whatever changed lately is fetched once more: most of that is as it was.
            if *difference != Difference::Older {
                tracing::info!(
                    event = "order.differs", %order_sn, profile_id = %self.orders.profile,
                    difference = what,
                );
            }
        }
        if let Some(DayDifference { missing, unlisted }) = difference {
            let differs = !missing.is_empty() || !unlisted.is_empty();
            counts.add("days", 1);
            counts.add("days_differing", u64::from(differs));
        }
    }
}

const fn name(difference: Difference) -> &'static str {
    match difference {
        Difference::Missing => "missing",
        Difference::OtherStatus => "other_status",
        Difference::Older => "older",
    }
}
