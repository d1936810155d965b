//! A gate in front of the database: closed, it is as if the database were away.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Forwards connections while it is open. Closing it cuts those that are there.
pub struct Gate {
    open: watch::Sender<bool>,
    url: String,
    _task: JoinSet<()>,
}

impl Gate {
    /// A gate to the database at `database_url`, closed at first.
    pub async fn before(database_url: &str) -> Self {
        let mut url = Url::parse(database_url).expect("a database URL");
        let host = url.host_str().expect("a database that listens on TCP");
        let target = format!("{host}:{}", url.port().unwrap_or(5432));
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let (open, opened) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(forward(listener, target, opened));
        Self {
            open,
            url: url.into(),
            _task: task,
        }
    }

    /// The database's URL through the gate.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets connections through.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Cuts every connection and lets none through.
    pub fn close(&self) {
        self.open.send_replace(false);
    }
}

async fn forward(listener: TcpListener, target: String, opened: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    while let Ok((mut inner, _)) = listener.accept().await {
        let mut opened = opened.clone();
        if !*opened.borrow_and_update() {
            continue;
        }
        let target = target.clone();
        connections.spawn(async move {
            if let Ok(mut outer) = TcpStream::connect(target).await {
                tokio::select! {
                    _ = copy_bidirectional(&mut inner, &mut outer) => {}
                    _ = opened.wait_for(|is_open| !is_open) => {}
                }
            }
        });
    }
}
