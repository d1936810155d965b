//! From a profile and a code to a pair. What would make the pair useless is found out before the code
//! is used up.

use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{base_url, missing};
use hawker_ports::StoreError;
use hawker_ports::authorisation::Grantee;
use hawker_ports::marketplace::AppAccess;
use hawker_ports::profiles::Profile;
use secrecy::SecretString;

use super::error::Unusable;
use super::keeping::{Kept, expect_shop};
use super::{AuthoriseShop, ComeBackError};

/// What an authorisation is proved by.
pub(super) enum Proof {
    /// A code, and for whom; by default for the profile's own shop.
    Code(SecretString, Option<Grantee>),
    /// A code that the marketplace's support gave out.
    ResendCode(SecretString),
}

impl AuthoriseShop {
    /// Exchanges the code.
    pub(super) async fn redeem_proof(
        &self,
        profile: &Profile,
        app: &AppAccess,
        proof: &Proof,
    ) -> Result<Kept, ComeBackError> {
        let asked_at = self.clock.now();
        let (Proof::Code(code, _) | Proof::ResendCode(code)) = proof;
        let sealed = self.sealer.seal(code);
        sealed.map_err(|error| Unusable::unreadable(profile, error))?;
        let (grant, grantee) = match proof {
            Proof::Code(code, grantee) => {
                let own = profile.shop.map(Grantee::Shop);
                let grantee = grantee.or(own).ok_or(ComeBackError::NamesNoShop)?;
                if let Grantee::Shop(shop) = grantee {
                    expect_shop(profile, &[shop])?;
                }
                let grant = self.authoriser.exchange_code(app, code, grantee).await;
                (grant, Some(grantee))
            }
            Proof::ResendCode(code) => (self.authoriser.redeem_resend_code(app, code).await, None),
        };
        let grant = grant.map_err(ComeBackError::by)?;
        Kept::of(profile, grant, grantee, asked_at)
    }

    /// The profile, unless it was deleted.
    pub(super) async fn profile(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Option<Profile>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = uow.profiles().find(profile).await?;
        Ok(found.filter(|found| found.deleted_at.is_none()))
    }

    /// What calls as the profile's app need.
    pub(super) fn app(&self, profile: &Profile) -> Result<AppAccess, Unusable> {
        let (Some(partner_id), Some(key)) = (profile.partner_id, &profile.partner_key) else {
            return Err(Unusable::NotConfigured {
                profile: profile.id.clone(),
                missing: missing(
                    profile.partner_id.is_some(),
                    profile.partner_key.is_some(),
                    true,
                ),
            });
        };
        let opened = self.sealer.open(key);
        Ok(AppAccess {
            profile: profile.id.clone(),
            base_url: base_url(profile.region, profile.base_url_override.as_deref()),
            partner_id,
            partner_key: opened.map_err(|error| Unusable::unreadable(profile, error))?,
        })
    }
}
