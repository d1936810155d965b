//! Partner apps and the shops that authorised them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::consent::AUTHORISATION_DAYS_MAX;
use super::ids::{Serials, ShopId, Timestamp};
use super::listing::Listing;
use super::new_order::NewLine;
use super::region::Region;
use super::warehouse::Warehouse;

/// A partner's app in the platform's console.
#[derive(Clone, Debug)]
pub struct PartnerApp {
    pub partner_id: i64,
    /// Signs API calls; its bytes as they stand.
    pub partner_key: String,
    /// Signs pushes; empty until one is saved in the console.
    pub push_key: String,
    /// Where pushes go: the exact string as registered. None: pushes are off.
    pub push_url: Option<String>,
    /// The origin that the console has for redirects of authorisations. None: any is taken.
    pub redirect_origin: Option<String>,
    /// The partner key has run out; calls are refused until it is replaced.
    pub partner_key_expired: bool,
}

/// A shop as the emulator is told to set it up.
#[derive(Clone, Debug)]
pub struct Shop {
    pub shop_id: ShopId,
    pub partner_id: i64,
    pub name: String,
    pub region: Region,
    /// Access tokens that never expire.
    pub fixed_tokens: Vec<String>,
    /// The stock location of a shop with several warehouses.
    pub location_id: Option<String>,
    pub listings: Vec<Listing>,
    pub fees: FeeRates,
    /// Show `INVOICE_PENDING` in the order detail, too. The platform shows `READY_TO_SHIP`.
    pub shows_invoice_pending: bool,
    /// Put the quantity fields on every line, instead of only where something changed them.
    pub always_shows_quantities: bool,
}

/// What the platform keeps of each sale, as fractions of its base.
#[derive(Clone, Copy, Debug)]
pub struct FeeRates {
    /// Of the goods, less the seller's voucher.
    pub commission: Decimal,
    /// Of the goods, less the seller's voucher.
    pub service: Decimal,
    /// Of what the buyer pays.
    pub transaction: Decimal,
}

impl Default for FeeRates {
    fn default() -> Self {
        Self {
            commission: Decimal::new(6, 2),
            service: Decimal::new(15, 3),
            transaction: Decimal::new(218, 4),
        }
    }
}

impl PartnerApp {
    pub const DEFAULT_ID: i64 = 2_001_887;
}

impl Default for PartnerApp {
    fn default() -> Self {
        Self {
            partner_id: Self::DEFAULT_ID,
            partner_key: "test_partner_key_0123456789abcdef".to_owned(),
            push_key: "test_push_key_0123456789abcdef".to_owned(),
            push_url: None,
            redirect_origin: None,
            partner_key_expired: false,
        }
    }
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            shop_id: 14_701_711,
            partner_id: PartnerApp::DEFAULT_ID,
            name: "Kopi & Cards".to_owned(),
            region: Region::Sg,
            fixed_tokens: Vec::new(),
            location_id: None,
            listings: Vec::new(),
            fees: FeeRates::default(),
            shows_invoice_pending: false,
            always_shows_quantities: false,
        }
    }
}

/// A shop's standing towards the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Standing {
    Linked,
    /// The seller withdrew the authorisation.
    Unlinked,
    Banned,
    /// It cannot sell, and its API goes on.
    Frozen,
}

impl Standing {
    /// As `shop/get_shop_info` has it. An app never sees a shop that is not linked.
    pub const fn shop_status(self) -> &'static str {
        match self {
            Self::Linked | Self::Unlinked => "NORMAL",
            Self::Banned => "BANNED",
            Self::Frozen => "FROZEN",
        }
    }
}

/// A shop within the running world.
#[derive(Clone, Debug)]
pub(crate) struct OpenShop {
    pub shop: Shop,
    pub standing: Standing,
    pub authorised_at: Timestamp,
    pub authorised_until: Timestamp,
    /// None: the shop is not on the list for several warehouses.
    pub warehouses: Option<Vec<Warehouse>>,
}

impl OpenShop {
    /// A year, the longest authorisation there is.
    const AUTHORISATION_SECONDS: i64 = AUTHORISATION_DAYS_MAX as i64 * 86_400;

    pub fn new(shop: Shop, wall_now: Timestamp) -> Self {
        Self {
            shop,
            standing: Standing::Linked,
            authorised_at: wall_now,
            authorised_until: wall_now + Self::AUTHORISATION_SECONDS,
            warehouses: None,
        }
    }

    /// The app may act for the shop, as far as the seller is concerned.
    pub fn is_authorised(&self, wall_now: Timestamp) -> bool {
        self.standing != Standing::Unlinked && wall_now < self.authorised_until
    }

    /// The listing that a line means; made on the spot when the shop has none with this SKU.
    pub fn listing_for(
        &mut self,
        line: &NewLine,
        serials: &mut Serials,
        now: Timestamp,
    ) -> Listing {
        let known = self.shop.listings.iter().find(|listing| {
            listing.sku() == line.sku && listing.has_variations() == line.variation
        });
        if let Some(listing) = known {
            return listing.clone();
        }
        let listing = new_listing(line, serials, now);
        self.shop.listings.push(listing.clone());
        listing
    }
}

fn new_listing(line: &NewLine, serials: &mut Serials, now: Timestamp) -> Listing {
    let item_name = line
        .title
        .clone()
        .unwrap_or_else(|| format!("Card {}", line.sku));
    let (model_id, model_name, item_sku, model_sku) = if line.variation {
        (
            serials.listing_id(),
            "Near Mint".to_owned(),
            String::new(),
            line.sku.clone(),
        )
    } else {
        (0, String::new(), line.sku.clone(), String::new())
    };
    Listing {
        item_id: serials.listing_id(),
        model_id,
        item_name,
        model_name,
        item_sku,
        model_sku,
        price: line.price,
        weight: Decimal::new(1, 2),
        stock: Listing::DEFAULT_STOCK,
        listed_at: now,
    }
}
