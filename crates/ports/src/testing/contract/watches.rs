//! Each profile is looked at now and then, by one process; what was seen is kept.

use chrono::TimeDelta;
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, THEIR_PROFILE, some_day};
use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::profiles::{NewProfile, Profile};
use crate::push_console::PushStatus;
use crate::testing::examples::{after_noon, noon, profile, profile_id};
use crate::watches::{SeenPushSettings, Watch};

const SHOPEE: ConnectorName = ConnectorName::Shopee;
const NOBODY: [&str; 0] = [];

/// Each at once, and then not before its time.
pub async fn a_profile_that_was_never_looked_at_is_due(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert_eq!(watch(&bench, PROFILE).await?, None);
    let next = after_noon(3_600);
    let due = claim(&bench, noon(), next, 10).await?;
    assert_eq!(due, [PROFILE, OTHER_PROFILE]);
    assert_eq!(
        claim(&bench, after_noon(3_599), some_day(), 10).await?,
        NOBODY
    );
    let due = claim(&bench, next, after_noon(7_200), 10).await?;
    assert_eq!(due, [PROFILE, OTHER_PROFILE]);
    Ok(())
}

/// The others remain due.
pub async fn no_more_profiles_are_claimed_than_asked_for(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut claimed = Vec::new();
    for _ in 0..2 {
        let due = claim(&bench, noon(), after_noon(60), 1).await?;
        assert_eq!(due.len(), 1);
        claimed.extend(due);
    }
    claimed.sort();
    assert_eq!(claimed, [PROFILE, OTHER_PROFILE]);
    assert_eq!(claim(&bench, noon(), after_noon(60), 1).await?, NOBODY);
    Ok(())
}

/// Whether it was ever looked at or not.
pub async fn of_many_processes_one_looks(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (now, next) in [(noon(), after_noon(60)), (after_noon(60), after_noon(120))] {
        let processes = (0..MANY).map(|_| claim(&bench, now, next, 10));
        let claimed = at_once(processes).await;
        let claimed: Vec<_> = claimed.into_iter().collect::<Result<_, _>>()?;
        let mut claimed = claimed.concat();
        claimed.sort();
        assert_eq!(claimed, [PROFILE, OTHER_PROFILE]);
    }
    Ok(())
}

/// Nor those of another connector.
pub async fn deleted_profiles_are_not_looked_at(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let of_other_connector = NewProfile {
        connector: ConnectorName::Lazada,
        ..profile("scp_lazada")
    };
    let mut uow = bench.begin().await?;
    let profiles = uow.profiles();
    profiles.save(&of_other_connector, noon()).await?;
    let known = profiles.find(&profile_id(OTHER_PROFILE)).await?;
    let deleted = Profile {
        deleted_at: Some(noon()),
        ..known.expect("the profile exists")
    };
    profiles.put(&deleted, noon()).await?;
    uow.commit().await?;
    let due = claim(&bench, noon(), some_day(), 10).await?;
    assert_eq!(due, [PROFILE]);
    Ok(())
}

/// And of no other environment; what is due already is not put off.
pub async fn what_happens_to_an_authorisation_makes_its_environment_due(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let live = NewProfile {
        environment: Environment::Live,
        ..profile("scp_live")
    };
    let mut uow = bench.begin().await?;
    uow.profiles().save(&live, noon()).await?;
    uow.commit().await?;
    claim(&bench, noon(), after_noon(3_600), 10).await?;
    look_soon(&bench, after_noon(10)).await?;
    let due = claim(&bench, after_noon(10), after_noon(3_600), 10).await?;
    assert_eq!(due, [PROFILE, OTHER_PROFILE]);

    let now = after_noon(3_600);
    look_soon(&bench, now + TimeDelta::hours(1)).await?;
    let due = claim(&bench, now, some_day(), 10).await?;
    assert_eq!(due, [PROFILE, "scp_live", OTHER_PROFILE]);
    Ok(())
}

/// Each by itself; a later look takes the place of an earlier one.
pub async fn what_was_seen_of_a_profile_is_told(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    claim(&bench, noon(), after_noon(3_600), 10).await?;
    let suspended = SeenPushSettings {
        status: PushStatus::Suspended,
        callback_url: Some("https://hub.example/connectors/shopee/webhook".into()),
        suspended_at: Some(after_noon(-600)),
    };
    note(&bench, &suspended, true, after_noon(1)).await?;
    let seen = Watch {
        looked_at: Some(after_noon(1)),
        due_at: after_noon(3_600),
        push_status: Some(PushStatus::Suspended),
        push_callback_url: suspended.callback_url,
        push_suspended_at: Some(after_noon(-600)),
        locations_fetched_at: Some(after_noon(1)),
        is_single_location: Some(true),
    };
    assert_eq!(watch(&bench, PROFILE).await?, Some(seen.clone()));
    let unknown = SeenPushSettings {
        status: PushStatus::Other("Paused".into()),
        callback_url: None,
        suspended_at: None,
    };
    note(&bench, &unknown, false, after_noon(2)).await?;
    let seen = Watch {
        looked_at: Some(after_noon(2)),
        push_status: Some(unknown.status),
        push_callback_url: None,
        push_suspended_at: None,
        locations_fetched_at: Some(after_noon(2)),
        is_single_location: Some(false),
        ..seen
    };
    assert_eq!(watch(&bench, PROFILE).await?, Some(seen));
    let other = watch(&bench, OTHER_PROFILE).await?;
    assert!(other.is_none_or(|other| other.looked_at.is_none() && other.push_status.is_none()));
    Ok(())
}

/// And before that it is nobody's.
pub async fn a_profile_that_was_looked_at_is_due_when_the_look_says(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    claim(&bench, noon(), after_noon(120), 10).await?;
    note_look(&bench, after_noon(3_600), after_noon(1)).await?;
    assert_eq!(
        claim(&bench, after_noon(120), some_day(), 10).await?,
        [OTHER_PROFILE],
        "the look that was not noted is made again"
    );
    assert_eq!(
        claim(&bench, after_noon(3_599), some_day(), 10).await?,
        NOBODY
    );
    let due = claim(&bench, after_noon(3_600), after_noon(3_720), 10).await?;
    assert_eq!(due, [PROFILE]);
    note_look(&bench, after_noon(3_630), after_noon(3_601)).await?;
    assert_eq!(
        claim(&bench, after_noon(3_629), some_day(), 10).await?,
        NOBODY
    );
    let due = claim(&bench, after_noon(3_630), some_day(), 10).await?;
    assert_eq!(due, [PROFILE], "sooner than it was claimed for");
    Ok(())
}

/// The look may have been over what happened by then.
pub async fn what_happens_during_a_look_has_the_profile_looked_at_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    claim(&bench, noon(), after_noon(120), 10).await?;
    look_soon(&bench, after_noon(5)).await?;
    note_look(&bench, after_noon(3_600), after_noon(5)).await?;
    let seen = watch(&bench, PROFILE).await?.expect("it was looked at");
    assert_eq!(seen.looked_at, Some(after_noon(5)));
    assert_eq!(seen.due_at, after_noon(5));
    let due = claim(&bench, after_noon(5), some_day(), 10).await?;
    assert_eq!(due, [PROFILE, OTHER_PROFILE]);
    Ok(())
}

/// Nothing else of what was seen is.
pub async fn warehouses_of_another_shop_are_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    let watches = uow.watches();
    watches.forget_locations(&profile_id(PROFILE)).await?;
    for profile in [PROFILE, OTHER_PROFILE] {
        let profile = profile_id(profile);
        watches.note_look(&profile, after_noon(60), noon()).await?;
        watches.note_locations(&profile, true, noon()).await?;
    }
    watches.forget_locations(&profile_id(PROFILE)).await?;
    uow.commit().await?;
    let seen = watch(&bench, PROFILE).await?.expect("it was looked at");
    assert_eq!(
        (seen.locations_fetched_at, seen.is_single_location),
        (None, None)
    );
    assert_eq!(
        (seen.looked_at, seen.due_at),
        (Some(noon()), after_noon(60))
    );
    let other = watch(&bench, OTHER_PROFILE).await?.expect("so was it");
    assert_eq!(other.locations_fetched_at, Some(noon()));
    Ok(())
}

/// An operator may look before any process does.
pub async fn a_profile_that_was_never_claimed_can_be_noted(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    uow.watches()
        .note_locations(&profile_id(PROFILE), true, after_noon(1))
        .await?;
    uow.commit().await?;
    let seen = watch(&bench, PROFILE).await?.expect("something was seen");
    assert_eq!(seen.locations_fetched_at, Some(after_noon(1)));
    assert_eq!(seen.is_single_location, Some(true));
    assert_eq!(seen.looked_at, None);
    assert_eq!(seen.push_status, None);
    Ok(())
}

/// Neither claimed nor hurried.
pub async fn profiles_of_another_tenant_are_not_looked_at(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    claim(&bench, noon(), after_noon(3_600), 10).await?;
    look_soon(&theirs, after_noon(1)).await?;
    let due = claim(&theirs, after_noon(1), after_noon(3_600), 10).await?;
    assert_eq!(due, [THEIR_PROFILE]);
    assert_eq!(claim(&bench, after_noon(1), some_day(), 10).await?, NOBODY);
    assert_eq!(watch(&theirs, PROFILE).await?, None);
    Ok(())
}

/// The ids of the claimed profiles, in the order of the alphabet.
async fn claim(
    bench: &Bench,
    now: Timestamp,
    next: Timestamp,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let mut uow = bench.begin().await?;
    let due = uow.watches().claim_due(SHOPEE, now, next, limit).await?;
    uow.commit().await?;
    let mut due: Vec<_> = due.iter().map(ToString::to_string).collect();
    due.sort();
    Ok(due)
}

async fn look_soon(bench: &Bench, now: Timestamp) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.watches()
        .look_soon(SHOPEE, Environment::Sandbox, now)
        .await?;
    uow.commit().await
}

/// The first profile was looked at.
async fn note_look(bench: &Bench, next: Timestamp, now: Timestamp) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.watches()
        .note_look(&profile_id(PROFILE), next, now)
        .await?;
    uow.commit().await
}

/// Notes everything that there is to see of the first profile.
async fn note(bench: &Bench, push: &SeenPushSettings, is_single: bool, now: Timestamp) -> Outcome {
    let profile = profile_id(PROFILE);
    let mut uow = bench.begin().await?;
    let watches = uow.watches();
    watches.note_look(&profile, after_noon(3_600), now).await?;
    watches.note_push_settings(&profile, push, now).await?;
    watches.note_locations(&profile, is_single, now).await?;
    uow.commit().await
}

async fn watch(bench: &Bench, profile: &str) -> Result<Option<Watch>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.watches().find(&profile_id(profile)).await
}
