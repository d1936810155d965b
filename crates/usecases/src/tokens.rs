//! Open what a call on behalf of a shop needs, and renew its token pair when it must be.
//!
//! A refresh token is good for one use, so of all callers in all processes one renews: whoever holds
//! the lease in the pair's row. A new pair is stored before it is used. A pair that was revoked or
//! cannot be renewed blocks every call at once. Nothing of a profile or a pair is kept in memory, so
//! that a change by whatever path counts for the next call.

mod blocked;
mod opening;
mod renewal;
mod scrubbing;
mod turn;
mod withdrawal;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::token::is_fresh;
use hawker_domain::{IdSource, ShopId, TenantSlug, Timestamp};
use hawker_ports::authorisation::Authoriser;
use hawker_ports::marketplace::{AppAccess, MarketplaceError, ShopAccess};
use hawker_ports::tokens::{StoredToken, TokenKey};
use hawker_ports::{Background, Clock, Metrics, Sealer, Sleeper, Store, StoreError};

pub use blocked::{Blocked, Pause};
pub(crate) use blocked::{STATES, UNTIL_LOOKED_AT_AGAIN, ways_to_authorise};
use opening::{App, Callable};
use scrubbing::scrubbed;
use turn::Turn;

/// How the pairs of shops are looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// An access token of which no more than this is left is renewed before it is used
    /// (`TOKEN_REFRESH_MARGIN_SECONDS`).
    pub margin: TimeDelta,
}

/// Five minutes: longer than a call with all its repeats takes.
impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            margin: TimeDelta::minutes(5),
        }
    }
}

/// The token pairs of shops: opened for calls, and renewed.
#[derive(Clone)]
pub struct ShopTokens {
    /// Where profiles and pairs are.
    pub store: Arc<dyn Store>,
    /// Renews.
    pub authoriser: Arc<dyn Authoriser>,
    /// Opens and seals keys and tokens.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
    /// Waits for whoever renews at the moment.
    pub sleeper: Arc<dyn Sleeper>,
    /// Carries a renewal to its end when its caller is gone.
    pub background: Arc<dyn Background>,
    /// How they are looked after.
    pub settings: TokenSettings,
}

/// What calls on behalf of a shop need, and which pair it is from.
#[derive(Clone, Debug)]
pub struct OpenedAccess {
    /// What the calls need.
    pub access: Arc<ShopAccess>,
    /// Whose pair it is.
    pub key: TokenKey,
    /// Which of the shop's pairs it is.
    pub generation: i64,
}

/// Why a call on behalf of a shop came to nothing.
#[derive(Debug)]
pub enum CallError {
    /// It was not made.
    Blocked(Blocked),
    /// The marketplace refused it, or could not be asked.
    Marketplace {
        /// The shop.
        shop: ShopId,
        /// What the marketplace said.
        error: MarketplaceError,
    },
}

/// Which pair a caller can do with.
#[derive(Clone, Copy)]
enum Need {
    /// One whose access token has more than the margin left.
    Fresh,
    /// One that is newer than this generation, whose access token was refused.
    NewerThan(i64),
}

impl ShopTokens {
    /// Opens what calls on behalf of the profile's shop need; renews the pair before where it must
    /// be. `Ok(Err(_))`: the shop cannot be called for at the moment.
    pub async fn access(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Result<OpenedAccess, Blocked>, StoreError> {
        self.obtain(tenant, profile, Need::Fresh).await
    }

    /// The marketplace refused this access token: renews the pair, unless somebody did since it was
    /// opened, and opens the new one.
    pub async fn renewed(
        &self,
        tenant: &TenantSlug,
        refused: &OpenedAccess,
    ) -> Result<Result<OpenedAccess, Blocked>, StoreError> {
        let need = Need::NewerThan(refused.generation);
        self.obtain(tenant, &refused.access.profile, need).await
    }

    /// Makes a call on behalf of the profile's shop, and once more with a renewed pair when its
    /// access token is refused. No other refusal renews anything. When the marketplace says that the
    /// shop has to be authorised again, no further call is made for it.
    ///
    /// `call` may be broken off at any time; the renewal around it is not.
    pub async fn call<T, F, Fut>(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        call: F,
    ) -> Result<Result<T, CallError>, StoreError>
    where
        T: Send,
        F: Fn(Arc<ShopAccess>) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, MarketplaceError>> + Send,
    {
        let mut opened = match self.access(tenant, profile).await? {
            Ok(opened) => opened,
            Err(blocked) => return Ok(Err(CallError::Blocked(blocked))),
        };
        let mut answer = scrubbed(&call, &opened).await;
        if let Err(refusal @ MarketplaceError::TokenInvalid { .. }) = &answer {
            tracing::info!(
                event = "token.refused", profile_id = %profile, shop = %opened.key.shop,
                error = %refusal, "an access token was refused"
            );
            opened = match self.renewed(tenant, &opened).await? {
                Ok(opened) => opened,
                Err(blocked) => return Ok(Err(CallError::Blocked(blocked))),
            };
            answer = scrubbed(&call, &opened).await;
        }
        let error = match answer {
            Ok(answer) => return Ok(Ok(answer)),
            Err(error) => error,
        };
        if let MarketplaceError::Reauthorise { .. } = &error
            && let Some(blocked) = self.stop_calls(tenant, &opened, &error).await?
        {
            return Ok(Err(CallError::Blocked(blocked)));
        }
        let shop = opened.key.shop;
        Ok(Err(CallError::Marketplace { shop, error }))
    }

    /// Opens what calls as the app need, on nobody's behalf.
    pub async fn app_access(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Result<AppAccess, Blocked>, StoreError> {
        Ok(match self.calling(tenant, profile).await? {
            Some(calling) => App::of(&calling).and_then(|app| app.open(&*self.sealer)),
            None => Err(Blocked::no_such_profile(profile)),
        })
    }

    /// Renews a pair whatever its age, with the app of a profile; of a main account there are pairs
    /// of shops that no profile stands for. `Ok(Ok(()))`: a newer one is there, by us or by somebody
    /// else at the same time.
    pub async fn renew_now(
        &self,
        tenant: &TenantSlug,
        key: TokenKey,
        profile: &ProfileId,
    ) -> Result<Result<(), Blocked>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let calling = uow.profiles().calling(profile).await?;
        let token = uow.tokens().find(key).await?;
        drop(uow);
        let found = match calling {
            Some(calling) => App::of(&calling).and_then(|app| Callable::of(app, key, token)),
            None => Err(Blocked::no_such_profile(profile)),
        };
        let found = match found {
            Ok(found) => found,
            Err(blocked) => return Ok(Err(blocked)),
        };
        Ok(match self.renew(tenant, &found).await? {
            Turn::Over => Ok(()),
            Turn::NotNow(blocked) | Turn::Dead(blocked) => Err(blocked),
        })
    }

    /// The same because somebody asked for it, which is noted when it was done.
    pub async fn renew_for(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        key: TokenKey,
        profile: &ProfileId,
    ) -> Result<Result<(), Blocked>, StoreError> {
        if let Err(blocked) = self.renew_now(tenant, key, profile).await? {
            return Ok(Err(blocked));
        }
        let (now, subject) = (self.clock.now(), format!("profile:{profile}"));
        let entry = AuditEntry::new(actor, "token.renewed", subject, now, &*self.ids)
            .with("shop_id", key.shop.0);
        let mut uow = self.store.begin(tenant).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        Ok(Ok(()))
    }

    async fn obtain(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        need: Need,
    ) -> Result<Result<OpenedAccess, Blocked>, StoreError> {
        let found = match self.callable(tenant, profile).await? {
            Ok(found) => found,
            Err(blocked) => return Ok(Err(blocked)),
        };
        if need.is_met_by(&found.token, self.clock.now(), self.settings.margin) {
            return Ok(found.open(&*self.sealer));
        }
        match self.renew(tenant, &found).await? {
            Turn::Dead(blocked) => Ok(Err(blocked)),
            Turn::NotNow(blocked) => Ok(self.make_do(found, need, blocked)),
            Turn::Over => Ok(match self.callable(tenant, profile).await? {
                Ok(found) => {
                    let shop = found.token.key.shop;
                    self.make_do(found, need, Blocked::renewing(shop))
                }
                Err(blocked) => Err(blocked),
            }),
        }
    }

    /// Goes on with the access token that is there as long as it may be accepted: one that was
    /// replaced is, for five more minutes (shopee.md §3.4).
    fn make_do(
        &self,
        found: Callable,
        need: Need,
        otherwise: Blocked,
    ) -> Result<OpenedAccess, Blocked> {
        if need.is_met_by(&found.token, self.clock.now(), TimeDelta::zero()) {
            found.open(&*self.sealer)
        } else {
            Err(otherwise)
        }
    }
}

impl Need {
    fn is_met_by(self, token: &StoredToken, now: Timestamp, margin: TimeDelta) -> bool {
        match self {
            Self::Fresh => is_fresh(token.expires_at, now, margin),
            // However little is left of it: it is not the one that was refused.
            Self::NewerThan(refused) => {
                token.generation > refused && is_fresh(token.expires_at, now, TimeDelta::zero())
            }
        }
    }
}

/// A pause of so many whole seconds, for a person.
fn in_words(wait: Duration) -> String {
    match wait.as_secs().max(1) {
        1 => "a second".to_owned(),
        seconds @ 2..120 => format!("{seconds} seconds"),
        seconds @ 120..7200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3600),
    }
}
