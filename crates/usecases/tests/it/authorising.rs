//! Authorising shops: the link, the way back, what is kept, and what goes wrong.

use std::future::pending;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use futures_util::poll;
use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderStatus;
use hawker_domain::profile::PublicBaseUrl;
use hawker_domain::token::TokenState;
use hawker_domain::{Environment, ShopId};
use hawker_ports::authorisation::Grantee;
use hawker_ports::marketplace::{Fault, MarketplaceError};
use hawker_ports::profiles::{NewProfile, Profile};
use hawker_ports::shops::ShopDetails;
use hawker_ports::testing::examples::{self, SHOP, snapshot, token_key};
use hawker_ports::testing::{AuthCall, DeskCall};
use hawker_ports::tokens::{NewToken, StoredToken, TokenKey};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::authorise_shop::{Authorised, ComeBack, ComeBackError, StartError};
use hawker_usecases::refresh_locations::RefreshLocations;
use hawker_usecases::{AuthoriseShop, ShopTokens};

use crate::world::{KeptTasks, PROFILE, World};

const CODE: &str = "code-of-the-seller";
const REDIRECT: &str =
    "https://hub.example/connectors/shopee/oauth/callback/sandbox?profile_id=prof_sandbox";

fn profile() -> ProfileId {
    examples::profile_id(PROFILE)
}

impl World {
    pub fn locations(&self) -> RefreshLocations {
        RefreshLocations {
            tokens: Arc::new(self.tokens()),
            desk: self.desk.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    pub fn authorising(&self) -> AuthoriseShop {
        AuthoriseShop {
            store: self.store.clone(),
            authoriser: self.authoriser.clone(),
            sealer: Arc::new(hawker_ports::testing::PlainSealer),
            mint: self.mint.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            public_api_base_url: PublicBaseUrl::new("https://hub.example"),
            desk: self.desk.clone(),
            tokens: Arc::new(self.tokens()),
            locations: Arc::new(self.locations()),
        }
    }

    /// Asks for an authorisation; answers the nonce.
    async fn nonce(&self) -> String {
        let started = self.start().await.unwrap();
        let (_, nonce) = started.link.rsplit_once("nonce=").unwrap();
        nonce.to_owned()
    }

    async fn start(
        &self,
    ) -> Result<hawker_usecases::authorise_shop::StartedAuthorisation, StartError> {
        let terminal = Actor::terminal();
        let authorise = self.authorising();
        authorise.start(&self.tenant, &profile(), &terminal).await
    }

    /// The seller of the shop agrees and comes back.
    async fn way_back(&self) -> ComeBack {
        let for_shop = Grantee::Shop(SHOP);
        self.authoriser.offer_code(CODE, for_shop, &[SHOP]);
        ComeBack {
            nonce: Some(self.nonce().await),
            profile: Some(profile()),
            environment: Environment::Sandbox,
            code: Some(CODE.into()),
            shop: Some(SHOP),
            main_account: None,
        }
    }

    /// The seller of a main account agrees and comes back.
    async fn way_back_of_account(&self, shops: &[ShopId]) -> ComeBack {
        let way = ComeBack {
            shop: None,
            main_account: Some(77),
            ..self.way_back().await
        };
        let account = Grantee::MainAccount(77);
        self.authoriser.offer_code(CODE, account, shops);
        way
    }

    async fn come_back(&self, way: &ComeBack) -> Result<Authorised, ComeBackError> {
        self.authorising().come_back(&self.tenant, way).await
    }

    async fn exchange(&self, code: &str) -> Result<Authorised, ComeBackError> {
        let (authorise, terminal) = (self.authorising(), Actor::terminal());
        let grantee = Grantee::Shop(SHOP);
        authorise
            .exchange(&self.tenant, &profile(), &code.into(), grantee, &terminal)
            .await
    }

    async fn redeem_resend_code(&self, code: &str) -> Result<Authorised, ComeBackError> {
        let (authorise, terminal) = (self.authorising(), Actor::terminal());
        authorise
            .redeem_resend_code(&self.tenant, &profile(), &code.into(), &terminal)
            .await
    }

    /// A profile of the same app, unless another one is named.
    async fn profile_of_shop_42(&self, id: &str, partner_id: Option<i64>) {
        let usual = examples::profile(id);
        let profile = NewProfile {
            shop: Some(ShopId(42)),
            partner_id: partner_id.or(usual.partner_id),
            ..usual
        };
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.profiles().save(&profile, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    async fn failed(&self, way: &ComeBack) -> &'static str {
        self.come_back(way).await.unwrap_err().status()
    }

    async fn pair_of(&self, shop: ShopId) -> Option<StoredToken> {
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let key = TokenKey {
            shop,
            ..token_key()
        };
        uow.tokens().find(key).await.unwrap()
    }

    fn exchanges(&self) -> usize {
        self.authoriser.calls(AuthCall::ExchangeCode)
    }

    fn edit(&self, edit: impl FnOnce(&mut Profile)) {
        self.store
            .edit_by_hand(&self.tenant, &profile(), edit)
            .unwrap();
    }

    fn audited(&self) -> Vec<(&'static str, String)> {
        let log = self.store.audit_log(&self.tenant).unwrap().into_iter();
        log.map(|entry| (entry.action, entry.actor.as_str().to_owned()))
            .collect()
    }

    /// Somebody cannot go on without a token.
    async fn lose_the_token(&self) {
        self.authoriser.expire_refresh_tokens(SHOP);
        self.clock.advance(TimeDelta::hours(5));
        self.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
        assert_eq!(self.open().await, ["token_expired"]);
        self.clock.advance(TimeDelta::seconds(1));
    }
}

fn info() -> ShopDetails {
    ShopDetails {
        name: "Kopi Cards".into(),
        region: "SG".into(),
        status: "NORMAL".into(),
        authorised_at: None,
        authorisation_ends_at: Some(examples::noon() + TimeDelta::days(365)),
        merchant: None,
        is_cross_border: false,
    }
}

#[tokio::test]
async fn the_link_leads_back_to_the_profile_with_a_nonce_that_is_not_stored() {
    let world = World::new().await;
    let started = world.start().await.unwrap();
    assert!(
        started.link.contains(&format!("{REDIRECT}&nonce=")),
        "{}",
        started.link
    );
    assert_eq!(started.redirect, REDIRECT);
    assert_eq!(started.expires_at, world.now() + TimeDelta::minutes(5));
    let other = world.start().await.unwrap();
    assert_ne!(started.link, other.link, "each has a nonce of its own");
    assert_eq!(
        world.audited(),
        [
            ("authorisation.started", "terminal".into()),
            ("authorisation.started", "terminal".into())
        ]
    );
}

#[tokio::test]
async fn what_keeps_a_link_from_being_made_is_said_where_it_hurts() {
    let world = World::new().await;
    let authorise = AuthoriseShop {
        public_api_base_url: None,
        ..world.authorising()
    };
    let actor = Actor::terminal();
    let refused = authorise
        .start(&world.tenant, &profile(), &actor)
        .await
        .err()
        .unwrap();
    assert!(
        refused
            .to_string()
            .contains("PUBLIC_API_BASE_URL is not set"),
        "{refused}"
    );

    world.edit(|profile| {
        profile.partner_id = None;
        profile.partner_key = None;
        profile.shop = None;
    });
    let refused = world.start().await.err().unwrap();
    let expected = "not fully configured: missing partner_id, partner_key";
    assert!(refused.to_string().ends_with(expected), "{refused}");

    let gone = examples::profile_id("prof_gone");
    let refused = world
        .authorising()
        .start(&world.tenant, &gone, &actor)
        .await;
    assert!(matches!(refused, Err(StartError::NoSuchProfile(_))));
}

#[tokio::test]
async fn a_seller_who_comes_back_connects_the_shop() {
    let world = World::with_stock(5).await;
    world.lose_the_token().await;
    world.desk.put_info(SHOP, info());
    let way = world.way_back().await;
    let authorised = world.come_back(&way).await.unwrap();
    assert_eq!(
        authorised,
        Authorised {
            profile: profile(),
            environment: Environment::Sandbox,
            shops: vec![SHOP],
            is_first: false,
        }
    );
    let pair = world.pair().await;
    assert_eq!(
        (pair.state, pair.in_doubt_since),
        (TokenState::Active, None)
    );
    assert_eq!(pair.access_token, examples::sealed("access-1"));
    assert_eq!(pair.expires_at, world.now() + TimeDelta::hours(4));
    assert_eq!(
        pair.refresh_token_ends_at,
        world.now() + TimeDelta::days(30)
    );
    assert_eq!(pair.authorisation_ends_at, info().authorisation_ends_at);
    assert!(world.open().await.is_empty(), "nothing is open any more");
    let seller = ("shop.authorised", "seller".to_owned());
    assert_eq!(world.audited().last(), Some(&seller));

    world.clock.advance(TimeDelta::seconds(70));
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}

#[tokio::test]
async fn a_profile_without_a_shop_gets_the_one_that_was_authorised() {
    let world = World::new().await;
    world.edit(|profile| profile.shop = None);
    let way = world.way_back().await;
    world.come_back(&way).await.unwrap();
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let found = uow.profiles().find(&profile()).await.unwrap().unwrap();
    assert_eq!(found.shop, Some(SHOP));
}

#[tokio::test]
async fn the_way_back_of_the_profile_is_good_where_the_marketplace_names_no_shop() {
    let world = World::new().await;
    let way = ComeBack {
        shop: None,
        ..world.way_back().await
    };
    assert_eq!(world.come_back(&way).await.unwrap().shops, [SHOP]);

    world.edit(|profile| profile.shop = None);
    let way = ComeBack {
        shop: None,
        ..world.way_back().await
    };
    let refused = world.come_back(&way).await.unwrap_err();
    assert!(matches!(refused, ComeBackError::NamesNoShop));
    assert_eq!(world.exchanges(), 1, "the second code was left alone");
}

#[tokio::test]
async fn a_way_back_is_good_for_one_use() {
    let world = World::new().await;
    let way = world.way_back().await;
    world.come_back(&way).await.unwrap();
    assert_eq!(world.failed(&way).await, "state_used");
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn of_many_who_come_back_at_once_one_exchanges_the_code() {
    let world = World::new().await;
    let way = world.way_back().await;
    let answers = join_all((0..16).map(|_| world.come_back(&way))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn a_way_back_that_was_not_asked_for_is_refused() {
    let world = World::new().await;
    let unknown = Some("0".repeat(64));
    for nonce in [None, unknown] {
        let way = ComeBack {
            nonce,
            ..world.way_back().await
        };
        assert_eq!(world.failed(&way).await, "invalid_state");
    }
    let of_other_profile = ComeBack {
        profile: Some(examples::profile_id("prof_other")),
        ..world.way_back().await
    };
    assert_eq!(world.failed(&of_other_profile).await, "invalid_state");
    let of_other_environment = ComeBack {
        environment: Environment::Live,
        ..world.way_back().await
    };
    assert_eq!(world.failed(&of_other_environment).await, "invalid_state");
    let late = world.way_back().await;
    world.clock.advance(TimeDelta::minutes(16));
    assert_eq!(world.failed(&late).await, "state_expired");
    assert_eq!(world.exchanges(), 0);
    assert_eq!(world.pair().await.generation, 1);
}

#[tokio::test]
async fn a_seller_who_does_not_agree_changes_nothing_but_uses_the_way_back_up() {
    let world = World::new().await;
    for code in [None, Some(" ".into())] {
        let way = ComeBack {
            code,
            ..world.way_back().await
        };
        assert_eq!(world.failed(&way).await, "denied");
        assert_eq!(world.failed(&way).await, "state_used");
    }
    assert_eq!(world.exchanges(), 0);
    let refused = world.exchange(" ").await;
    assert!(matches!(refused, Err(ComeBackError::Denied)));
    let refused = world.redeem_resend_code(" ").await;
    assert!(matches!(refused, Err(ComeBackError::Denied)));
}

#[tokio::test]
async fn another_shop_than_the_profiles_is_not_kept() {
    let world = World::new().await;
    let way = ComeBack {
        shop: Some(ShopId(42)),
        ..world.way_back().await
    };
    let refused = world.come_back(&way).await.unwrap_err();
    assert_eq!(refused.status(), "shop_mismatch");
    let told = refused.to_string();
    assert!(
        told.contains("stands for shop 5000000001, but shop 42 was"),
        "{told}"
    );
    assert_eq!(world.exchanges(), 0);
    assert!(world.pair_of(ShopId(42)).await.is_none());

    let way = world.way_back_of_account(&[ShopId(42), ShopId(43)]).await;
    assert_eq!(world.failed(&way).await, "shop_mismatch");
    assert!(world.pair_of(ShopId(42)).await.is_none());
    assert_eq!(world.pair().await.generation, 1);
}

/// The older pairs of the listed shops are good for nothing once the code was exchanged.
#[tokio::test]
async fn pairs_of_other_shops_that_hawker_knows_are_kept_when_the_profiles_own_is_missing() {
    let world = World::new().await;
    world.profile_of_shop_42("prof_second", None).await;
    let way = world.way_back_of_account(&[ShopId(42), ShopId(43)]).await;
    let refused = world.come_back(&way).await.unwrap_err();
    assert_eq!(refused.status(), "shop_mismatch");
    let told = refused.to_string();
    assert!(told.contains("pair of shop 42 was kept"), "{told}");
    let kept = world.pair_of(ShopId(42)).await.unwrap();
    assert_eq!(kept.main_account, Some(77));
    assert!(kept.expires_at <= world.now(), "several shops share it");
    assert!(world.pair_of(ShopId(43)).await.is_none());
    assert_eq!(world.pair().await.generation, 1);
    assert_eq!(world.deeds(), ["authorisation.started", "shop.authorised"]);
    assert_eq!(
        world.audit()[1].details["shop_ids"],
        serde_json::json!([42])
    );
}

#[tokio::test]
async fn a_resend_code_of_another_shop_renews_the_pair_that_it_replaced() {
    let world = World::new().await;
    world.authoriser.offer_resend_code("first", &[ShopId(42)]);
    world.edit(|profile| profile.shop = Some(ShopId(42)));
    world.redeem_resend_code("first").await.unwrap();
    let before = world.pair_of(ShopId(42)).await.unwrap();
    world.edit(|profile| profile.shop = Some(SHOP));

    world.authoriser.offer_resend_code("second", &[ShopId(42)]);
    let refused = world.redeem_resend_code("second").await.unwrap_err();
    assert_eq!(refused.status(), "shop_mismatch");
    let after = world.pair_of(ShopId(42)).await.unwrap();
    assert!(after.generation > before.generation);
    assert!(after.expires_at > world.now(), "nobody shares it");
}

#[tokio::test]
async fn a_pair_of_another_app_is_not_replaced_by_way_of_a_mismatch() {
    let world = World::new().await;
    world.profile_of_shop_42("prof_second", Some(2)).await;
    let of_other_app = NewToken {
        shop: ShopId(42),
        partner_id: Some(2),
        ..examples::token("prof_second", &*world.ids)
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.tokens().keep(&of_other_app, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    let way = world.way_back_of_account(&[ShopId(42), ShopId(43)]).await;
    let told = world.come_back(&way).await.unwrap_err().to_string();
    assert!(told.contains("nothing was kept"), "{told}");
    assert_eq!(world.pair_of(ShopId(42)).await.unwrap().generation, 1);
}

#[tokio::test]
async fn each_shop_of_a_main_account_gets_a_pair_of_its_own() {
    let world = World::new().await;
    let shops = [ShopId(42), ShopId(43), SHOP];
    let way = world.way_back_of_account(&shops).await;
    let authorised = world.come_back(&way).await.unwrap();
    assert_eq!(authorised.shops, shops);
    assert!(!authorised.is_first, "one of them had a pair");
    let mut access_tokens = Vec::new();
    for shop in shops {
        let pair = world.pair_of(shop).await.unwrap();
        assert_eq!(pair.main_account, Some(77));
        assert_eq!(pair.expires_at, world.now() + TimeDelta::hours(4));
        assert_eq!(world.authoriser.renewals(shop), 1);
        access_tokens.push(pair.access_token.as_stored().to_owned());
    }
    access_tokens.sort();
    assert_eq!(
        access_tokens,
        ["plain:access-2", "plain:access-3", "plain:access-4"]
    );
}

#[tokio::test]
async fn a_shop_of_a_main_account_that_could_not_be_renewed_at_once_is_renewed_before_its_first_call()
 {
    let world = World::new().await;
    let way = world.way_back_of_account(&[SHOP]).await;
    let unavailable = MarketplaceError::Unavailable {
        endpoint: "auth/access_token/get",
        reason: "connection refused".into(),
        cause: None,
    };
    world.authoriser.fail_next(AuthCall::Refresh, unavailable);
    world.come_back(&way).await.unwrap();
    assert_eq!(world.authoriser.renewals(SHOP), 0);
    world.clock.advance(TimeDelta::seconds(10));
    let opened = world.tokens().access(&world.tenant, &profile()).await;
    opened.unwrap().unwrap();
    assert_eq!(world.authoriser.renewals(SHOP), 1);
}

#[tokio::test]
async fn warehouses_are_fetched_after_the_first_authorisation_only() {
    let world = World::new().await;
    world.edit(|profile| profile.shop = Some(ShopId(42)));
    let shop = ShopId(42);
    for is_first in [true, false] {
        let way = ComeBack {
            shop: Some(shop),
            ..world.way_back().await
        };
        world
            .authoriser
            .offer_code(CODE, Grantee::Shop(shop), &[shop]);
        assert_eq!(world.come_back(&way).await.unwrap().is_first, is_first);
        let asked = world.desk.asked().into_iter();
        let fetched = asked.filter(|asked| asked.call == DeskCall::Warehouses);
        assert_eq!(fetched.count(), 1);
    }
}

#[tokio::test]
async fn what_follows_an_authorisation_may_fail() {
    let world = World::new().await;
    world.edit(|profile| profile.shop = Some(ShopId(42)));
    let shop = ShopId(42);
    let refused = || MarketplaceError::Misconfigured {
        endpoint: "shop/get_shop_info",
        fault: Fault::Permission,
        code: "error_api_permission".into(),
        message: "no permission".into(),
        request_id: None,
    };
    world.desk.fail_next(DeskCall::ShopDetails, refused());
    world.desk.fail_next(DeskCall::Warehouses, refused());
    let way = ComeBack {
        shop: Some(shop),
        ..world.way_back().await
    };
    world
        .authoriser
        .offer_code(CODE, Grantee::Shop(shop), &[shop]);
    world.come_back(&way).await.unwrap();
    assert!(world.pair_of(shop).await.is_some());
}

#[tokio::test]
async fn a_resend_code_brings_a_lost_pair_back() {
    let world = World::with_stock(5).await;
    world.authoriser.lose_next_reply(AuthCall::Refresh);
    world.clock.advance(TimeDelta::hours(5));
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    world.clock.advance(TimeDelta::seconds(15));
    world.work().await;
    assert_eq!(world.pair().await.state, TokenState::NeedsReauthorisation);

    world.clock.advance(TimeDelta::seconds(1));
    world.authoriser.offer_resend_code("resend-1", &[SHOP]);
    let redeemed = world.redeem_resend_code("resend-1").await.unwrap();
    assert_eq!(redeemed.shops, [SHOP]);
    assert!(world.open().await.is_empty());
    world.clock.advance(TimeDelta::seconds(70));
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}

#[tokio::test]
async fn a_terminal_exchanges_a_code_without_a_nonce() {
    let world = World::new().await;
    world
        .authoriser
        .offer_code(CODE, Grantee::Shop(SHOP), &[SHOP]);
    assert_eq!(world.exchange(CODE).await.unwrap().shops, [SHOP]);
    assert_eq!(world.pair().await.generation, 2);
}

#[tokio::test]
async fn each_way_in_which_an_exchange_fails_has_its_status() {
    let world = World::new().await;
    let endpoint = "auth/token/get";
    let unavailable = MarketplaceError::Unavailable {
        endpoint,
        reason: "connection refused".into(),
        cause: None,
    };
    let wrong_key = MarketplaceError::Misconfigured {
        endpoint,
        fault: Fault::Sign,
        code: "error_sign".into(),
        message: "Wrong sign.".into(),
        request_id: None,
    };
    for (error, status) in [(unavailable, "unavailable"), (wrong_key, "error")] {
        let way = world.way_back().await;
        world.authoriser.fail_next(AuthCall::ExchangeCode, error);
        assert_eq!(world.failed(&way).await, status);
    }
    let way = world.way_back().await;
    world.authoriser.lose_next_reply(AuthCall::ExchangeCode);
    assert_eq!(world.failed(&way).await, "in_doubt");
    let way = ComeBack {
        code: Some("a code of somebody else".into()),
        ..world.way_back().await
    };
    assert_eq!(world.failed(&way).await, "code_rejected");
    let way = world.way_back().await;
    world.edit(|profile| profile.partner_key = None);
    assert_eq!(world.failed(&way).await, "not_configured");
    assert_eq!(world.pair().await.generation, 1);
}

#[tokio::test]
async fn a_pair_is_stored_although_the_database_is_away_for_a_moment() {
    let world = World::new().await;
    let way = world.way_back().await;
    let store = world.store.clone();
    world
        .authoriser
        .meanwhile(AuthCall::ExchangeCode, async move {
            for _ in 0..3 {
                store.fail_next_commit(StoreError::Unavailable("away".into()));
            }
        });
    world.come_back(&way).await.unwrap();
    assert_eq!(world.exchanges(), 1);
    assert_eq!(world.pair().await.generation, 2);
}

#[tokio::test]
async fn a_browser_that_goes_away_leaves_the_way_back_used_and_nothing_half_done() {
    let world = World::new().await;
    let way = world.way_back().await;
    world
        .authoriser
        .meanwhile(AuthCall::ExchangeCode, pending());
    {
        let mut asked = Box::pin(world.come_back(&way));
        assert!(poll!(&mut asked).is_pending());
    }
    assert_eq!(world.failed(&way).await, "state_used");
    assert_eq!(world.pair().await.generation, 1);
}

#[tokio::test]
async fn a_code_that_was_exchanged_is_kept_although_the_browser_goes_away() {
    let world = World::new().await;
    let way = world.way_back().await;
    let kept = Arc::new(KeptTasks::default());
    let tokens = ShopTokens {
        background: kept.clone(),
        ..world.tokens()
    };
    let authorise = AuthoriseShop {
        tokens: Arc::new(tokens),
        ..world.authorising()
    };
    let slowly = tokio::task::yield_now();
    world.authoriser.meanwhile(AuthCall::ExchangeCode, slowly);
    {
        let mut asked = Box::pin(authorise.come_back(&world.tenant, &way));
        assert!(poll!(&mut asked).is_pending());
    }
    kept.run_to_their_ends().await;
    assert_eq!(world.pair().await.generation, 2);
    assert_eq!(
        world.pair().await.access_token,
        examples::sealed("access-1")
    );
}

#[tokio::test]
async fn what_was_open_of_the_profile_through_which_the_older_pair_came_is_over_too() {
    let world = World::with_stock(5).await;
    world.lose_the_token().await;
    let other = NewProfile {
        shop: None,
        ..examples::profile("prof_other")
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles().save(&other, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    // The profile stands for another shop by now.
    world.edit(|profile| profile.shop = Some(ShopId(42)));
    world
        .authoriser
        .offer_code(CODE, Grantee::Shop(SHOP), &[SHOP]);
    let (authorise, terminal) = (world.authorising(), Actor::terminal());
    authorise
        .exchange(
            &world.tenant,
            &other.id,
            &CODE.into(),
            Grantee::Shop(SHOP),
            &terminal,
        )
        .await
        .unwrap();
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_profile_that_was_deleted_is_not_authorised() {
    let world = World::new().await;
    let way = world.way_back().await;
    let now = world.now();
    world.edit(|profile| profile.deleted_at = Some(now));
    let refused = world.come_back(&way).await.unwrap_err();
    assert!(
        matches!(refused, ComeBackError::NoSuchProfile(_)),
        "{refused}"
    );
}

#[tokio::test]
async fn an_older_pair_that_is_still_open_gives_way_to_the_new_one() {
    let world = World::new().await;
    let tokens = world.tokens();
    let old = tokens
        .access(&world.tenant, &profile())
        .await
        .unwrap()
        .unwrap();
    let way = world.way_back().await;
    world.come_back(&way).await.unwrap();
    let new = tokens.renewed(&world.tenant, &old).await.unwrap().unwrap();
    assert_eq!(new.generation, 2);
    assert_eq!(world.authoriser.calls(AuthCall::Refresh), 0);
}
