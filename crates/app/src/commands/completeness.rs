//! `hawker completeness`.

use chrono::{Days, NaiveDate};
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::views::{CompletenessQuery, CompletenessRow, CompletenessViews as _};
use serde_json::json;

use super::choice::chosen;
use crate::cli::CompletenessArgs;
use crate::config::{Config, Variables};
use crate::output::{self, Table, counted, line, time_or_dash};
use crate::wiring::Adapters;

/// Days that are shown where nothing is said.
const DAYS_SHOWN: u64 = 30;

/// The most days that are shown at once.
const DAYS_MAX: i64 = 400;

pub(crate) async fn completeness(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    args: CompletenessArgs,
) -> anyhow::Result<()> {
    let CompletenessArgs { choice, from, to } = args;
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let card = chosen(&adapters.manage_profiles(), tenant, choice).await?;
    let zone = card.region.zone();
    let today = adapters.clock.now().with_timezone(&zone).date_naive();
    let (from, to) = days(from, to, today)?;
    let query = CompletenessQuery {
        profile: card.id,
        zone,
        from,
        to,
    };
    let rows = adapters.store.completeness(tenant, &query).await?;
    if json {
        return output::json(&json!({
            "profile_id": query.profile.as_str(),
            "zone": zone.name(),
            "missing": rows.iter().map(|row| row.missing).sum::<i64>(),
            "unlisted": rows.iter().map(|row| row.unlisted).sum::<i64>(),
            "days": rows,
        }));
    }
    write(&rows)?;
    Ok(line(&format!("\n{}", verdict(&query.profile, &rows)))?)
}

/// The first and the last day.
fn days(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> anyhow::Result<(NaiveDate, NaiveDate)> {
    let to = to.unwrap_or(today);
    let from = from
        .or_else(|| to.checked_sub_days(Days::new(DAYS_SHOWN - 1)))
        .unwrap_or(to);
    anyhow::ensure!(from <= to, "--to has to be --from or a later day");
    let days = (to - from).num_days() + 1;
    anyhow::ensure!(
        days <= DAYS_MAX,
        "at most {DAYS_MAX} days are shown at once: choose a later --from"
    );
    Ok((from, to))
}

fn write(rows: &[CompletenessRow]) -> std::io::Result<()> {
    let mut table = Table::new(&[
        "day",
        "listed",
        "held",
        "missing",
        "unlisted",
        "webhook",
        "poll",
        "reconcile",
        "manual",
        "delay (median)",
        "longest",
        "asked (UTC)",
    ]);
    for row in rows {
        table.row(vec![
            row.day.to_string(),
            row.listed.map_or_else(|| "–".to_owned(), number),
            row.held.to_string(),
            number(row.missing),
            number(row.unlisted),
            number(row.by_webhook),
            number(row.by_poll),
            number(row.by_reconcile),
            number(row.by_manual),
            row.median_delay_s.map_or_else(|| "–".to_owned(), delay),
            row.longest_delay_s.map_or_else(|| "–".to_owned(), delay),
            time_or_dash(row.checked_at),
        ]);
    }
    table.write()
}

fn number(number: i64) -> String {
    number.to_string()
}

/// In the largest unit that counts.
fn delay(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// What the table says, and what to do about it.
fn verdict(profile: &ProfileId, rows: &[CompletenessRow]) -> String {
    let differing: Vec<_> = rows
        .iter()
        .filter(|row| row.missing > 0 || row.unlisted > 0)
        .collect();
    let never_asked = rows.iter().filter(|row| row.listed.is_none()).count();
    let asked = rows.len() - never_asked;
    let found = match (differing.first(), differing.last()) {
        (Some(first), Some(last)) => {
            let missing: i64 = differing.iter().map(|row| row.missing).sum();
            let unlisted: i64 = differing.iter().map(|row| row.unlisted).sum();
            format!(
                "{} missing, {unlisted} held that the marketplace does not list. Compare again: `hawker reconcile --profile {profile} --from {} --to {}`; `hawker exceptions list --class orders_missing` names examples.",
                counted(u64::try_from(missing).unwrap_or_default(), "order"),
                first.day,
                last.day
            )
        }
        _ if asked > 0 => {
            let days = counted(u64::try_from(asked).unwrap_or_default(), "day");
            format!("Nothing is missing on the {days} that the marketplace was asked for.")
        }
        _ => "The marketplace was not asked for any of these days.".to_owned(),
    };
    match rows.iter().find(|row| row.listed.is_none()) {
        None => found,
        Some(first) => format!(
            "{found}\nNot asked for yet: {} (–). `hawker reconcile --profile {profile} --from {}` asks.",
            counted(u64::try_from(never_asked).unwrap_or_default(), "day"),
            first.day
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(date: &str, listed: Option<i64>, missing: i64) -> CompletenessRow {
        CompletenessRow {
            day: day(date),
            listed,
            held: 1,
            missing,
            unlisted: 0,
            by_webhook: 1,
            by_poll: 0,
            by_reconcile: 0,
            by_manual: 0,
            median_delay_s: Some(1),
            longest_delay_s: Some(1),
            listed_until: None,
            checked_at: None,
        }
    }

    #[test]
    fn thirty_days_are_shown_and_today_is_among_them() {
        let today = day("2026-11-20");
        assert_eq!(days(None, None, today).unwrap(), (day("2026-10-22"), today));
        assert!(days(Some(day("2026-11-21")), None, today).is_err());
        assert!(days(Some(day("2025-01-01")), None, today).is_err());
    }

    #[test]
    fn what_is_missing_is_told_with_the_command_that_compares_these_days_again() {
        let profile = ProfileId::parse("prof_live").unwrap();
        let rows = [
            row("2026-11-18", Some(1), 0),
            row("2026-11-19", Some(3), 2),
            row("2026-11-20", Some(2), 1),
        ];
        let told = verdict(&profile, &rows);
        assert!(told.starts_with("3 orders missing"), "{told}");
        let command = "hawker reconcile --profile prof_live --from 2026-11-19 --to 2026-11-20";
        assert!(told.contains(command), "{told}");
        assert!(verdict(&profile, &rows[..1]).starts_with("Nothing is missing"));
        let never = verdict(&profile, &[row("2026-11-18", None, 0)]);
        assert!(never.contains("was not asked"), "{never}");
    }

    #[test]
    fn delays_are_told_in_their_largest_unit() {
        let told = [5, 300, 7_200, 200_000].map(delay);
        assert_eq!(told, ["5 s", "5 min", "2 h", "2 days"]);
    }
}
