//! What the admin API works on in tests: two merchants in memory, and a marketplace of fakes.

use std::sync::{Arc, Mutex, mpsc};

use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_domain::event::NewEvent;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::testing::examples::{noon, token};
use hawker_ports::testing::{
    AuthCall, FakeAuthoriser, FakeMarketplace, FakePushConsole, FakePushes, FakeShopDesk,
    FrozenClock, InMemoryStore, PlainMint, RecordingSink, SequentialIds,
};
use hawker_ports::{Clock as _, Store as _};
use hawker_usecases::ApiBearers;
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;

/// The merchants `default` and `cards`, and the marketplace.
pub(crate) struct World {
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) authoriser: Arc<FakeAuthoriser>,
    pub(crate) desk: Arc<FakeShopDesk>,
    pub(crate) console: Arc<FakePushConsole>,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) marketplace: Arc<FakeMarketplace>,
    pub(crate) sink: Arc<RecordingSink>,
    pub(super) woken: Arc<Mutex<Vec<TenantSlug>>>,
    pub(super) pushes: Arc<FakePushes>,
    pub(super) bearers: Arc<ApiBearers>,
    pub(super) mint: Arc<PlainMint>,
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
            marketplace: Arc::default(),
            sink: Arc::default(),
            woken: Arc::default(),
            pushes: Arc::default(),
            bearers: Arc::new(bearers),
            mint,
        }
    }

    /// Whose workers were woken since the last time that this was asked.
    pub(crate) fn woken(&self) -> Vec<TenantSlug> {
        std::mem::take(&mut self.woken.lock().expect("unpoisoned"))
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

/// Runs something to its end, outside of any server.
pub(super) fn done<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

fn tenant(name: &str) -> TenantSlug {
    name.parse().expect("a tenant")
}
