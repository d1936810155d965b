//! A server that does next to nothing, to find out how much the client could send at most.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What it says, whatever it hears.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// It listens on a thread of its own. Dropping it ends it.
pub struct IdleServer {
    /// Where it listens.
    pub address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl IdleServer {
    /// Starts it.
    pub fn start() -> anyhow::Result<Self> {
        let bound =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        bound.set_nonblocking(true)?;
        let address = bound.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = TcpListener::from_std(bound) {
                    listen(&listener, &asked).await;
                }
            });
        });
        Ok(Self {
            address,
            is_over,
            thread: Some(thread),
        })
    }
}

impl Drop for IdleServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // It looks whether it is over when somebody comes.
        std::net::TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn listen(listener: &TcpListener, is_over: &AtomicBool) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        connections.spawn(answer_all(stream));
    }
}

/// Requests come one after the other and in one piece each, as our client sends them.
async fn answer_all(mut stream: TcpStream) {
    stream.set_nodelay(true).ok();
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read) = stream.read(&mut buffer).await {
        if read == 0 || stream.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}
