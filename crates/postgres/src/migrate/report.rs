//! What a migration tells while it runs and when it is done.

use hawker_domain::TenantSlug;

use super::MigrateError;

/// Follows a migration while it runs.
pub trait MigrationProgress: Send + Sync {
    /// The control plane is up to date after so many migrations.
    fn control_plane_done(&self, applied: u64);
    /// A tenant's turn has come.
    fn tenant_started(&self, tenant: &TenantSlug);
    /// A tenant is up to date after so many migrations.
    fn tenant_done(&self, tenant: &TenantSlug, applied: u64);
    /// A tenant could not be brought up to date; it is as it was.
    fn tenant_failed(&self, tenant: &TenantSlug, error: &MigrateError);
    /// Something to know that stops nobody.
    fn warning(&self, text: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl MigrationProgress for Silent {
    fn control_plane_done(&self, _: u64) {}
    fn tenant_started(&self, _: &TenantSlug) {}
    fn tenant_done(&self, _: &TenantSlug, _: u64) {}
    fn tenant_failed(&self, _: &TenantSlug, _: &MigrateError) {}
    fn warning(&self, _: &str) {}
}

/// What a migration came to.
#[derive(Debug)]
pub struct MigrationReport {
    /// How many migrations the control plane was missing.
    pub control_applied: u64,
    /// Every tenant, in the order of their names.
    pub tenants: Vec<TenantMigration>,
}

/// What the migration of one tenant came to.
#[derive(Debug)]
pub struct TenantMigration {
    /// Which tenant.
    pub tenant: TenantSlug,
    /// How many migrations it was missing, or why it still misses them.
    pub outcome: Result<u64, MigrateError>,
}

impl MigrationReport {
    /// The tenants that could not be brought up to date, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&TenantSlug, &MigrateError)> {
        self.tenants
            .iter()
            .filter_map(|one| Some((&one.tenant, one.outcome.as_ref().err()?)))
    }
}
