//! Verified events may be stored without a unit of work, by profiles that are as they were read.

use hawker_domain::event::{Disposition, EventOutcome, NewEvent};
use hawker_domain::{ConnectorName, Environment, TenantSlug};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::StoredAs::{self, Duplicate, New};
use crate::profiles::{NewProfile, ProfilesVersion};
use crate::testing::examples::{self, after_noon, noon, profile_id, sealed};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

impl Bench {
    async fn version(&self) -> Result<ProfilesVersion, StoreError> {
        self.begin().await?.profiles().version(SHOPEE).await
    }

    /// By the profiles as they are.
    async fn store_at_once(&self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        let version = self.version().await?;
        let stored = self
            .store
            .store_at_once(&self.tenant, SHOPEE, &version, events)
            .await?;
        Ok(stored.expect("the profiles are as they were read"))
    }
}

/// Once by its content, whichever way it came first.
pub async fn an_event_that_is_stored_at_once_is_the_event_that_it_is_in_a_unit_of_work(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [first, second, third] = [0, 1, 2].map(|seconds| bench.push("250101AAA", seconds));
    assert_eq!(bench.store(std::slice::from_ref(&first)).await?, [New]);
    let events = [bench.again(&first), second.clone(), bench.again(&second)];
    assert_eq!(
        bench.store_at_once(&events).await?,
        [Duplicate, New, Duplicate]
    );
    assert_eq!(
        bench.store_at_once(std::slice::from_ref(&third)).await?,
        [New]
    );
    assert_eq!(bench.store(&[bench.again(&third)]).await?, [Duplicate]);

    let shown = bench.views.event(&bench.tenant, second.id).await?;
    let shown = shown.expect("the event is kept");
    let as_before = bench.views.event(&bench.tenant, first.id).await?;
    let as_before = as_before.expect("the event is kept");
    assert_eq!(shown.summary.signature_ok, as_before.summary.signature_ok);
    assert_eq!(shown.signature_scheme, as_before.signature_scheme);
    assert_eq!(shown.signature_key, as_before.signature_key);
    assert_eq!(shown.profile_id, as_before.profile_id);
    assert_eq!(shown.delivery_id, second.delivery_id);
    let batch = bench.must_claim(after_noon(2)).await?;
    assert_eq!(batch.orders[0].events, [first.id, second.id, third.id]);
    Ok(())
}

/// It is kept without the id; see the events that are stored in a unit of work.
pub async fn a_delivery_id_with_another_content_loses_no_event_that_is_stored_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.push("250101AAA", 0);
    let second = NewEvent {
        delivery_id: first.delivery_id.clone(),
        ..bench.push("250101AAA", 1)
    };
    let events = [first.clone(), second.clone()];
    assert_eq!(bench.store_at_once(&events).await?, [New, New]);
    let batch = bench.must_claim(after_noon(1)).await?;
    assert_eq!(batch.orders[0].events, [first.id, second.id]);
    Ok(())
}

/// What was put aside for a profile that is not in force is work for another one.
pub async fn an_event_that_was_skipped_is_taken_over_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let skipped = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Skipped),
        ..bench.push("250101AAA", 0)
    };
    assert_eq!(
        bench.store_at_once(std::slice::from_ref(&skipped)).await?,
        [New]
    );
    assert!(bench.claim(some_day()).await?.is_none());
    let due = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        disposition: Disposition::Due,
        ..bench.again(&skipped)
    };
    assert_eq!(bench.store_at_once(&[due]).await?, [New]);
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.profile, profile_id(OTHER_PROFILE));
    assert_eq!(batch.orders[0].events, [skipped.id]);
    Ok(())
}

/// Whoever judged the events knew other keys, or another shop.
pub async fn nothing_is_stored_at_once_by_profiles_that_have_changed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let before = bench.version().await?;
    let mut uow = bench.begin().await?;
    let with_key = NewProfile {
        push_key: Some(sealed("another-key")),
        ..examples::profile(PROFILE)
    };
    uow.profiles().save(&with_key, noon()).await?;
    uow.commit().await?;
    let event = bench.push("250101AAA", 0);
    let stored = bench
        .store
        .store_at_once(&bench.tenant, SHOPEE, &before, std::slice::from_ref(&event))
        .await?;
    assert_eq!(stored, None);
    assert!(bench.views.event(&bench.tenant, event.id).await?.is_none());
    assert_eq!(bench.store_at_once(&[event]).await?, [New]);
    Ok(())
}

/// Saved, made active, moved to the other environment, deleted: each is another version. Looking is none.
pub async fn every_change_of_the_profiles_is_another_version_of_them(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut versions = vec![bench.version().await?];
    assert_eq!(bench.version().await?, versions[0]);

    let mut uow = bench.begin().await?;
    let saved = examples::profile("scp_third");
    uow.profiles().save(&saved, noon()).await?;
    uow.commit().await?;
    versions.push(bench.version().await?);

    let mut uow = bench.begin().await?;
    uow.profiles()
        .set_active_environment(SHOPEE, Environment::Live)
        .await?;
    uow.commit().await?;
    versions.push(bench.version().await?);

    let mut changed = bench.profile(PROFILE).await?;
    changed.deleted_at = Some(noon());
    changed.is_active = false;
    let mut uow = bench.begin().await?;
    uow.profiles().put(&changed, noon()).await?;
    uow.commit().await?;
    versions.push(bench.version().await?);

    for (at, version) in versions.iter().enumerate() {
        assert!(!versions[..at].contains(version), "{versions:?}");
    }
    Ok(())
}

/// As with a unit of work.
pub async fn nothing_is_stored_at_once_for_a_tenant_that_does_not_exist(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let nobody: TenantSlug = "nobody".parse().expect("a slug");
    let version = bench.version().await?;
    let stored = bench
        .store
        .store_at_once(&nobody, SHOPEE, &version, &[bench.push("250101AAA", 0)])
        .await;
    assert!(
        matches!(&stored, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{stored:?}"
    );
    Ok(())
}
