//! `hawker exceptions retry`: asks for it, and follows what becomes of each.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_domain::ids::RetryBatchId;
use hawker_ports::exception_desk::Selection;
use hawker_ports::views::{
    ExceptionViews as _, PAGE_ROWS_MAX, PageRequest, RetriedRow, RetryProgress,
};
use hawker_usecases::work_exceptions::{ItemResult, WorkedItem};
use serde_json::json;

use super::work::{all, all_found, in_words, told};
use crate::commands::progress::ProgressLine;
use crate::output::{self, Table, counted, line, or_dash};
use crate::wiring::Adapters;

/// How often it is looked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What became of a retry.
struct Retried {
    batch: Option<RetryBatchId>,
    /// What was not tried again, and why.
    others: Vec<WorkedItem>,
    /// What was.
    items: Vec<RetriedRow>,
}

pub(super) async fn retry(
    adapters: &Adapters,
    tenant: &TenantSlug,
    json: bool,
    which: &Selection,
    wait: u32,
) -> anyhow::Result<()> {
    let desk = adapters.work_exceptions();
    let actor = Actor::terminal();
    let mut batch = None;
    let asked = all("asked for", async |portion| {
        let (id, worked) = desk.retry(tenant, &actor, which, batch, portion).await?;
        batch = Some(id);
        Ok(worked)
    })
    .await?;
    let (due, others): (Vec<_>, Vec<_>) = asked
        .into_iter()
        .partition(|item| item.result == ItemResult::Due);
    let items = match batch {
        Some(batch) if !due.is_empty() => {
            follow(adapters, tenant, batch, wait).await?;
            items(adapters, tenant, batch).await?
        }
        _ => Vec::new(),
    };
    let retried = Retried {
        batch: batch.filter(|_| !due.is_empty()),
        others,
        items,
    };
    if json {
        output::json(&json!({
            "batch": retried.batch.map(|batch| batch.to_string()),
            "retried": retried.items,
            "others": retried.others.iter().map(told).collect::<Vec<_>>(),
        }))?;
    } else {
        write(&retried)?;
    }
    all_found(&retried.others)?;
    let failed = of_result(&retried.items, "failed");
    anyhow::ensure!(
        failed == 0,
        "{failed} of {} showed again or stand: the messages say what is in the way",
        counted(many(&retried.items), "exception")
    );
    Ok(())
}

/// Shows how far it is until nothing waits or the time is over.
async fn follow(
    adapters: &Adapters,
    tenant: &TenantSlug,
    batch: RetryBatchId,
    wait: u32,
) -> anyhow::Result<()> {
    let progress = ProgressLine::of("retried");
    let until = adapters.clock.now() + TimeDelta::seconds(wait.into());
    while adapters.clock.now() < until {
        let Some(stands) = look(adapters, tenant, batch, None).await? else {
            break;
        };
        let RetryProgress {
            resolved,
            failed,
            waiting,
            ..
        } = stands;
        progress.show(&format!(
            "{resolved} resolved · {failed} showed again or stand · {waiting} under way"
        ));
        if waiting == 0 {
            break;
        }
        adapters.sleeper.sleep(LOOK_EVERY).await;
    }
    progress.end();
    Ok(())
}

async fn look(
    adapters: &Adapters,
    tenant: &TenantSlug,
    batch: RetryBatchId,
    after: Option<String>,
) -> anyhow::Result<Option<RetryProgress>> {
    let page = PageRequest {
        limit: PAGE_ROWS_MAX,
        after,
    };
    let store = &adapters.store;
    Ok(store.retry_progress(tenant, batch, &page).await?)
}

/// Every item with its result.
async fn items(
    adapters: &Adapters,
    tenant: &TenantSlug,
    batch: RetryBatchId,
) -> anyhow::Result<Vec<RetriedRow>> {
    let mut items = Vec::new();
    let mut after = None;
    while let Some(stands) = look(adapters, tenant, batch, after).await? {
        items.extend(stands.items.rows);
        after = stands.items.next;
        if after.is_none() {
            break;
        }
    }
    Ok(items)
}

fn write(retried: &Retried) -> std::io::Result<()> {
    let Retried {
        batch,
        others,
        items,
    } = retried;
    if others.is_empty() && items.is_empty() {
        return line("No open exception matches.");
    }
    let mut table = Table::new(&["exception", "order", "result", "message"]);
    for row in items {
        table.row(vec![
            row.exception_id.clone(),
            or_dash(row.order_sn.as_deref()),
            match row.result.as_str() {
                "failed" => "showed again or stands".to_owned(),
                "waiting" => "under way".to_owned(),
                result => result.to_owned(),
            },
            row.message.clone(),
        ]);
    }
    for item in others {
        table.row(vec![
            item.id.to_string(),
            or_dash(item.order_sn.as_ref().map(hawker_domain::OrderSn::as_str)),
            in_words(item.result).to_owned(),
            String::new(),
        ]);
    }
    table.write()?;
    let sum = |result| of_result(items, result);
    line(&format!(
        "\n{} resolved · {} showed again or stand · {} under way · {} not tried again",
        sum("resolved"),
        sum("failed"),
        sum("waiting"),
        others.len()
    ))?;
    if let (Some(batch), true) = (batch, sum("waiting") > 0) {
        line(&format!(
            "What is under way is worked on by the running service, together as {batch}; `hawker exceptions list` shows what stays."
        ))?;
    }
    Ok(())
}

fn of_result(items: &[RetriedRow], result: &str) -> usize {
    items.iter().filter(|row| row.result == result).count()
}

fn many(items: &[RetriedRow]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
