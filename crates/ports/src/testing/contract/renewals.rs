//! The right to renew a pair: of any number of callers one holds it, and only who holds it stores
//! how the renewal ended.

use chrono::TimeDelta;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::{REFRESH_TOKEN_LIFE, RefreshStatus, TokenState};
use hawker_domain::{Environment, Timestamp};

use super::bench::{Bench, LEASE, PROFILE};
use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{after_noon, noon, sealed, token, token_key as key};
use crate::tokens::{RefreshEnd, StoredToken};

/// A right that is taken here lasts as long as the leases of the bench.
pub(super) struct Renewals {
    pub(super) bench: Bench,
    /// The generation of the pair that the shop has at first.
    pub(super) generation: i64,
}

impl Renewals {
    pub(super) async fn new(fixture: &dyn StoreFixture) -> Result<Self, StoreError> {
        let bench = Bench::new(fixture).await?;
        bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
        let generation = bench.pair(key()).await?.generation;
        Ok(Self { bench, generation })
    }

    pub(super) async fn pair(&self) -> Result<StoredToken, StoreError> {
        self.bench.pair(key()).await
    }

    pub(super) fn lease(&self) -> LeaseId {
        LeaseId::fresh(&self.bench.ids)
    }

    pub(super) async fn begin(
        &self,
        generation: i64,
        lease: LeaseId,
        now: Timestamp,
    ) -> Result<Option<StoredToken>, StoreError> {
        let mut uow = self.bench.begin().await?;
        let pair = uow
            .tokens()
            .begin_refresh(key(), generation, lease, now, now + LEASE)
            .await?;
        uow.commit().await?;
        Ok(pair)
    }

    /// Takes the right for the first pair, which must be free.
    pub(super) async fn must_begin(
        &self,
        now: Timestamp,
    ) -> Result<(LeaseId, StoredToken), StoreError> {
        let lease = self.lease();
        let pair = self.begin(self.generation, lease, now).await?;
        Ok((lease, pair.expect("nobody holds the right")))
    }

    pub(super) async fn end(
        &self,
        lease: LeaseId,
        end: &RefreshEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut uow = self.bench.begin().await?;
        let is_stored = uow.tokens().end_refresh(key(), lease, end, now).await?;
        uow.commit().await?;
        Ok(is_stored)
    }

    /// The shop has the pair that it had at first.
    pub(super) async fn assert_is_the_first_pair(&self) -> Outcome {
        let pair = self.pair().await?;
        assert_eq!(pair.generation, self.generation);
        assert_eq!(pair.access_token, sealed("access-token"));
        assert_eq!(pair.refresh_token, sealed("refresh-token"));
        assert_eq!(pair.obtained_at, noon());
        Ok(())
    }
}

/// A renewal of the first pair that brought `access-<name>` and `refresh-<name>`.
pub(super) fn renewed(renewals: &Renewals, name: &str, now: Timestamp) -> RefreshEnd {
    RefreshEnd::Renewed {
        generation: renewals.generation,
        access_token: sealed(&format!("access-{name}")),
        refresh_token: sealed(&format!("refresh-{name}")),
        expires_at: now + TimeDelta::hours(4),
        refresh_token_ends_at: now + REFRESH_TOKEN_LIFE,
        payload: serde_json::Map::new(),
    }
}

pub(super) fn failed() -> RefreshEnd {
    RefreshEnd::Failed {
        error: "the marketplace is away".into(),
        again_at: after_noon(600),
    }
}

pub(super) fn dead() -> RefreshEnd {
    RefreshEnd::Dead {
        state: TokenState::NeedsReauthorisation,
        error: "the refresh token is not valid".into(),
    }
}

/// Whether they come one after the other or all at the same time.
pub async fn of_many_callers_one_gets_the_right_to_renew(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let callers = (0..MANY).map(|_| renewals.begin(renewals.generation, renewals.lease(), noon()));
    let got: Vec<_> = at_once(callers)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let winners: Vec<_> = got.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(winners[0].access_token, sealed("access-token"));
    assert_eq!(winners[0].refresh_token, sealed("refresh-token"));
    assert_eq!(winners[0].in_doubt_since, None);
    let late = renewals
        .begin(renewals.generation, renewals.lease(), after_noon(1))
        .await?;
    assert!(late.is_none());
    Ok(())
}

/// Who read an older pair looks again first.
pub async fn a_right_is_taken_for_the_pair_that_was_read(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    for generation in [renewals.generation - 1, renewals.generation + 1] {
        let begun = renewals.begin(generation, renewals.lease(), noon()).await?;
        assert!(begun.is_none(), "generation {generation}");
    }
    let unknown = crate::tokens::TokenKey {
        environment: Environment::Live,
        ..key()
    };
    let mut uow = renewals.bench.begin().await?;
    let (lease, until) = (renewals.lease(), noon() + LEASE);
    let begun = uow
        .tokens()
        .begin_refresh(unknown, renewals.generation, lease, noon(), until)
        .await?;
    assert!(begun.is_none());
    drop(uow);
    renewals.must_begin(noon()).await?;
    Ok(())
}

/// As if it had never been asked for.
pub async fn a_right_whose_taking_was_not_committed_is_free(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let mut uow = renewals.bench.begin().await?;
    let (lease, until) = (renewals.lease(), noon() + LEASE);
    let begun = uow
        .tokens()
        .begin_refresh(key(), renewals.generation, lease, noon(), until)
        .await?;
    assert!(begun.is_some());
    drop(uow);
    let (_, pair) = renewals.must_begin(after_noon(1)).await?;
    assert_eq!(pair.in_doubt_since, None);
    Ok(())
}

/// And the right is free for whoever renews that one.
pub async fn a_renewed_pair_takes_the_place_of_the_older_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let before = renewals.pair().await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    let end = renewed(&renewals, "new", after_noon(12));
    assert!(renewals.end(lease, &end, after_noon(12)).await?);

    let after = renewals.pair().await?;
    assert_eq!((after.id, &after.profile), (before.id, &before.profile));
    assert!(after.generation > before.generation);
    assert_eq!(after.access_token, sealed("access-new"));
    assert_eq!(after.refresh_token, sealed("refresh-new"));
    assert_eq!(after.expires_at, after_noon(12) + TimeDelta::hours(4));
    assert_eq!(
        after.refresh_token_ends_at,
        after_noon(12) + REFRESH_TOKEN_LIFE
    );
    assert_eq!(after.obtained_at, after_noon(12));
    assert_eq!(after.authorised_at, before.authorised_at);
    assert_eq!(after.state, TokenState::Active);
    assert_eq!(after.in_doubt_since, None);
    let used_at = after.refresh_token_last_used_at.expect("it was used");
    assert!((after_noon(10)..=after_noon(12)).contains(&used_at));
    let attempt = after.last_attempt.expect("there was an attempt");
    assert_eq!(attempt.at, after_noon(12));
    assert_eq!(attempt.status, RefreshStatus::Success);
    assert_eq!((attempt.error, attempt.again_at), (None, None));

    let stale = renewals
        .begin(before.generation, renewals.lease(), after_noon(13))
        .await?;
    assert!(stale.is_none(), "the older pair is not renewed again");
    let next = renewals
        .begin(after.generation, renewals.lease(), after_noon(13))
        .await?;
    assert!(next.is_some());
    Ok(())
}

/// It says until when another attempt is of no use; whoever knows better may try at once.
pub async fn a_failed_renewal_leaves_the_pair_as_it_was(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    assert!(renewals.end(lease, &failed(), after_noon(12)).await?);
    renewals.assert_is_the_first_pair().await?;
    let pair = renewals.pair().await?;
    assert_eq!(pair.state, TokenState::Active);
    assert_eq!(pair.in_doubt_since, None);
    assert_eq!(pair.refresh_token_last_used_at, None);
    let attempt = pair.last_attempt.expect("there was an attempt");
    assert_eq!(attempt.at, after_noon(12));
    assert_eq!(attempt.status, RefreshStatus::Failure);
    assert_eq!(attempt.error.as_deref(), Some("the marketplace is away"));
    assert_eq!(attempt.again_at, Some(after_noon(600)));
    let (_, again) = renewals.must_begin(after_noon(12)).await?;
    assert_eq!(again.in_doubt_since, None);
    Ok(())
}

/// No call is made with it and nobody tries to renew it.
pub async fn a_dead_pair_says_why(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    assert!(renewals.end(lease, &dead(), after_noon(12)).await?);
    renewals.assert_is_the_first_pair().await?;
    let pair = renewals.pair().await?;
    assert_eq!(pair.state, TokenState::NeedsReauthorisation);
    let reason = pair.state_reason.as_deref();
    assert_eq!(reason, Some("the refresh token is not valid"));
    let attempt = pair.last_attempt.expect("there was an attempt");
    assert_eq!(attempt.status, RefreshStatus::Failure);
    let begun = renewals
        .begin(renewals.generation, renewals.lease(), after_noon(13))
        .await?;
    assert!(begun.is_none());
    Ok(())
}

/// A second report is nobody's.
pub async fn a_right_is_given_back_once(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(noon()).await?;
    assert!(renewals.end(lease, &failed(), after_noon(1)).await?);
    let nobodys = renewals.lease();
    for lease in [lease, nobodys] {
        assert!(!renewals.end(lease, &dead(), after_noon(2)).await?);
        renewals.assert_is_the_first_pair().await?;
        assert_eq!(renewals.pair().await?.state, TokenState::Active);
    }
    Ok(())
}
