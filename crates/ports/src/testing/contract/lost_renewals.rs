//! Renewals whose end nobody knows, and those that something else got ahead of: what is stored is
//! never older than what was there, and a doubt is named until it is over.

use chrono::TimeDelta;
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{LEASE, PROFILE};
use super::crowd::{MANY, at_once};
use super::renewals::{Renewals, dead, failed, renewed};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{SHOP, after_noon, noon, sealed, token};
use crate::tokens::{NewToken, RefreshEnd};

/// The next who renews it is told, and ends the doubt.
pub async fn a_renewal_whose_answer_was_lost_leaves_the_pair_in_doubt(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    assert!(renewals.end(lease, &in_doubt(), after_noon(12)).await?);
    renewals.assert_is_the_first_pair().await?;
    let pair = renewals.pair().await?;
    assert_eq!(pair.state, TokenState::Active);
    let since = pair.in_doubt_since.expect("nobody knows");
    assert!((after_noon(10)..=after_noon(12)).contains(&since));
    let attempt = pair.last_attempt.expect("there was an attempt");
    assert_eq!(attempt.status, RefreshStatus::Failure);
    assert_eq!(attempt.error.as_deref(), Some("no answer came"));

    let (lease, again) = renewals.must_begin(after_noon(20)).await?;
    assert_eq!(again.in_doubt_since, Some(since));
    let end = renewed(&renewals, "new", after_noon(21));
    assert!(renewals.end(lease, &end, after_noon(21)).await?);
    assert_eq!(renewals.pair().await?.in_doubt_since, None);
    Ok(())
}

/// Neither by what is tried in vain nor by what is lost again.
pub async fn a_doubt_counts_from_the_first_and_ends_with_a_new_pair_alone(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    renewals.end(lease, &in_doubt(), after_noon(12)).await?;
    let since = renewals.pair().await?.in_doubt_since;
    for (seconds, end) in [(20, failed()), (30, in_doubt()), (40, failed())] {
        let (lease, _) = renewals.must_begin(after_noon(seconds)).await?;
        renewals.end(lease, &end, after_noon(seconds + 1)).await?;
        assert_eq!(renewals.pair().await?.in_doubt_since, since, "{end:?}");
    }
    Ok(())
}

/// Whoever held it died, and nobody knows how far it came.
pub async fn a_right_that_ran_out_is_taken_over_and_the_pair_is_in_doubt(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    renewals.must_begin(noon()).await?;
    let shortly_before = noon() + LEASE - TimeDelta::seconds(1);
    let begun = renewals
        .begin(renewals.generation, renewals.lease(), shortly_before)
        .await?;
    assert!(begun.is_none());
    assert_eq!(renewals.pair().await?.in_doubt_since, None);

    let (lease, taken_over) = renewals.must_begin(noon() + LEASE).await?;
    assert_eq!(taken_over.in_doubt_since, Some(noon()));
    assert_eq!(renewals.pair().await?.in_doubt_since, Some(noon()));
    let failed_at = noon() + LEASE + TimeDelta::seconds(1);
    assert!(renewals.end(lease, &failed(), failed_at).await?);
    assert_eq!(renewals.pair().await?.in_doubt_since, Some(noon()));
    Ok(())
}

/// However many wait for it.
pub async fn of_many_callers_one_takes_over_a_right_that_ran_out(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    renewals.must_begin(noon()).await?;
    let now = noon() + LEASE;
    let callers = (0..MANY).map(|_| renewals.begin(renewals.generation, renewals.lease(), now));
    let got: Vec<_> = at_once(callers)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    assert_eq!(got.into_iter().flatten().count(), 1);
    Ok(())
}

/// That nothing came of it says nothing of what the one who took over brings.
pub async fn a_renewal_that_lost_its_right_tells_of_no_failure(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lost, _) = renewals.must_begin(noon()).await?;
    let now = noon() + LEASE;
    let (held, _) = renewals.must_begin(now).await?;
    for end in [failed(), in_doubt(), dead()] {
        assert!(!renewals.end(lost, &end, now).await?, "{end:?}");
    }
    renewals.assert_is_the_first_pair().await?;
    let pair = renewals.pair().await?;
    assert_eq!((pair.last_attempt, pair.state), (None, TokenState::Active));
    let end = renewed(&renewals, "held", now);
    assert!(renewals.end(held, &end, now).await?);
    let pair = renewals.pair().await?;
    assert_eq!(pair.access_token, sealed("access-held"));
    Ok(())
}

/// Whoever took over and found the refresh token used up did not know that a pair was on its way.
pub async fn a_new_pair_is_stored_whoever_took_over_in_the_meantime(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lost, _) = renewals.must_begin(noon()).await?;
    let now = noon() + LEASE;
    let (held, _) = renewals.must_begin(now).await?;
    assert!(renewals.end(held, &dead(), now).await?);
    assert_eq!(
        renewals.pair().await?.state,
        TokenState::NeedsReauthorisation
    );

    let late = now + TimeDelta::seconds(1);
    let end = renewed(&renewals, "late", late);
    assert!(renewals.end(lost, &end, late).await?);
    let pair = renewals.pair().await?;
    assert_eq!(pair.access_token, sealed("access-late"));
    assert_eq!(pair.refresh_token, sealed("refresh-late"));
    assert_eq!((pair.state, pair.state_reason), (TokenState::Active, None));
    assert_eq!(pair.in_doubt_since, None);
    let next = renewals
        .begin(pair.generation, renewals.lease(), late)
        .await?;
    assert!(next.is_some(), "nobody holds the right to the new pair");
    Ok(())
}

/// Its end comes after that: what is stored is newer than what it was asked for.
pub async fn whoever_took_over_stores_nothing_beside_the_new_pair(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lost, _) = renewals.must_begin(noon()).await?;
    let now = noon() + LEASE;
    let (held, _) = renewals.must_begin(now).await?;
    let end = renewed(&renewals, "first", now);
    assert!(renewals.end(lost, &end, now).await?);
    for end in [dead(), in_doubt(), renewed(&renewals, "second", now)] {
        assert!(!renewals.end(held, &end, now).await?, "{end:?}");
    }
    let pair = renewals.pair().await?;
    assert_eq!(pair.access_token, sealed("access-first"));
    assert_eq!(
        (pair.state, pair.in_doubt_since),
        (TokenState::Active, None)
    );
    Ok(())
}

/// It is the stronger word: only a new authorisation ends it.
pub async fn a_dead_end_of_a_pair_that_was_revoked_leaves_it_revoked(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(noon()).await?;
    assert_eq!(withdraw(&renewals, after_noon(1)).await?, 1);
    let reason = renewals.pair().await?.state_reason;
    assert!(renewals.end(lease, &dead(), after_noon(2)).await?);
    let pair = renewals.pair().await?;
    assert_eq!(pair.state, TokenState::Revoked);
    assert_eq!(pair.state_reason, reason);
    Ok(())
}

/// The refresh token is used up: throwing the new pair away would cost the shop.
pub async fn a_renewal_that_took_too_long_is_stored_unless_somebody_took_over(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(noon()).await?;
    let late = noon() + LEASE + TimeDelta::seconds(30);
    assert!(
        renewals
            .end(lease, &renewed(&renewals, "late", late), late)
            .await?
    );
    let pair = renewals.pair().await?;
    assert_eq!(pair.access_token, sealed("access-late"));
    assert_eq!(pair.in_doubt_since, None);
    Ok(())
}

/// The seller was there in the meantime: what the older pair's renewal brings is not the newest.
pub async fn a_new_authorisation_ends_the_renewal_of_the_older_pair(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(noon()).await?;
    let anew = NewToken {
        access_token: sealed("access-anew"),
        refresh_token: sealed("refresh-anew"),
        ..token(PROFILE, &renewals.bench.ids)
    };
    renewals.bench.keep(&anew, after_noon(1)).await?;
    let end = renewed(&renewals, "older", after_noon(2));
    assert!(!renewals.end(lease, &end, after_noon(2)).await?);
    let pair = renewals.pair().await?;
    assert_eq!(pair.access_token, sealed("access-anew"));
    assert_eq!(pair.refresh_token, sealed("refresh-anew"));
    assert_eq!(pair.in_doubt_since, None);
    let begun = renewals
        .begin(pair.generation, renewals.lease(), after_noon(2))
        .await?;
    assert!(begun.is_some(), "nobody holds the right to the newer pair");
    Ok(())
}

/// A push says that it was taken back; an answer that was under way says nothing about that.
pub async fn a_pair_that_was_withdrawn_during_its_renewal_stays_withdrawn(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(noon()).await?;
    assert_eq!(withdraw(&renewals, after_noon(1)).await?, 1);
    let end = renewed(&renewals, "late", after_noon(2));
    renewals.end(lease, &end, after_noon(2)).await?;
    assert_eq!(renewals.pair().await?.state, TokenState::Revoked);
    Ok(())
}

/// What the seller took back was given before it, however new the pair is.
pub async fn a_renewal_is_no_new_authorisation(fixture: &dyn StoreFixture) -> Outcome {
    let renewals = Renewals::new(fixture).await?;
    let (lease, _) = renewals.must_begin(after_noon(10)).await?;
    let end = renewed(&renewals, "new", after_noon(10));
    assert!(renewals.end(lease, &end, after_noon(10)).await?);
    assert_eq!(withdraw(&renewals, after_noon(5)).await?, 1);
    assert_eq!(renewals.pair().await?.state, TokenState::Revoked);
    Ok(())
}

/// Takes back what was authorised before; answers of how many shops.
async fn withdraw(renewals: &Renewals, before: Timestamp) -> Result<usize, StoreError> {
    let mut uow = renewals.bench.begin().await?;
    let withdrawn = uow
        .tokens()
        .withdraw(
            ConnectorName::Shopee,
            Environment::Sandbox,
            &[SHOP],
            before,
            TokenState::Revoked,
            "the seller took the authorisation back",
        )
        .await?;
    uow.commit().await?;
    Ok(withdrawn.len())
}

fn in_doubt() -> RefreshEnd {
    RefreshEnd::InDoubt {
        error: "no answer came".into(),
    }
}
