//! Pushes as the bytes that go over the wire, signed before the clock starts.

use std::sync::Arc;

use anyhow::Context as _;
use hawker_shopee_emulator::Shop;
use serde_json::json;

use super::load::Requests;
use crate::bench::REGISTERED_URL;
use crate::push::{signature, signature_by};

/// A push of which we know what must become of it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The order that it tells of.
    pub order_sn: String,
    /// Its time, which together with the order tells it from every other.
    pub update_time: i64,
    /// Whether it is signed by a key that counts.
    pub is_genuine: bool,
}

/// Pushes in the order in which they are sent.
#[derive(Clone, Debug, Default)]
pub struct Pushes {
    /// What they are.
    pub prepared: Vec<Prepared>,
    requests: Vec<Vec<u8>>,
}

impl Pushes {
    /// Distinct pushes of as many orders, none of which the marketplace knows. `round` tells the
    /// rounds of a run apart.
    pub fn distinct(round: usize, count: usize) -> Self {
        let mut pushes = Self::default();
        for number in 0..count {
            pushes.add(&order_number(round, number), EPOCH + seconds(number), true);
        }
        pushes
    }

    /// The same with so many of a hundred sent a second time, and so many signed with a key that is
    /// nobody's.
    pub fn mixed(round: usize, count: usize, twice: usize, forged: usize) -> Self {
        let mut pushes = Self::default();
        for number in 0..count {
            let place = number % 100;
            let is_again = place < twice && number >= 100;
            // What was sent a hundred pushes ago: acknowledged by now, or just being written.
            let subject = if is_again { number - 50 } else { number };
            let is_genuine = is_again || place < 100 - forged;
            pushes.add(
                &order_number(round, subject),
                EPOCH + seconds(subject),
                is_genuine,
            );
        }
        pushes
    }

    /// Pushes of orders that the marketplace knows: each order in turn, each time with another time,
    /// none of them later than `update_time`, so that the details of the order are never behind.
    pub fn of_orders(orders: &[String], update_time: i64, count: usize) -> Self {
        let mut pushes = Self::default();
        for (number, order) in orders.iter().cycle().take(count).enumerate() {
            let lap = seconds(number / orders.len());
            pushes.add(order, update_time - lap, true);
        }
        pushes
    }

    /// The same, each to the URL of a profile: of the push at a place, `profile` tells whose it is.
    pub fn addressed<'a>(mut self, profile: impl Fn(usize) -> &'a str) -> anyhow::Result<Self> {
        for (place, request) in self.requests.iter_mut().enumerate() {
            let to_profile = addressed(request, profile(place));
            *request = to_profile.context("a request without a first line")?;
        }
        Ok(self)
    }

    /// What they are, and what is sent.
    pub fn split(self) -> (Vec<Prepared>, Requests) {
        (self.prepared, Arc::new(self.requests))
    }

    fn add(&mut self, order_sn: &str, update_time: i64, is_genuine: bool) {
        let body = body(order_sn, update_time);
        let signature = if is_genuine {
            signature(REGISTERED_URL, &body)
        } else {
            signature_by("nobody's key", REGISTERED_URL, &body)
        };
        self.requests.push(request(&body, &signature));
        self.prepared.push(Prepared {
            order_sn: order_sn.to_owned(),
            update_time,
            is_genuine,
        });
    }
}

/// When the pushes of nobody's orders are from.
const EPOCH: i64 = 1_790_000_000;

/// Like the marketplace's own: six digits of a day, here of a round, and eight that are scattered.
fn order_number(round: usize, number: usize) -> String {
    // No two alike: the factor and the ten million have no divisor in common.
    let scattered = (number as u64 * 48_271_391) % 100_000_000;
    format!("26B{round:03}{scattered:08}")
}

fn seconds(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An order status push with everything that the platform puts into one. The id of the message is
/// that of the change: a push that is sent again has the same.
fn body(order_sn: &str, update_time: i64) -> String {
    let id = order_sn
        .bytes()
        .fold(update_time.unsigned_abs(), |id, byte| {
            id.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
        });
    json!({
        "msg_id": format!("{id:016x}{:016x}", id.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        "data": {
            "items": [], "ordersn": order_sn, "status": "READY_TO_SHIP",
            "completed_scenario": "", "update_time": update_time,
        },
        "shop_id": Shop::default().shop_id,
        "code": 3,
        "timestamp": update_time,
    })
    .to_string()
}

fn request(body: &str, signature: &str) -> Vec<u8> {
    format!(
        "POST /connectors/shopee/webhook/sandbox HTTP/1.1\r\nhost: ops.example.com\r\n\
         content-type: application/json\r\nauthorization: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The same request to the profile's own URL.
fn addressed(request: &[u8], profile: &str) -> Option<Vec<u8>> {
    let end = request.windows(9).position(|bytes| bytes == b" HTTP/1.1")?;
    let (target, rest) = request.split_at(end);
    Some([target, b"?profile_id=", profile.as_bytes(), rest].concat())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn of_a_hundred_as_many_are_repeated_and_forged_as_was_asked_for() {
        let pushes = Pushes::mixed(1, 1_100, 20, 5);
        let requests: HashSet<_> = pushes.requests.iter().collect();
        assert_eq!(pushes.prepared.len(), 1_100);
        assert_eq!(requests.len(), 1_100 - 10 * 20);
        let forged = pushes.prepared.iter().filter(|push| !push.is_genuine);
        assert_eq!(forged.count(), 11 * 5);
    }

    #[test]
    fn pushes_of_known_orders_differ_and_are_never_ahead_of_them() {
        let orders = ["A".to_owned(), "B".to_owned()];
        let pushes = Pushes::of_orders(&orders, 1_000, 5);
        let times: Vec<_> = pushes
            .prepared
            .iter()
            .map(|push| push.update_time)
            .collect();
        assert_eq!(times, [1_000, 1_000, 999, 999, 998]);
        let requests: HashSet<_> = pushes.requests.iter().collect();
        assert_eq!(requests.len(), 5);
    }

    #[test]
    fn a_push_goes_to_the_profile_that_it_is_addressed_to() {
        let request = b"POST /connectors/shopee/webhook/sandbox HTTP/1.1\r\nhost: a\r\n\r\n{}";
        let sent = addressed(request, "prof_7").unwrap();
        assert!(sent.starts_with(
            b"POST /connectors/shopee/webhook/sandbox?profile_id=prof_7 HTTP/1.1\r\n"
        ));
        assert!(sent.ends_with(b"\r\n\r\n{}"));
        assert_eq!(addressed(b"nothing", "prof_7"), None);
    }
}
