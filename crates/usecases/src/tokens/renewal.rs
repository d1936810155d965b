//! One renewal, by whoever has the right to it: ask, store how it ended, and only then go on.
//!
//! An answer that was lost is never asked for again blindly: the pair is marked in doubt, and only
//! the next caller that needs a newer one asks once more. If the marketplace refuses it then, the
//! pair is lost, and the exception says so. A refused attempt costs nothing that was not lost.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::token::{REFRESH_TOKEN_LIFE, TokenState};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::authorisation::GrantedPair;
use hawker_ports::marketplace::{AppAccess, MarketplaceError};
use hawker_ports::tokens::{RefreshEnd, TokenKey};
use hawker_ports::{SealError, StoreError};
use secrecy::SecretString;

use super::ShopTokens;
use super::blocked::{Blocked, UNTIL_LOOKED_AT_AGAIN};
use super::opening::Callable;
use super::scrubbing::without;
use super::turn::{PAUSE, Right, Turn};
use crate::chain::chain;
use crate::raise::raise;

/// The longest reason that is kept.
const REASON_CHARS_MAX: usize = 300;

/// The first wait before storing is tried again; doubled with each try.
const STORE_AGAIN: Duration = Duration::from_millis(200);

/// The longest of these waits.
const STORE_AGAIN_LONGEST: Duration = Duration::from_secs(5);

/// How long storing a new pair is tried, whatever becomes of the right: the older one is worth nothing,
/// and nobody else has this one. A database that is away for longer is found so by other means.
const NEW_PAIR_KEPT_FOR: TimeDelta = TimeDelta::minutes(15);

/// Everything that a renewal needs.
pub(super) struct Renewal {
    tokens: ShopTokens,
    tenant: TenantSlug,
    app: AppAccess,
    key: TokenKey,
    /// Of the pair that is renewed.
    generation: i64,
    refresh_token: SecretString,
}

/// What an answer comes to.
struct Ended {
    end: RefreshEnd,
    turn: Turn,
    /// The result under which it counts.
    result: &'static str,
}

impl Renewal {
    pub(super) fn prepare(
        tokens: &ShopTokens,
        tenant: &TenantSlug,
        found: &Callable,
    ) -> Result<Self, Blocked> {
        let app = found.app.open(&*tokens.sealer)?;
        let refresh_token = found.open_refresh_token(&*tokens.sealer)?;
        let sealed = tokens.sealer.seal(&refresh_token);
        sealed.map_err(|error| found.app.unreadable(error))?;
        Ok(Self {
            tokens: tokens.clone(),
            tenant: tenant.clone(),
            app,
            key: found.token.key,
            generation: found.token.generation,
            refresh_token,
        })
    }

    pub(super) async fn run(self, right: Right) -> Turn {
        let shop = self.key.shop;
        let asked_at = self.tokens.clock.now();
        let asked = self
            .tokens
            .authoriser
            .refresh(&self.app, shop, &self.refresh_token);
        let ended = match asked.await {
            Ok(pair) => match self.renewed(&pair, asked_at) {
                Ok(ended) => ended,
                Err(error) => self.in_doubt(&error.to_string()),
            },
            Err(error) => self.judge(&error, right.in_doubt_since),
        };
        self.keep(right, ended).await
    }

    fn renewed(&self, pair: &GrantedPair, asked_at: Timestamp) -> Result<Ended, SealError> {
        let sealer = &self.tokens.sealer;
        let end = RefreshEnd::Renewed {
            generation: self.generation,
            access_token: sealer.seal(&pair.access_token)?,
            refresh_token: sealer.seal(&pair.refresh_token)?,
            expires_at: asked_at + pair.expires_in,
            refresh_token_ends_at: asked_at + REFRESH_TOKEN_LIFE,
            payload: pair.payload.clone(),
        };
        Ok(Ended {
            end,
            turn: Turn::Over,
            result: "renewed",
        })
    }

    /// What a failed call means for the pair.
    fn judge(&self, error: &MarketplaceError, in_doubt_since: Option<Timestamp>) -> Ended {
        use MarketplaceError as E;
        match error {
            E::MaybeApplied { .. } | E::Malformed { .. } => self.in_doubt(&error.to_string()),
            E::Reauthorise { .. } | E::TokenInvalid { .. } => self.dead(error, in_doubt_since),
            E::RateLimited { retry_after, .. } => {
                let wait = retry_after.unwrap_or_default().max(PAUSE);
                let turn = Turn::NotNow(Blocked::waiting(self.key.shop, wait));
                Ended {
                    turn,
                    ..self.failed(error, wait)
                }
            }
            E::DailyQuota { renewed_in, .. } => self.failed(error, (*renewed_in).max(PAUSE)),
            E::Misconfigured { .. } => self.failed(error, UNTIL_LOOKED_AT_AGAIN),
            E::NotFound { .. } | E::Refused { .. } | E::Unavailable { .. } => {
                self.failed(error, PAUSE)
            }
        }
    }

    /// Nothing happened at the marketplace.
    fn failed(&self, error: &MarketplaceError, wait: Duration) -> Ended {
        let error = self.reason(&error.to_string());
        Ended {
            turn: Turn::NotNow(Blocked::not_renewed(self.key.shop, &error, wait)),
            end: RefreshEnd::Failed {
                error,
                again_at: self.tokens.clock.now() + wait,
            },
            result: "failed",
        }
    }

    fn in_doubt(&self, why: &str) -> Ended {
        let error = self.reason(why);
        let told = format!("whether it happened is not known ({error})");
        Ended {
            turn: Turn::NotNow(Blocked::not_renewed(self.key.shop, &told, PAUSE)),
            end: RefreshEnd::InDoubt { error },
            result: "in_doubt",
        }
    }

    fn dead(&self, error: &MarketplaceError, in_doubt_since: Option<Timestamp>) -> Ended {
        let error = self.reason(&error.to_string());
        let (profile, shop) = (&self.app.profile, self.key.shop);
        let blocked = match in_doubt_since {
            Some(since) => Blocked::lost(profile, shop, since),
            None => Blocked::dead(profile, shop, &error),
        };
        Ended {
            turn: Turn::Dead(blocked),
            end: RefreshEnd::Dead {
                state: TokenState::NeedsReauthorisation,
                error,
            },
            result: "dead",
        }
    }

    /// A reason that may be kept and shown: short, and without the token whatever the marketplace
    /// answered.
    fn reason(&self, text: &str) -> String {
        shortened(&without(text, &self.refresh_token))
    }

    /// Stores how it ended; tries again as long as the right lasts, and much longer with a new pair,
    /// which is the only one that is good by now.
    async fn keep(self, right: Right, ended: Ended) -> Turn {
        let mut wait = STORE_AGAIN;
        let until = match ended.end {
            RefreshEnd::Renewed { .. } => self.tokens.clock.now() + NEW_PAIR_KEPT_FOR,
            _ => right.until,
        };
        let turn = loop {
            let error = match self.store_end(right, &ended).await {
                Ok(Some(turn)) => break turn,
                Ok(None) => {
                    self.tell_of_newer();
                    return Turn::Over;
                }
                Err(error) => error,
            };
            if self.tokens.clock.now() + wait >= until {
                self.tell_of_loss(&ended, &error);
                return Turn::NotNow(Blocked::renewing(self.key.shop));
            }
            self.tokens.sleeper.sleep(wait).await;
            wait = (wait * 2).min(STORE_AGAIN_LONGEST);
        };
        self.tokens.metrics.token_refresh(ended.result);
        self.tell(&ended);
        turn
    }

    /// `None`, and nothing is stored, when it is over with the pair that was to be renewed.
    async fn store_end(&self, right: Right, ended: &Ended) -> Result<Option<Turn>, StoreError> {
        let tokens = &self.tokens;
        let now = tokens.clock.now();
        let mut uow = tokens.store.begin(&self.tenant).await?;
        let is_ours = uow
            .tokens()
            .end_refresh(self.key, right.lease, &ended.end, now)
            .await?;
        if !is_ours {
            return Ok(None);
        }
        let mut turn = ended.turn.clone();
        if let Turn::Dead(blocked) = &mut turn {
            let (profile, ids) = (&self.app.profile, &*tokens.ids);
            // What was revoked in the meantime is called so.
            let stored = uow.tokens().find(self.key).await?;
            if let Some(stands) = stored.and_then(|token| Blocked::by_state(profile, &token)) {
                *blocked = stands;
            }
            let raised = blocked.raised(self.key, profile, ids);
            raise(&mut *uow, raised.as_slice(), now).await?;
        }
        uow.commit().await?;
        Ok(Some(turn))
    }

    fn tell(&self, ended: &Ended) {
        let (profile, shop) = (&self.app.profile, self.key.shop);
        match &ended.end {
            RefreshEnd::Renewed { expires_at, .. } => tracing::info!(
                event = "token.renewed", profile_id = %profile, %shop, %expires_at,
            ),
            RefreshEnd::Failed { error, .. } => tracing::warn!(
                event = "token.not_renewed", profile_id = %profile, %shop, %error,
                "a token pair could not be renewed"
            ),
            RefreshEnd::InDoubt { error } => tracing::warn!(
                event = "token.in_doubt", profile_id = %profile, %shop, %error,
                "whether a token pair was renewed is not known; it is asked for once more when it is needed"
            ),
            RefreshEnd::Dead { error, .. } => tracing::error!(
                event = "token.dead", profile_id = %profile, %shop, %error,
                "a token pair cannot be renewed any more; no call is made for the shop"
            ),
        }
    }

    fn tell_of_newer(&self) {
        tracing::info!(
            event = "token.superseded", profile_id = %self.app.profile, shop = %self.key.shop,
            "how a renewal ended was not stored: a newer pair is there"
        );
    }

    fn tell_of_loss(&self, ended: &Ended, error: &StoreError) {
        self.tokens.metrics.token_refresh("in_doubt");
        tracing::error!(
            event = "token.not_stored", profile_id = %self.app.profile, shop = %self.key.shop,
            result = ended.result, error = %chain(error),
            "how a renewal ended could not be stored; the pair is in doubt from now on"
        );
    }
}

/// The beginning of a reason: as much of it as is kept.
pub(super) fn shortened(reason: &str) -> String {
    match reason.char_indices().nth(REASON_CHARS_MAX) {
        None => reason.to_owned(),
        Some(_) => reason
            .chars()
            .take(REASON_CHARS_MAX - 1)
            .chain(['…'])
            .collect(),
    }
}
