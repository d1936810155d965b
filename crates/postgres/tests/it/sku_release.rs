//! A SKU that appears releases the orders that wait for it, by whatever statement it appears.

use std::pin::pin;

use hawker_ports::inbox::WorkResult;
use hawker_ports::testing::examples::{noon, sku};
use sqlx::Executor as _;

use crate::workshop::{Workshop, some_day};

/// A workshop with an order that waits for the SKU `POK-1`, tried once before.
async fn with_held_order() -> anyhow::Result<Workshop> {
    let workshop = Workshop::new().await?;
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    let batch = workshop.must_claim(noon()).await?;
    workshop
        .finish(&batch, &WorkResult::TryAgain { at: noon() })
        .await?;
    let batch = workshop.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].attempts, 1);
    workshop.finish(&batch, &held()).await?;
    assert!(workshop.claim(some_day()).await?.is_none());
    Ok(workshop)
}

fn held() -> WorkResult {
    WorkResult::Held {
        missing_skus: vec![sku("POK-1")],
    }
}

async fn is_released(workshop: &Workshop) -> anyhow::Result<bool> {
    let batch = workshop.claim(some_day()).await?;
    Ok(batch.is_some_and(|batch| batch.orders[0].attempts == 0))
}

#[tokio::test]
async fn a_plain_insert_releases_it() -> anyhow::Result<()> {
    let workshop = with_held_order().await?;
    workshop
        .psql("INSERT INTO tenant_default.product (id, title) VALUES ('prod_1', 'Card')")
        .await?;
    workshop
        .psql("INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', 'POK-2')")
        .await?;
    assert!(!is_released(&workshop).await?, "by another SKU");
    workshop
        .psql(
            "INSERT INTO tenant_default.product_variant (product_id, sku)
             VALUES ('prod_1', 'POK-3'), ('prod_1', 'POK-1')",
        )
        .await?;
    assert!(is_released(&workshop).await?);
    Ok(())
}

#[tokio::test]
async fn a_rename_releases_it() -> anyhow::Result<()> {
    let workshop = with_held_order().await?;
    workshop
        .psql("INSERT INTO tenant_default.product (id, title) VALUES ('prod_1', 'Card')")
        .await?;
    workshop
        .psql("INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', 'POK-9')")
        .await?;
    workshop
        .psql("UPDATE tenant_default.product_variant SET title = 'Card'")
        .await?;
    assert!(
        !is_released(&workshop).await?,
        "by a change of something else"
    );
    workshop
        .psql("UPDATE tenant_default.product_variant SET sku = 'POK-1'")
        .await?;
    assert!(is_released(&workshop).await?);
    Ok(())
}

#[tokio::test]
async fn a_blank_or_untrimmed_sku_is_refused() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql("INSERT INTO tenant_default.product (id, title) VALUES ('prod_1', 'Card')")
        .await?;
    for statement in [
        "INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', '')",
        "INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', ' A')",
        "INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', E'A\\t')",
    ] {
        assert!(workshop.psql(statement).await.is_err(), "{statement}");
    }
    Ok(())
}

/// The order is held and the SKU added in transactions that do not see each other: whoever comes
/// second waits for the first.
#[tokio::test]
async fn a_sku_that_is_added_while_its_order_is_being_held_releases_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    let batch = workshop.must_claim(noon()).await?;
    let mut adding = workshop.database.pool().acquire().await?;
    adding
        .execute(sqlx::raw_sql(
            "BEGIN;
             INSERT INTO tenant_default.product (id, title) VALUES ('prod_1', 'Card');
             INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_1', 'POK-1')",
        ))
        .await?;
    let held = held();
    let mut holding = pin!(workshop.finish(&batch, &held));
    let is_held = tokio::select! {
        done = &mut holding => { done?; true }
        waits = somebody_waits_for_the_catalogue(&workshop) => { waits?; false }
    };
    adding.execute("COMMIT").await?;
    if !is_held {
        holding.await?;
    }
    assert!(workshop.claim(some_day()).await?.is_some());
    Ok(())
}

async fn somebody_waits_for_the_catalogue(workshop: &Workshop) -> anyhow::Result<()> {
    loop {
        let waits: bool = sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM pg_locks
                 JOIN pg_database ON pg_database.oid = pg_locks.database
                 WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
             )",
        )
        .fetch_one(workshop.database.pool())
        .await?;
        if waits {
            return Ok(());
        }
    }
}
