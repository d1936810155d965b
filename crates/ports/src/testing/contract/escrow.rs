//! Completed orders wait for their payout details until these are kept.

use hawker_domain::escrow::Escrow;
use hawker_domain::order::OrderStatus;
use rust_decimal::Decimal;

use super::bench::{Bench, LEASE, OTHER_PROFILE, PROFILE, key};
use super::payouts::{
    captured, claim, complete, find, finish, keep, numbers, postpone, rest, with_card,
};
use super::{Outcome, StoreFixture};
use crate::escrow::{DueEscrow, KnownPayout};
use crate::testing::examples::{after_noon, profile_id, snapshot};

const NUMBER: &str = "250101AAA";

/// And only then: an order on its way has no payout.
pub async fn an_order_is_due_for_its_payout_once_it_is_completed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    bench
        .refresh(snapshot(NUMBER, OrderStatus::Shipped), 0)
        .await?;
    assert!(claim(&bench, 1000, 10).await?.is_empty());
    let plan = complete(&bench, NUMBER, 10).await?;
    assert!(
        claim(&bench, 9, 10).await?.is_empty(),
        "it is not due earlier"
    );
    let claimed = DueEscrow {
        sync: plan.order.sync,
        key: key(NUMBER),
        profile: profile_id(PROFILE),
        currency: plan.order.currency,
        completed_at: after_noon(10),
        released_at: None,
        known: None,
        leased_until: after_noon(20) + LEASE,
    };
    assert_eq!(claim(&bench, 20, 10).await?, [claimed]);
    Ok(())
}

/// And no more of them than asked for.
pub async fn payouts_that_wait_longest_are_claimed_first(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    for (number, seconds) in [("250101CCC", 5), ("250101AAA", 9), ("250101BBB", 1)] {
        complete(&bench, number, seconds).await?;
    }
    let first = claim(&bench, 10, 2).await?;
    assert_eq!(numbers(&first), ["250101BBB", "250101CCC"]);
    assert_eq!(numbers(&claim(&bench, 10, 2).await?), ["250101AAA"]);
    Ok(())
}

/// A worker that died delays its orders and loses none.
pub async fn a_claimed_payout_is_not_claimed_again_until_its_lease_ends(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, NUMBER, 0).await?;
    assert_eq!(claim(&bench, 0, 10).await?.len(), 1);
    assert!(claim(&bench, 1, 10).await?.is_empty());
    let again = claim(&bench, LEASE.num_seconds(), 10).await?;
    assert_eq!(numbers(&again), [NUMBER]);
    Ok(())
}

/// Nothing is left to do for it.
pub async fn a_finished_payout_is_not_due_any_more(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, NUMBER, 0).await?;
    let claimed = claim(&bench, 0, 10).await?;
    finish(&bench, &claimed).await?;
    assert!(claim(&bench, 1_000_000, 10).await?.is_empty());
    Ok(())
}

/// It is not forgotten, and not asked for earlier.
pub async fn a_postponed_payout_is_due_again_at_its_time(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, NUMBER, 0).await?;
    let claimed = claim(&bench, 0, 10).await?;
    postpone(&bench, &claimed, 500).await?;
    assert!(claim(&bench, 499, 10).await?.is_empty());
    assert_eq!(numbers(&claim(&bench, 500, 10).await?), [NUMBER]);
    Ok(())
}

/// What was fetched may be older than the change; whether it was kept or not, it is fetched again.
pub async fn an_order_that_changes_while_it_is_claimed_stays_due(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, NUMBER, 0).await?;
    let claimed = claim(&bench, 0, 10).await?;
    complete(&bench, NUMBER, 10).await?;
    finish(&bench, &claimed).await?;
    postpone(&bench, &claimed, 500).await?;
    assert_eq!(numbers(&claim(&bench, 10, 10).await?), [NUMBER]);
    Ok(())
}

/// Whoever comes back after the lease went to another must not end the other's work.
pub async fn a_lost_claim_reports_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, NUMBER, 0).await?;
    let lost = claim(&bench, 0, 10).await?;
    let seconds = LEASE.num_seconds();
    let held = claim(&bench, seconds, 10).await?;
    assert_eq!(numbers(&held), [NUMBER]);
    finish(&bench, &lost).await?;
    postpone(&bench, &lost, 1_000_000).await?;
    assert_eq!(numbers(&claim(&bench, 2 * seconds, 10).await?), [NUMBER]);
    Ok(())
}

/// Orders that somebody works on are left to them.
pub async fn a_profile_that_rests_has_nothing_due_until_then(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, "250101AAA", 0).await?;
    let claimed = claim(&bench, 0, 10).await?;
    for number in ["250101BBB", "250101CCC"] {
        complete(&bench, number, 1).await?;
    }
    rest(&bench, OTHER_PROFILE, 2, 500).await?;
    rest(&bench, PROFILE, 0, 500).await?;
    assert_eq!(
        numbers(&claim(&bench, 2, 1).await?).len(),
        1,
        "neither concerns it"
    );
    rest(&bench, PROFILE, 2, 500).await?;
    assert!(claim(&bench, 3, 10).await?.is_empty());
    finish(&bench, &claimed).await?;
    assert_eq!(claim(&bench, 500, 10).await?.len(), 2);
    Ok(())
}

/// Exactly, and each order its own.
pub async fn a_payout_is_found_as_it_was_kept(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let escrows = ["250101AAA", "250101BBB"].map(|number| Escrow {
        released_at: Some(after_noon(77)),
        ..captured(number, 8_437, 0)
    });
    keep(&bench, &escrows).await?;
    for escrow in escrows {
        assert_eq!(
            find(&bench, escrow.key.order_sn.as_str()).await?,
            Some(escrow)
        );
    }
    assert_eq!(find(&bench, "250101CCC").await?, None);
    Ok(())
}

/// An answer that was overtaken changes nothing; a release that is known stays known.
pub async fn a_later_payout_takes_the_place_of_an_earlier_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let released_at = Some(after_noon(5));
    let first = Escrow {
        released_at,
        ..captured(NUMBER, 8_437, 10)
    };
    keep(&bench, &[first]).await?;
    keep(&bench, &[captured(NUMBER, 7_000, 20)]).await?;
    let latest = Escrow {
        released_at,
        ..captured(NUMBER, 7_000, 20)
    };
    assert_eq!(find(&bench, NUMBER).await?.as_ref(), Some(&latest));
    keep(&bench, &[captured(NUMBER, 1, 15)]).await?;
    assert_eq!(find(&bench, NUMBER).await?, Some(latest));
    Ok(())
}

/// Other places have other characters; a payout must not be lost over one in a name.
pub async fn a_payout_with_an_unreadable_text_is_kept_all_the_same(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let escrow = Escrow {
        payload: r#"{"buyer_user_name": "a\u0000b \ud83c"}"#.into(),
        ..captured(NUMBER, 8_437, 0)
    };
    keep(&bench, std::slice::from_ref(&escrow)).await?;
    let kept = find(&bench, NUMBER).await?.map(|kept| kept.amounts);
    assert_eq!(kept, Some(escrow.amounts));
    Ok(())
}

/// Whoever asks for its details knows what is known already.
pub async fn a_payout_that_was_captured_is_claimed_as_such(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    for number in ["250101AAA", "250101BBB", "250101CCC"] {
        complete(&bench, number, 0).await?;
    }
    let released_at = Some(after_noon(-500));
    let released = Escrow {
        released_at,
        ..captured("250101BBB", 8_437, 1)
    };
    keep(&bench, &[captured("250101AAA", 8_437, 1), released]).await?;
    let mut claimed = claim(&bench, 10, 10).await?;
    claimed.sort_by(|a, b| a.key.cmp(&b.key));
    let known: Vec<_> = claimed
        .iter()
        .map(|due| (due.known, due.released_at))
        .collect();
    let captured = Some(KnownPayout {
        escrow_amount: Decimal::new(8_437, 2),
        listed: None,
    });
    let expected = [(captured, None), (captured, released_at), (None, None)];
    assert_eq!(known, expected);
    Ok(())
}
