//! Whether every event is accounted for: none that was acknowledged is gone, none is there twice, none
//! is pending, and nobody acted upon what a forger said.

use std::collections::BTreeMap;

use super::witness::content;
use super::{Check, Witness};
use crate::Bench;

/// An event that may be acted upon.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    source: String,
    trusted: bool,
    processed: bool,
    outcome: Option<String>,
    body: Vec<u8>,
}

async fn rows(bench: &Bench) -> Vec<Row> {
    sqlx::query_as(
        "SELECT id, source, trusted, processed, outcome, body
         FROM tenant_default.connector_event ORDER BY id",
    )
    .fetch_all(bench.store.pool())
    .await
    .expect("the events")
}

/// Every push that was acknowledged is one row, and every row has come to its end.
pub(super) async fn check(bench: &Bench, witness: &Witness) -> Check {
    let rows = rows(bench).await;
    let mut check = Check::of("every event accounted for, once", rows.len());
    let mut by_content = BTreeMap::<String, Vec<&str>>::new();
    for row in &rows {
        if row.trusted && matches!(&*row.source, "webhook" | "poll") {
            let said = content(&String::from_utf8_lossy(&row.body));
            by_content.entry(said).or_default().push(&row.id);
        }
        match (row.processed, row.outcome.as_deref()) {
            (false, _) if row.trusted => check.differs(format!("{} is pending", row.id)),
            (true, None) => check.differs(format!("{} has no outcome", row.id)),
            _ => {}
        }
    }
    for (said, rows) in &by_content {
        if rows.len() > 1 {
            check.differs(format!("{said} is there more than once: {rows:?}"));
        }
    }
    for (said, is_acknowledged) in witness.genuine() {
        if is_acknowledged && !by_content.contains_key(&said) {
            check.differs(format!("{said} was acknowledged and is not there"));
        }
    }
    check
}

/// The queue of lost pushes is empty and all that was in it is here, and nobody believed a forger.
pub(super) async fn lost_and_forged(bench: &Bench, witness: &Witness) -> Check {
    let rows = rows(bench).await;
    let stats = bench.emulator.stats();
    let counted = stats.pushes.lost + u64::try_from(witness.forged().len()).unwrap_or_default();
    let mut check = Check::of(
        "lost pushes are here, forged ones inert",
        usize::try_from(counted).unwrap_or_default(),
    );
    if stats.pushes.in_lost_queue != 0 {
        let left = stats.pushes.in_lost_queue;
        check.differs(format!(
            "{left} messages are still in the queue of lost pushes"
        ));
    }
    let genuine = witness.genuine();
    let forged = witness.forged();
    for row in &rows {
        let said = content(&String::from_utf8_lossy(&row.body));
        if row.trusted && row.source == "webhook" && !genuine.contains_key(&said) {
            check.differs(format!(
                "{} is trusted, and nobody with a key said {said}",
                row.id
            ));
        }
        // What came out of the queue of lost pushes, the platform said itself; of some pushes a forged copy
        // says the same.
        if row.trusted && row.source != "poll" && forged.contains(&said) {
            check.differs(format!(
                "{} is trusted, and a forger said it: {said}",
                row.id
            ));
        }
        let is_inert = matches!(row.outcome.as_deref(), Some("unverified") | None);
        if !row.trusted && !is_inert {
            let outcome = row.outcome.as_deref().unwrap_or_default();
            check.differs(format!(
                "{} is not trusted and was acted upon: {outcome}",
                row.id
            ));
        }
    }
    let here = rows
        .iter()
        .filter(|row| row.trusted && row.source != "reconcile");
    let here = here
        .map(|row| content(&String::from_utf8_lossy(&row.body)))
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let vanished = stats
        .chaos
        .of_pushes(hawker_shopee_emulator::PushTrouble::Vanished);
    let arisen = stats.pushes.arisen.saturating_sub(vanished);
    if u64::try_from(here).unwrap_or_default() != arisen {
        check.differs(format!(
            "{arisen} pushes arose and did not vanish, and {here} are here"
        ));
    }
    check
}
