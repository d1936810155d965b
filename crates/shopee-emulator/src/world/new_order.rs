//! What a buyer puts together at checkout, and how an order comes out of it.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::address::{Address, Masking};
use super::ids::{OrderSn, ShopId};

/// A checkout, built step by step or read from JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options of a checkout"
)]
pub struct NewOrder {
    /// The shop; the emulator's first one when absent.
    #[serde(default)]
    pub shop_id: Option<ShopId>,
    /// A number of one's own choice.
    #[serde(default)]
    pub order_sn: Option<OrderSn>,
    pub lines: Vec<NewLine>,
    /// Cash on delivery: ready to ship at once, paid later.
    #[serde(default)]
    pub cod: bool,
    /// Paid in the moment it is placed.
    #[serde(default)]
    pub paid: bool,
    #[serde(default)]
    pub own_courier: bool,
    #[serde(default)]
    pub tracking_comes_later: bool,
    /// `pending_terms` of an order that the platform holds, such as `SYSTEM_PENDING`.
    #[serde(default)]
    pub held_for: Vec<String>,
    #[serde(default)]
    pub needs_invoice: bool,
    #[serde(default)]
    pub buyer_username: Option<String>,
    #[serde(default)]
    pub buyer_user_id: Option<i64>,
    #[serde(default)]
    pub address: Option<Address>,
    #[serde(default)]
    pub masking: Masking,
    #[serde(default)]
    pub payment_method: Option<String>,
    #[serde(default)]
    pub message_to_seller: String,
    #[serde(default, with = "crate::amount")]
    pub buyer_shipping_fee: Decimal,
    #[serde(default, with = "crate::amount")]
    pub seller_voucher: Decimal,
    #[serde(default, with = "crate::amount")]
    pub shopee_voucher: Decimal,
    #[serde(default, with = "crate::amount")]
    pub coins: Decimal,
}

/// One line of a checkout. The SKU finds the shop's listing; an unknown one is listed first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    pub sku: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default = "one")]
    pub quantity: u32,
    /// Unit price before discounts.
    #[serde(with = "crate::amount")]
    pub price: Decimal,
    /// Unit price after discounts, when there are any.
    #[serde(default, with = "crate::amount::option")]
    pub discounted: Option<Decimal>,
    /// `false`: an item without variations, whose SKU is the item's.
    #[serde(default = "yes")]
    pub variation: bool,
    /// Lines with the same number form one bundle deal.
    #[serde(default)]
    pub bundle: Option<i32>,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

impl NewOrder {
    pub fn of(lines: impl IntoIterator<Item = NewLine>) -> Self {
        Self {
            shop_id: None,
            order_sn: None,
            lines: lines.into_iter().collect(),
            cod: false,
            paid: false,
            own_courier: false,
            tracking_comes_later: false,
            held_for: Vec::new(),
            needs_invoice: false,
            buyer_username: None,
            buyer_user_id: None,
            address: None,
            masking: Masking::default(),
            payment_method: None,
            message_to_seller: String::new(),
            buyer_shipping_fee: Decimal::ZERO,
            seller_voucher: Decimal::ZERO,
            shopee_voucher: Decimal::ZERO,
            coins: Decimal::ZERO,
        }
    }

    #[must_use]
    pub fn in_shop(mut self, shop_id: ShopId) -> Self {
        self.shop_id = Some(shop_id);
        self
    }

    #[must_use]
    pub fn numbered(mut self, order_sn: impl Into<OrderSn>) -> Self {
        self.order_sn = Some(order_sn.into());
        self
    }

    #[must_use]
    pub fn cash_on_delivery(mut self) -> Self {
        self.cod = true;
        self
    }

    #[must_use]
    pub fn paid_at_once(mut self) -> Self {
        self.paid = true;
        self
    }

    #[must_use]
    pub fn by_own_courier(mut self) -> Self {
        self.own_courier = true;
        self
    }

    #[must_use]
    pub fn tracked_later(mut self) -> Self {
        self.tracking_comes_later = true;
        self
    }

    #[must_use]
    pub fn held_for(mut self, term: &str) -> Self {
        self.held_for.push(term.to_owned());
        self
    }

    #[must_use]
    pub fn needing_invoice(mut self) -> Self {
        self.needs_invoice = true;
        self
    }

    #[must_use]
    pub fn bought_by(mut self, user_id: i64, username: &str) -> Self {
        self.buyer_user_id = Some(user_id);
        self.buyer_username = Some(username.to_owned());
        self
    }

    #[must_use]
    pub fn sent_to(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }

    #[must_use]
    pub fn masked(mut self, masking: Masking) -> Self {
        self.masking = masking;
        self
    }

    #[must_use]
    pub fn saying(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message_to_seller);
        self
    }

    #[must_use]
    pub fn with_shipping_fee(mut self, fee: Decimal) -> Self {
        self.buyer_shipping_fee = fee;
        self
    }

    #[must_use]
    pub fn with_seller_voucher(mut self, amount: Decimal) -> Self {
        self.seller_voucher = amount;
        self
    }

    #[must_use]
    pub fn with_shopee_voucher(mut self, amount: Decimal) -> Self {
        self.shopee_voucher = amount;
        self
    }
}

impl NewLine {
    /// A variation of an item: the SKU is the model's.
    pub fn new(sku: &str, price: Decimal) -> Self {
        Self {
            sku: sku.to_owned(),
            title: None,
            quantity: 1,
            price,
            discounted: None,
            variation: true,
            bundle: None,
        }
    }

    /// An item without variations: the SKU is the item's, `model_id` is 0.
    pub fn plain(sku: &str, price: Decimal) -> Self {
        Self {
            variation: false,
            ..Self::new(sku, price)
        }
    }

    #[must_use]
    pub fn times(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        self.title = Some(title.to_owned());
        self
    }

    #[must_use]
    pub fn discounted_to(mut self, price: Decimal) -> Self {
        self.discounted = Some(price);
        self
    }

    /// Part of a bundle deal: the order detail shows its price as 0.
    #[must_use]
    pub fn in_bundle(mut self, group: i32) -> Self {
        self.bundle = Some(group);
        self
    }
}
