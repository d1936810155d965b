use chrono::{DateTime, Timelike};

use super::*;

/// Ten in the evening until seven in Singapore.
fn night() -> QuietHours {
    hours((22, 0), (7, 0), Zone::Asia__Singapore)
}

fn hours(from: (u32, u32), to: (u32, u32), zone: Zone) -> QuietHours {
    let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    QuietHours {
        from: time(from),
        to: time(to),
        zone,
    }
}

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn what_happens_at_night_waits_for_the_morning_and_what_happens_by_day_does_not() {
    for (happens, told) in [
        ("2026-01-05T12:00:00+08:00", "2026-01-05T12:00:00+08:00"),
        ("2026-01-05T21:59:59+08:00", "2026-01-05T21:59:59+08:00"),
        ("2026-01-05T22:00:00+08:00", "2026-01-06T07:00:00+08:00"),
        ("2026-01-05T23:59:59+08:00", "2026-01-06T07:00:00+08:00"),
        ("2026-01-06T00:00:00+08:00", "2026-01-06T07:00:00+08:00"),
        ("2026-01-06T06:59:59+08:00", "2026-01-06T07:00:00+08:00"),
        ("2026-01-06T07:00:00+08:00", "2026-01-06T07:00:00+08:00"),
        // Still the old day in UTC.
        ("2026-01-05T18:30:00Z", "2026-01-05T23:00:00Z"),
    ] {
        assert_eq!(night().after(at(happens)), at(told), "{happens}");
    }
}

#[test]
fn a_rest_within_a_day_ends_on_that_day() {
    let lunch = hours((12, 0), (13, 30), Zone::Asia__Singapore);
    let noon = at("2026-01-05T12:15:00+08:00");
    assert_eq!(lunch.after(noon), at("2026-01-05T13:30:00+08:00"));
    let evening = at("2026-01-05T19:00:00+08:00");
    assert_eq!(lunch.after(evening), evening);
}

#[test]
fn hours_that_end_when_they_begin_are_none() {
    let none = hours((22, 0), (22, 0), Zone::Asia__Singapore);
    for hour in 0..24 {
        let moment = at("2026-01-05T00:00:00+08:00") + TimeDelta::hours(hour);
        assert_eq!(none.after(moment), moment);
    }
}

#[test]
fn a_morning_that_the_clocks_skip_comes_an_hour_later() {
    // On 29 March 2026 the clocks of Berlin go from two to three.
    let berlin = hours((23, 0), (2, 30), Zone::Europe__Berlin);
    let ends = berlin.after(at("2026-03-29T00:30:00+01:00"));
    assert_eq!(ends, at("2026-03-29T03:30:00+02:00"));
}

#[test]
fn a_morning_that_comes_twice_is_the_second_one() {
    // On 25 October 2026 the clocks of Berlin go from three back to two.
    let berlin = hours((23, 0), (2, 30), Zone::Europe__Berlin);
    let ends = berlin.after(at("2026-10-25T00:30:00+02:00"));
    assert_eq!(ends, at("2026-10-25T02:30:00+01:00"));
}

#[test]
fn no_moment_of_a_year_comes_out_in_quiet_hours_or_earlier_than_it_was() {
    for zone in [
        Zone::Asia__Singapore,
        Zone::Europe__Berlin,
        Zone::America__Sao_Paulo,
    ] {
        let night = QuietHours { zone, ..night() };
        for half_hours in 0..(366 * 48) {
            let moment = at("2026-01-01T00:10:00Z") + TimeDelta::minutes(30 * half_hours);
            let told = night.after(moment);
            let local = told.with_timezone(&zone);
            assert!(
                (7..22).contains(&local.hour()),
                "{moment} is told at {local}"
            );
            assert!(
                told >= moment && told - moment < TimeDelta::hours(11),
                "{moment}"
            );
        }
    }
}
