//! What the scripts promise to whoever watches.

use std::collections::BTreeSet;

use super::*;
use crate::world::{OrderStatus, PartnerApp, Shop, World};

fn world() -> World {
    World::new(vec![PartnerApp::default()], vec![Shop::default()], 1, 0)
}

#[test]
fn every_script_can_be_played_to_its_end() {
    let mut world = world();
    for (index, script) in Scripts::new(7).take(500).enumerate() {
        let (sn, _) = world.place(script.order, 0).unwrap();
        let whole: Duration = script.acts.iter().map(|(wait, _)| *wait).sum();
        assert!(
            whole <= Duration::from_mins(2),
            "order {index} lives {whole:?}"
        );
        for (_, verb) in script.acts {
            world
                .act(&sn, &verb, 0)
                .unwrap_or_else(|error| panic!("{index}: {error}"));
        }
        let end = world.orders[&sn].status;
        assert!(
            matches!(end, OrderStatus::Completed | OrderStatus::Cancelled),
            "{end}"
        );
    }
}

#[test]
fn the_first_dozen_has_one_of_everything() {
    let scripts: Vec<_> = Scripts::new(1).take(12).collect();
    let with = |test: fn(&Verb) -> bool| {
        scripts
            .iter()
            .any(|script| script.acts.iter().any(|(_, verb)| test(verb)))
    };
    assert!(scripts.iter().any(|script| script.order.cod));
    assert!(
        scripts
            .iter()
            .any(|script| script.order.lines[0].bundle.is_some())
    );
    assert!(with(|verb| matches!(verb, Verb::Split(_))));
    assert!(with(|verb| matches!(verb, Verb::RequestCancel { .. })));
    assert!(with(|verb| matches!(
        verb,
        Verb::Cancel {
            by: CancelledBy::System,
            ..
        }
    )));
    assert!(with(|verb| matches!(
        verb,
        Verb::Cancel {
            by: CancelledBy::Seller,
            ..
        }
    )));
    assert!(with(|verb| matches!(verb, Verb::OpenReturn { .. })));
    assert!(with(|verb| matches!(verb, Verb::FailPickup(_))));
}

#[test]
fn a_graded_card_is_sold_once() {
    let mut sold = BTreeSet::new();
    for line in Scripts::new(5)
        .take(500)
        .flat_map(|script| script.order.lines)
    {
        assert!(
            line.variation || sold.insert(line.sku.clone()),
            "{} again",
            line.sku
        );
    }
    assert!(!sold.is_empty());
}

#[test]
fn only_the_fourth_order_has_the_unknown_sku() {
    let unknown: Vec<_> = Scripts::new(3)
        .take(300)
        .enumerate()
        .filter(|(_, script)| {
            script
                .order
                .lines
                .iter()
                .any(|line| line.sku == UNKNOWN_SKU)
        })
        .map(|(index, _)| index + 1)
        .collect();
    assert_eq!(unknown, [4]);
}
