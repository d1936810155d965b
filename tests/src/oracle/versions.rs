//! Whether the versions of payouts are a history: in order, without a gap, each different from the one
//! before, and the newest what is shown.

use super::Check;
use crate::Bench;

/// What is wrong with versions, one query each.
const WRONG: [(&str, &str); 4] = [
    (
        "versions are not 1, 2, 3…, or not in the order of time",
        "SELECT count(*) FROM (
             SELECT version, row_number() OVER w AS place, known_at, lag(known_at) OVER w AS before
             FROM tenant_default.shopee_escrow_version
             WINDOW w AS (PARTITION BY environment, ordersn ORDER BY version)
         ) AS history
         WHERE version <> place OR known_at < before",
    ),
    (
        "versions are as the one before",
        "SELECT count(*) FROM (
             SELECT version,
                    (escrow_amount, adjustment, computed, parts, adjustments, returns, currency,
                     escrow_release_time) AS said,
                    lag((escrow_amount, adjustment, computed, parts, adjustments, returns, currency,
                         escrow_release_time)) OVER w AS before
             FROM tenant_default.shopee_escrow_version
             WINDOW w AS (PARTITION BY environment, ordersn ORDER BY version)
         ) AS history
         WHERE version > 1 AND said = before",
    ),
    (
        "payouts are not their newest version",
        "SELECT count(*) FROM tenant_default.shopee_escrow AS now
         LEFT JOIN LATERAL (
             SELECT version, payout, parts, escrow_release_time
             FROM tenant_default.shopee_escrow_version AS kept
             WHERE kept.environment = now.environment AND kept.ordersn = now.ordersn
             ORDER BY version DESC LIMIT 1
         ) AS newest ON true
         WHERE (now.version, now.payout, now.parts, now.escrow_release_time)
               IS DISTINCT FROM (newest.version, newest.payout, newest.parts, newest.escrow_release_time)",
    ),
    (
        "versions are of no payout",
        "SELECT count(*) FROM tenant_default.shopee_escrow_version AS kept
         WHERE NOT EXISTS (
             SELECT FROM tenant_default.shopee_escrow AS now
             WHERE now.environment = kept.environment AND now.ordersn = kept.ordersn
         )",
    ),
];

/// The history of all payouts.
pub(super) async fn check(bench: &Bench) -> Check {
    let versions = bench
        .count("SELECT count(*) FROM tenant_default.shopee_escrow_version")
        .await;
    let mut check = Check::of(
        "versions of payouts are a history",
        usize::try_from(versions).unwrap_or_default(),
    );
    for (what, query) in WRONG {
        let wrong = bench.count(query).await;
        if wrong != 0 {
            check.differs(format!("{wrong} {what}"));
        }
    }
    check
}
