//! At most one profile of each environment is active, and one environment is in force, whoever clicks
//! or starts at the same time.

use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, THEIR_PROFILE};
use super::crowd::{MANY, at_once, others_run};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::profiles::{NewProfile, Profile};
use crate::testing::examples::{after_noon, blank_profile, noon, profile, profile_id};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

/// Not even for a moment; the other environment has one of its own.
pub async fn two_profiles_of_an_environment_are_never_active(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let live = Profile {
        environment: Environment::Live,
        region: Region::Sg,
        is_active: true,
        ..blank_profile("scp_live")
    };
    bench.put(&live, noon()).await?;
    let other = bench.profile(OTHER_PROFILE).await?;
    let second = Profile {
        is_active: true,
        ..other
    };
    let mut uow = bench.begin().await?;
    let refused = uow.profiles().put(&second, after_noon(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    drop(uow);
    assert_eq!(active(&bench).await?, [PROFILE, "scp_live"]);
    Ok(())
}

/// Each sees what the one before it did, and the last one wins.
pub async fn activations_at_the_same_time_leave_one_profile_active(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids: Vec<_> = (0..MANY).map(|n| format!("scp_{n}")).collect();
    for id in &ids {
        bench.put(&blank_profile(id), after_noon(1)).await?;
    }
    for done in at_once(ids.iter().map(|id| activate(&bench, id))).await {
        done?;
    }
    let active = active(&bench).await?;
    assert_eq!(active.len(), 1, "{active:?}");
    assert!(ids.contains(&active[0]));
    Ok(())
}

/// Two processes that start at the same time set up one shop.
pub async fn of_many_that_lock_one_finds_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let ids: Vec<_> = (0..MANY).map(|n| format!("scp_{n}")).collect();
    for done in at_once(ids.iter().map(|id| put_if_none(&bench, id))).await {
        done?;
    }
    let mut uow = bench.begin().await?;
    assert_eq!(uow.profiles().of_connector(SHOPEE, true).await?.len(), 1);
    Ok(())
}

/// None at first; from then on what was chosen last, for pushes as well.
pub async fn an_environment_is_chosen_to_work_in(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let mut uow = bench.begin().await?;
    assert_eq!(uow.profiles().active_environment(SHOPEE).await?, None);
    drop(uow);
    let live = NewProfile {
        environment: Environment::Live,
        region: Region::Sg,
        ..profile("scp_live")
    };
    let mut uow = bench.begin().await?;
    uow.profiles().save(&profile(PROFILE), noon()).await?;
    uow.profiles().save(&live, noon()).await?;
    uow.commit().await?;
    for environment in [Environment::Live, Environment::Sandbox, Environment::Live] {
        let mut uow = bench.begin().await?;
        uow.profiles()
            .set_active_environment(SHOPEE, environment)
            .await?;
        uow.commit().await?;
        let mut uow = bench.begin().await?;
        let profiles = uow.profiles();
        assert_eq!(
            profiles.active_environment(SHOPEE).await?,
            Some(environment)
        );
        let lazada = profiles.active_environment(ConnectorName::Lazada).await?;
        assert_eq!(lazada, None);
        let received = profiles.receiving(SHOPEE).await?;
        let in_force: Vec<_> = received
            .iter()
            .filter(|profile| profile.is_in_force)
            .map(|profile| profile.environment)
            .collect();
        assert_eq!(in_force, [environment]);
    }
    Ok(())
}

/// Neither seen nor changed, nor waited for.
pub async fn profiles_of_another_tenant_are_not_managed(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    let mut ours = bench.profile(PROFILE).await?;
    ours.is_active = false; // to be refused for its id and for nothing else
    let mut uow = theirs.begin().await?;
    let profiles = uow.profiles();
    assert!(profiles.find(&ours.id).await?.is_none());
    let told = profiles.of_connector(SHOPEE, true).await?;
    let told: Vec<_> = told.iter().map(|profile| profile.id.as_str()).collect();
    assert_eq!(told, [THEIR_PROFILE]);
    let taken = profiles.put(&ours, after_noon(1)).await;
    assert!(
        matches!(taken, Err(StoreError::Refused { .. })),
        "{taken:?}"
    );
    drop(uow);

    let mut uow = bench.begin().await?;
    uow.profiles().lock(SHOPEE).await?;
    activate(&theirs, THEIR_PROFILE).await?;
    let environment = Environment::Live;
    let mut other = theirs.begin().await?;
    other
        .profiles()
        .set_active_environment(SHOPEE, environment)
        .await?;
    other.commit().await?;
    let chosen = uow.profiles().active_environment(SHOPEE).await?;
    assert_eq!(chosen, Some(Environment::Sandbox));
    uow.commit().await
}

/// The active profiles of all environments.
async fn active(bench: &Bench) -> Result<Vec<String>, StoreError> {
    let mut uow = bench.begin().await?;
    let profiles = uow.profiles().of_connector(SHOPEE, false).await?;
    let active = profiles.iter().filter(|profile| profile.is_active);
    let mut active: Vec<_> = active.map(|profile| profile.id.to_string()).collect();
    active.sort();
    Ok(active)
}

/// As an operator's click does it.
async fn activate(bench: &Bench, id: &str) -> Outcome {
    let mut uow = bench.begin().await?;
    let profiles = uow.profiles();
    profiles.lock(SHOPEE).await?;
    let known = profiles.of_connector(SHOPEE, false).await?;
    others_run().await;
    let chosen = profile_id(id);
    for profile in known.iter().filter(|profile| profile.is_active) {
        let gives_way = Profile {
            is_active: false,
            ..profile.clone()
        };
        profiles.put(&gives_way, after_noon(2)).await?;
    }
    for profile in known.iter().filter(|profile| profile.id == chosen) {
        let becomes = Profile {
            is_active: true,
            ..profile.clone()
        };
        profiles.put(&becomes, after_noon(2)).await?;
    }
    uow.commit().await
}

/// As a first start does it.
async fn put_if_none(bench: &Bench, id: &str) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.profiles().lock(SHOPEE).await?;
    let known = uow.profiles().of_connector(SHOPEE, true).await?;
    others_run().await;
    if known.is_empty() {
        uow.profiles().put(&blank_profile(id), noon()).await?;
    }
    uow.commit().await
}
