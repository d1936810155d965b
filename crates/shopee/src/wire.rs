//! The platform's replies as they come. Everything is optional here and nothing is judged: what
//! must be there, and what it means, is decided in [`translate`](crate::translate).
//!
//! Members are [`Loose`]: slices of the reply, read as what is wanted of them at the moment it is
//! wanted. So one odd member harms one order and not the fifty of the reply, and the complaint can
//! name it. Members that we do not use are skipped.

mod escrow;
mod loose;
mod order;

pub use escrow::{EscrowDetailWire, OrderIncomeWire};
pub use loose::{Fault, Loose};
pub use order::{
    AddressWire, OrderDetailWire, OrderItemWire, OrderListWire, PackageWire, PromotionWire,
};
