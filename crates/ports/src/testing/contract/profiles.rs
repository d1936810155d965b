//! Profiles: which is active, what pushes and calls need of them, whose they are.

use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId};

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::profiles::{CallingProfile, NewProfile, ReceivingProfile};
use crate::testing::examples::{SHOP, after_noon, noon, profile, profile_id, sealed, token};
use crate::tokens::NewToken;

/// Later ones wait for an operator's switch.
pub async fn the_first_profile_of_an_environment_becomes_active(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    // The active one comes first, whatever the alphabet says.
    save(&bench, &profile("scp_z")).await?;
    save(&bench, &profile("scp_a")).await?;
    let told: Vec<_> = receiving(&bench)
        .await?
        .into_iter()
        .map(|profile| (profile.id.to_string(), profile.is_active))
        .collect();
    assert_eq!(told, [("scp_z".into(), true), ("scp_a".into(), false)]);
    Ok(())
}

/// A profile of the other environment is active there, but its environment is not.
pub async fn the_first_environment_is_in_force(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    save(&bench, &profile(PROFILE)).await?;
    let live = NewProfile {
        environment: Environment::Live,
        region: Region::Sg,
        accepts_body_only: false,
        ..profile("scp_live")
    };
    save(&bench, &live).await?;
    let mut told: Vec<_> = receiving(&bench)
        .await?
        .into_iter()
        .map(|profile| (profile.environment, profile.is_active, profile.is_in_force))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            (Environment::Sandbox, true, true),
            (Environment::Live, true, false)
        ]
    );
    Ok(())
}

/// It stays the one that it is, active or not.
pub async fn saving_a_profile_again_replaces_what_it_says(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = calling(&bench, PROFILE).await?;
    assert_eq!(first.environment, Environment::Sandbox);
    assert_eq!(first.region, Region::TestSg);
    assert_eq!(first.partner_key, Some(sealed("partner-key")));
    assert_eq!(first.shop, Some(SHOP));
    let changed = NewProfile {
        region: Region::TestMy,
        base_url_override: Some("http://127.0.0.1:1/api/v2".into()),
        registered_url: Some("https://shop.example/push".into()),
        partner_id: Some(2_000_002),
        shop: Some(ShopId(6_000_000_002)),
        partner_key: Some(sealed("new-partner-key")),
        push_key: Some(sealed("new-push-key")),
        accepts_body_only: false,
        ..profile(PROFILE)
    };
    save(&bench, &changed).await?;

    let called = calling(&bench, PROFILE).await?;
    assert_eq!(called.region, changed.region);
    assert_eq!(called.base_url_override, changed.base_url_override);
    assert_eq!(called.partner_id, changed.partner_id);
    assert_eq!(called.partner_key, changed.partner_key);
    assert_eq!(called.shop, changed.shop);
    let received = receiving(&bench).await?;
    assert_eq!(received.len(), 2);
    let received = &received[0];
    assert_eq!(received.id, changed.id);
    assert!(received.is_active);
    assert_eq!(received.shop, changed.shop);
    assert_eq!(received.registered_url, changed.registered_url);
    assert_eq!(received.push_key, changed.push_key);
    assert_eq!(received.partner_key, changed.partner_key);
    assert!(!received.accepts_body_only);
    Ok(())
}

/// Secrets are write-only: blank means unchanged.
pub async fn a_secret_that_is_not_given_stays_as_it_is(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    save(&bench, &profile(PROFILE)).await?;
    let without = NewProfile {
        partner_key: None,
        push_key: None,
        ..profile(PROFILE)
    };
    save(&bench, &without).await?;
    let told = receiving(&bench).await?;
    assert_eq!(told[0].push_key, Some(sealed("push-key")));
    assert_eq!(told[0].partner_key, Some(sealed("partner-key")));
    assert_eq!(told[0].previous_push_key, None);
    Ok(())
}

/// Pushes that are on their way are still signed with it.
pub async fn a_push_key_that_is_replaced_stays_as_the_previous_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    save(&bench, &profile(PROFILE)).await?;
    let rotated = NewProfile {
        push_key: Some(sealed("rotated")),
        ..profile(PROFILE)
    };
    save(&bench, &rotated).await?;
    save(
        &bench,
        &NewProfile {
            push_key: None,
            ..profile(PROFILE)
        },
    )
    .await?;
    let told = receiving(&bench).await?;
    assert_eq!(told[0].push_key, Some(sealed("rotated")));
    assert_eq!(told[0].previous_push_key, Some(sealed("push-key")));
    Ok(())
}

/// A shop that was not authorised yet has none.
pub async fn a_profile_is_called_with_the_token_of_its_shop(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert!(calling(&bench, PROFILE).await?.token.is_none());
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let kept = calling(&bench, PROFILE).await?.token;
    let kept = kept.expect("the shop is authorised");
    assert_eq!(kept.access_token, sealed("access-token"));
    assert_eq!(kept.expires_at, token(PROFILE, &bench.ids).expires_at);
    let mut uow = bench.begin().await?;
    let unknown = uow.profiles().calling(&profile_id("scp_none")).await?;
    assert!(unknown.is_none());
    Ok(())
}

/// There is one pair for each shop: the newest.
pub async fn a_token_pair_is_replaced_by_a_newer_one(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let newer = NewToken {
        access_token: sealed("newer-access-token"),
        refresh_token: sealed("newer-refresh-token"),
        expires_at: after_noon(50_000),
        ..token(PROFILE, &bench.ids)
    };
    bench.keep(&newer, noon()).await?;
    let kept = calling(&bench, PROFILE).await?.token;
    let kept = kept.expect("the shop is authorised");
    assert_eq!(kept.access_token, newer.access_token);
    assert_eq!(kept.expires_at, newer.expires_at);
    Ok(())
}

/// So that whoever receives pushes knows that there is something to clear.
pub async fn a_profile_shows_its_open_signature_mismatch(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(OTHER_PROFILE)),
        shop: Some(SHOP),
        order_sn: None,
        event: None,
    };
    let cause = Cause {
        class: ErrorClass::SignatureMismatch,
        key: "push-signature".into(),
        message: "Pushes cannot be verified.".into(),
        due_at: None,
    };
    let mut uow = bench.begin().await?;
    let raised = RaisedException::once(subject, cause, &bench.ids);
    uow.exceptions().raise(&[raised], noon()).await?;
    uow.commit().await?;
    for profile in receiving(&bench).await? {
        let is_other = profile.id == profile_id(OTHER_PROFILE);
        assert_eq!(profile.has_open_mismatch, is_other, "{}", profile.id);
    }
    Ok(())
}

/// A push names a profile, and the profile its tenant.
pub async fn the_directory_knows_whose_a_profile_is(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let directory = fixture.directory();
    let tenants = directory.tenants().await?;
    for tenant in [fixture.tenant(), fixture.other_tenant()] {
        assert!(tenants.contains(&tenant), "{tenant} is missing");
    }
    let mut uow = bench.store.begin(&fixture.other_tenant()).await?;
    uow.profiles().save(&profile("scp_theirs"), noon()).await?;
    assert_eq!(directory.tenant_of(&profile_id("scp_theirs")).await?, None);
    uow.commit().await?;
    for (id, owner) in [
        (PROFILE, Some(fixture.tenant())),
        ("scp_theirs", Some(fixture.other_tenant())),
        ("scp_none", None),
    ] {
        assert_eq!(directory.tenant_of(&profile_id(id)).await?, owner);
    }
    Ok(())
}

/// Its pushes would go to whoever saved it last.
pub async fn a_profile_cannot_be_taken_from_another_tenant(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.store.begin(&fixture.other_tenant()).await?;
    let taken = uow.profiles().save(&profile(PROFILE), noon()).await;
    assert!(
        matches!(taken, Err(StoreError::Refused { .. })),
        "{taken:?}"
    );
    drop(uow);
    let owner = fixture.directory().tenant_of(&profile_id(PROFILE)).await?;
    assert_eq!(owner, Some(fixture.tenant()));
    Ok(())
}

async fn save(bench: &Bench, profile: &NewProfile) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.profiles().save(profile, noon()).await?;
    uow.commit().await
}

async fn receiving(bench: &Bench) -> Result<Vec<ReceivingProfile>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.profiles().receiving(ConnectorName::Shopee).await
}

async fn calling(bench: &Bench, id: &str) -> Result<CallingProfile, StoreError> {
    let mut uow = bench.begin().await?;
    let profile = uow.profiles().calling(&profile_id(id)).await?;
    Ok(profile.expect("the profile was saved"))
}
