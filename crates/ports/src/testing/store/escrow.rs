//! Payouts: orders that are due, and every version of what was captured.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, EscrowVersion, VersionCause, change};
use hawker_domain::ids::ProfileId;
use hawker_domain::order::Lifecycle;
use rust_decimal::Decimal;

use super::state::{State, SyncRow};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::escrow::{DueEscrow, EscrowRepository, KnownPayout, ReleaseOutcome, latest_of_each};
use crate::reconciliation::OrdersOf;
use crate::recovery::Release;

/// The payout of an order. At least one version; the last one is what is known now, but for the time
/// of fetching, which goes on without a new version.
#[derive(Clone, Debug)]
pub(super) struct PayoutRow {
    pub(super) latest: Escrow,
    pub(super) versions: Vec<EscrowVersion>,
    /// What the list of releases told, where that differed.
    pub(super) listed: Option<Decimal>,
}

#[async_trait]
impl EscrowRepository for InMemoryUnitOfWork {
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError> {
        self.write(|state| {
            let mut due: Vec<_> = state
                .syncs
                .values()
                .filter_map(|sync| {
                    let since = sync.escrow_due_at.filter(|at| *at <= now)?;
                    Some((since, state.due_payout(sync, lease_until)?))
                })
                .collect();
            due.sort_by_key(|(since, due)| (*since, due.sync));
            due.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            let claimed: Vec<_> = due.into_iter().map(|(_, due)| due).collect();
            for claim in &claimed {
                if let Some(sync) = state.syncs.get_mut(&claim.key) {
                    sync.escrow_due_at = Some(lease_until);
                }
            }
            Ok(claimed)
        })
        .await
    }

    async fn keep(&mut self, escrows: &[Escrow]) -> Result<Vec<Option<VersionCause>>, StoreError> {
        self.write(|state| {
            let causes = escrows.iter().map(|escrow| state.keep_payout(escrow));
            Ok(causes.collect())
        })
        .await
    }

    async fn note_releases(
        &mut self,
        orders: &OrdersOf,
        releases: &[Release],
        now: Timestamp,
    ) -> Result<ReleaseOutcome, StoreError> {
        self.write(|state| {
            let mut outcome = ReleaseOutcome::default();
            for release in latest_of_each(releases) {
                let key = orders.key(&release.order_sn);
                let sync = state.syncs.get(&key);
                let is_held = sync.and_then(|sync| state.held(sync)).is_some();
                state.note_early_release(&key, release);
                if !is_held {
                    outcome.unknown.push(release.order_sn.clone());
                    continue;
                }
                let is_noted = state.note_release(&key, release, now);
                outcome.noted += u64::from(is_noted);
                if state.note_listed(&key, release) || is_noted {
                    outcome.made_due += state.make_payout_due(&key, now);
                }
            }
            Ok(outcome)
        })
        .await
    }

    async fn make_missing_due(
        &mut self,
        orders: &OrdersOf,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(|state| {
            let has_ended = |key: &OrderKey| {
                let completed_at = state.completed_at(key);
                completed_at.is_some_and(|at| at >= since)
            };
            let missing: Vec<_> = state
                .syncs
                .values()
                .filter(|sync| orders.are_those_of(&sync.key, &sync.profile))
                .filter(|sync| sync.escrow_due_at.is_none() && has_ended(&sync.key))
                .filter(|sync| !state.escrows.contains_key(&sync.key))
                .map(|sync| sync.key.clone())
                .collect();
            Ok(missing
                .iter()
                .map(|key| state.make_payout_due(key, now))
                .sum())
        })
        .await
    }

    async fn make_due(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        self.write(|state| {
            let due = orders.iter().map(|key| {
                let is_completed = state.completed_at(key).is_some();
                if is_completed {
                    state.make_payout_due(key, now);
                }
                is_completed
            });
            Ok(due.collect())
        })
        .await
    }

    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError> {
        self.read(|state| {
            let payout = state.escrows.get(order);
            payout.map(|payout| payout.latest.clone())
        })
    }

    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError> {
        self.write(|state| {
            state.report_escrows(claimed, None);
            Ok(())
        })
        .await
    }

    async fn postpone(
        &mut self,
        claimed: &[DueEscrow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state.report_escrows(claimed, Some(until));
            Ok(())
        })
        .await
    }

    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let of_profile = state
                .syncs
                .values_mut()
                .filter(|sync| sync.profile == *profile);
            for sync in of_profile {
                if sync.escrow_due_at.is_some_and(|at| at <= now) {
                    sync.escrow_due_at = Some(until);
                }
            }
            Ok(())
        })
        .await
    }
}

impl PayoutRow {
    /// What the list of releases told that is not what we know.
    fn differing(&self) -> Option<Decimal> {
        let payout = self.latest.after_adjustments().amount;
        self.listed.filter(|listed| *listed != payout)
    }

    fn add_version(&mut self, cause: VersionCause, known_at: Timestamp, escrow: Escrow) {
        let last = self.versions.last();
        let number = last.map_or(0, |last| last.number) + 1;
        // Known no earlier than the version before: a report as of a moment meets them in order.
        let known_at = last.map_or(known_at, |last| last.known_at.max(known_at));
        self.latest = escrow.clone();
        self.versions.push(EscrowVersion {
            number,
            cause,
            known_at,
            escrow,
        });
    }
}

impl State {
    /// What is known of an order that is due; nothing where it was never seen.
    fn due_payout(&self, sync: &SyncRow, leased_until: Timestamp) -> Option<DueEscrow> {
        let held = self.held(sync)?;
        let payout = self.escrows.get(&sync.key);
        Some(DueEscrow {
            sync: sync.id,
            key: sync.key.clone(),
            profile: sync.profile.clone(),
            currency: held.currency,
            completed_at: held.updated_at,
            released_at: payout
                .and_then(|payout| payout.latest.released_at)
                .or(sync.released_at),
            known: payout.map(|payout| KnownPayout {
                escrow_amount: payout.latest.amounts.escrow_amount,
                listed: payout.differing(),
            }),
            leased_until,
        })
    }

    /// Keeps a payout. An answer that was overtaken changes nothing.
    fn keep_payout(&mut self, fetched: &Escrow) -> Option<VersionCause> {
        let known = self.escrows.get(&fetched.key).map(|row| &row.latest);
        if known.is_some_and(|known| known.fetched_at > fetched.fetched_at) {
            return None;
        }
        let kept = fetched.clone().following(known);
        let cause = change(known, &kept);
        let row = self.escrows.entry(kept.key.clone());
        let row = row.or_insert_with(|| PayoutRow {
            latest: kept.clone(),
            versions: Vec::new(),
            listed: None,
        });
        match cause {
            Some(cause) => row.add_version(cause, kept.fetched_at, kept),
            None => row.latest.fetched_at = kept.fetched_at,
        }
        cause
    }

    /// Keeps when the money of an order was released whose payout was not captured yet.
    fn note_early_release(&mut self, key: &OrderKey, release: &Release) {
        if self.escrows.contains_key(key) {
            return;
        }
        if let Some(sync) = self.syncs.get_mut(key) {
            sync.released_at = sync.released_at.max(Some(release.released_at));
        }
    }

    /// Keeps a time of release that was not known or is later; answers whether it was one.
    fn note_release(&mut self, key: &OrderKey, release: &Release, now: Timestamp) -> bool {
        let Some(row) = self.escrows.get_mut(key) else {
            return false;
        };
        let known = row.latest.released_at;
        if known.is_some_and(|known| known >= release.released_at) {
            return false;
        }
        let released = Escrow {
            released_at: Some(release.released_at),
            ..row.latest.clone()
        };
        row.add_version(VersionCause::Released, now, released);
        true
    }

    /// Keeps what the list tells of a payout; answers whether that is a reason to ask for it.
    fn note_listed(&mut self, key: &OrderKey, release: &Release) -> bool {
        let Some(row) = self.escrows.get_mut(key) else {
            return true;
        };
        let is_past = row.latest.released_at > Some(release.released_at);
        let Some(told) = release.payout.filter(|_| !is_past) else {
            return false;
        };
        let before = row.differing();
        row.listed = Some(told);
        row.listed = row.differing();
        row.listed != before
    }

    /// Since when the order is completed, if it is.
    fn completed_at(&self, key: &OrderKey) -> Option<Timestamp> {
        let order = self.syncs.get(key)?.order?;
        match self.orders.get(&order)?.order.lifecycle {
            Lifecycle::Completed { at } => Some(at),
            Lifecycle::Pending | Lifecycle::Open | Lifecycle::Cancelled { .. } => None,
        }
    }

    /// A claim, if there is one, no longer holds the order. Answers how many orders it is.
    fn make_payout_due(&mut self, key: &OrderKey, now: Timestamp) -> u64 {
        self.syncs.get_mut(key).map_or(0, |sync| {
            let is_due = sync.escrow_due_at.filter(|at| *at <= now);
            sync.escrow_due_at = is_due.or(Some(now));
            1
        })
    }

    /// Reports on orders that their claims still hold.
    fn report_escrows(&mut self, claimed: &[DueEscrow], due_at: Option<Timestamp>) {
        for claim in claimed {
            if let Some(sync) = self.syncs.get_mut(&claim.key)
                && sync.escrow_due_at == Some(claim.leased_until)
            {
                sync.escrow_due_at = due_at;
            }
        }
    }
}
