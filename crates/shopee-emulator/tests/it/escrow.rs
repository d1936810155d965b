//! Escrows: when they can be read, and that they add up.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::client::{Caller, emulator};
use crate::goods::{money, one_card};

const ESCROW: &str = "/api/v2/payment/get_escrow_detail";

#[tokio::test]
async fn an_escrow_appears_some_time_after_completion_and_adds_up() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_escrow_delay(Duration::from_mins(10));
    let order = one_card()
        .with_shipping_fee(money(199))
        .with_seller_voucher(money(100));
    let sn = emulator.place(order.paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    let asked = [("order_sn", sn.as_str())];
    assert_eq!(caller.get(ESCROW, &asked).await.error(), "order_not_found");
    emulator.advance(Duration::from_mins(11));
    let income = caller.get(ESCROW, &asked).await.response()["order_income"].clone();
    let amount = |name: &str| income[name].to_string().parse::<Decimal>().unwrap();
    let expected = amount("original_cost_of_goods_sold") - amount("original_shopee_discount")
        + amount("seller_return_refund")
        + amount("shopee_discount")
        - amount("voucher_from_seller")
        + amount("buyer_paid_shipping_fee")
        - amount("actual_shipping_fee")
        + amount("shopee_shipping_rebate")
        - amount("seller_transaction_fee")
        - amount("service_fee")
        - amount("commission_fee");
    assert_eq!(amount("escrow_amount"), expected);
    assert_eq!(amount("commission_fee"), money(72));
    assert_eq!(
        caller.get(ESCROW, &[]).await.message(),
        "order_sn is required"
    );
}
