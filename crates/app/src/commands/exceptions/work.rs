//! Deciding about exceptions, portion by portion: each is done or not as a whole, and those before one
//! that fails stay done.

use std::collections::BTreeMap;

use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_domain::exception::ExceptionStatus;
use hawker_ports::exception_desk::Selection;
use hawker_usecases::work_exceptions::{ItemResult, Portion, Worked, WorkedItem};
use serde_json::{Value, json};

use super::selection;
use crate::cli::{AssigneeArgs, ExceptionsCommand, ProfileChoice, SnoozeArgs};
use crate::commands::choice::chosen;
use crate::commands::progress::ProgressLine;
use crate::exit::Missing;
use crate::output::{self, Table, line, or_dash};
use crate::period::When;
use crate::wiring::Adapters;

pub(super) async fn work(
    adapters: &Adapters,
    tenant: &TenantSlug,
    json: bool,
    command: ExceptionsCommand,
) -> anyhow::Result<()> {
    let desk = adapters.work_exceptions();
    let actor = Actor::terminal();
    let items = match command {
        ExceptionsCommand::Assign { which, assignee } => {
            let which = selection(which)?;
            let AssigneeArgs { to, nobody: _ } = assignee;
            all("assigned", async |portion| {
                let done = desk.assign(tenant, &actor, &which, to.as_deref(), portion);
                Ok(done.await?)
            })
            .await?
        }
        ExceptionsCommand::Note { which, text } => {
            let which = selection(which)?;
            all("noted", async |portion| {
                Ok(desk.note(tenant, &actor, &which, &text, portion).await?)
            })
            .await?
        }
        ExceptionsCommand::Snooze { which, until } => {
            let which = selection(which)?;
            let until = moment(adapters, tenant, until).await?;
            all("snoozed", async |portion| {
                Ok(desk.snooze(tenant, &actor, &which, until, portion).await?)
            })
            .await?
        }
        ExceptionsCommand::Resolve { which, note } => {
            let closing = (ExceptionStatus::Resolved, note);
            close(adapters, tenant, &selection(which)?, closing).await?
        }
        ExceptionsCommand::WontFix { which, note } => {
            let closing = (ExceptionStatus::WontFix, note);
            close(adapters, tenant, &selection(which)?, closing).await?
        }
        // These are no decisions.
        ExceptionsCommand::List { .. }
        | ExceptionsCommand::Groups { .. }
        | ExceptionsCommand::Show { .. }
        | ExceptionsCommand::Retry { .. } => return Ok(()),
    };
    if json {
        output::json(&json!({ "items": items.iter().map(told).collect::<Vec<_>>() }))?;
    } else {
        write(&items)?;
    }
    all_found(&items)
}

async fn close(
    adapters: &Adapters,
    tenant: &TenantSlug,
    which: &Selection,
    (status, note): (ExceptionStatus, Option<String>),
) -> anyhow::Result<Vec<WorkedItem>> {
    let desk = adapters.work_exceptions();
    let actor = Actor::terminal();
    all("closed", async |portion| {
        let done = desk.close(tenant, &actor, which, status, note.as_deref(), portion);
        Ok(done.await?)
    })
    .await
}

/// Until when, if at all. A day means its first moment in the calendar of the active shop.
async fn moment(
    adapters: &Adapters,
    tenant: &TenantSlug,
    args: SnoozeArgs,
) -> anyhow::Result<Option<hawker_domain::Timestamp>> {
    let SnoozeArgs {
        r#for: stretch,
        until,
        wake: _,
    } = args;
    Ok(match (stretch, until) {
        (Some(stretch), _) => Some(adapters.clock.now() + stretch),
        (None, Some(When::At(at))) => Some(at),
        (None, Some(day @ When::Day(_))) => {
            let active = ProfileChoice {
                profile: None,
                env: None,
            };
            let card = chosen(&adapters.manage_profiles(), tenant, active).await?;
            Some(day.begin(card.region.zone())?)
        }
        (None, None) => None,
    })
}

/// Does something portion by portion, until no further one follows.
pub(super) async fn all(
    what: &str,
    mut portion_of: impl AsyncFnMut(&Portion) -> anyhow::Result<Worked>,
) -> anyhow::Result<Vec<WorkedItem>> {
    let progress = ProgressLine::of(what);
    let mut items = Vec::new();
    let mut portion = Portion::default();
    loop {
        let worked = portion_of(&portion).await;
        if worked.is_err() && !items.is_empty() {
            progress.end();
        }
        let Worked { items: more, next } = worked?;
        items.extend(more);
        let Some(next) = next else {
            break;
        };
        progress.show(&items.len().to_string());
        portion.after = Some(next);
    }
    progress.end();
    Ok(items)
}

/// Those that were named have to be there.
pub(super) fn all_found(items: &[WorkedItem]) -> anyhow::Result<()> {
    let missing = items
        .iter()
        .find(|item| item.result == ItemResult::NotFound);
    match missing {
        None => Ok(()),
        Some(item) => Err(Missing {
            what: "exception",
            name: item.id.to_string(),
        }
        .into()),
    }
}

/// An item as a program is told of it.
pub(super) fn told(item: &WorkedItem) -> Value {
    json!({
        "id": item.id.to_string(),
        "order_sn": item.order_sn.as_ref().map(ToString::to_string),
        "result": item.result.as_str(),
    })
}

fn write(items: &[WorkedItem]) -> std::io::Result<()> {
    if items.is_empty() {
        return line("No open exception matches.");
    }
    let mut table = Table::new(&["exception", "order", "result"]);
    let mut results: BTreeMap<&str, u64> = BTreeMap::new();
    for item in items {
        let result = in_words(item.result);
        *results.entry(result).or_default() += 1;
        table.row(vec![
            item.id.to_string(),
            or_dash(item.order_sn.as_ref().map(hawker_domain::OrderSn::as_str)),
            result.to_owned(),
        ]);
    }
    table.write()?;
    let sums = results
        .iter()
        .map(|(result, number)| format!("{number} {result}"));
    line(&format!("\n{}", sums.collect::<Vec<_>>().join(" · ")))
}

/// What became of an exception.
pub(super) const fn in_words(result: ItemResult) -> &'static str {
    match result {
        ItemResult::Due => "tried again",
        ItemResult::NothingToDo => "nothing to try again",
        ItemResult::Changed => "done",
        ItemResult::Unchanged => "so already",
        ItemResult::NotFound => "does not exist",
        ItemResult::Closed => "closed already",
    }
}
