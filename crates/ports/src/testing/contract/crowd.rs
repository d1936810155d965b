//! Many callers at the same time, without a runtime: what only one of them may get is tried with it.

use std::future::poll_fn;
use std::task::Poll;

/// So many callers.
pub(super) const MANY: usize = 20;

/// Runs all of them at the same time; answers what each comes to, in their order.
pub(super) async fn at_once<T>(tasks: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let tasks = tasks.into_iter().map(|task| (Box::pin(task), None));
    let mut tasks: Vec<_> = tasks.collect();
    poll_fn(|context| {
        for (task, result) in &mut tasks {
            if result.is_none()
                && let Poll::Ready(done) = task.as_mut().poll(context)
            {
                *result = Some(done);
            }
        }
        if tasks.iter().all(|(_, result)| result.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    tasks.into_iter().filter_map(|(_, result)| result).collect()
}

/// Lets the others run first, so that they meet in the middle of what they do.
pub(super) async fn others_run() {
    let mut have_run = false;
    poll_fn(|context| {
        if have_run {
            return Poll::Ready(());
        }
        have_run = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
