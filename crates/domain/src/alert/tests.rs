use chrono::{DateTime, TimeDelta};

use super::*;
use crate::ids::{AlertThreadId, EventId, ProfileId};
use crate::{Environment, OrderSn, ShopId, TenantSlug};

struct Counting;

impl IdSource for Counting {
    fn next(&self) -> ulid::Ulid {
        ulid::Ulid(7)
    }
}

fn noon() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// What was told of one exception.
fn said() -> AlertPayload {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Live,
        profile: Some(ProfileId::parse("scp_first").unwrap()),
        shop: Some(ShopId(5_000_000_001)),
        order_sn: Some(OrderSn::parse("250101AAA").unwrap()),
        event: Some(EventId::of(3)),
    };
    let cause = Cause {
        class: ErrorClass::ActionRequired,
        key: "ship".into(),
        message: "Hand it over.".into(),
        due_at: Some(noon() + TimeDelta::hours(9)),
    };
    AlertPayload::of_exception(ExceptionId::of(2), &subject, &cause, 1, noon())
}

fn thread() -> AlertThread {
    AlertThread {
        id: AlertThreadId::of(1),
        topic: Topic {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            profile: Some(ProfileId::parse("scp_first").unwrap()),
            class: ErrorClass::ActionRequired,
            cause: "ship".into(),
        },
        opened_at: noon(),
        open: 1,
        total: 1,
        untold: 1,
        sample: said(),
        orders: vec!["250101AAA".into()],
        due_by: Some(noon() + TimeDelta::hours(9)),
        recovered_at: None,
        told_at: None,
        told: 0,
        recovery_told: false,
    }
}

fn payload(thread: &AlertThread, kind: NoticeKind) -> AlertPayload {
    let now = noon() + TimeDelta::hours(1);
    let notice = Notice::of_thread(thread, kind, now);
    let alert = notice.to_sink("n8n", &TenantSlug::default_tenant(), &Counting);
    assert_eq!((alert.sink.as_str(), alert.id), ("n8n", AlertId::of(7)));
    alert.payload
}

#[test]
fn a_single_exception_is_told_with_everything_that_is_documented() {
    let told = serde_json::to_value(payload(&thread(), NoticeKind::Opened)).unwrap();
    let expected = serde_json::json!({
        "connector": "shopee",
        "error_class": "action_required",
        "ordersn": "250101AAA",
        "shop_id": 5_000_000_001_i64,
        "message": "Hand it over.",
        "exception_id": ExceptionId::of(2).to_string(),
        "raw_event_id": EventId::of(3).to_string(),
        "occurred_at": "2024-10-04T00:00:00Z",
        "details": {
            "environment": "live",
            "profile_id": "scp_first",
            "due_at": "2024-10-04T09:00:00+00:00",
            "kind": "opened",
            "tenant": "default",
            "thread_id": AlertThreadId::of(1).to_string(),
            "cause": "ship",
            "opened_at": "2024-10-04T00:00:00+00:00",
            "open": 1,
            "total": 1,
            "orders": ["250101AAA"],
        },
    });
    assert_eq!(told, expected);
}

#[test]
fn many_are_told_as_many_and_not_as_the_order_of_one() {
    let many = AlertThread {
        open: 3,
        total: 3,
        orders: ["250101AAA", "250101BBB", "250101CCC"]
            .map(String::from)
            .to_vec(),
        due_by: Some(noon() + TimeDelta::hours(4)),
        ..thread()
    };
    let told = payload(&many, NoticeKind::Opened);
    assert_eq!(told.ordersn, None);
    assert_eq!(told.details["open"], 3);
    assert_eq!(told.details["orders"][2], "250101CCC");
    assert_eq!(told.details["due_at"], "2024-10-04T04:00:00+00:00");
    assert_eq!(
        told.message,
        "Hand it over. 2 more are open for the same cause."
    );
}

#[test]
fn the_time_that_is_told_is_that_of_what_is_told() {
    let over = AlertThread {
        open: 0,
        due_by: None,
        recovered_at: Some(noon() + TimeDelta::minutes(50)),
        ..thread()
    };
    let minutes =
        |thread: &AlertThread, kind| (payload(thread, kind).occurred_at - noon()).num_minutes();
    assert_eq!(minutes(&thread(), NoticeKind::Opened), 0);
    assert_eq!(minutes(&thread(), NoticeKind::Reminder), 60);
    assert_eq!(minutes(&over, NoticeKind::Recovered), 50);
    let told = payload(&over, NoticeKind::Recovered);
    assert!(
        !told.details.contains_key("due_at"),
        "nothing is due any more"
    );
}
