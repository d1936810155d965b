//! `hawker events signature` and `hawker events verify-again`. Both need the keys, hence the master
//! secret.

use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_usecases::examine_signature::SignatureReport;
use serde_json::json;

use super::parse;
use crate::config::{Config, Variables};
use crate::exit::Missing;
use crate::output::{self, Table, facts, line, or_dash, time};
use crate::wiring::Adapters;

pub(super) async fn signature(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    id: String,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let report = adapters.examine_signature();
    let report = report.run(tenant, parse(&id)?).await?;
    let report = report.ok_or(Missing {
        what: "event",
        name: id,
    })?;
    if json {
        return output::json(&report);
    }
    Ok(write(&report)?)
}

pub(super) async fn verify_again(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let verified = adapters
        .verify_again()
        .all(tenant, &Actor::terminal())
        .await?;
    let (judged, trusted, duplicates) = (verified.judged, verified.trusted, verified.duplicates);
    if json {
        return output::json(
            &json!({ "judged": judged, "trusted": trusted, "duplicates": duplicates }),
        );
    }
    Ok(line(&format!(
        "Judged again: {judged}. Trusted now, and worked on: {trusted}. Gone, because a trusted event says the same: {duplicates}."
    ))?)
}

fn write(report: &SignatureReport) -> std::io::Result<()> {
    let verdict = match (report.signature_ok, report.verifies_now) {
        (true, _) => "trusted",
        (false, true) => "not trusted yet, verifies now",
        (false, false) => "does not match",
    };
    line(&format!("{}  {verdict}", report.event_id))?;
    let matched = report.signature_scheme.zip(report.signature_key);
    let matched = matched.map(|(scheme, key)| format!("{scheme} with the {key} key"));
    facts(&[
        ("received", time(report.received_at)),
        (
            "profile",
            or_dash(
                report
                    .profile
                    .as_ref()
                    .map(hawker_domain::ids::ProfileId::as_str),
            ),
        ),
        ("matched then", or_dash(matched.as_deref())),
        ("header", or_dash(header(report).as_deref())),
    ])?;
    if !report.candidates.is_empty() {
        line("\nTried")?;
        let mut table = Table::new(&["", "scheme", "key", "fingerprint", "profile", "url"]);
        for candidate in &report.candidates {
            let mark = match (candidate.matches, candidate.is_accepted) {
                (true, true) => "matches",
                (true, false) => "matches, not accepted",
                (false, _) => "–",
            };
            table.row(vec![
                mark.to_owned(),
                candidate.scheme.to_string(),
                candidate.key.to_string(),
                or_dash(candidate.key_fingerprint.as_deref()),
                candidate.profile.to_string(),
                or_dash(candidate.url.as_deref()),
            ]);
        }
        table.write()?;
    }
    for hint in &report.hints {
        line(&format!("\n{hint}"))?;
    }
    Ok(())
}

fn header(report: &SignatureReport) -> Option<String> {
    let kind = serde_json::to_value(report.header).ok()?;
    kind.as_str().map(|kind| kind.replace('_', " "))
}
