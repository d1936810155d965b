//! Authorise a shop: the link that its seller follows, and the way back with a code that is
//! exchanged for a token pair.
//!
//! The signed form of the link carries no state of ours, so a nonce is part of the URL that the seller
//! comes back to. It is good for one use, and it is used up before anything else happens. From the
//! exchange of the code on nothing is left half done when the browser goes away: the code is gone
//! by then.

mod error;
mod exchange;
mod keeping;
mod settling;
mod statuses;

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{CallbackUrls, PublicBaseUrl};
use hawker_domain::{Environment, IdSource, ShopId, TenantSlug, Timestamp};
use hawker_ports::authorisation::{Authoriser, Grantee, PendingAuthorisation, Redeemed};
use hawker_ports::sealing::TokenMint;
use hawker_ports::shops::ShopDesk;
use hawker_ports::{Clock, Sealer, Store};
use secrecy::{ExposeSecret as _, SecretString};

use crate::carried::carried;
use crate::chain::chain;
use crate::refresh_locations::RefreshLocations;
use crate::tokens::ShopTokens;
pub use error::{ComeBackError, StartError};
use exchange::Proof;
pub use statuses::STATUSES;

/// How long a link is good for (shopee.md §2.2).
const LINK_LIFE: TimeDelta = TimeDelta::minutes(5);

/// How long a seller may take from the link to the way back: to follow it, to sign in, to agree.
const WAY_BACK_LIFE: TimeDelta = TimeDelta::minutes(15);

/// Authorises shops.
#[derive(Clone)]
pub struct AuthoriseShop {
    /// Where profiles, pairs and what was asked for are.
    pub store: Arc<dyn Store>,
    /// Makes links and exchanges codes.
    pub authoriser: Arc<dyn Authoriser>,
    /// Opens keys and seals tokens.
    pub sealer: Arc<dyn Sealer>,
    /// Makes nonces.
    pub mint: Arc<dyn TokenMint>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// `PUBLIC_API_BASE_URL`: where sellers come back to.
    pub public_api_base_url: Option<PublicBaseUrl>,
    /// Says when an authorisation ends.
    pub desk: Arc<dyn ShopDesk>,
    /// Renews the pairs of a main account.
    pub tokens: Arc<ShopTokens>,
    /// Fetches the warehouses of a shop that was authorised for the first time.
    pub locations: Arc<RefreshLocations>,
}

/// An authorisation that was asked for.
pub struct StartedAuthorisation {
    /// Where the seller's browser is sent. Good for one use by whoever has it: not for a log.
    pub link: String,
    /// The profile.
    pub profile: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
    /// Where the seller comes back to, without the nonce; its origin has to be known to the
    /// marketplace's console.
    pub redirect: String,
    /// Until when the link is good.
    pub expires_at: Timestamp,
}

/// A seller comes back from the marketplace.
pub struct ComeBack {
    /// The nonce.
    pub nonce: Option<String>,
    /// The profile that the URL names.
    pub profile: Option<ProfileId>,
    /// The environment that the URL names.
    pub environment: Environment,
    /// The code; absent or blank when the seller did not agree.
    pub code: Option<SecretString>,
    /// The shop that it is for.
    pub shop: Option<ShopId>,
    /// The main account that it is for.
    pub main_account: Option<i64>,
}

/// Shops that were authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorised {
    /// By way of this profile.
    pub profile: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
    /// The shops.
    pub shops: Vec<ShopId>,
    /// Whether none of them had been authorised before.
    pub is_first: bool,
}

impl AuthoriseShop {
    /// Makes a link for the seller of the profile's shop.
    pub async fn start(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        actor: &Actor,
    ) -> Result<StartedAuthorisation, StartError> {
        let found = self.profile(tenant, profile).await?;
        let profile = found.ok_or_else(|| StartError::NoSuchProfile(profile.clone()))?;
        let app = self.app(&profile)?;
        let base = self.public_api_base_url.as_ref();
        let base = base.ok_or(StartError::NoPublicBaseUrl)?;
        let redirect = CallbackUrls::of(base, profile.environment, &profile.id).oauth;
        let nonce = self.mint.mint("")?;
        let nonce = nonce.expose_secret();
        let way_back = format!("{redirect}&nonce={nonce}");
        let link = self.authoriser.authorisation_link(&app, &way_back)?;

        let now = self.clock.now();
        let asked = PendingAuthorisation {
            nonce: self.mint.digest(nonce.as_bytes()),
            profile: profile.id.clone(),
            asked_by: actor.clone(),
            expires_at: now + WAY_BACK_LIFE,
        };
        let subject = format!("profile:{}", profile.id);
        let entry = AuditEntry::new(actor, "authorisation.started", subject, now, &*self.ids);
        let mut uow = self.store.begin(tenant).await?;
        uow.authorisations().ask(&asked, now).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        Ok(StartedAuthorisation {
            link,
            profile: profile.id,
            environment: profile.environment,
            redirect,
            expires_at: now + LINK_LIFE,
        })
    }

    /// A seller comes back. The nonce is used up by it, whatever comes of the rest.
    pub async fn come_back(
        &self,
        tenant: &TenantSlug,
        way: &ComeBack,
    ) -> Result<Authorised, ComeBackError> {
        let profile = self.redeem(tenant, way).await?;
        let code = way.code.as_ref().filter(|code| !is_blank(code));
        let code = code.ok_or(ComeBackError::Denied)?.clone();
        let grantee = match (way.shop, way.main_account) {
            (Some(shop), _) => Some(Grantee::Shop(shop)),
            (None, Some(account)) => Some(Grantee::MainAccount(account)),
            (None, None) => None,
        };
        let found = self.profile(tenant, &profile).await?;
        if found.is_some_and(|found| found.environment != way.environment) {
            return Err(ComeBackError::InvalidState);
        }
        let proof = Proof::Code(code, grantee);
        self.carry(tenant, &profile, proof, &Actor::seller()).await
    }

    /// Exchanges a code that somebody at a terminal read off the URL that the seller came back to.
    pub async fn exchange(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        code: &SecretString,
        grantee: Grantee,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        if is_blank(code) {
            return Err(ComeBackError::Denied);
        }
        let proof = Proof::Code(code.clone(), Some(grantee));
        self.carry(tenant, profile, proof, actor).await
    }

    /// Exchanges a resend code: the way out when the answer to a renewal was lost.
    pub async fn redeem_resend_code(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        code: &SecretString,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        if is_blank(code) {
            return Err(ComeBackError::Denied);
        }
        let proof = Proof::ResendCode(code.clone());
        self.carry(tenant, profile, proof, actor).await
    }

    /// Uses the nonce up, in a commit of its own; answers the profile that it was made for.
    async fn redeem(
        &self,
        tenant: &TenantSlug,
        way: &ComeBack,
    ) -> Result<ProfileId, ComeBackError> {
        let nonce = way.nonce.as_ref().ok_or(ComeBackError::InvalidState)?;
        let digest = self.mint.digest(nonce.as_bytes());
        let mut uow = self.store.begin(tenant).await?;
        let redeemed = uow
            .authorisations()
            .redeem(&digest, self.clock.now())
            .await?;
        uow.commit().await?;
        match redeemed {
            Redeemed::Good { profile }
                if way.profile.as_ref().is_none_or(|named| *named == profile) =>
            {
                Ok(profile)
            }
            Redeemed::Good { .. } | Redeemed::Unknown => Err(ComeBackError::InvalidState),
            Redeemed::Used => Err(ComeBackError::StateUsed),
            Redeemed::Expired => Err(ComeBackError::StateExpired),
        }
    }

    /// Goes through with it even when nobody waits for it any more.
    async fn carry(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        proof: Proof,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        let (this, tenant, profile, actor) =
            (self.clone(), tenant.clone(), profile.clone(), actor.clone());
        let work = async move {
            let authorised = this.authorise(&tenant, &profile, &proof, &actor).await;
            if let Err(error) = &authorised {
                tracing::warn!(
                    event = "authorisation.failed", profile_id = %profile,
                    status = error.status(), error = %chain(error), "no shop was authorised"
                );
            }
            authorised
        };
        carried(&*self.tokens.background, work).await
    }

    async fn authorise(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        proof: &Proof,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        let found = self.profile(tenant, profile).await?;
        let profile = found.ok_or_else(|| ComeBackError::NoSuchProfile(profile.clone()))?;
        let app = self.app(&profile)?;
        let kept = self.redeem_proof(&profile, &app, proof).await?;
        let authorised = self.keep(tenant, &profile, &kept, actor).await?;
        self.settle(tenant, &authorised, &kept, actor).await;
        Ok(authorised)
    }
}

fn is_blank(secret: &SecretString) -> bool {
    secret.expose_secret().trim().is_empty()
}
