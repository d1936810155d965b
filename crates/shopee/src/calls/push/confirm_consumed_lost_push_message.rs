//! `POST push/confirm_consumed_lost_push_message` (shopee.md §4.7): what was lost up to a message is
//! stored now. Saying it twice says the same.

use serde_json::json;

use crate::client::{Arguments, Call, Done, Endpoint};

/// Confirms lost pushes. They are gone then, so they have to be durable before.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmConsumedLostPushMessage {
    /// What came with them.
    pub last_message_id: i64,
}

impl Call for ConfirmConsumedLostPushMessage {
    const ENDPOINT: Endpoint = Endpoint::post(
        "push.confirm_consumed_lost_push_message",
        "/push/confirm_consumed_lost_push_message",
    )
    .of_the_app();
    type Reply = Done;

    fn arguments(&self) -> Arguments {
        Arguments::default().with_body(json!({"last_message_id": self.last_message_id}))
    }
}
