//! A Postgres of the proof's own, which is crashed and started again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use xtask::postgres::{Cluster, Profile, remove_folder};

/// The cluster. Dropping it stops it and removes its files.
pub struct Database {
    cluster: Arc<Mutex<Option<Cluster>>>,
    folder: PathBuf,
    url: String,
}

impl Database {
    /// Makes a cluster and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("hawker-proof-{}", std::process::id()));
        let made = folder.clone();
        let cluster = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&made)?;
            Cluster::open_alone(&made, Profile::Proof)
        })
        .await?
        .context("the proof's own Postgres cannot be started")?;
        Ok(Self {
            url: cluster.url("postgres"),
            cluster: Arc::new(Mutex::new(Some(cluster))),
            folder,
        })
    }

    /// A superuser's address; it knows nothing of a later port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        let cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.as_ref().map_or(0, Cluster::port)
    }

    /// Ends the server at once, as a crash of it does.
    pub async fn crash(&self) -> anyhow::Result<()> {
        self.with(Cluster::crash).await
    }

    /// Starts the server again; answers its port.
    pub async fn start_again(&self) -> anyhow::Result<u16> {
        self.with(|cluster| {
            cluster.start_again(Profile::Proof)?;
            Ok(cluster.port())
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Cluster) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let cluster = Arc::clone(&self.cluster);
        tokio::task::spawn_blocking(move || {
            let mut cluster = cluster.lock().unwrap_or_else(PoisonError::into_inner);
            act(cluster.as_mut().context("the cluster is gone")?)
        })
        .await?
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(cluster) = cluster.take() else {
            return;
        };
        let folders = cluster.folders();
        drop(cluster);
        for folder in folders.iter().chain([&self.folder]) {
            // What cannot be removed is in a temporary place.
            remove_folder(folder).ok();
        }
    }
}
