//! Payouts as the API shows them, for whoever shows them in another place: the command line tells a
//! program the same, down to the name of a field, and writes the same table.

use hawker_domain::escrow::EscrowVersion;
use hawker_domain::{Timestamp, Zone};
use hawker_ports::views::{EscrowReportQuery, EscrowReportRow, EscrowTotals, ReportBy};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::csv::{Cell, write_line};
use crate::wire::{EscrowReportWire, EscrowRowWire, EscrowWire, ReportScopeWire, exact};

/// An amount to its last digit, with the digits in which its currency is paid at the least. Nothing
/// is rounded.
pub fn amount(amount: Decimal, currency: &str) -> String {
    exact(amount, currency)
}

/// The newest of these versions of a payout, with all of them; nothing where there is none.
pub fn payout(versions: &[EscrowVersion]) -> Option<impl Serialize + use<>> {
    EscrowWire::of(versions)
}

/// A whole report of payouts, as it was known at `as_of`.
pub fn payout_report(
    query: &EscrowReportQuery,
    as_of: Timestamp,
    zone: Zone,
    totals: Vec<EscrowTotals>,
    rows: Vec<EscrowReportRow>,
) -> impl Serialize + use<> {
    EscrowReportWire {
        scope: ReportScopeWire {
            env_type: query.environment.as_str(),
            profile_id: query.profile.as_ref().map(ToString::to_string),
            zone: zone.name().to_owned(),
            by: match query.by {
                ReportBy::Released => "released",
                ReportBy::Placed => "placed",
            },
            from: query.from,
            to: query.to,
            as_of,
        },
        totals: totals.into_iter().map(Into::into).collect(),
        items: rows.into_iter().map(Into::into).collect(),
        next: None,
    }
}

/// The first line of a report as a table, with its line break.
pub fn payout_columns() -> String {
    let names = EscrowRowWire::COLUMNS.iter();
    line(names.map(|name| Cell::Exact((*name).to_owned())))
}

/// A payout as a line of a table, with its line break.
pub fn payout_cells(row: EscrowReportRow) -> String {
    line(EscrowRowWire::from(row).cells())
}

fn line(cells: impl IntoIterator<Item = Cell>) -> String {
    let mut text = String::new();
    write_line(&mut text, cells);
    text
}
