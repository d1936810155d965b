//! The fake keeps to the marketplace's rules, so that what is tested against it means something.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::*;
use crate::testing::examples::{SHOP, profile_id};

fn app() -> AppAccess {
    AppAccess {
        profile: profile_id("scp_first"),
        base_url: "https://marketplace.example/api/v2".into(),
        partner_id: 1_000_001,
        partner_key: "partner-key".into(),
    }
}

async fn refresh(
    fake: &FakeAuthoriser,
    shop: ShopId,
    token: &str,
) -> Result<String, MarketplaceError> {
    let pair = fake.refresh(&app(), shop, &token.into()).await?;
    Ok(pair.refresh_token.expose_secret().to_owned())
}

fn is_dead(answer: &Result<String, MarketplaceError>) -> bool {
    matches!(answer, Err(MarketplaceError::Reauthorise { .. }))
}

fn is_lost(answer: &Result<String, MarketplaceError>) -> bool {
    matches!(answer, Err(MarketplaceError::MaybeApplied { .. }))
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use() {
    let fake = FakeAuthoriser::default();
    fake.admit(SHOP, "first");
    let next = refresh(&fake, SHOP, "first").await.unwrap();
    assert!(is_dead(&refresh(&fake, SHOP, "first").await));
    assert!(refresh(&fake, SHOP, &next).await.is_ok());
    assert_eq!((fake.renewals(SHOP), fake.calls(AuthCall::Refresh)), (2, 3));
    assert_eq!(fake.newest_access_token(SHOP).as_deref(), Some("access-2"));
}

#[tokio::test]
async fn the_pair_of_a_main_account_is_good_once_for_each_shop() {
    let fake = FakeAuthoriser::default();
    let shops = [ShopId(1), ShopId(2)];
    let grantee = Grantee::MainAccount(7);
    fake.offer_code("code", grantee, &shops);
    let code = "code".into();
    let grant = fake.exchange_code(&app(), &code, grantee).await.unwrap();
    assert_eq!(grant.shops, shops);
    let shared = grant.pair.refresh_token.expose_secret();
    for shop in shops {
        assert!(refresh(&fake, shop, shared).await.is_ok());
        assert!(is_dead(&refresh(&fake, shop, shared).await));
    }
    assert!(is_dead(&refresh(&fake, ShopId(3), shared).await));
}

#[tokio::test]
async fn a_code_is_good_once_and_for_whom_it_was_given() {
    let fake = FakeAuthoriser::default();
    fake.offer_code("code", Grantee::Shop(SHOP), &[]);
    let code = "code".into();
    for (grantee, is_good) in [
        (Grantee::Shop(ShopId(1)), false),
        (Grantee::MainAccount(SHOP.0), false),
        (Grantee::Shop(SHOP), true),
        (Grantee::Shop(SHOP), false),
    ] {
        let answer = fake.exchange_code(&app(), &code, grantee).await;
        assert_eq!(answer.is_ok(), is_good, "{grantee:?}: {answer:?}");
    }
    fake.offer_resend_code("resend", &[SHOP]);
    let code = "resend".into();
    let grant = fake.redeem_resend_code(&app(), &code).await.unwrap();
    assert_eq!(grant.shops, [SHOP]);
    assert!(fake.redeem_resend_code(&app(), &code).await.is_err());
}

#[tokio::test]
async fn a_lost_reply_uses_the_token_up_and_a_lost_request_does_not() {
    let fake = FakeAuthoriser::default();
    fake.admit(SHOP, "first");
    fake.lose_next_request(AuthCall::Refresh);
    fake.lose_next_reply(AuthCall::Refresh);
    for renewals in [0, 1] {
        assert!(is_lost(&refresh(&fake, SHOP, "first").await));
        assert_eq!(fake.renewals(SHOP), renewals);
    }
    assert!(is_dead(&refresh(&fake, SHOP, "first").await));
}

#[tokio::test]
async fn what_was_taken_back_or_has_ended_is_not_renewed() {
    let fake = FakeAuthoriser::default();
    for shop in [1, 2, 3] {
        fake.admit(ShopId(shop), "token");
    }
    fake.take_back(ShopId(1));
    fake.expire_refresh_tokens(ShopId(2));
    assert!(is_dead(&refresh(&fake, ShopId(1), "token").await));
    assert!(is_dead(&refresh(&fake, ShopId(2), "token").await));
    assert!(refresh(&fake, ShopId(3), "token").await.is_ok());
    let shops = fake.authorised_shops(&app()).await.unwrap();
    let shops: Vec<_> = shops.iter().map(|shop| shop.shop.0).collect();
    assert_eq!(shops, [2, 3]);
}

#[tokio::test]
async fn who_dies_during_a_renewal_has_used_the_token_up() {
    let fake = Arc::new(FakeAuthoriser::default());
    fake.admit(SHOP, "first");
    fake.meanwhile(AuthCall::Refresh, pending());
    {
        let mut dies = pin!(refresh(&fake, SHOP, "first"));
        let mut context = Context::from_waker(Waker::noop());
        assert!(dies.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(fake.renewals(SHOP), 1);
    assert!(is_dead(&refresh(&fake, SHOP, "first").await));
}

#[tokio::test]
async fn a_call_that_is_to_fail_changes_nothing() {
    let fake = FakeAuthoriser::default();
    fake.admit(SHOP, "first");
    let away = MarketplaceError::Unavailable {
        endpoint: REFRESH,
        reason: "HTTP 502".into(),
        cause: None,
    };
    fake.fail_next(AuthCall::Refresh, away);
    let answer = refresh(&fake, SHOP, "first").await;
    assert!(matches!(answer, Err(MarketplaceError::Unavailable { .. })));
    assert!(refresh(&fake, SHOP, "first").await.is_ok());
}
