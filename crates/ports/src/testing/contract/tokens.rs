//! Token pairs: one for each shop, the newest that a seller gave or a renewal brought; withdrawn
//! where the authorisation that gave it is gone.

use chrono::TimeDelta;
use hawker_domain::ids::{LeaseId, TokenId};
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment, IdSource, ShopId, Timestamp};
use serde_json::json;

use super::bench::{Bench, LEASE, OTHER_PROFILE, PROFILE, THEIR_PROFILE};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{
    SHOP, after_noon, noon, profile_id, sealed, token, token_key as key,
};
use crate::tokens::{NewToken, RefreshEnd, TokenKey};

const SHOPEE: ConnectorName = ConnectorName::Shopee;
const SANDBOX: Environment = Environment::Sandbox;
const REASON: &str = "the seller took the authorisation back";

/// With everything that is known of it, and no doubt about it.
pub async fn a_pair_is_found_as_it_was_kept(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut uow = bench.begin().await?;
    assert!(uow.tokens().find(key()).await?.is_none());
    drop(uow);
    let kept = NewToken {
        authorisation_ends_at: Some(noon() + TimeDelta::days(365)),
        partner_id: Some(2_000_002),
        main_account: Some(8_000_000_001),
        shops: vec![SHOP, ShopId(7)],
        merchants: vec![9_000_000_001],
        payload: [("expire_in".to_owned(), json!(14_400))]
            .into_iter()
            .collect(),
        ..token(PROFILE, &bench.ids)
    };
    bench.keep(&kept, after_noon(5)).await?;

    let found = bench.pair(key()).await?;
    assert_eq!((found.id, found.key), (kept.id, key()));
    assert_eq!(found.profile, kept.profile);
    assert_eq!(found.partner_id, Some(2_000_002));
    assert_eq!(found.other_app(2_000_002), None);
    assert_eq!(found.other_app(2_000_003), Some(2_000_002));
    assert_eq!(found.access_token, kept.access_token);
    assert_eq!(found.refresh_token, kept.refresh_token);
    assert_eq!(found.expires_at, kept.expires_at);
    assert_eq!(found.refresh_token_ends_at, kept.refresh_token_ends_at);
    assert_eq!(found.authorisation_ends_at, kept.authorisation_ends_at);
    assert_eq!(found.main_account, kept.main_account);
    assert_eq!(found.obtained_at, after_noon(5));
    assert_eq!(found.authorised_at, after_noon(5));
    assert_eq!(found.refresh_token_last_used_at, None);
    assert_eq!(found.state, TokenState::Active);
    assert_eq!(found.state_reason, None);
    assert_eq!(found.last_attempt, None);
    assert_eq!(found.in_doubt_since, None);
    Ok(())
}

/// Each of its own, whatever order they were kept in.
pub async fn pairs_of_a_connector_are_told_in_the_order_of_shops(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for shop in [10, 9, 300] {
        bench.keep(&of_shop(&bench, shop), noon()).await?;
    }
    let of_other_connector = NewToken {
        connector: ConnectorName::Lazada,
        ..of_shop(&bench, 1)
    };
    bench.keep(&of_other_connector, noon()).await?;
    let mut uow = bench.begin().await?;
    let told = uow.tokens().of_connector(SHOPEE).await?;
    let shops: Vec<_> = told.iter().map(|pair| pair.key.shop.0).collect();
    assert_eq!(shops, [9, 10, 300]);
    Ok(())
}

/// Whatever was wrong with the older one.
pub async fn a_pair_that_a_seller_gave_anew_takes_the_place_of_the_older_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let older = bench.pair(key()).await?;
    let (lease, until) = (LeaseId::fresh(&bench.ids), after_noon(1) + LEASE);
    let mut uow = bench.begin().await?;
    let tokens = uow.tokens();
    tokens
        .begin_refresh(key(), older.generation, lease, after_noon(1), until)
        .await?;
    let end = RefreshEnd::InDoubt {
        error: "time-out".into(),
    };
    tokens
        .end_refresh(key(), lease, &end, after_noon(2))
        .await?;
    uow.commit().await?;
    withdraw(&bench, &[SHOP], after_noon(3)).await?;

    let anew = NewToken {
        access_token: sealed("newer-access-token"),
        refresh_token: sealed("newer-refresh-token"),
        expires_at: after_noon(50_000),
        refresh_token_ends_at: after_noon(2_000_000),
        partner_id: None,
        ..token(OTHER_PROFILE, &bench.ids)
    };
    bench.keep(&anew, after_noon(10)).await?;
    let newer = bench.pair(key()).await?;
    assert_eq!(newer.id, older.id, "the row of a shop stays the same");
    assert!(newer.generation > older.generation);
    assert_eq!(newer.profile, profile_id(OTHER_PROFILE));
    assert_eq!((newer.partner_id, newer.other_app(1)), (None, None));
    assert_eq!(newer.access_token, anew.access_token);
    assert_eq!(newer.refresh_token, anew.refresh_token);
    assert_eq!(newer.expires_at, anew.expires_at);
    assert_eq!(newer.refresh_token_ends_at, anew.refresh_token_ends_at);
    assert_eq!(newer.obtained_at, after_noon(10));
    assert_eq!(newer.authorised_at, after_noon(10));
    assert_eq!(newer.state, TokenState::Active);
    assert_eq!(newer.state_reason, None);
    assert_eq!(newer.in_doubt_since, None);
    Ok(())
}

/// Somebody must have been there to get it.
pub async fn a_pair_of_no_profile_is_refused(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let kept = bench.keep(&token("scp_none", &bench.ids), noon()).await;
    assert!(matches!(kept, Err(StoreError::Refused { .. })), "{kept:?}");
    Ok(())
}

/// And who did it first is who is named.
pub async fn a_withdrawn_pair_is_good_for_no_call(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    assert_eq!(withdraw(&bench, &[SHOP], after_noon(1)).await?, [SHOP]);
    let withdrawn = bench.pair(key()).await?;
    assert_eq!(withdrawn.state, TokenState::Revoked);
    assert_eq!(withdrawn.state_reason.as_deref(), Some(REASON));

    let mut uow = bench.begin().await?;
    let lease = LeaseId::fresh(&bench.ids);
    let (now, until) = (after_noon(2), after_noon(2) + LEASE);
    let begun = uow
        .tokens()
        .begin_refresh(key(), withdrawn.generation, lease, now, until)
        .await?;
    assert!(begun.is_none(), "a withdrawn pair is not renewed");
    let again = uow
        .tokens()
        .withdraw(
            SHOPEE,
            SANDBOX,
            &[SHOP],
            after_noon(2),
            TokenState::Revoked,
            "again",
        )
        .await?;
    assert_eq!(again, []);
    uow.commit().await?;
    let left_alone = bench.pair(key()).await?;
    assert_eq!(left_alone.state_reason.as_deref(), Some(REASON));

    for (before, back) in [(noon(), vec![]), (after_noon(1), vec![SHOP])] {
        let mut uow = bench.begin().await?;
        let reinstated = uow
            .tokens()
            .reinstate(SHOPEE, SANDBOX, &[SHOP], before, "listed")
            .await?;
        uow.commit().await?;
        assert_eq!(reinstated, back);
    }
    assert_eq!(bench.pair(key()).await?.state, TokenState::Active);
    Ok(())
}

/// A push about an old authorisation may come after the seller has authorised anew.
pub async fn a_withdrawal_never_touches_a_newer_authorisation(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    bench
        .keep(&token(PROFILE, &bench.ids), after_noon(10))
        .await?;
    for before in [after_noon(5), after_noon(10)] {
        assert_eq!(withdraw(&bench, &[SHOP], before).await?, []);
        assert_eq!(bench.pair(key()).await?.state, TokenState::Active);
    }
    assert_eq!(withdraw(&bench, &[SHOP], after_noon(11)).await?, [SHOP]);
    Ok(())
}

/// An answer about an older pair says nothing about the newer one, and nothing new about a pair that
/// is withdrawn already.
pub async fn a_pair_that_was_renewed_meanwhile_is_not_withdrawn(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let used = bench.pair(key()).await?.generation;
    bench
        .keep(&token(PROFILE, &bench.ids), after_noon(10))
        .await?;
    let newer = bench.pair(key()).await?.generation;
    for (generation, is_withdrawn) in [(used, false), (newer, true), (newer, false)] {
        let mut uow = bench.begin().await?;
        let state = TokenState::NeedsReauthorisation;
        let withdrawn = uow
            .tokens()
            .withdraw_pair(key(), generation, state, REASON)
            .await?;
        uow.commit().await?;
        assert_eq!(withdrawn, is_withdrawn, "generation {generation}");
        let is_active = bench.pair(key()).await?.state == TokenState::Active;
        assert_eq!(is_active, generation == used);
    }
    let withdrawn = bench.pair(key()).await?;
    assert_eq!(withdrawn.state, TokenState::NeedsReauthorisation);
    assert_eq!(withdrawn.state_reason.as_deref(), Some(REASON));
    Ok(())
}

/// Not other shops, not the other environment, not the other connector; and a shop that has no pair
/// is no error.
pub async fn a_withdrawal_concerns_the_shops_that_it_names(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let live = NewToken {
        environment: Environment::Live,
        ..of_shop(&bench, 1)
    };
    let of_other_connector = NewToken {
        connector: ConnectorName::Lazada,
        ..of_shop(&bench, 1)
    };
    let [first, second, third] = [1, 2, 3].map(|shop| of_shop(&bench, shop));
    for pair in [&live, &of_other_connector, &first, &second, &third] {
        bench.keep(pair, noon()).await?;
    }
    let named = [ShopId(3), ShopId(1), ShopId(99)];
    let mut withdrawn = withdraw(&bench, &named, after_noon(1)).await?;
    withdrawn.sort_unstable();
    assert_eq!(withdrawn, [ShopId(1), ShopId(3)]);
    for (pair, is_active) in [
        (&live, true),
        (&of_other_connector, true),
        (&first, false),
        (&second, true),
        (&third, false),
    ] {
        let state = bench.pair(key_of(pair)).await?.state;
        assert_eq!(state == TokenState::Active, is_active, "{pair:?}");
    }
    Ok(())
}

/// Of the shops that are named; the marketplace tells it of shops that we do not know as well.
pub async fn ends_of_authorisations_are_noted_for_their_shops(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [first, second, third] = [1, 2, 3].map(|shop| of_shop(&bench, shop));
    for pair in [&first, &second, &third] {
        bench.keep(pair, noon()).await?;
    }
    let live = NewToken {
        environment: Environment::Live,
        ..of_shop(&bench, 1)
    };
    bench.keep(&live, noon()).await?;
    let (soon, later) = (after_noon(1_000), after_noon(2_000));
    let ends = [(ShopId(1), soon), (ShopId(3), later), (ShopId(99), later)];
    let mut uow = bench.begin().await?;
    uow.tokens()
        .note_authorisation_ends(SHOPEE, SANDBOX, &ends)
        .await?;
    uow.commit().await?;
    for (pair, expected) in [
        (&first, Some(soon)),
        (&second, None),
        (&third, Some(later)),
        (&live, None),
    ] {
        let noted = bench.pair(key_of(pair)).await?;
        assert_eq!(noted.authorisation_ends_at, expected, "{pair:?}");
        assert_eq!(noted.authorised_at, noon());
    }
    Ok(())
}

/// The same shop may have authorised two merchants' apps.
pub async fn pairs_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    bench.keep(&token(PROFILE, &bench.ids), noon()).await?;
    let ours = bench.pair(key()).await?;
    let mut uow = theirs.begin().await?;
    let tokens = uow.tokens();
    assert!(tokens.find(key()).await?.is_none());
    assert!(tokens.of_connector(SHOPEE).await?.is_empty());
    let (now, lease) = (after_noon(1), LeaseId::fresh(&theirs.ids));
    let begun = tokens
        .begin_refresh(key(), ours.generation, lease, now, now + LEASE)
        .await?;
    assert!(begun.is_none());
    drop(uow);
    assert_eq!(withdraw(&theirs, &[SHOP], after_noon(1)).await?, []);

    let pair = NewToken {
        access_token: sealed("their-access-token"),
        ..token(THEIR_PROFILE, &theirs.ids)
    };
    theirs.keep(&pair, after_noon(2)).await?;
    let untouched = bench.pair(key()).await?;
    assert_eq!(untouched.access_token, sealed("access-token"));
    assert_eq!(untouched.state, TokenState::Active);
    assert_eq!(untouched.generation, ours.generation);
    Ok(())
}

async fn withdraw(
    bench: &Bench,
    shops: &[ShopId],
    before: Timestamp,
) -> Result<Vec<ShopId>, StoreError> {
    let mut uow = bench.begin().await?;
    let withdrawn = uow
        .tokens()
        .withdraw(SHOPEE, SANDBOX, shops, before, TokenState::Revoked, REASON)
        .await?;
    uow.commit().await?;
    Ok(withdrawn)
}

fn of_shop(bench: &Bench, shop: i64) -> NewToken {
    let ids: &dyn IdSource = &bench.ids;
    NewToken {
        id: TokenId::fresh(ids),
        shop: ShopId(shop),
        ..token(PROFILE, ids)
    }
}

const fn key_of(token: &NewToken) -> TokenKey {
    TokenKey {
        connector: token.connector,
        environment: token.environment,
        shop: token.shop,
    }
}
