use chrono::{DateTime, TimeDelta};

use super::*;
use crate::alert::Topic;
use crate::exception::{Cause, ErrorClass, Subject};
use crate::ids::{AlertThreadId, ExceptionId};
use crate::{ConnectorName, Environment, OrderSn};

fn noon() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// The thread of a SKU that is missing, with so many orders open.
fn thread(number: u128, open: u64) -> AlertThread {
    let order_sn = format!("250101{number:03}");
    let cause = Cause {
        class: ErrorClass::SkuNotFound,
        key: format!("sku:{number}"),
        message: format!("Order {order_sn} is held."),
        due_at: None,
    };
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Live,
        profile: None,
        shop: None,
        order_sn: OrderSn::parse(&order_sn),
        event: None,
    };
    AlertThread {
        id: AlertThreadId::of(number),
        topic: Topic {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            profile: None,
            class: ErrorClass::SkuNotFound,
            cause: cause.key.clone(),
        },
        opened_at: noon() + TimeDelta::seconds(i64::try_from(number).unwrap()),
        open,
        total: open,
        untold: open,
        sample: AlertPayload::of_exception(ExceptionId::of(number), &subject, &cause, 2, noon()),
        orders: vec![order_sn],
        due_by: None,
        recovered_at: None,
        told_at: None,
        told: 0,
        recovery_told: false,
    }
}

#[test]
fn many_causes_are_one_message_that_names_the_worst() {
    let mut threads: Vec<_> = (1..=300).map(|number| thread(number, 1)).collect();
    threads[41].open = 90;
    threads[199].due_by = Some(noon() + TimeDelta::hours(3));
    threads[198].due_by = Some(noon() + TimeDelta::hours(4));
    threads[7].due_by = Some(noon() - TimeDelta::hours(4));
    let notice = Notice::of_many(&threads, NoticeKind::Opened, noon()).unwrap();
    let told = notice.payload();
    let details = &told.details;
    assert_eq!(
        (&details["causes"], &details["open"]),
        (&300.into(), &389.into())
    );
    assert_eq!(details["due_at"], "2024-10-04T03:00:00+00:00");
    let named = details["worst"].as_array().unwrap().iter();
    let named: Vec<_> = named
        .map(|thread| thread["cause"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["sku:200", "sku:199", "sku:42", "sku:1", "sku:2"]);
    assert_eq!(told.exception_id, ExceptionId::of(200).to_string());
    assert_eq!((told.ordersn.as_ref(), details.get("cause")), (None, None));
    assert_eq!(details["thread_id"], "many:shopee:live:-:sku_not_found");
    assert!(
        told.message.starts_with(
            "300 causes at once, 389 open in all. Among them: (1) Order 250101200 is held. (2) "
        ),
        "{}",
        told.message
    );
    assert_eq!(Notice::of_many(&[], NoticeKind::Opened, noon()), None);
}

#[test]
fn each_kind_has_a_message_and_what_is_alone_is_told_by_itself() {
    let told = [
        (thread(1, 1), NoticeKind::Recovered),
        (thread(2, 2), NoticeKind::Opened),
        (thread(3, 4), NoticeKind::Opened),
    ];
    let notices = Notice::of_together(&told, noon());
    let [opened, recovered] = notices.as_slice() else {
        panic!("{notices:#?}");
    };
    assert_eq!(opened.threads, [2, 3].map(AlertThreadId::of));
    let details = &opened.payload().details;
    assert_eq!(
        (&details["causes"], &details["open"]),
        (&2.into(), &6.into())
    );
    let alone = Notice::of_thread(&told[0].0, NoticeKind::Recovered, noon());
    assert_eq!(*recovered, alone);
    assert_eq!(recovered.payload().details.get("causes"), None);
    assert_eq!(
        opened.payload().group().as_deref(),
        opened.payload().thread()
    );
    assert_eq!(recovered.payload().group(), opened.payload().group());
}

#[test]
fn what_is_taken_back_is_told_with_how_it_stands_now() {
    let now = AlertThread {
        told: 1,
        ..thread(1, 9)
    };
    let over = AlertThread {
        recovered_at: Some(noon()),
        recovery_told: true,
        ..now.clone()
    };
    let anew = thread(1, 1);
    let many = |kind| Notice::of_many(&[thread(1, 1), thread(2, 1)], kind, noon()).unwrap();
    let more = AlertThread {
        untold: 3,
        ..now.clone()
    };
    let more = Notice::of_thread(&more, NoticeKind::More, noon());
    let (opened, reminder) = (many(NoticeKind::Opened), many(NoticeKind::Reminder));
    let ended = Notice::of_thread(&over, NoticeKind::Recovered, noon());
    for (thread, waiting, expected) in [
        (&now, &[&opened][..], Some((NoticeKind::Opened, 0))),
        (&now, &[&opened, &more], Some((NoticeKind::Opened, 0))),
        (&now, &[&more], Some((NoticeKind::More, 3))),
        (
            &now,
            &[&many(NoticeKind::More)],
            Some((NoticeKind::Reminder, 0)),
        ),
        (&now, &[&reminder], Some((NoticeKind::Reminder, 0))),
        (&over, &[&opened, &ended], Some((NoticeKind::Recovered, 0))),
        (&over, &[&opened], None),
        (&anew, &[&opened, &ended], None),
        (&now, &[], None),
    ] {
        let waiting: Vec<_> = waiting.iter().map(|notice| notice.payload()).collect();
        let retold = thread.retold(&waiting);
        let told = retold.map(|(thread, kind)| (kind, thread.untold));
        assert_eq!(told, expected);
    }
}

#[test]
fn a_message_about_many_stays_short() {
    let mut long = thread(1, 1);
    long.sample.message = "漢".repeat(5000);
    let threads = vec![long; 20];
    for kind in NoticeKind::ALL {
        let notice = Notice::of_many(&threads, *kind, noon()).unwrap();
        assert!(notice.payload().message.chars().count() < 2000);
    }
}

#[test]
fn what_takes_the_place_of_another_message_says_what_that_would_have_said() {
    let more = AlertThread {
        untold: 3,
        told: 1,
        ..thread(1, 9)
    };
    let told = |kind, waiting: &[&Notice]| {
        let waiting: Vec<_> = waiting.iter().map(|notice| notice.payload()).collect();
        let (thread, kind) = more.caught_up(kind, &waiting);
        Notice::of_thread(&thread, kind, noon())
    };
    let first = told(NoticeKind::Opened, &[]);
    let second = told(NoticeKind::More, &[]);
    let all = Notice::of_many(std::slice::from_ref(&more), NoticeKind::Opened, noon()).unwrap();
    for (kind, waiting, expected, new) in [
        (NoticeKind::More, &[][..], NoticeKind::More, Some(3)),
        (NoticeKind::More, &[&first], NoticeKind::Opened, None),
        (NoticeKind::More, &[&second], NoticeKind::More, Some(6)),
        (
            NoticeKind::More,
            &[&second, &second],
            NoticeKind::More,
            Some(9),
        ),
        (NoticeKind::More, &[&all, &second], NoticeKind::Opened, None),
        (NoticeKind::Reminder, &[&second], NoticeKind::Reminder, None),
        (
            NoticeKind::Recovered,
            &[&first],
            NoticeKind::Recovered,
            None,
        ),
    ] {
        let notice = told(kind, waiting);
        let new_told = notice
            .payload()
            .details
            .get("new")
            .and_then(serde_json::Value::as_u64);
        assert_eq!((notice.payload().kind(), new_told), (Some(expected), new));
    }
    let message = &told(NoticeKind::More, &[&second]).payload().message.clone();
    assert!(message.starts_with("6 new since"), "{message}");
}

#[test]
fn a_deadline_that_has_passed_is_told_until_it_is_over() {
    let mut late = thread(1, 1);
    let due_at = (noon() - TimeDelta::hours(1)).to_rfc3339();
    late.sample.details.insert("due_at".into(), due_at.into());
    let told = |kind| {
        let notice = Notice::of_thread(&late, kind, noon());
        notice.payload().details.contains_key("due_at")
    };
    assert!(told(NoticeKind::Reminder));
    assert!(!told(NoticeKind::Recovered));
}
