//! Every secret is met once, in order, and replaced only where it still is as it was read.

use hawker_domain::ids::TokenId;
use hawker_domain::{ConnectorName, ShopId};

use super::bench::{Bench, PROFILE};
use super::{Outcome, StoreFixture};
use crate::profiles::{NewProfile, Profile};
use crate::secrets::{Resealed, SECRET_COLUMNS, SecretPlace, StoredSecret};
use crate::testing::examples::{after_noon, noon, profile, profile_id, sealed, token, token_key};
use crate::tokens::NewToken;
use crate::{Sealed, StoreError};

/// Ids whose order depends on whose alphabet it is; bytes decide.
const IDS: [&str; 4] = ["A-b", "Z_a", "_m", "a"];

/// However many are asked for at a time. Deleted profiles have secrets, too; whoever has none is not
/// met.
pub async fn every_secret_is_met_once_and_in_order(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let expected = fill(&bench).await?;
    for limit in [1, 2, 3, 100] {
        let mut met: Vec<StoredSecret> = Vec::new();
        loop {
            let last = met.last().map(|secret| secret.place.clone());
            let page = page(&bench, last.as_ref(), limit).await?;
            assert!(page.len() <= usize::try_from(limit).expect("a small number"));
            if page.is_empty() {
                break;
            }
            met.extend(page);
        }
        let met: Vec<_> = met
            .into_iter()
            .map(|secret| (secret.place, secret.sealed))
            .collect();
        assert_eq!(met, expected, "{limit} at a time");
    }
    Ok(())
}

/// Also where the row is gone by now.
pub async fn a_walk_goes_on_where_it_stopped(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let all = fill(&bench).await?;
    for column in SECRET_COLUMNS {
        for row in ["", "M", "~"] {
            let stopped = place(column, row);
            let expected = all.iter().map(|(place, _)| place);
            let expected: Vec<_> = expected.filter(|place| **place > stopped).collect();
            let page = page(&bench, Some(&stopped), 100).await?;
            let met: Vec<_> = page.iter().map(|secret| &secret.place).collect();
            assert_eq!(met, expected, "after {stopped:?}");
        }
    }
    Ok(())
}

/// It is no change of the profile and no new pair.
pub async fn a_secret_that_was_sealed_anew_takes_the_place_of_the_old_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let all = fill(&bench).await?;
    let before = versions(&bench).await?;
    let anew: Vec<_> = all
        .iter()
        .map(|(place, old)| Resealed {
            place: place.clone(),
            old: old.clone(),
            new: again(old),
        })
        .collect();
    assert_eq!(
        usize::try_from(replace(&bench, &anew).await?),
        Ok(all.len())
    );
    let stored = page(&bench, None, 100).await?;
    let stored: Vec<_> = stored
        .into_iter()
        .map(|secret| (secret.place, secret.sealed))
        .collect();
    let expected: Vec<_> = all
        .into_iter()
        .map(|(place, old)| (place, again(&old)))
        .collect();
    assert_eq!(stored, expected);
    assert_eq!(versions(&bench).await?, before);
    assert_eq!(replace(&bench, &[]).await?, 0);
    Ok(())
}

/// Whoever saved another one in between wins; so does whoever took it away.
pub async fn a_secret_that_was_changed_meanwhile_is_left_alone(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let anew = |column, row: &str, old: &str| Resealed {
        place: place(column, row),
        old: sealed(old),
        new: sealed("again"),
    };
    let [partner, previous, push, access, refresh] = SECRET_COLUMNS;
    let pair = bench.pair(token_key()).await?.id.to_string();
    let batch = [
        anew(partner, PROFILE, "partner-key"),
        anew(push, PROFILE, "push-key"),
        anew(previous, PROFILE, "push-key"),
        anew(access, &pair, "access-token"),
        anew(refresh, &pair, "refresh-token"),
        anew(access, &TokenId::of(7).to_string(), "access-token"),
        anew(partner, "scp_none", "partner-key"),
    ];
    let rotated = NewProfile {
        push_key: Some(sealed("rotated")),
        ..profile(PROFILE)
    };
    let mut uow = bench.begin().await?;
    uow.profiles().save(&rotated, after_noon(1)).await?;
    uow.commit().await?;
    let renewed = NewToken {
        access_token: sealed("renewed"),
        ..token(PROFILE, &bench.ids)
    };
    bench.keep(&renewed, after_noon(1)).await?;

    // The partner key, what is the previous push key by now, and the refresh token.
    assert_eq!(replace(&bench, &batch).await?, 3);
    let mut uow = bench.begin().await?;
    let profile = uow.profiles().find(&profile_id(PROFILE)).await?;
    let profile = profile.expect("the profile exists");
    assert_eq!(profile.partner_key, Some(sealed("again")));
    assert_eq!(profile.push_key, Some(sealed("rotated")));
    assert_eq!(profile.previous_push_key, Some(sealed("again")));
    drop(uow);
    let pair = bench.pair(token_key()).await?;
    assert_eq!(pair.access_token, sealed("renewed"));
    assert_eq!(pair.refresh_token, sealed("again"));
    Ok(())
}

/// Each tenant's walk is its own.
pub async fn secrets_of_another_tenant_are_neither_met_nor_replaced(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    let met = page(&theirs, None, 100).await?;
    let rows: Vec<_> = met.iter().map(|secret| secret.place.row.as_str()).collect();
    assert_eq!(rows, [super::bench::THEIR_PROFILE; 2]);
    let ours = Resealed {
        place: place(SECRET_COLUMNS[0], PROFILE),
        old: sealed("partner-key"),
        new: sealed("again"),
    };
    assert_eq!(replace(&theirs, std::slice::from_ref(&ours)).await?, 0);
    assert_eq!(replace(&bench, std::slice::from_ref(&ours)).await?, 1);
    Ok(())
}

/// Secrets in every column, each different; answers them in order.
async fn fill(bench: &Bench) -> Result<Vec<(SecretPlace, Sealed)>, StoreError> {
    let [partner, previous, push, access, refresh] = SECRET_COLUMNS;
    let mut all = Vec::new();
    let mut uow = bench.begin().await?;
    for id in IDS {
        let bare = NewProfile {
            partner_key: None,
            push_key: None,
            ..profile(id)
        };
        uow.profiles().save(&bare, noon()).await?;
        let bare = uow.profiles().find(&profile_id(id)).await?;
        let bare = bare.expect("the profile was saved");
        let mut secret = |column, is_there: bool| {
            let sealed = sealed(&format!("{column}-{id}"));
            is_there.then(|| {
                all.push((place(column, id), sealed.clone()));
                sealed
            })
        };
        let whole = Profile {
            partner_key: secret(partner, id != "a"),
            push_key: secret(push, true),
            previous_push_key: secret(previous, id == "Z_a"),
            is_active: bare.is_active && id != "_m",
            deleted_at: (id == "_m").then(noon),
            ..bare
        };
        uow.profiles().put(&whole, noon()).await?;
    }
    for shop in [1, 2] {
        let pair = NewToken {
            shop: ShopId(shop),
            access_token: sealed(&format!("access-{shop}")),
            refresh_token: sealed(&format!("refresh-{shop}")),
            ..token("a", &bench.ids)
        };
        uow.tokens().keep(&pair, noon()).await?;
        let row = pair.id.to_string();
        all.push((place(access, &row), pair.access_token));
        all.push((place(refresh, &row), pair.refresh_token));
    }
    uow.commit().await?;
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

/// The versions of the profiles and the generations of the pairs.
async fn versions(bench: &Bench) -> Result<Vec<i64>, StoreError> {
    let mut uow = bench.begin().await?;
    let profiles = uow.profiles();
    let profiles = profiles.of_connector(ConnectorName::Shopee, true).await?;
    let pairs = uow.tokens().of_connector(ConnectorName::Shopee).await?;
    let versions = profiles.iter().map(|profile| profile.version);
    let generations = pairs.iter().map(|pair| pair.generation);
    Ok(versions.chain(generations).collect())
}

fn place(column: &'static str, row: &str) -> SecretPlace {
    SecretPlace {
        column,
        row: row.to_owned(),
    }
}

fn again(sealed: &Sealed) -> Sealed {
    Sealed::from_stored(format!("{}-again", sealed.as_stored()))
}

async fn page(
    bench: &Bench,
    after: Option<&SecretPlace>,
    limit: u32,
) -> Result<Vec<StoredSecret>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.secrets().page(after, limit).await
}

async fn replace(bench: &Bench, secrets: &[Resealed]) -> Result<u64, StoreError> {
    let mut uow = bench.begin().await?;
    let replaced = uow.secrets().replace(secrets).await?;
    uow.commit().await?;
    Ok(replaced)
}
