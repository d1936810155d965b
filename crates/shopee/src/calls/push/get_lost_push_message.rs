//! `GET push/get_lost_push_message` (shopee.md §4.7): the earliest pushes, at most a hundred, that
//! could not be delivered within three days and were not confirmed yet. It is asked without
//! parameters; confirming is what makes the next ones come. All shops of the app are in one queue.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// Asks for lost pushes.
#[derive(Clone, Copy, Debug)]
pub struct GetLostPushMessage;

impl Call for GetLostPushMessage {
    const ENDPOINT: Endpoint =
        Endpoint::get("push.get_lost_push_message", "/push/get_lost_push_message").of_the_app();
    type Reply = LostPushesWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct LostPushesWire {
    /// Each kept whole: [`ShopeePushes`](crate::push::ShopeePushes) reads what it holds, the
    /// envelope within the envelope included. An entry that is `null` does not spoil the others.
    pub push_message_list: List<Option<Verbatim<LostPushWire>>>,
    pub has_next_page: Field<bool>,
    /// What to confirm once these are stored.
    pub last_message_id: Field<i64>,
}

/// A push that was lost. `data`, which is not read here, is a text that holds the original.
#[derive(Debug, Deserialize)]
pub struct LostPushWire {
    pub shop_id: Field<i64>,
    pub code: Field<i64>,
    /// When it was lost.
    pub timestamp: Field<Timestamp>,
}
