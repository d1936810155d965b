//! Returns, as far as they are asked about. Each is kept whole: amounts, evidence and deadlines of
//! every market are in it.

mod get_return_detail;
mod get_return_list;

pub use get_return_detail::{
    GetReturnDetail, NegotiationWire, ReturnWire, ReturnedItemWire, SellerCompensationWire,
    SellerProofWire,
};
pub use get_return_list::{GetReturnList, RETURN_LIST_WINDOW_DAYS_MAX, ReturnsWire};
