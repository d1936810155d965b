//! Many workers, one queue.

use std::collections::BTreeSet;
use std::sync::Arc;

use hawker_domain::event::{EventOutcome, NewEvent};
use hawker_ports::inbox::WorkResult;
use hawker_ports::testing::examples::{after_noon, noon};
use tokio::task::JoinSet;

use crate::workshop::{Workshop, some_day};

const ORDERS: u32 = 300;
const EVENTS_EACH: i64 = 3;
const WORKERS: usize = 8;

/// Three events of each order, interleaved as they come in life.
fn backlog(workshop: &Workshop) -> Vec<NewEvent> {
    (0..EVENTS_EACH)
        .flat_map(|round| (0..ORDERS).map(move |number| (round, number)))
        .map(|(round, number)| {
            let seconds = round * i64::from(ORDERS) + i64::from(number);
            workshop.push(&format!("2501{number:06}"), seconds)
        })
        .collect()
}

#[tokio::test]
async fn eight_workers_never_claim_the_same_order_and_leave_none() -> anyhow::Result<()> {
    let workshop = Arc::new(Workshop::new().await?);
    workshop.store(&backlog(&workshop)).await?;
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let workshop = workshop.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let mut uow = workshop.begin().await?;
                let request = workshop.request(after_noon(10_000), 7);
                let batch = uow.inbox().claim(&request).await?;
                uow.commit().await?;
                match batch {
                    Some(batch) => claimed.extend(batch.orders),
                    None => return anyhow::Ok(claimed),
                }
            }
        });
    }
    let mut seen = BTreeSet::new();
    let mut events = 0;
    while let Some(claimed) = workers.join_next().await {
        for order in claimed?? {
            events += order.events.len();
            assert!(
                seen.insert(order.order_sn.clone()),
                "{} twice",
                order.order_sn
            );
        }
    }
    // Whoever found everything locked by others went home early: one look more takes the rest.
    while let Some(batch) = workshop.claim(after_noon(10_000)).await? {
        for order in batch.orders {
            events += order.events.len();
            assert!(
                seen.insert(order.order_sn.clone()),
                "{} twice",
                order.order_sn
            );
        }
    }
    assert_eq!(seen.len(), usize::try_from(ORDERS)?);
    assert_eq!(events, seen.len() * usize::try_from(EVENTS_EACH)?);
    Ok(())
}

#[tokio::test]
async fn workers_that_come_at_the_same_time_get_different_work() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop.store(&backlog(&workshop)).await?;
    let mut first = workshop.begin().await?;
    let mut second = workshop.begin().await?;
    let request = workshop.request(after_noon(10_000), 10);
    let one = first.inbox().claim(&request).await?.expect("work");
    let request = workshop.request(after_noon(10_000), 10);
    let other = second
        .inbox()
        .claim(&request)
        .await?
        .expect("work, while the first is open");
    let numbers = |batch: &hawker_ports::inbox::ClaimedBatch| -> BTreeSet<_> {
        batch
            .orders
            .iter()
            .map(|order| order.order_sn.clone())
            .collect()
    };
    assert!(numbers(&one).is_disjoint(&numbers(&other)));
    assert_eq!((one.orders.len(), other.orders.len()), (10, 10));
    Ok(())
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_by_one_of_many() -> anyhow::Result<()> {
    let workshop = Arc::new(Workshop::new().await?);
    workshop.store(&[workshop.push("250101AAA", 0)]).await?;
    let lost = workshop.must_claim(noon()).await?;
    assert!(workshop.claim(after_noon(59)).await?.is_none());

    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let workshop = workshop.clone();
        workers.spawn(async move { workshop.claim(after_noon(60)).await });
    }
    let mut takers = Vec::new();
    while let Some(batch) = workers.join_next().await {
        takers.extend(batch??);
    }
    assert_eq!(takers.len(), 1);

    // The worker that lost it reports too late; the one that has it is heard.
    workshop.finish(&lost, &WorkResult::GaveUp).await?;
    workshop
        .finish(&takers[0], &WorkResult::Done(EventOutcome::Applied))
        .await?;
    assert!(workshop.claim(some_day()).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_retry_during_the_work_is_not_lost() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let event = workshop.push("250101AAA", 0);
    workshop.store(std::slice::from_ref(&event)).await?;
    let batch = workshop.must_claim(noon()).await?;
    let retried = sqlx::query("UPDATE shopee_raw_event SET processed = false WHERE id = $1")
        .bind(event.id.to_string())
        .execute(workshop.database.pool())
        .await?;
    assert_eq!(retried.rows_affected(), 1);
    workshop
        .finish(&batch, &WorkResult::Done(EventOutcome::Applied))
        .await?;
    let again = workshop.must_claim(some_day()).await?;
    assert_eq!(again.orders[0].events, [event.id]);
    workshop
        .finish(&again, &WorkResult::Done(EventOutcome::Applied))
        .await?;
    assert!(workshop.claim(some_day()).await?.is_none());
    Ok(())
}
