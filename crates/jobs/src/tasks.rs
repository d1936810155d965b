//! Tracked tasks: the only place that starts one. Whoever starts tasks here can stop them, wait for
//! them, and in the end cut them off.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hawker_ports::Background;
use hawker_ports::background::Task;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Tasks that belong together and end together.
pub struct Tasks {
    /// Tasks run on this runtime whoever asks for them: a request handler may live on a runtime
    /// that ends before the task does. Without one they run on the runtime of whoever asks.
    runtime: Option<Handle>,
    stop: watch::Sender<bool>,
    running: Mutex<JoinSet<()>>,
}

/// How stopping went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Tasks that did not end in time and were cut off.
    pub cut_off: usize,
}

/// Tells a task that it should come to an end.
#[derive(Clone)]
pub(crate) struct StopSignal(watch::Receiver<bool>);

impl Tasks {
    /// No tasks yet; they will run on `runtime`.
    pub fn on(runtime: Handle) -> Self {
        Self::new(Some(runtime))
    }

    /// No tasks yet; each will run on the runtime of whoever asks for it, and end with that at the latest.
    pub(crate) fn of_callers() -> Self {
        Self::new(None)
    }

    fn new(runtime: Option<Handle>) -> Self {
        let (stop, _) = watch::channel(false);
        Self {
            runtime,
            stop,
            running: Mutex::new(JoinSet::new()),
        }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running();
        // Tasks that have ended are let go of here, so that short-lived ones do not pile up.
        while let Some(ended) = running.try_join_next() {
            report(ended);
        }
        match &self.runtime {
            Some(runtime) => running.spawn_on(task, runtime),
            None => running.spawn(task),
        };
    }

    pub(crate) fn stop_signal(&self) -> StopSignal {
        StopSignal(self.stop.subscribe())
    }

    /// Asks every task to end, waits for `grace`, and cuts off what still runs then.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.stop.send_replace(true);
        let mut running = std::mem::take(&mut *self.running());
        let all_ended = async {
            while let Some(ended) = running.join_next().await {
                report(ended);
            }
        };
        if tokio::time::timeout(grace, all_ended).await.is_ok() {
            return Stopped { cut_off: 0 };
        }
        let cut_off = running.len();
        running.shutdown().await;
        Stopped { cut_off }
    }

    fn running(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes on in the background beside a request or a batch: it does not heed the stop, it is
/// waited for.
impl Background for Tasks {
    fn run(&self, task: Task) {
        self.spawn(task);
    }
}

impl StopSignal {
    pub(crate) fn is_given(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when the signal is given, or when whoever could give it is gone.
    pub(crate) async fn given(&mut self) {
        let _ = self.0.wait_for(|given| *given).await;
    }
}

/// A loop catches the panics of the work it does; one that ends here is a bug of the loop itself.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(event = "task.panicked", %error, "a background task ended by a panic");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    use super::*;
    use crate::testing::GRACE;

    #[tokio::test(start_paused = true)]
    async fn a_stop_waits_for_work_whose_caller_is_gone() {
        let tasks = Tasks::on(Handle::current());
        let is_done = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&is_done);
        tasks.run(Box::pin(async move {
            tokio::time::sleep(GRACE / 2).await;
            done.store(true, Ordering::SeqCst);
        }));
        assert_eq!(tasks.stop(GRACE).await, Stopped { cut_off: 0 });
        assert!(is_done.load(Ordering::SeqCst));
    }

    #[test]
    fn a_task_of_a_caller_runs_on_the_thread_of_its_caller() {
        let tasks = Arc::new(Tasks::of_callers());
        let caller = thread::spawn(move || {
            let runtime = Builder::new_current_thread().build().unwrap();
            let (ran_on, told) = oneshot::channel();
            let is_of_this_thread = runtime.block_on(async {
                tasks.spawn(async move {
                    ran_on.send(thread::current().id()).ok();
                });
                told.await.unwrap() == thread::current().id()
            });
            (tasks, runtime, is_of_this_thread)
        });
        let (tasks, runtime, is_of_this_thread) = caller.join().unwrap();
        assert!(is_of_this_thread);
        runtime.block_on(async { tasks.spawn(std::future::pending()) });
        drop(runtime);
        let end = Builder::new_current_thread().enable_time().build().unwrap();
        assert_eq!(end.block_on(tasks.stop(GRACE)), Stopped { cut_off: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_takes_longer_than_the_grace_is_cut_off_and_counted() {
        let tasks = Tasks::on(Handle::current());
        tasks.run(Box::pin(std::future::pending()));
        assert_eq!(tasks.stop(GRACE).await, Stopped { cut_off: 1 });
    }
}
