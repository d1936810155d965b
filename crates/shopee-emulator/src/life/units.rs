//! Which units of an order a random step is about.

use crate::world::{Line, Order, PackedLine};

/// Everything, or one unit that the buyer still has.
pub(super) fn returned(order: &Order, random: &mut fastrand::Rng) -> Vec<PackedLine> {
    let kept = order.lines.iter().position(|line| line.active() > 0);
    match kept {
        Some(line) if random.bool() => vec![PackedLine { line, quantity: 1 }],
        _ => Vec::new(),
    }
}

/// One unit that the order can do without.
pub(super) fn spare_unit(order: &Order, random: &mut fastrand::Rng) -> Option<PackedLine> {
    let left: u32 = order.lines.iter().map(Line::to_ship).sum();
    let lines: Vec<usize> = (0..order.lines.len())
        .filter(|line| order.lines[*line].to_ship() > 0)
        .collect();
    let line = random.choice(lines)?;
    (left > 1).then_some(PackedLine { line, quantity: 1 })
}

/// The first unit in one package and everything else in another; None where that cannot be.
pub(super) fn halves(order: &Order) -> Option<Vec<Vec<PackedLine>>> {
    if order.lines.iter().any(|line| line.bundle.is_some()) {
        return None;
    }
    let mut units = order.lines.iter().enumerate().filter_map(|(line, entry)| {
        let quantity = entry.to_ship();
        (quantity > 0).then_some(PackedLine { line, quantity })
    });
    let first = units.next()?;
    let rest = PackedLine {
        quantity: first.quantity - 1,
        ..first
    };
    let others: Vec<_> = [rest]
        .into_iter()
        .filter(|unit| unit.quantity > 0)
        .chain(units)
        .collect();
    let one = PackedLine {
        quantity: 1,
        ..first
    };
    (!others.is_empty()).then(|| vec![vec![one], others])
}
