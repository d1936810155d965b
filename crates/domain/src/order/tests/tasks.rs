//! What runs out silently when nobody acts is put before a person, once, with its deadline.

use super::support::{World, at, bare, raised, standing};
use crate::exception::ErrorClass;
use crate::order::OrderStatus;

#[test]
fn a_request_to_cancel_is_a_task_with_the_orders_deadline_until_it_is_answered() {
    let mut world = World::new();
    let mut asked = bare(OrderStatus::InCancel, 10);
    asked.ship_by = Some(at(86_400));
    let plan = world.apply(&asked);
    assert_eq!(plan.raised[0].class, ErrorClass::ActionRequired);
    assert_eq!(plan.raised[0].key, "cancellation-request");
    assert_eq!(plan.raised[0].due_at, Some(at(86_400)));

    asked.updated_at = at(20);
    let again = world.apply(&asked);
    assert!(raised(&again).is_empty());
    assert_eq!(standing(&again).len(), 1);

    let answered = world.apply(&bare(OrderStatus::Processed, 30));
    assert!(standing(&answered).is_empty());
}

#[test]
fn a_deadline_that_moves_is_told_of_what_stands() {
    let mut world = World::new();
    let mut asked = bare(OrderStatus::InCancel, 10);
    asked.ship_by = Some(at(86_400));
    world.apply(&asked);

    asked.updated_at = at(20);
    asked.ship_by = Some(at(172_800));
    let moved = world.apply(&asked);
    assert!(raised(&moved).is_empty());
    assert_eq!(moved.standing[0].due_at, Some(at(172_800)));
}

#[test]
fn a_task_that_comes_back_is_raised_again() {
    let mut world = World::new();
    for (seconds, status, tasks) in [
        (10, OrderStatus::RetryShip, 1),
        (20, OrderStatus::Processed, 0),
        (30, OrderStatus::RetryShip, 1),
    ] {
        let plan = world.apply(&bare(status, seconds));
        assert_eq!(raised(&plan).len(), tasks);
        assert_eq!(standing(&plan).len(), tasks);
    }
}

#[test]
fn one_task_gives_way_to_another() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ToReturn, 10));
    let plan = world.apply(&bare(OrderStatus::Cancelled, 20));
    let task = (ErrorClass::ActionRequired, "goods-coming-back");
    assert_eq!((raised(&plan), standing(&plan)), (vec![task], vec![task]));
}

#[test]
fn what_comes_up_after_the_goods_have_left_has_no_deadline_of_shipping() {
    let mut world = World::new();
    for (seconds, status, due_at) in [
        (10, OrderStatus::RetryShip, Some(at(86_400))),
        (20, OrderStatus::ToReturn, None),
        (30, OrderStatus::Cancelled, None),
    ] {
        let mut told = bare(status, seconds);
        told.ship_by = Some(at(86_400));
        let plan = world.apply(&told);
        assert_eq!(plan.raised[0].due_at, due_at, "{}", plan.raised[0].key);
    }
}
