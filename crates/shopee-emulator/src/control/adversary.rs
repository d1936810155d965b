//! Chaos, scenarios and random lives over the control API.

use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Refusal, done, read, told};
use crate::chaos::Chaos;
use crate::controls::Controls;
use crate::life::{LifeCourse, LifePlan};
use crate::scenario::Script;
use crate::sync::lock;

/// Most steps of a life in one call.
const STEPS_MAX: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioForm {
    name: String,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepsForm {
    #[serde(default = "one")]
    steps: u32,
}

const fn one() -> u32 {
    1
}

pub async fn set_chaos(controls: Data<Controls>, body: Bytes) -> Answer {
    controls.set_chaos(read::<Chaos>(&body)?);
    done()
}

pub async fn calm(controls: Data<Controls>) -> Answer {
    controls.calm();
    done()
}

pub async fn play(controls: Data<Controls>, body: Bytes) -> Answer {
    let ScenarioForm { name, seed } = read(&body)?;
    let script = Script::named(&name, seed)?;
    let number = controls.play(&script);
    let seconds = script.length().as_secs();
    told(&json!({ "number": number, "seconds": seconds }))
}

pub async fn script(controls: Data<Controls>, number: Path<u64>) -> Answer {
    let progress = controls.script(*number).ok_or(Refusal::NoSuchPath)?;
    told(&progress)
}

/// A new life takes the place of the one before.
pub async fn begin_life(controls: Data<Controls>, body: Bytes) -> Answer {
    let course = LifeCourse::new(read::<LifePlan>(&body)?);
    *lock(&controls.shared.life) = Some(course);
    done()
}

pub async fn lead_life(controls: Data<Controls>, body: Bytes) -> Answer {
    let StepsForm { steps } = read(&body)?;
    let mut life = lock(&controls.shared.life);
    let course = life.as_mut().ok_or(Refusal::NoLife)?;
    let made: Vec<_> = (0..steps.min(STEPS_MAX))
        .map_while(|_| course.next_step(&controls))
        .collect();
    told(&json!({ "steps": made, "over": course.is_over() }))
}
