#[path = "it/workshop.rs"]
mod workshop;
use hawker_domain::event::*;
use hawker_ports::inbox::*;
use hawker_ports::testing::examples::*;
use std::time::Instant;
use workshop::*;
#[tokio::test]
async fn bench() -> anyhow::Result<()> {
    let w = Workshop::new().await?;
    let t = Instant::now();
    let n = 100_000usize;
    for b in 0..n / 100 {
        let ev: Vec<_> = (0..100)
            .map(|i| {
                let k = b * 100 + i;
                w.push(&format!("25{:08}", k / 4), k as i64 / 100)
            })
            .collect();
        w.store(&ev).await?;
    }
    println!("store {:.0}/s", n as f64 / t.elapsed().as_secs_f64());
    sqlx::query("analyze").execute(w.database.pool()).await?;
    let t = Instant::now();
    let mut orders = 0;
    let (mut c, mut f) = (0.0, 0.0);
    let mut rounds = 0;
    loop {
        let t1 = Instant::now();
        let Some(b) = w.claim(after_noon(100000)).await? else {
            break;
        };
        c += t1.elapsed().as_secs_f64();
        let t2 = Instant::now();
        orders += b.orders.len();
        w.finish(&b, &WorkResult::Done(EventOutcome::Applied))
            .await?;
        f += t2.elapsed().as_secs_f64();
        rounds += 1;
        if rounds >= 500 {
            break;
        }
    }
    println!(
        "drain {:.0} orders/s, {} rounds claim {:.2}ms finish {:.2}ms",
        orders as f64 / t.elapsed().as_secs_f64(),
        rounds,
        c * 1e3 / rounds as f64,
        f * 1e3 / rounds as f64
    );
    Ok(())
}
