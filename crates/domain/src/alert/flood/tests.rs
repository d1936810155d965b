use chrono::{DateTime, TimeDelta};

use super::*;
use crate::exception::ErrorClass;
use crate::{ConnectorName, Environment};

const POLICY: AlertPolicy = AlertPolicy {
    gather: Duration::from_secs(5),
    at_most_every: Duration::from_mins(15),
    remind_every: None,
    calm: Duration::from_mins(2),
    quiet: None,
};

fn told(threads: u64, minutes: i64) -> ToldLately {
    ToldLately {
        group: TopicGroup {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            profile: None,
            class: ErrorClass::SkuNotFound,
        },
        threads,
        last_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes),
    }
}

#[test]
fn few_are_told_of_one_by_one_and_many_together() {
    for (due, lately, expected) in [
        (1, None, Manner::OneByOne),
        (10, None, Manner::OneByOne),
        (11, None, Manner::Together),
        (300, None, Manner::Together),
        (4, Some(6), Manner::OneByOne),
        (5, Some(6), Manner::Together),
        // A message about one is a message about one.
        (1, Some(10), Manner::OneByOne),
    ] {
        let lately = lately.map(|threads| told(threads, 0));
        let manner = manner(due, lately.as_ref(), &POLICY);
        assert_eq!(manner, expected, "{due} after {lately:?}");
    }
}

#[test]
fn when_many_were_told_of_the_next_wait_and_gather() {
    let until = Manner::Later(told(0, 35).last_at);
    for (due, threads) in [(1, 11), (290, 11), (1, 300)] {
        assert_eq!(manner(due, Some(&told(threads, 20)), &POLICY), until);
    }
    let unlimited = AlertPolicy {
        at_most_every: Duration::ZERO,
        ..POLICY
    };
    assert_eq!(unlimited.lately(), Duration::ZERO);
    let patient = AlertPolicy {
        at_most_every: Duration::from_hours(24),
        ..POLICY
    };
    assert_eq!(patient.lately(), LATELY, "a new cause waits for no day");
}
