//! The commands, one file each: read arguments, ask a use case or a view, write the answer.

mod alerts;
mod api_token;
mod audit;
mod catalogue;
mod choice;
mod completeness;
mod connection;
mod demo;
mod escrow;
mod events;
mod exceptions;
mod input;
mod jobs;
mod keys;
mod migrate;
mod oauth;
mod orders;
mod profiles;
mod progress;
mod reconcile;
mod seed;
mod serve;
mod token;

pub(crate) use alerts::alerts;
pub(crate) use api_token::api_token;
pub(crate) use audit::audit;
pub(crate) use catalogue::catalogue;
pub(crate) use completeness::completeness;
pub(crate) use connection::connection;
pub(crate) use escrow::escrow;
pub(crate) use events::events;
pub(crate) use exceptions::exceptions;
pub(crate) use jobs::jobs;
pub(crate) use keys::keys;
pub(crate) use migrate::migrate;
pub(crate) use oauth::oauth;
pub(crate) use orders::orders;
pub(crate) use profiles::profiles;
pub(crate) use reconcile::reconcile;
pub(crate) use seed::seed;
pub(crate) use serve::serve;

use anyhow::Context as _;
use hawker_domain::OrderSn;
use hawker_domain::ids::ProfileId;
use hawker_ports::views::PageRequest;

use crate::cli::ListArgs;
use crate::output;

fn page(list: ListArgs) -> PageRequest {
    PageRequest {
        limit: list.limit,
        after: list.after,
    }
}

fn order_sn(text: &str) -> anyhow::Result<OrderSn> {
    OrderSn::parse(text).with_context(|| format!("`{text}` is not an order number"))
}

fn profile_id(text: &str) -> anyhow::Result<ProfileId> {
    ProfileId::parse(text).with_context(|| {
        format!("`{text}` cannot be the id of a profile; `hawker profiles list` shows them")
    })
}

/// Tells how to get the next page, if there is one.
fn more(next: Option<&str>) -> std::io::Result<()> {
    next.map_or(Ok(()), |cursor| {
        output::line(&format!("\nMore with --after {cursor}"))
    })
}
