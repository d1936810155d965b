//! The statements of the runbook run unchanged, from a plain `psql`, and do what they promise.

use hawker_domain::event::EventOutcome;
use hawker_ports::inbox::WorkResult;
use hawker_ports::testing::examples::noon;
use sqlx::Row as _;

use crate::workshop::{Workshop, some_day};

#[tokio::test]
async fn inbound_flow_can_be_observed() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    let batch = workshop.must_claim(noon()).await?;
    workshop
        .finish(&batch, &WorkResult::Done(EventOutcome::Applied))
        .await?;

    let event = sqlx::query(
        "SELECT id, event_type, ordersn, signature_ok, processed FROM shopee_raw_event ORDER BY created_at DESC LIMIT 5;",
    )
    .fetch_one(workshop.database.pool())
    .await?;
    assert_eq!(event.get::<String, _>("ordersn"), "250101AAA");
    assert_eq!(event.get::<i32, _>("event_type"), 3);
    assert!(event.get::<bool, _>("signature_ok"));
    assert!(event.get::<bool, _>("processed"));

    let sync = sqlx::query(
        "SELECT ordersn, shopee_status, status, medusa_order_id FROM shopee_order_sync ORDER BY created_at DESC LIMIT 5;",
    )
    .fetch_one(workshop.database.pool())
    .await?;
    assert_eq!(sync.get::<String, _>("ordersn"), "250101AAA");

    let open = sqlx::query(
        "SELECT id, error_class, error_message FROM connector_exception WHERE status = 'open';",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    assert!(open.is_empty());

    let escrow = sqlx::query(
        "SELECT ordersn, escrow_amount, voucher_from_seller, voucher_from_shopee, seller_transaction_fee, buyer_total_amount, currency FROM shopee_escrow ORDER BY created_at DESC LIMIT 5;",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    assert!(escrow.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_retry_makes_an_event_due_whatever_became_of_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let event = workshop.push("250101AAA", 0);
    workshop.store(std::slice::from_ref(&event)).await?;
    let results = [
        WorkResult::Done(EventOutcome::Applied),
        WorkResult::GaveUp,
        WorkResult::Held {
            missing_skus: Vec::new(),
        },
        WorkResult::TryAgain { at: some_day() },
    ];
    let mut now = noon();
    for result in results {
        let batch = workshop.must_claim(now).await?;
        assert_eq!(batch.orders[0].attempts, 0, "before {result:?}");
        workshop.finish(&batch, &result).await?;
        assert!(
            workshop.claim(noon()).await?.is_none(),
            "{result:?} leaves nothing due"
        );
        let retried = sqlx::query("UPDATE shopee_raw_event SET processed=false WHERE id=$1;")
            .bind(event.id.to_string())
            .execute(workshop.database.pool())
            .await?;
        assert_eq!(retried.rows_affected(), 1);
        now = noon();
    }
    assert_eq!(workshop.must_claim(now).await?.orders[0].events, [event.id]);
    Ok(())
}

#[tokio::test]
async fn a_body_is_shown_as_what_it_is() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let json = workshop.push("250101AAA", 0);
    let mut garbage = workshop.push("250101BBB", 1);
    garbage.body = vec![0, 0xff, b'{'];
    garbage.content.is_json = false;
    let own = hawker_domain::event::NewEvent {
        body: Vec::new(),
        ..garbage.clone()
    };
    let own = hawker_domain::event::NewEvent {
        id: hawker_domain::ids::EventId::fresh(&workshop.ids),
        delivery_id: None,
        content: hawker_domain::event::PushContent {
            content_key: "own".into(),
            ..own.content.clone()
        },
        ..own
    };
    workshop
        .store(&[json.clone(), garbage.clone(), own.clone()])
        .await?;
    let payload = async |id: hawker_domain::ids::EventId| {
        sqlx::query_scalar::<_, Option<serde_json::Value>>(
            "SELECT payload FROM shopee_raw_event WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_one(workshop.database.pool())
        .await
    };
    assert_eq!(
        payload(json.id).await?,
        serde_json::from_slice(&json.body).ok()
    );
    assert_eq!(
        payload(garbage.id).await?,
        Some(serde_json::json!({"base64": "AP97"}))
    );
    assert_eq!(payload(own.id).await?, None);
    Ok(())
}
