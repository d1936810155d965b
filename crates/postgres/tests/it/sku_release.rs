//! A SKU that appears releases the orders that wait for it, by whatever statement it appears.

use std::pin::pin;

use hawker_domain::catalogue::Sku;
use hawker_ports::inbox::WorkResult;
use hawker_ports::testing::examples::{after_noon, noon, sku};
use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, Postgres};

use crate::workshop::{Workshop, reports, some_day};

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
        .psql("INSERT INTO tenant_default.product (id, title) VALUES ('prod_00000000000000000000000001', 'Card')")
        .await?;
    workshop
        .psql("INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_00000000000000000000000001', 'POK-2')")
        .await?;
    assert!(!is_released(&workshop).await?, "by another SKU");
    workshop
        .psql(
            "INSERT INTO tenant_default.product_variant (product_id, sku)
             VALUES ('prod_00000000000000000000000001', 'POK-3'), ('prod_00000000000000000000000001', 'POK-1')",
        )
        .await?;
    assert!(is_released(&workshop).await?);
    Ok(())
}

#[tokio::test]
async fn a_rename_releases_it() -> anyhow::Result<()> {
    let workshop = with_held_order().await?;
    workshop
        .psql("INSERT INTO tenant_default.product (id, title) VALUES ('prod_00000000000000000000000001', 'Card')")
        .await?;
    workshop
        .psql("INSERT INTO tenant_default.product_variant (product_id, sku) VALUES ('prod_00000000000000000000000001', 'POK-9')")
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

/// A SKU that the catalogue takes is one that an order line can carry, and the other way round:
/// trimmed as Unicode has it, without control characters, not longer than any real one.
#[tokio::test]
async fn a_sku_that_no_order_line_can_carry_is_refused() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut texts = vec![
        String::new(),
        "A".repeat(200),
        "A".repeat(201),
        "\u{e9}".repeat(200),
    ];
    let around = (0x01..=0xa1).chain(0x1ff0..=0x2060);
    let odd = [0xad, 0x1680, 0x180e, 0x3000, 0xfeff, 0x1f0cf];
    for character in around.chain(odd).filter_map(char::from_u32) {
        texts.push(format!("{character}A"));
        texts.push(format!("A{character}"));
        texts.push(format!("A{character}B"));
    }
    texts.sort();
    texts.dedup();
    let taken: Vec<bool> = sqlx::query_scalar(
        "SELECT tried.taken FROM UNNEST($1::text[]) WITH ORDINALITY AS told (sku, place)
         CROSS JOIN LATERAL pg_temp.takes(told.sku) AS tried (taken)
         ORDER BY told.place",
    )
    .bind(&texts)
    .fetch_all(&mut *with_a_probe(&workshop).await?)
    .await?;
    for (text, taken) in texts.iter().zip(taken) {
        let is_sku = Sku::parse(text).is_some_and(|sku| sku.as_str() == text);
        assert_eq!(taken, is_sku, "{text:?}");
    }
    Ok(())
}

/// A connection on which `pg_temp.takes(sku)` says whether the catalogue takes a SKU.
async fn with_a_probe(workshop: &Workshop) -> anyhow::Result<PoolConnection<Postgres>> {
    let mut connection = workshop.database.pool().acquire().await?;
    connection
        .execute(sqlx::raw_sql(
            "INSERT INTO tenant_default.product (title) VALUES ('Card');
             CREATE FUNCTION pg_temp.takes(told text) RETURNS boolean LANGUAGE plpgsql AS $$
             BEGIN
                 INSERT INTO tenant_default.product_variant (product_id, sku)
                 SELECT id, told FROM tenant_default.product;
                 RETURN true;
             EXCEPTION WHEN check_violation THEN
                 RETURN false;
             END
             $$",
        ))
        .await?;
    Ok(connection)
}

/// A catalogue change that is under way has not been seen yet, nor does it see who waits for it. The
/// order is held without waiting for it, and looked at again.
#[tokio::test]
async fn a_sku_that_is_added_while_its_order_is_being_held_releases_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    let batch = workshop.must_claim(noon()).await?;
    let mut adding = adding(&workshop).await?;
    workshop.finish(&batch, &held()).await?;
    assert!(workshop.claim(after_noon(5)).await?.is_none());
    adding.execute("COMMIT").await?;
    assert!(workshop.claim(after_noon(6)).await?.is_some());
    Ok(())
}

/// An operator adds one SKU and changes another in one transaction. Between the two a worker has the
/// other one locked and holds an order that waits for the first: neither waits for the other in a
/// circle, and the order comes back.
#[tokio::test]
async fn a_catalogue_change_and_a_worker_never_deadlock() -> anyhow::Result<()> {
    let workshop = with_held_order().await?;
    let other = workshop.add_variant("POK-2").await?;
    workshop.store(&[workshop.push("250101AAA", 10)]).await?;
    let batch = workshop.must_claim(after_noon(10)).await?;

    // Locks the events of the order too, because it is held for this SKU already.
    let mut adding = adding(&workshop).await?;
    let mut worker = workshop.begin().await?;
    worker.inventory().lock(&[other]).await?;
    let renaming = async {
        adding
            .execute("UPDATE tenant_default.product_variant SET title = 'Card' WHERE sku = 'POK-2'")
            .await?;
        adding.execute("COMMIT").await?;
        anyhow::Ok(())
    };
    let mut renaming = pin!(renaming);
    tokio::select! {
        done = &mut renaming => panic!("the worker has the variant locked: {done:?}"),
        waits = somebody_waits(&workshop) => waits?,
    }
    worker
        .inbox()
        .finish(&batch, &reports(&batch, &held()), after_noon(10))
        .await?;
    worker.commit().await?;
    renaming.await?;
    assert!(is_released(&workshop).await?);
    Ok(())
}

/// A transaction that has added the SKU `POK-1` and goes on.
async fn adding(workshop: &Workshop) -> anyhow::Result<PoolConnection<Postgres>> {
    let mut connection = workshop.database.pool().acquire().await?;
    connection
        .execute(sqlx::raw_sql(
            "BEGIN;
             WITH card AS (
                 INSERT INTO tenant_default.product (title) VALUES ('Card') RETURNING id
             )
             INSERT INTO tenant_default.product_variant (product_id, sku)
             SELECT id, 'POK-1' FROM card",
        ))
        .await?;
    Ok(connection)
}

async fn somebody_waits(workshop: &Workshop) -> anyhow::Result<()> {
    loop {
        let waits: bool = sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
             )",
        )
        .fetch_one(workshop.database.pool())
        .await?;
        if waits {
            return Ok(());
        }
    }
}
