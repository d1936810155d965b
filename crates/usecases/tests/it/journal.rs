//! Pushes that come in a crowd are put down first and filed then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::event::NewEvent;
use hawker_domain::order::OrderStatus;
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};
use hawker_ports::inbox::Filed;
use hawker_ports::profiles::ProfilesVersion;
use hawker_ports::pushes::{IntakeCounts, ReceivedPush};
use hawker_ports::testing::InMemoryStore;
use hawker_ports::testing::examples::{self, snapshot};
use hawker_ports::views::ExceptionSummary;
use hawker_ports::{Store, StoreError, UnitOfWork};
use hawker_usecases::receive_pushes::Received;
use hawker_usecases::{FileJournal, JournalLevel, ReceivePushes};

use crate::world::{PROFILE, World};

/// As many as are a crowd.
const CROWD: usize = 2;

impl World {
    fn filing(&self) -> FileJournal {
        FileJournal {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            level: self.journal.clone(),
        }
    }

    async fn file(&self) -> Filed {
        self.filing().run(&self.tenant).await.unwrap()
    }

    /// Pushes of as many orders.
    fn pushes(&self, count: usize) -> Vec<ReceivedPush> {
        let push = |number| self.order_push(&snapshot(&format!("A{number}"), OrderStatus::Unpaid));
        (0..count).map(push).collect()
    }

    /// The short way begins with the second batch of a second.
    async fn warm(&self) {
        let one = self.order_push(&snapshot("WARM", OrderStatus::Unpaid));
        let received = self.receive().run(&self.tenant, &[one]).await.unwrap();
        assert!(!received.is_journalled);
    }

    async fn received(&self, batch: &[ReceivedPush]) -> Received {
        self.receive().run(&self.tenant, batch).await.unwrap()
    }
}

#[tokio::test]
async fn a_crowd_is_put_down_and_is_work_once_it_is_filed() {
    let world = World::new().await;
    world.warm().await;
    let received = world.received(&world.pushes(CROWD)).await;
    let expected = Received {
        counts: IntakeCounts::default(),
        is_work_due: false,
        is_journalled: true,
    };
    assert_eq!(received, expected);
    assert_eq!(world.events().await.len(), 1);
    assert_eq!(world.backlog().await.due, 3, "what is put down is work");
    assert_eq!(
        world.file().await,
        Filed {
            batches: 1,
            stored: 2,
            duplicates: 0
        }
    );
    assert_eq!(world.events().await.len(), 1 + CROWD);
    assert_eq!(world.file().await, Filed::default());
}

#[tokio::test]
async fn a_push_that_comes_alone_is_in_the_inbox_when_it_is_acknowledged() {
    let world = World::new().await;
    world.warm().await;
    let received = world.received(&world.pushes(CROWD - 1)).await;
    assert_eq!((received.counts.stored, received.is_journalled), (1, false));
    assert_eq!(world.events().await.len(), CROWD);
}

/// Whatever may follow from it follows from it at once.
#[tokio::test]
async fn a_crowd_in_which_one_does_not_verify_is_not_put_down() {
    let world = World::new().await;
    world.warm().await;
    let mut crowd = world.pushes(CROWD);
    crowd[1].authorization = Some("guess".into());
    let received = world.received(&crowd).await;
    assert!(!received.is_journalled);
    assert_eq!((received.counts.stored, received.counts.unverified), (1, 1));
    assert_eq!(world.open().await, ["signature_mismatch"]);
}

impl World {
    /// One of order B1, by no known way. Put down between B0 and B2, and filed as far as that goes: answers
    /// how many were.
    async fn file_with_a_push_that_is_refused(&self) -> u32 {
        self.warm().await;
        let taken = self.events().await[0].id.parse().unwrap();
        let push = |number| examples::push(PROFILE, number, self.now(), &*self.ids);
        let refused = NewEvent {
            id: taken,
            ..push("B1")
        };
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let version = uow.profiles().version(ConnectorName::Shopee).await.unwrap();
        drop(uow);
        let batch = [push("B0"), refused, push("B2")];
        let put = self
            .store
            .put_in_journal(&self.tenant, ConnectorName::Shopee, &version, &batch);
        assert!(put.await.unwrap());
        self.file_all_that_goes().await
    }

    async fn file_all_that_goes(&self) -> u32 {
        let mut stored = 0;
        for _ in 0..10 {
            stored += self.file().await.stored;
        }
        stored
    }
}

/// It stays, and keeps nobody out.
#[tokio::test]
async fn a_push_that_the_inbox_refuses_rests_in_the_journal_and_all_others_are_filed() {
    let world = World::new().await;
    assert_eq!(world.file_with_a_push_that_is_refused().await, 2);
    assert_eq!(
        world.backlog().await.due,
        1 + 2 + 1 + 1,
        "the one that rests is told of, and its order is to be looked at"
    );
}

/// It was acknowledged: nobody sends it again.
#[tokio::test]
async fn the_order_of_a_push_that_the_inbox_refuses_is_looked_at_and_somebody_is_told_once() {
    let world = World::with_stock(5).await;
    world.file_with_a_push_that_is_refused().await;
    let of_order = |told: &ExceptionSummary| told.order_sn.as_deref() == Some("B1");
    let told = world.exceptions("open").await;
    let [told] = &told[..] else {
        panic!("{told:#?}");
    };
    assert!(of_order(told), "{told:#?}");
    assert_eq!(told.error_class, "medusa_workflow_failed");
    assert_eq!(told.cause, "push-refused");
    let next = "The order is looked at without it.";
    assert!(told.message.ends_with(next), "{}", told.message);

    let order = snapshot("B1", OrderStatus::Unpaid);
    world.marketplace.put(order);
    world.work().await;
    assert_eq!(world.order("B1").await.summary.sync_status, "created");
    for minutes in [6, 60, 600] {
        world.clock.advance(TimeDelta::minutes(minutes));
        assert_eq!(world.file_all_that_goes().await, 0, "it is refused again");
    }
    let mut open = world.exceptions("open").await;
    open.retain(of_order);
    assert!(open.is_empty(), "{open:#?}");
}

/// A store whose journal is filed before whoever put something down in it is told so.
struct FiledAtOnce {
    store: Arc<InMemoryStore>,
    filing: FileJournal,
}

#[async_trait]
impl Store for FiledAtOnce {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.store.begin(tenant).await
    }

    async fn put_in_journal(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<bool, StoreError> {
        let put = self
            .store
            .put_in_journal(tenant, connector, profiles, events)
            .await;
        self.filing.run(tenant).await?;
        put
    }
}

#[tokio::test]
async fn a_journal_that_is_filed_quickly_has_all_its_room() {
    let world = World::new().await;
    world.warm().await;
    let receive = ReceivePushes {
        store: Arc::new(FiledAtOnce {
            store: world.store.clone(),
            filing: world.filing(),
        }),
        ..world.receive()
    };
    for _ in 0..3 {
        let crowd = world.pushes(CROWD);
        let received = receive.run(&world.tenant, &crowd).await.unwrap();
        assert!(received.is_journalled);
        assert_eq!(world.file().await, Filed::default());
        assert!((world.filing().room() - 1.0).abs() < f64::EPSILON);
    }
    let put_down = world.received(&world.pushes(CROWD)).await;
    assert!(put_down.is_journalled);
    assert!(world.filing().room() < 1.0);
}

/// With two processes on one store, each files what the other has put down.
#[tokio::test]
async fn a_journal_that_another_process_has_filed_has_all_its_room() {
    let world = World::new().await;
    world.warm().await;
    for _ in 0..3 {
        assert!(world.received(&world.pushes(CROWD)).await.is_journalled);
        let of_another = FileJournal {
            level: JournalLevel::default(),
            ..world.filing()
        };
        assert_eq!(of_another.run(&world.tenant).await.unwrap().batches, 1);
        assert!(world.filing().room() < 1.0, "it does not know yet");
        assert_eq!(world.file().await, Filed::default());
        assert!((world.filing().room() - 1.0).abs() < f64::EPSILON);
    }
}

/// A store that counts how often it was asked to file at once.
struct AskedAtOnce {
    store: Arc<InMemoryStore>,
    times: AtomicUsize,
}

#[async_trait]
impl Store for AskedAtOnce {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.store.begin(tenant).await
    }

    async fn file_journal_at_once(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Option<Filed>, StoreError> {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.store
            .file_journal_at_once(tenant, now, batches_max)
            .await
    }
}

#[tokio::test]
async fn after_a_repetition_each_push_is_looked_for_until_eight_portions_had_none() {
    let world = World::new().await;
    world.warm().await;
    let store = Arc::new(AskedAtOnce {
        store: world.store.clone(),
        times: AtomicUsize::new(0),
    });
    let filing = FileJournal {
        store: store.clone(),
        ..world.filing()
    };
    let crowd = |name: &str| {
        [0, 1].map(|number| {
            world.order_push(&snapshot(&format!("{name}{number}"), OrderStatus::Unpaid))
        })
    };
    let put_down_and_file = async |name: &str| {
        assert!(world.received(&crowd(name)).await.is_journalled);
        let filed = filing.run(&world.tenant).await.unwrap();
        (filed.stored, filed.duplicates)
    };
    assert_eq!(put_down_and_file("A").await, (2, 0));
    assert_eq!(put_down_and_file("A").await, (0, 2));
    let asked = || store.times.load(Ordering::Relaxed);
    assert_eq!(asked(), 2);
    for name in ["B", "C", "D", "E", "F", "G", "H", "I"] {
        assert_eq!(put_down_and_file(name).await, (2, 0));
        assert_eq!(asked(), 2);
    }
    assert_eq!(put_down_and_file("J").await, (2, 0));
    assert_eq!(asked(), 3);
}
