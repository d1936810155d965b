//! A proof with everything that it needs: built up, led through, taken down.

use std::time::{Duration, Instant};

use hawker_app::config::Config;
use hawker_app::wiring::Adapters;
use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::{Chaos, EmulatorConfig, EscrowRelease, Life, PushSettings};

use super::cut::Cut;
use super::database::Database;
use super::fleet::{Fleet, Kind};
use super::front::Front;
use super::plan::{Plan, Sizes, catalogue};
use super::progress::Progress;
use super::report::Report;
use crate::bench::Bench;
use crate::listener::Listener;
use crate::oracle::{self, Witness};

/// The shop has been there for so long before the service comes.
const HISTORY: Duration = Duration::from_hours(12 * 24);

/// The shop's clock stays so far behind ours. Each change of an order makes it at least a second newer,
/// so that one which changes quickly is ahead of the shop's clock; it must not be ahead of ours, or no
/// list would show it yet.
const BEHIND: Duration = Duration::from_secs(45);

/// More than anybody buys.
pub(super) const PIECES: u32 = 200_000;

/// When a push that was not taken comes again, on the shop's clock: sooner than the real platform's, so
/// that a run sees all of them.
const PUSH_RETRIES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// How a proof is led.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How much of everything.
    pub sizes: Sizes,
    /// What the members of the fleet are.
    pub kind: Kind,
    /// A Postgres of its own, which can be crashed; else a database at `DATABASE_URL`.
    pub owns_database: bool,
    /// Between two steps of the shop's life.
    pub pace: Duration,
    /// How long anything may take to come to rest when the life is over.
    pub patience: Duration,
    /// How pushes and calls go wrong throughout, instead of what is planned.
    pub weather: Option<Chaos>,
    /// One card is not in our catalogue until the life is over: its orders are held, somebody is told of
    /// that, and that it is over.
    pub has_late_card: bool,
    /// Variables of the service, besides those of every proof.
    pub settings: Vec<(String, String)>,
}

/// A proof that is ready to be led. What is dropped first comes first.
pub struct Proof {
    pub(super) setup: Setup,
    pub(super) plan: Plan,
    pub(super) fleet: Fleet,
    pub(super) adapters: Adapters,
    pub(super) bench: Bench,
    pub(super) sink: Listener,
    pub(super) life: Life,
    /// A card that is still to be added.
    pub(super) late_card: Option<String>,
    pub(super) progress: Progress,
    pub(super) began: Instant,
    /// Our own way to the database; nothing is done to it.
    pub(super) home: Option<Cut>,
    pub(super) database: Option<Database>,
}

impl Proof {
    /// Builds everything up: the shop with its history, the database, two members of the fleet.
    pub async fn prepare(setup: Setup) -> anyhow::Result<Self> {
        let plan = Plan::of(setup.sizes);
        let database = if setup.owns_database {
            Some(Database::start().await?)
        } else {
            None
        };
        let home = match &database {
            Some(database) => Some(Cut::before(database.port()).await?),
            None => None,
        };
        let data = match (&database, &home) {
            (Some(database), Some(home)) => TestDatabase::at(home.url(database.url())).await,
            _ => TestDatabase::new().await,
        };
        let mut bench = Bench::on(data, shop(setup.sizes.seed)).await;
        let mut cards = catalogue();
        let late_card = if setup.has_late_card {
            cards.pop().map(|card| card.sku)
        } else {
            None
        };
        for card in cards {
            bench.add_card(&card.sku, PIECES).await;
        }
        let sink = Listener::start();
        bench.settings = settings(&bench, &sink, &setup);
        let life = live_history(&bench, &plan);
        let front = Front::before(2, bench.http.clone());
        let port = database.as_ref().map_or_else(
            || port_of(bench.settings.get("DATABASE_URL")),
            Database::port,
        );
        let mut fleet = Fleet::of(2, setup.kind, front, &bench.settings, port).await?;
        let origin = fleet.front.origin();
        bench.push_to(&origin).await;
        fleet.start_all().await?;
        let adapters = Adapters::for_command(&Config::read(&bench.settings.variables())?)?;
        Ok(Self {
            setup,
            plan,
            fleet,
            adapters,
            bench,
            sink,
            life,
            late_card,
            progress: Progress::default(),
            began: Instant::now(),
            home,
            database,
        })
    }

    /// Leads it to its end, and judges. `tell` hears of the progress now and then.
    pub async fn run(mut self, tell: &mut (dyn FnMut(&Progress) + Send)) -> anyhow::Result<Report> {
        let restless = self.drive(tell).await?;
        let mut restless = self.settle(restless, tell).await?;
        self.look().await;
        tell(&self.progress);
        let errors = self.fleet.errors();
        restless.extend(self.fleet.stop_all().await?);
        let witness = Witness {
            passed: self.fleet.front.passed(),
            heard: self.sink.heard(),
            restless,
            was_disturbed: self.fleet.kills > 0
                || self.progress.crashes > 0
                || self.setup.sizes.cuts > 0,
        };
        let checks = oracle::judge(&self.bench, &witness).await;
        Ok(Report {
            sizes: self.setup.sizes,
            progress: self.progress.clone(),
            checks,
            errors,
            took: self.began.elapsed(),
        })
    }
}

/// The emulator, standing still in the past.
fn shop(seed: u64) -> EmulatorConfig {
    let wall = hawker_shopee_emulator::WallClock::now(&hawker_shopee_emulator::SystemWall);
    let ago = i64::try_from(HISTORY.as_secs()).unwrap_or_default();
    EmulatorConfig {
        shop_time: Some(wall - ago),
        pushes: PushSettings {
            retry_after: PUSH_RETRIES.to_vec(),
            ..PushSettings::default()
        },
        ..EmulatorConfig::default().seeded(seed).at_speed(0.0)
    }
}

fn settings(bench: &Bench, sink: &Listener, setup: &Setup) -> crate::Settings {
    let always = "* * * * *";
    let settings = bench
        .settings
        .clone()
        .with("RUST_LOG", "info")
        .with("SHOPEE_ALERT_WEBHOOK_URL", &sink.origin())
        .with("HAWKER_ALERT_GATHER_SECONDS", "1")
        .with("HAWKER_ALERT_EVERY_MINUTES", "0")
        .with("HAWKER_ALERT_CALM_MINUTES", "0")
        .with("HAWKER_LOST_PUSH_SCHEDULE", always)
        .with("HAWKER_RECONCILE_SCHEDULE", always)
        .with("HAWKER_ESCROW_SCHEDULE", always);
    let own = setup.settings.iter();
    own.fold(settings, |settings, (name, value)| {
        settings.with(name, value)
    })
}

/// What happened in the shop before anybody listened; then its clock goes with ours.
fn live_history(bench: &Bench, plan: &Plan) -> Life {
    let shop = &bench.emulator;
    shop.set_escrow_release(EscrowRelease::ByHand);
    shop.charge_at_random(Some(plan.sizes.seed));
    shop.set_push_url(None);
    let mut life = shop.life(plan.life.clone());
    let mut random = fastrand::Rng::with_seed(plan.history_seed);
    let steps = u32::try_from(plan.history.max(1)).unwrap_or(u32::MAX);
    for _ in 0..plan.history {
        // Never more than there is, though every order adds some seconds of its own.
        shop.advance((HISTORY * 9 / 10 / steps).mul_f64(random.f64()));
        life.next_step();
    }
    let behind = u64::try_from(shop.wall_time() - shop.shop_time()).unwrap_or(0);
    shop.advance(Duration::from_secs(behind).saturating_sub(BEHIND));
    shop.set_speed(1.0);
    life
}

fn port_of(url: &str) -> u16 {
    let url = url::Url::parse(url).expect("the URL of a database");
    url.port().unwrap_or(5432)
}
