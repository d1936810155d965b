//! Escrows over the control API.

use actix_web::web::{Bytes, Data, Path};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::answer::{Answer, read, told};
use crate::controls::Controls;
use crate::world::{OrderSn, WorldError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EscrowForm {
    #[serde(default, with = "crate::amount::option")]
    unexplained: Option<Decimal>,
    adjust: Option<AdjustmentForm>,
    #[serde(default)]
    release: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdjustmentForm {
    #[serde(with = "crate::amount")]
    amount: Decimal,
    #[serde(default)]
    reason: String,
}

pub async fn escrow(controls: Data<Controls>, sn: Path<OrderSn>) -> Answer {
    tell(&controls, &sn)
}

pub async fn change(controls: Data<Controls>, sn: Path<OrderSn>, body: Bytes) -> Answer {
    let form: EscrowForm = read(&body)?;
    if let Some(amount) = form.unexplained {
        controls.plant_unexplained(&sn, amount)?;
    }
    if let Some(AdjustmentForm { amount, reason }) = form.adjust {
        controls.adjust_escrow(&sn, amount, &reason)?;
    }
    if form.release {
        controls.release_escrow(&sn)?;
    }
    tell(&controls, &sn)
}

fn tell(controls: &Controls, sn: &OrderSn) -> Answer {
    let escrow = controls
        .escrow(sn)
        .ok_or_else(|| WorldError::UnknownOrder(sn.clone()))?;
    told(&escrow)
}
