//! Authorisations that sellers were asked for. A nonce is used up by one statement.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_ports::StoreError;
use hawker_ports::authorisation::{PendingAuthorisation, PendingAuthorisations, Redeemed};
use hawker_ports::sealing::Digest;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::profiles::profile_id;
use crate::text::stored;
use crate::unit_of_work::PgUnitOfWork;

const AUTHORISATION: &str = "authorisation";

/// How long one that ended is kept, so that a seller who comes late is told why.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

#[async_trait]
impl PendingAuthorisations for PgUnitOfWork {
    async fn ask(
        &mut self,
        asked: &PendingAuthorisation,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = ask(self.enter()?, asked, now).await;
        self.leave(AUTHORISATION, done)
    }

    async fn redeem(&mut self, nonce: &Digest, now: Timestamp) -> Result<Redeemed, StoreError> {
        let done = redeem(self.enter()?, nonce, now).await;
        self.leave(AUTHORISATION, done)
    }
}

async fn ask(
    connection: &mut PgConnection,
    asked: &PendingAuthorisation,
    now: Timestamp,
) -> Result<(), Fault> {
    let PendingAuthorisation {
        nonce,
        profile,
        asked_by,
        expires_at,
    } = asked;
    // Whoever does the same at the same time takes care of the rest.
    sqlx::query!(
        "DELETE FROM connector_authorisation
         WHERE nonce_digest IN (
             SELECT nonce_digest FROM connector_authorisation
             WHERE expires_at < $1
             FOR UPDATE SKIP LOCKED
         )",
        now - KEPT_FOR,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO connector_authorisation (nonce_digest, profile_id, asked_by, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5)",
        &nonce.0,
        profile.as_str(),
        stored(asked_by.as_str()),
        expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn redeem(
    connection: &mut PgConnection,
    nonce: &Digest,
    now: Timestamp,
) -> Result<Redeemed, Fault> {
    let profile = sqlx::query_scalar!(
        "UPDATE connector_authorisation
         SET used_at = $2
         WHERE nonce_digest = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING profile_id",
        &nonce.0,
        now,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(profile) = profile {
        return Ok(Redeemed::Good {
            profile: profile_id(&profile)?,
        });
    }
    let was_used = sqlx::query_scalar!(
        r#"SELECT used_at IS NOT NULL AS "was_used!" FROM connector_authorisation WHERE nonce_digest = $1"#,
        &nonce.0,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match was_used {
        Some(true) => Redeemed::Used,
        Some(false) => Redeemed::Expired,
        None => Redeemed::Unknown,
    })
}
