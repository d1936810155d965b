//! The last calls of each profile.

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;

use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::calls::{CALLS_KEPT, CallLog, RecordedCall};

#[async_trait]
impl CallLog for InMemoryUnitOfWork {
    async fn record(&mut self, calls: &[RecordedCall]) -> Result<(), StoreError> {
        self.write(|state| {
            for call in calls {
                if !state.profiles.contains_key(&call.profile) {
                    continue;
                }
                let kept = state.calls.entry(call.profile.clone()).or_default();
                kept.push(call.clone());
                kept.sort_by_key(|call| call.at);
                let surplus = kept.len().saturating_sub(count(CALLS_KEPT));
                kept.drain(..surplus);
            }
            Ok(())
        })
        .await
    }

    async fn of_profile(
        &mut self,
        profile: &ProfileId,
        limit: u32,
    ) -> Result<Vec<RecordedCall>, StoreError> {
        self.read(|state| {
            let kept = state.calls.get(profile).into_iter().flatten();
            kept.rev().take(count(limit)).cloned().collect()
        })
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
