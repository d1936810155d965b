//! `POST logistics/get_shipping_document_parameter` (shopee.md §5.5): which labels packages may have.
//! A question, although it is a POST.

use serde::Deserialize;
use serde_json::json;

use super::labelled_package::{LabelledPackage, order_list};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Texts};

/// Asks which labels packages may have.
#[derive(Clone, Debug)]
pub struct GetShippingDocumentParameter {
    /// The packages.
    pub packages: Vec<LabelledPackage>,
}

impl Call for GetShippingDocumentParameter {
    const ENDPOINT: Endpoint = Endpoint::post(
        "logistics.get_shipping_document_parameter",
        "/logistics/get_shipping_document_parameter",
    );
    type Reply = DocumentParametersWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_body(json!({"order_list": order_list(&self.packages, false)}))
            .about_orders(self.packages.len())
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct DocumentParametersWire {
    pub result_list: List<DocumentParameterWire>,
}

/// Of one package.
#[derive(Debug, Deserialize)]
pub struct DocumentParameterWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
    pub suggest_shipping_document_type: Field<String>,
    #[serde(default)]
    pub selectable_shipping_document_type: Texts,
    /// Why this one has none, where it does not.
    pub fail_error: Field<String>,
    pub fail_message: Field<String>,
}
