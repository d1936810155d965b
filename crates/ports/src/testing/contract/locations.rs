//! Warehouses are kept as fetched last, and one of them is the default.

use hawker_domain::Timestamp;
use serde_json::json;

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::locations::ShopLocation;
use crate::shops::Warehouse;
use crate::testing::examples::{after_noon, noon, profile_id, warehouse};

/// The first of them is the default.
pub async fn warehouses_are_told_as_they_were_fetched(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert_eq!(told(&bench, PROFILE).await?, []);
    let whole = Warehouse {
        location_id: "SGZ".into(),
        name: Some("Jurong".into()),
        kind: Some(2),
        address: [("city".to_owned(), json!("Singapore"))]
            .into_iter()
            .collect(),
    };
    let blank = Warehouse {
        location_id: "SGA".into(),
        name: None,
        kind: None,
        address: serde_json::Map::new(),
    };
    let fetched = [whole.clone(), blank.clone()];
    replace(&bench, PROFILE, &fetched, after_noon(7)).await?;
    let expected = [(whole, true), (blank, false)].map(|(warehouse, is_default)| ShopLocation {
        warehouse,
        is_default,
        fetched_at: after_noon(7),
    });
    assert_eq!(told(&bench, PROFILE).await?, expected);
    Ok(())
}

/// What the marketplace no longer tells of is gone, and what it tells anew is as it tells it.
pub async fn what_is_fetched_again_replaces_what_was_kept(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let fetched = ["SG1", "SG2"].map(warehouse);
    replace(&bench, PROFILE, &fetched, noon()).await?;
    let renamed = Warehouse {
        name: Some("Renamed".into()),
        ..warehouse("SG2")
    };
    let fetched = [renamed.clone(), warehouse("SG3")];
    replace(&bench, PROFILE, &fetched, after_noon(60)).await?;
    let kept = told(&bench, PROFILE).await?;
    assert_eq!(ids(&kept), ["SG2", "SG3"]);
    assert_eq!(kept[0].warehouse, renamed);
    for location in &kept {
        assert_eq!(location.fetched_at, after_noon(60));
    }
    replace(&bench, PROFILE, &[], after_noon(61)).await?;
    assert_eq!(told(&bench, PROFILE).await?, []);
    Ok(())
}

/// Wherever it stands in the list; then the first takes its place.
pub async fn the_default_stays_the_default_as_long_as_it_exists(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    replace(
        &bench,
        PROFILE,
        &["SG1", "SG2", "SG3"].map(warehouse),
        noon(),
    )
    .await?;
    assert!(choose(&bench, PROFILE, "SG2").await?);
    for (seconds, fetched, default) in [
        (1, &["SG3", "SG1", "SG2"][..], "SG2"),
        (2, &["SG3", "SG1"], "SG3"),
        (3, &["SG1", "SG3"], "SG3"),
    ] {
        let fetched: Vec<_> = fetched.iter().map(|id| warehouse(id)).collect();
        replace(&bench, PROFILE, &fetched, after_noon(seconds)).await?;
        assert_eq!(defaults(&told(&bench, PROFILE).await?), [default]);
    }
    Ok(())
}

/// It comes first from then on; what does not exist cannot be chosen.
pub async fn a_default_is_chosen_among_what_there_is(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    replace(
        &bench,
        PROFILE,
        &["SG1", "SG2", "SG3"].map(warehouse),
        noon(),
    )
    .await?;
    for chosen in ["SG3", "SG2", "SG2"] {
        assert!(choose(&bench, PROFILE, chosen).await?);
        let kept = told(&bench, PROFILE).await?;
        assert_eq!(kept[0].warehouse.location_id, chosen);
        assert_eq!(defaults(&kept), [chosen]);
    }
    assert!(!choose(&bench, PROFILE, "SG9").await?);
    assert!(!choose(&bench, OTHER_PROFILE, "SG2").await?);
    assert_eq!(defaults(&told(&bench, PROFILE).await?), ["SG2"]);
    Ok(())
}

/// The answer is the marketplace's; nothing keeps it from naming one for pickup and for return.
pub async fn a_warehouse_that_is_named_twice_is_kept_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let for_return = Warehouse {
        kind: Some(2),
        ..warehouse("SG1")
    };
    let fetched = [warehouse("SG1"), for_return, warehouse("SG2")];
    replace(&bench, PROFILE, &fetched, noon()).await?;
    let kept = told(&bench, PROFILE).await?;
    assert_eq!(ids(&kept), ["SG1", "SG2"]);
    assert_eq!(defaults(&kept), ["SG1"]);
    Ok(())
}

/// Two profiles may be of one shop.
pub async fn locations_of_one_profile_are_not_those_of_another(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for profile in [PROFILE, OTHER_PROFILE] {
        replace(&bench, profile, &["SG1", "SG2"].map(warehouse), noon()).await?;
    }
    assert!(choose(&bench, PROFILE, "SG2").await?);
    replace(&bench, PROFILE, &[warehouse("SG2")], after_noon(1)).await?;
    let untouched = told(&bench, OTHER_PROFILE).await?;
    assert_eq!(ids(&untouched), ["SG1", "SG2"]);
    assert_eq!(defaults(&untouched), ["SG1"]);
    Ok(())
}

/// Neither seen nor chosen.
pub async fn locations_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    replace(&bench, PROFILE, &["SG1", "SG2"].map(warehouse), noon()).await?;
    assert_eq!(told(&theirs, PROFILE).await?, []);
    assert!(!choose(&theirs, PROFILE, "SG2").await?);
    assert_eq!(defaults(&told(&bench, PROFILE).await?), ["SG1"]);
    Ok(())
}

async fn replace(
    bench: &Bench,
    profile: &str,
    warehouses: &[Warehouse],
    now: Timestamp,
) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.locations()
        .replace(&profile_id(profile), warehouses, now)
        .await?;
    uow.commit().await
}

async fn choose(bench: &Bench, profile: &str, location_id: &str) -> Result<bool, StoreError> {
    let mut uow = bench.begin().await?;
    let is_chosen = uow
        .locations()
        .choose_default(&profile_id(profile), location_id)
        .await?;
    uow.commit().await?;
    Ok(is_chosen)
}

async fn told(bench: &Bench, profile: &str) -> Result<Vec<ShopLocation>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.locations().of_profile(&profile_id(profile)).await
}

/// In the order of the alphabet: only the place of the default means something.
fn ids(locations: &[ShopLocation]) -> Vec<&str> {
    let ids = locations
        .iter()
        .map(|location| location.warehouse.location_id.as_str());
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids
}

fn defaults(locations: &[ShopLocation]) -> Vec<&str> {
    let defaults = locations.iter().filter(|location| location.is_default);
    defaults
        .map(|location| location.warehouse.location_id.as_str())
        .collect()
}
