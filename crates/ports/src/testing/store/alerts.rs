//! Alerts that wait for a sink.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::Alert;
use hawker_domain::ids::{AlertId, LeaseId};

use super::state::{AlertRow, State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::alerts::{AlertOutbox, DueAlert};

#[async_trait]
impl AlertOutbox for InMemoryUnitOfWork {
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError> {
        self.write(|state| {
            for alert in alerts {
                if state.alerts.iter().any(|row| row.alert.id == alert.id) {
                    return Err(refused("alert", "the id is taken"));
                }
                state.alerts.push(AlertRow {
                    alert: alert.clone(),
                    attempts: 0,
                    next: now,
                    made_at: now,
                    lease: None,
                    delivered_at: None,
                });
            }
            Ok(())
        })
        .await
    }

    async fn claim(
        &mut self,
        sink: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueAlert>, StoreError> {
        self.write(|state| {
            let waiting: Vec<_> = state
                .alerts
                .iter()
                .filter(|row| row.delivered_at.is_none())
                .cloned()
                .collect();
            let is_first = |row: &AlertRow| !waiting.iter().any(|other| other.comes_before(row));
            let is_free = |row: &AlertRow| row.lease.is_none_or(|(_, until)| until <= now);
            let is_due = |row: &AlertRow| row.delivered_at.is_none() && row.next <= now;
            let mut due: Vec<_> = state
                .alerts
                .iter_mut()
                .filter(|row| {
                    row.alert.sink == sink && is_due(row) && is_free(row) && is_first(row)
                })
                .collect();
            due.sort_by_key(|row| (row.next, row.alert.id));
            due.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            let claimed = due.into_iter().map(|row| {
                row.lease = Some((lease, lease_until));
                DueAlert {
                    alert: row.alert.clone(),
                    attempts: row.attempts,
                }
            });
            Ok(claimed.collect())
        })
        .await
    }

    async fn delivered(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError> {
        self.write(|state| {
            if let Some(row) = state.undelivered(alert) {
                row.delivered_at = Some(now);
                row.lease = None;
            }
            Ok(())
        })
        .await
    }

    async fn failed(
        &mut self,
        alert: AlertId,
        _: &str,
        again_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            if let Some(row) = state.undelivered(alert) {
                row.attempts += 1;
                row.next = again_at;
                row.lease = None;
            }
            Ok(())
        })
        .await
    }

    async fn give_back(
        &mut self,
        lease: LeaseId,
        begun: Option<AlertId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let is_held = |row: &&mut AlertRow| row.lease.is_some_and(|(by, _)| by == lease);
            for row in state.alerts.iter_mut().filter(is_held) {
                row.lease = (begun == Some(row.alert.id)).then_some((lease, now));
            }
            Ok(())
        })
        .await
    }

    async fn withdraw(
        &mut self,
        keys: &[String],
        sinks: &[String],
    ) -> Result<Vec<Alert>, StoreError> {
        self.write(|state| {
            let is_withdrawn = |row: &mut AlertRow| {
                let AlertRow { alert, .. } = row;
                let key = alert.payload.thread();
                let is_of_these = key.is_some_and(|of| keys.iter().any(|key| key == of));
                let is_of_many = key.is_some() && key == alert.payload.group().as_deref();
                is_of_these
                    && sinks.contains(&alert.sink)
                    && !(is_of_many && alert.threads.is_empty())
                    && row.delivered_at.is_none()
                    && row.lease.is_none()
            };
            let mut withdrawn: Vec<_> = state.alerts.extract_if(.., is_withdrawn).collect();
            withdrawn.sort_by_key(|row| (row.made_at, row.alert.id));
            Ok(withdrawn.into_iter().map(|row| row.alert).collect())
        })
        .await
    }

    async fn adopt(
        &mut self,
        sinks: &[String],
        served: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let Some(heir) = sinks.first() else {
            return Ok(0);
        };
        self.write(|state| {
            let ours = |row: &AlertRow| sinks.contains(&row.alert.sink);
            let given: Vec<_> = state
                .alerts
                .iter()
                .filter(|row| ours(row))
                .cloned()
                .collect();
            let is_orphan = |row: &AlertRow| {
                row.delivered_at.is_none()
                    && row.made_at < gone_since
                    && row.lease.is_none_or(|(_, until)| until <= now)
                    && !ours(row)
                    && !served.contains(&row.alert.sink)
            };
            let is_told_elsewhere = |row: &AlertRow| {
                let thread = row.alert.payload.thread();
                let mut others = given.iter();
                thread.is_some()
                    && others.any(|other| {
                        other.alert.payload.thread() == thread && other.made_at >= row.made_at
                    })
            };
            state
                .alerts
                .retain(|row| !(is_orphan(row) && is_told_elsewhere(row)));
            let mut moved = 0;
            for row in state.alerts.iter_mut().filter(|row| is_orphan(row)) {
                row.alert.sink.clone_from(heir);
                (row.attempts, row.next, row.lease) = (0, now, None);
                moved += 1;
            }
            Ok(moved)
        })
        .await
    }

    async fn forget_delivered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        self.write(|state| {
            let old = |row: &AlertRow| row.delivered_at.is_some_and(|at| at < before);
            let mut ids: Vec<_> = state
                .alerts
                .iter()
                .filter(|row| old(row))
                .map(|row| (row.delivered_at, row.alert.id))
                .collect();
            ids.sort_unstable();
            ids.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            let is_forgotten = |row: &AlertRow| ids.contains(&(row.delivered_at, row.alert.id));
            state.alerts.retain(|row| !is_forgotten(row));
            Ok(ids.iter().map(|_| 1).sum())
        })
        .await
    }
}

impl AlertRow {
    /// Whether another one, of the same sink and thread or of many among which that is, has to be
    /// delivered after this.
    fn comes_before(&self, other: &Self) -> bool {
        let Some(key) = self.alert.payload.thread() else {
            return false;
        };
        let Alert {
            payload, threads, ..
        } = &other.alert;
        let is_of_it = payload.thread() == Some(key)
            || payload.group().is_some_and(|group| group == key)
            || threads.iter().any(|thread| thread.to_string() == key);
        is_of_it
            && self.alert.sink == other.alert.sink
            && (self.made_at, self.alert.id) < (other.made_at, other.alert.id)
    }
}

impl State {
    fn undelivered(&mut self, alert: AlertId) -> Option<&mut AlertRow> {
        let mut rows = self.alerts.iter_mut();
        rows.find(|row| row.alert.id == alert && row.delivered_at.is_none())
    }
}
