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
use hawker_ports::authorisation::Grantee;
use hawker_ports::tokens::NewToken;
use hawker_postgres::PgStore;
use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::{
    ACCESS_TOKEN_SECONDS, Consent, Emulator, EmulatorConfig, NewLine, REFRESH_TOKEN_SECONDS,
    TokenPair as Pair,
};
use hawker_usecases::AddVariants;
use hawker_usecases::add_variants::{Place, VariantToAdd};
use hawker_usecases::first_boot::{Seed, TokenPair};
use hawker_usecases::manage_profiles::ProfileEdit;

use crate::PROFILE;
use crate::push::{Answer, post, signature};
use crate::settings::{ACCESS_TOKEN, REFRESH_TOKEN, Settings};

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
        Self::on(TestDatabase::new().await, config).await
    }

    /// The same on a database of one's own choice.
    pub async fn on(database: TestDatabase, config: EmulatorConfig) -> Self {
        let emulator = Emulator::start(config.with_token(ACCESS_TOKEN))
            .await
            .expect("the emulator");
        seed_pair(&emulator);
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
        bench.look_at_connection("1 hour").await;
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
        self.edit_profile(&self.settings).await;
        self.emulator.set_push_url(Some(&url));
        self.look_at_connection("0 seconds").await;
        self.emulator.resume_pushes();
    }

    /// When the service looks at the profile's connection: not while the URL of the profile and that
    /// of the console are changed one after the other.
    async fn look_at_connection(&self, from_now: &str) {
        sqlx::query(
            "INSERT INTO tenant_default.connector_watch (profile_id, due_at)
             VALUES ($1, now() + $2::interval)
             ON CONFLICT (profile_id) DO UPDATE SET due_at = excluded.due_at",
        )
        .bind(PROFILE)
        .bind(from_now)
        .execute(self.store.pool())
        .await
        .expect("the watch");
    }

    /// Registers the profile, as `hawker seed` does.
    pub async fn set_up_shop(&self) {
        self.set_up(&self.settings).await;
    }

    /// Registers the profile that these settings describe, with the pair that they name.
    pub async fn set_up(&self, settings: &Settings) {
        let (adapters, profile, seed) = self.edit_profile(settings).await;
        if let Some(pair) = seed.token {
            let shop = seed.shop.expect("the shop of the token");
            self.keep_token(&adapters, profile, shop, pair).await;
        }
    }

    /// The first boot makes the profile, and later it is edited.
    async fn edit_profile(&self, settings: &Settings) -> (Adapters, ProfileId, Seed) {
        let config = Config::read(&settings.variables()).expect("settings");
        hawker_app::seeding::first_boot(&config, &self.tenant)
            .await
            .expect("the first profiles");
        let adapters = Adapters::for_command(&config).expect("the adapters");
        let shop = config.shop.expect("a shop");
        let seed = hawker_app::seeding::seed(&shop, adapters.clock.now());
        let usual = ProfileId::parse(&format!("prof_{}", seed.environment));
        let profile = seed.profile.clone().or(usual).expect("a profile");
        let edit = ProfileEdit {
            region: seed.region,
            base_url_override: seed.base_url_override.clone().into(),
            registered_url: seed.registered_url.clone().into(),
            partner_id: seed.partner_id.into(),
            shop: seed.shop.into(),
            partner_key: seed.partner_key.clone(),
            push_key: seed.push_key.clone(),
            ..ProfileEdit::default()
        };
        adapters
            .manage_profiles()
            .edit(&self.tenant, &Actor::terminal(), &profile, None, edit)
            .await
            .expect("the profile");
        (adapters, profile, seed)
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
            partner_id: found.partner_id,
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

    /// The emulator's shop.
    pub fn shop_id(&self) -> i64 {
        self.emulator.first_shop().expect("a shop")
    }

    /// The seller authorises the app anew, and somebody at a terminal exchanges the code.
    pub async fn authorise(&self) {
        let shop = self.shop_id();
        let code = self.emulator.issue_code(&Consent::of_shop(shop));
        let code = code.expect("a code").into();
        let config = Config::read(&self.settings.variables()).expect("settings");
        let adapters = Adapters::for_command(&config).expect("the adapters");
        let profile = ProfileId::parse(PROFILE).expect("a profile");
        let grantee = Grantee::Shop(ShopId(shop));
        adapters
            .authorise_shop()
            .exchange(&self.tenant, &profile, &code, grantee, &Actor::terminal())
            .await
            .expect("an authorisation");
        adapters.finish(&self.tenant).await;
    }

    /// Orders that wait are due now, as an operator asks for them again: what only a person can put
    /// right is looked at again after a minute.
    pub async fn retry_what_waits(&self) {
        self.execute("UPDATE shopee_raw_event SET processed = false WHERE NOT processed")
            .await;
    }

    /// The access token is over, here and at the marketplace: the next call needs a newer one.
    pub async fn let_access_token_end(&self) {
        self.emulator.expire_access_tokens(self.shop_id());
        self.execute("UPDATE tenant_default.connector_token SET access_token_expires_at = now()")
            .await;
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

/// The pair that the settings name is a real one: it can be renewed.
fn seed_pair(emulator: &Emulator) {
    let now = emulator.wall_time();
    let pair = Pair {
        access_token: ACCESS_TOKEN.into(),
        refresh_token: REFRESH_TOKEN.into(),
        expires_at: now + ACCESS_TOKEN_SECONDS,
        refresh_expires_at: now + REFRESH_TOKEN_SECONDS,
    };
    let shop = emulator.first_shop().expect("a shop");
    emulator.seed_tokens(shop, &pair).expect("the shop");
}

/// So many pieces of [`CARD`], as a buyer puts them into a cart.
pub fn cards(pieces: u32) -> NewLine {
    NewLine::new(CARD, 88.into()).times(pieces)
}

/// The webhook of the sandbox at a service.
pub fn webhook(origin: &str) -> String {
    format!("{origin}/connectors/shopee/webhook/sandbox")
}
