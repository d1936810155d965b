//! A short proof, with everything that a long one has: two processes, a Postgres of its own, kills.

use std::time::Duration;

use hawker_tests::prove::{Kind, Proof, Setup, Sizes};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_everything_goes_wrong_and_processes_are_killed() {
    let setup = Setup {
        sizes: Sizes {
            seed: seed(),
            orders: 60,
            kills: 4,
            restarts: 1,
            cuts: 3,
            chaos: 50,
        },
        kind: Kind::Process,
        owns_database: true,
        pace: Duration::from_millis(25),
        patience: Duration::from_mins(1),
        weather: None,
        has_late_card: true,
        settings: Vec::new(),
    };
    let proof = Proof::prepare(setup).await.expect("a proof");
    let report = proof.run(&mut |_| {}).await;
    let report = report.expect("it is led to its end");
    assert!(report.holds(), "{report}");
}

/// The same seed gives the same plan; `HAWKER_TESTS_SEED` gives others.
fn seed() -> u64 {
    let chosen = std::env::var("HAWKER_TESTS_SEED").ok();
    chosen.map_or(20_261_121, |seed| seed.parse().expect("a number"))
}
