//! The lines of an order: mapping them to variants and moving stock to what the order's state
//! calls for.

use std::collections::BTreeMap;

use super::plan::ListingSighting;
use super::problem::{Problem, UnmappedLine};
use super::snapshot::SnapshotLine;
use super::{Allocation, FulfilledBy, LineStock, OrderLine};
use crate::catalogue::{Sku, SkuIndex};
use crate::ids::{OrderId, OrderLineId, VariantId};
use crate::inventory::{LedgerCause, LedgerEntry, Movement, NoStockLocation, Stock};
use crate::{IdSource, Timestamp};

/// What the state of an order asks of the stock of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StockWish {
    /// The goods are not ours to count.
    LeaveAlone,
    /// Pieces are to be set aside.
    Hold,
    /// Pieces are to have left.
    Take,
    /// Nothing is to be set aside any more.
    LetGo,
}

impl StockWish {
    pub(super) fn of(fulfilled_by: FulfilledBy, goods_left: bool, is_cancelled: bool) -> Self {
        match (fulfilled_by, goods_left, is_cancelled) {
            (FulfilledBy::Marketplace, ..) => Self::LeaveAlone,
            (FulfilledBy::Seller, true, _) => Self::Take,
            (FulfilledBy::Seller, false, true) => Self::LetGo,
            (FulfilledBy::Seller, false, false) => Self::Hold,
        }
    }

    /// An order that ended before anything left may carry a SKU that we do not know: nothing
    /// depends on it any more.
    const fn needs_mapping(self) -> bool {
        !matches!(self, Self::LetGo)
    }
}

/// Pieces promised beyond what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shortage {
    pub(super) sku: Option<Sku>,
    pub(super) title: String,
    pub(super) pieces: u32,
}

/// The lines as the snapshot has them, with the identity, mapping and stock of the lines that we
/// have. A line that the snapshot no longer shows was cancelled whole.
pub(super) fn merge(
    existing: &[OrderLine],
    snapshot: &[SnapshotLine],
    skus: &SkuIndex,
    wish: StockWish,
    ids: &dyn IdSource,
) -> Result<Vec<OrderLine>, Problem> {
    let by_key: BTreeMap<_, _> = existing.iter().map(|line| (&line.key, line)).collect();
    let mut unmapped = Vec::new();
    let mut merged = Vec::with_capacity(snapshot.len());
    for line in snapshot {
        let before = by_key.get(&line.key).copied();
        let known = before.and_then(|before| before.variant);
        let variant = match (known, &line.sku) {
            // A line keeps the variant that it was sold as, whatever the SKU is called today.
            (Some(variant), _) => Some(variant),
            (None, Some(sku)) => match skus.resolve(sku) {
                Ok(variant) => Some(variant),
                Err(error) => {
                    unmapped.push(unmapped_line(line, Some(error)));
                    None
                }
            },
            (None, None) => {
                unmapped.push(unmapped_line(line, None));
                None
            }
        };
        merged.push(OrderLine {
            id: before.map_or_else(|| OrderLineId::fresh(ids), |before| before.id),
            key: line.key.clone(),
            variant,
            sku: before
                .and_then(|before| before.sku.clone())
                .or_else(|| line.sku.clone()),
            listing: line.listing,
            title: line.title.clone(),
            quantity: line.quantity,
            cancelled_quantity: line.cancelled_quantity.min(line.quantity),
            unit_price: line.unit_price,
            original_price: line.original_price,
            price_basis: line.price_basis,
            stock: before.map_or(LineStock::Untouched, |before| before.stock.clone()),
        });
    }
    if !unmapped.is_empty() && wish.needs_mapping() {
        return Err(Problem::Unmapped(unmapped));
    }
    let is_shown = |line: &&OrderLine| !snapshot.iter().any(|shown| shown.key == line.key);
    merged.extend(existing.iter().filter(is_shown).map(|line| OrderLine {
        cancelled_quantity: line.quantity,
        ..line.clone()
    }));
    Ok(merged)
}

fn unmapped_line(
    line: &SnapshotLine,
    error: Option<crate::catalogue::MapSkuError>,
) -> UnmappedLine {
    UnmappedLine {
        listing: line.listing,
        title: line.title.clone(),
        error,
    }
}

/// Moves the stock of every line to what `wish` asks for; writes each movement to `ledger` and
/// books it on `stock`. Returns what was promised beyond what there is.
pub(super) fn settle(
    lines: &mut [OrderLine],
    wish: StockWish,
    order: OrderId,
    stock: &mut Stock,
    ledger: &mut Vec<LedgerEntry>,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Vec<Shortage>, NoStockLocation> {
    let mut short = Vec::new();
    for line in lines {
        let Some(variant) = line.variant else {
            continue;
        };
        let quantity = line.quantity_to_ship();
        let cause = LedgerCause::OrderLine {
            order,
            line: line.id,
        };
        let mut book = |movement, allocations: &[Allocation], stock: &mut Stock| {
            for allocation in allocations
                .iter()
                .filter(|allocation| allocation.quantity > 0)
            {
                let entry =
                    LedgerEntry::for_line(movement, variant, *allocation, cause.clone(), now, ids);
                stock.book(&entry);
                ledger.push(entry);
            }
        };
        // What has left stays gone: a later cancellation or return comes back through a person's hands.
        if matches!(line.stock, LineStock::Deducted(_)) {
            continue;
        }
        let held = match std::mem::replace(&mut line.stock, LineStock::Untouched) {
            LineStock::Reserved(allocations) => Some(allocations),
            LineStock::Released => Some(Vec::new()),
            LineStock::Untouched | LineStock::Deducted(_) => None,
        };
        line.stock = match (wish, held) {
            (StockWish::LeaveAlone | StockWish::LetGo, None) => LineStock::Untouched,
            (StockWish::LeaveAlone | StockWish::LetGo, Some(held)) => {
                book(Movement::Release, &held, stock);
                LineStock::Released
            }
            (StockWish::Hold | StockWish::Take, held) => {
                let held = held.unwrap_or_default();
                let have: u32 = held.iter().map(|allocation| allocation.quantity).sum();
                let mut now_held = held;
                if have > quantity {
                    let (kept, freed) = split(&now_held, quantity);
                    book(Movement::Release, &freed, stock);
                    now_held = kept;
                } else if have < quantity {
                    let more = stock.choose(variant, quantity - have)?;
                    book(Movement::Reserve, &more.allocations, stock);
                    if more.short > 0 {
                        add_shortage(&mut short, line, more.short);
                    }
                    now_held = joined(now_held, more.allocations);
                }
                if wish == StockWish::Take {
                    book(Movement::Deduct, &now_held, stock);
                    LineStock::Deducted(now_held)
                } else {
                    LineStock::Reserved(now_held)
                }
            }
        };
    }
    Ok(short)
}

/// Lines of one SKU share a shortage: a bundle sells the same card on several lines.
fn add_shortage(short: &mut Vec<Shortage>, line: &OrderLine, pieces: u32) {
    match short.iter_mut().find(|known| known.sku == line.sku) {
        Some(known) => known.pieces += pieces,
        None => short.push(Shortage {
            sku: line.sku.clone(),
            title: line.title.clone(),
            pieces,
        }),
    }
}

/// The first `keep` pieces of `held`, and the rest.
fn split(held: &[Allocation], keep: u32) -> (Vec<Allocation>, Vec<Allocation>) {
    let (mut kept, mut freed) = (Vec::new(), Vec::new());
    let mut left = keep;
    for Allocation { location, quantity } in held.iter().copied() {
        let here = quantity.min(left);
        left -= here;
        if here > 0 {
            kept.push(Allocation {
                location,
                quantity: here,
            });
        }
        if quantity > here {
            freed.push(Allocation {
                location,
                quantity: quantity - here,
            });
        }
    }
    (kept, freed)
}

/// One allocation for each place.
fn joined(held: Vec<Allocation>, more: Vec<Allocation>) -> Vec<Allocation> {
    let mut by_place = BTreeMap::new();
    for Allocation { location, quantity } in held.into_iter().chain(more) {
        *by_place.entry(location).or_insert(0) += quantity;
    }
    by_place
        .into_iter()
        .map(|(location, quantity)| Allocation { location, quantity })
        .collect()
}

/// SKUs of lines that still hold pieces which are not there.
pub(super) fn still_short<'a>(
    lines: &'a [OrderLine],
    stock: &'a Stock,
) -> impl Iterator<Item = Option<&'a Sku>> {
    lines
        .iter()
        .filter(|line| {
            let is_short = |variant: VariantId| stock.available(variant) < 0;
            matches!(&line.stock, LineStock::Reserved(held) if !held.is_empty())
                && line.variant.is_some_and(is_short)
        })
        .map(|line| line.sku.as_ref())
}

pub(super) fn quantities_differ(before: &[OrderLine], after: &[OrderLine]) -> bool {
    let quantities = |lines: &[OrderLine]| -> BTreeMap<_, _> {
        lines
            .iter()
            .map(|line| (line.key.clone(), (line.quantity, line.cancelled_quantity)))
            .collect()
    };
    quantities(before) != quantities(after)
}

pub(super) fn sightings(lines: &[OrderLine]) -> Vec<ListingSighting> {
    let mut seen: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            line.variant.map(|variant| ListingSighting {
                listing: line.listing,
                variant,
            })
        })
        .collect();
    seen.sort();
    seen.dedup();
    seen
}
