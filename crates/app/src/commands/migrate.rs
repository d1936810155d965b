//! `hawker migrate`.

use hawker_domain::TenantSlug;
use hawker_postgres::migrate::{self, MigrateError, MigrationProgress, MigrationReport};

use crate::config::{Variables, database_url};
use crate::exit::Unreachable;
use crate::output::{self, line};
use crate::wiring;

/// Tells each step as it is done. A reader that went away is no reason to stop half-way.
struct Lines;

impl MigrationProgress for Lines {
    fn control_plane_done(&self, applied: u64) {
        line(&format!("control plane: {}", told(applied))).ok();
    }

    fn tenant_started(&self, _: &TenantSlug) {}

    fn tenant_done(&self, tenant: &TenantSlug, applied: u64) {
        line(&format!("tenant {tenant}: {}", told(applied))).ok();
    }

    fn tenant_failed(&self, tenant: &TenantSlug, error: &MigrateError) {
        line(&format!(
            "tenant {tenant}: FAILED, nothing of it was changed: {}",
            chain(error)
        ))
        .ok();
    }

    fn warning(&self, text: &str) {
        line(&format!("note: {text}")).ok();
    }
}

fn told(applied: u64) -> String {
    match applied {
        0 => "up to date".to_owned(),
        1 => "1 migration applied".to_owned(),
        several => format!("{several} migrations applied"),
    }
}

pub(crate) async fn migrate(variables: &Variables, json: bool) -> anyhow::Result<()> {
    let store = wiring::store_for_command(&database_url(variables)?)?;
    let progress: &dyn MigrationProgress = if json { &migrate::Silent } else { &Lines };
    let report = migrate::run(&store, progress)
        .await
        .map_err(|error| match error {
            MigrateError::Unreachable(cause) => Unreachable(cause.into()).into(),
            error => anyhow::Error::new(error),
        })?;
    if json {
        output::json(&as_json(&report))?;
    }
    let failed = report.failures().count();
    anyhow::ensure!(
        failed == 0,
        "{failed} of {} tenants could not be brought up to date",
        report.tenants.len()
    );
    Ok(())
}

fn as_json(report: &MigrationReport) -> serde_json::Value {
    let tenants: Vec<_> = report
        .tenants
        .iter()
        .map(|one| match &one.outcome {
            Ok(applied) => serde_json::json!({ "tenant": one.tenant.as_str(), "applied": applied }),
            Err(error) => {
                serde_json::json!({ "tenant": one.tenant.as_str(), "error": chain(error) })
            }
        })
        .collect();
    serde_json::json!({ "control_applied": report.control_applied, "tenants": tenants })
}

/// An error with its causes in one line.
fn chain(error: &MigrateError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
