//! The demonstration: the emulator sells exactly what `hawker seed --demo` puts on the shelves,
//! save for the one card that shows what a held order looks like.

use std::collections::BTreeMap;

use hawker_shopee_emulator::demo::{CATALOGUE, UNKNOWN_SKU};
use rust_decimal::Decimal;

#[test]
fn the_demo_shop_sells_what_the_demo_catalogue_holds() {
    let sold: BTreeMap<_, _> = CATALOGUE
        .iter()
        .map(|card| (card.sku, (card.title, Decimal::new(card.cents, 2))))
        .collect();
    let held: BTreeMap<_, _> = include_str!("../../crates/app/demo/catalogue.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<_> = line.split(';').collect();
            (fields[0], (fields[1], fields[2].parse().unwrap()))
        })
        .collect();
    assert_eq!(sold, held);
    assert!(!held.contains_key(UNKNOWN_SKU));
}
