//! Exceptions: one row per cause and subject that is open or was left as it is.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::exception::{ErrorClass, ExceptionStatus, RaisedException, Resolution, Subject};
use hawker_domain::order::LineStock;

use super::state::{ExceptionRow, State};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::exceptions::{Clearance, ExceptionRepository, OpenException, ProfileClearance};

/// Who resolves what goes away by itself.
const BY_ITSELF: &str = "hawker";

#[async_trait]
impl ExceptionRepository for InMemoryUnitOfWork {
    async fn raise(
        &mut self,
        raised: &[RaisedException],
        now: Timestamp,
    ) -> Result<Vec<OpenException>, StoreError> {
        self.write(|state| Ok(raised.iter().map(|one| state.raise(one, now)).collect()))
            .await
    }

    async fn clear(&mut self, clearances: &[Clearance], now: Timestamp) -> Result<u64, StoreError> {
        self.write(|state| {
            for Clearance { order, remaining } in clearances {
                state.date(order, &remaining.deadlines);
            }
            Ok(state.resolve(now, |row| {
                clearances.iter().any(|clearance| {
                    let Clearance { order, remaining } = clearance;
                    let stands = |(class, key): &(ErrorClass, String)| {
                        *class == row.cause.class && *key == row.cause.key
                    };
                    row.subject.order_key().as_ref() == Some(order)
                        && !remaining.causes.iter().any(stands)
                        && !remaining.classes.contains(&row.cause.class)
                })
            }))
        })
        .await
    }

    async fn clear_profiles(
        &mut self,
        clearances: &[ProfileClearance],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(|state| {
            Ok(state.resolve(now, |row| {
                row.subject.order_sn.is_none()
                    && clearances.iter().any(|over| {
                        row.subject.connector == over.connector
                            && row.subject.environment == over.environment
                            && row.subject.profile == over.profile
                            && row.cause.class == over.class
                            && over.cause.as_ref().is_none_or(|key| *key == row.cause.key)
                            && row.last_seen_at < over.quiet_since
                    })
            }))
        })
        .await
    }

    async fn clear_restocked(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|state| {
            let short = state.oversold();
            Ok(state.resolve(now, |row| {
                let still_short = row
                    .subject
                    .order_key()
                    .map(|order| (order, row.cause.key.clone()));
                row.cause.class == ErrorClass::Oversold
                    && still_short.is_none_or(|key| !short.contains(&key))
            }))
        })
        .await
    }
}

impl State {
    fn raise(&mut self, raised: &RaisedException, now: Timestamp) -> OpenException {
        let RaisedException {
            id,
            subject,
            cause,
            occurrences,
        } = raised;
        let same = |row: &&mut ExceptionRow| {
            row.status != ExceptionStatus::Resolved
                && row.cause.class == cause.class
                && row.cause.key == cause.key
                && is_about_the_same(&row.subject, subject)
        };
        if let Some(open) = self.exceptions.iter_mut().find(same) {
            open.recurrences += occurrences;
            open.last_seen_at = now;
            open.cause = cause.clone();
            open.subject.event = subject.event.or(open.subject.event);
            return OpenException {
                id: open.id,
                is_new: false,
            };
        }
        self.exceptions.push(ExceptionRow {
            id: *id,
            subject: subject.clone(),
            cause: cause.clone(),
            status: ExceptionStatus::Open,
            recurrences: occurrences.saturating_sub(1),
            first_seen_at: now,
            last_seen_at: now,
            resolution: None,
            assignee: None,
            snoozed_until: None,
            notes: Vec::new(),
            retries: Vec::new(),
            told_in: None,
            snoozed_in: None,
        });
        OpenException {
            id: *id,
            is_new: true,
        }
    }

    /// What stands of an order is due when its cause is due now.
    fn date(&mut self, order: &OrderKey, deadlines: &[(ErrorClass, String, Timestamp)]) {
        let standing = self.exceptions.iter_mut().filter(|row| {
            row.status != ExceptionStatus::Resolved
                && row.subject.order_key().as_ref() == Some(order)
        });
        for row in standing {
            let dated = deadlines
                .iter()
                .find(|(class, key, _)| *class == row.cause.class && *key == row.cause.key);
            if let Some((_, _, due_at)) = dated {
                row.cause.due_at = Some(*due_at);
            }
        }
    }

    fn resolve(&mut self, now: Timestamp, is_gone: impl Fn(&ExceptionRow) -> bool) -> u64 {
        let gone = self
            .exceptions
            .iter_mut()
            .filter(|row| row.status != ExceptionStatus::Resolved && is_gone(row));
        gone.map(|row| {
            row.status = ExceptionStatus::Resolved;
            row.resolution = Some(Resolution {
                at: now,
                by: BY_ITSELF.into(),
            });
        })
        .map(|()| 1)
        .sum()
    }

    /// The causes of being oversold that still stand: lines that hold pieces which are not there.
    fn oversold(&self) -> Vec<(OrderKey, String)> {
        let levels = self.levels();
        let available = |wanted| -> i64 {
            let of_variant = levels.iter().filter(|((variant, _), _)| *variant == wanted);
            of_variant.map(|(_, level)| level.available()).sum()
        };
        let orders = self.orders.values().map(|row| &row.order);
        orders
            .flat_map(|order| order.lines.iter().map(move |line| (&order.key, line)))
            .filter(
                |(_, line)| matches!(&line.stock, LineStock::Reserved(held) if !held.is_empty()),
            )
            .filter(|(_, line)| line.variant.is_some_and(|variant| available(variant) < 0))
            .map(|(key, line)| {
                let sku = line.sku.as_ref().map_or("", |sku| sku.as_str());
                (key.clone(), format!("sku:{sku}"))
            })
            .collect()
    }
}

/// An exception of an order is about the order, whichever profile showed it; any other is about
/// its profile.
pub(super) fn is_about_the_same(a: &Subject, b: &Subject) -> bool {
    match (a.order_key(), b.order_key()) {
        (None, None) => {
            (a.connector, a.environment, &a.profile) == (b.connector, b.environment, &b.profile)
        }
        (a, b) => a == b,
    }
}
