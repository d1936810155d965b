//! The journal, where several are at it and where somebody has put his hand in.

use anyhow::Context as _;
use chrono::TimeDelta;
use hawker_domain::event::NewEvent;
use hawker_domain::{ConnectorName, Timestamp};
use hawker_ports::inbox::{Filed, FiledApart, PutOff, RefusedRest};
use hawker_ports::testing::examples::{noon, order_sn};
use hawker_ports::{Store as _, StoreError};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::workshop::Workshop;

/// More batches than there are.
const ALL: u32 = 100;

const REST: RefusedRest = RefusedRest {
    least: TimeDelta::minutes(5),
    most: TimeDelta::days(1),
};

impl Workshop {
    async fn file_apart(&self, now: Timestamp) -> anyhow::Result<FiledApart> {
        let mut uow = self.begin().await?;
        let apart = uow.inbox().file_journal_apart(now, REST).await?;
        uow.commit().await?;
        Ok(apart)
    }

    async fn put_down(&self, events: &[NewEvent]) -> anyhow::Result<()> {
        let mut uow = self.begin().await?;
        let version = uow.profiles().version(ConnectorName::Shopee).await?;
        drop(uow);
        let store = self.database.store();
        let put = store.put_in_journal(&self.tenant, ConnectorName::Shopee, &version, events);
        anyhow::ensure!(put.await?, "it was not put down");
        Ok(())
    }

    async fn file_at_once(&self, batches_max: u32) -> Result<Option<Filed>, StoreError> {
        let store = self.database.store();
        store
            .file_journal_at_once(&self.tenant, noon(), batches_max)
            .await
    }

    /// Orders of the events that are in the inbox.
    async fn numbers(&self) -> anyhow::Result<Vec<String>> {
        let numbers = "SELECT order_sn FROM tenant_default.connector_event ORDER BY order_sn";
        let pool = self.database.pool();
        Ok(sqlx::query_scalar(numbers).fetch_all(pool).await?)
    }

    async fn file(&self, batches_max: u32) -> anyhow::Result<Filed> {
        let mut uow = self.begin().await?;
        let filed = uow.inbox().file_journal(noon(), batches_max).await?;
        uow.commit().await?;
        Ok(filed)
    }
}

const fn filed(batches: u32, stored: u32) -> Filed {
    Filed {
        batches,
        stored,
        duplicates: 0,
    }
}

#[tokio::test]
async fn of_two_who_file_at_once_each_has_batches_of_its_own() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    for number in ["250101AAA", "250101BBB"] {
        workshop.put_down(&[workshop.push(number, 0)]).await?;
    }
    let mut one = workshop.begin().await?;
    assert_eq!(one.inbox().file_journal(noon(), 1).await?, filed(1, 1));
    assert_eq!(workshop.file_at_once(ALL).await?, Some(filed(1, 1)));
    one.commit().await?;
    assert_eq!(workshop.file(ALL).await?, Filed::default());
    Ok(())
}

/// One that another filer gave back, or that was committed after one with a higher number.
#[tokio::test]
async fn a_batch_behind_those_that_were_filed_is_filed_when_nothing_is_left_ahead()
-> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    leave_one_behind(&workshop).await?;
    workshop.put_down(&[workshop.push("250101CCC", 0)]).await?;
    assert_eq!(workshop.file_at_once(1).await?, Some(filed(1, 1)));
    assert_eq!(workshop.numbers().await?, ["250101BBB", "250101CCC"]);
    assert_eq!(workshop.file_at_once(1).await?, Some(filed(1, 1)));
    assert_eq!(workshop.file_at_once(1).await?, Some(Filed::default()));
    assert_eq!(
        workshop.numbers().await?,
        ["250101AAA", "250101BBB", "250101CCC"]
    );
    Ok(())
}

#[tokio::test]
async fn a_batch_behind_those_that_were_filed_does_not_wait_for_ever_while_there_is_more_ahead()
-> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    leave_one_behind(&workshop).await?;
    let mut ahead = 0;
    while workshop.numbers().await?[0] != "250101AAA" {
        ahead += 1;
        anyhow::ensure!(ahead < 100, "it is never looked for");
        let number = format!("250102{ahead:03}");
        workshop.put_down(&[workshop.push(&number, 0)]).await?;
        // By either way.
        if ahead % 2 == 0 {
            assert_eq!(workshop.file(1).await?, filed(1, 1));
        } else {
            assert_eq!(workshop.file_at_once(1).await?, Some(filed(1, 1)));
        }
    }
    assert!(ahead > 1, "what is ahead goes first");
    Ok(())
}

/// A portion with a repetition is filed push by push.
#[tokio::test]
async fn a_repetition_behind_what_was_filed_does_not_wait_for_ever_either() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let left_behind = leave_one_behind(&workshop).await?;
    let stored_first = NewEvent {
        id: workshop.push("250101AAA", 1).id,
        ..left_behind
    };
    workshop.store(&[stored_first]).await?;
    for ahead in 0.. {
        anyhow::ensure!(ahead < 200, "it is never looked for");
        let number = format!("250102{ahead:03}");
        workshop.put_down(&[workshop.push(&number, 0)]).await?;
        if workshop.file_at_once(1).await?.is_none() {
            let repetition = Filed {
                batches: 1,
                stored: 0,
                duplicates: 1,
            };
            assert_eq!(workshop.file(1).await?, repetition);
            break;
        }
    }
    Ok(())
}

/// The first of two batches is given back once the second one is filed.
async fn leave_one_behind(workshop: &Workshop) -> anyhow::Result<NewEvent> {
    let first = workshop.push("250101AAA", 0);
    workshop.put_down(std::slice::from_ref(&first)).await?;
    let second = workshop.push("250101BBB", 0);
    workshop.put_down(&[second]).await?;
    let mut given_up = workshop.begin().await?;
    assert_eq!(given_up.inbox().file_journal(noon(), 1).await?, filed(1, 1));
    assert_eq!(workshop.file_at_once(1).await?, Some(filed(1, 1)));
    drop(given_up);
    Ok(first)
}

/// A dump, for one: what it may still see cannot be taken out of the journal's index.
#[tokio::test]
async fn what_was_filed_while_a_snapshot_is_open_is_not_gone_through_again() -> anyhow::Result<()> {
    const FILED: u32 = 300;
    let workshop = Workshop::new().await?;
    let mut dump = workshop.database.pool().acquire().await?;
    let begins = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1";
    dump.execute(sqlx::raw_sql(begins)).await?;
    for seconds in 0..FILED {
        let push = workshop.push("250101AAA", i64::from(seconds));
        workshop.put_down(&[push]).await?;
    }
    for _ in 0..FILED / ALL {
        let all = filed(ALL, ALL);
        assert_eq!(workshop.file_at_once(ALL).await?, Some(all));
    }
    let mut read = Vec::new();
    for from in [0, FILED + 1] {
        let push = workshop.push("250101BBB", i64::from(from));
        workshop.put_down(&[push]).await?;
        let statement = format!(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
             SELECT tenant_default.connector_event_journal_file(now(), 1, {from})"
        );
        let plan: Value = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(workshop.database.pool())
            .await?;
        let blocks = plan[0]["Plan"]["Shared Hit Blocks"].as_i64();
        read.push(blocks.context("no blocks are told")?);
    }
    let [from_the_beginning, from_its_place] = read[..] else {
        anyhow::bail!("{read:?}")
    };
    assert!(
        from_the_beginning - from_its_place > i64::from(FILED) / 2,
        "{read:?}"
    );
    dump.execute("ROLLBACK").await?;
    Ok(())
}

/// Whoever puts pushes down waits for nobody who files, and the other way round.
#[tokio::test]
async fn a_push_is_put_down_while_others_are_filed() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let push = workshop.push("250101AAA", 0);
    workshop.put_down(std::slice::from_ref(&push)).await?;
    let mut filing = workshop.begin().await?;
    assert_eq!(filing.inbox().file_journal(noon(), ALL).await?, filed(1, 1));
    let again = NewEvent {
        id: workshop.push("250101AAA", 1).id,
        ..push
    };
    workshop.put_down(&[again]).await?;
    filing.commit().await?;
    let repetition = Filed {
        batches: 1,
        stored: 0,
        duplicates: 1,
    };
    assert_eq!(workshop.file(ALL).await?, repetition);
    Ok(())
}

/// No push of ours is: somebody wrote into the journal.
#[tokio::test]
async fn a_push_that_breaks_a_rule_of_the_inbox_is_refused_and_keeps_no_other_out()
-> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let batch = [0, 1, 2].map(|seconds| workshop.push("250101AAA", seconds));
    workshop.put_down(&batch).await?;
    let changed = workshop
        .psql("UPDATE tenant_default.connector_event_journal SET ids[2] = 'nonsense'")
        .await?;
    assert_eq!(changed, 1);
    let refused = workshop.file_at_once(ALL).await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let mut told = Vec::new();
    let mut steps = Vec::new();
    for _ in 0..5 {
        steps.push(match workshop.file_apart(noon()).await? {
            FiledApart::NothingThere => "nothing is there",
            FiledApart::Filed(one) if one == filed(1, 1) => "filed",
            FiledApart::Filed(other) => anyhow::bail!("{other:?}"),
            FiledApart::Divided => "divided",
            FiledApart::PutOff(PutOff { why, push }) => {
                assert!(matches!(why, StoreError::Refused { .. }), "{why:?}");
                told.extend(push.map(|push| (push.id, push.subject.order_sn)));
                "put off"
            }
        });
    }
    let expected = ["divided", "filed", "put off", "filed", "nothing is there"];
    assert_eq!(steps, expected);
    let of_order = order_sn("250101AAA");
    assert_eq!(told, [("nonsense".to_owned(), Some(of_order))]);
    assert_eq!(workshop.file(ALL).await?, Filed::default());
    let left: Vec<String> =
        sqlx::query_scalar("SELECT ids[1] FROM tenant_default.connector_event_journal")
            .fetch_all(workshop.database.pool())
            .await?;
    assert_eq!(left, ["nonsense"]);
    Ok(())
}

#[tokio::test]
async fn a_push_that_is_refused_again_rests_longer_and_is_not_told_of_again() -> anyhow::Result<()>
{
    let workshop = Workshop::new().await?;
    let push = workshop.push("250101AAA", 0);
    let received = push.received_at;
    workshop.put_down(&[push]).await?;
    workshop
        .psql("UPDATE tenant_default.connector_event_journal SET ids[1] = 'nonsense'")
        .await?;
    let mut answers = Vec::new();
    for minutes in [0, 4, 5, 9, 10, 19, 20] {
        let now = received + TimeDelta::minutes(minutes);
        answers.push(match workshop.file_apart(now).await? {
            FiledApart::PutOff(put_off) => Some(put_off.push.is_some()),
            FiledApart::NothingThere => None,
            other => anyhow::bail!("{other:?}"),
        });
    }
    let again = Some(false);
    assert_eq!(answers, [Some(true), None, again, None, again, None, again]);
    Ok(())
}

/// Somebody else may be about to file it. What is acted upon is what was refused.
#[tokio::test]
async fn what_another_process_is_at_is_not_put_off_and_neither_is_what_comes_behind_it()
-> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop.put_down(&[workshop.push("250101BAD", 0)]).await?;
    let changed = workshop
        .psql("UPDATE tenant_default.connector_event_journal SET ids[1] = 'nonsense'")
        .await?;
    assert_eq!(changed, 1);
    workshop.put_down(&[workshop.push("250101GOOD", 1)]).await?;
    let mut other = workshop.begin().await?;
    let put_off = other.inbox().file_journal_apart(noon(), REST).await?;
    assert!(matches!(put_off, FiledApart::PutOff(_)), "{put_off:?}");
    let behind = workshop.file_apart(noon()).await?;
    assert!(
        matches!(behind, FiledApart::Filed(one) if one == filed(1, 1)),
        "{behind:?}"
    );
    other.commit().await?;
    Ok(())
}

/// A later version may have put it down. To file it the usual way takes reading it, where it is a repetition.
#[tokio::test]
async fn a_repetition_that_cannot_be_read_keeps_no_other_out() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let push = workshop.push("250101AAA", 0);
    workshop.put_down(std::slice::from_ref(&push)).await?;
    assert_eq!(workshop.file(ALL).await?, filed(1, 1));
    let again = NewEvent {
        id: workshop.push("250101AAA", 1).id,
        ..push
    };
    workshop.put_down(&[again]).await?;
    let changed = workshop
        .psql("UPDATE tenant_default.connector_event_journal SET signature_schemes[1] = 'of_a_later_version'")
        .await?;
    assert_eq!(changed, 1);
    let apart = workshop.file_apart(noon()).await?;
    assert!(
        matches!(
            &apart,
            FiledApart::PutOff(PutOff {
                why: StoreError::Corrupt { .. },
                push: Some(_)
            })
        ),
        "{apart:?}"
    );
    assert_eq!(workshop.file(ALL).await?, Filed::default());
    Ok(())
}
