//! `hawker keys`. The master secret is the installation's, so every tenant is walked.

use hawker_domain::TenantSlug;
use hawker_ports::secrets::SecretPlace;
use hawker_ports::tenants::TenantDirectory as _;
use hawker_usecases::rotate_keys::{Rotated, Sealing};
use serde_json::{Value, json};

use crate::cli::KeysCommand;
use crate::config::{Config, Variables};
use crate::output::{self, counted, line, note};
use crate::wiring::Adapters;

pub(crate) async fn keys(
    variables: &Variables,
    json: bool,
    command: KeysCommand,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    match command {
        KeysCommand::Status => status(&adapters, json).await,
        KeysCommand::Rotate => rotate(&adapters, json).await,
    }
}

/// Progress goes to standard error, what came of it to standard output.
async fn rotate(adapters: &Adapters, json: bool) -> anyhow::Result<()> {
    let rotate = adapters.rotate_keys();
    let mut done = Vec::new();
    for tenant in adapters.store.tenants().await? {
        let told = tenant.clone();
        let mut progress = move |rotated: &Rotated| {
            // A terminal that went away is no reason to stop half-way.
            note(&format!(
                "tenant {told}: {} looked at, {} sealed anew",
                rotated.seen, rotated.resealed
            ))
            .ok();
        };
        let rotated = rotate.run(&tenant, None, &mut progress).await?;
        done.push((tenant, rotated));
    }
    if json {
        let tenants: Vec<_> = done.iter().map(rotated_as_json).collect();
        output::json(&json!({ "tenants": tenants }))?;
    } else {
        for (tenant, rotated) in &done {
            line(&in_words(tenant, rotated))?;
        }
    }
    let unreadable = done.iter().flat_map(|(_, rotated)| &rotated.unreadable);
    ensure_readable(unreadable, json)
}

async fn status(adapters: &Adapters, json: bool) -> anyhow::Result<()> {
    let rotate = adapters.rotate_keys();
    let mut seen = Vec::new();
    for tenant in adapters.store.tenants().await? {
        let sealing = rotate.sealing(&tenant).await?;
        seen.push((tenant, sealing));
    }
    if json {
        let tenants: Vec<_> = seen.iter().map(sealing_as_json).collect();
        output::json(&json!({ "tenants": tenants }))?;
    } else {
        for (tenant, sealing) in &seen {
            let Sealing {
                in_force, earlier, ..
            } = sealing;
            line(&format!(
                "tenant {tenant}: sealed under the master secret in force {in_force}, under an earlier one {earlier}, not to be opened {}.",
                sealing.unreadable.len()
            ))?;
        }
    }
    let unreadable = seen.iter().flat_map(|(_, sealing)| &sealing.unreadable);
    ensure_readable(unreadable, json)?;
    let earlier: u64 = seen.iter().map(|(_, sealing)| sealing.earlier).sum();
    anyhow::ensure!(
        earlier == 0,
        "still sealed under an earlier master secret: {}. Run `hawker keys rotate`",
        counted(earlier, "secret")
    );
    Ok(())
}

fn ensure_readable<'a>(
    unreadable: impl Iterator<Item = &'a SecretPlace>,
    json: bool,
) -> anyhow::Result<()> {
    let mut count = 0_u64;
    for place in unreadable {
        count += 1;
        if !json {
            line(&format!("no key opens {} of {}", place.column, place.row))?;
        }
    }
    anyhow::ensure!(
        count == 0,
        "no key opens {}, left as it was: add the master secret that it was sealed under to JWT_SECRET_PREVIOUS and run this again; where that is lost, save the key again (`hawker profiles edit`) or authorise the shop again (`hawker oauth start`)",
        counted(count, "secret")
    );
    Ok(())
}

fn in_words(tenant: &TenantSlug, rotated: &Rotated) -> String {
    let Rotated {
        seen,
        resealed,
        saved_meanwhile,
        ..
    } = rotated;
    let meanwhile = match saved_meanwhile {
        0 => String::new(),
        some => format!(", {some} saved by somebody else meanwhile"),
    };
    let seen = counted(*seen, "secret");
    format!("tenant {tenant}: {seen} looked at, {resealed} sealed anew{meanwhile}.")
}

fn rotated_as_json((tenant, rotated): &(TenantSlug, Rotated)) -> Value {
    json!({
        "tenant": tenant.as_str(),
        "seen": rotated.seen,
        "resealed": rotated.resealed,
        "saved_meanwhile": rotated.saved_meanwhile,
        "unreadable": places(&rotated.unreadable),
    })
}

fn sealing_as_json((tenant, sealing): &(TenantSlug, Sealing)) -> Value {
    json!({
        "tenant": tenant.as_str(),
        "in_force": sealing.in_force,
        "earlier": sealing.earlier,
        "unreadable": places(&sealing.unreadable),
    })
}

fn places(places: &[SecretPlace]) -> Vec<Value> {
    let place = |place: &SecretPlace| json!({ "column": place.column, "row": place.row });
    places.iter().map(place).collect()
}
