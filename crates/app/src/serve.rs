//! The life of the service: start everything, serve, and on the way out lose nothing that was
//! acknowledged and leave nothing leased.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use hawker_api::{ApiPorts, ApiState, PrometheusMetrics, request_context};
use hawker_domain::ConnectorName;
use hawker_domain::retry::RetryPolicy;
use hawker_jobs::{
    AlertDelivery, BacklogGauge, DueTenants, Intake, OrderWorkers, Reconciler, RestockCheck,
    StorePushes, Supervisor, WorkOnOrders,
};
use hawker_ports::pushes::PushIntake;
use hawker_ports::tenants::{StoreHealth, TenantDirectory};
use hawker_ports::views::Views;
use hawker_ports::{Marketplace, Metrics, Sealer, Store};
use hawker_shopee::client::{CallPolicy, Rate, RateLimits, ShopeeApi, ShopeeMarketplace};
use hawker_shopee::push::ShopeePushes;
use hawker_usecases::{ClearRestocked, DeliverAlerts, ReceivePushes, RefreshOrders};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::system::system;
use crate::wiring;

/// Threads that answer requests. Pushes are a few microseconds of work each; they wait for commits,
/// not for a thread.
const HTTP_THREADS: usize = 2;

/// How long answering what is under way may take on the way out.
const SERVER_GRACE_SECONDS: u64 = 5;

/// How long storing what was taken in may take on the way out.
const INTAKE_GRACE: Duration = Duration::from_secs(5);

/// How long the batches in hand may take on the way out: longer than a call with its repeats.
const WORK_GRACE: Duration = Duration::from_secs(20);

/// A running service.
pub struct Service {
    address: SocketAddr,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    intake: Arc<Intake>,
    workers: OrderWorkers,
    supervisor: Supervisor,
    state: web::Data<ApiState>,
}

impl Service {
    /// Starts everything. A database that is away at this moment is no reason not to start:
    /// pushes are answered 503 until it is back, and `/readyz` says why.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        config.tell();
        let store = Arc::new(wiring::store(&config.database_url, config.database_pool)?);
        let client = wiring::http_client()?;
        let sink = wiring::alert_sink(&config, &client)?;
        let sealer: Arc<dyn Sealer> = Arc::new(wiring::sealer(&config)?);
        let (clock, ids) = system();
        let prometheus = Arc::new(PrometheusMetrics::new(clock.clone()));
        let metrics: Arc<dyn Metrics> = prometheus.clone();
        let tenants: Arc<dyn TenantDirectory> = store.clone();
        let unit_of_work: Arc<dyn Store> = store.clone();
        let health: Arc<dyn StoreHealth> = store.clone();
        let views: Arc<dyn Views> = store.clone();
        let (shop, app) = config.calls_per_second;
        // A second's worth at once: a backlog is worked off in batches, not in drops.
        let limits = RateLimits {
            shop: Rate::new(shop, shop),
            app: Rate::new(app, app),
        };
        let api = ShopeeApi::new(
            client,
            clock.clone(),
            metrics.clone(),
            CallPolicy::default(),
            limits,
        );
        let marketplace: Arc<dyn Marketplace> = Arc::new(ShopeeMarketplace::new(Arc::new(api)));
        let runtime = Handle::current();

        let receive: Arc<dyn StorePushes> = Arc::new(ReceivePushes {
            store: unit_of_work.clone(),
            reader: Arc::new(ShopeePushes),
            sealer: sealer.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: config.public_api_base_url.as_ref().map(ToString::to_string),
        });
        let refresh: Arc<dyn WorkOnOrders> = Arc::new(RefreshOrders {
            store: unit_of_work.clone(),
            marketplace,
            sealer: sealer.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            metrics: metrics.clone(),
            retry: RetryPolicy::ORDER,
        });
        let deliver = DeliverAlerts {
            store: unit_of_work.clone(),
            sink,
            clock: clock.clone(),
            ids: ids.clone(),
            metrics: metrics.clone(),
        };
        let restocked = ClearRestocked {
            store: unit_of_work,
            clock: clock.clone(),
        };

        let due = Arc::new(DueTenants::for_workers(config.workers));
        let intake = Arc::new(Intake::new(
            receive,
            due.clone(),
            metrics.clone(),
            runtime.clone(),
        ));
        let workers = OrderWorkers::start(
            &refresh,
            tenants.clone(),
            &due,
            config.workers,
            runtime.clone(),
        );
        let reconcilers: [Arc<dyn Reconciler>; 3] = [
            Arc::new(AlertDelivery::new(deliver)),
            Arc::new(RestockCheck::new(restocked)),
            Arc::new(BacklogGauge::new(views, clock.clone(), metrics.clone())),
        ];
        let supervisor = Supervisor::start(reconcilers, &tenants, &clock, &metrics, runtime);

        let pushes: Arc<dyn PushIntake> = intake.clone();
        let state = web::Data::new(ApiState::new(ApiPorts {
            intake: pushes,
            tenants,
            health,
            sealer,
            clock,
            ids,
            metrics: prometheus,
        }));
        let api = state.clone();
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let app = move || {
            App::new()
                .wrap(from_fn(request_context))
                .configure(hawker_api::configure(api.clone()))
        };
        let server = HttpServer::new(app)
            .workers(HTTP_THREADS)
            .disable_signals()
            .shutdown_timeout(SERVER_GRACE_SECONDS)
            .listen(listener)?
            .run();
        tracing::info!(event = "service.started", %address, version = env!("CARGO_PKG_VERSION"));
        Ok(Self {
            address,
            server: server.handle(),
            serving: spawn_server(server),
            intake,
            workers,
            supervisor,
            state,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops in the order in which work flows: nothing new comes in, what came in is stored and
    /// answered, the batches in hand are finished.
    pub async fn stop(self) {
        tracing::info!(event = "service.stopping");
        self.state.announce_stop();
        self.server.stop(true).await;
        let intake = self.intake.stop(INTAKE_GRACE).await;
        let (workers, jobs) = tokio::join!(
            self.workers.stop(WORK_GRACE),
            self.supervisor.stop(WORK_GRACE)
        );
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the HTTP server did not end well");
        }
        let cut_off = intake.cut_off + workers.cut_off + jobs.cut_off;
        tracing::info!(event = "service.stopped", cut_off);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the handle is kept and awaited by `Service::stop`"
)]
fn spawn_server(server: actix_web::dev::Server) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(server)
}

/// Waits until somebody asks the process to stop: SIGTERM, or Ctrl-C.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            interrupted.await.ok();
        }
    }
}
