//! Orders as a person sees them.

use hawker_domain::OrderSn;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::order::{Order, OrderLine};

use super::{Keyed, count};
use crate::testing::store::state::{State, SyncRow};
use crate::views::{
    OrderDetail, OrderFilter, OrderLineRow, OrderSummary, ShipmentRow, TimelineRow,
};

pub(super) fn summaries(state: &State, filter: &OrderFilter) -> Vec<Keyed<OrderSummary>> {
    let OrderFilter {
        marketplace_status,
        sync_status,
        held,
    } = filter;
    let all = state
        .syncs
        .values()
        .map(|sync| (sync, summary(state, sync)));
    let wanted = all.filter(|(sync, row)| {
        (marketplace_status.is_none() || *marketplace_status == row.marketplace_status)
            && sync_status
                .as_ref()
                .is_none_or(|status| *status == row.sync_status)
            && held.is_none_or(|held| held == sync.held_for.is_some())
    });
    wanted
        .map(|(sync, row)| ((sync.created_at, sync.id.to_string()), row))
        .collect()
}

pub(super) fn detail(state: &State, order_sn: &OrderSn) -> Option<OrderDetail> {
    let sync = state.sync_by_sn(order_sn)?;
    let row = sync.order.and_then(|id| state.orders.get(&id));
    let order = row.map(|row| state.with_customer(&row.order));
    let order = order.as_ref();
    let steps = row.map(|row| row.timeline.iter()).into_iter().flatten();
    Some(OrderDetail {
        summary: summary(state, sync),
        sales_channel: order.map(|order| order.key.connector.title().to_owned()),
        buyer_username: order.and_then(|order| order.customer.clone()?.username),
        address: order
            .and_then(|order| order.address.as_ref())
            .and_then(|address| serde_json::to_value(address).ok()),
        lines: order.map(|order| lines(state, order)).unwrap_or_default(),
        shipments: order.map(shipments).unwrap_or_default(),
        timeline: steps
            .map(|entry| TimelineRow {
                at: entry.at,
                step: entry.step.to_string(),
                marketplace_status: entry.marketplace_status.clone(),
                event_id: entry.event.map(|event| event.to_string()),
                note: entry.note.clone(),
            })
            .collect(),
        missing_skus: sync
            .held_for
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect(),
    })
}

/// What the order says, else what the marketplace said of an order that was not created yet.
pub(super) fn summary(state: &State, sync: &SyncRow) -> OrderSummary {
    let order = sync.order.and_then(|id| state.orders.get(&id));
    let order = order.map(|row| &row.order);
    let seen = sync.seen.as_ref();
    let open = state.exceptions.iter().filter(|row| {
        row.status == ExceptionStatus::Open && row.subject.order_key().as_ref() == Some(&sync.key)
    });
    OrderSummary {
        order_sn: sync.key.order_sn.to_string(),
        environment: sync.key.environment.to_string(),
        order_id: sync.order.map(|order| order.to_string()),
        sync_status: sync.status().to_owned(),
        hold: sync.held_for.as_ref().map(|_| "mapping".to_owned()),
        marketplace_status: seen
            .map(|seen| &seen.status)
            .or(order.map(|order| &order.marketplace_status))
            .map(ToString::to_string),
        status: order.map(|order| order.lifecycle.as_str().to_owned()),
        payment_status: order.map(|order| order.payment.as_str().to_owned()),
        fulfillment_status: order.map(|order| order.fulfilment.as_str().to_owned()),
        total: order
            .and_then(|order| order.total)
            .or(seen.and_then(|seen| seen.total)),
        currency: order
            .map(|order| order.currency)
            .or(seen.map(|seen| seen.currency))
            .map(|currency| currency.to_string()),
        placed_at: order
            .map(|order| order.placed_at)
            .or(seen.map(|seen| seen.placed_at)),
        ship_by: order
            .and_then(|order| order.ship_by)
            .or(seen.and_then(|seen| seen.ship_by)),
        first_source: Some(sync.first_source.to_string()),
        open_exceptions: count(open),
        created_at: sync.created_at,
    }
}

fn lines(state: &State, order: &Order) -> Vec<OrderLineRow> {
    let row = |line: &OrderLine| OrderLineRow {
        sku: line.sku.as_ref().map(ToString::to_string),
        title: line.title.clone(),
        quantity: pieces(line.quantity),
        cancelled_quantity: pieces(line.cancelled_quantity),
        unit_price: line.unit_price,
        stock: line.stock.as_str().to_owned(),
        allocations: line
            .stock
            .allocations()
            .iter()
            .map(|allocation| {
                let mut places = state.locations.iter();
                let place = places.find(|place| place.id == allocation.location);
                let code = place.map_or_else(String::new, |place| place.code.clone());
                (code, pieces(allocation.quantity))
            })
            .collect(),
    };
    order.lines.iter().map(row).collect()
}

fn shipments(order: &Order) -> Vec<ShipmentRow> {
    let parcels = order.shipments.iter().map(|parcel| ShipmentRow {
        package_number: parcel.package_number.clone(),
        state: parcel.state.to_string(),
        carrier: parcel.carrier.clone(),
        tracking_number: parcel.tracking_number.clone(),
    });
    parcels.collect()
}

fn pieces(quantity: u32) -> i32 {
    i32::try_from(quantity).unwrap_or(i32::MAX)
}
