//! Messages that no attempt could deliver, kept three days for the app to fetch.

use std::collections::VecDeque;

use crate::world::Timestamp;

const KEPT_SECONDS: i64 = 3 * 86_400;
/// Most messages in one answer.
pub(crate) const PAGE: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LostMessage {
    pub id: i64,
    pub partner_id: i64,
    pub shop_id: Option<i64>,
    pub code: i64,
    pub lost_at: Timestamp,
    /// The whole original envelope.
    pub envelope: String,
}

/// Invariant: ids grow, and so do the times.
#[derive(Debug)]
pub(crate) struct LostQueue {
    messages: VecDeque<LostMessage>,
    last_id: i64,
}

impl Default for LostQueue {
    fn default() -> Self {
        Self {
            messages: VecDeque::new(),
            last_id: 176_510,
        }
    }
}

impl LostQueue {
    pub fn add(&mut self, mut message: LostMessage) {
        self.last_id += 1;
        message.id = self.last_id;
        self.messages.push_back(message);
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// The earliest messages of an app, and whether there are more.
    pub fn page(&mut self, partner_id: i64, now: Timestamp) -> (Vec<LostMessage>, bool) {
        self.messages
            .retain(|message| message.lost_at > now - KEPT_SECONDS);
        let mut mine = self
            .messages
            .iter()
            .filter(|message| message.partner_id == partner_id);
        let page: Vec<_> = mine.by_ref().take(PAGE).cloned().collect();
        (page, mine.next().is_some())
    }

    /// Forgets the app's messages up to that one.
    pub fn confirm(&mut self, partner_id: i64, last_id: i64) {
        self.messages
            .retain(|message| message.partner_id != partner_id || message.id > last_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(partner_id: i64, lost_at: Timestamp) -> LostMessage {
        LostMessage {
            id: 0,
            partner_id,
            shop_id: None,
            code: 3,
            lost_at,
            envelope: String::new(),
        }
    }

    #[test]
    fn the_queue_gives_a_hundred_at_a_time_and_moves_by_confirmation_only() {
        let mut queue = LostQueue::default();
        (0..250).for_each(|_| queue.add(lost(1, 10)));
        let mut sizes = Vec::new();
        loop {
            let (page, more) = queue.page(1, 20);
            assert_eq!(queue.page(1, 20).0, page, "asking twice changes nothing");
            sizes.push(page.len());
            queue.confirm(1, page.last().unwrap().id);
            if !more {
                break;
            }
        }
        assert_eq!(sizes, [100, 100, 50]);
        assert!(queue.page(1, 20).0.is_empty());
    }

    #[test]
    fn messages_are_kept_three_days_and_per_app() {
        let mut queue = LostQueue::default();
        queue.add(lost(1, 0));
        queue.add(lost(2, 100));
        queue.confirm(2, i64::MAX);
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.page(1, KEPT_SECONDS - 1).0.len(), 1);
        assert!(queue.page(1, KEPT_SECONDS).0.is_empty());
    }
}
