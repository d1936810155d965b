//! Which return is due first, and how that is told.

use super::support::at;
use crate::Zone;
use crate::ids::OrderSn;
use crate::order::returns::{OpenReturn, RETURN_OPENED, ReturnStatus, return_task};

fn order() -> OrderSn {
    OrderSn::parse("250101AAA").unwrap()
}

fn one(return_sn: &str, status: ReturnStatus, due: Option<i64>) -> OpenReturn {
    OpenReturn {
        return_sn: return_sn.into(),
        order_sn: order(),
        needs_seller: status.seller_task().is_some(),
        status,
        due_at: due.map(at),
    }
}

#[test]
fn a_status_is_read_back_from_its_text_and_an_unknown_one_is_kept() {
    for status in ReturnStatus::MODELLED {
        assert_eq!(ReturnStatus::from_text(status.as_str()), status);
    }
    let unknown = ReturnStatus::from_text("REFUND_PAID_LATER");
    assert_eq!(unknown.as_str(), "REFUND_PAID_LATER");
    assert!(unknown.seller_task().is_some(), "it may wait for an answer");
}

#[test]
fn of_several_returns_the_one_that_is_due_first_sets_the_deadline() {
    let returns = [
        one("R1", ReturnStatus::Processing, Some(9_000)),
        one("R2", ReturnStatus::Requested, Some(7_200)),
        one("R3", ReturnStatus::Judging, Some(60)),
        one("R4", ReturnStatus::Requested, None),
    ];
    let task = return_task(&order(), &returns, Zone::Asia__Singapore).unwrap();
    assert_eq!(
        (task.key.as_str(), task.due_at),
        (RETURN_OPENED, Some(at(7_200)))
    );
    let local = at(7_200).with_timezone(&Zone::Asia__Singapore);
    let until = format!("until {} (Asia/Singapore)", local.format("%Y-%m-%d %H:%M"));
    for part in ["250101AAA", "opened return R2", &until, "Due later: R1."] {
        assert!(task.message.contains(part), "{part}: {}", task.message);
    }
    assert!(!task.message.contains("R3"), "{}", task.message);
}

#[test]
fn a_return_of_another_order_or_one_that_is_over_sets_no_deadline() {
    let returns = [
        one("R1", ReturnStatus::Closed, Some(60)),
        one("R2", ReturnStatus::Requested, None),
        OpenReturn {
            order_sn: OrderSn::parse("250101BBB").unwrap(),
            ..one("R3", ReturnStatus::Requested, Some(60))
        },
    ];
    assert_eq!(return_task(&order(), &returns, Zone::Asia__Singapore), None);
}

#[test]
fn what_is_asked_for_depends_on_how_the_return_stands() {
    for (status, words) in [
        (ReturnStatus::Requested, "Accept or dispute it"),
        (ReturnStatus::Processing, "Check them"),
        (ReturnStatus::from_text("NEW"), "is NEW. Answer it"),
    ] {
        let returns = [one("R1", status, Some(60))];
        let task = return_task(&order(), &returns, Zone::Asia__Singapore).unwrap();
        assert!(task.message.contains(words), "{}", task.message);
    }
}
