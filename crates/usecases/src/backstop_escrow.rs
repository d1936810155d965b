//! Look for payouts that are missing, and for releases that nobody knew of.
//!
//! The details of a payout do not say when its money was released; the list of releases does. What
//! it shows is kept page by page. Orders whose payout is missing, was not known to be released by then or
//! has another amount than the list says are due, and so are completed orders that were never due;
//! released orders that we do not hold are asked for. An amount that differs makes its order due once:
//! whoever captures it tells somebody if it still differs then.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::Counts;
use hawker_domain::{IdSource, OrderSn, TenantSlug, Timestamp};
use hawker_ports::escrow::ReleaseOutcome;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::{ListedOrder, Release, ReleaseLister, ReleasePage};
use hawker_ports::{Clock, Progress, Store, StoreError, UnitOfWork};

use crate::conflicts::repeated;
use crate::listing::{ListingError, ask_for, heed_stop, many};
use crate::profile::living;
use crate::tokens::ShopTokens;

/// So far back releases are looked for: the longest that the documents speak of.
const LOOKS_BACK: TimeDelta = TimeDelta::days(42);

/// No list covers more. The marketplace states no limit for this one, and this is that of its others
/// (shopee.md §5.2).
const WINDOW_LONGEST: TimeDelta = TimeDelta::days(15);

/// Pages of one list: a hundred releases to a page.
const PAGES_MAX: u32 = 20_000;

/// Why a run did not come to its end.
pub type BackstopError = ListingError;

/// Looks for payouts and releases.
pub struct BackstopEscrow {
    /// Where orders and payouts are.
    pub store: Arc<dyn Store>,
    /// Lists releases.
    pub releases: Arc<dyn ReleaseLister>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// A run under way.
struct Run<'a> {
    backstop: &'a BackstopEscrow,
    tenant: &'a TenantSlug,
    orders: OrdersOf,
    progress: &'a dyn Progress,
    counts: Counts,
}

impl BackstopEscrow {
    /// Looks at the last 42 days, or at `window`. Counts `pages`, `releases`, `noted`, `made_due`,
    /// `missing_made_due`, `unknown_asked_for`.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        window: Option<Window>,
        progress: &dyn Progress,
    ) -> Result<Counts, BackstopError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = living(&mut *uow, profile).await?;
        drop(uow);
        let found = found.ok_or_else(|| ListingError::NoSuchProfile(profile.clone()))?;
        let window = window.unwrap_or(Window {
            from: now - LOOKS_BACK,
            to: now,
        });
        let mut run = Run {
            backstop: self,
            tenant,
            orders: OrdersOf {
                connector: found.connector,
                environment: found.environment,
                profile: found.id,
            },
            progress,
            counts: Counts::default(),
        };
        let upto_now = Window {
            to: window.to.min(now),
            ..window
        };
        for slice in upto_now.slices(WINDOW_LONGEST) {
            run.note_releases(slice).await?;
        }
        run.make_missing_due(window.from).await?;
        Ok(run.counts)
    }
}

impl Run<'_> {
    /// Turns the pages of one window.
    async fn note_releases(&mut self, window: Window) -> Result<(), BackstopError> {
        for page in 1..=PAGES_MAX {
            heed_stop(self.progress, &self.counts)?;
            let ReleasePage { releases, has_more } = self.list(window, page).await?;
            let (outcome, asked_for) = repeated(|| self.keep(&releases)).await?;
            self.counts.add("pages", 1);
            self.counts.add("releases", many(&releases));
            self.counts.add("noted", outcome.noted);
            self.counts.add("made_due", outcome.made_due);
            self.counts.add("unknown_asked_for", asked_for);
            self.progress.tell(&self.counts);
            if !has_more {
                return Ok(());
            }
        }
        Err(ListingError::endless(
            "payment.get_escrow_list",
            &self.counts,
        ))
    }

    async fn list(&self, window: Window, page: u32) -> Result<ReleasePage, BackstopError> {
        let lister = &self.backstop.releases;
        let ask = |access: Arc<ShopAccess>| async move {
            lister.list_releases(&access, window, page).await
        };
        let tokens = &self.backstop.tokens;
        let answered = tokens.call(self.tenant, &self.orders.profile, ask).await?;
        answered.map_err(|error| ListingError::of_call(error, &self.counts))
    }

    async fn keep(&self, releases: &[Release]) -> Result<(ReleaseOutcome, u64), StoreError> {
        let BackstopEscrow {
            store, clock, ids, ..
        } = self.backstop;
        let now = clock.now();
        let mut uow = store.begin(self.tenant).await?;
        let outcome = uow
            .escrow()
            .note_releases(&self.orders, releases, now)
            .await?;
        let unknown = not_asked_for(&mut *uow, &self.orders, &outcome.unknown).await?;
        let asked_for = ask_for(&mut *uow, &self.orders, unknown.iter(), now, &**ids).await?;
        uow.commit().await?;
        Ok((outcome, asked_for))
    }

    /// Completed orders without a payout that nothing asks for.
    async fn make_missing_due(&mut self, since: Timestamp) -> Result<(), StoreError> {
        let made_due = repeated(|| self.make_due(since)).await?;
        self.counts.add("missing_made_due", made_due);
        self.progress.tell(&self.counts);
        Ok(())
    }

    async fn make_due(&self, since: Timestamp) -> Result<u64, StoreError> {
        let BackstopEscrow { store, clock, .. } = self.backstop;
        let mut uow = store.begin(self.tenant).await?;
        let now = clock.now();
        let made_due = uow
            .escrow()
            .make_missing_due(&self.orders, since, now)
            .await?;
        uow.commit().await?;
        Ok(made_due)
    }
}

/// Those of the unknown orders that no event waits for yet.
async fn not_asked_for(
    uow: &mut dyn UnitOfWork,
    orders: &OrdersOf,
    unknown: &[OrderSn],
) -> Result<Vec<OrderSn>, StoreError> {
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let listed: Vec<_> = unknown
        .iter()
        .map(|order_sn| ListedOrder {
            order_sn: order_sn.clone(),
            status: None,
        })
        .collect();
    let compared = uow.reconciliation().compare(orders, &listed, None).await?;
    let differing = compared.differing.into_iter();
    Ok(differing.map(|(order_sn, _)| order_sn).collect())
}
