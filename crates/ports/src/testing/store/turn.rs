//! One writer at a time, without a runtime: whoever has to wait is woken when the turn is free.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::testing::locked;

/// The turn to write.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    is_taken: bool,
    waiting: Vec<Waker>,
}

/// The turn, taken; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Taken(Arc<Turn>);

impl Turn {
    /// Waits until nobody has the turn and takes it.
    pub(super) async fn take(self: &Arc<Self>) -> Taken {
        poll_fn(|context| {
            let mut queue = locked(&self.0);
            if queue.is_taken {
                queue.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            queue.is_taken = true;
            Poll::Ready(())
        })
        .await;
        Taken(Arc::clone(self))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let waiting = {
            let mut queue = locked(&self.0.0);
            queue.is_taken = false;
            std::mem::take(&mut queue.waiting)
        };
        // All of them: the one that waits longest may have been given up in the meantime.
        waiting.into_iter().for_each(Waker::wake);
    }
}
