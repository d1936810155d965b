//! Why the shop world refuses to be moved.

use super::ids::{OrderSn, PackageNumber, ReturnSn, ShopId};
use super::package::LogisticsStatus;
use super::status::{IllegalTransition, OrderStatus};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    #[error("no shop has the id {0}")]
    UnknownShop(ShopId),
    #[error("no partner app has the id {0}")]
    UnknownApp(i64),
    #[error("no order has the number {0}")]
    UnknownOrder(OrderSn),
    #[error("there is an order {0} already")]
    OrderExists(OrderSn),
    #[error("the order has no package {0}")]
    UnknownPackage(PackageNumber),
    #[error("no return has the number {0}")]
    UnknownReturn(ReturnSn),
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    #[error("a package that is {} cannot do that", .0.as_str())]
    WrongPackageState(LogisticsStatus),
    #[error("an order needs at least one line with at least one unit")]
    EmptyOrder,
    #[error("the order is held by the platform and cannot be shipped yet")]
    Held,
    #[error("the order is not held")]
    NotHeld,
    #[error("the order waits for its invoice")]
    InvoiceMissing,
    #[error("the order needs no invoice, or has it already")]
    InvoiceNotExpected,
    #[error("only a cash-on-delivery order that is not paid yet can do that")]
    NoCashDue,
    #[error("the package already has a tracking number, or is not arranged yet")]
    NoTrackingDue,
    #[error(transparent)]
    Split(#[from] SplitError),
    #[error("the order has no line {0}")]
    UnknownLine(usize),
    #[error("line {line} has {available} units left for that, fewer than {asked}")]
    TooManyUnits {
        line: usize,
        available: u32,
        asked: u32,
    },
    #[error("that would leave nothing of the order: cancel it as a whole instead")]
    NothingLeft,
    #[error("the order has an open return already")]
    ReturnAlreadyOpen,
    #[error("an order that is {0} has no escrow that could be changed or released")]
    NoEscrow(OrderStatus),
    #[error("the escrow has been released already")]
    AlreadyReleased,
    #[error("an authorisation lasts from 1 to 365 days, not {0}")]
    AuthorisationLength(u16),
    #[error("a consent names at least one shop or merchant")]
    NobodyAuthorised,
    #[error("the shop {0} is banned and cannot authorise anybody")]
    BannedShop(ShopId),
    #[error("the shop {0} has not authorised the app")]
    NotAuthorised(ShopId),
}

/// Why an order cannot be split as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    #[error("only an unshipped, paid order can be split")]
    WrongStatus,
    #[error("the order has been split already")]
    AlreadySplit,
    #[error("between 2 and {max} packages are possible, {asked} were asked for")]
    PackageCount { asked: usize, max: usize },
    #[error("a package would be empty")]
    EmptyPackage,
    #[error("every unit must be in exactly one package; line {line} is not")]
    MissingItem { line: usize },
    #[error("the lines of one bundle belong in one package")]
    BundleTornApart,
}
