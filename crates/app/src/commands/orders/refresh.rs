//! `hawker orders refresh`: asks for an order and waits until a running service has fetched it.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::audit::Actor;
use hawker_domain::{OrderSn, TenantSlug};
use hawker_ports::views::{EventDetail, OrderDetail, TimelineRow, Views as _};
use hawker_usecases::refresh_one_order::AskedOrder;
use serde_json::json;

use crate::commands::profile_id;
use crate::config::{Config, Variables};
use crate::output::{self, Table, line, or_dash, time};
use crate::wiring::Adapters;

/// How often it is looked whether the order was fetched.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What became of it so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Became {
    /// It was fetched, and something was news.
    Applied,
    /// It was fetched and already as the marketplace says.
    Unchanged,
    /// It was fetched and waits for a person, for example for a SKU.
    Held,
    /// It was tried, and is tried again later.
    Waits,
    /// Nobody has taken it up.
    NotTakenUp,
}

impl Became {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
            Self::Waits => "waits",
            Self::NotTakenUp => "not_taken_up",
        }
    }

    /// As the event that asked for it says, at a moment after it was asked for.
    fn of(event: &EventDetail, now: hawker_domain::Timestamp) -> Self {
        let summary = &event.summary;
        match (summary.processed, summary.next_attempt_at) {
            (true, _) if summary.outcome.as_deref() == Some("unchanged") => Self::Unchanged,
            (true, _) => Self::Applied,
            (false, None) => Self::Held,
            (false, Some(at)) if at > now => Self::Waits,
            (false, Some(_)) => Self::NotTakenUp,
        }
    }
}

pub(super) async fn refresh(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    order_sn: &OrderSn,
    profile: Option<String>,
    wait: u32,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let profile = profile.as_deref().map(profile_id).transpose()?;
    let before = adapters.store.order(tenant, order_sn).await?;
    let asked = adapters
        .refresh_one_order()
        .ask(tenant, &Actor::terminal(), order_sn, profile.as_ref())
        .await?;
    let became = wait_for(&adapters, tenant, &asked, wait).await?;
    let after = adapters.store.order(tenant, order_sn).await?;
    let steps = news(before.as_ref(), after.as_ref());
    if json {
        output::json(&json!({
            "order_sn": order_sn.as_str(),
            "event_id": asked.event.to_string(),
            "profile_id": asked.profile.as_str(),
            "env_type": asked.environment.as_str(),
            "result": became.as_str(),
            "steps": steps,
        }))?;
    } else {
        write(order_sn, &asked, became, after.as_ref(), steps)?;
    }
    let is_done = matches!(became, Became::Applied | Became::Unchanged);
    anyhow::ensure!(
        is_done || wait == 0,
        "order {order_sn} is not up to date: {}",
        next_step(order_sn, became, wait)
    );
    Ok(())
}

/// Looks until there is an answer or the time is over.
async fn wait_for(
    adapters: &Adapters,
    tenant: &TenantSlug,
    asked: &AskedOrder,
    wait: u32,
) -> anyhow::Result<Became> {
    let until = adapters.clock.now() + TimeDelta::seconds(wait.into());
    loop {
        let event = adapters.store.event(tenant, asked.event).await?;
        let now = adapters.clock.now();
        // An event that says the same and waits already stands for this one.
        let became = event.map_or(Became::NotTakenUp, |event| Became::of(&event, now));
        if became != Became::NotTakenUp || now >= until {
            return Ok(became);
        }
        adapters.sleeper.sleep(LOOK_EVERY).await;
    }
}

/// The steps that were added.
fn news<'a>(before: Option<&OrderDetail>, after: Option<&'a OrderDetail>) -> &'a [TimelineRow] {
    let known = before.map_or(0, |before| before.timeline.len());
    after.map_or(&[], |after| after.timeline.get(known..).unwrap_or_default())
}

fn write(
    order_sn: &OrderSn,
    asked: &AskedOrder,
    became: Became,
    after: Option<&OrderDetail>,
    steps: &[TimelineRow],
) -> anyhow::Result<()> {
    let status = after.and_then(|order| order.summary.marketplace_status.as_deref());
    let words = match became {
        Became::Applied => "brought up to date",
        Became::Unchanged => "is as the marketplace says",
        Became::Held => "was fetched and is held",
        Became::Waits => "could not be fetched yet",
        Became::NotTakenUp => "is asked for",
    };
    line(&format!(
        "{order_sn}  {}  {words} (profile {}, event {})",
        or_dash(status),
        asked.profile,
        asked.event
    ))?;
    if !steps.is_empty() {
        let mut table = Table::new(&["when (UTC)", "what", "marketplace"]);
        for step in steps {
            let note = step.note.as_deref();
            table.row(vec![
                time(step.at),
                note.map_or_else(
                    || step.step.clone(),
                    |note| format!("{}: {note}", step.step),
                ),
                step.marketplace_status.clone(),
            ]);
        }
        table.write()?;
    }
    Ok(())
}

fn next_step(order_sn: &OrderSn, became: Became, wait: u32) -> String {
    match became {
        Became::Held => {
            format!(
                "it waits for somebody; `hawker exceptions list --order {order_sn}` says for what"
            )
        }
        Became::Waits => format!(
            "it is tried again by itself; `hawker exceptions list --order {order_sn}` and `hawker exceptions list` say what is in the way"
        ),
        Became::NotTakenUp | Became::Applied | Became::Unchanged => format!(
            "nobody has taken it up within {wait} seconds. It stays asked for: is a service running (`hawker serve`), and does it keep up (`hawker events list --pending`)?"
        ),
    }
}
