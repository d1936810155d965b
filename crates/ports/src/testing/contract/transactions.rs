//! A unit of work happens whole or not at all, and within one tenant.

use hawker_domain::ids::{LocationId, VariantId};

use super::bench::{Bench, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{self, SKU, after_noon, noon, order_sn, sku};
use crate::views::{EventFilter, ExceptionFilter, OrderFilter, PageRequest};

const PAGE: PageRequest = PageRequest {
    limit: 10,
    after: None,
};

/// Before it is committed.
pub async fn a_unit_of_work_sees_what_it_wrote(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    let variant = bench.variant(SKU);
    uow.catalogue()
        .add_variants(std::slice::from_ref(&variant), noon())
        .await?;
    let index = uow.catalogue().resolve(&[sku(SKU)]).await?;
    assert_eq!(index.resolve(&sku(SKU)), Ok(variant.variant));
    uow.inbox().store(&[bench.push("250101AAA", 0)]).await?;
    let batch = uow.inbox().claim(&bench.request(noon())).await?;
    assert!(batch.is_some());
    Ok(())
}

/// Not by pages, not by other units of work.
pub async fn what_is_not_committed_is_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    uow.inbox().store(&[event]).await?;
    uow.catalogue()
        .add_variants(&[bench.variant(SKU)], noon())
        .await?;
    assert!(bench.views.event(&bench.tenant, id).await?.is_none());
    let mut other = bench.begin().await?;
    let index = other.catalogue().resolve(&[sku(SKU)]).await?;
    assert!(index.resolve(&sku(SKU)).is_err());
    drop(other);
    uow.commit().await?;
    assert!(bench.views.event(&bench.tenant, id).await?.is_some());
    Ok(())
}

/// Whatever it wrote before.
pub async fn a_dropped_unit_of_work_leaves_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let mut uow = bench.begin().await?;
    let claimed = uow.inbox().claim(&bench.request(noon())).await?;
    assert!(claimed.is_some());
    uow.catalogue()
        .add_variants(&[bench.variant(SKU)], noon())
        .await?;
    drop(uow);
    assert_eq!(bench.claimed(noon()).await?, ["250101AAA"]);
    let mut uow = bench.begin().await?;
    let index = uow.catalogue().resolve(&[sku(SKU)]).await?;
    assert!(index.resolve(&sku(SKU)).is_err());
    Ok(())
}

/// A swallowed error must not become a half-done change.
pub async fn a_failed_write_poisons_the_unit_of_work(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    uow.inbox().store(&[bench.push("250101AAA", 0)]).await?;
    let nowhere = bench.receipt(VariantId::of(1), LocationId::of(2), 1);
    let refused = uow.inventory().book(&[nowhere]).await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let committed = uow.commit().await;
    assert!(
        matches!(committed, Err(StoreError::Poisoned)),
        "{committed:?}"
    );
    assert!(bench.claim(some_day()).await?.is_none());
    Ok(())
}

/// By name, before anything is done.
pub async fn a_tenant_that_does_not_exist_cannot_be_worked_on(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let nobody = examples::tenant("nobody");
    let begun = fixture.store().begin(&nobody).await.map(drop);
    assert!(
        matches!(&begun, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{begun:?}"
    );
    let viewed = fixture.views().backlog(&nobody, noon()).await;
    assert!(
        matches!(&viewed, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{viewed:?}"
    );
    Ok(())
}

/// Not events, not orders, not SKUs, not stock, not profiles.
pub async fn rows_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(std::slice::from_ref(&event)).await?;
    bench.must_claim(noon()).await?;

    let theirs = Bench {
        tenant: fixture.other_tenant(),
        ..Bench::bare(fixture)
    };
    assert!(theirs.claim(some_day()).await?.is_none());
    let mut uow = theirs.begin().await?;
    let index = uow.catalogue().resolve(&[sku(SKU)]).await?;
    assert!(index.resolve(&sku(SKU)).is_err());
    let profiles = uow.profiles().receiving(event.connector).await?;
    assert!(profiles.is_empty());
    let calling = uow
        .profiles()
        .calling(&examples::profile_id(PROFILE))
        .await?;
    assert!(calling.is_none());
    drop(uow);
    let views = &theirs.views;
    assert!(views.event(&theirs.tenant, id).await?.is_none());
    let order = views.order(&theirs.tenant, &order_sn("250101AAA")).await?;
    assert!(order.is_none());
    let events = views
        .events(&theirs.tenant, &EventFilter::default(), &PAGE)
        .await?;
    let orders = views
        .orders(&theirs.tenant, &OrderFilter::default(), &PAGE)
        .await?;
    let exceptions = views
        .exceptions(&theirs.tenant, &ExceptionFilter::default(), &PAGE)
        .await?;
    assert_eq!(
        (events.rows.len(), orders.rows.len(), exceptions.rows.len()),
        (0, 0, 0)
    );
    // The same event is no duplicate there.
    let stored = theirs.store(&[event]).await?;
    assert_eq!(stored, [crate::inbox::StoredAs::New]);
    let backlog = theirs.views.backlog(&theirs.tenant, after_noon(1)).await?;
    assert_eq!((backlog.due, backlog.leased), (1, 0));
    Ok(())
}
