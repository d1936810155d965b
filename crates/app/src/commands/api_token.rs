//! `hawker api-token`. Needs the database alone: nothing of a token is sealed.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_crypto::RingMint;
use hawker_domain::TenantSlug;
use hawker_domain::Timestamp;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;
use hawker_ports::api_tokens::ApiToken;
use hawker_usecases::ApiBearers;
use secrecy::ExposeSecret as _;

use crate::cli::ApiTokenCommand;
use crate::config::{Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, Table, line, note, time, time_or_dash};
use crate::system::system;
use crate::wiring;

pub(crate) async fn api_token(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: ApiTokenCommand,
) -> anyhow::Result<()> {
    let (clock, ids) = system();
    let now = clock.now();
    let store = Arc::new(wiring::store_for_command(&database_url(variables)?)?);
    let bearers = ApiBearers {
        tokens: store.clone(),
        store,
        mint: Arc::new(RingMint::new()),
        clock,
        ids,
    };
    match command {
        ApiTokenCommand::Create { name, scopes, days } => {
            let ends = days.map(|days| now + TimeDelta::days(days.into()));
            create(&bearers, tenant, json, &name, scopes, ends).await
        }
        ApiTokenCommand::List => list(json, &bearers.list(tenant).await?, now),
        ApiTokenCommand::Revoke { id } => revoke(&bearers, tenant, json, &id).await,
    }
}

/// The token alone on standard output, so that it can be piped.
async fn create(
    bearers: &ApiBearers,
    tenant: &TenantSlug,
    json: bool,
    name: &str,
    mut scopes: Vec<ApiScope>,
    ends: Option<Timestamp>,
) -> anyhow::Result<()> {
    scopes.sort_unstable();
    scopes.dedup();
    let (token, secret) = bearers.make(tenant, name, &scopes, ends).await?;
    if json {
        return output::json(&serde_json::json!({
            "id": token.id,
            "name": token.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
            "token": secret.expose_secret(),
        }));
    }
    note(&format!(
        "{} ({name}) may {}, {}. This is shown once and stored nowhere:",
        token.id,
        named(&scopes),
        match ends {
            Some(ends) => format!("until {} UTC", time(ends)),
            None => "for ever".to_owned(),
        }
    ))?;
    Ok(line(secret.expose_secret())?)
}

fn list(json: bool, tokens: &[ApiToken], now: Timestamp) -> anyhow::Result<()> {
    if json {
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| {
                serde_json::json!({
                    "id": token.id,
                    "name": token.name,
                    "scopes": token.scopes,
                    "hint": token.hint,
                    "created_at": token.created_at,
                    "expires_at": token.expires_at,
                    "last_used_at": token.last_used_at,
                    "revoked_at": token.revoked_at,
                    "is_good": token.is_good(now),
                })
            })
            .collect();
        return output::json(&rows);
    }
    if tokens.is_empty() {
        return Ok(line("No tokens. `hawker api-token create` makes one.")?);
    }
    let mut table = Table::new(&[
        "id",
        "name",
        "token",
        "scopes",
        "state",
        "created (UTC)",
        "last used (UTC)",
    ]);
    for token in tokens {
        let state = match (token.revoked_at, token.expires_at) {
            (Some(at), _) => format!("revoked {}", time(at)),
            (None, Some(at)) if token.is_good(now) => format!("until {}", time(at)),
            (None, Some(at)) => format!("ended {}", time(at)),
            (None, None) => "good".to_owned(),
        };
        table.row(vec![
            token.id.to_string(),
            token.name.clone(),
            format!("…{}", token.hint),
            named(&token.scopes),
            state,
            time(token.created_at),
            time_or_dash(token.last_used_at),
        ]);
    }
    Ok(table.write()?)
}

async fn revoke(
    bearers: &ApiBearers,
    tenant: &TenantSlug,
    json: bool,
    id: &str,
) -> anyhow::Result<()> {
    let missing = || Missing {
        what: "API token",
        name: id.to_owned(),
    };
    let parsed: ApiTokenId = id.parse().map_err(|_| missing())?;
    if !bearers.revoke(tenant, parsed).await? {
        return Err(missing().into());
    }
    if json {
        return output::json(&serde_json::json!({ "id": id, "revoked": true }));
    }
    Ok(line(&format!(
        "{id} is revoked: the next request with it is refused."
    ))?)
}

fn named(scopes: &[ApiScope]) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    names.join(", ")
}
