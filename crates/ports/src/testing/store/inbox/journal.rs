//! Events that are on their way into the inbox.

use hawker_domain::Timestamp;
use hawker_domain::event::NewEvent;
use hawker_domain::exception::Subject;

use super::super::state::{Journalled, State};
use super::super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::inbox::{Filed, FiledApart, PutOff, RefusedPush, RefusedRest, StoredAs};

impl InMemoryUnitOfWork {
    pub(in super::super) async fn put_in_journal(
        &mut self,
        events: &[NewEvent],
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state.journal.push_back(Journalled {
                events: events.to_vec(),
                not_before: None,
            });
            Ok(())
        })
        .await
    }
}

impl State {
    pub(super) fn file_journal(
        &mut self,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        let mut filed = Filed::default();
        while filed.batches < batches_max
            && let Some(first) = self.first_of_journal(now)
            && let Some(batch) = self.journal.remove(first)
        {
            filed.batches += 1;
            for event in &batch.events {
                match self.store_event(event)? {
                    StoredAs::New => filed.stored += 1,
                    StoredAs::Duplicate => filed.duplicates += 1,
                }
            }
        }
        Ok(filed)
    }

    pub(super) fn file_journal_apart(&mut self, now: Timestamp, rest: RefusedRest) -> FiledApart {
        let Some(first) = self.first_of_journal(now) else {
            return FiledApart::NothingThere;
        };
        let mut filed = self.clone();
        let why = match filed.file_journal(now, 1) {
            Ok(one) => {
                *self = filed;
                return FiledApart::Filed(one);
            }
            Err(why) => why,
        };
        if let Some(batch) = self.journal.get_mut(first)
            && let [alone] = &batch.events[..]
        {
            let until = rest.ends(alone.received_at, now);
            let is_first_time = batch.not_before.replace(until).is_none();
            let push = is_first_time.then(|| refused(alone));
            return FiledApart::PutOff(PutOff { why, push });
        }
        let batch = self.journal.remove(first);
        let events = batch.into_iter().flat_map(|batch| batch.events);
        self.journal.extend(events.map(|event| Journalled {
            events: vec![event],
            not_before: None,
        }));
        FiledApart::Divided
    }

    fn first_of_journal(&self, now: Timestamp) -> Option<usize> {
        let is_due = |batch: &Journalled| batch.not_before.is_none_or(|moment| moment <= now);
        self.journal.iter().position(is_due)
    }
}

fn refused(push: &NewEvent) -> RefusedPush {
    RefusedPush {
        id: push.id.to_string(),
        subject: Subject {
            connector: push.connector,
            environment: push.environment,
            profile: push.profile.clone(),
            shop: push.content.shop,
            order_sn: push.content.order_sn.clone(),
            event: None,
        },
    }
}
