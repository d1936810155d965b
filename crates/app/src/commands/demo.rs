//! The demonstration catalogue: trading cards at several places, as a small shop would have them.

use anyhow::Context as _;
use hawker_domain::catalogue::Sku;
use hawker_domain::money::parse_amount;
use hawker_domain::{Currency, Money};
use hawker_usecases::add_variants::{Place, VariantToAdd};

/// `sku;title;price in SGD;pieces at the counter;pieces in the storeroom;pieces in the safe`.
const CATALOGUE: &str = include_str!("../../demo/catalogue.csv");

/// The places, in the order in which they are used up.
const PLACES: [(&str, &str); 3] = [
    ("counter", "Shop counter"),
    ("storeroom", "Storeroom"),
    ("safe", "Safe"),
];

pub(super) fn places() -> Vec<Place> {
    let place = |(priority, (code, name)): (i32, &(&str, &str))| Place {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        priority,
    };
    (1..).zip(&PLACES).map(place).collect()
}

pub(super) fn variants() -> anyhow::Result<Vec<VariantToAdd>> {
    CATALOGUE
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(variant)
        .collect()
}

fn variant(line: &str) -> anyhow::Result<VariantToAdd> {
    let fields: Vec<_> = line.split(';').collect();
    let [sku, title, price, stock @ ..] = &fields[..] else {
        anyhow::bail!("the line `{line}` of the demonstration catalogue has too few fields");
    };
    anyhow::ensure!(
        stock.len() == PLACES.len(),
        "the line `{line}` needs stock for every place"
    );
    let pieces = |text: &&str| {
        text.parse::<u32>()
            .with_context(|| format!("in the line `{line}`"))
    };
    Ok(VariantToAdd {
        sku: Sku::parse(sku).with_context(|| format!("`{sku}` is not a SKU"))?,
        title: (*title).to_owned(),
        price: Some(Money {
            amount: parse_amount(price)?,
            currency: Currency::SGD,
        }),
        stock: PLACES
            .iter()
            .zip(stock)
            .map(|((code, _), text)| Ok(((*code).to_owned(), pieces(text)?)))
            .collect::<anyhow::Result<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demonstration_catalogue_can_be_added() {
        let variants = variants().unwrap();
        let skus: BTreeSet<_> = variants.iter().map(|variant| &variant.sku).collect();
        assert!(variants.len() >= 30);
        assert_eq!(skus.len(), variants.len(), "a SKU stands twice");
    }
}
