//! Learn until when returns are to be answered.
//!
//! An order tells that a return was opened, and only the list of returns tells until when it is to be
//! answered. So the cases whose deadline is unknown or over are looked up, shop by shop, and told again
//! with what the list says. Where nothing changes, nothing is told, and where no such case is open, nobody
//! is asked. A shop that cannot be asked is left for the next look: its cases stay as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::exception::{Cause, ErrorClass, ExceptionStatus, RaisedException, Subject};
use hawker_domain::ids::{ExceptionId, ProfileId};
use hawker_domain::order::returns::{RETURN_OPENED, return_task};
use hawker_domain::schedule::Counts;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::exception_desk::{QueuedException, Selection};
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::profiles::Profile;
use hawker_ports::returns::{OpenReturn, ReturnLister};
use hawker_ports::views::{ExceptionFilter, ExceptionSummary, PAGE_ROWS_MAX, PageRequest, Views};
use hawker_ports::{Clock, Store, StoreError};

use crate::conflicts::repeated;
use crate::listing::{ListingError, many};
use crate::profile::living;
use crate::raise::raise;
use crate::tokens::ShopTokens;

/// Returns that changed within so long are listed: the longest window of one list (shopee.md §5.7).
const LOOKS_BACK: TimeDelta = TimeDelta::days(15);

/// The marketplace's clock may be ahead of ours by less than this: what changed just now is listed, too.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// Pages of one list: a hundred returns to a page, and far more than a shop has in two weeks.
const PAGES_MAX: u32 = 1000;

/// Pages of open cases in one look. Those behind them come up when others are closed.
const CASE_PAGES_MAX: u32 = 20;

/// Learns the deadlines of returns.
pub struct LearnReturnDeadlines {
    /// Where cases are kept.
    pub store: Arc<dyn Store>,
    /// Shows which are open.
    pub views: Arc<dyn Views>,
    /// Lists returns.
    pub returns: Arc<dyn ReturnLister>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// A case as it was when it was looked at.
type Cases = BTreeMap<ExceptionId, ExceptionSummary>;

impl LearnReturnDeadlines {
    /// Looks at the open cases of a tenant; answers of how many the deadline or the message is another
    /// one now.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let cases = self.undated(tenant).await?;
        if cases.is_empty() {
            return Ok(0);
        }
        let mut learnt = 0;
        for (profile, ids) in self.by_profile(tenant, &cases).await? {
            let returns = match self.list(tenant, &profile.id).await {
                Ok(returns) => returns,
                Err(ListingError::Store(error)) => return Err(error),
                Err(error) => {
                    left_for_the_next_look(&profile.id, &error);
                    continue;
                }
            };
            let keep = || self.keep(tenant, &profile, &cases, &ids, &returns);
            learnt += repeated(keep).await?;
        }
        if learnt > 0 {
            tracing::info!(event = "return_deadlines.learnt", count = learnt);
        }
        Ok(learnt)
    }

    /// The open cases whose deadline is unknown or over, those out of sight among them.
    async fn undated(&self, tenant: &TenantSlug) -> Result<Cases, StoreError> {
        let now = self.clock.now();
        let filter = ExceptionFilter {
            status: Some(ExceptionStatus::Open.as_str().into()),
            class: Some(ErrorClass::ActionRequired.as_str().into()),
            cause: Some(RETURN_OPENED.into()),
            with_snoozed: true,
            ..ExceptionFilter::default()
        };
        let mut page = PageRequest {
            limit: PAGE_ROWS_MAX,
            after: None,
        };
        let mut cases = Cases::new();
        for _ in 0..CASE_PAGES_MAX {
            let shown = self.views.exceptions(tenant, &filter, &page).await?;
            let undated = shown.rows.into_iter().filter(|row| is_undated(row, now));
            cases.extend(undated.filter_map(|row| Some((row.id.parse().ok()?, row))));
            page.after = shown.next;
            if page.after.is_none() {
                break;
            }
        }
        Ok(cases)
    }

    /// The profiles that can be asked about the cases, each with its own.
    async fn by_profile(
        &self,
        tenant: &TenantSlug,
        cases: &Cases,
    ) -> Result<Vec<(Profile, Vec<ExceptionId>)>, StoreError> {
        let ids: Vec<_> = cases.keys().copied().collect();
        let mut by_profile = BTreeMap::<ProfileId, Vec<ExceptionId>>::new();
        let mut uow = self.store.begin(tenant).await?; // read only
        let these = Selection::These(ids);
        let found = uow.exception_desk().select(&these, None, u32::MAX).await?;
        for case in found {
            if let Some(profile) = case.profile {
                by_profile.entry(profile).or_default().push(case.id);
            }
        }
        let mut profiles = Vec::new();
        for (id, cases) in by_profile {
            if let Some(profile) = living(&mut *uow, &id).await? {
                profiles.push((profile, cases));
            }
        }
        drop(uow);
        Ok(profiles)
    }

    async fn list(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Vec<OpenReturn>, ListingError> {
        let to = self.clock.now() + CLOCKS_DIFFER;
        let window = Window {
            from: to - LOOKS_BACK,
            to,
        };
        let mut returns = Vec::new();
        for page in 1..=PAGES_MAX {
            let lister = &self.returns;
            let ask = |access: Arc<ShopAccess>| async move {
                lister.list_returns(&access, window, page).await
            };
            let answered = self.tokens.call(tenant, profile, ask).await?;
            let answered =
                answered.map_err(|error| ListingError::of_call(error, &Counts::default()))?;
            returns.extend(answered.returns);
            if !answered.has_more {
                return Ok(returns);
            }
        }
        Err(ListingError::endless(
            "returns.get_return_list",
            &Counts::default(),
        ))
    }

    /// Tells the cases again that are another now. One that was closed or told anew meanwhile is left
    /// alone: raising it would open it again, or count it twice.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        profile: &Profile,
        cases: &Cases,
        ids: &[ExceptionId],
        returns: &[OpenReturn],
    ) -> Result<u64, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let these = Selection::These(ids.to_vec());
        let standing = uow.exception_desk().select(&these, None, u32::MAX).await?;
        let changed: Vec<_> = standing
            .iter()
            .filter(|now| now.status == ExceptionStatus::Open)
            .filter_map(|now| Some((now, cases.get(&now.id)?)))
            .filter(|(now, then)| now.last_seen_at == then.last_seen_at)
            .filter_map(|(now, then)| {
                let task = return_task(now.order_sn.as_ref()?, returns, profile.region.zone())?;
                is_another(then, &task).then(|| self.raised(profile, now, task))
            })
            .collect();
        raise(&mut *uow, &changed, self.clock.now()).await?;
        uow.commit().await?;
        Ok(many(&changed))
    }

    fn raised(&self, profile: &Profile, case: &QueuedException, task: Cause) -> RaisedException {
        let subject = Subject {
            connector: case.connector,
            environment: case.environment,
            profile: case.profile.clone(),
            shop: profile.shop,
            order_sn: case.order_sn.clone(),
            event: case.event,
        };
        RaisedException::once(subject, task, &*self.ids)
    }
}

fn is_undated(case: &ExceptionSummary, now: Timestamp) -> bool {
    case.due_at.is_none_or(|due_at| due_at <= now)
}

fn is_another(case: &ExceptionSummary, task: &Cause) -> bool {
    case.due_at != task.due_at || case.message != task.message
}

/// What blocks a shop as a whole is an exception of its own already.
fn left_for_the_next_look(profile: &ProfileId, error: &ListingError) {
    if let ListingError::Blocked { .. } = error {
        tracing::debug!(event = "return_deadlines.not_learnt", profile_id = %profile, blocked = %error);
    } else {
        tracing::warn!(event = "return_deadlines.not_learnt", profile_id = %profile, error = %error);
    }
}
