//! A running emulator: its server, its delivery task, and their end.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::ops::Deref;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};

use actix_web::dev::{Extensions, ServerHandle};
use actix_web::rt::net::TcpStream as ServerStream;
use actix_web::{App, HttpServer, web};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{self, FaultQueue, Gateway, Tally, Wire};
use crate::clock::{GatewayClock, ShopClock};
use crate::config::EmulatorConfig;
use crate::consent;
use crate::control;
use crate::controls::Controls;
use crate::push::{self, HttpCourier, Outbox};
use crate::shared::Shared;
use crate::world::World;

/// A stand-in for the Open Platform, listening. Everything that [`Controls`] can do, it can.
pub struct Emulator {
    controls: Controls,
    address: SocketAddr,
    server: ServerHandle,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot set up the client that delivers pushes")]
    Client(#[source] reqwest::Error),
}

impl Emulator {
    /// Starts within the current Tokio runtime.
    pub async fn start(config: EmulatorConfig) -> Result<Self, StartError> {
        let EmulatorConfig {
            listen, workers, ..
        } = config;
        let failed = |source| StartError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen)
            .await
            .and_then(TcpListener::into_std)
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let courier = HttpCourier::new().map_err(StartError::Client)?;
        let shared = Arc::new(share(config, courier));

        let platform = web::Data::from(Arc::clone(&shared));
        let desk = web::Data::new(Controls {
            shared: Arc::clone(&shared),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(platform.clone())
                .app_data(desk.clone())
                .configure(api::routes)
                .configure(consent::routes)
                .configure(control::routes)
        })
        .workers(workers.max(1))
        .on_connect(keep_wire)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();

        let handle = server.handle();
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(error = &error as &dyn std::error::Error, "server failed");
            }
        });
        tasks.spawn(push::deliver(Arc::clone(&shared), stopped));
        Ok(Self {
            controls: Controls { shared },
            address,
            server: handle,
            stop,
            tasks,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base of all API paths, `…/api/v2`.
    pub fn base_url(&self) -> String {
        format!("{}/api/v2", self.origin())
    }

    /// The unsigned login page, `…/auth`, to which the parameters of a link are appended.
    pub fn login_url(&self) -> String {
        format!("{}/auth", self.origin())
    }

    /// A handle to move the shop by, to keep and to pass on.
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }

    /// Stops listening and delivering; calls that hang and pushes in flight are cut off.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        self.server.stop(false).await;
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Deref for Emulator {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // The command is sent at once; only the wait for its end is given up.
        drop(self.server.stop(false));
        self.tasks.detach_all();
    }
}

fn share(config: EmulatorConfig, courier: HttpCourier) -> Shared {
    let EmulatorConfig {
        apps,
        shops,
        seed,
        shop_time,
        speed,
        pushes,
        switches,
        wall,
        ..
    } = config;
    let wall_now = wall.now();
    Shared {
        world: Mutex::new(World::new(apps, shops, seed, wall_now)),
        outbox: Mutex::new(Outbox::new(pushes, seed)),
        outbox_moves: watch::Sender::new(0),
        agenda: Mutex::default(),
        turn: Mutex::default(),
        dice: Mutex::default(),
        faults: Mutex::new(FaultQueue::default()),
        life: Mutex::default(),
        gateway: Mutex::new(Gateway::default()),
        tally: Mutex::new(Tally::default()),
        switches: Mutex::new(switches),
        request_ids: Mutex::new(fastrand::Rng::with_seed(!seed)),
        clock: ShopClock::new(shop_time.unwrap_or(wall_now), speed),
        wall: GatewayClock::new(wall),
        courier,
    }
}

/// Keeps a second handle to each connection, so that a fault can close it under its answer.
fn keep_wire(connection: &dyn std::any::Any, data: &mut Extensions) {
    let stream = connection.downcast_ref::<ServerStream>();
    if let Some(Ok(copy)) = stream.map(|stream| stream.as_fd().try_clone_to_owned()) {
        data.insert(Wire(Arc::new(TcpStream::from(copy))));
    }
}
