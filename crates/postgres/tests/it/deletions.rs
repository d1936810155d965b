//! Whoever deletes an order by hand leaves the stock as it really is.

use hawker_domain::order::OrderStatus;
use hawker_ports::testing::examples::{self, line, noon, snapshot};

use crate::workshop::Workshop;

/// A workshop with an order that has set aside two pieces of one SKU and one of another.
async fn with_reserved_stock() -> anyhow::Result<Workshop> {
    let workshop = Workshop::new().await?;
    workshop.add_variant(examples::SKU).await?;
    workshop.add_variant("POK-2").await?;
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    make_the_order(&workshop).await?;
    assert_eq!(reserved(&workshop).await?, [1, 2]);
    Ok(workshop)
}

async fn make_the_order(workshop: &Workshop) -> anyhow::Result<()> {
    let batch = workshop.must_claim(noon()).await?;
    let mut order = snapshot("250101AAA", OrderStatus::ReadyToShip);
    order.lines.push(line("2", "POK-2", 1));
    workshop.work(&batch, order, noon()).await
}

/// What is set aside of each variant, as the levels say.
async fn reserved(workshop: &Workshop) -> anyhow::Result<Vec<i64>> {
    let reserved =
        sqlx::query_scalar("SELECT reserved FROM tenant_default.stock_level ORDER BY reserved")
            .fetch_all(workshop.database.pool())
            .await?;
    Ok(reserved)
}

#[tokio::test]
async fn what_a_deleted_order_had_set_aside_is_released_with_its_cause() -> anyhow::Result<()> {
    let workshop = with_reserved_stock().await?;
    let order: String = sqlx::query_scalar("SELECT id FROM tenant_default.sales_order")
        .fetch_one(workshop.database.pool())
        .await?;
    workshop
        .psql("DELETE FROM tenant_default.sales_order")
        .await?;
    assert_eq!(reserved(&workshop).await?, [0, 0]);
    let causes: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT cause_kind, cause_text, reserved_delta FROM tenant_default.stock_ledger
         WHERE movement = 'release' ORDER BY reserved_delta DESC",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    let cause = |delta| ("order_line".to_owned(), order.clone(), delta);
    assert_eq!(causes, [cause(-1), cause(-2)]);
    Ok(())
}

#[tokio::test]
async fn a_deleted_order_is_made_again_by_a_retry() -> anyhow::Result<()> {
    let workshop = with_reserved_stock().await?;
    workshop
        .psql("DELETE FROM tenant_default.sales_order")
        .await?;
    workshop
        .psql("UPDATE tenant_default.shopee_raw_event SET processed = false")
        .await?;
    make_the_order(&workshop).await?;
    assert_eq!(reserved(&workshop).await?, [1, 2]);
    Ok(())
}

#[tokio::test]
async fn a_deleted_line_or_reservation_is_released_alone() -> anyhow::Result<()> {
    let workshop = with_reserved_stock().await?;
    workshop
        .psql("DELETE FROM tenant_default.sales_order_line WHERE sku = 'POK-2'")
        .await?;
    assert_eq!(reserved(&workshop).await?, [0, 2]);
    workshop
        .psql("DELETE FROM tenant_default.stock_reservation")
        .await?;
    assert_eq!(reserved(&workshop).await?, [0, 0]);
    Ok(())
}

#[tokio::test]
async fn what_has_left_or_was_released_is_not_released_again() -> anyhow::Result<()> {
    let workshop = with_reserved_stock().await?;
    workshop
        .psql(
            "UPDATE tenant_default.stock_reservation
             SET state = CASE WHEN quantity = 1 THEN 'deducted' ELSE 'released' END",
        )
        .await?;
    workshop
        .psql("DELETE FROM tenant_default.sales_order")
        .await?;
    assert_eq!(reserved(&workshop).await?, [1, 2]);
    Ok(())
}
