//! Warnings about what ends: one exception for each stage, opened once and resolved when the next
//! opens or when the end has moved away.

use std::collections::BTreeSet;

use hawker_domain::exception::{Cause, ErrorClass, ExceptionStatus, RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::token::{Deadline, TokenState};
use hawker_domain::{Environment, ShopId, TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::StoredToken;
use hawker_ports::views::{ExceptionFilter, PageRequest};

use super::care::CareForTokens;
use super::{CONNECTOR, Standing, states};
use crate::raise::{clear_profile, raise};
use crate::tokens::ways_to_authorise;

/// The classes under which something ends.
const CLASSES: [ErrorClass; 2] = [ErrorClass::TokenExpired, ErrorClass::ActionRequired];

/// Open exceptions that are read at a time.
const PAGE: u32 = 500;

/// A push announces an authorisation that ends within so many days, with an exception of its own.
const ANNOUNCED_BY_PUSH_DAYS: u16 = 7;

/// Something of a profile that ends some day.
struct Ending<'a> {
    deadline: Deadline,
    profile: &'a Profile,
    shop: Option<ShopId>,
    /// When; nothing where it is not known or does not matter any more.
    ends_at: Option<Timestamp>,
    /// What the operator should know of a renewal that fails.
    failure: Option<&'a str>,
}

/// The exceptions that are open, by environment and cause.
pub(super) type Open = BTreeSet<(String, String)>;

/// An exception of a profile that is over, if it is open.
pub(super) struct Over {
    pub(super) environment: Environment,
    pub(super) profile: ProfileId,
    pub(super) class: ErrorClass,
    pub(super) key: String,
}

impl CareForTokens {
    /// Opens the warnings that hold now, and resolves those that do not any more.
    pub(super) async fn count_down(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let standing = Standing::read(&*self.store, tenant).await?;
        let open = self.open(tenant).await?;
        let now = self.clock.now();
        let mut due = Vec::new();
        let mut over = Vec::new();
        for ending in endings(&standing) {
            let holding = ending.warning(now, &open);
            for key in ending.open_keys(&open) {
                if holding.as_ref().is_none_or(|cause| cause.key != *key) {
                    over.push(ending.over(key));
                }
            }
            if let Some(cause) = holding
                && !open.contains(&(ending.profile.environment.to_string(), cause.key.clone()))
            {
                due.push(RaisedException::once(ending.subject(), cause, &*self.ids));
            }
        }
        let told = u64::try_from(due.len() + over.len()).unwrap_or(u64::MAX);
        over.extend(states::over(&standing, &open));
        self.tell(tenant, &due, &over, now).await?;
        Ok(told)
    }

    async fn tell(
        &self,
        tenant: &TenantSlug,
        due: &[RaisedException],
        over: &[Over],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if due.is_empty() && over.is_empty() {
            return Ok(());
        }
        let mut uow = self.store.begin(tenant).await?;
        for gone in over {
            let source = (CONNECTOR, gone.environment, &gone.profile);
            let causes = [(gone.class, Some(gone.key.as_str()))];
            clear_profile(&mut *uow, source, &causes, now).await?;
        }
        raise(&mut *uow, due, now).await?;
        uow.commit().await
    }

    /// What was told and is not over: also what is out of sight, and what an operator left as it is.
    async fn open(&self, tenant: &TenantSlug) -> Result<Open, StoreError> {
        let mut open = Open::new();
        let statuses = [ExceptionStatus::Open, ExceptionStatus::WontFix];
        let filters = CLASSES.into_iter().flat_map(|class| {
            statuses.map(|status| ExceptionFilter {
                status: Some(status.to_string()),
                class: Some(class.to_string()),
                with_snoozed: true,
                ..ExceptionFilter::default()
            })
        });
        for filter in filters {
            let mut after = None;
            loop {
                let request = PageRequest { limit: PAGE, after };
                let page = self.views.exceptions(tenant, &filter, &request).await?;
                open.extend(
                    page.rows
                        .into_iter()
                        .map(|row| (row.environment, row.cause)),
                );
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(open)
    }
}

/// Everything that ends: of each pair what its keeper is told of, and of each profile its key. What
/// belongs to deleted profiles does not end any more.
fn endings(standing: &Standing) -> Vec<Ending<'_>> {
    let of_tokens = standing.tokens.iter().filter_map(|token| {
        let in_use = standing.keeper(token);
        let profile = in_use.or_else(|| standing.profile(&token.profile))?;
        let is_good = in_use.is_some() && token.state == TokenState::Active;
        Some(of_token(token, profile, is_good))
    });
    let of_profiles = standing.profiles.iter().map(|profile| Ending {
        deadline: Deadline::PartnerKey,
        profile,
        shop: profile.shop,
        ends_at: profile
            .partner_key_ends_at
            .filter(|_| profile.deleted_at.is_none()),
        failure: None,
    });
    of_tokens.flatten().chain(of_profiles).collect()
}

fn of_token<'a>(token: &'a StoredToken, profile: &'a Profile, is_good: bool) -> [Ending<'a>; 2] {
    let last = token.last_attempt.as_ref();
    let ending = |deadline, ends_at: Option<Timestamp>| Ending {
        deadline,
        profile,
        shop: Some(token.key.shop),
        ends_at: ends_at.filter(|_| is_good),
        failure: last.and_then(|last| last.error.as_deref()),
    };
    [
        ending(Deadline::RefreshToken, Some(token.refresh_token_ends_at)),
        ending(Deadline::Authorisation, token.authorisation_ends_at),
    ]
}

impl Ending<'_> {
    const fn class(&self) -> ErrorClass {
        match self.deadline {
            Deadline::RefreshToken | Deadline::Authorisation => ErrorClass::TokenExpired,
            // Authorising the shop again does not help.
            Deadline::PartnerKey => ErrorClass::ActionRequired,
        }
    }

    /// What the keys of all its stages begin with.
    fn stem(&self) -> String {
        match (self.deadline, self.shop) {
            (Deadline::PartnerKey, _) | (_, None) => {
                format!("{}-ends:{}:", self.deadline, self.profile.id)
            }
            (Deadline::RefreshToken | Deadline::Authorisation, Some(shop)) => {
                format!("{}-ends:{shop}:", self.deadline)
            }
        }
    }

    fn open_keys<'o>(&self, open: &'o Open) -> Vec<&'o String> {
        let (environment, stem) = (self.profile.environment.as_str(), self.stem());
        let of_this = open
            .iter()
            .filter(|(of, key)| of == environment && key.starts_with(&stem));
        of_this.map(|(_, key)| key).collect()
    }

    fn over(&self, key: &str) -> Over {
        Over {
            environment: self.profile.environment,
            profile: self.profile.id.clone(),
            class: self.class(),
            key: key.to_owned(),
        }
    }

    /// The warning that holds, if one does.
    fn warning(&self, now: Timestamp, open: &Open) -> Option<Cause> {
        let ends_at = self.ends_at?;
        let days = self.deadline.warning(ends_at, now)?;
        if days >= ANNOUNCED_BY_PUSH_DAYS && self.is_announced_by_push(open) {
            return None;
        }
        Some(Cause {
            class: self.class(),
            key: format!("{}{days}d", self.stem()),
            message: self.message(ends_at, now),
            due_at: Some(ends_at),
        })
    }

    fn is_announced_by_push(&self, open: &Open) -> bool {
        let environment = self.profile.environment.to_string();
        self.deadline == Deadline::Authorisation
            && self.shop.is_some_and(|shop| {
                open.contains(&(environment, format!("authorisation-expiry:{shop}")))
            })
    }

    fn message(&self, ends_at: Timestamp, now: Timestamp) -> String {
        let profile = &self.profile.id;
        let when = when(ends_at, now);
        let shop = self
            .shop
            .map_or_else(|| "?".to_owned(), |shop| shop.to_string());
        match self.deadline {
            Deadline::RefreshToken => {
                let why = match self.failure {
                    Some(failure) => format!("was not renewed: {failure}"),
                    None => "was not renewed".to_owned(),
                };
                format!(
                    "The refresh token of shop {shop} {when} and {why}. Put right what keeps it from being renewed (test the connection of profile {profile}). {}",
                    ways_to_authorise(profile)
                )
            }
            Deadline::Authorisation => format!(
                "The seller's authorisation of shop {shop} {when}. {}",
                ways_to_authorise(profile)
            ),
            Deadline::PartnerKey => format!(
                "The partner key of profile {profile} {when}. Make a new one in the marketplace's console and save it in the profile, with the day on which it ends."
            ),
        }
    }

    fn subject(&self) -> Subject {
        Subject {
            connector: CONNECTOR,
            environment: self.profile.environment,
            profile: Some(self.profile.id.clone()),
            shop: self.shop,
            order_sn: None,
            event: None,
        }
    }
}

fn when(ends_at: Timestamp, now: Timestamp) -> String {
    let at = ends_at.format("%F %H:%M UTC");
    if ends_at <= now {
        format!("ended at {at}")
    } else {
        format!("ends at {at}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_said_in_the_past_tense() {
        let at = Timestamp::UNIX_EPOCH;
        let later = at + chrono::TimeDelta::hours(1);
        assert_eq!(when(at, later), "ended at 1970-01-01 00:00 UTC");
        assert_eq!(when(later, at), "ends at 1970-01-01 01:00 UTC");
    }
}
