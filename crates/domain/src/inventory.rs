//! Stock: what lies where, what is set aside, and the ledger that explains every piece.
//!
//! Invariant: for each variant and place, `on_hand` and `reserved` are the sums of the ledger's
//! deltas. Nothing changes stock but a ledger entry, and no entry is without a cause.

use std::collections::BTreeMap;

use crate::channel::named;
use crate::ids::{LedgerEntryId, LocationId, OrderId, OrderLineId, VariantId};
use crate::order::Allocation;
use crate::{IdSource, Timestamp};

named! {
    /// Why stock moved.
    Movement: "stock movement" {
        /// Pieces came in.
        Receive = "receive",
        /// Pieces were set aside for an order.
        Reserve = "reserve",
        /// Pieces set aside are free again.
        Release = "release",
        /// Pieces left for a buyer.
        Deduct = "deduct",
        /// A count or a correction.
        Adjust = "adjust",
    }
}

/// What a movement was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerCause {
    /// A line of an order.
    OrderLine {
        /// The order.
        order: OrderId,
        /// Its line.
        line: OrderLineId,
    },
    /// A person or a tool, in words.
    Stated {
        /// Who or what, for example `seed` or `count`.
        by: String,
        /// Why.
        reason: String,
    },
}

/// An entry of the stock ledger; never changed, never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id.
    pub id: LedgerEntryId,
    /// What moved.
    pub variant: VariantId,
    /// Where.
    pub location: LocationId,
    /// Why.
    pub movement: Movement,
    /// Change of the pieces that lie there.
    pub on_hand_delta: i64,
    /// Change of the pieces that are set aside there.
    pub reserved_delta: i64,
    /// What for.
    pub cause: LedgerCause,
    /// When.
    pub at: Timestamp,
}

/// Pieces of one variant at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockLevel {
    /// Pieces that lie there. Negative after more was sent than was booked in.
    pub on_hand: i64,
    /// Of these, pieces set aside; more than `on_hand` when the marketplace oversold.
    pub reserved: i64,
}

impl StockLevel {
    /// Pieces that can still be promised; negative when the marketplace oversold.
    pub const fn available(self) -> i64 {
        self.on_hand - self.reserved
    }
}

/// The stock that a batch of plans works on. Each plan of the batch sees what the plans before it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Places in the order in which they are used up; the first also bears what is short.
    locations: Vec<LocationId>,
    levels: BTreeMap<(VariantId, LocationId), StockLevel>,
}

/// There is no place to take stock from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no stock location; add one with a priority")]
pub struct NoStockLocation;

/// Pieces set aside, and how many of them are not really there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// By place.
    pub allocations: Vec<Allocation>,
    /// Pieces promised beyond what is available.
    pub short: u32,
}

impl Stock {
    /// `locations` in the order in which they are to be used up.
    pub fn new(
        locations: Vec<LocationId>,
        levels: impl IntoIterator<Item = ((VariantId, LocationId), StockLevel)>,
    ) -> Self {
        Self {
            locations,
            levels: levels.into_iter().collect(),
        }
    }

    /// What lies at one place.
    pub fn level(&self, variant: VariantId, location: LocationId) -> StockLevel {
        self.levels
            .get(&(variant, location))
            .copied()
            .unwrap_or_default()
    }

    /// What can still be promised of a variant over all places.
    pub fn available(&self, variant: VariantId) -> i64 {
        self.of(variant).map(|(_, level)| level.available()).sum()
    }

    /// Chooses where to set `quantity` pieces aside: one place that has them all if there is one,
    /// else place after place; what is nowhere is promised at the first place, because the
    /// marketplace has sold it already.
    ///
    /// # Errors
    /// There is no place at all.
    pub fn choose(
        &self,
        variant: VariantId,
        quantity: u32,
    ) -> Result<Reservation, NoStockLocation> {
        let first = *self.locations.first().ok_or(NoStockLocation)?;
        let free = |location| {
            u32::try_from(self.level(variant, location).available().max(0)).unwrap_or(u32::MAX)
        };
        if let Some(location) = self
            .locations
            .iter()
            .copied()
            .find(|at| free(*at) >= quantity)
        {
            let allocations = vec![Allocation { location, quantity }];
            return Ok(Reservation {
                allocations,
                short: 0,
            });
        }
        let mut left = quantity;
        let mut taken = BTreeMap::<LocationId, u32>::new();
        for location in self.locations.iter().copied() {
            let here = free(location).min(left);
            if here > 0 {
                taken.insert(location, here);
                left -= here;
            }
        }
        if left > 0 {
            *taken.entry(first).or_default() += left;
        }
        let allocations = taken
            .into_iter()
            .map(|(location, quantity)| Allocation { location, quantity })
            .collect();
        Ok(Reservation {
            allocations,
            short: left,
        })
    }

    /// Whether plans that were made from `earlier`, and move stock by `entries`, can be committed on what
    /// is there now: nothing has changed, or there was and is enough of what they take, so that the change
    /// makes no difference to anybody.
    pub fn bears(&self, earlier: &Self, entries: &[&LedgerEntry]) -> bool {
        let mut taken = BTreeMap::<(VariantId, LocationId), i64>::new();
        for entry in entries {
            *taken.entry((entry.variant, entry.location)).or_default() +=
                entry.reserved_delta.max(0);
        }
        let mut variants: Vec<VariantId> = entries.iter().map(|entry| entry.variant).collect();
        variants.sort();
        variants.dedup();
        self.locations == earlier.locations
            && variants.into_iter().all(|variant| {
                self.of(variant).eq(earlier.of(variant))
                    || (self.is_enough(variant, &taken) && earlier.is_enough(variant, &taken))
            })
    }

    /// Nothing is short anywhere, and everywhere there is what is to be taken.
    fn is_enough(
        &self,
        variant: VariantId,
        taken: &BTreeMap<(VariantId, LocationId), i64>,
    ) -> bool {
        let nothing_is_short = self.of(variant).all(|(_, level)| level.available() >= 0);
        let mut wanted = taken.iter().filter(|((of, _), _)| *of == variant);
        nothing_is_short
            && wanted.all(|((_, at), pieces)| self.level(variant, *at).available() >= *pieces)
    }

    fn of(&self, variant: VariantId) -> impl Iterator<Item = (LocationId, StockLevel)> {
        self.levels
            .range((variant, LocationId::from(ulid::Ulid(0)))..)
            .take_while(move |((of, _), _)| *of == variant)
            .map(|((_, location), level)| (*location, *level))
    }

    /// Books an entry, so that the next plan of the batch sees it.
    pub fn book(&mut self, entry: &LedgerEntry) {
        let level = self
            .levels
            .entry((entry.variant, entry.location))
            .or_default();
        level.on_hand += entry.on_hand_delta;
        level.reserved += entry.reserved_delta;
    }
}

impl LedgerEntry {
    /// The entry of `movement` for `quantity` pieces of an order's line.
    pub fn for_line(
        movement: Movement,
        variant: VariantId,
        Allocation { location, quantity }: Allocation,
        cause: LedgerCause,
        at: Timestamp,
        ids: &dyn IdSource,
    ) -> Self {
        let pieces = i64::from(quantity);
        let (on_hand_delta, reserved_delta) = match movement {
            Movement::Receive | Movement::Adjust => (pieces, 0),
            Movement::Reserve => (0, pieces),
            Movement::Release => (0, -pieces),
            Movement::Deduct => (-pieces, -pieces),
        };
        Self {
            id: LedgerEntryId::fresh(ids),
            variant,
            location,
            movement,
            on_hand_delta,
            reserved_delta,
            cause,
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    const CARD: VariantId = VariantId::of(7);
    const SHELF: LocationId = LocationId::of(1);
    const SAFE: LocationId = LocationId::of(2);

    fn stock(shelf: i64, safe: i64) -> Stock {
        let level = |on_hand| StockLevel {
            on_hand,
            reserved: 0,
        };
        Stock::new(
            vec![SHELF, SAFE],
            [((CARD, SHELF), level(shelf)), ((CARD, SAFE), level(safe))],
        )
    }

    fn chosen(stock: &Stock, quantity: u32) -> (Vec<(LocationId, u32)>, u32) {
        let Reservation { allocations, short } = stock.choose(CARD, quantity).unwrap();
        (
            allocations
                .iter()
                .map(|a| (a.location, a.quantity))
                .collect(),
            short,
        )
    }

    #[test]
    fn one_place_that_has_everything_is_preferred_to_two_that_share() {
        assert_eq!(chosen(&stock(2, 5), 3), (vec![(SAFE, 3)], 0));
    }

    #[test]
    fn places_are_used_up_in_their_order_when_none_has_everything() {
        assert_eq!(chosen(&stock(2, 2), 3), (vec![(SHELF, 2), (SAFE, 1)], 0));
    }

    #[test]
    fn what_is_short_is_promised_at_the_first_place() {
        assert_eq!(chosen(&stock(0, 1), 3), (vec![(SHELF, 2), (SAFE, 1)], 2));
        assert_eq!(chosen(&stock(0, 0), 1), (vec![(SHELF, 1)], 1));
    }

    #[test]
    fn without_any_place_nothing_can_be_set_aside() {
        let nowhere = Stock::new(Vec::new(), []);
        assert_eq!(nowhere.choose(CARD, 1), Err(NoStockLocation));
        assert_eq!(nowhere.available(VariantId::from(Ulid(9))), 0);
    }

    fn taking(pieces: i64) -> LedgerEntry {
        LedgerEntry {
            id: LedgerEntryId::from(Ulid(1)),
            variant: CARD,
            location: SHELF,
            movement: Movement::Reserve,
            on_hand_delta: 0,
            reserved_delta: pieces,
            cause: LedgerCause::Stated {
                by: "a test".into(),
                reason: "why not".into(),
            },
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_change_that_leaves_enough_for_everybody_makes_no_difference() {
        assert!(stock(3, 0).bears(&stock(9, 1), &[&taking(1), &taking(2)]));
    }

    #[test]
    fn what_is_no_longer_there_cannot_be_taken() {
        assert!(!stock(2, 9).bears(&stock(9, 9), &[&taking(1), &taking(2)]));
    }

    #[test]
    fn what_was_short_is_decided_anew_when_anything_has_changed() {
        let short = stock(0, 0);
        assert!(short.bears(&short, &[&taking(1)]));
        assert!(!stock(5, 0).bears(&short, &[&taking(1)]));
        let oversold = stock(5, -1);
        assert!(!oversold.bears(&stock(6, -1), &[&taking(1)]));
    }

    #[test]
    fn a_place_that_came_or_went_changes_every_choice() {
        let one_place = Stock::new(vec![SHELF], []);
        let other_places = Stock::new(vec![SAFE, SHELF], []);
        assert!(!other_places.bears(&one_place, &[]));
    }
}
