//! `hawker orders`.

mod refresh;

use hawker_domain::TenantSlug;
use hawker_ports::views::{OrderDetail, OrderFilter, OrderSummary, Views as _};

use super::{more, order_sn, page};
use crate::cli::OrdersCommand;
use crate::config::{Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, Table, line, or_dash, time, time_or_dash};
use crate::wiring;

pub(crate) async fn orders(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: OrdersCommand,
) -> anyhow::Result<()> {
    let store = || anyhow::Ok(wiring::store_for_command(&database_url(variables)?)?);
    match command {
        OrdersCommand::List {
            status,
            held,
            sync,
            list,
        } => {
            let filter = OrderFilter {
                marketplace_status: status,
                sync_status: sync,
                held: held.then_some(true),
            };
            let orders = store()?.orders(tenant, &filter, &page(list)).await?;
            if json {
                return output::json(&orders);
            }
            if orders.rows.is_empty() {
                return Ok(line("No orders.")?);
            }
            let headings = [
                "order",
                "marketplace",
                "ours",
                "payment",
                "fulfilment",
                "total",
                "ship by (UTC)",
                "needs",
            ];
            let mut table = Table::new(&headings);
            for order in &orders.rows {
                table.row(row(order));
            }
            table.write()?;
            Ok(more(orders.next.as_deref())?)
        }
        OrdersCommand::Show { ordersn } => {
            let order = store()?.order(tenant, &order_sn(&ordersn)?).await?;
            let order = order.ok_or(Missing {
                what: "order",
                name: ordersn,
            })?;
            if json {
                output::json(&order)
            } else {
                Ok(show(&order)?)
            }
        }
        OrdersCommand::Refresh {
            ordersn,
            profile,
            wait,
        } => {
            let ordersn = order_sn(&ordersn)?;
            refresh::refresh(variables, tenant, json, &ordersn, profile, wait).await
        }
    }
}

fn row(order: &OrderSummary) -> Vec<String> {
    vec![
        order.order_sn.clone(),
        or_dash(order.marketplace_status.as_deref()),
        or_dash(order.status.as_deref()),
        or_dash(order.payment_status.as_deref()),
        or_dash(order.fulfillment_status.as_deref()),
        total(order),
        time_or_dash(order.ship_by),
        needs(order),
    ]
}

fn total(order: &OrderSummary) -> String {
    let currency = order.currency.as_deref().unwrap_or_default();
    order.total.map_or_else(
        || or_dash(None),
        |total| format!("{currency} {total}").trim().to_owned(),
    )
}

fn needs(order: &OrderSummary) -> String {
    match (&order.hold, order.open_exceptions) {
        (Some(hold), _) => format!("held: {hold}"),
        (None, 0) => String::new(),
        (None, 1) => "1 exception".into(),
        (None, several) => format!("{several} exceptions"),
    }
}

fn show(order: &OrderDetail) -> std::io::Result<()> {
    let summary = &order.summary;
    line(&format!(
        "{}  {}  {}",
        summary.order_sn,
        or_dash(summary.marketplace_status.as_deref()),
        needs(summary)
    ))?;
    let facts = [
        ("ours", or_dash(summary.order_id.as_deref())),
        ("state", or_dash(summary.status.as_deref())),
        ("payment", or_dash(summary.payment_status.as_deref())),
        ("fulfilment", or_dash(summary.fulfillment_status.as_deref())),
        ("total", total(summary)),
        (
            "channel",
            format!(
                "{} ({})",
                or_dash(order.sales_channel.as_deref()),
                summary.environment
            ),
        ),
        ("buyer", or_dash(order.buyer_username.as_deref())),
        ("placed", time_or_dash(summary.placed_at)),
        ("came by", or_dash(summary.first_source.as_deref())),
        ("ship by", time_or_dash(summary.ship_by)),
    ];
    for (name, value) in facts {
        line(&format!("  {name:<11} {value}"))?;
    }
    if !order.missing_skus.is_empty() {
        line(&format!(
            "  {:<11} {}",
            "waits for",
            order.missing_skus.join(", ")
        ))?;
    }
    if !order.lines.is_empty() {
        line("\nLines")?;
        let mut table = Table::new(&["pieces", "sku", "title", "each", "stock"]);
        for row in &order.lines {
            let pieces = match row.cancelled_quantity {
                0 => row.quantity.to_string(),
                cancelled => format!("{} of {}", row.quantity - cancelled, row.quantity),
            };
            let places: Vec<_> = row
                .allocations
                .iter()
                .map(|(place, pieces)| format!("{pieces} at {place}"))
                .collect();
            let stock = format!("{} {}", row.stock, places.join(", "));
            table.row(vec![
                pieces,
                or_dash(row.sku.as_deref()),
                row.title.clone(),
                row.unit_price.to_string(),
                stock.trim().to_owned(),
            ]);
        }
        table.write()?;
    }
    if !order.shipments.is_empty() {
        line("\nParcels")?;
        let mut table = Table::new(&["package", "state", "carrier", "tracking number"]);
        for parcel in &order.shipments {
            table.row(vec![
                or_dash(Some(&parcel.package_number)),
                parcel.state.clone(),
                or_dash(parcel.carrier.as_deref()),
                or_dash(parcel.tracking_number.as_deref()),
            ]);
        }
        table.write()?;
    }
    line("\nHistory (UTC)")?;
    let mut table = Table::new(&["when", "what", "marketplace", "event"]);
    for step in &order.timeline {
        table.row(vec![
            time(step.at),
            step.note.as_deref().map_or_else(
                || step.step.clone(),
                |note| format!("{}: {note}", step.step),
            ),
            step.marketplace_status.clone(),
            or_dash(step.event_id.as_deref()),
        ]);
    }
    table.write()
}
