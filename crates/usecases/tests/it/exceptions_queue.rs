//! Working on exceptions.

use std::sync::LazyLock;

use chrono::{NaiveDate, TimeDelta};
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::completeness::Day;
use hawker_domain::exception::{Cause, ErrorClass, ExceptionStatus, RaisedException, Subject};
use hawker_domain::ids::{ExceptionId, LeaseId, RetryBatchId};
use hawker_domain::order::OrderStatus;
use hawker_domain::{ConnectorName, Environment, Zone};
use hawker_ports::Store as _;
use hawker_ports::exception_desk::{ExceptionSelector, Selection};
use hawker_ports::inbox::{ClaimRequest, OrderReport, WorkResult};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::testing::examples::{self, profile_id, snapshot};
use hawker_ports::views::{ExceptionDetail, ExceptionViews as _, PageRequest, RetryProgress};
use hawker_usecases::WorkExceptions;
use hawker_usecases::work_exceptions::{
    ASSIGNEE_CHARS_MAX, AssignError, CloseError, ItemResult, NOTE_CHARS_MAX, NoteError, Portion,
    SNOOZE_LONGEST, SnoozeError, Worked,
};

use crate::world::{PROFILE, World, sn};

fn work(world: &World) -> WorkExceptions {
    WorkExceptions {
        store: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    }
}

/// Whoever decides.
static MEI: LazyLock<Actor> = LazyLock::new(|| Actor::from_stored("Mei".into()));

/// Raises an exception of an order, or of the profile as a whole, as somebody else's work would.
async fn raise(world: &World, class: ErrorClass, order: Option<&str>) -> ExceptionId {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: Some(examples::SHOP),
        order_sn: order.map(sn),
        event: None,
    };
    raise_about(world, class, subject).await
}

/// Raises an exception of the profile as a whole.
async fn raise_with_key(world: &World, class: ErrorClass, key: &str) -> ExceptionId {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: Some(examples::SHOP),
        order_sn: None,
        event: None,
    };
    raise_cause(world, class, key, subject).await
}

async fn raise_about(world: &World, class: ErrorClass, subject: Subject) -> ExceptionId {
    raise_cause(world, class, "test", subject).await
}

async fn raise_cause(world: &World, class: ErrorClass, key: &str, subject: Subject) -> ExceptionId {
    let cause = Cause {
        class,
        key: key.into(),
        message: "Something is to be done.".into(),
        due_at: None,
    };
    let raised = RaisedException::once(subject, cause, &*world.ids);
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let open = uow
        .exceptions()
        .raise(&[raised], world.now())
        .await
        .unwrap();
    uow.commit().await.unwrap();
    open[0].id
}

async fn hold(world: &World, number: &str) -> ExceptionId {
    world
        .change(snapshot(number, OrderStatus::ReadyToShip))
        .await;
    let held = world.exceptions("open").await;
    let held = held
        .iter()
        .find(|row| row.order_sn.as_deref() == Some(number));
    held.unwrap().id.parse().unwrap()
}

async fn retry(world: &World, ids: &[ExceptionId]) -> (RetryBatchId, Vec<ItemResult>) {
    let these = Selection::These(ids.to_vec());
    let (batch, worked) = work(world)
        .retry(&world.tenant, &MEI, &these, None, &Portion::default())
        .await
        .unwrap();
    (batch, results(&worked))
}

fn results(worked: &Worked) -> Vec<ItemResult> {
    worked.items.iter().map(|item| item.result).collect()
}

async fn detail(world: &World, id: ExceptionId) -> ExceptionDetail {
    let found = world.store.exception(&world.tenant, id).await.unwrap();
    found.unwrap()
}

async fn progress(world: &World, batch: RetryBatchId) -> RetryProgress {
    let page = PageRequest {
        limit: 500,
        after: None,
    };
    let found = world
        .store
        .retry_progress(&world.tenant, batch, &page)
        .await;
    found.unwrap().unwrap()
}

fn audited(world: &World) -> Vec<AuditEntry> {
    let entries = world.store.audit_log(&world.tenant).unwrap().into_iter();
    entries
        .filter(|entry| entry.action.starts_with("exception."))
        .collect()
}

// Retrying

#[tokio::test]
async fn a_retry_tries_again_what_an_order_waits_for() {
    let world = World::new().await;
    let id = hold(&world, "A1").await;
    assert_eq!(world.backlog().await.due, 0, "it is held");
    world.clock.advance(TimeDelta::minutes(1));
    let (batch, results) = retry(&world, &[id]).await;
    assert_eq!(results, [ItemResult::Due]);
    assert_eq!(world.backlog().await.due, 1);
    assert_eq!(progress(&world, batch).await.waiting, 1);

    world.clock.advance(TimeDelta::minutes(1));
    world.work().await;
    assert_eq!(
        progress(&world, batch).await.failed,
        1,
        "nothing was mended"
    );
    world.add_card(examples::SKU, 5).await;
    world.work().await;
    let told = progress(&world, batch).await;
    assert_eq!((told.resolved, told.failed), (1, 0));
    let history = detail(&world, id).await;
    assert_eq!(history.summary.status, "resolved");
    assert_eq!(history.retries.len(), 1, "it is remembered");
}

#[tokio::test]
async fn a_retry_that_finds_the_order_as_it_was_has_failed() {
    let world = World::with_stock(1).await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let oversold = world.exceptions("open").await;
    assert_eq!(oversold[0].error_class, "oversold");
    let seen_at = oversold[0].last_seen_at;
    let id = oversold[0].id.parse().unwrap();
    world.clock.advance(TimeDelta::minutes(1));
    let (batch, _) = retry(&world, &[id]).await;
    assert_eq!(progress(&world, batch).await.waiting, 1);
    world.clock.advance(TimeDelta::minutes(1));
    world.work().await;
    let told = progress(&world, batch).await;
    assert_eq!((told.failed, told.waiting), (1, 0), "it stands unchanged");
    let stands = detail(&world, id).await.summary;
    assert_eq!((stands.retry_count, stands.last_seen_at), (0, seen_at));
}

#[tokio::test]
async fn missing_orders_of_a_day_are_asked_for_again() {
    let world = World::new().await;
    note_day(&world, &["M1", "M2"]).await;
    world.clock.advance(TimeDelta::minutes(10));
    let differing = raise_with_key(&world, ErrorClass::OrdersMissing, "day:2025-01-01").await;
    let other_day = raise_with_key(&world, ErrorClass::OrdersMissing, "day:2025-01-02").await;
    let (_, results) = retry(&world, &[differing, other_day]).await;
    assert_eq!(results, [ItemResult::Due, ItemResult::NothingToDo]);
    let mut asked_for: Vec<_> = world
        .events()
        .await
        .into_iter()
        .filter(|event| event.source == "manual")
        .filter_map(|event| event.order_sn)
        .collect();
    asked_for.sort();
    assert_eq!(asked_for, ["M1", "M2"]);
    retry(&world, &[differing]).await;
    assert_eq!(world.events().await.len(), 2, "they are asked for already");
}

/// A day of the profile on which the marketplace lists these orders.
async fn note_day(world: &World, listed: &[&str]) {
    let orders = OrdersOf {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: profile_id(PROFILE),
    };
    let date = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let day = Day::of(date, Zone::Asia__Singapore).unwrap();
    let window = day.window;
    let listed: Vec<_> = listed.iter().map(|number| sn(number)).collect();
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.reconciliation()
        .note_day(&orders, &day, window, &listed, world.now())
        .await
        .unwrap();
    uow.commit().await.unwrap();
}

#[tokio::test]
async fn an_order_without_pending_events_is_asked_for_by_a_hint() {
    let world = World::with_stock(5).await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    let of_unknown = raise(&world, ErrorClass::Unknown, Some("B1")).await;
    let (_, results) = retry(&world, &[id, of_unknown]).await;
    assert_eq!(results, [ItemResult::Due; 2]);
    let hints: Vec<_> = world
        .events()
        .await
        .into_iter()
        .filter(|event| event.source == "manual")
        .filter_map(|event| event.order_sn)
        .collect();
    assert_eq!(hints.len(), 2, "{hints:?}");
    assert_eq!(world.backlog().await.due, 2);
    world.work().await;
    assert_eq!(detail(&world, id).await.summary.status, "resolved");
}

#[tokio::test]
async fn orders_of_several_exceptions_are_asked_for_once() {
    let world = World::with_stock(5).await;
    let ids = [
        raise(&world, ErrorClass::Unknown, Some("B1")).await,
        raise(&world, ErrorClass::RetryExhausted, Some("B1")).await,
    ];
    let (_, results) = retry(&world, &ids).await;
    assert_eq!(results, [ItemResult::Due; 2]);
    assert_eq!(world.events().await.len(), 1);
}

#[tokio::test]
async fn a_payout_that_could_not_be_fetched_is_due_again() {
    let world = World::with_stock(5).await;
    world.change(snapshot("A1", OrderStatus::Completed)).await;
    let now = world.now();
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let claimed = uow.escrow().claim_due(now, now + TimeDelta::minutes(5), 10);
    let claimed = claimed.await.unwrap();
    uow.escrow()
        .postpone(&claimed, now + TimeDelta::hours(6))
        .await
        .unwrap();
    uow.commit().await.unwrap();
    let id = raise(&world, ErrorClass::EscrowFetchFailed, Some("A1")).await;
    world.clock.advance(TimeDelta::minutes(1));
    let (_, results) = retry(&world, &[id]).await;
    assert_eq!(results, [ItemResult::Due]);
    let due_at = world.store.escrow_due_at(&world.tenant, &sn("A1")).unwrap();
    assert_eq!(due_at, Some(world.now()));
}

#[tokio::test]
async fn a_retry_of_a_profile_wakes_its_orders_and_has_it_looked_at() {
    let world = World::new().await;
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    rest(&world).await;
    let now = world.now();
    let profile = profile_id(PROFILE);
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let next = now + TimeDelta::hours(1);
    uow.watches().note_look(&profile, next, now).await.unwrap();
    uow.commit().await.unwrap();
    assert_eq!(world.backlog().await.due, 0);
    let id = raise(&world, ErrorClass::TokenExpired, None).await;
    let (_, results) = retry(&world, &[id]).await;
    assert_eq!(results, [ItemResult::Due]);
    assert_eq!(world.backlog().await.due, 1);
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let watch = uow.watches().find(&profile).await.unwrap().unwrap();
    assert_eq!(watch.due_at, now);
}

/// Whatever is due rests for an hour.
async fn rest(world: &World) {
    let now = world.now();
    let request = ClaimRequest {
        lease: LeaseId::fresh(&*world.ids),
        now,
        lease_until: now + TimeDelta::minutes(1),
        orders_max: 10,
        except: Vec::new(),
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let batch = uow.inbox().claim(&request).await.unwrap().unwrap();
    let reports: Vec<_> = batch
        .orders
        .iter()
        .map(|order| OrderReport {
            order_sn: order.order_sn.clone(),
            events: order.events.clone(),
            result: WorkResult::Postponed {
                until: now + TimeDelta::hours(1),
            },
            seen: None,
            made: None,
        })
        .collect();
    uow.inbox().finish(&batch, &reports, now).await.unwrap();
    uow.commit().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_tried_again_says_so() {
    let world = World::new().await;
    let nobodys = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Live,
        profile: None,
        shop: None,
        order_sn: Some(sn("B1")),
        event: None,
    };
    let resolved = raise(&world, ErrorClass::Unknown, Some("C1")).await;
    let left = raise(&world, ErrorClass::Unknown, Some("C2")).await;
    close(&world, &[resolved], ExceptionStatus::Resolved).await;
    close(&world, &[left], ExceptionStatus::WontFix).await;
    let ids = [
        resolved,
        left,
        raise(&world, ErrorClass::SignatureMismatch, None).await,
        raise(&world, ErrorClass::JobFailed, None).await,
        raise_with_key(&world, ErrorClass::ActionRequired, "partner-key:7d").await,
        raise_with_key(&world, ErrorClass::OrdersMissing, "day:2025-01-01").await,
        raise_about(&world, ErrorClass::Unknown, nobodys).await,
        ExceptionId::of(u128::MAX),
    ];
    let (batch, results) = retry(&world, &ids).await;
    assert_eq!(
        results,
        [
            ItemResult::Closed,
            ItemResult::Closed,
            ItemResult::NothingToDo,
            ItemResult::NothingToDo,
            ItemResult::NothingToDo,
            ItemResult::NothingToDo,
            ItemResult::NothingToDo,
            ItemResult::NotFound,
        ]
    );
    assert!(world.events().await.is_empty());
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let told = world.store.retry_progress(&world.tenant, batch, &page);
    assert_eq!(told.await.unwrap(), None, "nothing was retried");
    let actions: Vec<_> = audited(&world).iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["exception.resolved", "exception.wont_fix"]);
}

#[tokio::test]
async fn a_push_that_could_not_be_verified_is_retried_by_its_order() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::SignatureMismatch, Some("B1")).await;
    let (_, results) = retry(&world, &[id]).await;
    assert_eq!(results, [ItemResult::Due]);
}

#[tokio::test]
async fn a_group_is_retried_in_portions_of_one_batch() {
    let world = World::new().await;
    for number in 0..5 {
        hold(&world, &format!("A{number}")).await;
    }
    raise(&world, ErrorClass::Oversold, Some("A1")).await;
    let group = Selection::Matching(ExceptionSelector {
        class: Some(ErrorClass::SkuNotFound),
        ..ExceptionSelector::default()
    });
    let (mut batch, mut after, mut portions) = (None, None, Vec::new());
    loop {
        let portion = Portion { after, at_most: 2 };
        let (retried_as, worked) = work(&world)
            .retry(&world.tenant, &MEI, &group, batch, &portion)
            .await
            .unwrap();
        batch = Some(retried_as);
        portions.push(worked.items.len());
        after = worked.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(portions, [2, 2, 1]);
    let told = progress(&world, batch.unwrap()).await;
    assert_eq!((told.retried, told.waiting), (5, 5));
    let entries = audited(&world);
    assert_eq!(entries.len(), 3, "each portion is in the audit log");
    let entry = &entries[0];
    assert_eq!(
        (entry.action, entry.subject.as_str()),
        ("exception.retried", "exceptions")
    );
    assert_eq!(entry.actor, *MEI);
    assert_eq!(entry.details["selection"]["class"], "sku_not_found");
    assert_eq!(entry.details["ids"].as_array().unwrap().len(), 2);
    assert_eq!(entry.details["batch"], batch.unwrap().to_string());
}

#[tokio::test]
async fn named_exceptions_are_worked_through_in_portions_too() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(raise(&world, ErrorClass::Unknown, Some(&format!("A{number}"))).await);
    }
    // Twice is once; in whatever order.
    let these = Selection::These(vec![ids[2], ids[0], ids[2], ids[1]]);
    let portion = Portion {
        after: None,
        at_most: 2,
    };
    let desk = work(&world);
    let first = desk.assign(&world.tenant, &MEI, &these, Some("Jo"), &portion);
    let first = first.await.unwrap();
    assert_eq!((first.items.len(), first.next), (2, Some(ids[1])));
    let portion = Portion {
        after: first.next,
        ..portion
    };
    let rest = desk.assign(&world.tenant, &MEI, &these, Some("Jo"), &portion);
    let rest = rest.await.unwrap();
    assert_eq!((rest.items[0].id, rest.next), (ids[2], None));
}

// Deciding

async fn close(world: &World, ids: &[ExceptionId], status: ExceptionStatus) -> Vec<ItemResult> {
    let these = Selection::These(ids.to_vec());
    let desk = work(world);
    let portion = Portion::default();
    let closed = desk.close(&world.tenant, &MEI, &these, status, None, &portion);
    results(&closed.await.unwrap())
}

#[tokio::test]
async fn an_exception_is_given_to_somebody_and_taken_back() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    let these = Selection::These(vec![id]);
    for (name, expected) in [(Some(" Jo "), Some("Jo")), (Some("  "), None), (None, None)] {
        let desk = work(&world);
        let portion = Portion::default();
        let worked = desk.assign(&world.tenant, &MEI, &these, name, &portion);
        assert_eq!(results(&worked.await.unwrap()), [ItemResult::Changed]);
        assert_eq!(
            detail(&world, id).await.summary.assignee.as_deref(),
            expected
        );
    }
    let entry = &audited(&world)[0];
    assert_eq!(entry.subject, format!("exception:{id}"));
    assert_eq!(entry.details["assignee"], "Jo");
}

#[tokio::test]
async fn an_exception_is_not_given_to_a_name_that_is_a_book() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let portion = Portion::default();
    let book = "é".repeat(ASSIGNEE_CHARS_MAX + 1);
    let refused = desk.assign(&world.tenant, &MEI, &these, Some(&book), &portion);
    assert!(matches!(refused.await, Err(AssignError::TooLong(101))));
    assert_eq!(detail(&world, id).await.summary.assignee, None);
    // Blanks around it are no part of the name.
    let name = format!(" {} ", "é".repeat(ASSIGNEE_CHARS_MAX));
    let fits = desk.assign(&world.tenant, &MEI, &these, Some(&name), &portion);
    assert!(fits.await.is_ok());
    assert_eq!(
        detail(&world, id).await.summary.assignee.as_deref(),
        Some(name.trim())
    );
}

#[tokio::test]
async fn a_note_is_kept_with_who_wrote_it_also_on_what_is_closed() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    close(&world, &[id], ExceptionStatus::Resolved).await;
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let portion = Portion::default();
    let written = desk.note(
        &world.tenant,
        &MEI,
        &these,
        " the supplier knows\n",
        &portion,
    );
    assert_eq!(results(&written.await.unwrap()), [ItemResult::Changed]);
    let notes = detail(&world, id).await.notes;
    assert_eq!(
        (notes[0].by.as_str(), notes[0].text.as_str()),
        ("Mei", "the supplier knows")
    );
    let entry = audited(&world).pop().unwrap();
    assert_eq!(entry.action, "exception.noted");
    assert!(!format!("{:?}", entry.details).contains("supplier"));
}

#[tokio::test]
async fn a_note_that_says_nothing_or_too_much_is_refused() {
    let world = World::new().await;
    let these = Selection::These(vec![raise(&world, ErrorClass::Unknown, None).await]);
    let desk = work(&world);
    let portion = Portion::default();
    let empty = desk.note(&world.tenant, &MEI, &these, " \n", &portion);
    assert!(matches!(empty.await, Err(NoteError::Empty)));
    let book = "é".repeat(NOTE_CHARS_MAX + 1);
    let too_long = desk.note(&world.tenant, &MEI, &these, &book, &portion);
    assert!(matches!(too_long.await, Err(NoteError::TooLong(2001))));
    let page = "é".repeat(NOTE_CHARS_MAX);
    let fits = desk.note(&world.tenant, &MEI, &these, &page, &portion);
    assert!(fits.await.is_ok());
}

#[tokio::test]
async fn a_snooze_ends_by_itself_and_nobody_is_told_meanwhile() {
    let world = World::new().await;
    let id = hold(&world, "A1").await;
    let until = world.now() + TimeDelta::hours(2);
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let portion = Portion::default();
    let snoozed = desk.snooze(&world.tenant, &MEI, &these, Some(until), &portion);
    assert_eq!(results(&snoozed.await.unwrap()), [ItemResult::Changed]);
    assert_eq!(world.tell_all().await, 0);
    world.clock.set(until);
    assert_eq!(world.tell_all().await, 1);
    let entry = audited(&world).pop().unwrap();
    assert_eq!(entry.action, "exception.snoozed");
    assert_eq!(entry.details["until"], until.to_rfc3339());
}

#[tokio::test]
async fn a_snooze_is_for_a_while_and_not_for_ever() {
    let world = World::new().await;
    let now = world.now();
    let these = Selection::These(vec![raise(&world, ErrorClass::Unknown, None).await]);
    let desk = work(&world);
    let portion = Portion::default();
    let snooze = |until| desk.snooze(&world.tenant, &MEI, &these, until, &portion);
    let past = snooze(Some(now)).await;
    assert!(
        matches!(past, Err(SnoozeError::NotInTheFuture(_))),
        "{past:?}"
    );
    let ever = snooze(Some(now + SNOOZE_LONGEST + TimeDelta::seconds(1))).await;
    assert!(matches!(ever, Err(SnoozeError::TooFar { .. })), "{ever:?}");
    assert!(snooze(Some(now + SNOOZE_LONGEST)).await.is_ok());
    assert!(snooze(None).await.is_ok());
}

#[tokio::test]
async fn what_is_closed_is_closed_once() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    let (resolved, wont_fix) = (ExceptionStatus::Resolved, ExceptionStatus::WontFix);
    assert_eq!(close(&world, &[id], wont_fix).await, [ItemResult::Changed]);
    assert_eq!(
        close(&world, &[id], wont_fix).await,
        [ItemResult::Unchanged]
    );
    assert_eq!(close(&world, &[id], resolved).await, [ItemResult::Changed]);
    assert_eq!(
        close(&world, &[id], resolved).await,
        [ItemResult::Unchanged]
    );
    assert_eq!(close(&world, &[id], wont_fix).await, [ItemResult::Closed]);
    assert_eq!(audited(&world).len(), 2, "what changed nothing is no deed");
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let portion = Portion::default();
    for result in [
        desk.assign(&world.tenant, &MEI, &these, Some("Jo"), &portion)
            .await
            .unwrap(),
        desk.snooze(&world.tenant, &MEI, &these, None, &portion)
            .await
            .unwrap(),
    ] {
        assert_eq!(results(&result), [ItemResult::Closed]);
    }
}

#[tokio::test]
async fn an_exception_is_closed_with_a_note() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let portion = Portion::default();
    let status = ExceptionStatus::Resolved;
    let empty = desk.close(&world.tenant, &MEI, &these, status, Some(" "), &portion);
    assert!(matches!(
        empty.await,
        Err(CloseError::Note(NoteError::Empty))
    ));
    assert_eq!(detail(&world, id).await.summary.status, "open");
    let open = ExceptionStatus::Open;
    let stays = desk.close(&world.tenant, &MEI, &these, open, None, &portion);
    assert!(matches!(stays.await, Err(CloseError::StaysOpen)));
    let closed = desk.close(
        &world.tenant,
        &MEI,
        &these,
        status,
        Some("mended"),
        &portion,
    );
    closed.await.unwrap();
    let detail = detail(&world, id).await;
    assert_eq!(detail.summary.resolved_by.as_deref(), Some("Mei"));
    assert_eq!(detail.notes[0].text, "mended");
}

#[tokio::test]
async fn what_is_left_as_it_is_is_neither_opened_nor_told_again_until_it_was_over() {
    let world = World::new().await;
    let id = hold(&world, "A1").await;
    close(&world, &[id], ExceptionStatus::WontFix).await;
    let again = |seconds| {
        let mut order = snapshot("A1", OrderStatus::ReadyToShip);
        order.updated_at += TimeDelta::seconds(seconds);
        order
    };
    world.change(again(1)).await;
    assert!(world.open().await.is_empty());
    assert_eq!(world.tell_all().await, 0);
    let left = detail(&world, id).await.summary;
    assert_eq!((left.status.as_str(), left.retry_count), ("wont_fix", 1));
    // The cause goes away by itself: then it is history like any other.
    world.add_card(examples::SKU, 5).await;
    world.work().await;
    assert_eq!(detail(&world, id).await.summary.status, "resolved");
}

#[tokio::test]
async fn what_is_resolved_while_its_cause_stands_opens_anew() {
    let world = World::new().await;
    let id = hold(&world, "A1").await;
    close(&world, &[id], ExceptionStatus::Resolved).await;
    let mut order = snapshot("A1", OrderStatus::ReadyToShip);
    order.updated_at += TimeDelta::seconds(1);
    world.change(order).await;
    let open = world.exceptions("open").await;
    assert_eq!(open.len(), 1);
    assert_ne!(open[0].id, id.to_string());
    let anew: ExceptionId = open[0].id.parse().unwrap();
    assert_eq!(detail(&world, anew).await.before[0].id, id.to_string());
}

#[tokio::test]
async fn a_decision_that_was_not_committed_was_not_made() {
    let world = World::new().await;
    let id = raise(&world, ErrorClass::Unknown, Some("A1")).await;
    world
        .store
        .fail_next_commit(hawker_ports::StoreError::Poisoned);
    let these = Selection::These(vec![id]);
    let desk = work(&world);
    let status = ExceptionStatus::Resolved;
    let portion = Portion::default();
    let failed = desk.close(&world.tenant, &MEI, &these, status, None, &portion);
    assert!(matches!(failed.await, Err(CloseError::Store(_))));
    assert_eq!(detail(&world, id).await.summary.status, "open");
    assert!(audited(&world).is_empty());
}
