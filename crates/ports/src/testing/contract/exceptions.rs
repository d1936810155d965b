//! One open row per cause and subject, resolved when the cause is gone.

use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::{EventId, ExceptionId};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::trouble::{clear, listed, of_order, of_profile, raise};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exceptions::{OpenException, ProfileClearance, Remaining};
use crate::testing::examples::{SKU, after_noon, noon, profile_id, snapshot};
use crate::views::ExceptionFilter;

const NUMBER: &str = "250101AAA";
const ANOTHER: &str = "250101BBB";

/// The same again adds to the count and renews what is said.
pub async fn a_cause_opens_one_row_and_counts_what_follows(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    assert_eq!(
        raise(&bench, std::slice::from_ref(&first), 0).await?,
        [new(first.id)]
    );
    let mut again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    again.cause.message = "in other words".into();
    again.cause.due_at = Some(after_noon(900));
    again.occurrences = 3;
    let event = EventId::fresh(&bench.ids);
    again.subject.event = Some(event);
    let known = OpenException {
        id: first.id,
        is_new: false,
    };
    assert_eq!(raise(&bench, &[again], 10).await?, [known]);

    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    let [row] = &rows[..] else {
        panic!("one row is to be there, not {rows:?}")
    };
    assert_eq!(row.id, first.id.to_string());
    assert_eq!(row.error_class, "sku_not_found");
    assert_eq!(row.cause, "sku:A");
    assert_eq!(row.environment, "sandbox");
    assert_eq!(row.order_sn.as_deref(), Some(NUMBER));
    assert_eq!(row.message, "in other words");
    assert_eq!(row.due_at, Some(after_noon(900)));
    assert_eq!(row.status, "open");
    assert_eq!(row.retry_count, 3);
    assert_eq!(row.raw_event_id, Some(event.to_string()));
    assert_eq!(
        (row.first_seen_at, row.last_seen_at),
        (noon(), after_noon(10))
    );
    Ok(())
}

/// Only the first of them is new, so that one alert is sent.
pub async fn equal_causes_of_one_call_share_a_row(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let causes = [(); 3].map(|()| of_order(&bench, NUMBER, ErrorClass::Unknown, "x"));
    let known = OpenException {
        id: causes[0].id,
        is_new: false,
    };
    assert_eq!(
        raise(&bench, &causes, 0).await?,
        [new(causes[0].id), known, known]
    );
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].retry_count, 2);
    Ok(())
}

/// By class, by cause, by order, by environment, by profile.
pub async fn causes_that_differ_are_rows_of_their_own(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut live = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    live.subject.environment = Environment::Live;
    let causes = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:B"),
        of_order(&bench, NUMBER, ErrorClass::AmbiguousSku, "sku:A"),
        of_order(&bench, "250101BBB", ErrorClass::SkuNotFound, "sku:A"),
        live,
        of_profile(&bench, PROFILE, "push-signature"),
        of_profile(&bench, OTHER_PROFILE, "push-signature"),
    ];
    let opened = raise(&bench, &causes, 0).await?;
    let expected: Vec<_> = causes.iter().map(|cause| new(cause.id)).collect();
    assert_eq!(opened, expected);
    Ok(())
}

/// What was resolved stays resolved; the history is kept.
pub async fn a_cause_that_comes_back_opens_a_new_row(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    raise(&bench, &[first], 0).await?;
    assert_eq!(clear(&bench, NUMBER, Remaining::default(), 5).await?, 1);
    let second = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    assert_eq!(
        raise(&bench, std::slice::from_ref(&second), 10).await?,
        [new(second.id)]
    );
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.status.as_str(),
                row.resolved_at,
                row.resolved_by.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("open", None, None),
            ("resolved", Some(after_noon(5)), Some("hawker"))
        ]
    );
    Ok(())
}

/// The work on an order says which of its causes still stand.
pub async fn causes_that_are_gone_are_resolved_and_those_that_stand_remain(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let causes = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:B"),
        of_order(&bench, NUMBER, ErrorClass::Oversold, "sku:B"),
        of_order(&bench, NUMBER, ErrorClass::SdkTransient, "fetch"),
    ];
    raise(&bench, &causes, 0).await?;
    let remaining = Remaining {
        causes: vec![
            (ErrorClass::SkuNotFound, "sku:B".into()),
            (ErrorClass::RetryExhausted, "fetch".into()),
        ],
        ..Remaining::default()
    };
    assert_eq!(clear(&bench, NUMBER, remaining.clone(), 5).await?, 3);
    assert_eq!(open(&bench).await?, ["sku_not_found sku:B"]);
    assert_eq!(clear(&bench, NUMBER, remaining, 6).await?, 0);
    Ok(())
}

/// Without being counted once more; what is not dated keeps the deadline that it has.
pub async fn what_stands_is_due_when_its_order_says_so(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut causes = ["answer", "arrange"]
        .map(|cause| of_order(&bench, NUMBER, ErrorClass::ActionRequired, cause));
    for raised in &mut causes {
        raised.cause.due_at = Some(after_noon(100));
    }
    let mut elsewhere = of_order(&bench, ANOTHER, ErrorClass::ActionRequired, "answer");
    elsewhere.cause.due_at = Some(after_noon(100));
    raise(&bench, &causes, 0).await?;
    raise(&bench, &[elsewhere], 0).await?;
    let class = ErrorClass::ActionRequired;
    let remaining = Remaining {
        causes: vec![(class, "answer".into()), (class, "arrange".into())],
        deadlines: vec![(class, "answer".into(), after_noon(900))],
        ..Remaining::default()
    };
    assert_eq!(clear(&bench, NUMBER, remaining, 5).await?, 0);
    let rows = listed(&bench, &ExceptionFilter::default()).await?;
    let mut told: Vec<_> = rows
        .iter()
        .map(|row| (row.order_sn.as_deref(), row.cause.as_str(), row.due_at))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            (Some(NUMBER), "answer", Some(after_noon(900))),
            (Some(NUMBER), "arrange", Some(after_noon(100))),
            (Some(ANOTHER), "answer", Some(after_noon(100))),
        ]
    );
    for row in rows {
        assert_eq!((row.retry_count, row.last_seen_at), (0, after_noon(0)));
    }
    Ok(())
}

/// An order that could not be fetched says nothing about its SKUs.
pub async fn classes_that_the_work_says_nothing_about_remain(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let causes = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:B"),
        of_order(&bench, NUMBER, ErrorClass::Oversold, "sku:C"),
        of_order(&bench, NUMBER, ErrorClass::SdkTransient, "fetch"),
    ];
    raise(&bench, &causes, 0).await?;
    let remaining = Remaining {
        causes: vec![(ErrorClass::Oversold, "sku:C".into())],
        classes: vec![ErrorClass::SkuNotFound],
        ..Remaining::default()
    };
    assert_eq!(clear(&bench, NUMBER, remaining, 5).await?, 1);
    assert_eq!(
        open(&bench).await?,
        [
            "oversold sku:C",
            "sku_not_found sku:A",
            "sku_not_found sku:B"
        ]
    );
    Ok(())
}

/// Nor does it touch what is about a profile, or about the same number elsewhere.
pub async fn a_clearance_concerns_its_order_alone(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut live = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:LIVE");
    live.subject.environment = Environment::Live;
    let causes = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_order(&bench, "250101BBB", ErrorClass::SkuNotFound, "sku:B"),
        of_profile(&bench, PROFILE, "push-signature"),
        live,
    ];
    raise(&bench, &causes, 0).await?;
    assert_eq!(clear(&bench, NUMBER, Remaining::default(), 5).await?, 1);
    assert_eq!(
        open(&bench).await?,
        [
            "signature_mismatch push-signature",
            "sku_not_found sku:B",
            "sku_not_found sku:LIVE"
        ]
    );
    Ok(())
}

/// Forged pushes between genuine ones must not open and close it over and over.
pub async fn an_exception_of_a_profile_is_resolved_once_it_was_quiet(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let causes = [
        of_profile(&bench, PROFILE, "push-signature"),
        of_profile(&bench, PROFILE, "no-push-key"),
        of_profile(&bench, OTHER_PROFILE, "push-signature"),
    ];
    raise(&bench, &causes, 0).await?;
    let clearance = |cause: Option<&str>, quiet_since: Timestamp| ProfileClearance {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        class: ErrorClass::SignatureMismatch,
        cause: cause.map(str::to_owned),
        quiet_since,
    };
    let mut cleared = Vec::new();
    for clearance in [
        clearance(None, after_noon(-1)),
        clearance(Some("unknown-profile"), after_noon(1)),
        clearance(Some("no-push-key"), after_noon(1)),
        clearance(None, after_noon(1)),
    ] {
        let mut uow = bench.begin().await?;
        cleared.push(
            uow.exceptions()
                .clear_profiles(&[clearance], after_noon(60))
                .await?,
        );
        uow.commit().await?;
    }
    assert_eq!(cleared, [0, 0, 1, 1]);
    assert_eq!(open(&bench).await?, ["signature_mismatch push-signature"]);
    Ok(())
}

/// By whatever path the stock came in.
pub async fn an_oversold_exception_is_resolved_when_enough_is_there(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant(SKU).await?;
    let main = bench.add_location("main", 0).await?;
    let told = OrderSnapshot {
        updated_at: noon(),
        ..snapshot(NUMBER, OrderStatus::ReadyToShip)
    };
    let plan = bench.refresh(told, 0).await?;
    let subject = of_order(&bench, NUMBER, ErrorClass::Oversold, "").subject;
    let raised = plan
        .raised
        .into_iter()
        .map(|cause| RaisedException::once(subject.clone(), cause, &bench.ids));
    let raised: Vec<_> = raised.collect();
    assert_eq!(raise(&bench, &raised, 0).await?.len(), 1);

    let mut resolved = Vec::new();
    for (seconds, pieces) in [(10, 0), (20, 1), (30, 1)] {
        bench.book(bench.receipt(card, main, pieces)).await?;
        let mut uow = bench.begin().await?;
        resolved.push(
            uow.exceptions()
                .clear_restocked(after_noon(seconds))
                .await?,
        );
        uow.commit().await?;
    }
    assert_eq!(resolved, [0, 0, 1]);
    assert!(open(&bench).await?.is_empty());
    Ok(())
}

fn new(id: ExceptionId) -> OpenException {
    OpenException { id, is_new: true }
}

/// Class and cause of what is open, sorted.
async fn open(bench: &Bench) -> Result<Vec<String>, StoreError> {
    let filter = ExceptionFilter {
        status: Some("open".into()),
        ..ExceptionFilter::default()
    };
    let rows = listed(bench, &filter).await?;
    let mut open: Vec<_> = rows
        .iter()
        .map(|row| format!("{} {}", row.error_class, row.cause))
        .collect();
    open.sort();
    Ok(open)
}
