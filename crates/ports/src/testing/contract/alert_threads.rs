//! Exceptions of one cause are told together: threads follow them, whoever raises or clears them.

use chrono::TimeDelta;
use hawker_domain::alert::{AlertThread, NoticeKind, Topic};
use hawker_domain::exception::{ErrorClass, ExceptionStatus, Resolution};
use hawker_domain::ids::{AlertThreadId, ExceptionId};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::crowd::{MANY, at_once};
use super::trouble::{clear, of_order, of_profile, raise, raise_each};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exceptions::Remaining;
use crate::testing::examples::{SHOP, after_noon, noon, profile_id};

const NUMBER: &str = "250101AAA";
const OTHER: &str = "250101BBB";

/// With the documented payload, the orders and the earliest deadline.
pub async fn an_exception_that_opens_opens_a_thread(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut raised = of_order(&bench, NUMBER, ErrorClass::ActionRequired, "ship");
    raised.cause.due_at = Some(after_noon(900));
    raise(&bench, std::slice::from_ref(&raised), 0).await?;
    assert_eq!(gather(&bench, 0).await?, 1);
    let thread = only(due(&bench, 0).await?);
    let expected = Topic {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        class: ErrorClass::ActionRequired,
        cause: "ship".into(),
    };
    assert_eq!(thread.topic, expected);
    assert_eq!(counts(&thread), (1, 1, 1));
    assert_eq!((thread.opened_at, thread.recovered_at), (noon(), None));
    assert_eq!((thread.told, thread.told_at), (0, None));
    assert!(!thread.recovery_told);
    assert_eq!(thread.orders, [NUMBER]);
    assert_eq!(thread.due_by, Some(after_noon(900)));
    let said = &thread.sample;
    assert_eq!(said.error_class, ErrorClass::ActionRequired);
    assert_eq!(said.ordersn.as_deref(), Some(NUMBER));
    assert_eq!(said.shop_id, Some(SHOP.0));
    assert_eq!(said.message, raised.cause.message);
    assert_eq!(said.exception_id, raised.id.to_string());
    assert_eq!(said.details["environment"], "sandbox");
    assert_eq!(said.details["profile_id"], PROFILE);
    Ok(())
}

/// However many there are. What differs in class, cause, environment or profile is another one.
pub async fn exceptions_of_one_cause_are_one_thread(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut raised: Vec<_> = (0..30)
        .map(|order| {
            let number = format!("250101{order:03}");
            of_order(&bench, &number, ErrorClass::SkuNotFound, "sku:A")
        })
        .collect();
    let mut live = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    live.subject.environment = Environment::Live;
    let mut of_another = of_order(&bench, OTHER, ErrorClass::SkuNotFound, "sku:A");
    of_another.subject.profile = Some(profile_id(OTHER_PROFILE));
    raised.extend([
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:B"),
        of_order(&bench, NUMBER, ErrorClass::Oversold, "sku:A"),
        of_profile(&bench, PROFILE, "push-signature"),
        live,
        of_another,
    ]);
    raise(&bench, &raised, 0).await?;
    assert_eq!(gather(&bench, 0).await?, 6);
    let threads = due(&bench, 0).await?;
    let big = threads.iter().find(|thread| thread.total > 1);
    let big = big.expect("thirty have one cause");
    assert_eq!(counts(big), (30, 30, 30));
    assert_eq!(big.sample.exception_id, raised[0].id.to_string());
    assert_eq!(big.orders.len(), 5, "{:?}", big.orders);
    let singles = threads.iter().filter(|thread| counts(thread) == (1, 1, 1));
    assert_eq!(singles.count(), 5);
    Ok(())
}

/// Nothing is due that did not change.
pub async fn nothing_is_gathered_twice(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    assert_eq!(gather(&bench, 0).await?, 1);
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    assert_eq!(gather(&bench, 30).await?, 0);
    assert!(due(&bench, 30).await?.is_empty());
    // The same again is counted on its row, and is no news.
    let again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    raise(&bench, &[again], 40).await?;
    gather(&bench, 40).await?;
    for thread in due(&bench, 40).await? {
        assert_eq!(counts(&thread), (1, 1, 0));
    }
    Ok(())
}

/// Each is added once, and none is lost.
pub async fn of_many_that_gather_at_the_same_time_each_adds_what_no_other_did(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders: Vec<_> = (0..20).map(|order| format!("250101{order:03}")).collect();
    let orders: Vec<_> = orders
        .iter()
        .map(|order| (order.as_str(), "sku:A"))
        .collect();
    raise_each(&bench, &orders, 0).await?;
    let bench = &bench;
    for gathered in at_once((0..MANY).map(|_| gather(bench, 0))).await {
        gathered?;
    }
    let thread = only(due(bench, 0).await?);
    assert_eq!(counts(&thread), (20, 20, 20));
    Ok(())
}

/// With a count of what was not told yet; the first of those stands for all.
pub async fn what_opens_later_is_added_to_the_thread(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    let first = tell(&bench, NoticeKind::Opened, 20, Some(after_noon(90_000))).await?;
    let later = [(OTHER, "sku:A"), ("250101CCC", "sku:A")];
    let ids = raise_each(&bench, &later, 60).await?;
    assert_eq!(gather(&bench, 60).await?, 1);
    let thread = only(due(&bench, 60).await?);
    assert_eq!((thread.id, counts(&thread)), (first.id, (3, 3, 2)));
    assert_eq!((thread.told, thread.told_at), (1, Some(after_noon(20))));
    assert_eq!(thread.opened_at, noon());
    assert_eq!(thread.sample.exception_id, ids[0].to_string());
    Ok(())
}

/// Its time is when the last one was closed, by whomever.
pub async fn a_thread_recovers_when_none_is_open_any_more(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders = [(NUMBER, "sku:A"), (OTHER, "sku:A")];
    let ids = raise_each(&bench, &orders, 0).await?;
    gather(&bench, 0).await?;
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    clear(&bench, NUMBER, Remaining::default(), 30).await?;
    gather(&bench, 30).await?;
    for thread in due(&bench, 30).await? {
        assert_eq!((thread.open, thread.recovered_at), (1, None));
    }
    close(&bench, &ids[1..], ExceptionStatus::Resolved, 40).await?;
    assert_eq!(gather(&bench, 40).await?, 1);
    let thread = only(due(&bench, 40).await?);
    assert_eq!(counts(&thread), (0, 2, 0));
    assert_eq!(thread.recovered_at, Some(after_noon(40)));
    assert!(!thread.recovery_told);
    assert_eq!(gather(&bench, 50).await?, 0);
    let thread = only(due(&bench, 50).await?);
    assert_eq!(thread.recovered_at, Some(after_noon(40)));
    Ok(())
}

/// What flaps is not news each time.
pub async fn a_thread_goes_on_until_its_recovery_was_told(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    let first = tell(&bench, NoticeKind::Opened, 20, None).await?;
    clear(&bench, NUMBER, Remaining::default(), 30).await?;
    gather(&bench, 30).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 40).await?;
    gather(&bench, 40).await?;
    let thread = only(due(&bench, 40).await?);
    assert_eq!((thread.id, counts(&thread)), (first.id, (1, 2, 1)));
    assert_eq!((thread.opened_at, thread.recovered_at), (noon(), None));
    assert_eq!((thread.told, thread.told_at), (1, Some(after_noon(20))));
    Ok(())
}

/// But for the time at which something was told last.
pub async fn a_thread_whose_recovery_was_told_begins_anew(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    clear(&bench, NUMBER, Remaining::default(), 30).await?;
    gather(&bench, 30).await?;
    tell(&bench, NoticeKind::Recovered, 330, None).await?;
    assert_eq!(gather(&bench, 340).await?, 0);
    let ids = raise_each(&bench, &[(OTHER, "sku:A")], 1000).await?;
    assert_eq!(gather(&bench, 1000).await?, 1);
    let thread = only(due(&bench, 1000).await?);
    assert_eq!(counts(&thread), (1, 1, 1));
    let since = (thread.opened_at, thread.recovered_at);
    assert_eq!(since, (after_noon(1000), None));
    assert_eq!((thread.told, thread.recovery_told), (0, false));
    assert_eq!(thread.told_at, Some(after_noon(330)));
    assert_eq!(thread.sample.exception_id, ids[0].to_string());
    assert_eq!(thread.orders, [OTHER]);
    Ok(())
}

/// What was over before anybody heard of it does not make the next one old.
pub async fn a_thread_of_which_nothing_was_told_begins_anew(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    clear(&bench, NUMBER, Remaining::default(), 5).await?;
    gather(&bench, 5).await?;
    raise_each(&bench, &[(OTHER, "sku:A")], 3600).await?;
    gather(&bench, 3600).await?;
    let thread = only(due(&bench, 3600).await?);
    assert_eq!(counts(&thread), (1, 1, 1));
    assert_eq!((thread.opened_at, thread.told), (after_noon(3600), 0));
    Ok(())
}

/// And is told when it is in sight again, as if it had opened then.
pub async fn what_is_out_of_sight_is_not_gathered(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    snooze(&bench, &ids, Some(after_noon(600))).await?;
    assert_eq!(gather(&bench, 1).await?, 0);
    assert!(due(&bench, 1).await?.is_empty());
    assert_eq!(gather(&bench, 600).await?, 1);
    let thread = only(due(&bench, 600).await?);
    assert_eq!(counts(&thread), (1, 1, 1));
    Ok(())
}

/// It is neither open for anybody nor over.
pub async fn a_thread_that_is_all_out_of_sight_has_not_recovered(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (OTHER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    snooze(&bench, &ids, Some(after_noon(600))).await?;
    gather(&bench, 30).await?;
    for thread in due(&bench, 30).await? {
        assert_eq!((thread.open, thread.recovered_at), (0, None));
        keep(&bench, &thread, None).await?;
    }
    assert_eq!(gather(&bench, 40).await?, 0);
    assert_eq!(gather(&bench, 600).await?, 1);
    let thread = only(due(&bench, 600).await?);
    assert_eq!(
        counts(&thread),
        (2, 2, 2),
        "no more of them, to be told anew"
    );
    assert_eq!((thread.told, thread.recovered_at), (1, None));
    // What is closed while it is out of sight is over.
    snooze(&bench, &ids, Some(some_day())).await?;
    close(&bench, &ids, ExceptionStatus::Resolved, 700).await?;
    gather(&bench, 700).await?;
    let thread = only(due(&bench, 700).await?);
    assert_eq!(thread.recovered_at, Some(after_noon(700)));
    Ok(())
}

/// Whether it was told before or not, it is counted once.
pub async fn what_is_in_sight_again_is_told_anew(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (OTHER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    // Nothing was told of it when it goes out of sight, and once more.
    for seconds in [0, 10] {
        snooze(&bench, &ids[..1], Some(after_noon(seconds + 5))).await?;
        gather(&bench, seconds + 5).await?;
        let thread = only(due(&bench, seconds + 5).await?);
        assert_eq!(counts(&thread), (2, 2, 2));
    }
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    snooze(&bench, &ids[..1], Some(after_noon(600))).await?;
    gather(&bench, 30).await?;
    tell(&bench, NoticeKind::Reminder, 30, None).await?;
    assert_eq!(gather(&bench, 600).await?, 1);
    let thread = only(due(&bench, 600).await?);
    assert_eq!(counts(&thread), (2, 2, 1));
    assert_eq!(thread.sample.exception_id, ids[0].to_string());
    tell(&bench, NoticeKind::More, 600, None).await?;
    assert_eq!(gather(&bench, 610).await?, 0);
    // Whoever brings it back by hand has it told as well.
    snooze(&bench, &ids[..1], Some(some_day())).await?;
    gather(&bench, 620).await?;
    snooze(&bench, &ids[..1], None).await?;
    gather(&bench, 630).await?;
    let thread = only(due(&bench, 630).await?);
    assert_eq!(counts(&thread), (2, 2, 1));
    tell(&bench, NoticeKind::More, 630, None).await?;
    // What was in sight all the time is no news.
    snooze(&bench, &ids, None).await?;
    assert_eq!(gather(&bench, 640).await?, 0);
    Ok(())
}

/// What has passed keeps nobody from being told of the next in time.
pub async fn the_earliest_deadline_to_come_is_that_of_the_thread(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (number, due_at) in [(NUMBER, 100), (OTHER, 900)] {
        let mut raised = of_order(&bench, number, ErrorClass::ActionRequired, "ship");
        raised.cause.due_at = Some(after_noon(due_at));
        raise(&bench, &[raised], 0).await?;
    }
    gather(&bench, 0).await?;
    let thread = tell(&bench, NoticeKind::Opened, 20, None).await?;
    assert_eq!(thread.due_by, Some(after_noon(100)));
    assert_eq!(gather(&bench, 99).await?, 0);
    for (seconds, expected) in [(100, Some(after_noon(900))), (900, None)] {
        assert_eq!(gather(&bench, seconds).await?, 1, "it is looked at again");
        let thread = only(due(&bench, seconds).await?);
        assert_eq!((thread.open, thread.due_by), (2, expected));
        keep(&bench, &thread, None).await?;
        assert_eq!(gather(&bench, seconds + 1).await?, 0);
    }
    Ok(())
}

/// And of those that were told, when nothing is new.
pub async fn orders_that_were_not_told_yet_are_named(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let numbers: Vec<_> = (0..9).map(|order| format!("250101{order:03}")).collect();
    let of: Vec<_> = numbers
        .iter()
        .map(|number| (number.as_str(), "sku:A"))
        .collect();
    raise_each(&bench, &of[..6], 0).await?;
    gather(&bench, 0).await?;
    let thread = tell(&bench, NoticeKind::Opened, 20, None).await?;
    assert_eq!(thread.orders, numbers[..5]);
    raise_each(&bench, &of[6..8], 30).await?;
    gather(&bench, 30).await?;
    raise_each(&bench, &of[8..], 40).await?;
    gather(&bench, 40).await?;
    let thread = tell(&bench, NoticeKind::More, 1000, None).await?;
    assert_eq!(thread.orders, numbers[6..]);
    gather(&bench, 1010).await?;
    let thread = only(due(&bench, 1010).await?);
    assert_eq!(thread.orders, numbers[..5]);
    Ok(())
}

/// It was decided, and nobody needs to hear that it is over: it is not.
pub async fn what_was_left_as_it_is_is_not_told_to_be_over(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (OTHER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    tell(&bench, NoticeKind::Opened, 20, None).await?;
    close(&bench, &ids[..1], ExceptionStatus::WontFix, 30).await?;
    clear(&bench, OTHER, Remaining::default(), 40).await?;
    assert_eq!(gather(&bench, 40).await?, 1);
    let thread = only(due(&bench, 40).await?);
    assert_eq!(thread.recovered_at, Some(after_noon(40)));
    assert!(thread.recovery_told, "it is not to be");
    keep(&bench, &thread, None).await?;
    // Another one is another time: what was left then says nothing of it.
    let ids = raise_each(&bench, &[(OTHER, "sku:A")], 1000).await?;
    gather(&bench, 1000).await?;
    let thread = tell(&bench, NoticeKind::Opened, 1020, None).await?;
    assert_eq!(counts(&thread), (1, 1, 0));
    close(&bench, &ids, ExceptionStatus::Resolved, 1030).await?;
    gather(&bench, 1030).await?;
    let thread = only(due(&bench, 1030).await?);
    assert!(!thread.recovery_told);
    Ok(())
}

/// Of each group with any.
pub async fn how_much_was_told_lately_is_counted(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (seconds, cause) in [(0, "sku:A"), (10, "sku:B"), (20, "sku:C")] {
        raise_each(&bench, &[(NUMBER, cause)], seconds).await?;
        gather(&bench, seconds).await?;
        tell(&bench, NoticeKind::Opened, seconds, None).await?;
    }
    let of_another = of_profile(&bench, OTHER_PROFILE, "push-signature");
    raise(&bench, &[of_another], 30).await?;
    gather(&bench, 30).await?;
    let other = tell(&bench, NoticeKind::Opened, 30, None).await?;
    raise_each(&bench, &[(NUMBER, "sku:D")], 40).await?;
    gather(&bench, 40).await?;
    let mut uow = bench.begin().await?;
    let mut told = uow.alert_threads().told_after(noon()).await?;
    told.sort_by_key(|told| told.last_at);
    let counted: Vec<_> = told
        .iter()
        .map(|told| (told.threads, told.last_at))
        .collect();
    assert_eq!(counted, [(2, after_noon(20)), (1, after_noon(30))]);
    assert_eq!(told[1].group, other.topic.group());
    assert_eq!(told[0].group.class, ErrorClass::SkuNotFound);
    assert!(
        uow.alert_threads()
            .told_after(after_noon(30))
            .await?
            .is_empty()
    );
    Ok(())
}

/// Only those that are over and owe nothing; what comes after them begins anew.
pub async fn threads_that_recovered_long_ago_are_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (seconds, number, cause) in [(0, NUMBER, "sku:A"), (10, OTHER, "sku:B")] {
        raise_each(&bench, &[(number, cause)], seconds).await?;
        gather(&bench, seconds).await?;
        tell(&bench, NoticeKind::Opened, seconds, None).await?;
    }
    let owed = "250101CCC";
    raise_each(&bench, &[(owed, "sku:C"), ("250101DDD", "sku:D")], 20).await?;
    gather(&bench, 20).await?;
    for thread in due(&bench, 20).await? {
        let told = thread.after(NoticeKind::Opened, after_noon(20));
        keep(&bench, &told, None).await?;
    }
    for (seconds, number) in [(30, NUMBER), (40, OTHER)] {
        clear(&bench, number, Remaining::default(), seconds).await?;
        gather(&bench, seconds).await?;
        tell(&bench, NoticeKind::Recovered, seconds, None).await?;
    }
    clear(&bench, owed, Remaining::default(), 35).await?;
    gather(&bench, 45).await?;
    let forget = async |before, at_most| {
        let mut uow = bench.begin().await?;
        let threads = uow.alert_threads();
        let forgotten = threads
            .forget_recovered(after_noon(before), at_most)
            .await?;
        uow.commit().await?;
        Ok::<_, StoreError>(forgotten)
    };
    assert_eq!(forget(30, 10).await?, 0);
    assert_eq!(forget(900, 1).await?, 1);
    assert_eq!(forget(900, 10).await?, 1);
    assert_eq!(forget(900, 10).await?, 0, "one is owed, one is open");
    tell(&bench, NoticeKind::Recovered, 900, None).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 1000).await?;
    assert_eq!(gather(&bench, 1000).await?, 1);
    let thread = only(due(&bench, 1000).await?);
    assert_eq!(counts(&thread), (1, 1, 1));
    assert_eq!((thread.told, thread.told_at), (0, None));
    Ok(())
}

/// What was told is kept, what is counted is not touched by it.
pub async fn a_thread_is_due_when_it_is_to_be_looked_at(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    let before = only(due(&bench, 0).await?);
    tell(&bench, NoticeKind::Opened, 20, Some(after_noon(100))).await?;
    assert!(due(&bench, 99).await?.is_empty());
    let thread = only(due(&bench, 100).await?);
    let expected = before.after(NoticeKind::Opened, after_noon(20));
    assert_eq!(thread, expected);
    keep(&bench, &thread, None).await?;
    let some_day = some_day();
    let mut uow = bench.begin().await?;
    assert!(uow.alert_threads().due(some_day, 10).await?.is_empty());
    Ok(())
}

/// Whether they are due or not.
pub async fn threads_are_found_as_they_stand(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (seconds, cause) in [(0, "sku:A"), (10, "sku:B"), (20, "sku:C")] {
        raise_each(&bench, &[(NUMBER, cause)], seconds).await?;
        gather(&bench, seconds).await?;
    }
    let [first, second, _] = due(&bench, 60).await?.try_into().expect("three are due");
    let told = first.after(NoticeKind::Opened, after_noon(30));
    keep(&bench, &told, None).await?;
    let mut uow = bench.begin().await?;
    let ids = [second.id, AlertThreadId::of(7), told.id];
    let found = uow.alert_threads().find(&ids).await?;
    let mut expected = [told, second];
    expected.sort_by_key(|thread| thread.id);
    assert_eq!(found, expected);
    assert!(uow.alert_threads().find(&[]).await?.is_empty());
    Ok(())
}

/// And no more of them than asked for.
pub async fn threads_that_wait_longest_are_due_first(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (seconds, cause) in [(0, "sku:A"), (10, "sku:B"), (20, "sku:C")] {
        raise_each(&bench, &[(NUMBER, cause)], seconds).await?;
        gather(&bench, seconds).await?;
    }
    let mut uow = bench.begin().await?;
    let first = uow.alert_threads().due(after_noon(60), 2).await?;
    let causes: Vec<_> = first.iter().map(|thread| &thread.topic.cause).collect();
    assert_eq!(causes, ["sku:A", "sku:B"]);
    Ok(())
}

/// One composes the message.
pub async fn of_many_that_tell_at_the_same_time_one_does(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    gather(&bench, 0).await?;
    let bench = &bench;
    let told = at_once((0..MANY).map(|_| async move {
        let mut uow = bench.begin().await?;
        let due = uow.alert_threads().due(after_noon(20), 10).await?;
        for thread in &due {
            let kept = thread.clone().after(NoticeKind::Opened, after_noon(20));
            uow.alert_threads().keep(&[(kept, None)]).await?;
        }
        uow.commit().await?;
        Ok(due.len())
    }));
    let told: Result<Vec<usize>, StoreError> = told.await.into_iter().collect();
    assert_eq!(told?.into_iter().sum::<usize>(), 1);
    Ok(())
}

/// Nothing of a tenant is told to another.
pub async fn threads_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    assert_eq!(gather(&theirs, 0).await?, 0);
    assert_eq!(gather(&bench, 0).await?, 1);
    assert!(due(&theirs, 10).await?.is_empty());
    Ok(())
}

/// Open, opened in all, not told yet.
fn counts(thread: &AlertThread) -> (u64, u64, u64) {
    (thread.open, thread.total, thread.untold)
}

fn only(threads: Vec<AlertThread>) -> AlertThread {
    let mut threads = threads.into_iter();
    match (threads.next(), threads.next()) {
        (Some(thread), None) => thread,
        other => panic!("one thread is to be due, not {other:?}"),
    }
}

async fn gather(bench: &Bench, seconds: i64) -> Result<u64, StoreError> {
    let mut uow = bench.begin().await?;
    let changed = uow.alert_threads().gather(after_noon(seconds)).await?;
    uow.commit().await?;
    Ok(changed)
}

async fn due(bench: &Bench, seconds: i64) -> Result<Vec<AlertThread>, StoreError> {
    let mut uow = bench.begin().await?;
    let due = uow.alert_threads().due(after_noon(seconds), 50).await?;
    // The end of a dropped unit of work may come later than the next look, which would pass over
    // what is still locked.
    uow.commit().await?;
    Ok(due)
}

async fn keep(bench: &Bench, thread: &AlertThread, due_at: Option<Timestamp>) -> Outcome {
    let mut uow = bench.begin().await?;
    let kept = [(thread.clone(), due_at)];
    uow.alert_threads().keep(&kept).await?;
    uow.commit().await
}

/// Tells of the one thread that is due.
async fn tell(
    bench: &Bench,
    kind: NoticeKind,
    seconds: i64,
    due_at: Option<Timestamp>,
) -> Result<AlertThread, StoreError> {
    let thread = only(due(bench, seconds).await?);
    let thread = thread.after(kind, after_noon(seconds));
    keep(bench, &thread, due_at).await?;
    Ok(thread)
}

async fn snooze(bench: &Bench, ids: &[ExceptionId], until: Option<Timestamp>) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.exception_desk().snooze(ids, until).await?;
    uow.commit().await
}

async fn close(
    bench: &Bench,
    ids: &[ExceptionId],
    status: ExceptionStatus,
    seconds: i64,
) -> Outcome {
    let resolution = Resolution {
        at: noon() + TimeDelta::seconds(seconds),
        by: "Mei".into(),
    };
    let mut uow = bench.begin().await?;
    uow.exception_desk().close(ids, status, &resolution).await?;
    uow.commit().await
}
