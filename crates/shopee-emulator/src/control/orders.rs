//! Orders over the control API.

use actix_web::web::{Bytes, Data, Path};

use super::answer::{Answer, read, told};
use super::verb::VerbForm;
use crate::controls::Controls;
use crate::world::{NewOrder, OrderSn, WorldError};

pub async fn all(controls: Data<Controls>) -> Answer {
    told(&controls.orders())
}

pub async fn one(controls: Data<Controls>, sn: Path<String>) -> Answer {
    tell(&controls, &OrderSn::from(sn.into_inner()))
}

pub async fn place(controls: Data<Controls>, body: Bytes) -> Answer {
    let sn = controls.place(read::<NewOrder>(&body)?)?;
    tell(&controls, &sn)
}

pub async fn act(controls: Data<Controls>, path: Path<(OrderSn, String)>, body: Bytes) -> Answer {
    let (sn, name) = path.into_inner();
    let verb = read::<VerbForm>(&body)?.verb(&name)?;
    controls.act(&sn, &verb)?;
    tell(&controls, &sn)
}

fn tell(controls: &Controls, sn: &OrderSn) -> Answer {
    let order = controls
        .order(sn)
        .ok_or_else(|| WorldError::UnknownOrder(sn.clone()))?;
    told(&order)
}
