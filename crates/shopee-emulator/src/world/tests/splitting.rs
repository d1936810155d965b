//! Orders that travel in several packages.

use super::story::{Story, cents, two_lines, units};
use crate::world::{
    LogisticsStatus as L, NewLine, NewOrder, OrderStatus as S, Parcels, SplitError, Verb,
    WorldError,
};

#[test]
fn the_packages_of_a_split_order_travel_on_their_own() {
    let story = Story::paid().then(Verb::Split(vec![
        units(&[(0, 1)]),
        units(&[(0, 1), (1, 1)]),
    ]));
    let numbers: Vec<_> = story
        .order()
        .packages
        .iter()
        .map(|package| package.package_number.clone())
        .collect();
    let one = |index: usize| Parcels::One(numbers[index].clone());
    let story = story.then(Verb::Arrange(one(0)));
    assert_eq!(story.order().status, S::ReadyToShip);
    let story = story.then(Verb::PickUp(one(0))).then(Verb::Arrange(one(1)));
    assert_eq!(story.order().status, S::Processed);
    let story = story.then(Verb::PickUp(one(1)));
    assert_eq!(story.order().status, S::Shipped);
    let mut story = story.then(Verb::Deliver(one(1)));
    assert_eq!(story.order().status, S::Shipped);
    assert_eq!(
        story.refuses(Verb::Deliver(one(1))),
        WorldError::WrongPackageState(L::DeliveryDone)
    );
    assert_eq!(
        story.then(Verb::Deliver(one(0))).order().status,
        S::ToConfirmReceive
    );
}

#[test]
fn a_split_must_be_whole_and_possible() {
    let split =
        |parts: &[&[(usize, u32)]]| Verb::Split(parts.iter().map(|part| units(part)).collect());
    let mut story = Story::paid();
    let cases = [
        (
            split(&[&[(0, 2), (1, 1)]]),
            SplitError::PackageCount { asked: 1, max: 5 },
        ),
        (
            split(&[&[(0, 2)], &[(1, 1)], &[]]),
            SplitError::EmptyPackage,
        ),
        (
            split(&[&[(0, 1)], &[(1, 1)]]),
            SplitError::MissingItem { line: 0 },
        ),
        (
            split(&[&[(0, 2)], &[(1, 1), (7, 1)]]),
            SplitError::MissingItem { line: 7 },
        ),
    ];
    for (verb, expected) in cases {
        assert_eq!(story.refuses(verb), WorldError::Split(expected));
    }
    let good = || split(&[&[(0, 2)], &[(1, 1)]]);
    story = story.then(good());
    assert_eq!(
        story.refuses(good()),
        WorldError::Split(SplitError::AlreadySplit)
    );
    let mut unpaid = Story::of(two_lines());
    assert_eq!(
        unpaid.refuses(good()),
        WorldError::Split(SplitError::WrongStatus)
    );
    let bundle = NewOrder::of(["A", "B"].map(|sku| NewLine::new(sku, cents(100)).in_bundle(1)));
    assert_eq!(
        Story::of(bundle.paid_at_once()).refuses(split(&[&[(0, 1)], &[(1, 1)]])),
        WorldError::Split(SplitError::BundleTornApart)
    );
}
