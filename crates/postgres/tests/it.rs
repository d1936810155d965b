//! What only Postgres can show: migrations, isolation by grants, claims by many workers, rules that
//! the database keeps whoever writes.

#[path = "it/alert_plans.rs"]
mod alert_plans;
#[path = "it/alert_threads.rs"]
mod alert_threads;
#[path = "it/api_tokens.rs"]
mod api_tokens;
#[path = "it/claims.rs"]
mod claims;
#[path = "it/deletions.rs"]
mod deletions;
#[path = "it/exception_plans.rs"]
mod exception_plans;
#[path = "it/exception_queue.rs"]
mod exception_queue;
#[path = "it/hand_made_rows.rs"]
mod hand_made_rows;
#[path = "it/isolation.rs"]
mod isolation;
#[path = "it/journal.rs"]
mod journal;
#[path = "it/migrations.rs"]
mod migrations;
#[path = "it/payouts.rs"]
mod payouts;
#[path = "it/plans.rs"]
mod plans;
#[path = "it/profiles.rs"]
mod profiles;
#[path = "it/reconciling.rs"]
mod reconciling;
#[path = "it/recovery_plans.rs"]
mod recovery_plans;
#[path = "it/retention.rs"]
mod retention;
#[path = "it/runbook.rs"]
mod runbook;
#[path = "it/schedules.rs"]
mod schedules;
#[path = "it/secrets.rs"]
mod secrets;
#[path = "it/sku_release.rs"]
mod sku_release;
#[path = "it/stock.rs"]
mod stock;
#[path = "it/tokens.rs"]
mod tokens;
#[path = "it/upgrades.rs"]
mod upgrades;
#[path = "it/workshop.rs"]
mod workshop;
