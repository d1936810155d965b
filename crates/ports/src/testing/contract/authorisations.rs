//! Authorisations that sellers were asked for: a nonce is good once, for its profile, for its time.

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::audit::Actor;

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::authorisation::{PendingAuthorisation, Redeemed};
use crate::sealing::Digest;
use crate::testing::examples::{after_noon, noon, profile_id};

/// The nonces of the tests, as they are stored.
const NONCE: Digest = Digest([1; 32]);
const OTHER_NONCE: Digest = Digest([2; 32]);

/// For the profile that it was made for; others are not used up by it.
pub async fn a_nonce_is_good_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    ask(&bench, OTHER_NONCE, OTHER_PROFILE, after_noon(600), noon()).await?;
    for (nonce, profile) in [(NONCE, PROFILE), (OTHER_NONCE, OTHER_PROFILE)] {
        assert_eq!(redeem(&bench, nonce, after_noon(10)).await?, good(profile));
        for seconds in [10, 11] {
            let again = redeem(&bench, nonce, after_noon(seconds)).await?;
            assert_eq!(again, Redeemed::Used);
        }
    }
    Ok(())
}

/// A browser that sends a request twice must not exchange a code twice.
pub async fn of_many_that_bring_a_nonce_one_goes_on(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    let callers = (0..MANY).map(|_| redeem(&bench, NONCE, after_noon(1)));
    let told: Vec<_> = at_once(callers)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let went_on = told.iter().filter(|told| **told == good(PROFILE)).count();
    let used = told.iter().filter(|told| **told == Redeemed::Used).count();
    assert_eq!((went_on, used), (1, MANY - 1));
    Ok(())
}

/// And says so for a day.
pub async fn a_nonce_that_is_too_old_is_expired(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    let a_day_later = after_noon(600) + TimeDelta::hours(23);
    ask(&bench, OTHER_NONCE, PROFILE, a_day_later, a_day_later).await?;
    for now in [after_noon(601), a_day_later] {
        assert_eq!(redeem(&bench, NONCE, now).await?, Redeemed::Expired);
    }
    // Asking when it is too late uses nothing up.
    let in_time = redeem(&bench, NONCE, after_noon(599)).await?;
    assert_eq!(in_time, good(PROFILE));
    Ok(())
}

/// Whoever made it up.
pub async fn a_nonce_that_was_never_given_out_is_unknown(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    let made_up = redeem(&bench, OTHER_NONCE, after_noon(1)).await?;
    assert_eq!(made_up, Redeemed::Unknown);
    Ok(())
}

/// Nothing came of it.
pub async fn a_redemption_that_was_not_committed_uses_nothing_up(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    let mut uow = bench.begin().await?;
    let redeemed = uow.authorisations().redeem(&NONCE, after_noon(1)).await?;
    assert_eq!(redeemed, good(PROFILE));
    drop(uow);
    assert_eq!(redeem(&bench, NONCE, after_noon(2)).await?, good(PROFILE));
    Ok(())
}

/// Whether it was used or not; the next one that is asked for sweeps it away.
pub async fn what_ended_more_than_a_day_ago_is_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let used = Digest([3; 32]);
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    ask(&bench, used, PROFILE, after_noon(600), noon()).await?;
    redeem(&bench, used, after_noon(1)).await?;
    let now = after_noon(600) + TimeDelta::hours(25);
    let until = now + TimeDelta::minutes(10);
    ask(&bench, OTHER_NONCE, PROFILE, until, now).await?;
    for nonce in [NONCE, used] {
        assert_eq!(redeem(&bench, nonce, now).await?, Redeemed::Unknown);
    }
    assert_eq!(redeem(&bench, OTHER_NONCE, now).await?, good(PROFILE));
    Ok(())
}

/// Neither good nor used up.
pub async fn nonces_of_another_tenant_are_unknown(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    ask(&bench, NONCE, PROFILE, after_noon(600), noon()).await?;
    let told = redeem(&theirs, NONCE, after_noon(1)).await?;
    assert_eq!(told, Redeemed::Unknown);
    assert_eq!(redeem(&bench, NONCE, after_noon(2)).await?, good(PROFILE));
    Ok(())
}

fn good(profile: &str) -> Redeemed {
    Redeemed::Good {
        profile: profile_id(profile),
    }
}

async fn ask(
    bench: &Bench,
    nonce: Digest,
    profile: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Outcome {
    let asked = PendingAuthorisation {
        nonce,
        profile: profile_id(profile),
        asked_by: Actor::terminal(),
        expires_at,
    };
    let mut uow = bench.begin().await?;
    uow.authorisations().ask(&asked, now).await?;
    uow.commit().await
}

async fn redeem(bench: &Bench, nonce: Digest, now: Timestamp) -> Result<Redeemed, StoreError> {
    let mut uow = bench.begin().await?;
    let redeemed = uow.authorisations().redeem(&nonce, now).await?;
    uow.commit().await?;
    Ok(redeemed)
}
