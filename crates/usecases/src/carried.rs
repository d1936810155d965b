//! Work at the marketplace that is carried to its end although its caller may go away.

use futures_util::FutureExt as _;
use hawker_ports::Background;
use tracing::Instrument as _;

/// Does `work` and answers what came of it; goes on with it in the background when the caller is
/// dropped meanwhile.
pub(crate) async fn carried<T>(
    background: &dyn Background,
    work: impl Future<Output = T> + Send + 'static,
) -> T
where
    T: Clone + Send + Sync + 'static,
{
    let work = work.in_current_span().boxed().shared();
    background.run(Box::pin(work.clone().map(drop)));
    work.await
}
