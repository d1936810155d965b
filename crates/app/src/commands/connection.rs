//! `hawker connection`.

use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_usecases::test_connection::{ConnectionReport, Outcome};

use super::choice::chosen;
use crate::cli::ConnectionCommand;
use crate::config::{Config, Variables};
use crate::output::{self, Table, line};
use crate::wiring::Adapters;

pub(crate) async fn connection(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: ConnectionCommand,
) -> anyhow::Result<()> {
    let ConnectionCommand::Test { choice } = command;
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let profile = chosen(&adapters.manage_profiles(), tenant, choice)
        .await?
        .id;
    let test = adapters.connection_test();
    let report = test.run(tenant, &Actor::terminal(), &profile).await;
    adapters.finish(tenant).await;
    let report = report?;
    if json {
        output::json(&report)?;
    } else {
        write(&report)?;
    }
    let failed: Vec<_> = report.failed().map(|check| check.name).collect();
    anyhow::ensure!(
        failed.is_empty(),
        "the connection of profile {profile} does not work: {}",
        failed.join(", ")
    );
    Ok(())
}

fn write(report: &ConnectionReport) -> std::io::Result<()> {
    let mut table = Table::new(&["check", "", "what", "request id"]);
    for check in &report.checks {
        let mark = match check.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
        };
        table.row(vec![
            check.name.to_owned(),
            mark.to_owned(),
            check.message.clone(),
            output::or_dash(check.request_id.as_deref()),
        ]);
    }
    table.write()?;
    line("")
}
