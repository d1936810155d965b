//! What befalls the calls that a fake of the outside is asked for: errors, answers that get lost, and
//! things that happen while a call is under way.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use super::locked;
use crate::MarketplaceError;

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A script for each kind of call.
#[derive(Debug)]
pub(super) struct Scripts<K>(Mutex<BTreeMap<K, Script>>);

#[derive(Default)]
struct Script {
    calls: usize,
    mishaps: VecDeque<Mishap>,
    meanwhile: Option<Meanwhile>,
}

#[derive(Debug)]
enum Mishap {
    Spared,
    Refused(MarketplaceError),
    RequestLost,
    ReplyLost,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("calls", &self.calls)
            .field("mishaps", &self.mishaps)
            .finish_non_exhaustive()
    }
}

impl<K> Default for Scripts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Ord + Send> Scripts<K> {
    /// How often the call was made, whatever came of it.
    pub(super) fn calls(&self, call: K) -> usize {
        locked(&self.0).get(&call).map_or(0, |script| script.calls)
    }

    /// Answers the next such call with `error`, and nothing happens.
    pub(super) fn fail_next(&self, call: K, error: MarketplaceError) {
        self.add(call, Mishap::Refused(error));
    }

    /// Answers the `nth` such call from now on, counted from 1, with `error`, and nothing happens. The
    /// calls before it are spared, unless something befalls them already.
    pub(super) fn fail_nth(&self, call: K, nth: usize, error: MarketplaceError) {
        let mut scripts = locked(&self.0);
        let mishaps = &mut scripts.entry(call).or_default().mishaps;
        while mishaps.len() + 1 < nth {
            mishaps.push_back(Mishap::Spared);
        }
        mishaps.push_back(Mishap::Refused(error));
    }

    /// The next such call does not arrive, and whoever makes it cannot know that.
    pub(super) fn lose_next_request(&self, call: K) {
        self.add(call, Mishap::RequestLost);
    }

    /// The next such call does what it is for, and its answer does not arrive.
    pub(super) fn lose_next_reply(&self, call: K) {
        self.add(call, Mishap::ReplyLost);
    }

    /// Runs `what` once the next such call has done what it is for, before it is answered.
    pub(super) fn meanwhile(&self, call: K, what: impl Future<Output = ()> + Send + 'static) {
        let mut scripts = locked(&self.0);
        scripts.entry(call).or_default().meanwhile = Some(Box::pin(what));
    }

    /// Makes a call, which comes to what `act` does unless something befalls it.
    pub(super) async fn play<T: Send>(
        &self,
        call: K,
        endpoint: &'static str,
        act: impl FnOnce() -> Result<T, MarketplaceError> + Send,
    ) -> Result<T, MarketplaceError> {
        let (mishap, meanwhile) = {
            let mut scripts = locked(&self.0);
            let script = scripts.entry(call).or_default();
            script.calls += 1;
            (script.mishaps.pop_front(), script.meanwhile.take())
        };
        let answer = match mishap {
            None | Some(Mishap::Spared) => act(),
            Some(Mishap::Refused(error)) => Err(error),
            Some(Mishap::RequestLost) => Err(lost(endpoint)),
            Some(Mishap::ReplyLost) => {
                drop(act());
                Err(lost(endpoint))
            }
        };
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        answer
    }

    fn add(&self, call: K, mishap: Mishap) {
        let mut scripts = locked(&self.0);
        scripts.entry(call).or_default().mishaps.push_back(mishap);
    }
}

fn lost(endpoint: &'static str) -> MarketplaceError {
    MarketplaceError::MaybeApplied {
        endpoint,
        reason: "the connection broke before the answer came".into(),
        cause: None,
    }
}
