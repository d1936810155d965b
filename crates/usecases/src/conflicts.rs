//! Commits that lost against another one at the same rows.

use hawker_ports::StoreError;

/// A unit of work that lost is done again so often.
const CONFLICTS_MAX: u32 = 5;

/// Does `work`, a unit of work of its own, and does it again after a conflict.
pub(crate) async fn repeated<T, F, Fut>(work: F) -> Result<T, StoreError>
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<T, StoreError>> + Send,
{
    let mut conflicts = 0;
    loop {
        match work().await {
            Err(StoreError::Conflict { .. }) if conflicts < CONFLICTS_MAX => conflicts += 1,
            result => return result,
        }
    }
}
