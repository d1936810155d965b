//! `POST logistics/download_shipping_document` (shopee.md §5.5): labels to print, in one file: PDF,
//! HTML or ZIP. Only a refusal is JSON.

use serde_json::json;

use super::labelled_package::{LabelledPackage, order_list};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Document;

/// Downloads labels.
#[derive(Clone, Debug)]
pub struct DownloadShippingDocument {
    /// The packages; the platform does not put all carriers in one file.
    pub packages: Vec<LabelledPackage>,
    /// Which kind of label, in the platform's words, where it matters.
    pub document_type: Option<String>,
}

impl Call for DownloadShippingDocument {
    const ENDPOINT: Endpoint = Endpoint::post(
        "logistics.download_shipping_document",
        "/logistics/download_shipping_document",
    )
    .file();
    type Reply = Document;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_body(json!({
                "shipping_document_type": self.document_type,
                "order_list": order_list(&self.packages, false),
            }))
            .about_orders(self.packages.len())
    }
}
