//! Looking after token pairs: one renewal at a time, lost answers, pairs that are good for nothing.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use futures_util::poll;
use hawker_domain::ShopId;
use hawker_domain::audit::Actor;
use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::ProfileId;
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_ports::marketplace::{Fault, MarketplaceError, ShopAccess};
use hawker_ports::profiles::NewProfile;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::examples::{self, SHOP, noon, token_key};
use hawker_ports::testing::{AuthCall, Counted, PlainSealer};
use hawker_ports::tokens::{NewToken, TokenKey};
use hawker_ports::{SealError, Sealed, Sealer, Store as _, StoreError};
use hawker_usecases::ShopTokens;
use hawker_usecases::tokens::{Blocked, CallError, OpenedAccess, Pause, TokenSettings};
use secrecy::{ExposeSecret as _, SecretString};

use crate::world::{KeptTasks, PROFILE, World};

const ENDPOINT: &str = "auth/access_token/get";

fn profile() -> ProfileId {
    examples::profile_id(PROFILE)
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: ENDPOINT,
        reason: "connection refused".into(),
        cause: None,
    }
}

fn token_refused() -> MarketplaceError {
    MarketplaceError::TokenInvalid {
        endpoint: "shop/get_shop_info",
        code: "invalid_acceess_token".into(),
        message: "Invalid access_token.".into(),
        request_id: None,
    }
}

fn to_be_authorised_again() -> MarketplaceError {
    MarketplaceError::Reauthorise {
        endpoint: "shop/get_shop_info",
        code: "shop_no_linked".into(),
        message: "The shop is not linked.".into(),
        request_id: None,
    }
}

fn text(opened: &OpenedAccess) -> &str {
    opened.access.access_token.expose_secret()
}

/// Some time for everybody else.
async fn a_while() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

impl World {
    async fn open_access(&self) -> Result<OpenedAccess, Blocked> {
        let opened = self.tokens().access(&self.tenant, &profile()).await;
        opened.unwrap()
    }

    async fn access_token(&self) -> String {
        text(&self.open_access().await.unwrap()).to_owned()
    }

    async fn blocked(&self) -> Blocked {
        self.open_access().await.unwrap_err()
    }

    /// The key of the cause that blocks the shop.
    async fn blocked_by(&self) -> String {
        self.blocked().await.cause.unwrap().key
    }

    fn token_ends_in(&self, left: TimeDelta) {
        self.clock.set(noon() + TimeDelta::hours(4) - left);
    }

    /// Of the marketplace.
    fn asked_to_renew(&self) -> usize {
        self.authoriser.calls(AuthCall::Refresh)
    }

    fn renewal_results(&self) -> Vec<&'static str> {
        let results = self.metrics.counted().into_iter();
        let results = results.filter_map(|counted| match counted {
            Counted::TokenRefresh(result) => Some(result),
            _ => None,
        });
        results.collect()
    }

    async fn withdraw(&self, state: TokenState) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let key = token_key();
        let later = self.now() + TimeDelta::seconds(1);
        uow.tokens()
            .withdraw(
                key.connector,
                key.environment,
                &[SHOP],
                later,
                state,
                "because",
            )
            .await
            .unwrap();
        uow.commit().await.unwrap();
    }

    async fn keep(&self, token: &NewToken) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.tokens().keep(token, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    /// The seller authorises the shop anew, by whatever path.
    async fn reauthorise(&self) {
        self.authoriser.admit(SHOP, "refresh-token-anew");
        let token = NewToken {
            access_token: examples::sealed("access-token-anew"),
            refresh_token: examples::sealed("refresh-token-anew"),
            expires_at: self.now() + TimeDelta::hours(4),
            ..examples::token(PROFILE, &*self.ids)
        };
        self.keep(&token).await;
    }
}

#[tokio::test]
async fn a_token_with_more_than_the_margin_left_is_used_as_it_is() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(301));
    assert_eq!(world.access_token().await, "access-token");
    assert_eq!(world.asked_to_renew(), 0);
}

#[tokio::test]
async fn a_token_within_its_margin_is_renewed_before_it_is_used() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(300));
    assert_eq!(world.access_token().await, "access-1");
    let pair = world.pair().await;
    assert_eq!(pair.expires_at, world.now() + TimeDelta::hours(4));
    assert_eq!(pair.refresh_token, examples::sealed("refresh-1"));
    assert_eq!(
        pair.refresh_token_ends_at,
        world.now() + TimeDelta::days(30)
    );
    assert_eq!(pair.refresh_token_last_used_at, Some(world.now()));
    assert_eq!(pair.last_attempt.unwrap().status, RefreshStatus::Success);
    assert_eq!(world.access_token().await, "access-1");
    assert_eq!(world.renewal_results(), ["renewed"]);
}

#[tokio::test]
async fn the_margin_is_a_setting() {
    let world = World::new().await;
    let tokens = ShopTokens {
        settings: TokenSettings {
            margin: TimeDelta::seconds(60),
        },
        ..world.tokens()
    };
    for (left, expected) in [(61, "access-token"), (60, "access-1")] {
        world.token_ends_in(TimeDelta::seconds(left));
        let opened = tokens.access(&world.tenant, &profile()).await.unwrap();
        assert_eq!(text(&opened.unwrap()), expected);
    }
}

#[tokio::test]
async fn of_64_callers_at_once_one_renews_and_all_get_the_new_token() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.meanwhile(AuthCall::Refresh, a_while());
    let callers = (0..64).map(|_| world.access_token());
    let opened = join_all(callers).await;
    assert!(opened.iter().all(|token| token == "access-1"), "{opened:?}");
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn of_64_callers_whose_token_was_refused_one_renews() {
    let world = World::new().await;
    let refused = world.open_access().await.unwrap();
    world.authoriser.meanwhile(AuthCall::Refresh, a_while());
    let tokens = world.tokens();
    let callers = (0..64).map(|_| tokens.renewed(&world.tenant, &refused));
    for opened in join_all(callers).await {
        assert_eq!(text(&opened.unwrap().unwrap()), "access-1");
    }
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn whoever_waits_for_a_renewal_goes_on_after_five_seconds_with_the_token_that_still_lives() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(60));
    world.authoriser.meanwhile(AuthCall::Refresh, pending());
    let mut slow = Box::pin(world.open_access());
    assert!(poll!(&mut slow).is_pending());
    let asked_at = world.now();
    assert_eq!(world.access_token().await, "access-token");
    assert_eq!(world.now() - asked_at, TimeDelta::seconds(5));
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn whoever_waits_for_a_renewal_of_a_token_that_has_ended_comes_back_in_a_moment() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.meanwhile(AuthCall::Refresh, pending());
    let mut slow = Box::pin(world.open_access());
    assert!(poll!(&mut slow).is_pending());
    let blocked = world.blocked().await;
    assert_eq!(blocked.cause, None, "nobody has to do anything");
    assert_eq!(blocked.pause, Pause::Wait(Duration::from_secs(2)));
    assert!(blocked.to_string().contains("in 2 seconds"), "{blocked}");
}

#[tokio::test]
async fn whoever_waits_goes_on_as_soon_as_the_new_pair_is_there() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let (open, gate) = tokio::sync::oneshot::channel::<()>();
    world.authoriser.meanwhile(AuthCall::Refresh, async {
        gate.await.unwrap();
    });
    let mut first = Box::pin(world.access_token());
    assert!(poll!(&mut first).is_pending());
    let mut second = Box::pin(world.access_token());
    assert!(poll!(&mut second).is_pending());
    open.send(()).unwrap();
    assert_eq!(first.await, "access-1");
    let asked_at = world.now();
    assert_eq!(second.await, "access-1");
    assert!(world.now() - asked_at <= TimeDelta::milliseconds(200));
}

#[tokio::test]
async fn nobody_waits_for_a_renewal_of_a_pair_that_was_revoked_meanwhile() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.meanwhile(AuthCall::Refresh, pending());
    let mut slow = Box::pin(world.open_access());
    assert!(poll!(&mut slow).is_pending());
    let mut waiting = Box::pin(world.blocked_by());
    assert!(poll!(&mut waiting).is_pending());
    world.withdraw(TokenState::Revoked).await;
    let asked_at = world.now();
    assert_eq!(waiting.await, "authorisation-revoked");
    assert!(world.now() - asked_at <= TimeDelta::milliseconds(200));
}

#[tokio::test]
async fn a_lost_reply_is_named_and_not_repeated() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(60));
    world.authoriser.lose_next_reply(AuthCall::Refresh);
    let begun_at = world.now();
    assert_eq!(world.access_token().await, "access-token", "it still lives");
    assert_eq!(world.pair().await.in_doubt_since, Some(begun_at));
    assert_eq!(world.access_token().await, "access-token");
    assert_eq!(world.asked_to_renew(), 1, "not at once");

    world.clock.advance(TimeDelta::seconds(10));
    let blocked = world.blocked().await;
    let cause = blocked.cause.clone().unwrap();
    assert_eq!(
        (cause.class, &*cause.key),
        (ErrorClass::TokenExpired, "refresh-lost")
    );
    for told in [
        &*begun_at.format("%F %H:%M:%S UTC").to_string(),
        "hawker oauth resend-code --profile prof_sandbox",
        "hawker oauth start --profile prof_sandbox",
        "Connect",
    ] {
        assert!(cause.message.contains(told), "{told}: {}", cause.message);
    }
    assert_eq!(world.pair().await.state, TokenState::NeedsReauthorisation);
    let open = world.exceptions("open").await;
    assert_eq!((open.len(), &*open[0].cause), (1, "refresh-lost"));
    assert_eq!(world.tell_all().await, 1);

    world.clock.advance(TimeDelta::minutes(5));
    assert_eq!(world.blocked().await, blocked, "and so it remains");
    assert_eq!(world.asked_to_renew(), 2, "there is no third try");
    assert_eq!(world.renewal_results(), ["in_doubt", "dead"]);
}

#[tokio::test]
async fn a_renewal_that_never_arrived_is_made_up_for() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.lose_next_request(AuthCall::Refresh);
    let blocked = world.blocked().await;
    assert_eq!(blocked.pause, Pause::Wait(Duration::from_secs(10)));
    world.clock.advance(TimeDelta::seconds(10));
    assert_eq!(world.access_token().await, "access-1");
    let pair = world.pair().await;
    assert_eq!(
        (pair.in_doubt_since, pair.state),
        (None, TokenState::Active)
    );
    assert_eq!(world.renewal_results(), ["in_doubt", "renewed"]);
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_leaves_the_pair_in_doubt() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let malformed = MarketplaceError::Malformed {
        endpoint: ENDPOINT,
        reason: "`access_token` is missing".into(),
    };
    world.authoriser.fail_next(AuthCall::Refresh, malformed);
    world.blocked().await;
    assert_eq!(world.pair().await.in_doubt_since, Some(world.now()));
}

#[tokio::test]
async fn a_process_that_died_between_the_rotation_and_the_save_is_recognised() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let begun_at = world.now();
    world.authoriser.meanwhile(AuthCall::Refresh, pending());
    {
        let mut dying = Box::pin(world.open_access());
        assert!(poll!(&mut dying).is_pending());
    }
    assert_eq!(world.authoriser.renewals(SHOP), 1, "it was rotated");
    assert_eq!(
        world.blocked().await.cause,
        None,
        "somebody seems to renew it"
    );
    assert_eq!(world.asked_to_renew(), 1);

    world.clock.set(begun_at + TimeDelta::seconds(60));
    assert_eq!(world.blocked_by().await, "refresh-lost");
    assert_eq!(world.pair().await.in_doubt_since, Some(begun_at));
    assert_eq!(world.asked_to_renew(), 2);
}

#[tokio::test]
async fn a_renewal_goes_on_when_its_caller_goes_away() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let kept = Arc::new(KeptTasks::default());
    let tokens = ShopTokens {
        background: kept.clone(),
        ..world.tokens()
    };
    world.authoriser.meanwhile(AuthCall::Refresh, a_while());
    {
        let tenant = world.tenant.clone();
        let profile = profile();
        let mut asked = Box::pin(tokens.access(&tenant, &profile));
        assert!(poll!(&mut asked).is_pending());
    }
    kept.run_to_their_ends().await;
    let pair = world.pair().await;
    assert_eq!((pair.generation, pair.in_doubt_since), (2, None));
    assert_eq!(world.access_token().await, "access-1");
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn a_call_that_did_not_reach_the_marketplace_is_made_again_after_a_pause() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.fail_next(AuthCall::Refresh, unavailable());
    let blocked = world.blocked().await;
    assert!(
        blocked.to_string().contains("connection refused"),
        "{blocked}"
    );
    let pair = world.pair().await;
    assert_eq!((pair.in_doubt_since, pair.generation), (None, 1));
    assert_eq!(pair.last_attempt.unwrap().status, RefreshStatus::Failure);

    world.clock.advance(TimeDelta::seconds(4));
    let blocked = world.blocked().await;
    assert_eq!(blocked.pause, Pause::Wait(Duration::from_secs(6)));
    assert_eq!(blocked.cause.unwrap().key, "access-token");
    assert_eq!(world.asked_to_renew(), 1);
    world.clock.advance(TimeDelta::seconds(6));
    assert_eq!(world.access_token().await, "access-1");
    assert_eq!(world.renewal_results(), ["failed", "renewed"]);
}

#[tokio::test]
async fn a_token_that_still_lives_is_used_while_it_cannot_be_renewed() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(120));
    world.authoriser.fail_next(AuthCall::Refresh, unavailable());
    for _ in 0..3 {
        assert_eq!(world.access_token().await, "access-token");
    }
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn throttling_and_an_exhausted_quota_are_waited_out() {
    let hour = Duration::from_hours(1);
    let throttled = MarketplaceError::RateLimited {
        endpoint: ENDPOINT,
        retry_after: Some(Duration::from_secs(30)),
    };
    let exhausted = MarketplaceError::DailyQuota {
        endpoint: ENDPOINT,
        renewed_in: hour,
    };
    for (error, wait, is_told) in [
        (throttled, Duration::from_secs(30), false),
        (exhausted, hour, true),
    ] {
        let world = World::new().await;
        world.token_ends_in(TimeDelta::zero());
        world.authoriser.fail_next(AuthCall::Refresh, error);
        let blocked = world.blocked().await;
        assert_eq!(blocked.pause, Pause::Wait(wait));
        assert_eq!(blocked.cause.is_some(), is_told);
        assert_eq!(world.pair().await.in_doubt_since, None);
    }
}

#[tokio::test]
async fn an_app_that_is_refused_says_nothing_of_the_pair() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let misconfigured = MarketplaceError::Misconfigured {
        endpoint: ENDPOINT,
        fault: Fault::Sign,
        code: "error_sign".into(),
        message: "Wrong sign.".into(),
        request_id: None,
    };
    world.authoriser.fail_next(AuthCall::Refresh, misconfigured);
    let blocked = world.blocked().await;
    assert_eq!(blocked.pause, Pause::Wait(Duration::from_mins(1)));
    assert!(blocked.to_string().contains("error_sign"), "{blocked}");
    assert_eq!(world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn a_refresh_token_that_is_dead_stops_the_calls() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::seconds(60));
    world.authoriser.expire_refresh_tokens(SHOP);
    assert_eq!(world.blocked_by().await, "needs-reauthorisation");
    assert_eq!(world.blocked_by().await, "needs-reauthorisation");
    assert_eq!(world.asked_to_renew(), 1);
    assert_eq!(world.open().await, ["token_expired"]);
}

#[tokio::test]
async fn a_shop_that_was_revoked_is_not_called_for() {
    for (state, key) in [
        (TokenState::Revoked, "authorisation-revoked"),
        (TokenState::NeedsReauthorisation, "needs-reauthorisation"),
    ] {
        let world = World::new().await;
        world.withdraw(state).await;
        let blocked = world.blocked().await;
        let cause = blocked.cause.unwrap();
        assert_eq!(cause.key, key);
        assert!(cause.message.contains("because"), "{}", cause.message);
        assert!(
            cause.message.contains("hawker oauth start"),
            "{}",
            cause.message
        );
        assert_eq!(blocked.pause, Pause::Wait(Duration::from_mins(1)));
        let tokens = world.tokens();
        let renewed = tokens
            .renew_now(&world.tenant, token_key(), &profile())
            .await;
        assert!(renewed.unwrap().is_err());
        assert_eq!(world.asked_to_renew(), 0);
    }
}

#[tokio::test]
async fn a_shop_that_was_revoked_while_its_pair_was_renewed_stays_so() {
    let world = Arc::new(World::new().await);
    world.token_ends_in(TimeDelta::zero());
    let inside = Arc::clone(&world);
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        inside.withdraw(TokenState::Revoked).await;
    });
    assert_eq!(world.blocked_by().await, "authorisation-revoked");
}

#[tokio::test]
async fn an_authorisation_that_comes_while_the_older_pair_is_renewed_wins() {
    let world = Arc::new(World::new().await);
    world.token_ends_in(TimeDelta::zero());
    let inside = Arc::clone(&world);
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        inside.reauthorise().await;
    });
    assert_eq!(world.access_token().await, "access-token-anew");
    assert_eq!(world.pair().await.generation, 2);
}

#[tokio::test]
async fn a_new_pair_is_stored_before_it_is_used_however_often_that_takes() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let store = world.store.clone();
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        for _ in 0..3 {
            store.fail_next_commit(StoreError::Unavailable("away".into()));
        }
        store.fail_next_begin(StoreError::Unavailable("away".into()));
    });
    assert_eq!(world.access_token().await, "access-1");
    assert_eq!(
        world.pair().await.access_token,
        examples::sealed("access-1")
    );
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn a_new_pair_is_stored_although_the_database_was_away_for_longer_than_the_right_lasted() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let begun_at = world.now();
    let store = world.store.clone();
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        for _ in 0..100 {
            store.fail_next_commit(StoreError::Unavailable("away".into()));
        }
    });
    assert_eq!(world.access_token().await, "access-1");
    assert!(
        world.now() - begun_at >= TimeDelta::minutes(5),
        "it was tried for long"
    );
    let pair = world.pair().await;
    assert_eq!((pair.generation, pair.in_doubt_since), (2, None));
    assert_eq!(world.renewal_results(), ["renewed"]);
}

#[tokio::test]
async fn a_new_pair_that_could_not_be_stored_in_time_is_lost_and_named() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let begun_at = world.now();
    let store = world.store.clone();
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        for _ in 0..1000 {
            store.fail_next_commit(StoreError::Unavailable("away".into()));
        }
    });
    assert_eq!(world.blocked().await.cause, None);
    world.store_comes_back().await;
    let tried = world.now() - begun_at;
    assert!(tried >= TimeDelta::minutes(14), "it was tried for long");
    assert!(tried <= TimeDelta::minutes(15), "and not for ever");
    assert_eq!(world.pair().await.generation, 1);
    assert_eq!(world.blocked_by().await, "refresh-lost");
    assert_eq!(world.renewal_results(), ["in_doubt", "dead"]);
}

#[tokio::test]
async fn whoever_takes_over_and_finds_the_pair_dead_does_not_cost_the_new_one() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let (open, gate) = tokio::sync::oneshot::channel::<()>();
    world.authoriser.meanwhile(AuthCall::Refresh, async {
        gate.await.unwrap();
    });
    let mut slow = Box::pin(world.access_token());
    assert!(poll!(&mut slow).is_pending());
    world.clock.advance(TimeDelta::seconds(60));
    assert_eq!(world.blocked_by().await, "refresh-lost");
    assert_eq!(world.pair().await.state, TokenState::NeedsReauthorisation);
    open.send(()).unwrap();
    assert_eq!(slow.await, "access-1");
    let pair = world.pair().await;
    assert_eq!(
        (pair.state, pair.in_doubt_since),
        (TokenState::Active, None)
    );
}

#[tokio::test]
async fn a_shop_that_was_revoked_while_its_pair_turned_out_to_be_dead_is_called_revoked() {
    let world = Arc::new(World::new().await);
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.expire_refresh_tokens(SHOP);
    let inside = Arc::clone(&world);
    world.authoriser.meanwhile(AuthCall::Refresh, async move {
        inside.withdraw(TokenState::Revoked).await;
    });
    assert_eq!(world.blocked_by().await, "authorisation-revoked");
    assert_eq!(world.pair().await.state, TokenState::Revoked);
    let open = world.exceptions("open").await;
    let causes: Vec<_> = open.iter().map(|open| &*open.cause).collect();
    assert_eq!(causes, ["authorisation-revoked"]);
}

#[tokio::test]
async fn a_pair_of_another_app_is_neither_used_nor_renewed_nor_withdrawn() {
    let world = World::new().await;
    let id = profile();
    world
        .store
        .edit_by_hand(&world.tenant, &id, |profile| profile.partner_id = Some(77))
        .unwrap();
    for left in [TimeDelta::hours(1), TimeDelta::zero()] {
        world.token_ends_in(left);
        let told = world.blocked().await.to_string();
        for expected in [
            "by way of another app (partner id 1000001)",
            "hawker oauth start --profile prof_sandbox",
        ] {
            assert!(told.contains(expected), "{told}");
        }
        let tokens = world.tokens();
        let renewed = tokens.renew_now(&world.tenant, token_key(), &id).await;
        assert!(renewed.unwrap().is_err());
        let (asked, answered) = world.call(vec![to_be_authorised_again()]).await;
        assert!(asked.is_empty() && answered.is_err());
    }
    assert_eq!(world.asked_to_renew(), 0);
    assert_eq!(world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn a_pair_whose_app_nobody_noted_may_be_of_any() {
    let world = World::new().await;
    let token = NewToken {
        partner_id: None,
        ..examples::token(PROFILE, &*world.ids)
    };
    world.keep(&token).await;
    assert_eq!(world.access_token().await, "access-token");
}

#[tokio::test]
async fn a_failure_that_said_how_long_it_lasts_is_waited_out_by_everybody() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let misconfigured = MarketplaceError::Misconfigured {
        endpoint: ENDPOINT,
        fault: Fault::Sign,
        code: "error_sign".into(),
        message: "Wrong sign.".into(),
        request_id: None,
    };
    world.authoriser.fail_next(AuthCall::Refresh, misconfigured);
    world.blocked().await;
    world.clock.advance(TimeDelta::seconds(59));
    let blocked = world.blocked().await;
    assert_eq!(blocked.pause, Pause::Wait(Duration::from_secs(1)));
    assert_eq!(world.asked_to_renew(), 1);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.access_token().await, "access-1");
}

#[tokio::test]
async fn an_answer_that_repeats_the_access_token_takes_it_no_further() {
    let world = World::new().await;
    let telling = |message: String| MarketplaceError::Reauthorise {
        endpoint: "shop/get_shop_info",
        code: "shop_no_linked".into(),
        message,
        request_id: Some("of access-token".into()),
    };
    let refused = MarketplaceError::Refused {
        endpoint: "shop/get_shop_info",
        code: "error_param".into(),
        message: "access_token=access-token&sign=1".into(),
        request_id: None,
    };
    let (_, answered) = world.call(vec![refused]).await;
    let Err(CallError::Marketplace { error, .. }) = answered else {
        panic!("{answered:?}");
    };
    assert!(error.to_string().contains("access_token=…&sign=1"));

    let (_, answered) = world
        .call(vec![telling("access_token=access-token&sign=1".into())])
        .await;
    let told = format!("{answered:?}");
    let reason = world.pair().await.state_reason.unwrap();
    let open = world.exceptions("open").await.swap_remove(0);
    for text in [&told, &reason, &open.message] {
        assert!(text.contains("access_token=…&sign=1"), "{text}");
        assert!(!text.contains("access-token&"), "{text}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_made_once_more() {
    let world = World::new().await;
    let (asked, answered) = world.call(vec![token_refused()]).await;
    assert_eq!(answered.unwrap(), "done");
    assert_eq!(asked, ["access-token", "access-1"]);
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn a_second_refusal_is_answered_as_it_is() {
    let world = World::new().await;
    let (asked, answered) = world.call(vec![token_refused(), token_refused()]).await;
    assert!(matches!(
        answered,
        Err(CallError::Marketplace {
            shop: SHOP,
            error: MarketplaceError::TokenInvalid { .. }
        })
    ));
    assert_eq!((asked.len(), world.asked_to_renew()), (2, 1));
    let (asked, answered) = world.call(vec![token_refused()]).await;
    assert!(
        matches!(answered, Err(CallError::Blocked(_))),
        "not so soon again"
    );
    assert_eq!((asked.len(), world.asked_to_renew()), (1, 1));
}

#[tokio::test]
async fn a_token_that_somebody_renewed_meanwhile_is_only_opened_anew() {
    let world = World::new().await;
    let refused = world.open_access().await.unwrap();
    let tokens = world.tokens();
    tokens
        .renew_now(&world.tenant, token_key(), &profile())
        .await
        .unwrap()
        .unwrap();
    let opened = tokens
        .renewed(&world.tenant, &refused)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(text(&opened), "access-1");
    assert_eq!(world.asked_to_renew(), 1);
}

#[tokio::test]
async fn no_other_refusal_renews_anything() {
    let world = World::new().await;
    let (endpoint, request_id) = ("product/update_stock", None);
    let refusals = [
        MarketplaceError::Refused {
            endpoint,
            code: "error_auth".into(),
            message: "Lack of location_id".into(),
            request_id: request_id.clone(),
        },
        MarketplaceError::Misconfigured {
            endpoint,
            fault: Fault::Permission,
            code: "error_auth".into(),
            message: "No permission to current api.".into(),
            request_id,
        },
        unavailable(),
        MarketplaceError::MaybeApplied {
            endpoint,
            reason: "time-out".into(),
            cause: None,
        },
    ];
    for refusal in refusals {
        let (asked, answered) = world.call(vec![refusal]).await;
        assert!(matches!(answered, Err(CallError::Marketplace { .. })));
        assert_eq!(asked.len(), 1);
    }
    assert_eq!(world.asked_to_renew(), 0);
    assert_eq!(world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn a_shop_that_has_to_be_authorised_again_is_called_no_more_until_it_is() {
    let world = World::new().await;
    let (_, answered) = world.call(vec![to_be_authorised_again()]).await;
    assert!(matches!(answered, Err(CallError::Blocked(_))));
    assert_eq!(world.open().await, ["token_expired"]);
    let (asked, answered) = world.call(vec![]).await;
    assert!(asked.is_empty() && answered.is_err());
    world.reauthorise().await;
    assert_eq!(world.call(vec![]).await.1.unwrap(), "done");
}

#[tokio::test]
async fn a_late_answer_about_an_older_pair_does_not_stop_the_newer_one() {
    let world = World::new().await;
    let tokens = world.tokens();
    let inside = &world;
    let call = |_| async move {
        inside.reauthorise().await;
        Err::<(), _>(to_be_authorised_again())
    };
    let answered = tokens.call(&world.tenant, &profile(), call).await.unwrap();
    assert!(matches!(answered, Err(CallError::Marketplace { .. })));
    assert_eq!(world.access_token().await, "access-token-anew");
}

#[tokio::test]
async fn everything_that_a_profile_lacks_is_named_at_once() {
    let world = World::new().await;
    let id = profile();
    let edit = |profile: &mut hawker_ports::profiles::Profile| {
        profile.partner_id = None;
        profile.partner_key = None;
    };
    world.store.edit_by_hand(&world.tenant, &id, edit).unwrap();
    let blocked = world.blocked().await;
    let expected = "not fully configured: missing partner_id, partner_key.";
    assert!(blocked.to_string().contains(expected), "{blocked}");
    let tokens = world.tokens();
    let app = tokens.app_access(&world.tenant, &id).await.unwrap();
    assert!(app.unwrap_err().to_string().contains(expected));
    let gone = examples::profile_id("prof_gone");
    let blocked = tokens
        .access(&world.tenant, &gone)
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        blocked.to_string().contains("no profile prof_gone"),
        "{blocked}"
    );
}

#[tokio::test]
async fn a_call_as_the_app_needs_no_shop() {
    let world = World::new().await;
    let id = profile();
    world
        .store
        .edit_by_hand(&world.tenant, &id, |profile| profile.shop = None)
        .unwrap();
    let app = world.tokens().app_access(&world.tenant, &id).await.unwrap();
    assert_eq!(app.unwrap().partner_key.expose_secret(), "partner-key");
    assert!(
        world
            .blocked()
            .await
            .to_string()
            .contains("missing shop_id")
    );
}

#[tokio::test]
async fn a_shop_that_was_never_authorised_is_told_the_way() {
    let world = World::new().await;
    let other = NewProfile {
        shop: Some(ShopId(42)),
        ..examples::profile("prof_other")
    };
    world.add_profile(&other).await;
    let tokens = world.tokens();
    let blocked = tokens
        .access(&world.tenant, &other.id)
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        blocked.to_string().contains("Shop 42 is not authorised"),
        "{blocked}"
    );
    assert!(
        blocked
            .to_string()
            .contains("hawker oauth start --profile prof_other")
    );
}

#[tokio::test]
async fn secrets_that_cannot_be_read_use_no_refresh_token_up() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let token = NewToken {
        refresh_token: Sealed::from_stored("v1:of another secret".into()),
        expires_at: world.now(),
        ..examples::token(PROFILE, &*world.ids)
    };
    world.keep(&token).await;
    assert_eq!(world.blocked_by().await, "sealed");
    assert_eq!(world.asked_to_renew(), 0);
    assert_eq!(world.pair().await.last_attempt, None);
}

#[tokio::test]
async fn a_pair_that_could_not_be_sealed_is_not_asked_for() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let tokens = ShopTokens {
        sealer: Arc::new(SealsNothing),
        ..world.tokens()
    };
    let blocked = tokens.access(&world.tenant, &profile()).await.unwrap();
    assert_eq!(blocked.unwrap_err().cause.unwrap().key, "sealed");
    assert_eq!(world.asked_to_renew(), 0);
}

/// A sealer that opens, but has no key to seal with.
struct SealsNothing;

impl Sealer for SealsNothing {
    fn seal(&self, _: &SecretString) -> Result<Sealed, SealError> {
        Err(SealError::Failed)
    }

    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        PlainSealer.open(sealed)
    }

    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        PlainSealer.is_in_force(sealed)
    }
}

#[tokio::test]
async fn the_reason_that_is_kept_is_short_and_has_no_token_in_it() {
    let world = World::new().await;
    world.token_ends_in(TimeDelta::zero());
    let refused = MarketplaceError::Refused {
        endpoint: ENDPOINT,
        code: "error_param".into(),
        message: format!("What is refresh-token? {}", "é".repeat(500)),
        request_id: None,
    };
    world.authoriser.fail_next(AuthCall::Refresh, refused);
    let blocked = world.blocked().await;
    let kept = world.pair().await.last_attempt.unwrap().error.unwrap();
    assert_eq!(kept.chars().count(), 300);
    for told in [kept, blocked.to_string()] {
        assert!(!told.contains("refresh-token"), "{told}");
        assert!(told.contains("What is …? é"), "{told}");
    }
}

#[tokio::test]
async fn a_pair_is_renewed_whatever_its_age_when_somebody_wants_that() {
    let world = World::new().await;
    let tokens = world.tokens();
    let id = profile();
    world.authoriser.meanwhile(AuthCall::Refresh, a_while());
    let wishes = (0..8).map(|_| tokens.renew_now(&world.tenant, token_key(), &id));
    for wish in join_all(wishes).await {
        wish.unwrap().unwrap();
    }
    assert_eq!(world.asked_to_renew(), 1);
    assert_eq!(world.access_token().await, "access-1");
    let again = tokens
        .renew_now(&world.tenant, token_key(), &id)
        .await
        .unwrap();
    assert!(again.is_err(), "a moment later nobody needs another one");
}

#[tokio::test]
async fn two_shops_never_wait_for_each_other() {
    let world = World::new().await;
    let shop = ShopId(42);
    let other = NewProfile {
        shop: Some(shop),
        ..examples::profile("prof_other")
    };
    world.add_profile(&other).await;
    world.authoriser.admit(shop, "refresh-42");
    let token = NewToken {
        shop,
        refresh_token: examples::sealed("refresh-42"),
        ..examples::token("prof_other", &*world.ids)
    };
    world.keep(&token).await;
    world.token_ends_in(TimeDelta::zero());
    world.authoriser.meanwhile(AuthCall::Refresh, pending());
    let mut slow = Box::pin(world.open_access());
    assert!(poll!(&mut slow).is_pending());
    let asked_at = world.now();
    let opened = world
        .tokens()
        .access(&world.tenant, &other.id)
        .await
        .unwrap();
    assert_eq!(
        opened.unwrap().key,
        TokenKey {
            shop,
            ..token_key()
        }
    );
    assert_eq!(world.now(), asked_at, "at once");
}

#[tokio::test]
async fn a_pair_that_was_renewed_a_moment_ago_is_not_renewed_for_its_margin() {
    let world = World::new().await;
    let tokens = ShopTokens {
        settings: TokenSettings {
            margin: TimeDelta::hours(5),
        },
        ..world.tokens()
    };
    for _ in 0..3 {
        let opened = tokens.access(&world.tenant, &profile()).await.unwrap();
        assert_eq!(text(&opened.unwrap()), "access-1");
    }
    assert_eq!(
        world.asked_to_renew(),
        1,
        "although it never has five hours left"
    );
}

#[tokio::test]
async fn what_is_asked_for_may_move_between_threads() {
    fn moved<T: Send>(asked: T) -> T {
        asked
    }
    let world = World::new().await;
    let (tokens, id) = (world.tokens(), profile());
    let shop = |access: Arc<ShopAccess>| async move { Ok(access.shop) };
    let asked = moved(tokens.call(&world.tenant, &id, shop)).await.unwrap();
    assert_eq!(asked.unwrap(), SHOP);
}

impl World {
    /// Uses up what is left of the failures that were asked for.
    async fn store_comes_back(&self) {
        loop {
            let uow = self.store.begin(&self.tenant).await.unwrap();
            if uow.commit().await.is_ok() {
                break;
            }
        }
    }

    async fn add_profile(&self, profile: &NewProfile) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.profiles().save(profile, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    /// Makes a call that is answered with these errors, one after the other, and then is done;
    /// answers also which access tokens it was made with.
    async fn call(
        &self,
        errors: Vec<MarketplaceError>,
    ) -> (Vec<String>, Result<&'static str, CallError>) {
        let errors = Mutex::new(errors.into_iter());
        let asked = Mutex::new(Vec::new());
        let call = |access: Arc<ShopAccess>| {
            let token = access.access_token.expose_secret().to_owned();
            asked.lock().unwrap().push(token);
            let error = errors.lock().unwrap().next();
            async move { error.map_or(Ok("done"), Err) }
        };
        let tokens = self.tokens();
        let answered = tokens.call(&self.tenant, &profile(), call).await.unwrap();
        (asked.into_inner().unwrap(), answered)
    }
}

/// The pushes about authorisations that a profile verifies.
async fn told_of_authorisations(world: &World, profile: &str) {
    world.clock.advance(TimeDelta::seconds(2));
    let cancelled = PushContent {
        code: PushCode::AUTHORISATION_CANCELLED.0,
        authorised_shops: vec![SHOP],
        content_key: format!("2:{profile}"),
        is_json: true,
        ..PushContent::default()
    };
    let ending = PushContent {
        code: PushCode::AUTHORISATION_EXPIRY.0,
        authorised_shops: Vec::new(),
        expiring_shops: vec![SHOP],
        expires_before: Some(noon() + TimeDelta::days(7)),
        content_key: format!("12:{profile}"),
        ..cancelled.clone()
    };
    let pushes = [cancelled, ending].map(|content| ReceivedPush {
        profile: Some(examples::profile_id(profile)),
        ..world.push(content)
    });
    world.receive().run(&world.tenant, &pushes).await.unwrap();
}

#[tokio::test]
async fn a_push_to_another_app_says_nothing_about_the_pair() {
    let world = World::new().await;
    let other = NewProfile {
        partner_id: Some(77),
        ..examples::profile("prof_other")
    };
    world.add_profile(&other).await;
    told_of_authorisations(&world, "prof_other").await;
    let pair = world.pair().await;
    assert_eq!(
        (pair.state, pair.authorisation_ends_at),
        (TokenState::Active, None)
    );
    assert!(world.exceptions("open").await.is_empty());

    told_of_authorisations(&world, PROFILE).await;
    let pair = world.pair().await;
    assert_eq!(pair.state, TokenState::Revoked);
    assert_eq!(
        pair.authorisation_ends_at,
        Some(noon() + TimeDelta::days(7))
    );
}

#[tokio::test]
async fn a_push_counts_for_a_pair_whose_app_nobody_noted() {
    let world = World::new().await;
    let token = NewToken {
        partner_id: None,
        ..examples::token(PROFILE, &*world.ids)
    };
    world.keep(&token).await;
    told_of_authorisations(&world, PROFILE).await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
}

#[tokio::test]
async fn a_renewal_that_somebody_asked_for_names_them_and_a_refused_one_does_not() {
    let world = World::new().await;
    let (tokens, actor) = (world.tokens(), Actor::terminal());
    let renewal = async || {
        tokens
            .renew_for(&world.tenant, &actor, token_key(), &profile())
            .await
            .unwrap()
    };
    assert!(renewal().await.is_ok());
    assert_eq!(world.deeds(), ["token.renewed"]);
    let entry = &world.audit()[0];
    assert_eq!(entry.subject, format!("profile:{}", profile()));
    assert_eq!(entry.actor, actor);
    world.authoriser.expire_refresh_tokens(SHOP);
    world.clock.advance(TimeDelta::minutes(10));
    assert!(renewal().await.is_err());
    assert_eq!(world.deeds(), ["token.renewed"]);
}
