//! Whether every exception is closed, or stands for a reason.

use hawker_ports::views::ExceptionSummary;
use hawker_shopee_emulator::{Order, OrderStatus, PushTrouble};

use super::Check;
use crate::Bench;

/// Whether an open exception has a cause that may stand when everything has come to rest. There are two:
///
/// - Pushes were forged. The receiver cannot know that the key is right and the sender wrong until a
///   quarter of an hour has passed without another one.
/// - An order was cancelled after its goods had left. Where they are, only a person can tell.
pub fn is_explained(open: &ExceptionSummary, bench: &Bench, truth: &[Order]) -> bool {
    match (&*open.error_class, &*open.cause) {
        ("signature_mismatch", _) => {
            let chaos = bench.emulator.stats().chaos;
            chaos.of_pushes(PushTrouble::Forged) > 0
        }
        ("action_required", "goods-coming-back") => truth.iter().any(|order| {
            open.order_sn.as_deref() == Some(order.order_sn.as_str())
                && order.status == OrderStatus::Cancelled
                && order.pickup_done_time.is_some()
        }),
        _ => false,
    }
}

/// All exceptions that there ever were.
pub(super) async fn check(bench: &Bench, truth: &[Order]) -> Check {
    let all = bench
        .count("SELECT count(*) FROM tenant_default.connector_exception")
        .await;
    let mut check = Check::of(
        "every exception is closed or explained",
        usize::try_from(all).unwrap_or_default(),
    );
    for open in bench.open_exceptions().await {
        if !is_explained(&open, bench, truth) {
            let ExceptionSummary {
                error_class,
                cause,
                message,
                ..
            } = open;
            check.differs(format!("{error_class} ({cause}) is open: {message}"));
        }
    }
    check
}
