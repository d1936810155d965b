//! A gate in front of a server: closed, it is as if the server were away.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Forwards connections while it is open. Closing it cuts those that are there.
pub struct Gate {
    url: Url,
    open: watch::Sender<bool>,
    _forwarding: JoinSet<()>,
}

impl Gate {
    /// A gate to the server that `url` names, closed at first.
    pub async fn before(url: &str) -> Self {
        let mut url = Url::parse(url).expect("a URL");
        let host = url.host_str().expect("a server that listens on TCP");
        let port = match url.scheme() {
            "postgres" | "postgresql" => url.port().or(Some(5432)),
            _ => url.port_or_known_default(),
        };
        let target = format!("{host}:{}", port.expect("a port"));
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let (open, opened) = watch::channel(false);
        let mut forwarding = JoinSet::new();
        forwarding.spawn(forward(listener, target, opened));
        Self {
            url,
            open,
            _forwarding: forwarding,
        }
    }

    /// The server's URL through the gate.
    pub fn url(&self) -> &str {
        self.url.as_str()
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
