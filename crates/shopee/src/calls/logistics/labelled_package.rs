//! A package whose label is asked about. An order that is not split is named without a package
//! number: the platform refuses a blank one (shopee.md §5.5).

use hawker_domain::OrderSn;
use serde_json::{Value, json};

/// The most packages of one call about labels.
pub const DOCUMENTS_PER_CALL_MAX: usize = 50;

/// A package.
#[derive(Clone, Debug)]
pub struct LabelledPackage {
    /// Its order.
    pub order: OrderSn,
    /// Its number, where the order is split.
    pub package_number: Option<String>,
    /// Which kind of label, in the platform's words, where it matters.
    pub document_type: Option<String>,
}

/// As the body of a call lists them.
pub(super) fn order_list(packages: &[LabelledPackage], with_type: bool) -> Value {
    packages
        .iter()
        .map(|package| {
            json!({
                "order_sn": package.order.as_str(),
                "package_number": package.package_number,
                "shipping_document_type": package.document_type.as_ref().filter(|_| with_type),
            })
        })
        .collect()
}
