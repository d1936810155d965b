//! An escrow as `payment/get_escrow_detail` writes it, and under the names of the batch's table. What this shop world cannot have is 0, and
//! adjustments are there only when there are any.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::world::{Charges, Escrow, Line, Order, Region, ReturnSn, Timestamp};

#[derive(Serialize)]
pub(super) struct EscrowWire<'a> {
    order_sn: &'a str,
    buyer_user_name: &'a str,
    return_order_sn_list: Vec<&'a ReturnSn>,
    order_income: IncomeWire<'a>,
    buyer_payment_info: BuyerPaymentWire<'a>,
}

macro_rules! amounts {
    ($(#[$meta:meta])* struct $name:ident $(<$life:lifetime>)? {
        $(amounts { $($amount:ident,)* })?
        $(other { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })?
    }) => {
        $(#[$meta])*
        #[derive(Default, Serialize)]
        struct $name $(<$life>)? {
            $($(#[serde(with = "crate::amount")] $amount: Decimal,)*)?
            $($($(#[$field_meta])* $field: $kind,)*)?
        }
    };
}

amounts! {
    struct IncomeWire<'a> {
        amounts {
            escrow_amount, escrow_amount_after_adjustment, buyer_total_amount, original_price,
            order_original_price, order_discounted_price, order_selling_price,
            order_seller_discount, seller_discount, shopee_discount, original_shopee_discount,
            voucher_from_seller, voucher_from_shopee, voucher_from_external_party, coins,
            buyer_paid_shipping_fee, buyer_transaction_fee, cross_border_tax, payment_promotion,
            commission_fee, service_fee, seller_transaction_fee, seller_lost_compensation,
            seller_coin_cash_back, escrow_tax, estimated_shipping_fee, final_shipping_fee,
            actual_shipping_fee, shipping_fee_sst, shopee_shipping_rebate,
            shipping_fee_discount_from_3pl, seller_shipping_discount, drc_adjustable_refund,
            cost_of_goods_sold, original_cost_of_goods_sold, seller_return_refund,
            reverse_shipping_fee, reverse_shipping_fee_sst, final_product_protection,
            credit_card_promotion, credit_card_transaction_fee, campaign_fee,
            rsf_seller_protection_fee_claim_amount, shipping_seller_protection_fee_amount,
            final_escrow_product_gst, final_escrow_shipping_gst,
            delivery_seller_protection_fee_premium_amount, total_adjustment_amount,
            order_ams_commission_fee, sales_tax_on_lvg, final_return_to_seller_shipping_fee,
            withholding_tax, overseas_return_service_fee, vat_on_imported_goods,
            withholding_vat_tax, withholding_pit_tax, seller_order_processing_fee,
            buyer_paid_packaging_fee, trade_in_bonus_by_seller, fbs_fee,
            ads_escrow_top_up_fee_or_technical_support_fee, th_import_duty,
        }
        other {
            seller_voucher_code: Vec<&'a str>,
            buyer_payment_method: &'a str,
            instalment_plan: &'a str,
            /// Taxes and deposits of single markets stay out of the answers to others.
            #[serde(skip_serializing_if = "Option::is_none", with = "crate::amount::option")]
            withholding_cit_tax: Option<Decimal>,
            #[serde(skip_serializing_if = "Option::is_none", with = "crate::amount::option")]
            bcrs_deposit: Option<Decimal>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            order_adjustment: Vec<AdjustmentWire<'a>>,
            items: Vec<ItemWire<'a>>,
        }
    }
}

amounts! {
    struct ItemWire<'a> {
        amounts {
            original_price, selling_price, discounted_price, seller_discount, shopee_discount,
            discount_from_coin, discount_from_voucher_shopee, discount_from_voucher_seller,
            ams_commission_fee,
        }
        other {
            item_id: i64,
            item_name: &'a str,
            item_sku: &'a str,
            model_id: i64,
            model_name: &'a str,
            model_sku: &'a str,
            line_item_id: i64,
            activity_type: &'a str,
            activity_id: i64,
            is_main_item: bool,
            quantity_purchased: u32,
            is_b2c_shop_item: bool,
        }
    }
}

amounts! {
    struct BuyerPaymentWire<'a> {
        amounts {
            buyer_total_amount, merchant_subtotal, shipping_fee, seller_voucher, shopee_voucher,
            shopee_coins_redeemed, insurance_premium, buyer_service_fee, buyer_tax_amount,
            credit_card_promotion, import_tax_amount, shipping_fee_sst_amount,
        }
        other {
            buyer_payment_method: &'a str,
            is_paid_by_credit_card: bool,
        }
    }
}

#[derive(Serialize)]
struct AdjustmentWire<'a> {
    #[serde(with = "crate::amount")]
    amount: Decimal,
    date: Timestamp,
    currency: &'static str,
    adjustment_reason: &'a str,
}

impl<'a> EscrowWire<'a> {
    pub fn of(order: &'a Order, escrow: &Escrow) -> Self {
        Self {
            order_sn: order.order_sn.as_str(),
            buyer_user_name: &order.buyer_username,
            return_order_sn_list: order.returns.iter().map(|entry| &entry.return_sn).collect(),
            order_income: income(order, escrow),
            buyer_payment_info: BuyerPaymentWire {
                buyer_total_amount: escrow.buyer_total_amount,
                merchant_subtotal: escrow.cost_of_goods_sold,
                shipping_fee: escrow.buyer_paid_shipping_fee,
                seller_voucher: -escrow.voucher_from_seller,
                shopee_voucher: -escrow.voucher_from_shopee,
                shopee_coins_redeemed: -escrow.coins,
                buyer_payment_method: &order.payment_method,
                ..BuyerPaymentWire::default()
            },
        }
    }
}

/// What the table of the batch calls otherwise, and how.
const NAMES_OF_BATCH: [(&str, &str); 3] = [
    (
        "shipping_fee_discount_from_3pl",
        "shipping_fee_discount_from_pl",
    ),
    ("trade_in_bonus_by_seller", "trade_in_bonus_seller"),
    (
        "shipping_seller_protection_fee_amount",
        "shipping_seller_protection_fee_premium_amount",
    ),
];

/// An escrow with the names that its members have in a batch.
pub(super) fn named_as_in_a_batch(mut escrow: Value) -> Value {
    let income = escrow.get_mut("order_income");
    if let Some(income) = income.and_then(Value::as_object_mut) {
        for (usual, name) in NAMES_OF_BATCH {
            let amount = income.remove(usual);
            income.extend(amount.map(|amount| (name.to_owned(), amount)));
        }
    }
    escrow
}

fn income<'a>(order: &'a Order, escrow: &Escrow) -> IncomeWire<'a> {
    IncomeWire {
        escrow_amount: escrow.escrow_amount,
        escrow_amount_after_adjustment: escrow.escrow_amount_after_adjustment,
        total_adjustment_amount: escrow.total_adjustment_amount,
        buyer_total_amount: escrow.buyer_total_amount,
        original_price: escrow.original_price,
        order_original_price: escrow.original_price,
        order_discounted_price: escrow.cost_of_goods_sold,
        order_selling_price: escrow.original_price,
        order_seller_discount: escrow.seller_discount,
        seller_discount: escrow.seller_discount,
        voucher_from_seller: escrow.voucher_from_seller,
        voucher_from_shopee: escrow.voucher_from_shopee,
        coins: escrow.coins,
        buyer_paid_shipping_fee: escrow.buyer_paid_shipping_fee,
        commission_fee: escrow.commission_fee,
        service_fee: escrow.service_fee,
        seller_transaction_fee: escrow.seller_transaction_fee,
        estimated_shipping_fee: escrow.actual_shipping_fee,
        final_shipping_fee: escrow.buyer_paid_shipping_fee + escrow.shopee_shipping_rebate
            - escrow.actual_shipping_fee,
        actual_shipping_fee: escrow.actual_shipping_fee,
        shopee_shipping_rebate: escrow.shopee_shipping_rebate,
        cost_of_goods_sold: escrow.cost_of_goods_sold + escrow.seller_return_refund,
        original_cost_of_goods_sold: escrow.cost_of_goods_sold,
        seller_return_refund: escrow.seller_return_refund,
        buyer_payment_method: &order.payment_method,
        instalment_plan: "N/A",
        withholding_cit_tax: order
            .region
            .taxes_corporate_income()
            .then_some(escrow.charges.withholding_cit_tax),
        bcrs_deposit: (order.region == Region::Sg).then_some(Decimal::ZERO),
        items: order
            .lines
            .iter()
            .filter(|line| line.to_ship() > 0)
            .map(item)
            .collect(),
        order_adjustment: order
            .payout
            .adjustments
            .iter()
            .map(|one| AdjustmentWire {
                amount: one.amount,
                date: one.at,
                currency: order.region.currency(),
                adjustment_reason: &one.reason,
            })
            .collect(),
        ..charged(&escrow.charges)
    }
}

/// Each charge in the field of its name, and nothing else.
fn charged<'a>(charges: &Charges) -> IncomeWire<'a> {
    let Charges {
        shopee_discount,
        original_shopee_discount,
        seller_coin_cash_back,
        shipping_fee_discount_from_3pl,
        reverse_shipping_fee,
        rsf_seller_protection_fee_claim_amount,
        final_return_to_seller_shipping_fee,
        campaign_fee,
        shipping_seller_protection_fee_amount,
        delivery_seller_protection_fee_premium_amount,
        final_escrow_product_gst,
        order_ams_commission_fee,
        escrow_tax,
        sales_tax_on_lvg,
        reverse_shipping_fee_sst,
        shipping_fee_sst,
        withholding_tax,
        overseas_return_service_fee,
        vat_on_imported_goods,
        withholding_vat_tax,
        withholding_pit_tax,
        seller_order_processing_fee,
        buyer_paid_packaging_fee,
        trade_in_bonus_by_seller,
        fbs_fee,
        ads_escrow_top_up_fee_or_technical_support_fee,
        th_import_duty,
        // Of a single market: the caller knows which.
        withholding_cit_tax: _,
    } = *charges;
    IncomeWire {
        shopee_discount,
        original_shopee_discount,
        seller_coin_cash_back,
        escrow_tax,
        shipping_fee_sst,
        shipping_fee_discount_from_3pl,
        reverse_shipping_fee,
        reverse_shipping_fee_sst,
        campaign_fee,
        rsf_seller_protection_fee_claim_amount,
        shipping_seller_protection_fee_amount,
        final_escrow_product_gst,
        delivery_seller_protection_fee_premium_amount,
        order_ams_commission_fee,
        sales_tax_on_lvg,
        final_return_to_seller_shipping_fee,
        withholding_tax,
        overseas_return_service_fee,
        vat_on_imported_goods,
        withholding_vat_tax,
        withholding_pit_tax,
        seller_order_processing_fee,
        buyer_paid_packaging_fee,
        trade_in_bonus_by_seller,
        fbs_fee,
        ads_escrow_top_up_fee_or_technical_support_fee,
        th_import_duty,
        ..IncomeWire::default()
    }
}

/// Amounts of an item are for all of its units.
fn item(line: &Line) -> ItemWire<'_> {
    let units = Decimal::from(line.to_ship());
    let listing = &line.listing;
    ItemWire {
        original_price: line.original_price * units,
        selling_price: line.original_price * units,
        discounted_price: line.paid_price * units,
        seller_discount: (line.original_price - line.paid_price) * units,
        item_id: listing.item_id,
        item_name: &listing.item_name,
        item_sku: &listing.item_sku,
        model_id: listing.model_id,
        model_name: &listing.model_name,
        model_sku: &listing.model_sku,
        line_item_id: line.line_item_id,
        activity_type: if line.bundle.is_some() {
            "bundle_deal"
        } else {
            ""
        },
        activity_id: line.bundle.map_or(0, |bundle| bundle.promotion_id),
        quantity_purchased: line.quantity,
        ..ItemWire::default()
    }
}
