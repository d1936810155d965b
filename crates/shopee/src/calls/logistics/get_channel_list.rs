//! `GET logistics/get_channel_list` (shopee.md §5.5): the shop's carriers. They are no stock
//! locations.

use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for the carriers.
#[derive(Clone, Copy, Debug)]
pub struct GetChannelList;

impl Call for GetChannelList {
    const ENDPOINT: Endpoint =
        Endpoint::get("logistics.get_channel_list", "/logistics/get_channel_list");
    type Reply = ChannelsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ChannelsWire {
    pub logistics_channel_list: List<ChannelWire>,
}

/// A carrier.
#[derive(Debug, Deserialize)]
pub struct ChannelWire {
    pub logistics_channel_id: Field<i64>,
    pub logistics_channel_name: Field<String>,
    pub enabled: Field<bool>,
    pub cod_enabled: Field<bool>,
    pub fee_type: Field<String>,
    /// 0 where buyers choose it themselves.
    pub mask_channel_id: Field<i64>,
    pub preprint: Field<bool>,
    pub support_cross_border: Field<bool>,
    pub service_type_identifier: Field<String>,
}
