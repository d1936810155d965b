//! `POST logistics/get_shipping_document_result` (shopee.md §5.5): whether labels are ready to be
//! downloaded. A question, although it is a POST.

use serde::Deserialize;
use serde_json::json;

use super::labelled_package::{LabelledPackage, order_list};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks whether labels are ready.
#[derive(Clone, Debug)]
pub struct GetShippingDocumentResult {
    /// The packages.
    pub packages: Vec<LabelledPackage>,
}

impl Call for GetShippingDocumentResult {
    const ENDPOINT: Endpoint = Endpoint::post(
        "logistics.get_shipping_document_result",
        "/logistics/get_shipping_document_result",
    );
    type Reply = DocumentResultsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_body(json!({"order_list": order_list(&self.packages, true)}))
            .about_orders(self.packages.len())
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct DocumentResultsWire {
    pub result_list: List<DocumentResultWire>,
}

/// Of one package.
#[derive(Debug, Deserialize)]
pub struct DocumentResultWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
    /// `READY`, `PROCESSING` or `FAILED`.
    pub status: Field<String>,
    /// Why this one has none, where it does not.
    pub fail_error: Field<String>,
    pub fail_message: Field<String>,
}
