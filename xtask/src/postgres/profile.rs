//! The uses of a private cluster, and the settings each one needs.

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Data that stays from run to run, stored as safely as in production.
    Dev,
    /// Many short-lived databases: made anew for each run, and fast because nothing must last.
    Test,
    /// A run of `prove`: made anew, and ended as a crash ends it. What was committed survives the
    /// server, but need not survive the machine.
    Proof,
    /// A run of `bench`: settings of a small server in production, and data that stays, because
    /// loading it takes long.
    Bench,
}

impl Profile {
    /// The name of the cluster's folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
            Self::Proof => "proof",
            Self::Bench => "bench",
        }
    }

    /// Whether the next run finds the data of this one.
    pub fn keeps_data(self) -> bool {
        matches!(self, Self::Dev | Self::Bench)
    }

    /// Server settings; they are passed at every start, so a change here needs no new cluster.
    pub(super) fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &[
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                "max_connections=100",
                "jit=off",
            ],
            Self::Test => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                // Tests run side by side, each with a pool of its own.
                "max_connections=200",
                "shared_buffers=128MB",
                "wal_level=minimal",
                "max_wal_senders=0",
                // A checkpoint would only write what is thrown away.
                "checkpoint_timeout=1d",
                "max_wal_size=4GB",
                "jit=off",
            ],
            Self::Proof => &[
                "fsync=off",
                // A commit that was told of is in the hands of the kernel, whatever becomes of the
                // server.
                "synchronous_commit=on",
                "full_page_writes=off",
                "max_connections=100",
                "shared_buffers=128MB",
                "wal_level=minimal",
                "max_wal_senders=0",
                "jit=off",
            ],
            Self::Bench => &[
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                // The reference has as many connections as the load.
                "max_connections=400",
                "shared_buffers=1GB",
                "effective_cache_size=3GB",
                "work_mem=16MB",
                "maintenance_work_mem=256MB",
                "wal_compression=lz4",
                // What was written stays to be written again: a new file of the log is filled with zeros
                // first, and everybody who commits waits for that.
                "min_wal_size=1GB",
                "max_wal_size=4GB",
                "checkpoint_timeout=15min",
                "checkpoint_completion_target=0.9",
                // Solid-state storage.
                "random_page_cost=1.1",
                "jit=off",
                // It comes with the server. Off until a measurement asks for it.
                "shared_preload_libraries=pg_stat_statements",
                "pg_stat_statements.track=none",
            ],
        }
    }
}
