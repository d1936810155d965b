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
    let of = |what| counted_of(&run, what);
    let shows = format!(
        "`hawker completeness --profile {}` shows what is missing",
        card.id
    );
    let words = match of("asked_for") {
        0 if of("waiting") + of("days_differing") == 0 => {
            "Everything that the marketplace lists is held as it says.".to_owned()
        }
        0 => format!("What differs was asked for already; {shows}."),
        orders => format!(
            "{} asked for: the running service fetches them; then {shows}.",
            counted(orders, "order")
        ),
    };
    Ok(line(&format!("\n{words}"))?)
}
