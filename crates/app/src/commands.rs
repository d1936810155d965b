//! The commands, one file each: read arguments, ask a use case or a view, write the answer.

mod catalogue;
mod demo;
mod events;
mod exceptions;
mod migrate;
mod orders;
mod seed;
mod serve;

pub(crate) use catalogue::catalogue;
pub(crate) use events::events;
pub(crate) use exceptions::exceptions;
pub(crate) use migrate::migrate;
pub(crate) use orders::orders;
pub(crate) use seed::seed;
pub(crate) use serve::serve;

use anyhow::Context as _;
use hawker_domain::OrderSn;
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

/// Tells how to get the next page, if there is one.
fn more(next: Option<&str>) -> std::io::Result<()> {
    next.map_or(Ok(()), |cursor| {
        output::line(&format!("\nMore with --after {cursor}"))
    })
}
