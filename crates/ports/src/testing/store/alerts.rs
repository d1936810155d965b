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
            let is_free = |row: &AlertRow| row.lease.is_none_or(|(_, until)| until <= now);
            let is_due = |row: &AlertRow| row.delivered_at.is_none() && row.next <= now;
            let mut due: Vec<_> = state
                .alerts
                .iter_mut()
                .filter(|row| row.alert.sink == sink && is_due(row) && is_free(row))
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

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        self.write(|state| {
            for row in &mut state.alerts {
                row.lease = row.lease.filter(|(held_by, _)| *held_by != lease);
            }
            Ok(())
        })
        .await
    }
}

impl State {
    fn undelivered(&mut self, alert: AlertId) -> Option<&mut AlertRow> {
        let mut rows = self.alerts.iter_mut();
        rows.find(|row| row.alert.id == alert && row.delivered_at.is_none())
    }
}
