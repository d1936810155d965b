//! Money: what is paid out for an order, what was released, and the shop's wallet. Amounts are in
//! major units of the shop's currency and exact.

mod get_escrow_detail;
mod get_escrow_detail_batch;
mod get_escrow_list;
mod get_income_detail;
mod get_payout_info;
mod get_wallet_transaction_list;

pub use get_escrow_detail::GetEscrowDetail;
pub use get_escrow_detail_batch::{
    ESCROWS_PER_CALL_ADVISED, ESCROWS_PER_CALL_MAX, EscrowBatchWire, EscrowOfBatchWire,
    GetEscrowDetailBatch,
};
pub use get_escrow_list::{EscrowReleasesWire, GetEscrowList, ReleaseWire};
pub use get_income_detail::{GetIncomeDetail, IncomeStatus, IncomeWire, IncomesWire};
pub use get_payout_info::{GetPayouts, PayoutWire, PayoutsWire};
pub use get_wallet_transaction_list::{
    GetWalletTransactionList, WalletTransactionWire, WalletTransactionsWire,
};
