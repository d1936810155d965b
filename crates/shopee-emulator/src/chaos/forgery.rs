//! Pushes of somebody who does not have the key.

use serde_json::{Value, json};

use crate::push::{Message, PushSigning};

/// Statuses that a forger likes to see.
const STATUSES: [&str; 5] = [
    "CANCELLED",
    "COMPLETED",
    "TO_RETURN",
    "READY_TO_SHIP",
    "SOLD_TO_THE_MOON",
];

/// How a forged push differs from the genuine one that it goes along with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forgery {
    /// It arrives first, as far as the network lets it.
    pub before: bool,
    /// None: the very same id.
    msg_id: Option<String>,
    /// None: about the very same order.
    order: Option<String>,
    status: &'static str,
    /// Seconds that it claims to be newer.
    newer_by: i64,
    signing: PushSigning,
}

impl Forgery {
    pub(super) fn invent(random: &mut fastrand::Rng) -> Self {
        let signings = [
            PushSigning::WrongKey,
            PushSigning::WrongUrl,
            PushSigning::Unsigned,
        ];
        Self {
            before: random.bool(),
            msg_id: (random.u8(..3) == 0).then(|| format!("{:032x}", random.u128(..))),
            order: random
                .bool()
                .then(|| format!("240101{:08X}", random.u32(..))),
            status: STATUSES[random.usize(..STATUSES.len())],
            newer_by: random.i64(0..=86_400),
            signing: signings[random.usize(..signings.len())],
        }
    }

    /// The forged companion of a genuine message.
    pub fn of(&self, genuine: &Message) -> Message {
        let mut forged = genuine.clone();
        forged.forged = true;
        forged.signing = Some(self.signing);
        if let Some(id) = &self.msg_id {
            forged.msg_id.clone_from(id);
        }
        if let Value::Object(data) = &mut forged.data {
            for (name, value) in data {
                match (name.as_str(), &self.order) {
                    ("ordersn" | "order_sn", Some(order)) => *value = json!(order),
                    ("status", _) => *value = json!(self.status),
                    ("update_time", _) => {
                        *value = json!(value.as_i64().unwrap_or(0) + self.newer_by);
                    }
                    ("tracking_no", _) => *value = json!("FORGED0000000"),
                    _ => {}
                }
            }
        }
        forged
    }
}
