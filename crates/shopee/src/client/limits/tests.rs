use super::*;

const APP: i64 = 1;
const SHOP: Option<i64> = Some(7);

fn limiter() -> (RateLimiter, Instant, Instant) {
    let now = Instant::now();
    let limits = RateLimits {
        shop: Rate::new(10, 3),
        app: Rate::new(20, 4),
    };
    (RateLimiter::new(limits), now, now + Duration::from_hours(1))
}

/// After how many milliseconds each of `calls` calls at one moment may go.
fn waits(limiter: &RateLimiter, account: Option<i64>, now: Instant, calls: usize) -> Vec<u128> {
    let far = now + Duration::from_hours(1);
    (0..calls)
        .map(|_| limiter.reserve(APP, account, now, far).unwrap() - now)
        .map(|wait| wait.as_millis())
        .collect()
}

#[test]
fn a_burst_goes_at_once_and_the_rest_evenly_spaced() {
    let (limiter, now, _) = limiter();
    assert_eq!(waits(&limiter, SHOP, now, 6), [0, 0, 0, 100, 200, 300]);
}

#[test]
fn a_bucket_fills_again_up_to_its_burst() {
    let (limiter, now, _) = limiter();
    waits(&limiter, SHOP, now, 3);
    let later = now + Duration::from_mins(1);
    assert_eq!(waits(&limiter, SHOP, later, 4), [0, 0, 0, 100]);
}

#[test]
fn shops_of_one_app_share_the_limit_of_the_app() {
    let (limiter, now, _) = limiter();
    assert_eq!(waits(&limiter, Some(1), now, 2), [0, 0]);
    assert_eq!(waits(&limiter, Some(2), now, 2), [0, 0]);
    assert_eq!(waits(&limiter, Some(3), now, 2), [50, 100]);
    assert_eq!(waits(&limiter, None, now, 1), [150]);
}

#[test]
fn whoever_cannot_have_a_turn_in_time_is_told_so_and_uses_up_none() {
    let (limiter, now, _) = limiter();
    waits(&limiter, SHOP, now, 3);
    let soon = now + Duration::from_millis(50);
    for _ in 0..2 {
        assert_eq!(
            limiter.reserve(APP, SHOP, now, soon),
            Err(TooBusy {
                wait: Duration::from_millis(100)
            })
        );
    }
    assert_eq!(waits(&limiter, SHOP, now, 1), [100]);
}

#[test]
fn quiet_shops_are_forgotten() {
    let (limiter, now, far) = limiter();
    for account in 0..=1024 {
        limiter.reserve(account, None, now, far).unwrap();
    }
    let later = now + Duration::from_mins(1);
    limiter.reserve(APP, SHOP, later, later).unwrap();
    assert_eq!(limiter.empty_again.lock().unwrap().len(), 2);
}

#[test]
fn what_is_left_follows_the_calls() {
    let (limiter, now, _) = limiter();
    let left = |now| limiter.left(APP, SHOP, now);
    assert_eq!(
        left(now),
        Left {
            shop: 3.0,
            app: 4.0
        }
    );
    waits(&limiter, SHOP, now, 2);
    assert_eq!(
        left(now),
        Left {
            shop: 1.0,
            app: 2.0
        }
    );
    waits(&limiter, SHOP, now, 5);
    assert_eq!(
        left(now),
        Left {
            shop: 0.0,
            app: 0.0
        }
    );
    let later = now + Duration::from_mins(1);
    assert_eq!(
        left(later),
        Left {
            shop: 3.0,
            app: 4.0
        }
    );
    let of_the_app = limiter.left(APP, None, later);
    assert_eq!(
        of_the_app,
        Left {
            shop: 3.0,
            app: 4.0
        },
        "no shop is named"
    );
}

#[test]
fn a_shop_that_rests_leaves_the_others_alone() {
    let (limiter, now, _) = limiter();
    let until = now + Duration::from_secs(2);
    limiter.rest(APP, SHOP, until);
    assert_eq!(
        limiter.left(APP, SHOP, now),
        Left {
            shop: 0.0,
            app: 4.0
        }
    );
    assert_eq!(waits(&limiter, Some(8), now, 1), [0]);
    assert_eq!(waits(&limiter, SHOP, now, 2), [2000, 2100]);
}
