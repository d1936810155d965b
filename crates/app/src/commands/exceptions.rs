//! `hawker exceptions`.

use hawker_domain::TenantSlug;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_ports::views::{ExceptionFilter, Views as _};

use super::{more, order_sn, page};
use crate::cli::ExceptionsCommand;
use crate::config::{Variables, database_url};
use crate::output::{self, Table, line, or_dash, time, time_or_dash};
use crate::wiring;

pub(crate) async fn exceptions(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: ExceptionsCommand,
) -> anyhow::Result<()> {
    let store = wiring::store_for_command(&database_url(variables)?)?;
    let ExceptionsCommand::List {
        status,
        class,
        order,
        list,
    } = command;
    let filter = ExceptionFilter {
        status: match status.as_str() {
            "all" => None,
            name => Some(name.parse::<ExceptionStatus>()?.to_string()),
        },
        class: class
            .map(|name| name.parse::<ErrorClass>())
            .transpose()?
            .map(|class| class.to_string()),
        order_sn: order.as_deref().map(order_sn).transpose()?,
    };
    let exceptions = store.exceptions(tenant, &filter, &page(list)).await?;
    if json {
        return output::json(&exceptions);
    }
    if exceptions.rows.is_empty() {
        return Ok(line("Nothing needs you.")?);
    }
    let mut table = Table::new(&[
        "last seen (UTC)",
        "class",
        "order",
        "times",
        "due (UTC)",
        "status",
        "message",
    ]);
    for exception in &exceptions.rows {
        table.row(vec![
            time(exception.last_seen_at),
            exception.error_class.clone(),
            or_dash(exception.order_sn.as_deref()),
            (exception.retry_count + 1).to_string(),
            time_or_dash(exception.due_at),
            exception.status.clone(),
            exception.message.clone(),
        ]);
    }
    table.write()?;
    Ok(more(exceptions.next.as_deref())?)
}
