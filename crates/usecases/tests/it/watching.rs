//! Looking after what was authorised: keep-alive, countdowns, connections, and the pushes that tell of
//! authorisations.

use std::future::pending;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderStatus;
use hawker_domain::token::TokenState;
use hawker_domain::{ShopId, Timestamp};
use hawker_ports::Store as _;
use hawker_ports::authorisation::AuthorisedShop;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::profiles::{NewProfile, Profile};
use hawker_ports::push_console::{PushSettings, PushStatus};
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::examples::{self, SHOP, noon, snapshot, token_key};
use hawker_ports::testing::{AuthCall, ConsoleCall, DeskCall};
use hawker_ports::tokens::{NewToken, StoredToken, TokenKey};
use hawker_ports::watches::Watch;
use hawker_usecases::{CareForTokens, WatchConnections};

use crate::world::{PARTNER, PROFILE, World};

fn profile() -> ProfileId {
    examples::profile_id(PROFILE)
}

fn at_day(day: i64) -> Timestamp {
    noon() + TimeDelta::days(day)
}

impl World {
    fn care(&self) -> CareForTokens {
        CareForTokens {
            tokens: Arc::new(self.tokens()),
            store: self.store.clone(),
            views: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    async fn cared(&self) -> u64 {
        self.care().run(&self.tenant).await.unwrap()
    }

    async fn cared_at(&self, now: Timestamp) -> u64 {
        self.clock.set(now);
        self.cared().await
    }

    async fn watched(&self) -> u64 {
        self.watching().run(&self.tenant).await.unwrap()
    }

    fn watching(&self) -> WatchConnections {
        WatchConnections {
            tokens: Arc::new(self.tokens()),
            authoriser: self.authoriser.clone(),
            console: self.console.clone(),
            locations: Arc::new(self.locations()),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Another profile of the same app, for another shop.
    async fn second_profile(&self) {
        let second = NewProfile {
            shop: Some(ShopId(42)),
            ..examples::profile("prof_second")
        };
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.profiles().save(&second, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    /// A seller takes an authorisation back; the push that tells so names no shop.
    async fn takes_back_without_a_name(&self) {
        self.clock.advance(TimeDelta::minutes(1));
        self.authoriser.take_back(SHOP);
        self.told(PushCode::AUTHORISATION_CANCELLED, &[], self.now())
            .await;
    }

    fn renewals(&self) -> usize {
        self.authoriser.calls(AuthCall::Refresh)
    }

    fn edit_profile(&self, edit: impl FnOnce(&mut Profile)) {
        self.store
            .edit_by_hand(&self.tenant, &profile(), edit)
            .unwrap();
    }

    async fn keep_pair(&self, token: NewToken) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.tokens().keep(&token, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    async fn note_end(&self, ends_at: Timestamp) {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let key = token_key();
        uow.tokens()
            .note_authorisation_ends(key.connector, key.environment, &[(SHOP, ends_at)])
            .await
            .unwrap();
        uow.commit().await.unwrap();
    }

    async fn token_of(&self, shop: ShopId) -> StoredToken {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let key = TokenKey {
            shop,
            ..token_key()
        };
        uow.tokens().find(key).await.unwrap().unwrap()
    }

    async fn watch(&self) -> Option<Watch> {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.watches().find(&profile()).await.unwrap()
    }

    /// The causes of the open exceptions, sorted.
    async fn causes(&self) -> Vec<String> {
        let open = self.exceptions("open").await.into_iter();
        let mut causes: Vec<_> = open.map(|exception| exception.cause).collect();
        causes.sort();
        causes
    }

    /// How many exceptions were opened so far: somebody is told of each.
    async fn opened(&self) -> usize {
        let [open, over] = [
            self.exceptions("open").await,
            self.exceptions("resolved").await,
        ];
        open.len() + over.len()
    }

    fn settings(&self, edit: impl FnOnce(&mut PushSettings)) {
        let mut settings = self.console.settings(PARTNER);
        edit(&mut settings);
        self.console.put(PARTNER, settings);
    }

    /// A push about authorisations, sent at a time.
    async fn told(&self, code: PushCode, shops: &[ShopId], sent_at: Timestamp) {
        let content = PushContent {
            code: code.0,
            authorised_shops: shops.to_vec(),
            sent_at: Some(sent_at),
            content_key: format!("{code:?}:{shops:?}:{sent_at}"),
            is_json: true,
            ..PushContent::default()
        };
        self.tell(content).await;
    }

    async fn tell(&self, content: PushContent) {
        let push = ReceivedPush {
            profile: Some(profile()),
            ..self.push(content)
        };
        self.receive().run(&self.tenant, &[push]).await.unwrap();
    }
}

// Keep-alive

#[tokio::test]
async fn a_pair_is_kept_alive_only_after_seven_days_without_a_renewal() {
    let world = World::new().await;
    world.cared_at(at_day(7) - TimeDelta::seconds(1)).await;
    assert_eq!(world.renewals(), 0);
    assert_eq!(world.cared_at(at_day(7)).await, 1);
    assert_eq!(world.pair().await.obtained_at, at_day(7));
    world.cared_at(at_day(13)).await;
    assert_eq!(world.renewals(), 1);
    world.cared_at(at_day(14)).await;
    assert_eq!(world.renewals(), 2);
}

#[tokio::test]
async fn the_pair_of_an_inactive_profile_is_kept_alive_too_but_none_of_a_deleted_one() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.is_active = false);
    world.cared_at(at_day(8)).await;
    assert_eq!(world.renewals(), 1);
    world.edit_profile(|profile| profile.deleted_at = Some(at_day(9)));
    world.cared_at(at_day(20)).await;
    assert_eq!(world.renewals(), 1);
}

#[tokio::test]
async fn a_pair_that_was_revoked_is_left_alone() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::hours(1));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], world.now())
        .await;
    world.cared_at(at_day(8)).await;
    assert_eq!(world.renewals(), 0);
}

#[tokio::test]
async fn a_pair_that_several_shops_share_is_renewed_at_once() {
    let world = World::new().await;
    let shop = ShopId(42);
    world.authoriser.admit(shop, "refresh-shared");
    let token = NewToken {
        shop,
        main_account: Some(77),
        refresh_token: examples::sealed("refresh-shared"),
        expires_at: world.now(),
        ..examples::token(PROFILE, &*world.ids)
    };
    world.keep_pair(token).await;
    world.cared().await;
    assert_eq!(world.authoriser.renewals(shop), 1);
    assert_eq!(world.authoriser.renewals(SHOP), 0);
}

#[tokio::test]
async fn a_keep_alive_whose_answer_was_lost_is_asked_for_once_more() {
    let world = World::new().await;
    world.authoriser.lose_next_reply(AuthCall::Refresh);
    world.cared_at(at_day(7)).await;
    assert_eq!(world.pair().await.in_doubt_since, Some(at_day(7)));
    world.cared_at(at_day(7) + TimeDelta::minutes(1)).await;
    assert_eq!(world.causes().await, ["refresh-lost"]);
    world.cared_at(at_day(7) + TimeDelta::minutes(2)).await;
    assert_eq!(world.renewals(), 2);
    assert_eq!(world.opened().await, 1);
}

// Countdowns

#[tokio::test]
async fn each_stage_of_an_authorisation_that_ends_alerts_once_and_resolves_the_one_before() {
    let world = World::new().await;
    let ends_at = at_day(40);
    world.note_end(ends_at).await;
    let mut opened = 0;
    for (days_left, stage) in [(30, 30), (14, 14), (7, 7), (3, 3), (1, 1), (0, 0)] {
        for hours in [0, 1, 5] {
            let now = ends_at - TimeDelta::days(days_left) + TimeDelta::hours(hours);
            world.cared_at(now).await;
            let expected = format!("authorisation-ends:{SHOP}:{stage}d");
            assert_eq!(world.causes().await, [expected]);
        }
        opened += 1;
        assert_eq!(world.opened().await, opened);
    }
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "token_expired");
    assert_eq!(open.due_at, Some(ends_at));
    assert_eq!(open.retry_count, 0, "it is not counted with each look");
    assert!(
        open.message.contains("ended at 2026-02-14"),
        "{}",
        open.message
    );
    assert!(
        open.message
            .contains("hawker oauth start --profile prof_sandbox")
    );

    world.note_end(ends_at + TimeDelta::days(365)).await;
    assert_eq!(world.cared().await, 1);
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn a_refresh_token_that_ends_says_why_it_was_not_renewed() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.partner_key = None);
    world.cared_at(at_day(15)).await;
    assert!(world.causes().await.is_empty());
    world.cared_at(at_day(16)).await;
    assert_eq!(
        world.causes().await,
        [format!("refresh_token-ends:{SHOP}:14d")]
    );

    world.edit_profile(|profile| profile.partner_key = Some(examples::sealed("partner-key")));
    let refused = MarketplaceError::Unavailable {
        endpoint: "auth/access_token/get",
        reason: "HTTP 502".into(),
        cause: None,
    };
    world.authoriser.fail_next(AuthCall::Refresh, refused);
    world.cared_at(at_day(23)).await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, format!("refresh_token-ends:{SHOP}:7d"));
    assert!(open.message.contains("HTTP 502"), "{}", open.message);

    world.cared_at(at_day(23) + TimeDelta::minutes(1)).await;
    assert!(world.causes().await.is_empty(), "renewed");
}

#[tokio::test]
async fn a_partner_key_that_ends_is_announced_until_a_new_one_is_noted() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.partner_key_ends_at = Some(at_day(10)));
    world.cared().await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, format!("partner_key-ends:{PROFILE}:14d"));
    assert_eq!(open.error_class, "action_required");
    world.edit_profile(|profile| profile.partner_key_ends_at = Some(at_day(400)));
    world.clock.advance(TimeDelta::minutes(1));
    world.cared().await;
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn what_belongs_to_a_deleted_profile_does_not_end_any_more() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.partner_key_ends_at = Some(at_day(1)));
    world.note_end(at_day(1)).await;
    world.cared().await;
    assert_eq!(world.causes().await.len(), 2);
    world.edit_profile(|profile| profile.deleted_at = Some(noon()));
    world.clock.advance(TimeDelta::minutes(1));
    world.cared().await;
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn an_end_that_a_push_announced_is_not_announced_twice() {
    let world = World::new().await;
    let content = PushContent {
        code: PushCode::AUTHORISATION_EXPIRY.0,
        expiring_shops: vec![SHOP],
        expires_before: Some(at_day(7)),
        content_key: "12".into(),
        is_json: true,
        ..PushContent::default()
    };
    world.tell(content).await;
    assert_eq!(world.pair().await.authorisation_ends_at, Some(at_day(7)));
    world.cared().await;
    let announced = format!("authorisation-expiry:{SHOP}");
    assert_eq!(world.causes().await, std::slice::from_ref(&announced));
    world.cared_at(at_day(4)).await;
    let third = format!("authorisation-ends:{SHOP}:3d");
    assert_eq!(world.causes().await, [third, announced]);
}

#[tokio::test]
async fn a_good_pair_that_came_by_another_path_ends_what_was_open_about_the_bad_one() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::hours(1));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], world.now())
        .await;
    world.clock.advance(TimeDelta::minutes(1));
    world.cared().await;
    assert_eq!(world.causes().await, ["authorisation-revoked"]);
    world.keep_pair(examples::token(PROFILE, &*world.ids)).await;
    world.clock.advance(TimeDelta::minutes(1));
    world.cared().await;
    assert!(world.causes().await.is_empty());
}

// Connections

#[tokio::test]
async fn a_connection_is_looked_at_every_hour_and_sooner_when_something_happens() {
    let world = World::new().await;
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.watched().await, 0);
    world.clock.advance(TimeDelta::minutes(30));
    world.told(PushCode::AUTHORISED, &[], world.now()).await;
    assert_eq!(world.watched().await, 1);
    world.clock.advance(TimeDelta::minutes(59));
    assert_eq!(world.watched().await, 0);
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.watch().await.unwrap().looked_at, Some(world.now()));
}

#[tokio::test]
async fn a_look_at_which_the_marketplace_could_not_be_asked_is_made_again_soon() {
    let world = World::new().await;
    world.watched().await;
    world.takes_back_without_a_name().await;
    let unavailable = MarketplaceError::Unavailable {
        endpoint: "public/get_shops_by_partner",
        reason: "time-out".into(),
        cause: None,
    };
    world
        .authoriser
        .fail_next(AuthCall::AuthorisedShops, unavailable);
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.watched().await, 0, "not at once");
    world.clock.advance(TimeDelta::seconds(30));
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.pair().await.state, TokenState::Revoked);
    world.clock.advance(TimeDelta::minutes(59));
    assert_eq!(world.watched().await, 0);
}

#[tokio::test]
async fn a_look_whose_process_died_is_made_by_the_next_one() {
    let world = World::new().await;
    world.watched().await;
    world.takes_back_without_a_name().await;
    world
        .authoriser
        .meanwhile(AuthCall::AuthorisedShops, pending());
    let dies = world.watching();
    assert!(dies.run(&world.tenant).now_or_never().is_none());
    assert_eq!(world.watched().await, 0, "it may still be looking");
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.pair().await.state, TokenState::Revoked);
}

#[tokio::test]
async fn what_happens_while_a_connection_is_looked_at_has_it_looked_at_again() {
    let world = Arc::new(World::new().await);
    let inside = Arc::clone(&world);
    // The list was read when this happens.
    world
        .authoriser
        .meanwhile(AuthCall::AuthorisedShops, async move {
            inside.takes_back_without_a_name().await;
        });
    world.watched().await;
    world.watched().await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
}

#[tokio::test]
async fn a_shop_that_the_marketplace_does_not_list_any_more_is_not_called_for() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::minutes(1));
    world.authoriser.take_back(SHOP);
    world.watched().await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
    assert_eq!(world.causes().await, ["authorisation-revoked"]);
    assert_eq!(
        world.authoriser.calls(AuthCall::AuthorisedShops),
        2,
        "it asked twice"
    );

    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert!(world.marketplace.calls().is_empty());
    assert_eq!(
        world.causes().await,
        ["authorisation-revoked"],
        "the same exception"
    );
    assert_eq!(world.opened().await, 1);
}

#[tokio::test]
async fn a_shop_that_one_list_left_out_is_still_called_for() {
    let world = Arc::new(World::new().await);
    world.clock.advance(TimeDelta::minutes(1));
    world.authoriser.take_back(SHOP);
    let inside = Arc::clone(&world);
    // The list was read when this happens.
    world
        .authoriser
        .meanwhile(AuthCall::AuthorisedShops, async move {
            inside.authoriser.admit(SHOP, "refresh-token");
        });
    world.watched().await;
    assert_eq!(world.pair().await.state, TokenState::Active);
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn what_was_authorised_while_the_marketplace_was_asked_stands() {
    let world = Arc::new(World::new().await);
    world.clock.advance(TimeDelta::minutes(1));
    world.authoriser.take_back(SHOP);
    let inside = Arc::clone(&world);
    world
        .authoriser
        .meanwhile(AuthCall::AuthorisedShops, async move {
            inside.clock.advance(TimeDelta::seconds(1));
            inside
                .keep_pair(examples::token(PROFILE, &*inside.ids))
                .await;
            inside.clock.advance(TimeDelta::seconds(1));
        });
    world.watched().await;
    assert_eq!(world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn a_shop_of_another_app_is_none_of_its_business() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::minutes(1));
    world.authoriser.take_back(SHOP);
    let other = NewProfile {
        partner_id: Some(2),
        shop: Some(ShopId(42)),
        ..examples::profile("prof_other")
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles().save(&other, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    world.edit_profile(|profile| profile.partner_key = None);
    assert_eq!(world.watched().await, 2);
    assert_eq!(world.pair().await.state, TokenState::Active);
}

#[tokio::test]
async fn the_end_of_each_authorisation_is_noted() {
    let world = World::new().await;
    world.authoriser.put_shop(AuthorisedShop {
        shop: SHOP,
        region: Some("SG".into()),
        authorised_at: None,
        ends_at: Some(at_day(100)),
    });
    world.watched().await;
    assert_eq!(world.pair().await.authorisation_ends_at, Some(at_day(100)));
}

#[tokio::test]
async fn a_marketplace_that_cannot_be_asked_withdraws_nothing() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::minutes(1));
    let unavailable = || MarketplaceError::Unavailable {
        endpoint: "public/get_shops_by_partner",
        reason: "time-out".into(),
        cause: None,
    };
    world
        .authoriser
        .fail_next(AuthCall::AuthorisedShops, unavailable());
    world.console.fail_next(ConsoleCall::Read, unavailable());
    world.desk.fail_next(DeskCall::Warehouses, unavailable());
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.pair().await.state, TokenState::Active);
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn suspended_pushes_are_an_exception_until_they_flow_again() {
    let world = World::new().await;
    let steps = [
        (PushStatus::Warning, vec!["push-status:warning"]),
        (PushStatus::Suspended, vec!["push-status:suspended"]),
        (
            PushStatus::Other("Paused".into()),
            vec!["push-status:suspended"],
        ),
        (PushStatus::Normal, vec![]),
    ];
    for (status, expected) in steps {
        world.settings(|settings| settings.status = status.clone());
        world.clock.advance(TimeDelta::hours(1));
        world.watched().await;
        assert_eq!(world.causes().await, expected, "{status}");
        assert_eq!(world.watch().await.unwrap().push_status, Some(status));
    }
    assert_eq!(world.opened().await, 2);
}

#[tokio::test]
async fn how_an_app_is_judged_is_told_once_however_many_profiles_it_has() {
    let world = World::new().await;
    world.second_profile().await;
    world.settings(|settings| settings.status = PushStatus::Suspended);
    assert_eq!(world.watched().await, 2);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, "push-status:suspended");
    assert!(open.message.contains(PROFILE), "{}", open.message);
    assert_eq!(world.opened().await, 1);

    // None of them is active: the first one speaks for the app.
    world.edit_profile(|profile| profile.is_active = false);
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.watched().await, 2);
    assert_eq!(world.causes().await, ["push-status:suspended"]);

    // Nor can the first one be looked at.
    world.edit_profile(|profile| profile.partner_key = None);
    world.clock.advance(TimeDelta::hours(1));
    world.watched().await;
    let open = world.exceptions("open").await;
    assert!(
        open.iter().any(|open| open.message.contains("prof_second")),
        "{open:?}"
    );
}

#[tokio::test]
async fn pushes_that_go_elsewhere_are_an_exception_of_the_active_profile() {
    let world = World::new().await;
    world.settings(|settings| settings.callback_url = Some("https://old.example/hook".into()));
    world.watched().await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(
        (&*open.cause, &*open.error_class),
        ("push-url", "action_required")
    );
    assert!(
        open.message.contains("to https://old.example/hook"),
        "{}",
        open.message
    );

    world.settings(|settings| settings.callback_url = None);
    world.clock.advance(TimeDelta::hours(1));
    world.watched().await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert!(open.message.contains("has no URL"), "{}", open.message);

    world.edit_profile(|profile| profile.is_active = false);
    world.clock.advance(TimeDelta::hours(1));
    world.watched().await;
    assert!(world.causes().await.is_empty());
}

#[tokio::test]
async fn warehouses_that_were_never_fetched_are_fetched_once() {
    let world = World::new().await;
    for _ in 0..3 {
        world.watched().await;
        world.clock.advance(TimeDelta::hours(1));
    }
    let asked = world.desk.asked().into_iter();
    let fetched = asked.filter(|asked| asked.call == DeskCall::Warehouses);
    assert_eq!(fetched.count(), 1);
}

#[tokio::test]
async fn a_profile_that_is_not_set_up_is_nobodys_alarm() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.partner_key = None);
    assert_eq!(world.watched().await, 1);
    assert!(world.causes().await.is_empty());
    assert_eq!(world.authoriser.calls(AuthCall::AuthorisedShops), 0);
}

// Pushes

#[tokio::test]
async fn a_revoked_shop_is_not_called_for_from_the_push_on() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::seconds(2));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], world.now())
        .await;
    let pair = world.pair().await;
    assert_eq!(pair.state, TokenState::Revoked);
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert!(world.marketplace.calls().is_empty());
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, "authorisation-revoked");
    assert!(
        open.message.contains("Shop 5000000001 does not authorise"),
        "{}",
        open.message
    );
    assert_eq!(world.opened().await, 1);
    assert_eq!(world.watched().await, 1, "and the marketplace is asked");
}

#[tokio::test]
async fn a_late_push_about_an_older_authorisation_leaves_the_newer_one_alone() {
    let world = World::new().await;
    let revoked_at = world.now() + TimeDelta::minutes(1);
    world.clock.advance(TimeDelta::hours(1));
    world.keep_pair(examples::token(PROFILE, &*world.ids)).await;
    world.clock.advance(TimeDelta::hours(1));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], revoked_at)
        .await;
    assert_eq!(world.pair().await.state, TokenState::Active);
    assert!(world.causes().await.is_empty());
}

/// The platform sends a push again for hours, with a new time each time.
#[tokio::test]
async fn a_shop_that_a_late_push_told_to_be_gone_is_called_for_again_once_it_is_listed() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::minutes(1));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], world.now())
        .await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
    world.authoriser.put_shop(AuthorisedShop {
        shop: SHOP,
        region: Some("SG".into()),
        authorised_at: Some(noon() - TimeDelta::seconds(1)),
        ends_at: None,
    });
    world.watched().await;
    assert_eq!(world.pair().await.state, TokenState::Active);
    world.clock.advance(TimeDelta::minutes(1));
    world.cared().await;
    assert_eq!(world.causes().await, [""; 0], "the exception is over");
}

#[tokio::test]
async fn a_push_that_was_sent_in_the_second_of_the_authorisation_counts() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::milliseconds(400));
    world.keep_pair(examples::token(PROFILE, &*world.ids)).await;
    world.clock.advance(TimeDelta::milliseconds(400));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], noon())
        .await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
}

#[tokio::test]
async fn the_pair_of_a_profile_that_is_not_in_force_dies_as_well() {
    let world = World::new().await;
    world.edit_profile(|profile| profile.is_active = false);
    world.clock.advance(TimeDelta::seconds(2));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[SHOP], world.now())
        .await;
    assert_eq!(world.pair().await.state, TokenState::Revoked);
    assert_eq!(world.events().await[0].outcome.as_deref(), Some("skipped"));
}

#[tokio::test]
async fn only_the_shops_that_a_push_names_are_withdrawn() {
    let world = World::new().await;
    let shop = ShopId(42);
    world
        .keep_pair(NewToken {
            shop,
            ..examples::token(PROFILE, &*world.ids)
        })
        .await;
    world.clock.advance(TimeDelta::seconds(2));
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[shop], world.now())
        .await;
    assert_eq!(world.token_of(shop).await.state, TokenState::Revoked);
    assert_eq!(world.token_of(SHOP).await.state, TokenState::Active);
}

#[tokio::test]
async fn a_push_that_names_no_shop_has_the_marketplace_asked() {
    let world = World::new().await;
    world.watched().await;
    world.clock.advance(TimeDelta::seconds(2));
    world.authoriser.take_back(SHOP);
    world
        .told(PushCode::AUTHORISATION_CANCELLED, &[], world.now())
        .await;
    assert_eq!(
        world.pair().await.state,
        TokenState::Active,
        "not known yet"
    );
    assert_eq!(world.watched().await, 1);
    assert_eq!(world.pair().await.state, TokenState::Revoked);
}

#[tokio::test]
async fn a_push_with_the_same_words_as_an_earlier_one_has_the_marketplace_asked() {
    let world = World::new().await;
    world.watched().await;
    let content = PushContent {
        code: PushCode::AUTHORISATION_CANCELLED.0,
        authorised_shops: vec![SHOP],
        content_key: "2".into(),
        is_json: true,
        ..PushContent::default()
    };
    world.clock.advance(TimeDelta::seconds(2));
    world.tell(content.clone()).await;
    world.keep_pair(examples::token(PROFILE, &*world.ids)).await;
    world.watched().await;
    world.clock.advance(TimeDelta::minutes(1));
    world.tell(content).await;
    assert_eq!(world.pair().await.state, TokenState::Active);
    assert_eq!(world.watched().await, 1);
}

#[tokio::test]
async fn a_forged_push_withdraws_nothing() {
    let world = World::new().await;
    world.clock.advance(TimeDelta::seconds(2));
    let content = PushContent {
        code: PushCode::AUTHORISATION_CANCELLED.0,
        authorised_shops: vec![SHOP],
        content_key: "2".into(),
        is_json: true,
        ..PushContent::default()
    };
    let forged = ReceivedPush {
        authorization: Some("guess".into()),
        ..world.push(content)
    };
    world.receive().run(&world.tenant, &[forged]).await.unwrap();
    assert_eq!(world.pair().await.state, TokenState::Active);
}
