//! The marketplace's order statuses, and what each of them implies.

use std::fmt;

/// Shopee's `order_status` (shopee.md §6.1). The set is open: what we do not model is carried as
/// its own text, shown to the operator and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// Placed, not paid.
    Unpaid,
    /// To be shipped; paid, or cash on delivery.
    ReadyToShip,
    /// Shipment arranged.
    Processed,
    /// Pickup failed; to be arranged again.
    RetryShip,
    /// The courier has it.
    Shipped,
    /// Delivered.
    ToConfirmReceive,
    /// The buyer asks to cancel; the merchant has to answer.
    InCancel,
    /// Called off.
    Cancelled,
    /// A return is under way.
    ToReturn,
    /// Over and done.
    Completed,
    /// Anything else, for example `PENDING` or `INVOICE_PENDING`.
    Other(String),
}

/// How far an order with a status has come, as far as the status alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implied {
    /// An order that is not cash on delivery must have been paid to be here.
    pub paid_unless_cod: bool,
    /// A shipment was arranged.
    pub shipment_arranged: bool,
    /// The goods have left.
    pub goods_left: bool,
}

impl OrderStatus {
    /// The ten statuses that are modelled, in the order of an order's life.
    pub const MODELLED: [Self; 10] = [
        Self::Unpaid,
        Self::ReadyToShip,
        Self::Processed,
        Self::RetryShip,
        Self::Shipped,
        Self::ToConfirmReceive,
        Self::InCancel,
        Self::Cancelled,
        Self::ToReturn,
        Self::Completed,
    ];

    /// The platform's text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unpaid => "UNPAID",
            Self::ReadyToShip => "READY_TO_SHIP",
            Self::Processed => "PROCESSED",
            Self::RetryShip => "RETRY_SHIP",
            Self::Shipped => "SHIPPED",
            Self::ToConfirmReceive => "TO_CONFIRM_RECEIVE",
            Self::InCancel => "IN_CANCEL",
            Self::Cancelled => "CANCELLED",
            Self::ToReturn => "TO_RETURN",
            Self::Completed => "COMPLETED",
            Self::Other(text) => text,
        }
    }

    /// The status that the platform's text names; never fails.
    pub fn from_text(text: &str) -> Self {
        Self::MODELLED
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// What the status implies about the steps before it. `None` for a status that we do not
    /// model: nothing is concluded from it.
    ///
    /// `CANCELLED` and `IN_CANCEL` are reached from several places; whether such an order was
    /// paid or had left is told by other fields of the snapshot.
    pub const fn implied(&self) -> Option<Implied> {
        let (paid_unless_cod, shipment_arranged, goods_left) = match self {
            Self::Unpaid | Self::Cancelled => (false, false, false),
            // A buyer can ask to cancel only what is paid or cash on delivery (shopee.md §6.1).
            Self::ReadyToShip | Self::InCancel => (true, false, false),
            Self::Processed | Self::RetryShip => (true, true, false),
            Self::Shipped | Self::ToConfirmReceive | Self::ToReturn | Self::Completed => {
                (true, true, true)
            }
            Self::Other(_) => return None,
        };
        Some(Implied {
            paid_unless_cod,
            shipment_arranged,
            goods_left,
        })
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
