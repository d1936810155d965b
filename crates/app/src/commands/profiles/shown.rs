//! Profiles as a person at a terminal sees them.

use std::io;

use hawker_ports::views::Counted;
use hawker_usecases::manage_profiles::{ProfileCard, SecretCard};

use crate::commands::token;
use crate::output::{Table, facts, line, list_or_dash, or_dash, time_or_dash};

pub(super) fn list(profiles: &Counted<ProfileCard>) -> io::Result<()> {
    let rows = &profiles.page.rows;
    if rows.is_empty() {
        return line(
            "No profiles. `hawker serve` and `hawker seed` make the first ones, `hawker profiles create` adds one.",
        );
    }
    let mut table = Table::new(&[
        "id",
        "environment",
        "name",
        "region",
        "app",
        "shop",
        "state",
        "token",
    ]);
    for profile in rows {
        table.row(vec![
            profile.id.to_string(),
            profile.environment.to_string(),
            profile.display_name.clone(),
            profile.region.to_string(),
            number(profile.partner_id),
            number(profile.shop.map(|shop| shop.0)),
            state(profile),
            token::in_a_word(profile.token.as_ref()),
        ]);
    }
    table.write()?;
    line(&format!("\n{} of {}", rows.len(), profiles.total))
}

pub(super) fn detail(profile: &ProfileCard) -> io::Result<()> {
    line(&format!(
        "{}  {}  {}",
        profile.id,
        profile.display_name,
        state(profile)
    ))?;
    let ProfileCard {
        region, base_url, ..
    } = profile;
    facts(&[
        ("environment", profile.environment.to_string()),
        ("region", format!("{region}  {base_url}")),
        ("app", number(profile.partner_id)),
        ("shop", number(profile.shop.map(|shop| shop.0))),
        ("partner key", secret(&profile.partner_key)),
        ("ends", time_or_dash(profile.partner_key_ends_at)),
        ("push key", secret(&profile.push_key)),
        ("previous", secret(&profile.previous_push_key)),
        ("registered", or_dash(profile.registered_url.as_deref())),
        ("missing", list_or_dash(&profile.missing)),
        ("location", location(profile)),
        ("version", profile.version.to_string()),
    ])?;
    if let Some(urls) = &profile.urls {
        line("\nURLs")?;
        facts(&[
            ("push", urls.push_url.clone()),
            ("or", urls.push_url_by_environment.clone()),
            ("way back", urls.oauth_callback_url.clone()),
        ])?;
    }
    if let Some(pair) = &profile.token {
        line("\nToken")?;
        token::write(pair)?;
    }
    for notice in &profile.notices {
        line(&format!("\nnote: {notice}"))?;
    }
    Ok(())
}

fn state(profile: &ProfileCard) -> String {
    let state = match (profile.is_in_force, profile.is_active) {
        (true, _) => "in force",
        (false, true) => "active",
        (false, false) => "",
    };
    if profile.missing.is_empty() {
        return state.to_owned();
    }
    format!("{state} not fully configured").trim().to_owned()
}

fn location(profile: &ProfileCard) -> String {
    match (&profile.default_location_id, &profile.default_location_name) {
        (Some(id), Some(name)) => format!("{id}  {name}"),
        (id, _) => or_dash(id.as_deref()),
    }
}

fn secret(secret: &SecretCard) -> String {
    match (secret.is_readable, &secret.fingerprint) {
        (false, _) => "cannot be read: sealed under another JWT_SECRET".to_owned(),
        (true, fingerprint) => or_dash(fingerprint.as_deref()),
    }
}

fn number(number: Option<i64>) -> String {
    or_dash(number.map(|number| number.to_string()).as_deref())
}
