//! The way from one process to Postgres: it can be cut, stand still, or lead nowhere for a while.
//!
//! Whatever becomes of it, nothing is changed on the way: bytes arrive in order, late, or not at all.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Bytes that are carried at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passage {
    Open,
    /// Connections stay, new ones are made, and nothing arrives.
    Stalled,
    /// Connections end, and new ones end at once.
    Refusing,
}

#[derive(Clone, Copy, Debug)]
struct State {
    passage: Passage,
    /// Connections of an earlier number are over.
    generation: u64,
}

/// A proxy in front of a server on this machine. Dropping it ends it.
pub struct Cut {
    address: SocketAddr,
    port_behind: Arc<AtomicU16>,
    state: watch::Sender<State>,
    _forwarding: JoinSet<()>,
}

impl Cut {
    /// Leads to a port of this machine, open at first.
    pub async fn before(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let port_behind = Arc::new(AtomicU16::new(port));
        let (state, changes) = watch::channel(State {
            passage: Passage::Open,
            generation: 0,
        });
        let mut forwarding = JoinSet::new();
        forwarding.spawn(accept(listener, Arc::clone(&port_behind), changes));
        Ok(Self {
            address,
            port_behind,
            state,
            _forwarding: forwarding,
        })
    }

    /// The same URL by way of here.
    pub fn url(&self, direct: &str) -> String {
        let mut url = Url::parse(direct).expect("the URL of a database");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(self.address.port())).expect("a port");
        url.into()
    }

    /// The server listens elsewhere from now on.
    pub fn lead_to(&self, port: u16) {
        self.port_behind.store(port, Ordering::Relaxed);
    }

    /// Ends every connection; new ones pass.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }

    /// Lets everything through, what was held up included.
    pub fn open(&self) {
        self.state
            .send_modify(|state| state.passage = Passage::Open);
    }

    /// Holds everything up.
    pub fn stall(&self) {
        self.state
            .send_modify(|state| state.passage = Passage::Stalled);
    }

    /// Ends every connection, also new ones.
    pub fn refuse(&self) {
        self.state.send_modify(|state| {
            state.passage = Passage::Refusing;
            state.generation += 1;
        });
    }
}

async fn accept(listener: TcpListener, port: Arc<AtomicU16>, mut changes: watch::Receiver<State>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let state = *changes.borrow_and_update();
        if state.passage != Passage::Refusing {
            let port = port.load(Ordering::Relaxed);
            connections.spawn(carry(near, port, state.generation, changes.clone()));
        }
    }
}

/// Carries one connection until either side ends it or it is cut.
async fn carry(near: TcpStream, port: u16, generation: u64, mut changes: watch::Receiver<State>) {
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let cut = changes.clone();
    let is_cut = async {
        // An error means that the proxy is gone, which cuts as well.
        drop(
            changes
                .wait_for(|state| state.generation != generation)
                .await,
        );
    };
    tokio::select! {
        () = pump(near_in, far_out, cut.clone()) => {}
        () = pump(far_in, near_out, cut) => {}
        () = is_cut => {}
    }
}

/// Carries one direction to its end.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut changes: watch::Receiver<State>,
) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        let passes = changes.wait_for(|state| state.passage != Passage::Stalled);
        if passes.await.is_err() || to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that repeats what it hears.
    async fn echo() -> (u16, JoinSet<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await.ok();
            }
        });
        (port, serving)
    }

    async fn through(cut: &Cut) -> TcpStream {
        TcpStream::connect(cut.address).await.expect("a connection")
    }

    #[tokio::test]
    async fn what_is_held_up_arrives_once_the_way_is_open_again() {
        let (port, _serving) = echo().await;
        let cut = Cut::before(port).await.expect("a proxy");
        let mut stream = through(&cut).await;
        let mut heard = [0; 3];
        stream.write_all(b"one").await.expect("written");
        stream.read_exact(&mut heard).await.expect("read");
        cut.stall();
        stream.write_all(b"two").await.expect("written");
        cut.open();
        stream.read_exact(&mut heard).await.expect("read");
        assert_eq!(&heard, b"two");
    }

    #[tokio::test]
    async fn a_cut_ends_what_is_there_and_a_refusal_what_comes() {
        let (port, _serving) = echo().await;
        let cut = Cut::before(port).await.expect("a proxy");
        let mut stream = through(&cut).await;
        let mut heard = [0; 3];
        stream.write_all(b"one").await.expect("written");
        stream.read_exact(&mut heard).await.expect("read");
        cut.cut();
        assert!(stream.read_exact(&mut heard).await.is_err());
        cut.refuse();
        assert!(through(&cut).await.read_exact(&mut heard).await.is_err());
    }
}
