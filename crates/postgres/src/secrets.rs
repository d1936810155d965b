//! Every secret of a tenant as it is stored, walked in the order of columns and rows, and stored anew
//! where it still is as it was read.
//!
//! Places are ordered byte by byte, as the port orders them, whatever the collation of the database.

use async_trait::async_trait;
use hawker_domain::ConnectorName;
use hawker_ports::secrets::{Resealed, SECRET_COLUMNS, SecretPlace, StoredSecret, StoredSecrets};
use hawker_ports::{Sealed, StoreError};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::profiles;
use crate::unit_of_work::PgUnitOfWork;

const SECRETS: &str = "secrets";

#[async_trait]
impl StoredSecrets for PgUnitOfWork {
    async fn page(
        &mut self,
        after: Option<&SecretPlace>,
        limit: u32,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let done = page(self.enter()?, after, limit).await;
        self.leave(SECRETS, done)
    }

    async fn replace(&mut self, secrets: &[Resealed]) -> Result<u64, StoreError> {
        let done = replace(self.enter()?, secrets).await;
        self.leave(SECRETS, done)
    }
}

async fn page(
    connection: &mut PgConnection,
    after: Option<&SecretPlace>,
    limit: u32,
) -> Result<Vec<StoredSecret>, Fault> {
    let (after_column, after_row) =
        after.map_or(("", ""), |place| (place.column, place.row.as_str()));
    sqlx::query!(
        r#"
        SELECT place AS "place!", id AS "id!", sealed AS "sealed!"
        FROM (
            SELECT 'connector_profile.partner_key_encrypted' AS place, id, partner_key_encrypted AS sealed
            FROM connector_profile
            UNION ALL
            SELECT 'connector_profile.previous_push_partner_key_encrypted', id, previous_push_partner_key_encrypted
            FROM connector_profile
            UNION ALL
            SELECT 'connector_profile.push_partner_key_encrypted', id, push_partner_key_encrypted
            FROM connector_profile
            UNION ALL
            SELECT 'connector_token.access_token_encrypted', id, access_token_encrypted
            FROM connector_token
            UNION ALL
            SELECT 'connector_token.refresh_token_encrypted', id, refresh_token_encrypted
            FROM connector_token
        ) AS secret
        WHERE sealed IS NOT NULL
          AND (place COLLATE "C", id COLLATE "C") > ($1, $2)
        ORDER BY place COLLATE "C", id COLLATE "C"
        LIMIT $3
        "#,
        after_column,
        after_row,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let column = SECRET_COLUMNS.into_iter().find(|column| *column == row.place);
        let column = column
            .ok_or_else(|| Fault::corrupt("secret", &row.place, "the port does not list the column"))?;
        Ok(StoredSecret {
            place: SecretPlace { column, row: row.id },
            sealed: Sealed::from_stored(row.sealed),
        })
    })
    .collect()
}

/// Secrets of one column.
#[derive(Default)]
struct Columns {
    id: Vec<String>,
    old: Vec<String>,
    new: Vec<String>,
}

/// Under the lock that saves of profiles and of the tokens of several shops take first: an update of
/// many rows takes them in an order of its own, so that without it the two could wait for each other.
///
/// The setting keeps the versions of profiles (`connector_profile_is_changed`). It ends with the last
/// statement; should one fail, with the transaction.
async fn replace(connection: &mut PgConnection, secrets: &[Resealed]) -> Result<u64, Fault> {
    let mut replaced = 0;
    if !secrets.is_empty() {
        for connector in ConnectorName::ALL {
            profiles::lock(connection, *connector).await?;
        }
    }
    set_resealing(connection, "on").await?;
    for column in SECRET_COLUMNS {
        let mut columns = Columns::default();
        for Resealed { place, old, new } in secrets {
            if place.column == column {
                columns.id.push(place.row.clone());
                columns.old.push(old.as_stored().to_owned());
                columns.new.push(new.as_stored().to_owned());
            }
        }
        if !columns.id.is_empty() {
            replaced += replace_in(connection, column, &columns).await?;
        }
    }
    set_resealing(connection, "off").await?;
    Ok(replaced)
}

async fn set_resealing(connection: &mut PgConnection, state: &str) -> Result<(), Fault> {
    sqlx::query!("SELECT set_config('hawker.is_resealing', $1, true)", state,)
        .fetch_one(connection)
        .await?;
    Ok(())
}

async fn replace_in(
    connection: &mut PgConnection,
    column: &'static str,
    Columns { id, old, new }: &Columns,
) -> Result<u64, Fault> {
    let statement = match column {
        "connector_profile.partner_key_encrypted" => sqlx::query!(
            "UPDATE connector_profile AS kept
             SET partner_key_encrypted = resealed.new
             FROM UNNEST($1::text[], $2::text[], $3::text[]) AS resealed (id, old, new)
             WHERE kept.id = resealed.id AND kept.partner_key_encrypted = resealed.old",
            id,
            old,
            new,
        ),
        "connector_profile.previous_push_partner_key_encrypted" => sqlx::query!(
            "UPDATE connector_profile AS kept
             SET previous_push_partner_key_encrypted = resealed.new
             FROM UNNEST($1::text[], $2::text[], $3::text[]) AS resealed (id, old, new)
             WHERE kept.id = resealed.id
               AND kept.previous_push_partner_key_encrypted = resealed.old",
            id,
            old,
            new,
        ),
        "connector_profile.push_partner_key_encrypted" => sqlx::query!(
            "UPDATE connector_profile AS kept
             SET push_partner_key_encrypted = resealed.new
             FROM UNNEST($1::text[], $2::text[], $3::text[]) AS resealed (id, old, new)
             WHERE kept.id = resealed.id AND kept.push_partner_key_encrypted = resealed.old",
            id,
            old,
            new,
        ),
        "connector_token.access_token_encrypted" => sqlx::query!(
            "UPDATE connector_token AS kept
             SET access_token_encrypted = resealed.new
             FROM UNNEST($1::text[], $2::text[], $3::text[]) AS resealed (id, old, new)
             WHERE kept.id = resealed.id AND kept.access_token_encrypted = resealed.old",
            id,
            old,
            new,
        ),
        "connector_token.refresh_token_encrypted" => sqlx::query!(
            "UPDATE connector_token AS kept
             SET refresh_token_encrypted = resealed.new
             FROM UNNEST($1::text[], $2::text[], $3::text[]) AS resealed (id, old, new)
             WHERE kept.id = resealed.id AND kept.refresh_token_encrypted = resealed.old",
            id,
            old,
            new,
        ),
        other => {
            return Err(Fault::Refused(format!("no secrets are kept in {other}")));
        }
    };
    Ok(statement.execute(connection).await?.rows_affected())
}
