//! What tests sell.

use hawker_shopee_emulator::{Emulator, NewLine, NewOrder, OrderSn};
use rust_decimal::Decimal;

pub fn money(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

pub fn one_card() -> NewOrder {
    NewOrder::of([NewLine::new("POK-OBF-223-NM-EN", money(1300))])
}

pub fn placed(emulator: &Emulator) -> OrderSn {
    emulator.place(one_card()).unwrap()
}
