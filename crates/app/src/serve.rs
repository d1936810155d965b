//! The life of the service: start everything, serve, and on the way out lose nothing that was
//! acknowledged and leave nothing leased.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use hawker_api::{ApiPorts, ApiState, ReturnUrl, WakeWorkers, request_context};
use hawker_jobs::{
    DueTenants, Intake, JournalFiler, OrderWorkers, Planned, Scheduler, Supervisor, Tasks,
};
use hawker_ports::Metrics;
use hawker_ports::tenants::TenantDirectory;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::wiring::Adapters;

/// Threads that answer requests, at most. One takes in more pushes than the database of two processors
/// can; each further one makes a push wake another thread on its way to the database.
const HTTP_THREADS_MAX: usize = 4;

/// How long answering what is under way may take on the way out.
const SERVER_GRACE_SECONDS: u64 = 5;

/// How long storing what was taken in may take on the way out.
const INTAKE_GRACE: Duration = Duration::from_secs(5);

/// How long the batches in hand may take on the way out: longer than a call with its repeats.
const WORK_GRACE: Duration = Duration::from_secs(20);

/// How long what was begun at the marketplace, such as a renewal, may take on the way out once nobody
/// asks for anything any more: longer than such a call with its repeats and the storing of its answer.
const BEGUN_GRACE: Duration = Duration::from_mins(1);

/// A running service.
pub struct Service {
    address: SocketAddr,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    intake: Arc<Intake>,
    filer: JournalFiler,
    workers: OrderWorkers,
    supervisor: Supervisor,
    scheduler: Scheduler,
    begun: Arc<Tasks>,
    state: web::Data<ApiState>,
}

impl Service {
    /// Starts everything, within the current Tokio runtime. A database that is away at this moment
    /// is no reason not to start: pushes are answered 503 until it is back, and `/readyz` says why.
    pub fn start(config: &Config) -> anyhow::Result<Self> {
        config.tell();
        let adapters = Adapters::new(config)?;
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let runtime = Handle::current();
        let tenants: Arc<dyn TenantDirectory> = adapters.store.clone();
        let metrics: Arc<dyn Metrics> = adapters.metrics.clone();

        let due = Arc::new(DueTenants::for_workers(config.workers));
        let journals = Arc::new(DueTenants::for_workers(1));
        let filing = adapters.journal_filing(due.clone(), journals.clone());
        let filer = JournalFiler::start(filing.clone(), runtime.clone());
        let intake = Arc::new(Intake::new(
            adapters.receive_pushes(),
            due.clone(),
            journals,
            metrics.clone(),
        ));
        let refresh = adapters.refresh_orders();
        let workers = OrderWorkers::start(
            &refresh,
            tenants.clone(),
            &due,
            config.workers,
            runtime.clone(),
        );
        let mut reconcilers = adapters.reconcilers();
        reconcilers.push(Arc::new(filing));
        reconcilers.extend(adapters.first_boot_seeding(config));
        let supervisor = Supervisor::start(
            reconcilers,
            &tenants,
            &adapters.clock,
            &metrics,
            runtime.clone(),
        );
        let ports = adapters.scheduler_ports();
        let jobs = adapters.planned_jobs();
        for Planned { job, schedule } in &jobs {
            let schedule = schedule
                .as_ref()
                .map_or_else(|| "off".to_owned(), ToString::to_string);
            tracing::info!(event = "job.scheduled", job = %job.name(), %schedule);
        }
        let scheduler = Scheduler::start(jobs, &ports, runtime);
        let wake: WakeWorkers = Arc::new(move |tenant| due.add(tenant));

        let state = web::Data::new(ApiState::new(ApiPorts {
            intake: intake.clone(),
            tenants,
            health: adapters.store.clone(),
            sealer: adapters.sealer.clone(),
            clock: adapters.clock.clone(),
            ids: adapters.ids.clone(),
            metrics: adapters.metrics.clone(),
            admin: adapters.admin_ports(wake),
            return_url: return_url(config)?,
        }));
        let server = http_server(&state, listener)?;
        tracing::info!(event = "service.started", %address, version = env!("CARGO_PKG_VERSION"));
        Ok(Self {
            address,
            server: server.handle(),
            serving: spawn_server(server),
            intake,
            filer,
            workers,
            supervisor,
            scheduler,
            begun: adapters.background,
            state,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops in the order in which work flows: nothing new comes in, what came in is stored,
    /// answered and filed, the batches in hand are finished, and so is what they began at the marketplace.
    pub async fn stop(self) {
        tracing::info!(event = "service.stopping");
        self.state.announce_stop();
        self.server.stop(true).await;
        let intake = self.intake.stop(INTAKE_GRACE).await;
        let filer = self.filer.stop(WORK_GRACE).await;
        let (workers, jobs, runs) = tokio::join!(
            self.workers.stop(WORK_GRACE),
            self.supervisor.stop(WORK_GRACE),
            self.scheduler.stop(WORK_GRACE)
        );
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the HTTP server did not end well");
        }
        let begun = self.begun.stop(BEGUN_GRACE).await;
        let cut_off = [intake, filer, workers, jobs, runs, begun]
            .iter()
            .map(|stopped| stopped.cut_off)
            .sum::<usize>();
        tracing::info!(event = "service.stopped", cut_off);
    }
}

fn return_url(config: &Config) -> anyhow::Result<Option<ReturnUrl>> {
    let url = config.oauth_return_url.as_ref();
    url.map(|url| ReturnUrl::parse(url.as_str()))
        .transpose()
        .context("SHOPEE_OAUTH_RETURN_URL")
}

/// The database and the workers need the other half of the processors.
fn http_threads() -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    (processors / 2).clamp(1, HTTP_THREADS_MAX)
}

fn http_server(state: &web::Data<ApiState>, listener: TcpListener) -> std::io::Result<Server> {
    let state = state.clone();
    let app = move || {
        let api = hawker_api::configure(state.clone());
        App::new().wrap(from_fn(request_context)).configure(api)
    };
    let server = HttpServer::new(app)
        .workers(http_threads())
        .disable_signals()
        .shutdown_timeout(SERVER_GRACE_SECONDS)
        .listen(listener)?
        .run();
    Ok(server)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the handle is kept and awaited by `Service::stop`"
)]
fn spawn_server(server: Server) -> JoinHandle<std::io::Result<()>> {
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

#[cfg(test)]
mod tests {
    use hawker_jobs::PUSH_BUDGET;
    use hawker_shopee::client::CallPolicy;

    use super::*;

    #[test]
    fn the_threads_that_write_pushes_last_until_every_push_is_answered() {
        assert!(Duration::from_secs(SERVER_GRACE_SECONDS) > PUSH_BUDGET);
    }

    #[test]
    fn a_call_that_was_begun_has_the_time_to_end_and_to_be_stored() {
        let storing = Duration::from_secs(10);
        assert!(BEGUN_GRACE > CallPolicy::default().budget + storing);
    }
}
