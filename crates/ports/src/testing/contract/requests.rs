//! A request with a key happens once; whoever repeats it gets the answer of the first.

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::ids::ApiTokenId;

use super::bench::Bench;
use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::idempotency::{Begun, KeptAnswer, KeyedRequest};
use crate::sealing::Digest;
use crate::testing::examples::{after_noon, noon};

/// How long a request may be under way in these tests.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// From then on it is under way.
pub async fn a_request_is_new_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    assert_eq!(begin(&bench, &request("k"), noon()).await?, Begun::New);
    for seconds in [0, 1, 60] {
        let again = begin(&bench, &request("k"), after_noon(seconds)).await?;
        assert_eq!(again, Begun::UnderWay, "after {seconds} s");
    }
    assert_eq!(begin(&bench, &request("K"), noon()).await?, Begun::New);
    Ok(())
}

/// Byte for byte, as often as it is asked for.
pub async fn an_answer_is_given_again(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let plain = KeptAnswer {
        etag: None,
        body: Vec::new(),
        status: 204,
        ..created()
    };
    for (key, kept) in [("created", created()), ("plain", plain)] {
        let request = request(key);
        begin(&bench, &request, noon()).await?;
        answer(&bench, &request, &kept).await?;
        for seconds in [1, 3_600] {
            let again = begin(&bench, &request, after_noon(seconds)).await?;
            assert_eq!(again, Begun::Answered(kept.clone()));
        }
    }
    Ok(())
}

/// While it is under way and once it is answered: the client has made a mistake.
pub async fn a_key_that_was_used_for_another_request_says_so(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = request("k");
    let other = KeyedRequest {
        request: Digest([9; 32]),
        ..request("k")
    };
    begin(&bench, &first, noon()).await?;
    assert_eq!(
        begin(&bench, &other, after_noon(1)).await?,
        Begun::OtherRequest
    );
    answer(&bench, &first, &created()).await?;
    assert_eq!(
        begin(&bench, &other, after_noon(2)).await?,
        Begun::OtherRequest
    );
    let again = begin(&bench, &first, after_noon(3)).await?;
    assert_eq!(again, Begun::Answered(created()));
    Ok(())
}

/// The others are told that it is under way.
pub async fn of_many_that_send_a_request_at_the_same_time_one_works_on_it(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    // New, and left by a process that died.
    for now in [noon(), noon() + PATIENCE * 2] {
        let request = request("k");
        let senders = (0..MANY).map(|_| begin(&bench, &request, now));
        let told = at_once(senders).await;
        let told: Vec<_> = told.into_iter().collect::<Result<_, _>>()?;
        let new = told.iter().filter(|told| **told == Begun::New).count();
        let waiting = told.iter().filter(|told| **told == Begun::UnderWay).count();
        assert_eq!((new, waiting), (1, MANY - 1), "at {now}");
    }
    Ok(())
}

/// And is under way again from then on. One that was answered is not abandoned, however old.
pub async fn a_request_that_was_abandoned_is_begun_anew(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let (left, answered) = (request("left"), request("answered"));
    for request in [&left, &answered] {
        begin(&bench, request, noon()).await?;
    }
    answer(&bench, &answered, &created()).await?;
    let now = noon() + PATIENCE + TimeDelta::seconds(1);
    assert_eq!(begin(&bench, &left, now).await?, Begun::New);
    assert_eq!(begin(&bench, &left, now).await?, Begun::UnderWay);
    let again = begin(&bench, &answered, now).await?;
    assert_eq!(again, Begun::Answered(created()));
    Ok(())
}

/// It came to nothing that is worth repeating.
pub async fn a_request_that_was_forgotten_can_be_tried_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let (request, other) = (request("k"), request("other"));
    for request in [&request, &other] {
        begin(&bench, request, noon()).await?;
    }
    let mut uow = bench.begin().await?;
    uow.requests().forget(&request).await?;
    uow.commit().await?;
    assert_eq!(begin(&bench, &request, after_noon(1)).await?, Begun::New);
    assert_eq!(begin(&bench, &other, after_noon(1)).await?, Begun::UnderWay);
    Ok(())
}

/// Everybody counts from one.
pub async fn keys_of_different_bearers_have_nothing_to_do_with_each_other(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let ours = request("1");
    let theirs = KeyedRequest {
        bearer: ApiTokenId::of(8),
        request: Digest([9; 32]),
        ..request("1")
    };
    begin(&bench, &ours, noon()).await?;
    answer(&bench, &ours, &created()).await?;
    assert_eq!(begin(&bench, &theirs, after_noon(1)).await?, Begun::New);
    let again = begin(&bench, &ours, after_noon(1)).await?;
    assert_eq!(again, Begun::Answered(created()));
    Ok(())
}

/// Then its key may be used for another.
pub async fn a_request_is_known_for_a_day(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = request("k");
    let other = KeyedRequest {
        request: Digest([9; 32]),
        ..request("k")
    };
    begin(&bench, &first, noon()).await?;
    answer(&bench, &first, &created()).await?;
    let again = begin(&bench, &first, noon() + TimeDelta::hours(23)).await?;
    assert_eq!(again, Begun::Answered(created()));
    let next_day = noon() + TimeDelta::hours(25);
    assert_eq!(begin(&bench, &other, next_day).await?, Begun::New);
    assert_eq!(begin(&bench, &other, next_day).await?, Begun::UnderWay);
    Ok(())
}

/// As if it had never come.
pub async fn a_request_whose_beginning_was_not_committed_is_new(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let mut uow = bench.begin().await?;
    let begun = uow
        .requests()
        .begin(&request("k"), noon(), noon() - PATIENCE)
        .await?;
    assert_eq!(begun, Begun::New);
    drop(uow);
    assert_eq!(begin(&bench, &request("k"), noon()).await?, Begun::New);
    Ok(())
}

/// Neither known nor answered.
pub async fn requests_of_another_tenant_are_not_known(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let theirs = Bench::of_other_tenant(fixture).await?;
    begin(&bench, &request("k"), noon()).await?;
    answer(&bench, &request("k"), &created()).await?;
    assert_eq!(begin(&theirs, &request("k"), noon()).await?, Begun::New);
    Ok(())
}

fn request(key: &str) -> KeyedRequest {
    KeyedRequest {
        bearer: ApiTokenId::of(7),
        key: key.into(),
        request: Digest([1; 32]),
    }
}

fn created() -> KeptAnswer {
    KeptAnswer {
        status: 201,
        content_type: "application/json".into(),
        etag: Some(r#""3""#.into()),
        body: b"{\"id\":\"scp_first\"}\x00\xff".to_vec(),
    }
}

async fn begin(bench: &Bench, request: &KeyedRequest, now: Timestamp) -> Result<Begun, StoreError> {
    let mut uow = bench.begin().await?;
    let begun = uow.requests().begin(request, now, now - PATIENCE).await?;
    uow.commit().await?;
    Ok(begun)
}

async fn answer(bench: &Bench, request: &KeyedRequest, answer: &KeptAnswer) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.requests().answer(request, answer).await?;
    uow.commit().await
}
