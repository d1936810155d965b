//! Letting time pass for what only waits for it: leases of processes that were killed, and work that is
//! tried again in some minutes.
//!
//! A lease that has been there for some seconds although nothing goes wrong any more is nobody's: what
//! holds one works for milliseconds. Ending it early is what the clock would do later. That it would
//! harm nobody who holds it is part of what the proof shows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hawker_postgres::PgStore;

/// A lease that is as old as that was left behind.
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(6);

const LEASES: &str = "
    SELECT 'order:' || lease FROM tenant_default.connector_order WHERE lease_until > now()
    UNION SELECT 'alert:' || lease FROM tenant_default.connector_alert WHERE lease_until > now()
    UNION SELECT 'run:' || lease FROM public.schedule_run WHERE lease_until > now()";

const END_ORDERS: &str = "UPDATE tenant_default.connector_order SET lease_until = now() WHERE 'order:' || lease = ANY ($1)";
const END_ALERTS: &str = "UPDATE tenant_default.connector_alert SET lease_until = now() WHERE 'alert:' || lease = ANY ($1)";
const END_RUNS: &str =
    "UPDATE public.schedule_run SET lease_until = now() WHERE 'run:' || lease = ANY ($1)";

/// Runs that are tried again, and alerts.
const DUE_NOW: [&str; 2] = [
    "UPDATE public.schedule_run SET due_at = now() WHERE state = 'queued' AND due_at > now()",
    "UPDATE tenant_default.connector_alert SET next_attempt_at = now()
     WHERE delivered_at IS NULL AND lease IS NULL AND next_attempt_at > now()",
];

/// What an operator types to have events worked on again.
const RETRY: &str =
    "UPDATE tenant_default.shopee_raw_event SET processed = false WHERE NOT processed";

/// Payouts that were claimed by a process that is gone, or that are tried again within hours.
const PAYOUTS_SOON: &str = "
    SELECT id || ' ' || escrow_due_at FROM tenant_default.connector_order
    WHERE escrow_due_at > now() AND escrow_due_at < now() + interval '7 hours'";

const PAYOUTS_DUE: &str =
    "SELECT count(*) FROM tenant_default.connector_order WHERE escrow_due_at <= now()";

const PAYOUTS_DUE_NOW: &str = "
    UPDATE tenant_default.connector_order SET escrow_due_at = now()
    WHERE escrow_due_at > now() AND id || ' ' || escrow_due_at = ANY ($1)";

/// What was left behind, and what time was passed for.
#[derive(Default)]
pub struct Leases {
    /// When each lease was seen first.
    seen: BTreeMap<String, Instant>,
    /// Payouts that were hastened, with their times: one that is to be looked at again on another day is
    /// given the same time once more.
    hastened: BTreeSet<String>,
}

impl Leases {
    /// Ends those that were left behind, and lets the time of whatever waits come.
    pub async fn pass_time(&mut self, store: &PgStore) -> sqlx::Result<()> {
        let pool = store.pool();
        let held: Vec<String> = sqlx::query_scalar(LEASES).fetch_all(pool).await?;
        let now = Instant::now();
        self.seen.retain(|lease, _| held.contains(lease));
        for lease in held {
            self.seen.entry(lease).or_insert(now);
        }
        let seen = self.seen.iter();
        let left: Vec<String> = seen
            .filter(|(_, since)| now.duration_since(**since) > LEFT_BEHIND_AFTER)
            .map(|(lease, _)| lease.clone())
            .collect();
        if !left.is_empty() {
            for end in [END_ORDERS, END_ALERTS, END_RUNS] {
                sqlx::query(end).bind(&left).execute(pool).await?;
            }
        }
        for due_now in DUE_NOW {
            sqlx::query(due_now).execute(pool).await?;
        }
        Ok(())
    }

    /// Events that wait for their next try are tried now.
    pub async fn retry(store: &PgStore) -> sqlx::Result<()> {
        sqlx::query(RETRY).execute(store.pool()).await?;
        Ok(())
    }

    /// Lets the time of payouts come that wait for it within hours, once; answers whether all have come
    /// to rest.
    pub async fn payouts_rest(&mut self, store: &PgStore) -> sqlx::Result<bool> {
        let pool = store.pool();
        let soon: Vec<String> = sqlx::query_scalar(PAYOUTS_SOON).fetch_all(pool).await?;
        let new: Vec<String> = soon
            .into_iter()
            .filter(|payout| self.hastened.insert(payout.clone()))
            .collect();
        let due: i64 = sqlx::query_scalar(PAYOUTS_DUE).fetch_one(pool).await?;
        if !new.is_empty() {
            sqlx::query(PAYOUTS_DUE_NOW)
                .bind(&new)
                .execute(pool)
                .await?;
        }
        Ok(due == 0 && new.is_empty())
    }
}
