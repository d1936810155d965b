//! The database slow or away: the platform is answered in time all the same, nothing is said to be kept
//! that is not, and when the database is back everything catches up by itself.

use hawker_shopee_emulator::{EmulatorConfig, NewOrder, PushSettings};
use hawker_tests::prove::{Cut, Fleet, Front, Kind};
use hawker_tests::{Bench, CARD, assert_agrees, cards, until};
use std::time::Duration;
use url::Url;

const ORDERS: usize = 12;

/// A shop, a service, and the way from the one to the other's database.
struct Away {
    bench: Bench,
    fleet: Fleet,
}

impl Away {
    async fn begin() -> Self {
        let pushes = PushSettings {
            retry_after: [2, 4, 8].map(Duration::from_secs).to_vec(),
            ..PushSettings::default()
        };
        let config = EmulatorConfig {
            pushes,
            ..EmulatorConfig::default()
        };
        let mut bench = Bench::of(config).await;
        bench.add_card(CARD, 1_000).await;
        let front = Front::before(1, bench.http.clone());
        let url = Url::parse(bench.settings.get("DATABASE_URL")).expect("a URL");
        let port = url.port().unwrap_or(5432);
        let settings = bench.settings.clone();
        let mut fleet = Fleet::of(1, Kind::Inside, front, &settings, port)
            .await
            .expect("a fleet");
        fleet.start_all().await.expect("a service");
        let origin = fleet.front.origin();
        bench.push_to(&origin).await;
        Self { bench, fleet }
    }

    fn way(&self) -> &Cut {
        self.fleet.way(0)
    }

    fn place(&self) {
        for _ in 0..ORDERS {
            let order = NewOrder::of([cards(1)]).paid_at_once();
            self.bench.emulator.place(order).expect("an order");
        }
    }

    /// Waits until the platform has tried each push at least once more than it had.
    async fn until_tried(&self, attempts: u64) {
        let tried = || self.bench.emulator.stats().pushes.attempts;
        until(
            "every push to be tried",
            async || (tried() >= attempts).then_some(()),
            async || format!("{:?}", self.bench.emulator.stats().pushes),
        )
        .await;
    }

    /// The platform waits for three seconds. An answer that it did not wait for is none: it is not among
    /// those that went through the door.
    fn every_attempt_was_answered_in_time(&self) {
        let stats = self.bench.emulator.stats().pushes;
        let answers = self.fleet.front.answers();
        assert_eq!(answers.get(&0), None, "{answers:?}");
        let others: Vec<_> = answers
            .keys()
            .filter(|status| ![200, 503].contains(*status))
            .collect();
        assert!(others.is_empty(), "{answers:?}");
        let refused = answers.get(&503).copied().unwrap_or_default();
        assert_eq!(stats.failed_attempts, refused, "{stats:?} {answers:?}");
        assert!(refused > 0, "{answers:?}");
    }

    /// Nobody does anything but wait.
    async fn catches_up(&self) {
        let drained = async || {
            let pushes = self.bench.emulator.stats().pushes;
            (pushes.waiting == 0 && pushes.in_flight == 0).then_some(())
        };
        until("the last push", drained, async || {
            format!("{:?}", self.bench.emulator.stats().pushes)
        })
        .await;
        self.bench.finished().await;
        assert_agrees(&self.bench).await;
        assert_eq!(self.bench.emulator.stats().pushes.lost, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_pushes_are_refused_in_time_and_then_all_is_caught_up() {
    let away = Away::begin().await;
    away.place();
    away.until_tried(1).await;
    away.way().refuse();
    let before = away.bench.emulator.stats().pushes.attempts;
    away.place();
    away.until_tried(before + u64::try_from(ORDERS).expect("few"))
        .await;
    away.way().open();
    away.catches_up().await;
    away.every_attempt_was_answered_in_time();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_stands_still_pushes_are_refused_in_time_and_then_all_is_caught_up() {
    let away = Away::begin().await;
    away.place();
    away.until_tried(1).await;
    away.way().stall();
    let before = away.bench.emulator.stats().pushes.attempts;
    away.place();
    away.until_tried(before + u64::try_from(ORDERS).expect("few"))
        .await;
    away.way().open();
    away.catches_up().await;
    away.every_attempt_was_answered_in_time();
}
