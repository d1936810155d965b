//! What a random buyer puts into the cart.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{LifePlan, LifeSku};
use crate::demo::CATALOGUE;
use crate::world::{NewLine, NewOrder, Region};

pub(super) fn fill(plan: &LifePlan, region: Region, random: &mut fastrand::Rng) -> NewOrder {
    let chance = |random: &mut fastrand::Rng, percent: u8| random.u8(..100) < percent;
    let skus = if plan.skus.is_empty() {
        catalogue()
    } else {
        plan.skus.clone()
    };
    let mut lines = lines(&skus, region, random);
    if lines.len() > 1 && chance(random, 8) {
        lines = lines.into_iter().map(|line| line.in_bundle(1)).collect();
    }
    let total = worth(&lines);
    let mut order = NewOrder::of(lines).with_shipping_fee(part(total, 5, region, random));
    order.shop_id = plan.shop_id;
    order.cod = chance(random, 15);
    order.paid = !order.cod && chance(random, 20);
    order.own_courier = chance(random, 8);
    order.tracking_comes_later = chance(random, 15);
    order.needs_invoice = region == Region::Br;
    if chance(random, 5) {
        order = order.held_for("SYSTEM_PENDING");
    }
    if chance(random, 30) {
        order.seller_voucher = part(total, 10, region, random);
    }
    if chance(random, 30) {
        order.shopee_voucher = part(total, 10, region, random);
    }
    if chance(random, 20) {
        order.coins = part(total, 3, region, random);
    }
    if chance(random, 20) {
        order = order.saying("Please pack it well");
    }
    order
}

fn lines(skus: &[LifeSku], region: Region, random: &mut fastrand::Rng) -> Vec<NewLine> {
    let count = [1, 1, 1, 2, 2, 3][random.usize(..6)].min(skus.len());
    let chosen = random.choose_multiple(skus, count);
    chosen
        .into_iter()
        .map(|sku| {
            let price = rounded(sku.price, region);
            let line = if sku.variation {
                NewLine::new(&sku.sku, price)
            } else {
                NewLine::plain(&sku.sku, price)
            };
            let line = line.times(random.u32(1..=3));
            if random.u8(..100) < 25 {
                let reduced = rounded(
                    price * Decimal::new(i64::from(random.u32(70..=95)), 2),
                    region,
                );
                line.discounted_to(reduced)
            } else {
                line
            }
        })
        .collect()
}

fn worth(lines: &[NewLine]) -> Decimal {
    let prices = lines.iter().map(|line| {
        let price = line.discounted.unwrap_or(line.price);
        price * Decimal::from(line.quantity)
    });
    prices.sum()
}

/// Up to that many percent of an amount.
fn part(of: Decimal, percent: u32, region: Region, random: &mut fastrand::Rng) -> Decimal {
    let share = Decimal::new(i64::from(random.u32(1..=percent * 10)), 3);
    rounded(of * share, region)
}

fn rounded(amount: Decimal, region: Region) -> Decimal {
    let decimals = region.decimals();
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

fn catalogue() -> Vec<LifeSku> {
    let cards = CATALOGUE.iter().map(|card| LifeSku {
        sku: card.sku.to_owned(),
        price: Decimal::new(card.cents, 2),
        variation: !card.graded,
    });
    cards.collect()
}
