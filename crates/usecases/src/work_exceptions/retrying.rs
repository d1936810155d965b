//! Retrying: what an exception is about is tried again now. The work itself is done by whichever
//! process is serving; how it came out is read from the exceptions.
//!
//! About an order: its pending events are due, whatever they waited for; where it has none, a hint of
//! our own asks for it. A payout that could not be fetched is due as well. About a profile as a whole:
//! its orders no longer rest, and its environment is looked at soon, where looking can end the cause: the
//! authorisation of its shop, the console of its pushes. Of a day, the orders that are missing are asked
//! for again. A push that could not be verified is nothing to try again (that is what verifying again is
//! for), nor is a job (that is run).

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::audit::Actor;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::{ProfileId, RetryBatchId};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::exception_desk::{QueuedException, Selection};
use hawker_ports::{StoreError, UnitOfWork};

use super::deed::Deed;
use super::picking::{Picked, pick};
use super::{ItemResult, Portion, WorkExceptions, Worked};
use crate::watch_authorisations::is_about_pushes;
use crate::watch_completeness::cause_of;

/// Missing orders that are asked for in one unit of work.
const MISSING_AT_ONCE: u32 = 1_000;

/// What is tried again for an exception.
enum Target {
    /// An order.
    Order(OrderKey),
    /// A profile as a whole.
    Profile(ProfileId),
    /// The orders of a day that are missing.
    Day(ProfileId, String),
}

/// What was made due.
#[derive(Default)]
struct Due {
    orders: BTreeSet<OrderKey>,
    days: BTreeSet<(ProfileId, String)>,
}

impl Due {
    /// What is told of an open exception.
    fn result(&self, found: &QueuedException) -> ItemResult {
        let is_due = match target(found) {
            Some(Target::Order(key)) => self.orders.contains(&key),
            Some(Target::Profile(_)) => true,
            Some(Target::Day(profile, cause)) => self.days.contains(&(profile, cause)),
            None => false,
        };
        if is_due {
            ItemResult::Due
        } else {
            ItemResult::NothingToDo
        }
    }
}

impl WorkExceptions {
    /// Tries again what open exceptions are about. `batch` is that of an earlier portion; the batch
    /// that these belong to is answered, and its progress can be asked for.
    pub async fn retry(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        selection: &Selection,
        batch: Option<RetryBatchId>,
        portion: &Portion,
    ) -> Result<(RetryBatchId, Worked), StoreError> {
        let batch = batch.unwrap_or_else(|| RetryBatchId::fresh(&*self.ids));
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let picked = pick(&mut *uow, selection, portion).await?;
        let due = self.make_due(&mut *uow, &picked, now).await?;
        let worked = picked.worked(|found| match found.status {
            ExceptionStatus::Resolved | ExceptionStatus::WontFix => ItemResult::Closed,
            ExceptionStatus::Open => due.result(found),
        });
        let retried = worked.ids_with(ItemResult::Due);
        let desk = uow.exception_desk();
        desk.note_retry(batch, &retried, now).await?;
        let deed = Deed::new("exception.retried").with("batch", Some(batch.to_string()));
        self.record(&mut *uow, actor, selection, deed, &retried)
            .await?;
        uow.commit().await?;
        Ok((batch, worked))
    }

    /// Makes due what the open ones are about; answers what is.
    async fn make_due(
        &self,
        uow: &mut dyn UnitOfWork,
        picked: &Picked,
        now: Timestamp,
    ) -> Result<Due, StoreError> {
        let mut orders = BTreeMap::new();
        let mut payouts = BTreeSet::new();
        let mut profiles = BTreeSet::new();
        let mut days = BTreeSet::new();
        let open = |found: &&QueuedException| found.status == ExceptionStatus::Open;
        for found in picked.found().filter(open) {
            match target(found) {
                Some(Target::Order(key)) => {
                    if found.class == ErrorClass::EscrowFetchFailed {
                        payouts.insert(key.clone());
                    }
                    let through = found.order_profile.as_ref().or(found.profile.as_ref());
                    let profile = orders.entry(key).or_insert(None);
                    *profile = profile.take().or_else(|| through.cloned());
                }
                Some(Target::Profile(profile)) => {
                    profiles.insert((found.connector, found.environment, profile));
                }
                Some(Target::Day(profile, cause)) => {
                    days.insert((profile, cause));
                }
                None => {}
            }
        }
        for (_, _, profile) in &profiles {
            uow.inbox().wake(profile, now).await?;
        }
        let looked_at: BTreeSet<_> = profiles
            .iter()
            .map(|(at, world, _)| (*at, *world))
            .collect();
        for (connector, environment) in looked_at {
            let watches = uow.watches();
            watches.look_soon(connector, environment, now).await?;
        }
        let days = self.ask_for_missing(uow, days, now).await?;
        let mut due = self.make_orders_due(uow, orders, now).await?;
        let payouts: Vec<_> = payouts.into_iter().collect();
        let answers = uow.escrow().make_due(&payouts, now).await?;
        let with_payout = payouts.into_iter().zip(answers);
        due.extend(with_payout.filter_map(|(key, is_due)| is_due.then_some(key)));
        Ok(Due { orders: due, days })
    }

    /// Asks for the missing orders of days; answers the days that miss some. Those that an event waits
    /// for rest no longer; a hint of our own asks for the others. The watch over completeness asks for
    /// whatever is more than one call takes.
    async fn ask_for_missing(
        &self,
        uow: &mut dyn UnitOfWork,
        days: BTreeSet<(ProfileId, String)>,
        now: Timestamp,
    ) -> Result<BTreeSet<(ProfileId, String)>, StoreError> {
        if days.is_empty() {
            return Ok(days);
        }
        let standing = uow.reconciliation().standing(now).await?;
        let missing: BTreeSet<_> = standing
            .iter()
            .filter(|difference| difference.missing > 0)
            .map(|difference| (difference.orders.profile.clone(), cause_of(difference)))
            .filter(|day| days.contains(day))
            .collect();
        let profiles: BTreeSet<_> = missing.iter().map(|(profile, _)| profile).collect();
        for profile in &profiles {
            uow.inbox().wake(profile, now).await?;
        }
        let unasked = uow
            .reconciliation()
            .unasked(now, now, MISSING_AT_ONCE)
            .await?;
        let hints: Vec<_> = unasked
            .into_iter()
            .filter(|(orders, _)| profiles.contains(&orders.profile))
            .map(|(orders, order_sn)| {
                let key = OrderKey {
                    connector: orders.connector,
                    environment: orders.environment,
                    order_sn,
                };
                let source = EventSource::Manual;
                NewEvent::own_hint(&key, orders.profile, source, now, &*self.ids)
            })
            .collect();
        uow.inbox().store(&hints).await?;
        Ok(missing)
    }

    /// Has orders worked on again, each by way of the profile that it came through last, else of the one
    /// that its exception names; answers those that will be.
    async fn make_orders_due(
        &self,
        uow: &mut dyn UnitOfWork,
        orders: BTreeMap<OrderKey, Option<ProfileId>>,
        now: Timestamp,
    ) -> Result<BTreeSet<OrderKey>, StoreError> {
        let keys: Vec<_> = orders.keys().cloned().collect();
        let had_events = uow.inbox().retry_orders(&keys, now).await?;
        let mut due = BTreeSet::new();
        let mut hints = Vec::new();
        for ((key, profile), had_events) in orders.into_iter().zip(had_events) {
            if had_events {
                due.insert(key);
            } else if let Some(profile) = profile {
                let source = EventSource::Manual;
                let hint = NewEvent::own_hint(&key, profile, source, now, &*self.ids);
                hints.push(hint);
                due.insert(key);
            }
        }
        uow.inbox().store(&hints).await?;
        Ok(due)
    }
}

/// What is tried again for an exception, if anything can be.
fn target(found: &QueuedException) -> Option<Target> {
    if let Some(order_sn) = found.order_sn.clone() {
        return Some(Target::Order(OrderKey {
            connector: found.connector,
            environment: found.environment,
            order_sn,
        }));
    }
    let profile = found.profile.clone()?;
    match found.class {
        ErrorClass::TokenExpired | ErrorClass::SdkTransient | ErrorClass::Unknown => {
            Some(Target::Profile(profile))
        }
        // What the console says is read again; a key that ends is nothing to look at.
        ErrorClass::ActionRequired if is_about_pushes(&found.cause) => {
            Some(Target::Profile(profile))
        }
        ErrorClass::OrdersMissing => Some(Target::Day(profile, found.cause.clone())),
        _ => None,
    }
}
