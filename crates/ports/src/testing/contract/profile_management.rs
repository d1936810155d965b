//! Profiles as a person manages them: stored as given, edited by version, deleted without being gone.

use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::{Outcome, StoreFixture};
use crate::profiles::Profile;
use crate::testing::examples::{
    SHOP, after_noon, blank_profile, noon, profile, profile_id, sealed,
};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

/// Every field, and pushes that name it find their tenant.
pub async fn a_profile_is_found_as_it_was_put(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let whole = Profile {
        base_url_override: Some("http://127.0.0.1:1/api/v2".into()),
        registered_url: Some("https://hub.example/connectors/shopee/webhook?x=1".into()),
        partner_id: Some(1_000_001),
        shop: Some(SHOP),
        partner_key: Some(sealed("partner-key")),
        partner_key_ends_at: Some(after_noon(9_000)),
        push_key: Some(sealed("push-key")),
        previous_push_key: Some(sealed("previous-push-key")),
        accepts_body_only: true,
        is_active: true,
        ..blank_profile("scp_whole")
    };
    let inactive = blank_profile("scp_blank");
    for profile in [&whole, &inactive] {
        bench.put(profile, noon()).await?;
        assert_is(&bench.profile(profile.id.as_str()).await?, profile);
        let owner = fixture.directory().tenant_of(&profile.id).await?;
        assert_eq!(owner, Some(fixture.tenant()));
    }
    let mut uow = bench.begin().await?;
    let unknown = uow.profiles().find(&profile_id("scp_none")).await?;
    assert!(unknown.is_none());
    Ok(())
}

/// What it lacks by now is gone, secrets included.
pub async fn a_profile_that_is_put_again_is_as_it_was_put_last(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let saved = bench.profile(PROFILE).await?;
    let changed = Profile {
        display_name: "Card shop, new".into(),
        environment: Environment::Live,
        region: Region::Brazil,
        is_active: false,
        ..blank_profile(PROFILE)
    };
    bench.put(&changed, after_noon(60)).await?;
    let found = bench.profile(PROFILE).await?;
    assert_is(&found, &changed);
    assert_eq!(found.updated_at, after_noon(60));
    assert_eq!(found.created_at, saved.created_at);
    Ok(())
}

/// One that a set-up has saved.
pub async fn a_profile_that_was_saved_is_managed_like_any_other(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let given = profile(PROFILE);
    let expected = Profile {
        registered_url: given.registered_url,
        partner_id: given.partner_id,
        shop: given.shop,
        partner_key: given.partner_key,
        push_key: given.push_key,
        accepts_body_only: given.accepts_body_only,
        is_active: true,
        display_name: given.display_name,
        ..blank_profile(PROFILE)
    };
    assert_is(&bench.profile(expected.id.as_str()).await?, &expected);
    let other = bench.profile(OTHER_PROFILE).await?;
    assert!(!other.is_active);
    Ok(())
}

/// Of the profile that was changed, by whatever path, and of no other.
pub async fn every_change_increases_the_version(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let other = bench.profile(OTHER_PROFILE).await?;
    let first = bench.profile(PROFILE).await?;
    let renamed = Profile {
        display_name: "Renamed".into(),
        // The store's own affair, whatever is handed in.
        version: first.version + 1_000,
        ..first.clone()
    };
    bench.put(&renamed, after_noon(1)).await?;
    let second = bench.profile(PROFILE).await?;
    assert!(second.version > first.version);
    assert!(second.version < first.version + 1_000);
    let mut uow = bench.begin().await?;
    uow.profiles()
        .save(&profile(PROFILE), after_noon(2))
        .await?;
    uow.commit().await?;
    let third = bench.profile(PROFILE).await?;
    assert!(third.version > second.version);
    let untouched = bench.profile(OTHER_PROFILE).await?;
    assert_eq!(untouched.version, other.version);
    Ok(())
}

/// Whatever the alphabet says; those of another connector are not among them.
pub async fn profiles_are_told_oldest_first_and_deleted_ones_if_asked_for(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let made = |id, seconds| Profile {
        created_at: after_noon(seconds),
        ..blank_profile(id)
    };
    let deleted = Profile {
        deleted_at: Some(after_noon(90)),
        ..made("scp_m", 20)
    };
    let of_other_connector = Profile {
        connector: ConnectorName::Lazada,
        ..made("scp_b", 5)
    };
    for profile in [
        made("scp_a", 30),
        made("scp_z", 10),
        deleted,
        of_other_connector,
    ] {
        bench.put(&profile, after_noon(100)).await?;
    }
    let mut uow = bench.begin().await?;
    for (with_deleted, expected) in [
        (false, &["scp_z", "scp_a"][..]),
        (true, &["scp_z", "scp_m", "scp_a"]),
    ] {
        let told = uow.profiles().of_connector(SHOPEE, with_deleted).await?;
        let told: Vec<_> = told.iter().map(|profile| profile.id.as_str()).collect();
        assert_eq!(told, expected);
    }
    Ok(())
}

/// Its place as the active one is free, too.
pub async fn a_deleted_profile_is_found_and_not_used(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.profile(PROFILE).await?;
    let deleted = Profile {
        deleted_at: Some(after_noon(1)),
        ..first
    };
    bench.put(&deleted, after_noon(1)).await?;
    let found = bench.profile(deleted.id.as_str()).await?;
    assert_eq!(found.deleted_at, Some(after_noon(1)));
    let mut uow = bench.begin().await?;
    let received = uow.profiles().receiving(SHOPEE).await?;
    let received: Vec<_> = received.iter().map(|profile| profile.id.as_str()).collect();
    assert_eq!(received, [OTHER_PROFILE]);
    assert!(uow.profiles().calling(&deleted.id).await?.is_none());
    drop(uow);
    let other = bench.profile(OTHER_PROFILE).await?;
    let activated = Profile {
        is_active: true,
        ..other
    };
    bench.put(&activated, after_noon(2)).await?;
    assert!(bench.profile(activated.id.as_str()).await?.is_active);
    Ok(())
}

/// Every field but those that are the store's own affair.
fn assert_is(found: &Profile, expected: &Profile) {
    let Profile {
        id,
        connector,
        environment,
        display_name,
        region,
        base_url_override,
        registered_url,
        partner_id,
        shop,
        partner_key,
        partner_key_ends_at,
        push_key,
        previous_push_key,
        accepts_body_only,
        is_active,
        version: _,
        created_at,
        updated_at: _,
        deleted_at,
    } = expected;
    assert_eq!(found.id, *id);
    assert_eq!(found.connector, *connector);
    assert_eq!(found.environment, *environment);
    assert_eq!(found.display_name, *display_name);
    assert_eq!(found.region, *region);
    assert_eq!(found.base_url_override, *base_url_override);
    assert_eq!(found.registered_url, *registered_url);
    assert_eq!(found.partner_id, *partner_id);
    assert_eq!(found.shop, *shop);
    assert_eq!(found.partner_key, *partner_key);
    assert_eq!(found.partner_key_ends_at, *partner_key_ends_at);
    assert_eq!(found.push_key, *push_key);
    assert_eq!(found.previous_push_key, *previous_push_key);
    assert_eq!(found.accepts_body_only, *accepts_body_only);
    assert_eq!(found.is_active, *is_active);
    assert_eq!(found.created_at, *created_at);
    assert_eq!(found.deleted_at, *deleted_at);
}
