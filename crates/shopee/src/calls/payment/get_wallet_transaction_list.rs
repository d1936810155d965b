//! `GET payment/get_wallet_transaction_list` (shopee.md §5.2): the ledger of a local shop's wallet,
//! kept whole: the platform adds kinds of entries as it likes.

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// Asks for a page of the ledger.
#[derive(Clone, Debug)]
pub struct GetWalletTransactionList {
    /// From when on and until when, at most fifteen days; the platform's choice where it is left
    /// out.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Entries of a page.
    pub page_size: u32,
    /// The page, from 0.
    pub page_no: u32,
    /// `MONEY_IN` or `MONEY_OUT`.
    pub money_flow: Option<String>,
    /// One kind of entries, in the platform's words.
    pub transaction_type: Option<String>,
}

/// The first page of everything.
impl Default for GetWalletTransactionList {
    fn default() -> Self {
        Self {
            window: None,
            page_size: PAGE_SIZE_MAX,
            page_no: 0,
            money_flow: None,
            transaction_type: None,
        }
    }
}

impl Call for GetWalletTransactionList {
    const ENDPOINT: Endpoint = Endpoint::get(
        "payment.get_wallet_transaction_list",
        "/payment/get_wallet_transaction_list",
    );
    type Reply = WalletTransactionsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("page_no", self.page_no)
            .with("page_size", self.page_size)
            .with_some(
                "create_time_from",
                self.window.map(|(from, _)| from.timestamp()),
            )
            .with_some("create_time_to", self.window.map(|(_, to)| to.timestamp()))
            .with_some("money_flow", self.money_flow.as_deref())
            .with_some("transaction_type", self.transaction_type.as_deref())
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct WalletTransactionsWire {
    pub transaction_list: List<Verbatim<WalletTransactionWire>>,
    pub more: Field<bool>,
}

/// An entry of the ledger.
#[derive(Debug, Deserialize)]
pub struct WalletTransactionWire {
    pub status: Field<String>,
    pub transaction_type: Field<String>,
    pub amount: Field<Decimal>,
    pub current_balance: Field<Decimal>,
    pub create_time: Field<Timestamp>,
    pub order_sn: Field<String>,
    pub refund_sn: Field<String>,
    pub transaction_fee: Field<Decimal>,
    pub withdrawal_id: Field<i64>,
    pub reason: Field<String>,
    pub money_flow: Field<String>,
}
