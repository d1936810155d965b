//! What the admin API works on in tests: two merchants in memory, and a marketplace of fakes.

use std::sync::{Arc, mpsc};

use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_domain::event::NewEvent;
use hawker_domain::profile::PublicBaseUrl;
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};
use hawker_ports::calls::CallBudget;
use hawker_ports::testing::examples::{noon, token};
use hawker_ports::testing::{
    AuthCall, FakeAuthoriser, FakePushConsole, FakePushes, FakeShopDesk, FixedBudget, FixedSkew,
    FrozenClock, InMemoryStore, NoBackground, PlainMint, PlainSealer, RecordingMetrics,
    SequentialIds,
};
use hawker_ports::{Clock as _, Store as _};
use hawker_usecases::tokens::TokenSettings;
use hawker_usecases::{
    ApiBearers, AuthoriseShop, DiagnoseProfile, ExamineSignature, KeyedRequests, ManageProfiles,
    ManagePushSettings, ReceivePushes, RefreshLocations, ShopTokens, TestConnection, VerifyAgain,
};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;

use crate::AdminPorts;

/// How the marketplace reaches the installation.
const BASE_URL: &str = "https://hub.example";

/// The merchants `default` and `cards`, and the marketplace.
pub(crate) struct World {
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) authoriser: Arc<FakeAuthoriser>,
    pub(crate) desk: Arc<FakeShopDesk>,
    pub(crate) console: Arc<FakePushConsole>,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pushes: Arc<FakePushes>,
    bearers: Arc<ApiBearers>,
    mint: Arc<PlainMint>,
}

impl World {
    pub(crate) fn new() -> Self {
        let tenants = [TenantSlug::default_tenant(), tenant("cards")];
        let store = Arc::new(InMemoryStore::with_tenants(tenants));
        let clock = Arc::new(FrozenClock::at(noon()));
        let ids = Arc::new(SequentialIds::default());
        let mint = Arc::new(PlainMint::default());
        let bearers = ApiBearers {
            tokens: store.clone(),
            store: store.clone(),
            mint: mint.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        Self {
            store,
            authoriser: Arc::default(),
            desk: Arc::default(),
            console: Arc::default(),
            clock,
            ids,
            pushes: Arc::default(),
            bearers: Arc::new(bearers),
            mint,
        }
    }

    /// A token of the merchant `default` with these scopes.
    pub(crate) fn token(&self, scopes: &[ApiScope]) -> String {
        self.make("default", "a test", scopes, None).1
    }

    /// A token of another merchant with every scope.
    pub(crate) fn token_of(&self, merchant: &str) -> String {
        self.make(merchant, "a test", ApiScope::ALL, None).1
    }

    /// A token that ends after this time.
    pub(crate) fn token_for(&self, life: TimeDelta) -> String {
        let ends_at = self.clock.now() + life;
        self.make("default", "a test", ApiScope::ALL, Some(ends_at))
            .1
    }

    /// A token with its id.
    pub(crate) fn named_token(
        &self,
        merchant: &str,
        name: &str,
        scopes: &[ApiScope],
    ) -> (String, String) {
        self.make(merchant, name, scopes, None)
    }

    fn make(
        &self,
        merchant: &str,
        name: &str,
        scopes: &[ApiScope],
        ends_at: Option<Timestamp>,
    ) -> (String, String) {
        let merchant = tenant(merchant);
        let made = done(self.bearers.make(&merchant, name, scopes, ends_at));
        let (token, text) = made.expect("a token");
        (token.id.to_string(), text.expose_secret().to_owned())
    }

    pub(crate) fn revoke(&self, merchant: &str, id: &str) {
        let id = id.parse().expect("an id");
        let is_revoked = done(self.bearers.revoke(&tenant(merchant), id));
        assert!(is_revoked.expect("a store"), "{id} is not known");
    }

    /// Gives the shop of a sandbox profile a token pair.
    pub(crate) fn authorise(&self, profile: &str) {
        let pair = token(profile, &*self.ids);
        self.authoriser.admit(pair.shop, "refresh-token");
        done(async {
            let mut uow = self
                .store
                .begin(&TenantSlug::default_tenant())
                .await
                .expect("a store");
            uow.tokens().keep(&pair, noon()).await.expect("kept");
            uow.commit().await.expect("committed");
        });
    }

    pub(crate) fn store_event(&self, event: NewEvent) {
        done(async {
            let mut uow = self
                .store
                .begin(&TenantSlug::default_tenant())
                .await
                .expect("a store");
            uow.inbox().store(&[event]).await.expect("kept");
            uow.commit().await.expect("committed");
        });
    }

    /// The next question for authorised shops tells when it is asked, and waits to be let go.
    pub(crate) fn hold_next_shop_list(&self) -> (mpsc::Receiver<()>, oneshot::Sender<()>) {
        let (tell, told) = mpsc::channel();
        let (let_go, go_on) = oneshot::channel();
        self.authoriser
            .meanwhile(AuthCall::AuthorisedShops, async move {
                tell.send(()).expect("somebody listens");
                go_on.await.expect("somebody lets go");
            });
        (told, let_go)
    }
}

impl World {
    /// What the admin API does, on all of this.
    pub(crate) fn admin_ports(&self) -> AdminPorts {
        let base = PublicBaseUrl::new(BASE_URL);
        let tokens = Arc::new(self.tokens());
        let locations = Arc::new(RefreshLocations {
            tokens: tokens.clone(),
            desk: self.desk.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        });
        AdminPorts {
            bearers: self.bearers.clone(),
            keyed: Arc::new(KeyedRequests {
                store: self.store.clone(),
                mint: self.mint.clone(),
                clock: self.clock.clone(),
            }),
            profiles: Arc::new(ManageProfiles {
                store: self.store.clone(),
                sealer: Arc::new(PlainSealer),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                public_api_base_url: base.clone(),
            }),
            authorise: Arc::new(AuthoriseShop {
                store: self.store.clone(),
                authoriser: self.authoriser.clone(),
                sealer: Arc::new(PlainSealer),
                mint: self.mint.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                public_api_base_url: base.clone(),
                desk: self.desk.clone(),
                tokens: tokens.clone(),
                locations: locations.clone(),
            }),
            diagnose: Arc::new(DiagnoseProfile {
                store: self.store.clone(),
                budgets: Arc::new(FixedBudget(budget())),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            connection: Arc::new(TestConnection {
                tokens: tokens.clone(),
                authoriser: self.authoriser.clone(),
                skew: Arc::new(FixedSkew::default()),
                desk: self.desk.clone(),
                sealer: Arc::new(PlainSealer),
                store: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            push_settings: Arc::new(ManagePushSettings {
                tokens: tokens.clone(),
                console: self.console.clone(),
                store: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            signatures: Arc::new(ExamineSignature {
                pushes: self.pushes(),
            }),
            verify_again: Arc::new(VerifyAgain {
                pushes: self.pushes(),
            }),
            views: self.store.clone(),
            tokens,
            locations,
        }
    }

    fn pushes(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.store.clone(),
            reader: self.pushes.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: PublicBaseUrl::new(BASE_URL),
        }
    }

    fn tokens(&self) -> ShopTokens {
        ShopTokens {
            store: self.store.clone(),
            authoriser: self.authoriser.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: Arc::new(RecordingMetrics::default()),
            sleeper: self.clock.clone(),
            background: Arc::new(NoBackground),
            settings: TokenSettings::default(),
        }
    }
}

fn budget() -> CallBudget {
    CallBudget {
        shop_left: 10.0,
        shop_per_second: 10.0,
        app_left: 100.0,
        app_per_second: 100.0,
        paused_until: None,
    }
}

/// Runs something to its end, outside of any server.
fn done<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

fn tenant(name: &str) -> TenantSlug {
    name.parse().expect("a tenant")
}
