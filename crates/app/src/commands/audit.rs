//! `hawker audit`.

use hawker_domain::TenantSlug;
use hawker_ports::views::{AuditFilter, AuditRow, Views as _};
use serde_json::Value;

use super::{more, page};
use crate::cli::AuditCommand;
use crate::config::{Variables, database_url};
use crate::output::{self, Table, line, time};
use crate::wiring;

pub(crate) async fn audit(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: AuditCommand,
) -> anyhow::Result<()> {
    let AuditCommand::List {
        subject,
        action,
        list,
    } = command;
    let store = wiring::store_for_command(&database_url(variables)?)?;
    let filter = AuditFilter { subject, action };
    let entries = store.audit(tenant, &filter, &page(list)).await?;
    if json {
        return output::json(&entries);
    }
    let rows = &entries.page.rows;
    if rows.is_empty() {
        return Ok(line("Nobody has done anything that is recorded.")?);
    }
    let mut table = Table::new(&["when (UTC)", "who", "what", "to", "details"]);
    for entry in rows {
        table.row(row(entry));
    }
    table.write()?;
    line(&format!("\n{} of {}", rows.len(), entries.total))?;
    Ok(more(entries.page.next.as_deref())?)
}

fn row(entry: &AuditRow) -> Vec<String> {
    vec![
        time(entry.at),
        entry.actor.clone(),
        entry.action.clone(),
        entry.subject.clone(),
        details(&entry.details),
    ]
}

/// `name=value` for each detail; lists separated by commas.
fn details(details: &Value) -> String {
    let Value::Object(fields) = details else {
        return String::new();
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", shown(value)));
    pairs.collect::<Vec<_>>().join(" ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::details;

    #[test]
    fn details_are_told_without_quotes_and_brackets() {
        let told = details(&json!({"fields": ["region", "shop_id"], "shops": 3, "to": "live"}));
        assert_eq!(told, "fields=region,shop_id shops=3 to=live");
        assert_eq!(details(&json!({})), "");
    }
}
