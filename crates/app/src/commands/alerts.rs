//! `hawker alerts`.

use anyhow::Context as _;
use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_ports::alerts::SinkError;
use hawker_usecases::try_alerts::Tried;
use serde_json::json;

use crate::cli::AlertsCommand;
use crate::config::{Config, Variables};
use crate::output::{self, Table, line};
use crate::wiring::Adapters;

pub(crate) async fn alerts(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: AlertsCommand,
) -> anyhow::Result<()> {
    let AlertsCommand::Test = command;
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let trial = adapters.try_alerts();
    let Tried {
        sinks: results,
        recorded,
    } = trial.run(tenant, &Actor::terminal()).await;
    if json {
        let sink = |(sink, result): &(String, Result<(), SinkError>)| {
            let error = result.as_ref().err().map(told);
            json!({ "sink": sink, "delivered": error.is_none(), "error": error })
        };
        output::json(&results.iter().map(sink).collect::<Vec<_>>())?;
    } else {
        write(&results)?;
    }
    let failed: Vec<_> = results
        .iter()
        .filter(|(_, result)| result.is_err())
        .map(|(sink, _)| sink.as_str())
        .collect();
    anyhow::ensure!(
        failed.is_empty(),
        "alerts do not arrive by way of {}: compare its settings (`hawker --help` lists them) with what it says",
        failed.join(", ")
    );
    recorded.context("the test was sent, and could not be noted in the audit log")
}

fn write(results: &[(String, Result<(), SinkError>)]) -> std::io::Result<()> {
    let mut table = Table::new(&["sink", "", "what it said"]);
    for (sink, result) in results {
        let (mark, said) = match result {
            Ok(()) => ("ok", "taken: look whether the message is there".to_owned()),
            Err(error) => ("FAILED", told(error)),
        };
        table.row(vec![sink.clone(), mark.to_owned(), said]);
    }
    table.write()?;
    if results.iter().all(|(sink, _)| sink == "log") {
        line(
            "\nAlerts are in the log alone: set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID, or SHOPEE_ALERT_WEBHOOK_URL.",
        )?;
    }
    Ok(())
}

/// With its causes, as far as they say something.
fn told(error: &SinkError) -> String {
    use std::error::Error as _;
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    words
}
