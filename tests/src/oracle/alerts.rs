//! Whether every alert reached its receiver, once, and whether somebody was told of everything that is
//! wrong, and that it is over.
//!
//! What has to be told follows from the exceptions. What was told is what the receiver heard: the outbox
//! alone would agree with whatever was never said.

mod heard;
mod told;

use std::collections::BTreeMap;

use super::{Check, Witness};
use crate::Bench;

/// What is in the outbox against what was heard, and what was heard against the exceptions.
pub(super) async fn check(bench: &Bench, witness: &Witness) -> Check {
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT id, delivered_at IS NOT NULL FROM tenant_default.connector_alert ORDER BY id",
    )
    .fetch_all(bench.store.pool())
    .await
    .expect("the alerts");
    let mut check = Check::of("every alert heard, and once", rows.len());
    once(&rows, witness, &mut check);
    told::check(bench, witness, &rows, &mut check).await;
    check
}

/// What is noted as delivered was heard, what was heard is in the outbox, and nothing twice.
fn once(rows: &[(String, bool)], witness: &Witness, check: &mut Check) {
    let mut heard = BTreeMap::<&str, Vec<&str>>::new();
    for message in &witness.heard {
        let id = message.header("x-hawker-alert-id").unwrap_or_default();
        heard.entry(id).or_default().push(&message.body);
    }
    for (id, is_delivered) in rows {
        let messages = heard.remove(id.as_str()).unwrap_or_default();
        match (is_delivered, messages.as_slice()) {
            (false, _) => check.differs(format!("{id} was not delivered")),
            (true, []) => {
                check.differs(format!("{id} is said to be delivered, and nobody heard it"));
            }
            (true, [_]) => {}
            // Between handing over and noting it, a process may be killed: the receiver tells a
            // repetition by its id.
            (true, [first, others @ ..]) => {
                let times = others.len() + 1;
                if !witness.was_disturbed {
                    check.differs(format!(
                        "{id} was heard {times} times, and nothing disturbed it"
                    ));
                } else if others.iter().any(|other| other != first) {
                    check.differs(format!("{id} was heard {times} times with other words"));
                }
            }
        }
    }
    for id in heard.keys() {
        check.differs(format!("{id} was heard and is in no outbox"));
    }
}
