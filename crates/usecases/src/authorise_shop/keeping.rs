//! Keep what a code was exchanged for: the pairs, the profile's shop, and the end of whatever was
//! open for want of them. All of it together or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{ProfileId, TokenId};
use hawker_domain::token::REFRESH_TOKEN_LIFE;
use hawker_domain::{ConnectorName, ShopId, TenantSlug, Timestamp};
use hawker_ports::authorisation::{Grant, GrantedPair, Grantee};
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::{NewToken, StoredToken, TokenKey};
use hawker_ports::{Sealed, StoreError, UnitOfWork};

use super::error::Unusable;
use super::{AuthoriseShop, Authorised, ComeBackError};
use crate::raise::clear_profile;

/// How often storing is tried again while the database is away for a moment: the code is used up.
const STORE_AGAIN_MAX: u32 = 5;

/// The first wait before that; doubled with each try.
const STORE_AGAIN: Duration = Duration::from_millis(200);

/// Everything about a profile's token is over with a new pair.
const OVER: [(ErrorClass, Option<&str>); 1] = [(ErrorClass::TokenExpired, None)];

/// What a code was exchanged for, and for which shops it is kept.
pub(super) struct Kept {
    pub(super) connector: ConnectorName,
    pub(super) shops: Vec<ShopId>,
    /// Several shops share the pair, or may: each has to be renewed before its first use.
    pub(super) is_shared: bool,
    pair: GrantedPair,
    /// Of the app that the code was exchanged with; the profile may be given another one meanwhile.
    partner_id: Option<i64>,
    merchants: Vec<i64>,
    suppliers: Vec<i64>,
    main_account: Option<i64>,
    asked_at: Timestamp,
}

/// The new pair, sealed.
struct SealedPair {
    access_token: Sealed,
    refresh_token: Sealed,
}

impl Kept {
    /// What `grantee`, or a resend code, gave the profile.
    pub(super) fn of(
        profile: &Profile,
        grant: Grant,
        grantee: Option<Grantee>,
        asked_at: Timestamp,
    ) -> Result<Self, ComeBackError> {
        let Grant {
            pair,
            mut shops,
            merchants,
            suppliers,
        } = grant;
        shops.sort_unstable();
        shops.dedup();
        if let (Some(Grantee::Shop(shop)), true) = (grantee, shops.is_empty()) {
            // Of a shop's own authorisation the answer names none (shopee.md §3.2).
            shops.push(shop);
        }
        if let (Some(shop), true) = (profile.shop, shops.is_empty()) {
            shops.push(shop);
        }
        if shops.is_empty() {
            return Err(ComeBackError::NamesNoShop);
        }
        let main_account = match grantee {
            Some(Grantee::MainAccount(account)) => Some(account),
            Some(Grantee::Shop(_)) | None => None,
        };
        Ok(Self {
            connector: profile.connector,
            is_shared: main_account.is_some() || shops.len() > 1,
            shops,
            pair,
            partner_id: profile.partner_id,
            merchants,
            suppliers,
            main_account,
            asked_at,
        })
    }

    fn token(&self, id: TokenId, profile: &Profile, shop: ShopId, sealed: &SealedPair) -> NewToken {
        let life = if self.is_shared {
            Duration::ZERO
        } else {
            self.pair.expires_in
        };
        NewToken {
            id,
            connector: profile.connector,
            environment: profile.environment,
            profile: profile.id.clone(),
            partner_id: self.partner_id,
            shop,
            access_token: sealed.access_token.clone(),
            refresh_token: sealed.refresh_token.clone(),
            expires_at: self.asked_at + life,
            refresh_token_ends_at: self.asked_at + REFRESH_TOKEN_LIFE,
            authorisation_ends_at: None,
            main_account: self.main_account,
            shops: self.shops.clone(),
            merchants: self.merchants.clone(),
            suppliers: self.suppliers.clone(),
            payload: self.pair.payload.clone(),
        }
    }
}

/// The shop of the profile is among those that were authorised, if it has one.
pub(super) fn expect_shop(profile: &Profile, given: &[ShopId]) -> Result<(), ComeBackError> {
    match profile.shop {
        Some(expected) if !given.contains(&expected) => Err(ComeBackError::ShopMismatch {
            profile: profile.id.clone(),
            expected,
            given: given.to_vec(),
            kept: Vec::new(),
        }),
        _ => Ok(()),
    }
}

impl AuthoriseShop {
    /// Keeps the pairs; tries again while the database is away for a moment.
    pub(super) async fn keep(
        &self,
        tenant: &TenantSlug,
        profile: &Profile,
        kept: &Kept,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        let seal = |token| {
            let sealed = self.sealer.seal(token);
            sealed.map_err(|error| Unusable::unreadable(profile, error))
        };
        let sealed = SealedPair {
            access_token: seal(&kept.pair.access_token)?,
            refresh_token: seal(&kept.pair.refresh_token)?,
        };
        let mut wait = STORE_AGAIN;
        for _ in 0..STORE_AGAIN_MAX {
            match self
                .keep_once(tenant, &profile.id, kept, &sealed, actor)
                .await
            {
                Err(ComeBackError::Store(error)) if error.is_passing() => {
                    self.tokens.sleeper.sleep(wait).await;
                    wait *= 2;
                }
                result => return result,
            }
        }
        self.keep_once(tenant, &profile.id, kept, &sealed, actor)
            .await
    }

    async fn keep_once(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        kept: &Kept,
        sealed: &SealedPair,
        actor: &Actor,
    ) -> Result<Authorised, ComeBackError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let found = find_locked(&mut *uow, profile).await?;
        let profile = found.ok_or_else(|| ComeBackError::NoSuchProfile(profile.clone()))?;
        let expected = expect_shop(&profile, &kept.shops);
        let shops = match &expected {
            Ok(()) => kept.shops.clone(),
            Err(_) => known(&mut *uow, &profile, kept).await?,
        };
        if let (Err(mismatch), []) = (&expected, shops.as_slice()) {
            drop(uow);
            return Err(mismatch.clone());
        }
        let replaced = replaced(&mut *uow, &profile, &shops).await?;
        for shop in &shops {
            let token = kept.token(TokenId::fresh(&*self.ids), &profile, *shop, sealed);
            uow.tokens().keep(&token, now).await?;
        }
        if let (None, [shop]) = (profile.shop, kept.shops.as_slice()) {
            let profile = Profile {
                shop: Some(*shop),
                ..profile.clone()
            };
            uow.profiles().put(&profile, now).await?;
        }
        clear(&mut *uow, &profile, &shops, &replaced, now).await?;
        let (connector, environment) = (profile.connector, profile.environment);
        uow.watches().look_soon(connector, environment, now).await?;
        let entry = self.entry(actor, &profile, kept, &shops, now);
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        tracing::info!(
            event = "shop.authorised", profile_id = %profile.id, %environment,
            shops = shops.len(), "shops were authorised"
        );
        expected.map_err(|mismatch| mismatch.with_kept(&shops))?;
        Ok(Authorised {
            profile: profile.id,
            environment,
            shops,
            is_first: replaced.is_empty(),
        })
    }

    fn entry(
        &self,
        actor: &Actor,
        profile: &Profile,
        kept: &Kept,
        shops: &[ShopId],
        now: Timestamp,
    ) -> AuditEntry {
        let shops: Vec<i64> = shops.iter().map(|shop| shop.0).collect();
        let subject = format!("profile:{}", profile.id);
        let entry = AuditEntry::new(actor, "shop.authorised", subject, now, &*self.ids);
        let entry = entry.with("shop_ids", shops);
        match kept.main_account {
            Some(account) => entry.with("main_account_id", account),
            None => entry,
        }
    }
}

/// The profile as it is now, and stays until the end of the unit of work; none that was deleted.
async fn find_locked(
    uow: &mut dyn UnitOfWork,
    profile: &ProfileId,
) -> Result<Option<Profile>, StoreError> {
    let Some(found) = uow.profiles().find(profile).await? else {
        return Ok(None);
    };
    uow.profiles().lock(found.connector).await?;
    let found = uow.profiles().find(profile).await?;
    Ok(found.filter(|found| found.deleted_at.is_none()))
}

/// Those of the shops whose new pair is kept although the profile stands for none of them: another
/// profile of its app does, or a pair is stored that the new one has replaced at the marketplace. A
/// pair that another app obtained was not.
async fn known(
    uow: &mut dyn UnitOfWork,
    profile: &Profile,
    kept: &Kept,
) -> Result<Vec<ShopId>, StoreError> {
    let profiles = uow
        .profiles()
        .of_connector(profile.connector, false)
        .await?;
    let stored = replaced(uow, profile, &kept.shops).await?;
    let is_known = |shop: &ShopId| {
        let has_profile = profiles
            .iter()
            .filter(|other| other.environment == profile.environment)
            .filter(|other| other.partner_id == kept.partner_id)
            .any(|other| other.shop == Some(*shop));
        let is_of_other_app = |token: &StoredToken| {
            let other = kept.partner_id.and_then(|own| token.other_app(own));
            other.is_some()
        };
        let has_pair = stored
            .iter()
            .any(|token| token.key.shop == *shop && !is_of_other_app(token));
        has_profile || has_pair
    };
    Ok(kept.shops.iter().copied().filter(is_known).collect())
}

/// The pairs that these shops have so far.
async fn replaced(
    uow: &mut dyn UnitOfWork,
    profile: &Profile,
    shops: &[ShopId],
) -> Result<Vec<StoredToken>, StoreError> {
    let mut replaced = Vec::new();
    for shop in shops {
        let key = TokenKey {
            connector: profile.connector,
            environment: profile.environment,
            shop: *shop,
        };
        replaced.extend(uow.tokens().find(key).await?);
    }
    Ok(replaced)
}

/// Resolves what was open for want of a pair, and wakes the orders that waited for one: of the profile, of others that stand for these shops,
/// and of those through which the pairs before were obtained.
async fn clear(
    uow: &mut dyn UnitOfWork,
    profile: &Profile,
    shops: &[ShopId],
    replaced: &[StoredToken],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (connector, environment) = (profile.connector, profile.environment);
    let profiles = uow.profiles().of_connector(connector, false).await?;
    let stands_for_one = |other: &&Profile| {
        other.environment == environment && other.shop.is_some_and(|shop| shops.contains(&shop))
    };
    let mut concerned: BTreeSet<ProfileId> = profiles
        .iter()
        .filter(stands_for_one)
        .map(|other| other.id.clone())
        .collect();
    concerned.insert(profile.id.clone());
    concerned.extend(replaced.iter().map(|token| token.profile.clone()));
    for id in &concerned {
        clear_profile(uow, (connector, environment, id), &OVER, now).await?;
        uow.inbox().wake(id, now).await?;
    }
    Ok(())
}
