//! A shop at the emulator, its database, and the service between them.

use std::sync::Arc;

use hawker_app::config::Config;
use hawker_app::serve::Service;
use hawker_app::wiring::Adapters;
use hawker_domain::audit::Actor;
use hawker_domain::catalogue::Sku;
use hawker_domain::ids::{ProfileId, TokenId};
use hawker_domain::{ShopId, TenantSlug};
use hawker_ports::Store as _;
use hawker_ports::tokens::NewToken;
use hawker_postgres::PgStore;
use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::{Emulator, EmulatorConfig, NewLine};
use hawker_usecases::AddVariants;
use hawker_usecases::add_variants::{Place, VariantToAdd};
use hawker_usecases::first_boot::TokenPair;
use hawker_usecases::manage_profiles::ProfileEdit;

use crate::push::{Answer, post, signature};
use crate::settings::{ACCESS_TOKEN, Settings};

/// The callback URL that is registered until a service runs; tests that post pushes themselves
/// sign them over it, as if a proxy stood between.
pub const REGISTERED_URL: &str = "https://ops.example.com/connectors/shopee/webhook/sandbox";

/// The card that most tests sell.
pub const CARD: &str = "POK-OBF-223-NM-EN";

/// Everything that an end-to-end test needs.
pub struct Bench {
    /// The database, its own.
    pub database: TestDatabase,
    /// The store on it.
    pub store: Arc<PgStore>,
    /// The marketplace.
    pub emulator: Emulator,
    /// The settings that services are started with.
    pub settings: Settings,
    /// The tenant.
    pub tenant: TenantSlug,
    /// Posts pushes by hand.
    pub http: reqwest::Client,
    services: Vec<Service>,
}

impl Bench {
    /// A shop without a service: tests that start processes of their own begin here. Its pushes
    /// wait.
    pub async fn without_service() -> Self {
        Self::of(EmulatorConfig::default()).await
    }

    /// The same with an emulator of one's own making.
    pub async fn of(config: EmulatorConfig) -> Self {
        let database = TestDatabase::new().await;
        let emulator = Emulator::start(config.with_token(ACCESS_TOKEN))
            .await
            .expect("the emulator");
        let store = Arc::new(database.store().clone());
        let settings = Settings::new(database.url(), &emulator.base_url(), REGISTERED_URL);
        emulator.set_push_url(Some(REGISTERED_URL));
        emulator.pause_pushes();
        let bench = Self {
            database,
            store,
            emulator,
            settings,
            tenant: TenantSlug::default_tenant(),
            http: hawker_app::wiring::http_client().expect("a client"),
            services: Vec::new(),
        };
        bench.set_up_shop().await;
        bench
    }

    /// A shop with the service running in this process; pushes go to it, and there are plenty of
    /// [`CARD`].
    pub async fn start() -> Self {
        let mut bench = Self::without_service().await;
        bench.add_card(CARD, 100).await;
        bench.start_service().await;
        bench
    }

    /// Starts the service and lets pushes go to it.
    pub async fn start_service(&mut self) {
        let origin = self.start_another_service();
        self.push_to(&origin).await;
    }

    /// Starts a service that no push goes to; it works on the same database. Answers its origin.
    pub fn start_another_service(&mut self) -> String {
        let config = Config::read(&self.settings.variables()).expect("settings");
        let service = Service::start(&config).expect("the service");
        let origin = format!("http://{}", service.address());
        self.services.push(service);
        origin
    }

    /// Stops the services as SIGTERM does.
    pub async fn stop_services(&mut self) {
        for service in self.services.drain(..) {
            service.stop().await;
        }
    }

    /// `http://127.0.0.1:<port>` of the first service.
    pub fn origin(&self) -> String {
        let service = self.services.first().expect("a running service");
        format!("http://{}", service.address())
    }

    /// From now on, pushes go to the service at `origin`. They are signed over the URL that they
    /// go to, so it is registered with the profile too.
    pub async fn push_to(&mut self, origin: &str) {
        let url = webhook(origin);
        self.settings = self.settings.clone().with("SHOPEE_PUSH_URL", &url);
        self.set_up_shop().await;
        self.emulator.set_push_url(Some(&url));
        self.emulator.resume_pushes();
    }

    /// Registers the profile, as `hawker seed` does.
    pub async fn set_up_shop(&self) {
        self.set_up(&self.settings).await;
    }

    /// Registers the profile that these settings describe: the first boot does, and later it is edited.
    pub async fn set_up(&self, settings: &Settings) {
        let config = Config::read(&settings.variables()).expect("settings");
        hawker_app::seeding::first_boot(&config, &self.tenant)
            .await
            .expect("the first profiles");
        let adapters = Adapters::for_command(&config).expect("the adapters");
        let shop = config.shop.expect("a shop");
        let seed = hawker_app::seeding::seed(&shop, adapters.clock.now());
        let usual = ProfileId::parse(&format!("prof_{}", seed.environment));
        let profile = seed.profile.or(usual).expect("a profile");
        let edit = ProfileEdit {
            region: seed.region,
            base_url_override: seed.base_url_override.into(),
            registered_url: seed.registered_url.into(),
            partner_id: seed.partner_id.into(),
            shop: seed.shop.into(),
            partner_key: seed.partner_key,
            push_key: seed.push_key,
            ..ProfileEdit::default()
        };
        adapters
            .manage_profiles()
            .edit(&self.tenant, &Actor::terminal(), &profile, None, edit)
            .await
            .expect("the profile");
        if let Some(pair) = seed.token {
            let shop = seed.shop.expect("the shop of the token");
            self.keep_token(&adapters, profile, shop, pair).await;
        }
    }

    /// Keeps a pair as if the shop had just been authorised.
    async fn keep_token(
        &self,
        adapters: &Adapters,
        profile: ProfileId,
        shop: ShopId,
        pair: TokenPair,
    ) {
        let mut uow = self.store.begin(&self.tenant).await.expect("the store");
        let found = uow.profiles().find(&profile).await.expect("the store");
        let found = found.expect("the profile");
        let seal = |secret| adapters.sealer.seal(secret).expect("a sealed token");
        let token = NewToken {
            id: TokenId::fresh(&*adapters.ids),
            connector: found.connector,
            environment: found.environment,
            profile,
            shop,
            access_token: seal(&pair.access_token),
            refresh_token: seal(&pair.refresh_token),
            expires_at: pair.expires_at,
            refresh_token_ends_at: pair.expires_at,
            authorisation_ends_at: None,
            main_account: None,
            shops: vec![shop],
            merchants: Vec::new(),
            suppliers: Vec::new(),
            payload: serde_json::Map::new(),
        };
        let now = adapters.clock.now();
        uow.tokens().keep(&token, now).await.expect("the token");
        uow.commit().await.expect("the token");
    }

    /// Adds a card with so many pieces at the place `main`.
    pub async fn add_card(&self, sku: &str, pieces: u32) {
        let (clock, ids) = hawker_app::system();
        let add = AddVariants {
            store: self.store.clone(),
            clock,
            ids,
        };
        let place = Place {
            code: "main".into(),
            name: "Main".into(),
            priority: 0,
        };
        let variant = VariantToAdd {
            sku: Sku::parse(sku).expect("a SKU"),
            title: format!("Card {sku}"),
            price: None,
            stock: vec![("main".into(), pieces)],
        };
        add.run(&self.tenant, &[place], &[variant], "test", "opening stock")
            .await
            .expect("the card");
    }

    /// Posts a push to the webhook of the first service, signed as the marketplace signs it.
    pub async fn post_signed(&self, body: &str) -> Answer {
        let registered = self.settings.get("SHOPEE_PUSH_URL");
        let signature = signature(registered, body);
        self.post(body.to_owned(), Some(&signature)).await
    }

    /// Posts a push to the webhook of the first service as it is.
    pub async fn post(
        &self,
        body: impl Into<reqwest::Body>,
        authorization: Option<&str>,
    ) -> Answer {
        post(&self.http, &webhook(&self.origin()), body, authorization)
            .await
            .expect("an answer")
    }
}

/// So many pieces of [`CARD`], as a buyer puts them into a cart.
pub fn cards(pieces: u32) -> NewLine {
    NewLine::new(CARD, 88.into()).times(pieces)
}

/// The webhook of the sandbox at a service.
pub fn webhook(origin: &str) -> String {
    format!("{origin}/connectors/shopee/webhook/sandbox")
}
