use chrono::{DateTime, NaiveTime};

use super::*;
use crate::Zone;

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Noon in Singapore.
fn noon() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-01-05T12:00:00+08:00")
        .unwrap()
        .to_utc()
}

/// Half past midnight in Singapore.
fn midnight() -> Timestamp {
    noon() + HOUR * 12 + MINUTE * 30
}

/// The end of that night.
fn morning() -> Timestamp {
    noon() + HOUR * 19
}

fn policy() -> AlertPolicy {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    AlertPolicy {
        gather: Duration::from_secs(20),
        at_most_every: Duration::from_mins(15),
        remind_every: Some(Duration::from_hours(24)),
        calm: Duration::from_mins(5),
        quiet: Some(QuietHours {
            from: time(22),
            to: time(7),
            zone: Zone::Asia__Singapore,
        }),
    }
}

/// A thread that a single exception opened, of which nothing was told yet.
fn opened(at: Timestamp) -> AlertThread {
    AlertThread {
        id: AlertThreadId::of(1),
        topic: Topic {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            profile: None,
            class: ErrorClass::SkuNotFound,
            cause: "sku:A".into(),
        },
        opened_at: at,
        open: 1,
        total: 1,
        untold: 1,
        sample: AlertPayload {
            connector: ConnectorName::Shopee,
            error_class: ErrorClass::SkuNotFound,
            ordersn: Some("250101AAA".into()),
            shop_id: None,
            message: "Order 250101AAA is held.".into(),
            exception_id: "cex_1".into(),
            raw_event_id: None,
            occurred_at: at,
            details: serde_json::Map::new(),
        },
        orders: vec!["250101AAA".into()],
        due_by: None,
        recovered_at: None,
        told_at: None,
        told: 0,
        recovery_told: false,
    }
}

/// The same when it was told at once.
fn told(at: Timestamp) -> AlertThread {
    opened(at).after(NoticeKind::Opened, at)
}

fn of_class(class: ErrorClass, thread: AlertThread) -> AlertThread {
    let topic = Topic {
        class,
        ..thread.topic
    };
    AlertThread { topic, ..thread }
}

fn tell(kind: NoticeKind, look_at: Option<Timestamp>) -> Decision {
    Decision {
        tell: Some(kind),
        look_at,
    }
}

fn wait(until: Timestamp) -> Decision {
    Decision {
        tell: None,
        look_at: Some(until),
    }
}

fn assert_decided(cases: Vec<(&str, AlertThread, Timestamp, Decision)>) {
    for (case, thread, now, expected) in cases {
        assert_eq!(decide(&thread, &policy(), now), expected, "{case}");
    }
}

#[test]
fn a_burst_is_gathered_and_told_once() {
    let gathered = noon() + TimeDelta::seconds(20);
    let burst = AlertThread {
        open: 10_000,
        total: 10_000,
        untold: 10_000,
        ..opened(noon())
    };
    let day_later = Some(gathered + HOUR * 24);
    assert_decided(vec![
        ("it gathers", burst.clone(), noon(), wait(gathered)),
        (
            "one second early",
            burst.clone(),
            gathered - TimeDelta::seconds(1),
            wait(gathered),
        ),
        (
            "it is told",
            burst.clone(),
            gathered,
            tell(NoticeKind::Opened, day_later),
        ),
        (
            "a single one is told just so",
            opened(noon()),
            gathered,
            tell(NoticeKind::Opened, day_later),
        ),
    ]);
    let words = burst.words(NoticeKind::Opened, gathered);
    assert_eq!(
        words,
        "Order 250101AAA is held. 9999 more are open for the same cause."
    );
    let after = burst.after(NoticeKind::Opened, gathered);
    assert_eq!(decide(&after, &policy(), gathered).tell, None);
}

#[test]
fn what_comes_after_is_told_with_a_count_and_not_too_often() {
    let more = AlertThread {
        open: 4,
        total: 4,
        untold: 3,
        ..told(noon())
    };
    let allowed = noon() + MINUTE * 15;
    assert_decided(vec![
        ("too soon", more.clone(), noon() + MINUTE, wait(allowed)),
        (
            "soon enough",
            more.clone(),
            allowed,
            tell(NoticeKind::More, Some(allowed + HOUR * 24)),
        ),
        (
            "nothing new waits for the reminder",
            told(noon()),
            noon() + MINUTE,
            wait(noon() + HOUR * 24),
        ),
    ]);
    assert_eq!(
        more.words(NoticeKind::More, allowed),
        "3 new since the last message: Order 250101AAA is held. 3 more are open for the same cause."
    );
}

#[test]
fn the_night_is_quiet_but_for_what_costs_money_in_it() {
    let due_in = |time: TimeDelta, thread: AlertThread| AlertThread {
        due_by: Some(midnight() + time),
        ..thread
    };
    let token = |thread| of_class(ErrorClass::TokenExpired, thread);
    let night = opened(midnight());
    let gathered = midnight() + MINUTE;
    assert_decided(vec![
        ("it waits", night.clone(), gathered, wait(morning())),
        (
            "and is told in the morning",
            night.clone(),
            morning(),
            tell(NoticeKind::Opened, Some(morning() + HOUR * 24)),
        ),
        (
            "a shop that nobody may speak for any more",
            token(night.clone()),
            gathered,
            tell(NoticeKind::Opened, Some(gathered + HOUR * 24)),
        ),
        (
            "an authorisation that ends in a month",
            token(due_in(TimeDelta::days(30), night.clone())),
            gathered,
            wait(morning()),
        ),
        (
            "orders that are missing",
            of_class(ErrorClass::OrdersMissing, night.clone()),
            gathered,
            tell(NoticeKind::Opened, Some(gathered + HOUR * 24)),
        ),
        (
            "a parcel that is due before noon",
            due_in(HOUR * 11, night.clone()),
            gathered,
            tell(NoticeKind::Opened, Some(midnight() + HOUR * 9)),
        ),
        (
            "one that becomes urgent before the night is over",
            due_in(HOUR * 14, night.clone()),
            gathered,
            wait(midnight() + HOUR * 2),
        ),
        (
            "and then is told",
            due_in(HOUR * 14, night.clone()),
            midnight() + HOUR * 2,
            tell(NoticeKind::Opened, Some(midnight() + HOUR * 12)),
        ),
        (
            "one that can wait for the morning",
            due_in(HOUR * 30, night),
            gathered,
            wait(morning()),
        ),
        (
            "urgency lifts no limit",
            AlertThread {
                untold: 1,
                ..token(told(midnight()))
            },
            gathered,
            wait(midnight() + MINUTE * 15),
        ),
    ]);
}

#[test]
fn what_is_still_open_is_told_again() {
    let next_day = noon() + HOUR * 24;
    assert_decided(vec![
        (
            "not before its time",
            told(noon()),
            next_day - TimeDelta::seconds(1),
            wait(next_day),
        ),
        (
            "after a day, and after another",
            told(noon()),
            next_day,
            tell(NoticeKind::Reminder, Some(next_day + HOUR * 24)),
        ),
        (
            "at night it waits",
            told(midnight()),
            midnight() + HOUR * 24,
            wait(morning() + HOUR * 24),
        ),
    ]);
    let words = told(noon()).words(NoticeKind::Reminder, next_day + HOUR * 24);
    assert_eq!(words, "Still open after 2 days: Order 250101AAA is held.");
    let never = AlertPolicy {
        remind_every: None,
        ..policy()
    };
    assert_eq!(
        decide(&told(noon()), &never, next_day),
        Decision::NOTHING,
        "unless nobody wants to be reminded"
    );
}

#[test]
fn a_deadline_is_told_two_hours_before() {
    let due_by = noon() + HOUR * 8;
    let due = |told_at| AlertThread {
        due_by: Some(due_by),
        told_at: Some(told_at),
        ..told(noon())
    };
    let reminded = due_by - HOUR * 2;
    assert_decided(vec![
        (
            "it waits for it",
            due(noon()),
            noon() + HOUR,
            wait(reminded),
        ),
        (
            "it is told once",
            due(noon()),
            reminded,
            tell(NoticeKind::Reminder, Some(reminded + HOUR * 24)),
        ),
        (
            "not again where it was told since",
            due(reminded + MINUTE),
            reminded + HOUR,
            wait(reminded + MINUTE + HOUR * 24),
        ),
        (
            "and not right after another message",
            due(reminded - MINUTE),
            reminded,
            wait(reminded + MINUTE * 14),
        ),
        (
            "one that has passed is a matter of reminders",
            due(due_by + HOUR),
            due_by + HOUR * 2,
            wait(due_by + HOUR * 25),
        ),
    ]);
}

#[test]
fn a_deadline_that_has_passed_is_no_matter_of_the_night() {
    let passed = |thread| AlertThread {
        due_by: Some(midnight() - HOUR),
        ..thread
    };
    let more = AlertThread {
        untold: 1,
        ..told(noon())
    };
    assert_decided(vec![
        (
            "what comes after it waits for the morning",
            passed(more),
            midnight(),
            wait(morning()),
        ),
        (
            "so does a reminder",
            passed(told(midnight() - HOUR * 24)),
            midnight(),
            wait(morning()),
        ),
        (
            "nobody is told two hours before of what is over",
            passed(told(noon())),
            midnight(),
            wait(noon() + HOUR * 24),
        ),
        (
            "an authorisation that has ended costs money now",
            passed(of_class(ErrorClass::TokenExpired, opened(midnight()))),
            midnight() + MINUTE,
            tell(NoticeKind::Opened, Some(midnight() + MINUTE + HOUR * 24)),
        ),
    ]);
}

#[test]
fn a_recovery_is_told_when_it_lasts() {
    let over = |told_at| AlertThread {
        open: 0,
        recovered_at: Some(noon() + HOUR),
        ..told(told_at)
    };
    let calm = noon() + HOUR + MINUTE * 5;
    assert_decided(vec![
        ("it may come back", over(noon()), noon() + HOUR, wait(calm)),
        (
            "it is told, and nothing after it",
            over(noon()),
            calm,
            tell(NoticeKind::Recovered, None),
        ),
        (
            "not right after another message",
            over(noon() + MINUTE * 59),
            calm,
            wait(noon() + MINUTE * 74),
        ),
        (
            "not twice",
            over(noon()).after(NoticeKind::Recovered, calm),
            calm + HOUR,
            Decision::NOTHING,
        ),
        (
            "not at night, whatever it was",
            AlertThread {
                recovered_at: Some(midnight()),
                ..of_class(ErrorClass::TokenExpired, over(noon()))
            },
            midnight() + MINUTE * 5,
            wait(morning()),
        ),
        (
            "not where nobody was told that something was wrong",
            AlertThread {
                told: 0,
                told_at: None,
                untold: 1,
                ..over(noon())
            },
            calm,
            Decision::NOTHING,
        ),
    ]);
    let words = |total| {
        let thread = AlertThread {
            total,
            ..over(noon())
        };
        thread.words(NoticeKind::Recovered, calm)
    };
    assert_eq!(words(1), "Over after 60 minutes: Order 250101AAA is held.");
    assert_eq!(
        words(12),
        "Over after 60 minutes: Order 250101AAA is held. (12 in all)"
    );
}

#[test]
fn what_flaps_is_told_of_at_its_limit_and_no_oftener() {
    // It comes and goes every minute, from noon on for two hours; nothing is ever calm for long.
    let mut thread = opened(noon());
    let mut messages = Vec::new();
    for minute in 0..120 {
        let now = noon() + MINUTE * minute;
        if minute % 2 == 0 {
            thread.recovered_at = None;
            thread.open = 1;
            if minute > 0 {
                thread.total += 1;
                thread.untold += 1;
            }
        } else {
            thread.recovered_at = Some(now);
            thread.open = 0;
        }
        for now in [now, now + TimeDelta::seconds(30)] {
            if let Some(kind) = decide(&thread, &policy(), now).tell {
                messages.push(kind);
                thread = thread.after(kind, now);
            }
        }
    }
    assert_eq!(messages[0], NoticeKind::Opened);
    assert!(!messages.contains(&NoticeKind::Recovered), "{messages:?}");
    let two_hours = Duration::from_hours(2);
    let most = two_hours.as_secs() / policy().at_most_every.as_secs();
    assert!(messages.len() as u64 <= most, "{messages:?}");
}

#[test]
fn what_comes_back_after_its_recovery_was_told_keeps_the_limit() {
    let anew = AlertThread {
        told_at: Some(noon()),
        ..opened(noon() + MINUTE)
    };
    assert_decided(vec![
        (
            "told five minutes ago that it was over",
            anew.clone(),
            noon() + MINUTE * 5,
            wait(noon() + MINUTE * 15),
        ),
        (
            "it opens anew",
            anew,
            noon() + MINUTE * 15,
            tell(NoticeKind::Opened, Some(noon() + MINUTE * 15 + HOUR * 24)),
        ),
    ]);
}

#[test]
fn what_is_out_of_sight_is_not_told() {
    let snoozed = |thread| AlertThread { open: 0, ..thread };
    assert_decided(vec![
        (
            "before anything was told",
            snoozed(opened(noon())),
            noon() + HOUR,
            Decision::NOTHING,
        ),
        (
            "nor that it is still open, or over",
            snoozed(told(noon())),
            noon() + HOUR * 48,
            Decision::NOTHING,
        ),
        (
            "back in sight it is told of",
            told(noon()),
            noon() + HOUR * 48,
            tell(NoticeKind::Reminder, Some(noon() + HOUR * 72)),
        ),
    ]);
}

#[test]
fn whoever_waits_for_what_is_decided_comes_to_an_end() {
    // Looking when told to look, and telling what is to be told: a day has few messages.
    let mut thread = AlertThread {
        due_by: Some(noon() + HOUR * 20),
        ..opened(noon())
    };
    let mut now = noon();
    let mut messages = Vec::new();
    for _ in 0..20 {
        let Decision { tell, look_at } = decide(&thread, &policy(), now);
        if let Some(kind) = tell {
            messages.push((kind, now - noon()));
            thread = thread.after(kind, now);
        }
        let next = look_at.unwrap();
        assert!(next > now, "it would be looked at again and again");
        now = next;
        if now > noon() + HOUR * 24 {
            break;
        }
    }
    assert_eq!(
        messages,
        [
            (NoticeKind::Opened, TimeDelta::seconds(20)),
            (NoticeKind::Reminder, HOUR * 18),
        ]
    );
}
