//! What stands before a service in a real installation: a proxy with an address that is known before
//! the service has one.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The address from outside, before it leads anywhere. Who knocks already waits.
pub struct FrontDoor {
    listener: TcpListener,
}

/// A door that leads to a service, until it is dropped.
pub struct OpenDoor {
    _forwarding: JoinSet<()>,
}

impl FrontDoor {
    /// A door at any free port.
    pub async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        Self {
            listener: listener.expect("a free port"),
        }
    }

    /// `http://127.0.0.1:<port>`, as the world knows the service.
    pub fn origin(&self) -> String {
        let address = self.listener.local_addr().expect("an address");
        format!("http://{address}")
    }

    /// Lets everybody in, those who wait first.
    pub fn lead_to(self, service: SocketAddr) -> OpenDoor {
        let mut forwarding = JoinSet::new();
        forwarding.spawn(async move {
            let mut visits = JoinSet::new();
            while let Ok((mut visitor, _)) = self.listener.accept().await {
                visits.spawn(async move {
                    if let Ok(mut service) = TcpStream::connect(service).await {
                        copy_bidirectional(&mut visitor, &mut service).await.ok();
                    }
                });
            }
        });
        OpenDoor {
            _forwarding: forwarding,
        }
    }
}
