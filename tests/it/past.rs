//! A shop that lived in the past, and jobs that are run by hand: what tests of recovery,
//! reconciliation and payouts share.

use std::time::Duration;

use hawker_app::config::Config;
use hawker_app::wiring::Adapters;
use hawker_domain::audit::Actor;
use hawker_domain::completeness::Window;
use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::JobName;
use hawker_ports::schedules::{RunRow, ScheduleLedger as _};
use hawker_shopee_emulator::{
    EmulatorConfig, NewOrder, OrderSn, PushPolicy, SystemWall, WallClock as _,
};
use hawker_tests::{Bench, CARD, until};

/// A shop whose clock stands still, so long ago: what happens in it lies in the past.
pub(crate) fn standing(ago: Duration) -> EmulatorConfig {
    let ago = i64::try_from(ago.as_secs()).expect("a time");
    EmulatorConfig {
        shop_time: Some(SystemWall.now() - ago),
        ..EmulatorConfig::default().at_speed(0.0)
    }
}

/// A service for such a shop, with plenty of cards.
pub(crate) async fn served(config: EmulatorConfig) -> Bench {
    let mut bench = Bench::of(config).await;
    bench.add_card(CARD, 1_000).await;
    bench.start_service().await;
    bench
}

/// A policy by which no push arrives; whether the platform keeps them is to be said.
pub(crate) fn none_arrives(are_kept: bool) -> PushPolicy {
    PushPolicy {
        drop: 1.0,
        dropped_are_lost: are_kept,
        ..PushPolicy::default()
    }
}

/// What an operator's command has at hand.
pub(crate) fn adapters(bench: &Bench) -> Adapters {
    let config = Config::read(&bench.settings.variables()).expect("settings");
    Adapters::for_command(&config).expect("the adapters")
}

/// Asks for a run of a job, as an operator does.
pub(crate) async fn asked(bench: &Bench, job: JobName, window: Option<Window>) -> JobRunId {
    let (jobs, actor) = (adapters(bench).manage_jobs(), Actor::terminal());
    let asked = jobs.ask(&bench.tenant, &actor, job, None, window).await;
    asked.expect("a run")
}

/// A run as it stands.
pub(crate) async fn run_of(bench: &Bench, id: JobRunId) -> RunRow {
    let found = bench.store.run(&bench.tenant, id).await;
    found.expect("the ledger").expect("the run")
}

/// Asks for a run and waits until a service has come to its end with it.
pub(crate) async fn ran(bench: &Bench, job: JobName, window: Option<Window>) -> RunRow {
    let id = asked(bench, job, window).await;
    until(
        &format!("a run of {job} to be over"),
        async || Some(run_of(bench, id).await).filter(|run| run.finished_at.is_some()),
        async || format!("{:#?}", run_of(bench, id).await),
    )
    .await
}

/// So many of something a run has counted.
pub(crate) fn count(run: &RunRow, of: &str) -> i64 {
    run.counts[of].as_i64().unwrap_or(0)
}

/// An order that has come so far in its life: 0 is not paid, 4 is completed.
pub(crate) fn lived(bench: &Bench, order: NewOrder, stage: usize) -> OrderSn {
    let shop = &bench.emulator;
    let sn = shop.place(order).expect("an order");
    go_on(bench, &sn, 0, stage);
    sn
}

/// Leads an order from one stage of its life to another.
pub(crate) fn go_on(bench: &Bench, sn: &OrderSn, from: usize, to: usize) {
    let shop = &bench.emulator;
    for stage in from..to {
        let moved = match stage {
            0 => shop.pay(sn),
            1 => shop.arrange_shipment(sn),
            2 => shop.pick_up(sn),
            _ => shop.complete(sn),
        };
        moved.expect("a step of its life");
    }
}
