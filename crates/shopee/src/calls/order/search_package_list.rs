//! `POST order/search_package_list` (shopee.md §5.1): packages that are not shipped yet, by where
//! they stand. A question, although it is a POST.

use serde::Deserialize;
use serde_json::json;

use crate::calls::{PAGE_SIZE_MAX, next_page};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Where a package stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageStatus {
    /// Anywhere.
    All = 0,
    /// Not ready yet, or held.
    Pending = 1,
    /// Ready, its shipment is to be arranged.
    ToProcess = 2,
    /// Its shipment is arranged.
    Processed = 3,
}

/// By what packages are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageOrder {
    /// By when they must be shipped.
    ShipBy = 1,
    /// By when the order was created.
    Created = 2,
    /// By when the order was confirmed.
    Confirmed = 3,
}

/// Which packages are asked for; what is left out is the platform's choice.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Where they stand.
    pub status: Option<PackageStatus>,
    /// Where they are.
    pub locations: Vec<String>,
    /// Who carries them.
    pub channels: Vec<i64>,
    /// Whether an invoice is awaited.
    pub invoice_pending: Option<bool>,
}

/// Asks for a page of packages.
#[derive(Clone, Debug)]
pub struct SearchPackageList {
    /// Which.
    pub filter: PackageFilter,
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts; blank for the first.
    pub cursor: String,
    /// In which order, the first of them first.
    pub sort_by: Option<PackageOrder>,
}

/// The first page of what is to be processed.
impl Default for SearchPackageList {
    fn default() -> Self {
        Self {
            filter: PackageFilter {
                status: Some(PackageStatus::ToProcess),
                ..PackageFilter::default()
            },
            page_size: PAGE_SIZE_MAX,
            cursor: String::new(),
            sort_by: None,
        }
    }
}

impl Call for SearchPackageList {
    const ENDPOINT: Endpoint =
        Endpoint::post("order.search_package_list", "/order/search_package_list");
    type Reply = PackagesWire;

    fn arguments(&self) -> Arguments {
        let PackageFilter {
            status,
            locations,
            channels,
            invoice_pending,
        } = &self.filter;
        Arguments::default().with_body(json!({
            "filter": {
                "package_status": status.map(|status| status as u8),
                "product_location_ids": (!locations.is_empty()).then_some(locations),
                "logistics_channel_ids": (!channels.is_empty()).then_some(channels),
                "invoice_pending": invoice_pending,
            },
            "pagination": {"page_size": self.page_size, "cursor": self.cursor},
            "sort": self
                .sort_by
                .map(|order| json!({"sort_type": order as u8, "ascending": true})),
        }))
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct PackagesWire {
    pub packages_list: List<FoundPackageWire>,
    pub pagination: Option<PackagePaginationWire>,
}

impl PackagesWire {
    /// The cursor of the next page, where there is one.
    pub fn next(&self) -> Option<&str> {
        let pagination = self.pagination.as_ref()?;
        next_page(pagination.more, &pagination.next_cursor)
    }
}

/// How a list of packages goes on.
#[derive(Debug, Deserialize)]
pub struct PackagePaginationWire {
    pub total_count: Field<i64>,
    pub next_cursor: Field<String>,
    pub more: Field<bool>,
}

/// A package of the list.
#[derive(Debug, Deserialize)]
pub struct FoundPackageWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
    pub logistics_channel_id: Field<i64>,
    pub product_location_id: Field<String>,
    pub is_shipment_arranged: Field<bool>,
}
