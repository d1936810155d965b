//! Where alerts go, how patiently they are told, and when jobs run.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::Zone;
use hawker_domain::alert::AlertPolicy;
use hawker_domain::schedule::JobName;

use super::*;

const TOKEN: &str = "8101112131:AAhunter2-hunter2-hunter2-hunter2xy";

/// What is wrong with these beside the required ones.
fn wrong(more: &[(&str, &str)]) -> Vec<String> {
    let required = [("DATABASE_URL", "postgres://x"), ("JWT_SECRET", "s")];
    let set: Vec<_> = required.iter().chain(more).copied().collect();
    problems(Config::read(&variables(&set)))
}

#[test]
fn a_bot_needs_its_token_and_its_chat() {
    let told = wrong(&[("TELEGRAM_BOT_TOKEN", TOKEN)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("TELEGRAM_CHAT_ID is not set"),
        "{told:?}"
    );
    let told = wrong(&[("TELEGRAM_CHAT_ID", "-1001234567890")]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("TELEGRAM_BOT_TOKEN is not set"),
        "{told:?}"
    );
    // One problem each, and the token is never among the words.
    let told = wrong(&[
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("TELEGRAM_CHAT_ID", "my chat"),
        ("TELEGRAM_API_URL", TOKEN),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("TELEGRAM_CHAT_ID is `my chat`"),
        "{told:?}"
    );
    assert!(
        told.iter().all(|problem| !problem.contains("hunter2")),
        "{told:?}"
    );
}

#[test]
fn alerts_go_to_every_sink_that_is_set_and_to_the_log_without_any() {
    let sinks = |set: &[(&str, &str)]| {
        let client = crate::wiring::http_client().unwrap();
        let sinks = crate::wiring::alert_sinks(&with(set).alerts, &client).unwrap();
        sinks.iter().map(|sink| sink.name()).collect::<Vec<_>>()
    };
    let bot = [("TELEGRAM_BOT_TOKEN", TOKEN), ("TELEGRAM_CHAT_ID", "@shop")];
    let n8n = [("SHOPEE_ALERT_WEBHOOK_URL", "https://n8n.example/webhook/x")];
    assert_eq!(sinks(&[]), ["log"]);
    assert_eq!(sinks(&bot), ["telegram"]);
    assert_eq!(sinks(&[&n8n[..], &bot[..]].concat()), ["n8n", "telegram"]);
    let api = with(&bot).alerts.telegram.unwrap().base;
    assert_eq!(api.as_str(), "https://api.telegram.org/");
}

#[test]
fn a_token_that_is_none_is_a_setting_that_is_wrong_and_is_not_repeated() {
    let bot = [("TELEGRAM_BOT_TOKEN", "hunter2"), ("TELEGRAM_CHAT_ID", "1")];
    let client = crate::wiring::http_client().unwrap();
    let refused = crate::wiring::alert_sinks(&with(&bot).alerts, &client).err();
    let refused = refused.expect("no sink").downcast::<ConfigError>().unwrap();
    assert!(refused.problems[0].starts_with("TELEGRAM_BOT_TOKEN: "));
    assert!(!refused.problems[0].contains("hunter2"), "{refused}");
}

#[test]
fn alerts_are_told_as_patiently_as_the_book_says() {
    let policy: AlertPolicy = with(&[]).alerts.policy;
    assert_eq!(policy.gather, Duration::from_secs(5));
    assert_eq!(policy.at_most_every, Duration::from_mins(15));
    assert_eq!(policy.remind_every, Some(Duration::from_hours(24)));
    assert_eq!(policy.calm, Duration::from_mins(2));
    assert_eq!(policy.quiet, None);
    let set = [
        ("HAWKER_ALERT_REMIND_HOURS", "0"),
        ("HAWKER_ALERT_QUIET_HOURS", "22:00-07:00 Asia/Singapore"),
    ];
    let policy = with(&set).alerts.policy;
    assert_eq!(policy.remind_every, None);
    assert_eq!(
        policy.quiet.map(|quiet| quiet.zone),
        Some(Zone::Asia__Singapore)
    );
    let told = wrong(&[
        ("HAWKER_ALERT_QUIET_HOURS", "at night"),
        ("HAWKER_ALERT_GATHER_SECONDS", "3601"),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .any(|problem| problem.contains("22:00-07:00 Asia/Singapore"))
    );
    assert!(
        told.iter()
            .any(|problem| problem.contains("from 0 to 3600"))
    );
}

#[test]
fn jobs_run_hourly_and_in_the_night_unless_told_otherwise() {
    let usual = with(&[]).schedules;
    let told: Vec<_> = JobName::ALL
        .iter()
        .map(|job| usual.of(*job).map(ToString::to_string).unwrap())
        .collect();
    assert_eq!(told, ["0 * * * *", "0 3 * * *", "0 4 * * *", "30 18 * * *"]);
    assert_eq!(usual.history, TimeDelta::days(30));
    let set = [
        ("HAWKER_LOST_PUSH_SCHEDULE", "*/15 * * * *"),
        ("HAWKER_RECONCILE_SCHEDULE", "off"),
        ("HAWKER_ESCROW_SCHEDULE", "30 5 * * MON-FRI"),
        ("HAWKER_INBOX_RETENTION_SCHEDULE", "off"),
        ("HAWKER_HISTORY_DAYS", "365"),
    ];
    let chosen = with(&set).schedules;
    assert_eq!(chosen.lost_pushes.unwrap().to_string(), "*/15 * * * *");
    assert!(chosen.reconcile.is_none());
    assert_eq!(chosen.escrow.unwrap().to_string(), "30 5 * * MON-FRI");
    assert!(chosen.retention.is_none());
    assert_eq!(chosen.history, TimeDelta::days(365));
}

/// What the marketplace may still speak of is not forgotten.
#[test]
fn events_are_kept_for_ninety_days_and_never_for_less_than_forty_five() {
    let days = |set: &[(&str, &str)]| {
        let keeping = with(set).schedules.keeping;
        (keeping.processed.num_days(), keeping.unverified.num_days())
    };
    assert_eq!(days(&[]), (90, 30));
    let set = [
        ("HAWKER_EVENT_DAYS", "45"),
        ("HAWKER_UNVERIFIED_DAYS", "3660"),
    ];
    assert_eq!(days(&set), (45, 3660));
    let told = wrong(&[("HAWKER_EVENT_DAYS", "44"), ("HAWKER_UNVERIFIED_DAYS", "0")]);
    assert_eq!(
        told,
        [
            "HAWKER_EVENT_DAYS is `44`, which is not a number from 45 to 3660",
            "HAWKER_UNVERIFIED_DAYS is `0`, which is not a number from 1 to 3660",
        ]
    );
}

#[test]
fn what_is_no_schedule_is_told_with_its_reason_and_that_it_may_be_off() {
    let told = wrong(&[
        ("HAWKER_LOST_PUSH_SCHEDULE", "hourly"),
        ("HAWKER_RECONCILE_SCHEDULE", "0 25 * * *"),
        ("HAWKER_ESCROW_SCHEDULE", "0 4 * * 1"),
        ("HAWKER_HISTORY_DAYS", "366"),
    ]);
    assert_eq!(told.len(), 4, "{told:?}");
    for (name, words) in [
        ("HAWKER_LOST_PUSH_SCHEDULE", "five fields"),
        ("HAWKER_RECONCILE_SCHEDULE", "`0 25 * * *`"),
        ("HAWKER_ESCROW_SCHEDULE", "name the days"),
    ] {
        let problem = told.iter().find(|problem| problem.starts_with(name));
        let problem = problem.unwrap_or_else(|| panic!("{name} is not in {told:?}"));
        assert!(problem.contains(words), "{problem}");
        assert!(problem.ends_with("or `off`"), "{problem}");
    }
}

/// The first run would never come to an end of its history.
#[test]
fn a_history_of_no_days_is_refused() {
    let told = wrong(&[("HAWKER_HISTORY_DAYS", "0")]);
    assert_eq!(
        told,
        ["HAWKER_HISTORY_DAYS is `0`, which is not a number from 1 to 365"]
    );
}
