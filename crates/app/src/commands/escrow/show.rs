//! A payout on the screen: from the goods to what is paid out step by step, so that it can be added up
//! by eye.

use std::io;

use hawker_api::shown::amount;
use hawker_domain::escrow::{Adjustment, Escrow, EscrowVersion, waterfall};
use rust_decimal::Decimal;

use crate::output::{Table, facts, line, or_dash, time, time_or_dash};

/// An amount and what it is of; a sum has a line above it.
struct Step {
    name: String,
    amount: String,
    is_sum: bool,
}

/// Shows the newest version, then all of them.
pub(super) fn write(versions: &[EscrowVersion]) -> io::Result<()> {
    let Some(newest) = versions.last() else {
        return Ok(());
    };
    let escrow = &newest.escrow;
    line(&format!(
        "{}  {}  version {}",
        escrow.key.order_sn,
        escrow.after_adjustments(),
        newest.number
    ))?;
    facts(&[
        ("environment", escrow.key.environment.to_string()),
        ("released (UTC)", time_or_dash(escrow.released_at)),
        ("asked (UTC)", time(escrow.fetched_at)),
        ("returns", or_dash(Some(&escrow.income.returns.join(", ")))),
    ])?;
    line("")?;
    for step in aligned(&steps(escrow)) {
        line(&step)?;
    }
    if let Some(remark) = remark(escrow) {
        line(&format!("\n{remark}"))?;
    }
    line("\nVersions (UTC)")?;
    write_versions(versions)
}

/// From the goods to the payout. What stands between two sums adds up to the second one.
fn steps(escrow: &Escrow) -> Vec<Step> {
    let currency = escrow.currency.as_str();
    let step = |name: &str, of: Decimal, is_sum| Step {
        name: name.to_owned(),
        amount: amount(of, currency),
        is_sum,
    };
    let mut steps = Vec::new();
    if let Some(computed) = escrow.computed() {
        for share in waterfall(&escrow.income) {
            steps.push(step(share.name, share.effect, false));
        }
        steps.push(step("as the formula says", computed, true));
        if let Some(unexplained) = escrow.unexplained().filter(|rest| !rest.is_zero()) {
            steps.push(step("UNEXPLAINED", unexplained, false));
        }
    }
    steps.push(step("escrow amount", escrow.amounts.escrow_amount, true));
    let listed = &escrow.income.adjustments;
    for Adjustment {
        amount, at, reason, ..
    } in listed
    {
        let when = at.map(|at| format!(" ({})", at.format("%F")));
        let name = format!("adjustment: {reason}{}", when.unwrap_or_default());
        steps.push(step(&name, *amount, false));
    }
    // The marketplace's own sum may say more than its list.
    let in_all = escrow.income.adjusted();
    let told: Decimal = listed.iter().map(|one| one.amount).sum();
    if in_all != told {
        steps.push(step(
            "adjustments that are not listed",
            in_all - told,
            false,
        ));
    }
    steps.push(step("payout", escrow.after_adjustments().amount, true));
    steps
}

fn remark(escrow: &Escrow) -> Option<String> {
    if escrow.income.is_converted {
        return Some(
            "It is paid out in another currency than the order's: the formula says nothing."
                .to_owned(),
        );
    }
    let unexplained = escrow.unexplained()?;
    (!unexplained.is_zero()).then(|| {
        format!(
            "The published formula does not explain {} {}: compare the order's income in the seller centre.",
            escrow.currency,
            amount(unexplained, escrow.currency.as_str())
        )
    })
}

/// Amounts below each other by their points.
fn aligned(steps: &[Step]) -> Vec<String> {
    let decimals = |text: &str| {
        text.split_once('.')
            .map_or(0, |(_, decimals)| decimals.len())
    };
    let most = steps
        .iter()
        .map(|step| decimals(&step.amount))
        .max()
        .unwrap_or_default();
    let padded: Vec<_> = steps
        .iter()
        .map(|step| {
            let missing = most - decimals(&step.amount);
            // The point, too, where there is none.
            let missing = missing + usize::from(most > 0 && missing == most);
            format!("{}{}", step.amount, " ".repeat(missing))
        })
        .collect();
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or_default();
    let names = width(&mut steps.iter().map(|step| step.name.chars().count()));
    let amounts = width(&mut padded.iter().map(String::len));
    let mut lines = Vec::new();
    for (step, amount) in steps.iter().zip(&padded) {
        if step.is_sum {
            lines.push(format!("  {:names$}  {}", "", "-".repeat(amounts)));
        }
        let written = format!("  {:names$}  {amount:>amounts$}", step.name);
        lines.push(written.trim_end().to_owned());
    }
    lines
}

fn write_versions(versions: &[EscrowVersion]) -> io::Result<()> {
    let mut table = Table::new(&[
        "version",
        "because",
        "known since",
        "escrow amount",
        "adjustment",
        "payout",
        "unexplained",
        "released",
    ]);
    for EscrowVersion {
        number,
        cause,
        known_at,
        escrow,
    } in versions
    {
        let told = |of| amount(of, escrow.currency.as_str());
        table.row(vec![
            number.to_string(),
            cause.to_string(),
            time(*known_at),
            told(escrow.amounts.escrow_amount),
            told(escrow.income.adjusted()),
            told(escrow.after_adjustments().amount),
            escrow.unexplained().map_or_else(|| or_dash(None), told),
            time_or_dash(escrow.released_at),
        ]);
    }
    table.write()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, amount: &str, is_sum: bool) -> Step {
        Step {
            name: name.to_owned(),
            amount: amount.to_owned(),
            is_sum,
        }
    }

    #[test]
    fn amounts_stand_below_each_other_by_their_points() {
        let lines = aligned(&[
            step("goods", "88.00", false),
            step("fee", "-1.875", false),
            step("sum", "86.125", true),
        ]);
        assert_eq!(
            lines,
            [
                "  goods  88.00",
                "  fee    -1.875",
                "         ------",
                "  sum    86.125"
            ]
        );
    }

    #[test]
    fn whole_units_stand_left_of_the_point() {
        let lines = aligned(&[step("a", "48000", false), step("b", "0.5", true)]);
        assert_eq!(lines[0], "  a  48000");
        assert_eq!(lines[2], "  b      0.5");
    }
}
