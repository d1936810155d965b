//! A package of an order and where the courier says it is.

use serde::{Deserialize, Serialize};

use super::ids::{PackageNumber, Timestamp};

/// The platform's thirteen logistics statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogisticsStatus {
    #[serde(rename = "LOGISTICS_NOT_START")]
    NotStart,
    #[serde(rename = "LOGISTICS_PENDING_ARRANGE")]
    PendingArrange,
    #[serde(rename = "LOGISTICS_COD_REJECTED")]
    CodRejected,
    #[serde(rename = "LOGISTICS_READY")]
    Ready,
    #[serde(rename = "LOGISTICS_REQUEST_CREATED")]
    RequestCreated,
    #[serde(rename = "LOGISTICS_PICKUP_DONE")]
    PickupDone,
    #[serde(rename = "LOGISTICS_DELIVERY_DONE")]
    DeliveryDone,
    #[serde(rename = "LOGISTICS_INVALID")]
    Invalid,
    #[serde(rename = "LOGISTICS_REQUEST_CANCELED")]
    RequestCanceled,
    #[serde(rename = "LOGISTICS_PICKUP_FAILED")]
    PickupFailed,
    #[serde(rename = "LOGISTICS_PICKUP_RETRY")]
    PickupRetry,
    #[serde(rename = "LOGISTICS_DELIVERY_FAILED")]
    DeliveryFailed,
    #[serde(rename = "LOGISTICS_LOST")]
    Lost,
}

impl LogisticsStatus {
    pub const ALL: [Self; 13] = [
        Self::NotStart,
        Self::PendingArrange,
        Self::CodRejected,
        Self::Ready,
        Self::RequestCreated,
        Self::PickupDone,
        Self::DeliveryDone,
        Self::Invalid,
        Self::RequestCanceled,
        Self::PickupFailed,
        Self::PickupRetry,
        Self::DeliveryFailed,
        Self::Lost,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotStart => "LOGISTICS_NOT_START",
            Self::PendingArrange => "LOGISTICS_PENDING_ARRANGE",
            Self::CodRejected => "LOGISTICS_COD_REJECTED",
            Self::Ready => "LOGISTICS_READY",
            Self::RequestCreated => "LOGISTICS_REQUEST_CREATED",
            Self::PickupDone => "LOGISTICS_PICKUP_DONE",
            Self::DeliveryDone => "LOGISTICS_DELIVERY_DONE",
            Self::Invalid => "LOGISTICS_INVALID",
            Self::RequestCanceled => "LOGISTICS_REQUEST_CANCELED",
            Self::PickupFailed => "LOGISTICS_PICKUP_FAILED",
            Self::PickupRetry => "LOGISTICS_PICKUP_RETRY",
            Self::DeliveryFailed => "LOGISTICS_DELIVERY_FAILED",
            Self::Lost => "LOGISTICS_LOST",
        }
    }

    /// The same fact among the eleven fulfilment statuses, which push code 30 speaks.
    pub const fn fulfillment_status(self) -> &'static str {
        match self {
            Self::PendingArrange => Self::NotStart.as_str(),
            Self::CodRejected => Self::Invalid.as_str(),
            other => other.as_str(),
        }
    }

    /// What a package becomes when its order is cancelled before pickup.
    #[must_use]
    pub const fn cancelled(self) -> Self {
        match self {
            Self::NotStart | Self::PendingArrange | Self::Ready => Self::Invalid,
            Self::RequestCreated | Self::PickupRetry | Self::PickupFailed => Self::RequestCanceled,
            settled => settled,
        }
    }
}

/// Some units of one order line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedLine {
    /// Index into the order's lines.
    pub line: usize,
    pub quantity: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Package {
    pub package_number: PackageNumber,
    pub logistics_status: LogisticsStatus,
    /// Only pushes carry it; the order detail does not.
    pub tracking_number: Option<String>,
    /// When it reached which status, oldest first.
    pub history: Vec<(Timestamp, LogisticsStatus)>,
    pub contents: Vec<PackedLine>,
}

impl Package {
    /// Writes down the status that it has now, if that is news.
    pub(super) fn note_status(&mut self, at: Timestamp) {
        let known = self.history.last().map(|(_, status)| *status);
        if known != Some(self.logistics_status) {
            self.history.push((at, self.logistics_status));
        }
    }
}
