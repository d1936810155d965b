//! The last calls of each profile are kept, over all processes.

use std::time::Duration;

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::calls::{CALLS_KEPT, RecordedCall};
use crate::testing::examples::{after_noon, profile_id};

/// Each as it was recorded.
pub async fn calls_are_told_newest_first_and_no_more_than_asked_for(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert_eq!(told(&bench, PROFILE, 10).await?, []);
    let failed = RecordedCall {
        result: "token_invalid".into(),
        code: Some("invalid_acceess_token".into()),
        request_id: Some("e3e3e7f3".into()),
        took: Duration::from_millis(1_234),
        clock_skew_s: Some(-7),
        ..call(PROFILE, 20)
    };
    let (oldest, newest) = (call(PROFILE, 10), call(PROFILE, 30));
    record(&bench, &[newest.clone(), oldest.clone()]).await?;
    record(&bench, std::slice::from_ref(&failed)).await?;
    record(&bench, &[]).await?;
    let all = [newest, failed, oldest];
    assert_eq!(told(&bench, PROFILE, 10).await?, all);
    assert_eq!(told(&bench, PROFILE, 2).await?, all[..2]);
    assert_eq!(told(&bench, OTHER_PROFILE, 10).await?, []);
    Ok(())
}

/// By the time of the call: what is recorded late does not push anything newer out.
pub async fn the_newest_calls_of_each_profile_are_kept(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let kept = i64::from(CALLS_KEPT);
    let of_other: Vec<_> = (0..3).map(|n| call(OTHER_PROFILE, n)).collect();
    record(&bench, &of_other).await?;
    let many: Vec<_> = (0..kept + 20).map(|n| call(PROFILE, n)).collect();
    let (first, later) = many.split_at(15);
    record(&bench, later).await?;
    record(&bench, first).await?;
    let told_seconds =
        |calls: Vec<RecordedCall>| -> Vec<_> { calls.into_iter().map(|call| call.at).collect() };
    let newest: Vec<_> = (20..kept + 20).rev().map(after_noon).collect();
    let all = told(&bench, PROFILE, CALLS_KEPT * 2).await?;
    assert_eq!(told_seconds(all), newest);
    assert_eq!(told(&bench, OTHER_PROFILE, 10).await?.len(), 3);
    Ok(())
}

/// A profile may be gone by the time that its calls are written down.
pub async fn calls_of_profiles_that_do_not_exist_are_left_out(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let known = call(PROFILE, 1);
    record(&bench, &[call("scp_none", 0), known.clone()]).await?;
    assert_eq!(told(&bench, PROFILE, 10).await?, [known]);
    assert_eq!(told(&bench, "scp_none", 10).await?, []);
    Ok(())
}

/// All of them write down what they did every few seconds.
pub async fn processes_that_record_at_the_same_time_get_on(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let process = |process: i64| {
        let bench = &bench;
        async move {
            for round in 0..3 {
                let calls = (0..10).flat_map(|n| {
                    let seconds = round * 1_000 + n * 100 + process;
                    [PROFILE, OTHER_PROFILE].map(|profile| call(profile, seconds))
                });
                record(bench, &calls.collect::<Vec<_>>()).await?;
            }
            Ok::<_, StoreError>(())
        }
    };
    for done in at_once((0..).take(MANY).map(process)).await {
        done?;
    }
    let newest = after_noon(2_900 + 19);
    for profile in [PROFILE, OTHER_PROFILE] {
        let told = told(&bench, profile, CALLS_KEPT).await?;
        assert_eq!(told.len(), 50);
        assert_eq!(told[0].at, newest);
    }
    Ok(())
}

/// Neither told nor written down for them.
pub async fn calls_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    record(&theirs, &[call(PROFILE, 1)]).await?;
    assert_eq!(told(&bench, PROFILE, 10).await?, []);
    record(&bench, &[call(PROFILE, 2)]).await?;
    assert_eq!(told(&theirs, PROFILE, 10).await?, []);
    assert_eq!(told(&bench, PROFILE, 10).await?.len(), 1);
    Ok(())
}

fn call(profile: &str, seconds: i64) -> RecordedCall {
    RecordedCall {
        profile: profile_id(profile),
        at: after_noon(seconds),
        endpoint: "order/get_order_detail".into(),
        result: "ok".into(),
        code: None,
        request_id: None,
        took: Duration::from_millis(80),
        clock_skew_s: None,
    }
}

async fn record(bench: &Bench, calls: &[RecordedCall]) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.calls().record(calls).await?;
    uow.commit().await
}

async fn told(bench: &Bench, profile: &str, limit: u32) -> Result<Vec<RecordedCall>, StoreError> {
    let mut uow = bench.begin().await?;
    uow.calls().of_profile(&profile_id(profile), limit).await
}
