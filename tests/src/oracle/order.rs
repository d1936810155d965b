//! Whether one order of ours is as the shop's.

use std::collections::BTreeMap;

use hawker_ports::views::OrderDetail;
use hawker_shopee_emulator::{LogisticsStatus, Order, OrderStatus};

/// What is wrong with our order, a line each.
pub(super) fn differences(truth: &Order, ours: &OrderDetail) -> Vec<String> {
    let mut found = Found {
        number: ours.summary.order_sn.clone(),
        differences: Vec::new(),
    };
    found.expect(
        "marketplace status",
        truth.status.as_str(),
        ours.summary.marketplace_status.as_deref(),
    );
    found.expect(
        "lifecycle",
        lifecycle(truth),
        ours.summary.status.as_deref(),
    );
    found.expect(
        "payment",
        payment(truth),
        ours.summary.payment_status.as_deref(),
    );
    // Without a payment, 0 stands for a total that is not known.
    let total = truth.buyer_total();
    if truth.pay_time.is_some() || (truth.cod && !total.is_zero()) {
        let ours = ours.summary.total.map(|total| total.normalize());
        let ours = ours.map(|total| total.to_string());
        found.expect("total", &total.normalize().to_string(), ours.as_deref());
    }
    if truth.status != OrderStatus::Cancelled {
        let ours = ours.summary.fulfillment_status.as_deref();
        found.expect("fulfilment", fulfilment(truth), ours);
    }
    parcels(truth, ours, &mut found);
    lines(truth, ours, &mut found);
    found.differences
}

struct Found {
    number: String,
    differences: Vec<String>,
}

impl Found {
    fn expect(&mut self, what: &str, expected: &str, found: Option<&str>) {
        if found != Some(expected) {
            let number = &self.number;
            let found = found.unwrap_or("nothing");
            self.differences
                .push(format!("{number}: {what} should be {expected}, is {found}"));
        }
    }
}

fn has_left(truth: &Order) -> bool {
    truth.pickup_done_time.is_some()
}

fn lifecycle(truth: &Order) -> &'static str {
    match truth.status {
        OrderStatus::Unpaid => "pending",
        OrderStatus::Cancelled => "canceled",
        OrderStatus::Completed => "completed",
        _ => "open",
    }
}

fn payment(truth: &Order) -> &'static str {
    match (truth.pay_time, truth.status, truth.cod) {
        (Some(_), ..) => "captured",
        (None, OrderStatus::Cancelled, _) => "voided",
        (None, _, true) => "on_delivery",
        (None, ..) => "awaiting",
    }
}

fn fulfilment(truth: &Order) -> &'static str {
    let is_arranged = truth.packages.iter().any(|package| {
        matches!(
            package.logistics_status,
            LogisticsStatus::RequestCreated | LogisticsStatus::PickupRetry
        )
    });
    match (has_left(truth), is_arranged) {
        (true, _) => "fulfilled",
        (false, true) => "shipment_created",
        (false, false) => "unfulfilled",
    }
}

fn parcels(truth: &Order, ours: &OrderDetail, found: &mut Found) {
    for package in &truth.packages {
        let Some(tracking) = &package.tracking_number else {
            continue;
        };
        let number = package.package_number.as_str();
        let mut parcels = ours.shipments.iter();
        let parcel = parcels.find(|parcel| parcel.package_number == number);
        let ours = parcel.and_then(|parcel| parcel.tracking_number.as_deref());
        // Nobody asks for the number of a parcel that never left and never will.
        let is_off = truth.status == OrderStatus::Cancelled && !has_left(truth);
        if is_off && ours.is_none() {
            continue;
        }
        found.expect("tracking number", tracking, ours);
    }
}

fn lines(truth: &Order, ours: &OrderDetail, found: &mut Found) {
    let number = |lines: usize| lines.to_string();
    found.expect(
        "number of lines",
        &number(truth.lines.len()),
        Some(&number(ours.lines.len())),
    );
    let stock: &[&str] = match truth.status {
        _ if has_left(truth) => &["deducted"],
        OrderStatus::Cancelled => &["released", "untouched"],
        _ => &["reserved"],
    };
    for line in &ours.lines {
        if !stock.contains(&line.stock.as_str()) {
            found.expect("stock of a line", &stock.join(" or "), Some(&line.stock));
        }
    }
    if truth.status == OrderStatus::Cancelled {
        // Nothing is to be sent any more, whether or not the marketplace takes the pieces out.
        return;
    }
    let sold = sum(truth
        .lines
        .iter()
        .map(|line| (line.listing.sku(), i64::from(line.to_ship()))));
    let kept = sum(ours.lines.iter().map(|line| {
        (
            line.sku.as_deref().unwrap_or_default(),
            i64::from(line.quantity - line.cancelled_quantity),
        )
    }));
    found.expect("pieces", &format!("{sold:?}"), Some(&format!("{kept:?}")));
}

fn sum<'a>(pieces: impl Iterator<Item = (&'a str, i64)>) -> BTreeMap<&'a str, i64> {
    pieces.fold(BTreeMap::new(), |mut sums, (sku, pieces)| {
        *sums.entry(sku).or_default() += pieces;
        sums
    })
}
