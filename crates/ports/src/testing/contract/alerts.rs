//! Alerts wait until a sink has taken them.

use std::time::Duration;

use hawker_domain::alert::{Alert, AlertPayload};
use hawker_domain::exception::{Cause, ErrorClass, Subject};
use hawker_domain::ids::{AlertId, AlertThreadId, ExceptionId, LeaseId};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, LEASE, PROFILE, some_day};
use super::crowd::{MANY, at_once};
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

/// But not what is being handed over, nor what another thread tells.
pub async fn what_waits_of_a_thread_is_withdrawn(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let [failed, claimed] = [(); 2].map(|()| of_thread(&bench, 1));
    let theirs = Alert {
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
    for alert in [&theirs, &other, &without] {
        enqueue(&bench, alert, after_noon(1)).await?;
    }
    let withdraw = async || {
        let mut uow = bench.begin().await?;
        let of = [AlertThreadId::of(1), AlertThreadId::of(3)];
        let mut withdrawn = uow.alerts().withdraw(&of).await?;
        uow.commit().await?;
        withdrawn.sort_by_key(|alert| alert.id);
        Ok::<_, StoreError>(withdrawn)
    };
    assert_eq!(withdraw().await?, [failed, theirs]);
    assert!(withdraw().await?.is_empty());
    assert_eq!(
        ids(&claim(&bench, after_noon(60), 10).await?),
        [other.id, without.id]
    );
    // It may have arrived, also when whoever claimed it is dead.
    enqueue(&bench, &claimed, after_noon(70)).await?;
    claim(&bench, after_noon(70), 10).await?;
    assert!(withdraw().await?.is_empty());
    Ok(())
}

/// However many processes there are.
pub async fn a_sink_is_given_one_alert_in_each_turn(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let turn = async |sink: &'static str, seconds| {
        let mut uow = bench.begin().await?;
        let pace = Duration::from_secs(3);
        let turn = uow
            .alerts()
            .take_turn(sink, pace, after_noon(seconds))
            .await?;
        uow.commit().await?;
        Ok::<_, StoreError>(turn)
    };
    assert_eq!(turn(SINK, 0).await?, noon());
    assert_eq!(turn(SINK, 1).await?, after_noon(3), "it is somebody else's");
    assert_eq!(turn("n8n", 1).await?, after_noon(1));
    assert_eq!(turn(SINK, 3).await?, after_noon(3));
    let many = at_once((0..MANY).map(|_| turn(SINK, 10))).await;
    let many: Result<Vec<_>, StoreError> = many.into_iter().collect();
    let had = many?.into_iter().filter(|turn| *turn == after_noon(10));
    assert_eq!(had.count(), 1);
    Ok(())
}

/// Nothing is claimed of it, and it has no turn.
pub async fn a_sink_that_asks_for_it_is_left_alone(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let alert = alert(&bench);
    enqueue(&bench, &alert, noon()).await?;
    let mut uow = bench.begin().await?;
    uow.alerts().rest(SINK, after_noon(60)).await?;
    uow.alerts().rest(SINK, after_noon(30)).await?;
    uow.alerts().rest("n8n", after_noon(900)).await?;
    let pace = Duration::from_secs(3);
    let turn = uow.alerts().take_turn(SINK, pace, after_noon(40)).await?;
    uow.commit().await?;
    assert_eq!(turn, after_noon(60));
    assert!(claim(&bench, after_noon(59), 10).await?.is_empty());
    assert_eq!(ids(&claim(&bench, after_noon(60), 10).await?), [alert.id]);
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
    let serve = async |sink: &'static str, seconds| {
        let mut uow = bench.begin().await?;
        let (lease, now) = (LeaseId::fresh(&bench.ids), after_noon(seconds));
        uow.alerts().claim(sink, lease, now, now, 0).await?;
        uow.commit().await
    };
    serve("gone", 0).await?;
    serve("n8n", DAY).await?;
    let adopt = async |seconds: i64| {
        let mut uow = bench.begin().await?;
        let sinks = [SINK.to_owned(), "log".to_owned()];
        let gone_since = after_noon(seconds - 3600);
        let now = after_noon(seconds);
        let adopted = uow.alerts().adopt(&sinks, gone_since, now).await?;
        uow.commit().await?;
        Ok::<_, StoreError>(adopted)
    };
    assert_eq!(adopt(600).await?, 0, "it may only be starting again");
    assert_eq!(adopt(DAY).await?, 1);
    assert_eq!(adopt(DAY).await?, 0);
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
