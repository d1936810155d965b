//! A sink is one for all processes and tenants: it is given no more than it wants to take.

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::Timestamp;

use super::crowd::{MANY, at_once};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::alerts::SinkTurns;
use crate::testing::examples::{after_noon, noon};

const SINK: &str = "telegram";

/// However many processes there are.
pub async fn a_sink_is_given_one_alert_in_each_turn(fixture: &dyn StoreFixture) -> Outcome {
    let turns = fixture.sink_turns();
    assert_eq!(turn(&turns, SINK, 0).await?, noon());
    let theirs = turn(&turns, SINK, 1).await?;
    assert_eq!(theirs, after_noon(3), "it is somebody else's");
    assert_eq!(turn(&turns, "n8n", 1).await?, after_noon(1));
    assert_eq!(turn(&turns, SINK, 3).await?, after_noon(3));
    let many = at_once((0..MANY).map(|_| turn(&turns, SINK, 10))).await;
    let many: Result<Vec<_>, StoreError> = many.into_iter().collect();
    let had = many?.into_iter().filter(|turn| *turn == after_noon(10));
    assert_eq!(had.count(), 1);
    Ok(())
}

/// For as long as it asked for, and no other one with it.
pub async fn a_sink_that_asks_for_it_is_left_alone(fixture: &dyn StoreFixture) -> Outcome {
    let turns = fixture.sink_turns();
    turns.rest(SINK, after_noon(60)).await?;
    turns.rest(SINK, after_noon(30)).await?;
    turns.rest("n8n", after_noon(900)).await?;
    assert_eq!(turns.look(SINK, after_noon(40)).await?, after_noon(60));
    assert_eq!(turn(&turns, SINK, 40).await?, after_noon(60));
    assert_eq!(turn(&turns, SINK, 60).await?, after_noon(60));
    assert_eq!(turns.look(SINK, after_noon(61)).await?, after_noon(63));
    assert!(turns.look("log", after_noon(61)).await? <= after_noon(61));
    Ok(())
}

/// To within a minute.
pub async fn who_looks_for_a_sink_serves_it(fixture: &dyn StoreFixture) -> Outcome {
    let turns = fixture.sink_turns();
    turns.look(SINK, noon()).await?;
    turns.look("n8n", after_noon(900)).await?;
    turns.look("log", noon()).await?;
    turns.look("log", after_noon(1000)).await?;
    // A clock that is behind takes nothing back.
    turns.look("log", after_noon(300)).await?;
    turns.rest("gone", after_noon(2000)).await?;
    let served = async |seconds| {
        let mut served = turns.served_since(after_noon(seconds)).await?;
        served.sort();
        Ok::<_, StoreError>(served)
    };
    assert_eq!(served(0).await?, ["log", "n8n", SINK]);
    assert_eq!(served(900).await?, ["log", "n8n"]);
    assert_eq!(served(1000).await?, ["log"]);
    assert!(served(1001).await?.is_empty());
    Ok(())
}

async fn turn(
    turns: &Arc<dyn SinkTurns>,
    sink: &str,
    seconds: i64,
) -> Result<Timestamp, StoreError> {
    let pace = Duration::from_secs(3);
    turns.take(sink, pace, after_noon(seconds)).await
}
