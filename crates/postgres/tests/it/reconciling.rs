//! Days that are compared: the same as in memory whatever happens in whatever order, and processes that
//! compare one day at the same time.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::event::EventOutcome;
use hawker_domain::ids::LeaseId;
use hawker_domain::order::OrderStatus;
use hawker_domain::{ConnectorName, Currency, Environment, OrderSn, TenantSlug, Timestamp, Zone};
use hawker_ports::inbox::{ClaimRequest, OrderReport, SeenOrder, WorkResult};
use hawker_ports::reconciliation::{DayDifference, OrdersOf, StandingDifference};
use hawker_ports::testing::examples::{self, after_noon, noon, order_sn, profile_id};
use hawker_ports::testing::{InMemoryStore, SequentialIds};
use hawker_ports::views::{CompletenessQuery, CompletenessRow, CompletenessViews};
use hawker_ports::{Store, StoreError};
use hawker_postgres::PgStore;
use hawker_postgres::testing::TestDatabase;
use tokio::task::JoinSet;

use crate::workshop::{PROFILE, wait_for_a_lock};

const ZONE: Zone = Zone::Asia__Singapore;

/// A store with its ids, so that two of them live through the same history.
struct World<S> {
    store: S,
    tenant: TenantSlug,
    ids: SequentialIds,
}

/// What can be seen of the days after a step.
#[derive(Debug, PartialEq)]
struct Seen {
    difference: Option<DayDifference>,
    standing: Vec<StandingDifference>,
    unasked: Vec<OrderSn>,
    days: Vec<CompletenessRow>,
}

fn orders() -> OrdersOf {
    OrdersOf {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: profile_id(PROFILE),
    }
}

fn day(date: &str) -> Day {
    Day::of(date.parse().expect("a date"), ZONE).expect("a day")
}

impl<S: Store + CompletenessViews> World<S> {
    async fn of(store: S) -> Result<Self, StoreError> {
        let world = Self {
            store,
            tenant: TenantSlug::default_tenant(),
            ids: SequentialIds::default(),
        };
        let mut uow = world.store.begin(&world.tenant).await?;
        uow.profiles()
            .save(&examples::profile(PROFILE), noon())
            .await?;
        uow.commit().await?;
        Ok(world)
    }

    /// An order is heard of and seen.
    async fn see(
        &self,
        number: &str,
        placed_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut uow = self.store.begin(&self.tenant).await?;
        let event = examples::push(PROFILE, number, now, &self.ids);
        uow.inbox().store(&[event]).await?;
        uow.commit().await?;
        let request = ClaimRequest {
            lease: LeaseId::fresh(&self.ids),
            now,
            lease_until: now + TimeDelta::seconds(60),
            orders_max: 50,
            except: Vec::new(),
        };
        let mut uow = self.store.begin(&self.tenant).await?;
        let batch = uow.inbox().claim(&request).await?.expect("the event");
        let seen = SeenOrder {
            status: OrderStatus::ReadyToShip,
            updated_at: now,
            placed_at,
            ship_by: None,
            currency: Currency::SGD,
            total: None,
        };
        let reports = batch.orders.iter().map(|order| OrderReport {
            order_sn: order.order_sn.clone(),
            events: order.events.clone(),
            result: WorkResult::Done(EventOutcome::Unchanged),
            seen: Some(seen.clone()),
            made: None,
        });
        let reports: Vec<_> = reports.collect();
        uow.inbox().finish(&batch, &reports, now).await?;
        uow.commit().await
    }

    async fn note(
        &self,
        day: &Day,
        part: Window,
        listed: &[OrderSn],
        now: Timestamp,
    ) -> Result<DayDifference, StoreError> {
        let mut uow = self.store.begin(&self.tenant).await?;
        let mut difference = uow
            .reconciliation()
            .note_day(&orders(), day, part, listed, now)
            .await?;
        uow.commit().await?;
        difference.missing.sort();
        difference.unlisted.sort();
        Ok(difference)
    }

    async fn standing(
        &self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError> {
        let mut uow = self.store.begin(&self.tenant).await?;
        let mut standing = uow.reconciliation().standing(found_before).await?;
        uow.reconciliation().told(&standing).await?;
        uow.commit().await?;
        standing.sort_by_key(|one| one.day);
        // Each store has a name of its own for the same orders.
        for one in &mut standing {
            one.state.clear();
        }
        Ok(standing)
    }

    async fn unasked(&self, now: Timestamp) -> Result<Vec<OrderSn>, StoreError> {
        let mut uow = self.store.begin(&self.tenant).await?;
        let unasked = uow.reconciliation().unasked(now, now, 3).await?;
        Ok(unasked.into_iter().map(|(_, order_sn)| order_sn).collect())
    }

    async fn days(&self) -> Result<Vec<CompletenessRow>, StoreError> {
        let query = CompletenessQuery {
            profile: profile_id(PROFILE),
            zone: ZONE,
            from: day("2026-01-04").date,
            to: day("2026-01-06").date,
        };
        self.store.completeness(&self.tenant, &query).await
    }
}

/// What happens next, the same for both.
#[derive(Debug)]
enum Step {
    See {
        number: String,
        placed_at: Timestamp,
    },
    Note {
        day: Day,
        part: Window,
        listed: Vec<OrderSn>,
    },
    Standing,
}

/// Numbers that look random and are the same for one seed (Knuth's multiplier).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// An order is always placed at the same moment, on one of two days.
    fn order(&mut self) -> (String, Timestamp) {
        let number = self.below(16);
        let hours = TimeDelta::hours(i64::try_from(number).expect("small") * 3);
        let placed_at = day("2026-01-04").window.from + hours;
        (format!("2501010{number:02}"), placed_at)
    }

    fn step(&mut self) -> Step {
        match self.below(5) {
            0 | 1 => {
                let (number, placed_at) = self.order();
                Step::See { number, placed_at }
            }
            2 | 3 => self.note(),
            _ => Step::Standing,
        }
    }

    /// Lists what was placed in the part, its end included, with one left out now and then.
    fn note(&mut self) -> Step {
        let day = day(["2026-01-04", "2026-01-05"][usize::from(self.below(2) == 0)]);
        let (begin, end) = match self.below(3) {
            0 => (0, 24),
            1 => (0, 3 * (1 + self.below(8))),
            _ => {
                let begin = 3 * self.below(8);
                (begin, (begin + 3 * (1 + self.below(4))).min(24))
            }
        };
        let at = |hours| day.window.from + TimeDelta::hours(i64::try_from(hours).expect("small"));
        let part = Window {
            from: at(begin),
            to: at(end),
        };
        let mut listed = BTreeSet::new();
        for number in 0..16 {
            let placed_at = self::day("2026-01-04").window.from + TimeDelta::hours(number * 3);
            let is_of_part = part.from <= placed_at && placed_at < part.to;
            let is_left_out = self.below(8) == 0;
            if placed_at == part.to || is_of_part && !is_left_out {
                listed.insert(order_sn(&format!("2501010{number:02}")));
            }
        }
        Step::Note {
            day,
            part,
            listed: listed.into_iter().collect(),
        }
    }
}

async fn live<S: Store + CompletenessViews>(
    world: &World<S>,
    step: &Step,
    now: Timestamp,
) -> Result<Seen, StoreError> {
    let mut seen = Seen {
        difference: None,
        standing: Vec::new(),
        unasked: Vec::new(),
        days: Vec::new(),
    };
    match step {
        Step::See { number, placed_at } => world.see(number, *placed_at, now).await?,
        Step::Note { day, part, listed } => {
            seen.difference = Some(world.note(day, *part, listed, now).await?);
        }
        Step::Standing => {
            seen.standing = world.standing(now).await?;
            seen.unasked = world.unasked(now).await?;
        }
    }
    seen.days = world.days().await?;
    Ok(seen)
}

#[tokio::test]
async fn days_are_as_in_memory_whatever_happens_in_whatever_order() -> anyhow::Result<()> {
    for seed in 1..=6 {
        let database = TestDatabase::new().await;
        let stored = World::<PgStore>::of(database.store().clone()).await?;
        let in_memory =
            World::of(InMemoryStore::with_tenants([TenantSlug::default_tenant()])).await?;
        let mut chance = Chance(seed);
        let mut history = Vec::new();
        for turn in 0..60 {
            let step = chance.step();
            let now = after_noon(200_000 + turn * 100);
            let expected = live(&in_memory, &step, now).await?;
            let told = live(&stored, &step, now).await?;
            history.push(step);
            assert_eq!(told, expected, "seed {seed} after {history:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn processes_that_compare_a_day_at_the_same_time_count_each_order_once() -> anyhow::Result<()>
{
    let database = TestDatabase::new().await;
    let world = World::of(database.store().clone()).await?;
    let today = day("2026-01-05");
    let noon_of_day = today.window.from + TimeDelta::hours(12);
    world.see("250101AAA", today.window.from, noon()).await?;
    let listed = ["250101AAA", "250101BBB", "250101CCC"].map(order_sn);
    let morning = Window {
        from: today.window.from,
        to: noon_of_day,
    };
    world.note(&today, morning, &listed[..2], noon()).await?;
    world.see("250101BBB", today.window.from, noon()).await?;
    let mut first = world.store.begin(&world.tenant).await?;
    first
        .reconciliation()
        .note_day(&orders(), &today, morning, &listed[..2], noon())
        .await?;
    let store = database.store().clone();
    let tenant = world.tenant.clone();
    let all = listed.clone();
    let mut second = JoinSet::new();
    second.spawn(async move {
        let mut uow = store.begin(&tenant).await?;
        let difference = uow
            .reconciliation()
            .note_day(&orders(), &today, today.window, &all, noon())
            .await?;
        uow.commit().await?;
        anyhow::Ok(difference)
    });
    wait_for_a_lock(&database).await?;
    // What somebody is just comparing does not hold up whoever watches.
    assert_eq!(world.standing(after_noon(60)).await?, []);
    first.commit().await?;
    let difference = second.join_next().await.expect("the other process")??;
    assert_eq!(difference.missing, listed[2..]);
    let row = &world.days().await?[1];
    assert_eq!((row.listed, row.held, row.missing), (Some(3), 2, 1));
    Ok(())
}

/// The table of differences is not a second table of orders.
#[tokio::test]
async fn orders_that_agree_are_no_rows_of_their_own() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let world = World::of(database.store().clone()).await?;
    let today = day("2026-01-05");
    let listed = ["250101AAA", "250101BBB", "250101CCC"].map(order_sn);
    world.note(&today, today.window, &listed, noon()).await?;
    let rows = async || {
        let rows = sqlx::query_scalar("SELECT count(*) FROM tenant_default.connector_day_order");
        anyhow::Ok::<i64>(rows.fetch_one(database.pool()).await?)
    };
    assert_eq!(rows().await?, 3);
    for (number, seconds) in listed.iter().zip(1..) {
        let now = after_noon(seconds);
        world.see(number.as_str(), noon(), now).await?;
    }
    world.standing(after_noon(60)).await?;
    assert_eq!(rows().await?, 0);
    assert_eq!(world.days().await?[1].listed, Some(3));
    world
        .note(&today, today.window, &listed, after_noon(100))
        .await?;
    assert_eq!(rows().await?, 0);
    assert_eq!(world.days().await?[1].listed, Some(3));
    Ok(())
}
