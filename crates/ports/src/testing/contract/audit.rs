//! The audit log: entries come with the deed, and are listed newest first.

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ApiTokenId;
use serde_json::json;

use super::bench::Bench;
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::after_noon;
use crate::views::{AuditFilter, AuditRow, Counted, PageRequest};

const CHANGED: &str = "profile.changed";
const ACTIVATED: &str = "profile.activated";

/// With who, what, to which thing and what else tells.
pub async fn an_entry_is_shown_as_it_was_recorded(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let actor = Actor::api_token("hub", ApiTokenId::of(7));
    let entry = AuditEntry::new(
        &actor,
        CHANGED,
        "profile:scp_first".into(),
        after_noon(5),
        &bench.ids,
    )
    .with("fields", json!(["region", "partner_key"]))
    .with("version", 3);
    record(&bench, std::slice::from_ref(&entry)).await?;
    let listed = list(&bench, &AuditFilter::default(), 10, None).await?;
    let expected = AuditRow {
        id: entry.id.to_string(),
        at: after_noon(5),
        actor: actor.as_str().to_owned(),
        action: CHANGED.into(),
        subject: "profile:scp_first".into(),
        details: json!({ "fields": ["region", "partner_key"], "version": 3 }),
    };
    assert_eq!(listed.page.rows, [expected]);
    assert_eq!((listed.page.next, listed.total), (None, 1));
    Ok(())
}

/// Each once, also those of one moment; every page says how many there are altogether.
pub async fn entries_are_listed_newest_first_and_page_by_page(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let nothing = list(&bench, &AuditFilter::default(), 2, None).await?;
    assert_eq!((nothing.page.rows.len(), nothing.total), (0, 0));
    // Three of one deed at the same moment, and one before and after.
    let entries = [10, 20, 20, 20, 30].map(|at| entry(&bench, CHANGED, "profile:a", at));
    record(&bench, &entries[2..]).await?;
    record(&bench, &entries[..2]).await?;
    let mut listed = Vec::new();
    let mut sizes = Vec::new();
    let mut after = None;
    loop {
        let part = list(&bench, &AuditFilter::default(), 2, after).await?;
        assert_eq!(part.total, 5);
        sizes.push(part.page.rows.len());
        listed.extend(part.page.rows.into_iter().map(|row| row.id));
        after = part.page.next;
        if after.is_none() {
            break;
        }
    }
    let newest_first: Vec<_> = entries.iter().rev().map(|it| it.id.to_string()).collect();
    assert_eq!(listed, newest_first);
    assert_eq!(sizes, [2, 2, 1]);
    Ok(())
}

/// By subject, by deed; the total counts what matches, on all pages.
pub async fn entries_are_filtered(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let entries = [
        entry(&bench, CHANGED, "profile:a", 0),
        entry(&bench, CHANGED, "profile:b", 1),
        entry(&bench, ACTIVATED, "profile:b", 2),
        entry(&bench, CHANGED, "profile:b", 3),
    ];
    record(&bench, &entries).await?;
    let filter = |subject: Option<&str>, action: Option<&str>| AuditFilter {
        subject: subject.map(Into::into),
        action: action.map(Into::into),
    };
    for (filter, expected) in [
        (filter(Some("profile:a"), None), &[0][..]),
        (filter(Some("profile:b"), None), &[3, 2, 1]),
        (filter(None, Some(ACTIVATED)), &[2]),
        (filter(Some("profile:b"), Some(CHANGED)), &[3, 1]),
        (filter(Some("profile:a"), Some(ACTIVATED)), &[]),
        (filter(Some("profile"), None), &[]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|place: &usize| entries[*place].id.to_string())
            .collect();
        let listed = list(&bench, &filter, 10, None).await?;
        let ids: Vec<_> = listed.page.rows.into_iter().map(|row| row.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
        let first = list(&bench, &filter, 1, None).await?;
        assert_eq!(usize::try_from(first.total), Ok(expected.len()));
        assert_eq!(first.page.next.is_some(), expected.len() > 1);
    }
    Ok(())
}

/// The entry goes the way of the deed.
pub async fn an_entry_of_a_deed_that_was_not_committed_is_not_there(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let mut uow = bench.begin().await?;
    let dropped = entry(&bench, CHANGED, "profile:a", 0);
    uow.audit().record(&[dropped]).await?;
    drop(uow);
    let mut uow = bench.begin().await?;
    uow.audit().record(&[]).await?;
    uow.commit().await?;
    let listed = list(&bench, &AuditFilter::default(), 10, None).await?;
    assert_eq!((listed.page.rows.len(), listed.total), (0, 0));
    Ok(())
}

/// Nor counted.
pub async fn entries_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let theirs = Bench::of_other_tenant(fixture).await?;
    record(&bench, &[entry(&bench, CHANGED, "profile:a", 0)]).await?;
    let own = entry(&theirs, CHANGED, "profile:a", 1);
    record(&theirs, std::slice::from_ref(&own)).await?;
    let listed = list(&theirs, &AuditFilter::default(), 10, None).await?;
    let ids: Vec<_> = listed.page.rows.into_iter().map(|row| row.id).collect();
    assert_eq!((ids, listed.total), (vec![own.id.to_string()], 1));
    Ok(())
}

fn entry(bench: &Bench, action: &'static str, subject: &str, seconds: i64) -> AuditEntry {
    let at = after_noon(seconds);
    AuditEntry::new(&Actor::terminal(), action, subject.into(), at, &bench.ids)
}

async fn record(bench: &Bench, entries: &[AuditEntry]) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.audit().record(entries).await?;
    uow.commit().await
}

async fn list(
    bench: &Bench,
    filter: &AuditFilter,
    limit: u32,
    after: Option<String>,
) -> Result<Counted<AuditRow>, StoreError> {
    let page = PageRequest { limit, after };
    bench.views.audit(&bench.tenant, filter, &page).await
}
