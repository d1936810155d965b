//! `hawker keys`. The master secret is the installation's, so every tenant is walked: one that cannot be
//! walked is named and does not keep the others from it.

use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
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
    let (mut done, mut failed) = (Vec::new(), Failed::default());
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
        match rotate.run(&tenant, None, &mut progress).await {
            Ok(rotated) => done.push((tenant, rotated)),
            Err(error) => failed.push(tenant, error),
        }
    }
    if json {
        let tenants: Vec<_> = done.iter().map(rotated_as_json).collect();
        output::json(&json!({ "tenants": tenants, "failed": failed.as_json() }))?;
    } else {
        for (tenant, rotated) in &done {
            line(&in_words(tenant, rotated))?;
        }
    }
    let unreadable = done.iter().flat_map(|(_, rotated)| &rotated.unreadable);
    let readable = ensure_readable(unreadable, json);
    failed.ensure_none()?;
    readable
}

async fn status(adapters: &Adapters, json: bool) -> anyhow::Result<()> {
    let rotate = adapters.rotate_keys();
    let (mut seen, mut failed) = (Vec::new(), Failed::default());
    for tenant in adapters.store.tenants().await? {
        match rotate.sealing(&tenant).await {
            Ok(sealing) => seen.push((tenant, sealing)),
            Err(error) => failed.push(tenant, error),
        }
    }
    if json {
        let tenants: Vec<_> = seen.iter().map(sealing_as_json).collect();
        output::json(&json!({ "tenants": tenants, "failed": failed.as_json() }))?;
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
    let readable = ensure_readable(unreadable, json);
    failed.ensure_none()?;
    readable?;
    let earlier: u64 = seen.iter().map(|(_, sealing)| sealing.earlier).sum();
    anyhow::ensure!(
        earlier == 0,
        "still sealed under an earlier master secret: {}. Run `hawker keys rotate`",
        counted(earlier, "secret")
    );
    Ok(())
}

/// Tenants that could not be walked to their end.
#[derive(Default)]
struct Failed(Vec<TenantSlug>);

impl Failed {
    /// Told at once, with its causes: the walk over the others may take a while.
    fn push(&mut self, tenant: TenantSlug, error: StoreError) {
        let error = anyhow::Error::new(error);
        note(&format!("tenant {tenant}: {error:#}")).ok();
        self.0.push(tenant);
    }

    fn as_json(&self) -> Vec<&str> {
        self.0.iter().map(TenantSlug::as_str).collect()
    }

    fn ensure_none(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.0.is_empty(),
            "not all was done for {}: see what is said of each, and run this again",
            self.as_json().join(", ")
        );
        Ok(())
    }
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
