//! Pushes that come in a crowd are put down first, and are filed into the inbox by whoever comes next.

use chrono::TimeDelta;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent};
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::StoredAs::{Duplicate, New};
use crate::inbox::{Filed, FiledApart, RefusedRest};
use crate::profiles::{NewProfile, ProfilesVersion};
use crate::testing::examples::{self, after_noon, noon, profile_id, sealed};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

/// More than there are.
const ALL: u32 = 100;

impl Bench {
    async fn put_by(
        &self,
        version: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<bool, StoreError> {
        self.store
            .put_in_journal(&self.tenant, SHOPEE, version, events)
            .await
    }

    /// By the profiles as they are.
    async fn put_down(&self, events: &[NewEvent]) -> Result<bool, StoreError> {
        let version = self.begin().await?.profiles().version(SHOPEE).await?;
        self.put_by(&version, events).await
    }

    async fn file(&self, batches_max: u32) -> Result<Filed, StoreError> {
        let mut uow = self.begin().await?;
        let filed = uow.inbox().file_journal(noon(), batches_max).await?;
        uow.commit().await?;
        Ok(filed)
    }

    async fn file_apart(&self, now: Timestamp) -> Result<FiledApart, StoreError> {
        let rest = RefusedRest {
            least: TimeDelta::minutes(1),
            most: TimeDelta::minutes(3),
        };
        let mut uow = self.begin().await?;
        let apart = uow.inbox().file_journal_apart(now, rest).await?;
        uow.commit().await?;
        Ok(apart)
    }

    async fn file_at_once(&self, batches_max: u32) -> Result<Option<Filed>, StoreError> {
        let (store, tenant) = (&self.store, &self.tenant);
        store
            .file_journal_at_once(tenant, noon(), batches_max)
            .await
    }
}

const fn filed(batches: u32, stored: u32, duplicates: u32) -> Filed {
    Filed {
        batches,
        stored,
        duplicates,
    }
}

/// By either way. Nobody sees it before, and it lacks nothing then.
pub async fn what_is_in_the_journal_is_filed_as_the_event_that_it_is(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    what_is_filed_is_the_event(&bench, "250101AAA", bench.file(ALL)).await?;
    let at_once = async { Ok(bench.file_at_once(ALL).await?.unwrap_or_default()) };
    what_is_filed_is_the_event(&bench, "250101BBB", at_once).await
}

async fn what_is_filed_is_the_event(
    bench: &Bench,
    order_sn: &str,
    filing: impl Future<Output = Result<Filed, StoreError>>,
) -> Outcome {
    let [direct, first, second] = [0, 1, 2].map(|seconds| bench.push(order_sn, seconds));
    assert_eq!(bench.store(std::slice::from_ref(&direct)).await?, [New]);
    assert!(bench.put_down(&[first.clone(), second.clone()]).await?);
    assert!(bench.views.event(&bench.tenant, first.id).await?.is_none());

    assert_eq!(filing.await?, filed(1, 2, 0));
    assert_eq!(bench.file(ALL).await?, Filed::default());
    let shown = bench.views.event(&bench.tenant, first.id).await?;
    let shown = shown.expect("the event is filed");
    let as_before = bench.views.event(&bench.tenant, direct.id).await?;
    let as_before = as_before.expect("the event is kept");
    assert_eq!(shown.summary.signature_ok, as_before.summary.signature_ok);
    assert_eq!(shown.summary.source, as_before.summary.source);
    assert_eq!(shown.summary.received_at, first.received_at);
    assert_eq!(shown.signature_scheme, as_before.signature_scheme);
    assert_eq!(shown.signature_key, as_before.signature_key);
    assert_eq!(shown.profile_id, as_before.profile_id);
    assert_eq!(shown.delivery_id, first.delivery_id);
    let batch = bench.must_claim(after_noon(2)).await?;
    assert_eq!(batch.orders[0].events, [direct.id, first.id, second.id]);
    assert_eq!(batch.orders[0].hinted_at, second.content.updated_at);
    Ok(())
}

/// Within a batch, in two of them, or once in the inbox and once in the journal, whichever came first.
pub async fn an_event_that_comes_twice_by_way_of_the_journal_is_stored_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [before, first, after] = [0, 1, 2].map(|seconds| bench.push("250101AAA", seconds));
    assert_eq!(bench.store(std::slice::from_ref(&before)).await?, [New]);
    let batch = [bench.again(&before), first.clone(), bench.again(&first)];
    assert!(bench.put_down(&batch).await?);
    let batch = [bench.again(&first), after.clone()];
    assert!(bench.put_down(&batch).await?);
    let sooner = bench.again(&after);
    assert_eq!(bench.store(std::slice::from_ref(&sooner)).await?, [New]);

    assert_eq!(bench.file(ALL).await?, filed(2, 1, 4));
    assert_eq!(bench.store(&[bench.again(&first)]).await?, [Duplicate]);
    let batch = bench.must_claim(after_noon(2)).await?;
    assert_eq!(batch.orders[0].events.len(), 3);
    Ok(())
}

/// What is not new is looked at event by event.
pub async fn of_a_batch_with_a_repetition_nothing_is_filed_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [before, first] = [0, 1].map(|seconds| bench.push("250101AAA", seconds));
    assert_eq!(bench.store(std::slice::from_ref(&before)).await?, [New]);
    let batch = [first.clone(), bench.again(&before)];
    assert!(bench.put_down(&batch).await?);
    assert_eq!(bench.file_at_once(ALL).await?, None);
    assert!(bench.views.event(&bench.tenant, first.id).await?.is_none());
    assert_eq!(bench.file(ALL).await?, filed(1, 1, 1));
    assert_eq!(bench.file_at_once(ALL).await?, Some(Filed::default()));
    Ok(())
}

/// It is kept without the id; see the events that are stored in a unit of work.
pub async fn a_delivery_id_with_another_content_loses_no_event_that_is_filed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.push("250101AAA", 0);
    let second = NewEvent {
        delivery_id: first.delivery_id.clone(),
        ..bench.push("250101AAA", 1)
    };
    assert!(bench.put_down(&[first.clone(), second.clone()]).await?);
    assert_eq!(bench.file(ALL).await?, filed(1, 2, 0));
    let batch = bench.must_claim(after_noon(1)).await?;
    assert_eq!(batch.orders[0].events, [first.id, second.id]);
    Ok(())
}

/// What was put aside for a profile that is not in force is work for another one.
pub async fn an_event_that_was_skipped_is_taken_over_when_it_is_filed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let skipped = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Skipped),
        ..bench.push("250101AAA", 0)
    };
    assert_eq!(bench.store(std::slice::from_ref(&skipped)).await?, [New]);
    let due = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        disposition: Disposition::Due,
        ..bench.again(&skipped)
    };
    assert!(bench.put_down(&[due]).await?);
    assert_eq!(bench.file(ALL).await?, filed(1, 1, 0));
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.profile, profile_id(OTHER_PROFILE));
    assert_eq!(batch.orders[0].events, [skipped.id]);
    Ok(())
}

/// In the order in which they were put down.
pub async fn the_oldest_of_the_journal_are_filed_first_and_no_more_than_asked_for(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [first, second] = [0, 1].map(|seconds| bench.push("250101AAA", seconds));
    assert!(bench.put_down(std::slice::from_ref(&first)).await?);
    assert!(bench.put_down(std::slice::from_ref(&second)).await?);
    assert_eq!(bench.file(1).await?, filed(1, 1, 0));
    assert!(bench.views.event(&bench.tenant, first.id).await?.is_some());
    assert!(bench.views.event(&bench.tenant, second.id).await?.is_none());
    assert_eq!(bench.file_at_once(1).await?, Some(filed(1, 1, 0)));
    assert_eq!(bench.file(1).await?, Filed::default());
    Ok(())
}

/// Whoever was at it may have died.
pub async fn what_was_not_committed_stays_in_the_journal(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    assert!(bench.put_down(std::slice::from_ref(&event)).await?);
    let mut uow = bench.begin().await?;
    assert_eq!(uow.inbox().file_journal(noon(), ALL).await?, filed(1, 1, 0));
    drop(uow);
    assert!(bench.views.event(&bench.tenant, event.id).await?.is_none());
    // What was begun is taken back in the background, and until then somebody is at it.
    let mut later = Filed::default();
    while later.batches == 0 {
        later = bench.file(ALL).await?;
    }
    assert_eq!(later, filed(1, 1, 0));
    Ok(())
}

/// Whoever judged the events knew other keys, or another shop.
pub async fn nothing_is_put_in_the_journal_by_profiles_that_have_changed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let before = bench.begin().await?.profiles().version(SHOPEE).await?;
    let mut uow = bench.begin().await?;
    let with_key = NewProfile {
        push_key: Some(sealed("another-key")),
        ..examples::profile(PROFILE)
    };
    uow.profiles().save(&with_key, noon()).await?;
    uow.commit().await?;
    let event = bench.push("250101AAA", 0);
    assert!(!bench.put_by(&before, std::slice::from_ref(&event)).await?);
    assert_eq!(bench.file(ALL).await?, Filed::default());
    assert!(bench.put_down(&[event]).await?);
    Ok(())
}

/// The rest is stored in the usual way, where more may follow from it.
pub async fn only_what_asks_for_work_is_put_in_the_journal(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let skipped = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Skipped),
        ..bench.push("250101AAA", 0)
    };
    let due = bench.push("250101BBB", 0);
    assert!(!bench.put_down(&[skipped, due]).await?);
    assert_eq!(bench.file(ALL).await?, Filed::default());
    assert!(bench.claim(some_day()).await?.is_none());
    Ok(())
}

/// Whatever may be wrong with one, it is wrong with no other.
pub async fn the_oldest_batch_can_be_filed_by_itself(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = ["250101AAA", "250101BBB"].map(|number| bench.push(number, 0));
    let other = bench.push("250101CCC", 1);
    let again = NewEvent {
        id: bench.push("250101AAA", 2).id,
        ..first[0].clone()
    };
    assert!(bench.put_down(&first).await?);
    assert!(bench.put_down(&[again, other]).await?);
    for expected in [filed(1, 2, 0), filed(1, 1, 1)] {
        let apart = bench.file_apart(noon()).await?;
        assert!(
            matches!(apart, FiledApart::Filed(one) if one == expected),
            "{apart:?}"
        );
    }
    let apart = bench.file_apart(noon()).await?;
    assert!(matches!(apart, FiledApart::NothingThere), "{apart:?}");
    Ok(())
}

/// As with a unit of work.
pub async fn the_journal_of_a_tenant_that_does_not_exist_is_not_there(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let nobody: TenantSlug = "nobody".parse().expect("a slug");
    let version = bench.begin().await?.profiles().version(SHOPEE).await?;
    let put = bench
        .store
        .put_in_journal(&nobody, SHOPEE, &version, &[bench.push("250101AAA", 0)])
        .await;
    assert!(
        matches!(&put, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{put:?}"
    );
    let filed = bench.store.file_journal_at_once(&nobody, noon(), ALL).await;
    assert!(
        matches!(&filed, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{filed:?}"
    );
    Ok(())
}
