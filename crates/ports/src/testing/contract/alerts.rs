//! Alerts wait until a sink has taken them.

use hawker_domain::alert::{Alert, AlertPayload};
use hawker_domain::exception::{Cause, ErrorClass, Subject};
use hawker_domain::ids::{AlertId, ExceptionId, LeaseId};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, LEASE, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::alerts::DueAlert;
use crate::testing::examples::{SHOP, after_noon, noon, order_sn, profile_id};

/// The sink that most alerts are for.
const SINK: &str = "telegram";

/// And no more of them than asked for.
pub async fn alerts_are_due_at_once_and_oldest_first(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let alerts = [10, 0, 5].map(|seconds| (seconds, alert(&bench)));
    for (seconds, alert) in &alerts {
        enqueue(&bench, alert, after_noon(*seconds)).await?;
    }
    let [(_, last), (_, first), (_, second)] = alerts;
    assert!(claim(&bench, after_noon(-1), 10).await?.is_empty());
    let due = claim(&bench, after_noon(10), 2).await?;
    let due: Vec<_> = due
        .into_iter()
        .map(|due| (due.alert, due.attempts))
        .collect();
    assert_eq!(due, [(first, 0), (second, 0)]);
    assert_eq!(ids(&claim(&bench, after_noon(10), 2).await?), [last.id]);
    Ok(())
}

/// A worker that died delays its alerts and loses none.
pub async fn a_claimed_alert_is_not_claimed_again_until_its_lease_ends(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let alert = alert(&bench);
    enqueue(&bench, &alert, noon()).await?;
    assert_eq!(claim(&bench, noon(), 10).await?.len(), 1);
    assert!(claim(&bench, after_noon(1), 10).await?.is_empty());
    let again = claim(&bench, noon() + LEASE, 10).await?;
    assert_eq!((ids(&again), again[0].attempts), (vec![alert.id], 0));
    Ok(())
}

/// Nobody is told twice.
pub async fn a_delivered_alert_is_done(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let (told, waiting) = (alert(&bench), alert(&bench));
    enqueue(&bench, &told, noon()).await?;
    enqueue(&bench, &waiting, noon()).await?;
    claim(&bench, noon(), 10).await?;
    let mut uow = bench.begin().await?;
    uow.alerts().delivered(told.id, after_noon(1)).await?;
    uow.commit().await?;
    assert_eq!(ids(&claim(&bench, some_day(), 10).await?), [waiting.id]);
    let backlog = bench.views.backlog(&bench.tenant, some_day()).await?;
    assert_eq!(backlog.alerts, 1);
    Ok(())
}

/// With one failed attempt more.
pub async fn an_alert_that_no_sink_took_is_due_again_at_its_time(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let alert = alert(&bench);
    enqueue(&bench, &alert, noon()).await?;
    for failed in 0..2 {
        let now = after_noon(i64::from(failed) * 10);
        let due = claim(&bench, now, 10).await?;
        assert_eq!((ids(&due), due[0].attempts), (vec![alert.id], failed));
        let mut uow = bench.begin().await?;
        let again_at = now + chrono::TimeDelta::seconds(10);
        uow.alerts()
            .failed(alert.id, "the sink answered 502", again_at)
            .await?;
        uow.commit().await?;
        let too_early = again_at - chrono::TimeDelta::seconds(1);
        assert!(claim(&bench, too_early, 10).await?.is_empty());
    }
    assert_eq!(claim(&bench, after_noon(20), 10).await?[0].attempts, 2);
    Ok(())
}

/// Those of this claim that nothing was reported of, and no others.
pub async fn alerts_that_were_given_back_are_due_at_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let [told, waiting, of_another] = [(); 3].map(|()| alert(&bench));
    enqueue(&bench, &told, noon()).await?;
    enqueue(&bench, &waiting, noon()).await?;
    let lease = LeaseId::fresh(&bench.ids);
    let mut uow = bench.begin().await?;
    let until = noon() + LEASE;
    let claimed = uow.alerts().claim(SINK, lease, noon(), until, 10).await?;
    assert_eq!(claimed.len(), 2);
    uow.commit().await?;
    enqueue(&bench, &of_another, noon()).await?;
    assert_eq!(ids(&claim(&bench, noon(), 10).await?), [of_another.id]);

    let mut uow = bench.begin().await?;
    uow.alerts().delivered(told.id, after_noon(1)).await?;
    uow.alerts().give_back(lease).await?;
    uow.commit().await?;
    let again = claim(&bench, after_noon(1), 10).await?;
    assert_eq!((ids(&again), again[0].attempts), (vec![waiting.id], 0));
    Ok(())
}

/// One that is away holds up no other.
pub async fn each_sink_claims_its_own_alerts(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let ours = alert(&bench);
    let theirs = Alert {
        sink: "n8n".into(),
        ..alert(&bench)
    };
    enqueue(&bench, &ours, noon()).await?;
    enqueue(&bench, &theirs, noon()).await?;
    assert_eq!(ids(&claim(&bench, noon(), 10).await?), [ours.id]);
    let mut uow = bench.begin().await?;
    let lease = LeaseId::fresh(&bench.ids);
    let until = noon() + LEASE;
    let due = uow.alerts().claim("n8n", lease, noon(), until, 10).await?;
    assert_eq!(due[0].alert, theirs);
    assert_eq!(due.len(), 1);
    let nobodys = uow.alerts().claim("log", lease, noon(), until, 10).await?;
    assert!(nobodys.is_empty());
    Ok(())
}

fn alert(bench: &Bench) -> Alert {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: Some(SHOP),
        order_sn: Some(order_sn("250101AAA")),
        event: None,
    };
    let cause = Cause {
        class: ErrorClass::SkuNotFound,
        key: "sku:A".into(),
        message: "Order 250101AAA is held.".into(),
        due_at: Some(after_noon(900)),
    };
    let id = ExceptionId::fresh(&bench.ids);
    Alert {
        id: AlertId::fresh(&bench.ids),
        sink: SINK.into(),
        payload: AlertPayload::of_exception(id, &subject, &cause, 3, noon()),
    }
}

async fn enqueue(bench: &Bench, alert: &Alert, now: Timestamp) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.alerts()
        .enqueue(std::slice::from_ref(alert), now)
        .await?;
    uow.commit().await
}

async fn claim(bench: &Bench, now: Timestamp, at_most: u32) -> Result<Vec<DueAlert>, StoreError> {
    let mut uow = bench.begin().await?;
    let lease = LeaseId::fresh(&bench.ids);
    let due = uow
        .alerts()
        .claim(SINK, lease, now, now + LEASE, at_most)
        .await?;
    uow.commit().await?;
    Ok(due)
}

fn ids(due: &[DueAlert]) -> Vec<AlertId> {
    due.iter().map(|due| due.alert.id).collect()
}
