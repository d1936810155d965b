//! The platform's replies as they come. Nothing is judged here: what must be there, and what it
//! means, is decided by whoever reads it.
//!
//! Two ways of reading stand side by side. Orders and payouts, which decide about money and stock,
//! are made of [`Loose`] members: slices of the reply, read as what is wanted of them at the moment it
//! is wanted by [`translate`](crate::translate), whose complaints name the member. Everything else is
//! made of [`Field`]s, [`List`]s and [`Texts`], which are read at once and as leniently; a part that
//! is kept whole is [`Verbatim`]. Members that nobody uses are skipped.

mod complaint;
mod document;
mod escrow;
mod field;
mod list;
mod loose;
mod order;
mod texts;
mod verbatim;

pub use complaint::Complaint;
pub use document::Document;
pub use escrow::{AdjustmentWire, AmountsWire, EscrowDetailWire};
pub use field::{Field, Lenient};
pub use list::List;
pub use loose::{Fault, Loose};
pub use order::{
    AddressWire, OrderDetailWire, OrderItemWire, OrderListWire, PackageWire, PromotionWire,
};
pub use texts::Texts;
pub use verbatim::Verbatim;

pub(crate) use verbatim::read;
