//! What the demo's buyers and couriers are going to do, order by order. Pure: a seed in, scripts
//! out.

use std::collections::BTreeSet;
use std::time::Duration;

use rust_decimal::Decimal;

use super::buyers::BUYERS;
use super::catalogue::{CATALOGUE, DemoCard, UNKNOWN_SKU};
use crate::world::{
    Address, CancelAnswer, CancelledBy, NewLine, NewOrder, PackedLine, Parcels, Region,
    ReturnOutcome, Verb,
};

/// An order and what becomes of it: each verb, some time after the one before.
#[derive(Clone, Debug)]
pub struct Script {
    pub order: NewOrder,
    pub acts: Vec<(Duration, Verb)>,
}

/// Endless scripts; the first dozen has one of everything.
pub struct Scripts {
    random: fastrand::Rng,
    written: u64,
    /// Graded cards exist once: what is sold is gone.
    sold: BTreeSet<&'static str>,
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Completed,
    NeverPaid,
    OutOfStock,
    BuyerCancels,
    Returned,
    PickupFailsOnce,
}

impl Scripts {
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            written: 0,
            sold: BTreeSet::new(),
        }
    }

    fn write(&mut self) -> Script {
        self.written += 1;
        let number = self.written;
        let mut lines = self.lines();
        let mut fate = self.fate();
        let mut cod = self.random.u8(..100) < 12;
        let mut split = self.random.u8(..100) < 8;
        match number {
            4 => {
                lines = vec![
                    NewLine::new(UNKNOWN_SKU, cents(13_900))
                        .titled("Umbreon ex 161/131 Prismatic Evolutions SIR (JP)"),
                ];
            }
            6 => lines = self.bundle(),
            7 => {
                (lines, split) = (
                    vec![line(&CATALOGUE[9]).times(2), line(&CATALOGUE[13])],
                    true,
                );
            }
            _ => {}
        }
        match number {
            5 => (cod, fate) = (true, Fate::Completed),
            1..=4 | 6 | 7 => (cod, fate) = (false, Fate::Completed),
            8 => (cod, fate) = (false, Fate::BuyerCancels),
            9 => (cod, fate) = (false, Fate::NeverPaid),
            10 => (cod, fate) = (false, Fate::OutOfStock),
            11 => (cod, fate) = (false, Fate::Returned),
            12 => (cod, fate) = (false, Fate::PickupFailsOnce),
            _ => {}
        }
        let parts = if split { halves(&lines) } else { None };
        let order = self.order(lines, cod);
        let acts = self.acts(fate, cod, parts);
        Script { order, acts }
    }

    fn order(&mut self, lines: Vec<NewLine>, cod: bool) -> NewOrder {
        let index = self.random.usize(..BUYERS.len());
        let (username, name, full_address) = BUYERS[index];
        let address = Address {
            name: name.to_owned(),
            full_address: full_address.to_owned(),
            zipcode: full_address
                .rsplit(", ")
                .next()
                .unwrap_or_default()
                .to_owned(),
            district: String::new(),
            ..Address::sample(Region::Sg)
        };
        let buyer_id = 1_170_319_000 + i64::try_from(index).unwrap_or(0);
        let order = NewOrder::of(lines)
            .bought_by(buyer_id, username)
            .sent_to(address)
            .with_shipping_fee(cents(199));
        if cod { order.cash_on_delivery() } else { order }
    }

    fn lines(&mut self) -> Vec<NewLine> {
        let count =
            1 + usize::from(self.random.u8(..100) < 35) + usize::from(self.random.u8(..100) < 15);
        let mut cards: Vec<&DemoCard> = CATALOGUE
            .iter()
            .filter(|card| !self.sold.contains(card.sku))
            .collect();
        self.random.shuffle(&mut cards);
        cards
            .into_iter()
            .take(count)
            .map(|card| {
                if card.graded {
                    self.sold.insert(card.sku);
                }
                let several = !card.graded && card.cents < 2000 && self.random.u8(..100) < 40;
                line(card).times(if several { self.random.u32(2..=3) } else { 1 })
            })
            .collect()
    }

    /// Three cheap cards, each a fifth off: the order detail shows them at price 0.
    fn bundle(&mut self) -> Vec<NewLine> {
        let mut cheap: Vec<&DemoCard> = CATALOGUE
            .iter()
            .filter(|card| !card.graded && card.cents < 1000)
            .collect();
        self.random.shuffle(&mut cheap);
        cheap
            .into_iter()
            .take(3)
            .map(|card| {
                line(card)
                    .in_bundle(1)
                    .discounted_to(cents(card.cents * 4 / 5))
            })
            .collect()
    }

    fn fate(&mut self) -> Fate {
        match self.random.u8(..100) {
            0..6 => Fate::NeverPaid,
            6..10 => Fate::OutOfStock,
            10..14 => Fate::BuyerCancels,
            14..17 => Fate::Returned,
            17..20 => Fate::PickupFailsOnce,
            _ => Fate::Completed,
        }
    }

    fn acts(
        &mut self,
        fate: Fate,
        cod: bool,
        parts: Option<Vec<Vec<PackedLine>>>,
    ) -> Vec<(Duration, Verb)> {
        let mut acts = Vec::new();
        if fate == Fate::NeverPaid && !cod {
            let reason = "Unpaid order".to_owned();
            acts.push((
                self.within(15, 25),
                Verb::Cancel {
                    by: CancelledBy::System,
                    reason,
                },
            ));
            return acts;
        }
        if !cod {
            acts.push((self.within(2, 5), Verb::Pay));
        }
        match fate {
            Fate::OutOfStock => {
                let reason = "Out of Stock".to_owned();
                acts.push((
                    self.within(6, 12),
                    Verb::Cancel {
                        by: CancelledBy::Seller,
                        reason,
                    },
                ));
                return acts;
            }
            Fate::BuyerCancels => {
                let reason = "Found a better price elsewhere".to_owned();
                acts.push((self.within(4, 8), Verb::RequestCancel { reason }));
                acts.push((self.within(8, 15), Verb::AnswerCancel(CancelAnswer::Accept)));
                return acts;
            }
            _ => {}
        }
        if let Some(parts) = parts {
            acts.push((self.within(2, 4), Verb::Split(parts)));
        }
        acts.push((self.within(5, 12), Verb::Arrange(Parcels::All)));
        if fate == Fate::PickupFailsOnce {
            acts.push((self.within(5, 10), Verb::FailPickup(Parcels::All)));
            acts.push((self.within(6, 12), Verb::Arrange(Parcels::All)));
        }
        acts.push((self.within(5, 12), Verb::PickUp(Parcels::All)));
        acts.push((self.within(8, 15), Verb::Deliver(Parcels::All)));
        if fate == Fate::Returned {
            let reason = "Card is not near mint".to_owned();
            acts.push((
                self.within(5, 10),
                Verb::OpenReturn {
                    units: Vec::new(),
                    reason,
                },
            ));
            acts.push((
                self.within(10, 15),
                Verb::CloseReturn(ReturnOutcome::Refunded),
            ));
        } else {
            acts.push((self.within(6, 12), Verb::Complete));
        }
        acts
    }

    fn within(&mut self, from_seconds: u64, to_seconds: u64) -> Duration {
        Duration::from_millis(self.random.u64(from_seconds * 1000..=to_seconds * 1000))
    }
}

impl Iterator for Scripts {
    type Item = Script;

    fn next(&mut self) -> Option<Script> {
        Some(self.write())
    }
}

fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

fn line(card: &DemoCard) -> NewLine {
    let line = if card.graded {
        NewLine::plain(card.sku, cents(card.cents))
    } else {
        NewLine::new(card.sku, cents(card.cents))
    };
    line.titled(card.title)
}

/// One unit in the first package, the rest in the second; None when there is only one unit.
fn halves(lines: &[NewLine]) -> Option<Vec<Vec<PackedLine>>> {
    if lines.iter().any(|line| line.bundle.is_some()) {
        return None;
    }
    let rest: Vec<PackedLine> = lines
        .iter()
        .enumerate()
        .map(|(line, entry)| PackedLine {
            line,
            quantity: if line == 0 {
                entry.quantity - 1
            } else {
                entry.quantity
            },
        })
        .filter(|unit| unit.quantity > 0)
        .collect();
    (!rest.is_empty()).then(|| {
        vec![
            vec![PackedLine {
                line: 0,
                quantity: 1,
            }],
            rest,
        ]
    })
}

#[cfg(test)]
mod tests;
