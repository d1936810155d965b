//! Seal every secret of a tenant anew under the key in force, while the service runs.
//!
//! A secret is replaced only where it still is as it was read: one that is saved at the same moment
//! wins. What is sealed under the key in force is left alone, so it can be broken off and begun again
//! at any point; that it was begun stands in the audit log by then. What cannot be opened is named and
//! left as it is.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::secrets::{Resealed, SecretPlace, StoredSecret};
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError};

/// Secrets that are read and written in one transaction.
const BATCH: u32 = 100;

/// Seals secrets anew.
pub struct RotateKeys {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Opens and seals them.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// What became of the secrets so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets that were looked at.
    pub seen: u64,
    /// Of these, those that are sealed under the key in force by now because of this.
    pub resealed: u64,
    /// Of these, those that somebody saved at the same moment: they are sealed under the key in
    /// force of whoever did.
    pub saved_meanwhile: u64,
    /// Of these, those that no key opens.
    pub unreadable: Vec<SecretPlace>,
    /// The last that was looked at; with it as `after` the walk goes on from here.
    pub last: Option<SecretPlace>,
}

/// How the secrets are sealed at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealing {
    /// Secrets that are sealed under the key in force.
    pub in_force: u64,
    /// Secrets that are sealed under an earlier one.
    pub earlier: u64,
    /// Secrets that no key opens.
    pub unreadable: Vec<SecretPlace>,
}

impl RotateKeys {
    /// Looks at every secret and changes nothing.
    pub async fn sealing(&self, tenant: &TenantSlug) -> Result<Sealing, StoreError> {
        let mut sealing = Sealing::default();
        let mut last = None;
        loop {
            let mut uow = self.store.begin(tenant).await?; // read only
            let page = uow.secrets().page(last.as_ref(), BATCH).await?;
            drop(uow);
            for StoredSecret { place, sealed } in &page {
                match self.sealer.is_in_force(sealed) {
                    Ok(true) => sealing.in_force += 1,
                    Ok(false) => sealing.earlier += 1,
                    Err(_) => sealing.unreadable.push(place.clone()),
                }
            }
            last = page.last().map(|secret| secret.place.clone());
            if last.is_none() {
                return Ok(sealing);
            }
        }
    }

    /// Walks every secret behind `after`; tells after each batch how far it has come.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        after: Option<SecretPlace>,
        on_batch: &mut (dyn FnMut(&Rotated) + Send),
    ) -> Result<Rotated, StoreError> {
        let mut rotated = Rotated {
            last: after,
            ..Rotated::default()
        };
        while self.batch(tenant, &mut rotated).await? {
            on_batch(&rotated);
        }
        if rotated.seen > 0 {
            let mut uow = self.store.begin(tenant).await?;
            let entry = self
                .entry(tenant, "keys.rotated")
                .with("seen", rotated.seen)
                .with("resealed", rotated.resealed)
                .with("unreadable", rotated.unreadable.len());
            uow.audit().record(&[entry]).await?;
            uow.commit().await?;
        }
        tracing::info!(
            event = "keys.rotated", %tenant, seen = rotated.seen, resealed = rotated.resealed,
            unreadable = rotated.unreadable.len(), "secrets were sealed anew"
        );
        Ok(rotated)
    }

    /// Seals the next secrets anew; `false` when there are none left.
    async fn batch(&self, tenant: &TenantSlug, rotated: &mut Rotated) -> Result<bool, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let page = uow.secrets().page(rotated.last.as_ref(), BATCH).await?;
        let Some(last) = page.last() else {
            drop(uow);
            return Ok(false);
        };
        let last = last.place.clone();
        let mut anew = Vec::new();
        let mut unreadable = Vec::new();
        for secret in &page {
            match self.sealed_anew(secret) {
                Ok(resealed) => anew.extend(resealed),
                Err(error) => {
                    let SecretPlace { column, row } = &secret.place;
                    tracing::error!(column, row, %error, "a secret cannot be sealed anew");
                    unreadable.push(secret.place.clone());
                }
            }
        }
        let replaced = uow.secrets().replace(&anew).await?;
        if rotated.resealed == 0 && replaced > 0 {
            let entry = self.entry(tenant, "keys.rotation_begun");
            uow.audit().record(&[entry]).await?;
        }
        uow.commit().await?;
        rotated.seen += count(page.len());
        rotated.resealed += replaced;
        rotated.saved_meanwhile += count(anew.len()).saturating_sub(replaced);
        rotated.unreadable.extend(unreadable);
        rotated.last = Some(last);
        Ok(true)
    }

    /// The secret under the key in force, if it is not sealed under it.
    fn sealed_anew(&self, secret: &StoredSecret) -> Result<Option<Resealed>, SealError> {
        let StoredSecret { place, sealed } = secret;
        if self.sealer.is_in_force(sealed)? {
            return Ok(None);
        }
        let opened = self.sealer.open(sealed)?;
        Ok(Some(Resealed {
            place: place.clone(),
            old: sealed.clone(),
            new: self.sealer.seal(&opened)?,
        }))
    }

    fn entry(&self, tenant: &TenantSlug, action: &'static str) -> AuditEntry {
        let subject = format!("tenant:{tenant}");
        let now = self.clock.now();
        AuditEntry::new(&Actor::terminal(), action, subject, now, &*self.ids)
    }
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
