//! Filing a batch of the journal by itself, after a portion was refused: nothing keeps any other out.

use hawker_domain::exception::Subject;
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::{FiledApart, PutOff, RefusedPush, RefusedRest};
use sqlx::{Executor as _, PgConnection};

use super::EVENTS;
use super::journal::{Batch, file_these, oldest};
use super::journal_places::BEGINNING;
use crate::fault::Fault;

/// Whoever has the batch locked finds out that it is refused and acts on it: another one is meant by nothing of this.
pub(super) async fn file_apart(
    connection: &mut PgConnection,
    now: Timestamp,
    rest: RefusedRest,
) -> Result<FiledApart, Fault> {
    let Some(batch) = oldest(connection, BEGINNING, now, 1).await?.pop() else {
        return Ok(FiledApart::NothingThere);
    };
    connection.execute("SAVEPOINT filing").await?;
    let why = match file_these(connection, std::slice::from_ref(&batch)).await {
        Ok(filed) => return Ok(FiledApart::Filed(filed)),
        Err(fault) => fault.into_store_error(EVENTS),
    };
    if !matches!(why, StoreError::Refused { .. } | StoreError::Corrupt { .. }) {
        return Err(Fault::Told(why));
    }
    connection.execute("ROLLBACK TO SAVEPOINT filing").await?;
    if batch.pushes > 1 {
        divide(connection, batch.seq).await?;
        return Ok(FiledApart::Divided);
    }
    let push = put_off(connection, &batch, rest.ends(batch.first_received_at, now)).await?;
    Ok(FiledApart::PutOff(PutOff { why, push }))
}

/// Answers it the first time.
async fn put_off(
    connection: &mut PgConnection,
    batch: &Batch,
    until: Timestamp,
) -> Result<Option<RefusedPush>, Fault> {
    let row = sqlx::query!(
        r#"
        WITH known AS (
            SELECT seq, not_before = '-infinity' AS is_new FROM connector_event_journal WHERE seq = $1
        )
        UPDATE connector_event_journal AS journal
        SET not_before = $2
        FROM known
        WHERE journal.seq = known.seq
        RETURNING
            known.is_new AS "is_new!", journal.connector, journal.ids[1] AS id,
            journal.environments[1] AS environment, journal.profile_ids[1] AS profile_id,
            journal.shop_ids[1] AS shop_id, journal.order_sns[1] AS order_sn
        "#,
        batch.seq,
        until,
    )
    .fetch_one(connection)
    .await?;
    if !row.is_new {
        return Ok(None);
    }
    // What keeps it out of the inbox may be any of these: what cannot be read is no reason to fail here.
    let read = || {
        Some(RefusedPush {
            id: row.id?,
            subject: Subject {
                connector: row.connector.parse().ok()?,
                environment: row.environment?.parse().ok()?,
                profile: row.profile_id.as_deref().and_then(ProfileId::parse),
                shop: row.shop_id.map(ShopId),
                order_sn: row.order_sn.as_deref().and_then(OrderSn::parse),
                event: None,
            },
        })
    };
    Ok(read())
}

/// Each of its pushes is a batch then.
async fn divide(connection: &mut PgConnection, seq: i64) -> Result<(), Fault> {
    sqlx::query_file!("src/inbox/divide_journal.sql", seq)
        .execute(connection)
        .await?;
    Ok(())
}
