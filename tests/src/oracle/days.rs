//! Whether the ledger of completeness says of each day what is so: as many orders as the shop had, and
//! none missing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use hawker_domain::Zone;
use hawker_domain::ids::ProfileId;
use hawker_ports::views::{CompletenessQuery, CompletenessViews as _};
use hawker_shopee_emulator::Order;

use super::Check;
use crate::{Bench, PROFILE};

/// Where the shop is.
const ZONE: Zone = Zone::Asia__Singapore;

/// Every day on which an order was placed.
pub(super) async fn check(bench: &Bench, truth: &[Order]) -> Check {
    let mut days = BTreeMap::<NaiveDate, i64>::new();
    for order in truth {
        let placed = DateTime::from_timestamp(order.create_time, 0).expect("a time");
        *days
            .entry(placed.with_timezone(&ZONE).date_naive())
            .or_default() += 1;
    }
    let mut check = Check::of("no order of any day is missing", days.len());
    let (Some(from), Some(to)) = (days.keys().next(), days.keys().last()) else {
        return check;
    };
    let query = CompletenessQuery {
        profile: ProfileId::parse(PROFILE).expect("a profile"),
        zone: ZONE,
        from: *from,
        to: *to,
    };
    let rows = bench.store.completeness(&bench.tenant, &query).await;
    for row in rows.expect("the days") {
        let placed = days.get(&row.day).copied().unwrap_or_default();
        let found = (row.listed, row.held, row.missing, row.unlisted);
        if found != (Some(placed), placed, 0, 0) {
            check.differs(format!(
                "{}: {placed} orders were placed; listed, held, missing, unlisted are {found:?}",
                row.day
            ));
        }
        let roads = row.by_webhook + row.by_poll + row.by_reconcile + row.by_manual;
        if roads != row.held {
            let (day, held) = (row.day, row.held);
            check.differs(format!(
                "{day}: {held} orders are held, {roads} came by some road"
            ));
        }
    }
    check
}
