//! Alerts wait until a sink has taken them.

use hawker_domain::alert::{Alert, AlertPayload};
use hawker_domain::exception::{Cause, ErrorClass, Subject};
use hawker_domain::ids::{AlertId, AlertThreadId, ExceptionId, LeaseId};
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
    uow.alerts().give_back(lease, None, after_noon(1)).await?;
    uow.commit().await?;
    let again = claim(&bench, after_noon(1), 10).await?;
    assert_eq!((ids(&again), again[0].attempts), (vec![waiting.id], 0));
    Ok(())
}

/// But it may have arrived, and is not taken back.
pub async fn an_alert_that_was_begun_is_due_at_once_and_is_not_withdrawn(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let [begun, waiting] = [1, 2].map(|thread| of_thread(&bench, thread));
    enqueue(&bench, &begun, noon()).await?;
    enqueue(&bench, &waiting, noon()).await?;
    let lease = LeaseId::fresh(&bench.ids);
    let mut uow = bench.begin().await?;
    let until = noon() + LEASE;
    uow.alerts().claim(SINK, lease, noon(), until, 10).await?;
    uow.commit().await?;
    let mut uow = bench.begin().await?;
    uow.alerts()
        .give_back(lease, Some(begun.id), after_noon(1))
        .await?;
    uow.commit().await?;
    assert_eq!(withdraw(&bench, &[&begun, &waiting]).await?, [waiting]);
    assert_eq!(ids(&claim(&bench, after_noon(1), 10).await?), [begun.id]);
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

/// Nobody hears that it is over before that it began, whichever failed how often.
pub async fn alerts_of_a_thread_are_claimed_in_the_order_of_their_making(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let [first, second] = [(); 2].map(|()| of_thread(&bench, 1));
    let other = of_thread(&bench, 2);
    for (seconds, alert) in [(0, &first), (1, &second), (2, &other)] {
        enqueue(&bench, alert, after_noon(seconds)).await?;
    }
    assert_eq!(
        ids(&claim(&bench, after_noon(2), 10).await?),
        [first.id, other.id]
    );
    assert!(claim(&bench, after_noon(3), 10).await?.is_empty());
    let mut uow = bench.begin().await?;
    let again_at = after_noon(300);
    uow.alerts().failed(first.id, "502", again_at).await?;
    uow.alerts().delivered(other.id, after_noon(3)).await?;
    uow.commit().await?;
    assert!(claim(&bench, after_noon(299), 10).await?.is_empty());
    assert_eq!(ids(&claim(&bench, again_at, 10).await?), [first.id]);
    let mut uow = bench.begin().await?;
    uow.alerts().delivered(first.id, again_at).await?;
    uow.commit().await?;
    assert_eq!(ids(&claim(&bench, again_at, 10).await?), [second.id]);
    Ok(())
}

/// What tells of many is a message of each of its threads, and of all that its group tells next.
pub async fn alerts_about_many_are_in_order_with_those_about_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = of_thread(&bench, 1);
    let many = about_many(&bench, &[1, 2]);
    let [second, third] = [2, 3].map(|thread| of_thread(&bench, thread));
    let of_another_group = {
        let mut alert = of_thread(&bench, 4);
        alert.payload.error_class = ErrorClass::Oversold;
        alert
    };
    let elsewhere = Alert {
        sink: "n8n".into(),
        ..of_thread(&bench, 2)
    };
    let all = [
        &first,
        &many,
        &second,
        &third,
        &of_another_group,
        &elsewhere,
    ];
    for (seconds, alert) in (0..).zip(all) {
        enqueue(&bench, alert, after_noon(seconds)).await?;
    }
    let due = claim(&bench, after_noon(10), 10).await?;
    assert_eq!(ids(&due), [first.id, of_another_group.id]);
    delivered(&bench, first.id).await?;
    let due = claim(&bench, after_noon(10), 10).await?;
    assert_eq!(due[0].alert, many);
    assert_eq!(due.len(), 1);
    delivered(&bench, many.id).await?;
    let due = claim(&bench, after_noon(10), 10).await?;
    assert_eq!(ids(&due), [second.id, third.id]);
    Ok(())
}

/// With the threads that it tells of. One that does not know them, of an earlier version, stays.
pub async fn what_waits_about_many_is_withdrawn(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let [many, again] = [&[1, 2][..], &[3, 4]].map(|threads| about_many(&bench, threads));
    let of_old = about_many(&bench, &[]);
    let of_another_process = Alert {
        sink: "n8n".into(),
        ..about_many(&bench, &[1, 2])
    };
    let other = of_thread(&bench, 1);
    for (seconds, alert) in (0..).zip([&many, &again, &of_old, &of_another_process, &other]) {
        enqueue(&bench, alert, after_noon(seconds)).await?;
    }
    assert_eq!(withdraw(&bench, &[&many]).await?, [many, again]);
    let due = claim(&bench, after_noon(10), 10).await?;
    assert_eq!(ids(&due), [of_old.id]);
    Ok(())
}

/// But not what is being handed over, what another thread tells, or what a sink is told that is not one
/// of those.
pub async fn what_waits_of_a_thread_is_withdrawn(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let [failed, claimed] = [(); 2].map(|()| of_thread(&bench, 1));
    let theirs = Alert {
        sink: "log".into(),
        ..of_thread(&bench, 1)
    };
    let of_another_process = Alert {
        sink: "n8n".into(),
        ..of_thread(&bench, 1)
    };
    let other = of_thread(&bench, 2);
    let without = alert(&bench);
    enqueue(&bench, &failed, noon()).await?;
    claim(&bench, noon(), 10).await?;
    let mut uow = bench.begin().await?;
    uow.alerts()
        .failed(failed.id, "502", after_noon(60))
        .await?;
    uow.commit().await?;
    for alert in [&theirs, &of_another_process, &other, &without] {
        enqueue(&bench, alert, after_noon(1)).await?;
    }
    let of = [&claimed, &of_thread(&bench, 3)];
    assert_eq!(withdraw(&bench, &of).await?, [failed, theirs]);
    assert!(withdraw(&bench, &of).await?.is_empty());
    assert_eq!(
        ids(&claim(&bench, after_noon(60), 10).await?),
        [other.id, without.id]
    );
    // It may have arrived, also when whoever claimed it is dead.
    enqueue(&bench, &claimed, after_noon(70)).await?;
    claim(&bench, after_noon(70), 10).await?;
    assert!(withdraw(&bench, &of).await?.is_empty());
    Ok(())
}

/// What nobody else was told goes to another one; nothing is told twice by it.
pub async fn alerts_of_a_sink_that_is_gone_go_to_another_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    const DAY: i64 = 86_400;
    let bench = Bench::bare(fixture);
    let for_gone = |alert: Alert| Alert {
        sink: "gone".into(),
        ..alert
    };
    let orphan = for_gone(of_thread(&bench, 1));
    let told_twice = for_gone(of_thread(&bench, 2));
    let told = of_thread(&bench, 2);
    let of_another_process = Alert {
        sink: "n8n".into(),
        ..of_thread(&bench, 1)
    };
    for alert in [&orphan, &told_twice, &told, &of_another_process] {
        enqueue(&bench, alert, noon()).await?;
    }
    let adopt = async |served: &[&str], seconds: i64| {
        let served: Vec<_> = served.iter().map(ToString::to_string).collect();
        let mut uow = bench.begin().await?;
        let sinks = [SINK.to_owned(), "log".to_owned()];
        let gone_since = after_noon(seconds - 3600);
        let now = after_noon(seconds);
        let alerts = uow.alerts();
        let adopted = alerts.adopt(&sinks, &served, gone_since, now).await?;
        uow.commit().await?;
        Ok::<_, StoreError>(adopted)
    };
    assert_eq!(adopt(&[], 600).await?, 0, "it may only be starting again");
    assert_eq!(adopt(&["gone", "n8n"], DAY).await?, 0);
    assert_eq!(adopt(&["n8n"], DAY).await?, 1);
    assert_eq!(adopt(&["n8n"], DAY).await?, 0);
    let claimed = claim(&bench, after_noon(DAY), 10).await?;
    assert_eq!(ids(&claimed), [told.id, orphan.id]);
    assert!(claimed.iter().all(|due| due.alert.sink == SINK));
    let backlog = bench.views.backlog(&bench.tenant, some_day()).await?;
    assert_eq!(backlog.alerts, 3, "one of them is told elsewhere");
    Ok(())
}

/// And no others.
pub async fn alerts_that_were_delivered_long_ago_are_forgotten(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let [first, second, waiting] = [(); 3].map(|()| alert(&bench));
    for alert in [&first, &second, &waiting] {
        enqueue(&bench, alert, noon()).await?;
    }
    let mut uow = bench.begin().await?;
    uow.alerts().delivered(first.id, after_noon(10)).await?;
    uow.alerts().delivered(second.id, after_noon(20)).await?;
    uow.commit().await?;
    let forget = async |before, at_most| {
        let mut uow = bench.begin().await?;
        let before = after_noon(before);
        let forgotten = uow.alerts().forget_delivered(before, at_most).await?;
        uow.commit().await?;
        Ok::<_, StoreError>(forgotten)
    };
    assert_eq!(forget(10, 10).await?, 0);
    assert_eq!(forget(90, 1).await?, 1);
    assert_eq!(forget(20, 10).await?, 0, "the first was forgotten first");
    assert_eq!(forget(90, 10).await?, 1);
    assert_eq!(ids(&claim(&bench, some_day(), 10).await?), [waiting.id]);
    Ok(())
}

fn of_thread(bench: &Bench, thread: u128) -> Alert {
    let mut alert = alert(bench);
    let id = AlertThreadId::of(thread).to_string();
    alert.payload.details.insert("thread_id".into(), id.into());
    alert
}

/// About these threads, of the group of all that is told here.
fn about_many(bench: &Bench, threads: &[u128]) -> Alert {
    let mut alert = alert(bench);
    let group = alert.payload.group();
    alert
        .payload
        .details
        .insert("thread_id".into(), group.into());
    alert.threads = threads.iter().copied().map(AlertThreadId::of).collect();
    alert
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
        threads: Vec::new(),
    }
}

async fn enqueue(bench: &Bench, alert: &Alert, now: Timestamp) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.alerts()
        .enqueue(std::slice::from_ref(alert), now)
        .await?;
    uow.commit().await
}

async fn delivered(bench: &Bench, alert: AlertId) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.alerts().delivered(alert, after_noon(10)).await?;
    uow.commit().await
}

/// Takes back what the threads and groups of these were to tell to the sinks of one process.
async fn withdraw(bench: &Bench, of: &[&Alert]) -> Result<Vec<Alert>, StoreError> {
    let keys = of.iter().filter_map(|alert| alert.payload.thread());
    let keys: Vec<_> = keys.map(str::to_owned).collect();
    let sinks = [SINK.to_owned(), "log".to_owned()];
    let mut uow = bench.begin().await?;
    let withdrawn = uow.alerts().withdraw(&keys, &sinks).await?;
    uow.commit().await?;
    Ok(withdrawn)
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
