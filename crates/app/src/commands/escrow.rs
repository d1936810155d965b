//! `hawker escrow`.

mod report;
mod show;

use hawker_domain::audit::Actor;
use hawker_domain::schedule::JobName;
use hawker_domain::{OrderSn, TenantSlug};
use hawker_ports::views::EscrowViews as _;
use hawker_usecases::sync_escrow::SyncAnswer;
use serde_json::json;

use super::choice::chosen;
use super::jobs::{Asked, window_of};
use super::order_sn;
use crate::cli::{EscrowCommand, ProfileChoice, WindowArgs};
use crate::config::{Config, Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, Table, line};
use crate::wiring::{self, Adapters};

pub(crate) async fn escrow(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: EscrowCommand,
) -> anyhow::Result<()> {
    match command {
        EscrowCommand::Show { ordersn } => {
            let store = wiring::store_for_command(&database_url(variables)?)?;
            let versions = store.escrow_versions(tenant, &order_sn(&ordersn)?).await?;
            let Some(payout) = hawker_api::shown::payout(&versions) else {
                return Err(no_payout(ordersn));
            };
            if json {
                return output::json(&payout);
            }
            Ok(show::write(&versions)?)
        }
        EscrowCommand::Sync {
            orders,
            choice,
            window,
        } => {
            let adapters = Adapters::for_command(&Config::read(variables)?)?;
            if orders.is_empty() {
                released(&adapters, tenant, json, choice, window).await
            } else {
                let orders: Vec<_> = orders
                    .iter()
                    .map(|sn| order_sn(sn))
                    .collect::<Result<_, _>>()?;
                of_orders(&adapters, tenant, json, &orders).await
            }
        }
        EscrowCommand::Report(args) => report::report(variables, tenant, json, args).await,
    }
}

fn no_payout(ordersn: String) -> anyhow::Error {
    let missing = Missing {
        what: "a payout of order",
        name: ordersn,
    };
    anyhow::Error::new(missing).context(
        "it is asked for by itself once the order is completed; `hawker escrow sync ORDERSN` asks at once",
    )
}

/// Asks for the payouts of these orders.
async fn of_orders(
    adapters: &Adapters,
    tenant: &TenantSlug,
    json: bool,
    orders: &[OrderSn],
) -> anyhow::Result<()> {
    let sync = adapters.sync_escrow();
    let answers = sync.ask(tenant, &Actor::terminal(), orders).await?;
    if json {
        let told = answers
            .iter()
            .map(|(order, answer)| json!({ "order_sn": order.as_str(), "result": answer }));
        output::json(&told.collect::<Vec<_>>())?;
    } else {
        let mut table = Table::new(&["order", "payout"]);
        for (order, answer) in &answers {
            let words = match answer {
                SyncAnswer::Due => "due: the running service asks for it now",
                SyncAnswer::NotCompleted => "none before the order is completed",
                SyncAnswer::Unknown => "no such order",
            };
            table.row(vec![order.to_string(), words.to_owned()]);
        }
        table.write()?;
    }
    let unknown = answers
        .into_iter()
        .find(|(_, answer)| *answer == SyncAnswer::Unknown);
    match unknown {
        None => Ok(()),
        Some((order, _)) => {
            let missing = Missing {
                what: "order",
                name: order.to_string(),
            };
            let next = "`hawker orders refresh ORDERSN` asks the marketplace for it";
            Err(anyhow::Error::new(missing).context(next))
        }
    }
}

/// Reads the list of releases here, as the daily job does.
async fn released(
    adapters: &Adapters,
    tenant: &TenantSlug,
    json: bool,
    choice: ProfileChoice,
    window: WindowArgs,
) -> anyhow::Result<()> {
    let card = chosen(&adapters.manage_profiles(), tenant, choice).await?;
    let window = window_of(window, card.region.zone(), adapters.clock.now())?;
    let asked = Asked {
        tenant,
        job: JobName::EscrowBackstopDaily,
        profile: Some(&card.id),
        window,
    };
    asked.run(adapters, json).await?;
    if !json {
        line(
            "\nPayouts that are asked for are fetched by the running service; `hawker escrow report` shows them.",
        )?;
    }
    Ok(())
}
