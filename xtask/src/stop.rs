//! Ctrl-C, SIGTERM and a closed terminal, turned into a request that is honoured in order:
//! children first, the database last.
//!
//! From the moment a [`Stop`] exists these signals no longer end the process by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Whether somebody asked this process to end, and how.
#[derive(Debug, Clone)]
pub struct Stop {
    interrupts: Arc<AtomicUsize>,
    terminations: Arc<AtomicUsize>,
}

impl Stop {
    /// Starts to listen; a thread counts what arrives.
    pub fn listen() -> anyhow::Result<Self> {
        let stop = Self {
            interrupts: Arc::new(AtomicUsize::new(0)),
            terminations: Arc::new(AtomicUsize::new(0)),
        };
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])
            .context("cannot listen for signals")?;
        let counted = stop.clone();
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    let count = if signal == SIGINT {
                        &counted.interrupts
                    } else {
                        &counted.terminations
                    };
                    count.fetch_add(1, Ordering::SeqCst);
                }
            })
            .context("cannot start the signal thread")?;
        Ok(stop)
    }

    /// Whether this process should end.
    pub fn requested(&self) -> bool {
        self.interrupted() || self.terminated()
    }

    /// Whether Ctrl-C was pressed: the terminal has told every process of the foreground.
    pub fn interrupted(&self) -> bool {
        self.interrupts.load(Ordering::SeqCst) > 0
    }

    /// Whether this process alone was told to end, so that children have to be told.
    pub fn terminated(&self) -> bool {
        self.terminations.load(Ordering::SeqCst) > 0
    }
}
