//! What an operator decides about exceptions, and what the system still does with them.

use chrono::TimeDelta;
use hawker_domain::exception::{ErrorClass, ExceptionStatus, Resolution};
use hawker_domain::ids::{ExceptionId, NoteId, RetryBatchId};
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::trouble::{clear, listed, of_order, of_profile, raise, raise_each};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exception_desk::{ExceptionSelector, OperatorNote, QueuedException, Selection};
use crate::exceptions::{ProfileClearance, Remaining};
use crate::testing::examples::{after_noon, noon, order_sn, profile_id};
use crate::views::{ExceptionFilter, ExceptionSummary};

const NUMBER: &str = "250101AAA";
const OTHER: &str = "250101BBB";

/// With everything that deciding about it needs.
pub async fn exceptions_are_selected_by_id_also_closed_ones(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (OTHER, "sku:B")], 0).await?;
    clear(&bench, OTHER, Remaining::default(), 5).await?;
    let unknown = ExceptionId::fresh(&bench.ids);
    let these = Selection::These(vec![ids[1], unknown, ids[0]]);
    let found = select(&bench, &these, None, 10).await?;
    let expected = QueuedException {
        id: ids[0],
        class: ErrorClass::SkuNotFound,
        cause: "sku:A".into(),
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        order_sn: Some(order_sn(NUMBER)),
        order_profile: None,
        event: None,
        status: ExceptionStatus::Open,
        last_seen_at: noon(),
    };
    assert_eq!(found[0], expected);
    assert_eq!(
        (found[1].id, found[1].status),
        (ids[1], ExceptionStatus::Resolved)
    );
    assert_eq!(found.len(), 2);
    Ok(())
}

/// It may be another than the one that showed the exception.
pub async fn an_exception_names_the_profile_that_its_order_came_through(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push(NUMBER, 0)]).await?;
    bench.must_claim(noon()).await?;
    let mut raised =
        [NUMBER, OTHER].map(|number| of_order(&bench, number, ErrorClass::SkuNotFound, "sku:A"));
    for raised in &mut raised {
        raised.subject.profile = Some(profile_id(OTHER_PROFILE));
    }
    raise(&bench, &raised, 0).await?;
    let these = Selection::These(raised.map(|raised| raised.id).to_vec());
    let found = select(&bench, &these, None, 10).await?;
    let through: Vec<_> = found.into_iter().map(|one| one.order_profile).collect();
    assert_eq!(through, [Some(profile_id(PROFILE)), None]);
    Ok(())
}

/// Whatever is said narrows them down; what is closed is never among them.
pub async fn open_exceptions_are_selected_by_what_they_have_in_common(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut live = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    live.subject.environment = Environment::Live;
    let raised = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, OTHER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, OTHER, ErrorClass::SkuNotFound, "sku:B"),
        of_order(&bench, OTHER, ErrorClass::Oversold, "sku:A"),
        of_profile(&bench, OTHER_PROFILE, "push-signature"),
        live,
        of_order(&bench, "250101CCC", ErrorClass::SkuNotFound, "sku:A"),
    ];
    raise(&bench, &raised, 0).await?;
    clear(&bench, "250101CCC", Remaining::default(), 5).await?;
    assign(&bench, &[raised[2].id], Some("Mei")).await?;
    let any = ExceptionSelector::default;
    let cases: [(ExceptionSelector, &[usize]); 7] = [
        (any(), &[0, 1, 2, 3, 4, 5]),
        (
            ExceptionSelector {
                class: Some(ErrorClass::SkuNotFound),
                cause: Some("sku:A".into()),
                ..any()
            },
            &[0, 1, 5],
        ),
        (
            ExceptionSelector {
                cause: Some("sku:A".into()),
                ..any()
            },
            &[0, 1, 3, 5],
        ),
        (
            ExceptionSelector {
                environment: Some(Environment::Live),
                ..any()
            },
            &[5],
        ),
        (
            ExceptionSelector {
                profile: Some(profile_id(OTHER_PROFILE)),
                ..any()
            },
            &[4],
        ),
        (
            ExceptionSelector {
                order_sn: Some(order_sn(OTHER)),
                ..any()
            },
            &[1, 2, 3],
        ),
        (
            ExceptionSelector {
                assignee: Some("Mei".into()),
                ..any()
            },
            &[2],
        ),
    ];
    for (selector, expected) in cases {
        let meant = Selection::Matching(selector);
        let found = select(&bench, &meant, None, 10).await?;
        let mut expected: Vec<_> = expected.iter().map(|place| raised[*place].id).collect();
        expected.sort();
        assert_eq!(ids(&found), expected, "{meant:?}");
    }
    Ok(())
}

/// In the order of their ids, each once.
pub async fn a_selection_is_worked_through_in_portions(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let numbers = [
        "250101AAA",
        "250101BBB",
        "250101CCC",
        "250101DDD",
        "250101EEE",
    ];
    let raised = raise_each(&bench, &numbers.map(|number| (number, "sku:A")), 0).await?;
    let all = Selection::Matching(ExceptionSelector::default());
    let mut met = Vec::new();
    let mut after = None;
    loop {
        let portion = ids(&select(&bench, &all, after, 2).await?);
        if portion.is_empty() {
            break;
        }
        assert!(portion.len() <= 2);
        after = portion.last().copied();
        met.extend(portion);
    }
    assert_eq!(met, raised);
    let these = Selection::These(raised.clone());
    let rest = select(&bench, &these, Some(raised[2]), 10).await?;
    assert_eq!(ids(&rest), raised[3..]);
    Ok(())
}

/// And can be taken back.
pub async fn an_exception_is_given_to_a_person(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (OTHER, "sku:A")], 0).await?;
    assign(&bench, &ids[..1], Some("Mei")).await?;
    let of_mei = ExceptionFilter {
        assignee: Some("Mei".into()),
        ..ExceptionFilter::default()
    };
    let rows = listed(&bench, &of_mei).await?;
    let told: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(told, [ids[0].to_string()]);
    assert_eq!(rows[0].assignee.as_deref(), Some("Mei"));
    assign(&bench, &ids[..1], None).await?;
    assert!(listed(&bench, &of_mei).await?.is_empty());
    Ok(())
}

/// Unless somebody asks for everything; it stays open.
pub async fn a_snoozed_exception_is_out_of_sight_until_its_time(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders = [(NUMBER, "sku:A"), (OTHER, "sku:A"), ("250101CCC", "sku:A")];
    let ids = raise_each(&bench, &orders, 0).await?;
    snooze(&bench, &ids[..1], Some(some_day())).await?;
    // One whose time has come is in sight by itself.
    snooze(&bench, &ids[1..2], Some(after_noon(-60))).await?;
    let in_sight = ExceptionFilter::default();
    let rows = listed(&bench, &in_sight).await?;
    assert_eq!(shown(&rows), sorted(&ids[1..]));
    let everything = ExceptionFilter {
        with_snoozed: true,
        ..ExceptionFilter::default()
    };
    let rows = listed(&bench, &everything).await?;
    assert_eq!(shown(&rows), sorted(&ids));
    let first = rows.iter().find(|row| row.id == ids[0].to_string());
    let first = first.expect("it is among everything");
    assert_eq!(first.status, "open");
    assert_eq!(first.snoozed_until, Some(some_day()));

    snooze(&bench, &ids[..1], None).await?;
    let rows = listed(&bench, &in_sight).await?;
    assert_eq!(shown(&rows), sorted(&ids));
    Ok(())
}

/// Nobody looks for it among what waits.
pub async fn a_snoozed_exception_that_is_closed_is_in_sight(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    snooze(&bench, &ids, Some(some_day())).await?;
    clear(&bench, NUMBER, Remaining::default(), 5).await?;
    let resolved = ExceptionFilter {
        status: Some("resolved".into()),
        ..ExceptionFilter::default()
    };
    assert_eq!(listed(&bench, &resolved).await?.len(), 1);
    Ok(())
}

/// By whom and when is kept; a second decision of the same kind changes nothing.
pub async fn an_exception_is_closed_by_a_person(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders = [(NUMBER, "sku:A"), (OTHER, "sku:A"), ("250101CCC", "sku:A")];
    let ids = raise_each(&bench, &orders, 0).await?;
    close(&bench, &ids[..1], ExceptionStatus::Resolved, 10).await?;
    close(&bench, &ids[1..2], ExceptionStatus::WontFix, 10).await?;
    // Neither is opened or left again.
    close(&bench, &ids[..2], ExceptionStatus::WontFix, 20).await?;
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    let told = |id: ExceptionId| {
        let row = rows.iter().find(|row| row.id == id.to_string());
        let row = row.expect("it is listed");
        (row.status.clone(), row.resolved_at, row.resolved_by.clone())
    };
    let by_mei = |status: &str| {
        (
            status.to_owned(),
            Some(after_noon(10)),
            Some("Mei".to_owned()),
        )
    };
    assert_eq!(told(ids[0]), by_mei("resolved"));
    assert_eq!(told(ids[1]), by_mei("wont_fix"));
    assert_eq!(told(ids[2]), ("open".to_owned(), None, None));
    close(&bench, &ids[1..2], ExceptionStatus::Resolved, 30).await?;
    let left = Selection::These(vec![ids[1]]);
    let left = select(&bench, &left, None, 1).await?;
    assert_eq!(left[0].status, ExceptionStatus::Resolved);
    Ok(())
}

/// The decision holds: it is counted, and opens nothing.
pub async fn what_was_left_as_it_is_counts_on_and_is_not_opened_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    close(&bench, &ids, ExceptionStatus::WontFix, 10).await?;
    let again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    let answers = raise(&bench, &[again.clone(), again], 20).await?;
    for answer in answers {
        assert_eq!((answer.id, answer.is_new), (ids[0], false));
    }
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.status.as_str(), row.retry_count), ("wont_fix", 2));
    assert_eq!(row.last_seen_at, after_noon(20));
    assert_eq!(row.resolved_by.as_deref(), Some("Mei"));
    let backlog = bench.views.backlog(&bench.tenant, after_noon(30)).await?;
    assert!(backlog.exceptions.is_empty(), "{:?}", backlog.exceptions);
    Ok(())
}

/// So that it is told when it comes back.
pub async fn what_was_left_as_it_is_is_resolved_when_its_cause_is_gone(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let of_shop = of_profile(&bench, PROFILE, "push-signature");
    raise(&bench, std::slice::from_ref(&of_shop), 0).await?;
    let mut ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    ids.push(of_shop.id);
    close(&bench, &ids, ExceptionStatus::WontFix, 10).await?;
    assert_eq!(clear(&bench, NUMBER, Remaining::default(), 20).await?, 1);
    let over = ProfileClearance {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        class: ErrorClass::SignatureMismatch,
        cause: None,
        quiet_since: after_noon(20),
    };
    let mut uow = bench.begin().await?;
    assert_eq!(
        uow.exceptions()
            .clear_profiles(&[over], after_noon(20))
            .await?,
        1
    );
    uow.commit().await?;
    for row in listed(&bench, &ExceptionFilter::default()).await? {
        assert_eq!(row.status, "resolved");
    }
    let again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    let answer = raise(&bench, std::slice::from_ref(&again), 30).await?;
    assert_eq!((answer[0].id, answer[0].is_new), (again.id, true));
    Ok(())
}

/// The decision was about that one.
pub async fn what_a_person_resolved_opens_anew_when_it_shows_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    close(&bench, &ids, ExceptionStatus::Resolved, 10).await?;
    let again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    let answer = raise(&bench, std::slice::from_ref(&again), 20).await?;
    assert_eq!((answer[0].id, answer[0].is_new), (again.id, true));
    Ok(())
}

/// What is not committed was not decided.
pub async fn decisions_are_kept_with_the_unit_of_work(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    let mut uow = bench.begin().await?;
    let desk = uow.exception_desk();
    desk.assign(&ids, Some("Mei")).await?;
    desk.note(&[note(&bench, ids[0], "seen", 1)]).await?;
    desk.snooze(&ids, Some(some_day())).await?;
    desk.close(&ids, ExceptionStatus::Resolved, &by_mei(1))
        .await?;
    desk.note_retry(RetryBatchId::fresh(&bench.ids), &ids, noon())
        .await?;
    drop(uow);
    let views = fixture.exception_views();
    let detail = views.exception(&bench.tenant, ids[0]).await?;
    let detail = detail.expect("it exists");
    assert_eq!(detail.summary.status, "open");
    assert_eq!(detail.summary.assignee, None);
    assert_eq!(detail.summary.snoozed_until, None);
    assert_eq!((detail.notes, detail.retries), (Vec::new(), Vec::new()));
    Ok(())
}

/// And no others.
pub async fn retries_of_long_ago_are_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A"), (NUMBER, "sku:B")], 0).await?;
    let batches = [(); 2].map(|()| RetryBatchId::fresh(&bench.ids));
    let mut uow = bench.begin().await?;
    let desk = uow.exception_desk();
    desk.note_retry(batches[0], &ids, after_noon(10)).await?;
    desk.note_retry(batches[1], &ids[..1], after_noon(20))
        .await?;
    uow.commit().await?;
    let forget = async |before, at_most| {
        let mut uow = bench.begin().await?;
        let before = after_noon(before);
        let forgotten = uow.exception_desk().forget_retries(before, at_most).await?;
        uow.commit().await?;
        Ok::<_, StoreError>(forgotten)
    };
    let views = fixture.exception_views();
    let left = async || {
        let detail = views.exception(&bench.tenant, ids[0]).await?;
        let retries = detail.into_iter().flat_map(|detail| detail.retries);
        let batches: Vec<_> = retries.map(|retry| retry.batch).collect();
        Ok::<_, StoreError>(batches)
    };
    assert_eq!(forget(10, 10).await?, 0);
    assert_eq!(forget(90, 2).await?, 2);
    assert_eq!(left().await?, [batches[1].to_string()], "the oldest first");
    assert_eq!(forget(20, 10).await?, 0);
    assert_eq!(forget(21, 10).await?, 1);
    assert!(left().await?.is_empty());
    Ok(())
}

/// Neither seen nor changed.
pub async fn exceptions_of_another_tenant_are_not_decided_about(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    for selection in [
        Selection::These(ids.clone()),
        Selection::Matching(ExceptionSelector::default()),
    ] {
        assert!(select(&theirs, &selection, None, 10).await?.is_empty());
    }
    close(&theirs, &ids, ExceptionStatus::Resolved, 10).await?;
    assign(&theirs, &ids, Some("Mei")).await?;
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    assert_eq!(
        (rows[0].status.as_str(), &rows[0].assignee),
        ("open", &None)
    );
    Ok(())
}

fn ids(found: &[QueuedException]) -> Vec<ExceptionId> {
    found.iter().map(|found| found.id).collect()
}

fn shown(rows: &[ExceptionSummary]) -> Vec<String> {
    let mut ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[ExceptionId]) -> Vec<String> {
    let mut ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.sort();
    ids
}

fn by_mei(seconds: i64) -> Resolution {
    Resolution {
        at: noon() + TimeDelta::seconds(seconds),
        by: "Mei".into(),
    }
}

fn note(bench: &Bench, exception: ExceptionId, text: &str, seconds: i64) -> OperatorNote {
    OperatorNote {
        id: NoteId::fresh(&bench.ids),
        exception,
        at: after_noon(seconds),
        by: "Mei".into(),
        text: text.into(),
    }
}

async fn select(
    bench: &Bench,
    selection: &Selection,
    after: Option<ExceptionId>,
    at_most: u32,
) -> Result<Vec<QueuedException>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.exception_desk().select(selection, after, at_most).await
}

async fn assign(bench: &Bench, ids: &[ExceptionId], assignee: Option<&str>) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.exception_desk().assign(ids, assignee).await?;
    uow.commit().await
}

async fn snooze(
    bench: &Bench,
    ids: &[ExceptionId],
    until: Option<hawker_domain::Timestamp>,
) -> Outcome {
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
    let mut uow = bench.begin().await?;
    uow.exception_desk()
        .close(ids, status, &by_mei(seconds))
        .await?;
    uow.commit().await
}
