//! `hawker reconcile`.

use hawker_domain::TenantSlug;
use hawker_domain::schedule::JobName;

use super::choice::chosen;
use super::jobs::{Asked, counted_of, window_of};
use crate::cli::ReconcileArgs;
use crate::config::{Config, Variables};
use crate::output::{counted, line};
use crate::wiring::Adapters;

pub(crate) async fn reconcile(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    args: ReconcileArgs,
) -> anyhow::Result<()> {
    let ReconcileArgs { choice, window } = args;
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let card = chosen(&adapters.manage_profiles(), tenant, choice).await?;
    let window = window_of(window, card.region.zone(), adapters.clock.now())?;
    let asked = Asked {
        tenant,
        job: JobName::ReconcileDaily,
        profile: Some(&card.id),
        window,
    };
    let run = asked.run(&adapters, json).await?;
    if json {
        return Ok(());
    }
    let words = match (counted_of(&run, "asked_for"), counted_of(&run, "waiting")) {
        (0, 0) => "Everything that the marketplace lists is held as it says.".to_owned(),
        (asked_for, waiting) => format!(
            "{} asked for: the running service fetches them. `hawker completeness --profile {}` shows what is still missing.",
            counted(asked_for + waiting, "order"),
            card.id
        ),
    };
    Ok(line(&format!("\n{words}"))?)
}
