//! A shop with a catalogue, wired to the use cases.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use hawker_domain::alert::AlertPolicy;
use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::inventory::StockLevel;
use hawker_domain::order::OrderSnapshot;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{ConnectorName, Environment, IdSource, OrderSn, TenantSlug, Timestamp};
use hawker_ports::background::Task;
use hawker_ports::push_console::PushSettings;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::{
    FakeAuthoriser, FakeMarketplace, FakePushConsole, FakePushes, FakeShopDesk, FixedSkew,
    FrozenClock, InMemoryStore, NoBackground, PlainMint, PlainSealer, RecordingMetrics,
    RecordingSink, SequentialIds, examples,
};
use hawker_ports::tokens::StoredToken;
use hawker_ports::views::{
    Backlog, EventFilter, EventSummary, ExceptionFilter, ExceptionSummary, PageRequest, Views as _,
};
use hawker_ports::{Background, Store as _};
use hawker_usecases::add_variants::{Place, VariantToAdd};
use hawker_usecases::refresh_orders::Refreshed;
use hawker_usecases::tokens::TokenSettings;
use hawker_usecases::{
    AddVariants, CaptureEscrow, DeliverAlerts, JournalLevel, Keyrings, ReceivePushes,
    RefreshOrders, ShopTokens, TellAlerts, TendExceptions, VerifyAgain,
};

pub const PROFILE: &str = "prof_sandbox";

/// The app of the profile.
pub const PARTNER: i64 = 1_000_001;

pub struct World {
    pub store: Arc<InMemoryStore>,
    pub marketplace: Arc<FakeMarketplace>,
    pub pushes: Arc<FakePushes>,
    pub authoriser: Arc<FakeAuthoriser>,
    pub skew: Arc<FixedSkew>,
    pub desk: Arc<FakeShopDesk>,
    pub console: Arc<FakePushConsole>,
    pub mint: Arc<PlainMint>,
    pub clock: Arc<FrozenClock>,
    pub ids: Arc<SequentialIds>,
    pub metrics: Arc<RecordingMetrics>,
    pub sink: Arc<RecordingSink>,
    /// The keys that a process remembers.
    pub keyrings: Keyrings,
    pub journal: JournalLevel,
    pub tenant: TenantSlug,
}

impl World {
    /// A tenant with one authorised sandbox shop and nothing else.
    pub async fn new() -> Self {
        let tenant = TenantSlug::default_tenant();
        let world = Self {
            store: Arc::new(InMemoryStore::with_tenants([tenant.clone()])),
            marketplace: Arc::default(),
            pushes: Arc::default(),
            authoriser: Arc::default(),
            skew: Arc::default(),
            desk: Arc::default(),
            console: Arc::default(),
            mint: Arc::default(),
            clock: Arc::new(FrozenClock::at(examples::noon())),
            ids: Arc::default(),
            metrics: Arc::default(),
            sink: Arc::default(),
            keyrings: Keyrings::default(),
            journal: JournalLevel::default(),
            tenant,
        };
        let mut uow = world.store.begin(&world.tenant).await.unwrap();
        uow.profiles()
            .save(&examples::profile(PROFILE), examples::noon())
            .await
            .unwrap();
        uow.tokens()
            .keep(&examples::token(PROFILE, &*world.ids), examples::noon())
            .await
            .unwrap();
        uow.commit().await.unwrap();
        world.authoriser.admit(examples::SHOP, "refresh-token");
        let settings = PushSettings {
            callback_url: examples::profile(PROFILE).registered_url,
            ..world.console.settings(PARTNER)
        };
        world.console.put(PARTNER, settings);
        world
    }

    /// The same with `pieces` of the usual card at one place.
    pub async fn with_stock(pieces: u32) -> Self {
        let world = Self::new().await;
        world.add_card(examples::SKU, pieces).await;
        world
    }

    pub async fn add_card(&self, sku: &str, pieces: u32) {
        let add = AddVariants {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let place = Place {
            code: "main".into(),
            name: "Main".into(),
            priority: 0,
        };
        let variant = VariantToAdd {
            sku: examples::sku(sku),
            title: format!("Card {sku}"),
            price: None,
            stock: vec![("main".into(), pieces)],
        };
        add.run(&self.tenant, &[place], &[variant], "test", "opening stock")
            .await
            .unwrap();
    }

    pub fn receive(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.store.clone(),
            reader: self.pushes.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: None,
            keyrings: self.keyrings.clone(),
            journal: self.journal.clone(),
        }
    }

    pub fn verify_again(&self) -> VerifyAgain {
        VerifyAgain {
            pushes: self.receive(),
        }
    }

    /// The tokens as one process looks after them. What it does ends when its caller is dropped.
    pub fn tokens(&self) -> ShopTokens {
        ShopTokens {
            store: self.store.clone(),
            authoriser: self.authoriser.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            sleeper: self.clock.clone(),
            background: Arc::new(NoBackground),
            settings: TokenSettings::default(),
        }
    }

    /// The pair of the shop as it is stored.
    pub async fn pair(&self) -> StoredToken {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let found = uow.tokens().find(examples::token_key()).await.unwrap();
        found.expect("a pair")
    }

    pub fn refresh(&self) -> RefreshOrders {
        RefreshOrders {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            tokens: Arc::new(self.tokens()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            retry: RetryPolicy {
                attempts_max: 4,
                ..RetryPolicy::ORDER
            },
        }
    }

    pub fn capture(&self) -> CaptureEscrow {
        CaptureEscrow {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            tokens: Arc::new(self.tokens()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    pub fn deliver(&self) -> DeliverAlerts {
        DeliverAlerts {
            store: self.store.clone(),
            turns: self.store.clone(),
            sink: self.sink.clone(),
            clock: self.clock.clone(),
            sleeper: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    /// Tells of exceptions with a policy that gathers for five seconds and knows no night.
    pub fn alerting(&self) -> TellAlerts {
        TellAlerts {
            store: self.store.clone(),
            policy: AlertPolicy {
                gather: Duration::from_secs(5),
                at_most_every: Duration::from_mins(15),
                remind_every: Some(Duration::from_hours(24)),
                calm: Duration::from_mins(2),
                quiet: None,
            },
            sinks: vec![RecordingSink::NAME.into()],
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    /// Tends for the sink that there is.
    pub fn tending(&self) -> TendExceptions {
        TendExceptions {
            store: self.store.clone(),
            turns: self.store.clone(),
            sinks: vec![RecordingSink::NAME.into()],
            since: examples::noon(),
            clock: self.clock.clone(),
        }
    }

    /// What has opened is gathered and told; answers how many messages were composed.
    pub async fn tell_all(&self) -> u64 {
        let tell = self.alerting();
        let before = tell.run(&self.tenant).await.unwrap();
        self.clock.advance(TimeDelta::seconds(5));
        before + tell.run(&self.tenant).await.unwrap()
    }

    /// A push of code 3 that says that an order changed when its snapshot says so.
    pub fn order_push(&self, snapshot: &OrderSnapshot) -> ReceivedPush {
        let number = &snapshot.order_sn;
        let content = PushContent {
            code: PushCode::ORDER_STATUS.0,
            shop: Some(examples::SHOP),
            order_sn: Some(number.clone()),
            updated_at: Some(snapshot.updated_at),
            content_key: format!("3:{number}:{}:{}", snapshot.status, snapshot.updated_at),
            is_json: true,
            ..PushContent::default()
        };
        self.push(content)
    }

    /// A genuine push with this content.
    pub fn push(&self, content: PushContent) -> ReceivedPush {
        let body = format!("{}#{}", content.content_key, content.code).into_bytes();
        self.pushes.put(body.clone(), content);
        ReceivedPush {
            tenant: self.tenant.clone(),
            environment: Environment::Sandbox,
            profile: None,
            body,
            authorization: Some("push-key".into()),
            event_id: None,
            received_at: self.now(),
        }
    }

    /// The marketplace changes the order and pushes it; everything due is worked on.
    pub async fn change(&self, snapshot: OrderSnapshot) {
        let push = self.order_push(&snapshot);
        self.marketplace.put(snapshot);
        self.receive().run(&self.tenant, &[push]).await.unwrap();
        self.work().await;
    }

    /// Works until nothing is due.
    pub async fn work(&self) {
        while self.refresh().run(&self.tenant).await.unwrap() != Refreshed::NothingDue {}
    }

    pub fn now(&self) -> Timestamp {
        hawker_ports::Clock::now(&*self.clock)
    }

    pub async fn events(&self) -> Vec<EventSummary> {
        self.store
            .events(&self.tenant, &EventFilter::default(), &all())
            .await
            .unwrap()
            .rows
    }

    pub async fn backlog(&self) -> Backlog {
        self.store.backlog(&self.tenant, self.now()).await.unwrap()
    }

    pub async fn exceptions(&self, status: &str) -> Vec<ExceptionSummary> {
        let filter = ExceptionFilter {
            status: Some(status.into()),
            ..ExceptionFilter::default()
        };
        self.store
            .exceptions(&self.tenant, &filter, &all())
            .await
            .unwrap()
            .rows
    }

    /// The classes of the open exceptions, sorted.
    pub async fn open(&self) -> Vec<String> {
        let mut classes: Vec<_> = self
            .exceptions("open")
            .await
            .into_iter()
            .map(|exception| exception.error_class)
            .collect();
        classes.sort();
        classes
    }

    /// Pieces on hand and reserved over all variants and places.
    pub fn stock(&self) -> StockLevel {
        let mut sum = StockLevel::default();
        for level in self.store.levels(&self.tenant).unwrap().values() {
            sum.on_hand += level.on_hand;
            sum.reserved += level.reserved;
        }
        sum
    }

    pub async fn order(&self, number: &str) -> hawker_ports::views::OrderDetail {
        self.store
            .order(&self.tenant, &sn(number))
            .await
            .unwrap()
            .expect("the order")
    }
}

pub fn sn(text: &str) -> OrderSn {
    examples::order_sn(text)
}

fn all() -> PageRequest {
    PageRequest {
        limit: 500,
        after: None,
    }
}

/// Ids come from somewhere in every test.
pub fn ids(world: &World) -> &dyn IdSource {
    &*world.ids
}

/// Tasks that go on when a test wants them to.
#[derive(Default)]
pub struct KeptTasks(Mutex<Vec<Task>>);

impl Background for KeptTasks {
    fn run(&self, task: Task) {
        self.0.lock().unwrap().push(task);
    }
}

impl KeptTasks {
    pub async fn run_to_their_ends(&self) {
        let tasks = std::mem::take(&mut *self.0.lock().unwrap());
        join_all(tasks).await;
    }
}
