//! Where the specifications are not to be taken at their word, each with the reason.

/// Where a specification is known to be wrong, or to be unlike what the platform answers.
pub struct Override {
    pub spec: &'static str,
    /// Dotted path of the field in the answer.
    pub field: &'static str,
    /// The JSON type that it really has.
    pub really: &'static str,
    pub reason: &'static str,
}

const IN_SAMPLE: &str = "the table lags behind; the specification's own sample has it so";
const IN_FORMULA: &str = "the table has the usual name; the batch's own formula has this one";
const IN_SINGLE: &str = "the table lags behind; the call for a single order has it";

/// The batch writes what the call for a single order writes.
const fn batch(field: &'static str, really: &'static str, reason: &'static str) -> Override {
    Override {
        spec: "v2.payment.get_escrow_detail_batch",
        field,
        really,
        reason,
    }
}

pub const OVERRIDES: [Override; 18] = [
    Override {
        spec: "v2.order.get_order_detail",
        field: "response.order_list.item_list.product_location_id",
        really: "string[]",
        reason: "the table says string; the specification's own sample has an array",
    },
    Override {
        spec: "v2.order.get_order_detail",
        field: "response.order_list.package_list.parcel_chargeable_weight_gram",
        really: "int",
        reason: "the table says parcel_chargeable_weight; the sample and real answers add _gram",
    },
    Override {
        spec: "v2.shop.get_shop_info",
        field: "error",
        really: "string",
        reason: "the table leaves the envelope out; the sample has it",
    },
    Override {
        spec: "v2.shop.get_shop_info",
        field: "message",
        really: "string",
        reason: "the table leaves the envelope out; the sample has it",
    },
    Override {
        spec: "v2.order.search_package_list",
        field: "message",
        really: "string",
        reason: "the table misspells it as mesage; the sample does not",
    },
    Override {
        spec: "v2.logistics.get_channel_list",
        field: "request_id",
        really: "string",
        reason: "the table leaves it out; the sample has it",
    },
    Override {
        spec: "v2.product.get_item_base_info",
        field: "response.item_list.stock_info_v2",
        really: "object",
        reason: "the table has it beside the items; the sample has it within each",
    },
    batch(
        "response.escrow_detail.order_income.buyer_paid_shipping_fee",
        "float",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.buyer_payment_method",
        "string",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.buyer_total_amount",
        "float",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.buyer_transaction_fee",
        "float",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.instalment_plan",
        "string",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.seller_return_refund",
        "float",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.seller_voucher_code",
        "string[]",
        IN_SAMPLE,
    ),
    batch(
        "response.escrow_detail.order_income.escrow_amount_after_adjustment",
        "float",
        IN_SINGLE,
    ),
    batch(
        "response.escrow_detail.order_income.total_adjustment_amount",
        "float",
        IN_SINGLE,
    ),
    batch(
        "response.escrow_detail.order_income.shipping_seller_protection_fee_premium_amount",
        "float",
        IN_FORMULA,
    ),
    batch(
        "response.escrow_detail.buyer_payment_info.buyer_service_fee",
        "float",
        IN_SAMPLE,
    ),
];

/// Fields that are null in real answers. All others must have their type.
pub const NULLABLE: [&str; 8] = [
    "pay_time",
    "invoice_data",
    "buyer_cpf_id",
    "dropshipper",
    "dropshipper_phone",
    "group_shipment_id",
    "merchant_id",
    "seller_logistic_has_configuration",
];
