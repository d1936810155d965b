//! The client: keep-alive connections that send requests which were made before the clock started.
//!
//! It runs on one thread of its own, with nothing else on it; fixed times are kept by another, which
//! sleeps nearly always. Closed loop: each connection sends its
//! next request when the last one is answered, which is how a rate is found. Open loop: requests are
//! due at fixed times, and what is measured runs from that time on, so that a server which stands
//! still is not spared the requests that it kept from being sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::statistics::{Latencies, per_second};

/// An answer has no more head than this, and usually comes in one piece.
const ANSWER_BYTES: usize = 16 * 1024;

/// How fine fixed times are. The runtime's own timers are no finer than a millisecond: what is due within one would
/// come all at once, as it does from no marketplace.
const TICK: Duration = Duration::from_micros(250);

/// What each connection asks before the clock starts.
const GREETING: &[u8] = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Requests as bytes, in the order in which they are sent.
pub type Requests = Arc<Vec<Vec<u8>>>;

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Places of the requests that were answered with 200.
    pub acknowledged: Vec<usize>,
    /// Other answers, by status.
    pub refused: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub broken: Vec<String>,
    /// How long each answer took.
    pub latencies: Latencies,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Outcome {
    /// Answers with 200 per second.
    pub fn rate(&self) -> f64 {
        per_second(self.acknowledged.len() as u64, self.took)
    }

    /// Fails unless everything that was sent was acknowledged.
    pub fn all_acknowledged(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.refused.is_empty() && self.broken.is_empty(),
            "not every push was acknowledged: {:?} {:?}",
            self.refused,
            self.broken.first()
        );
        Ok(())
    }
}

/// When requests are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As soon as the last one of the connection is answered.
    Closed,
    /// So many a second, over all connections.
    Open(f64),
}

/// Sends requests over so many connections until they are used up or the time is over.
pub async fn load(
    address: SocketAddr,
    connections: usize,
    requests: &Requests,
    pace: Pace,
    limit: Duration,
) -> anyhow::Result<Outcome> {
    let requests = Arc::clone(requests);
    // A thread of its own: the client must not wait for whatever else the program does.
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(send_all(address, connections, requests, pace, limit))
    };
    tokio::task::spawn_blocking(run).await?
}

async fn send_all(
    address: SocketAddr,
    connections: usize,
    requests: Requests,
    pace: Pace,
    limit: Duration,
) -> anyhow::Result<Outcome> {
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        streams.push(connect(address).await?);
    }
    let began = Instant::now();
    let turn = Arc::new(AtomicUsize::new(0));
    let timetable = match pace {
        Pace::Closed => None,
        Pace::Open(rate) => Some(Timetable::keep(rate, began, limit)?),
    };
    let mut senders = JoinSet::new();
    for stream in streams {
        let sender = Sender {
            stream,
            requests: Arc::clone(&requests),
            turn: Arc::clone(&turn),
            timetable: timetable.clone(),
            began,
            limit,
        };
        senders.spawn(sender.run());
    }
    let mut all = Outcome::default();
    while let Some(one) = senders.join_next().await {
        let one = one?;
        all.acknowledged.extend(one.acknowledged);
        all.latencies.extend(&one.latencies);
        all.broken.extend(one.broken);
        all.took = all.took.max(one.took);
        for (status, count) in one.refused {
            *all.refused.entry(status).or_default() += count;
        }
    }
    Ok(all)
}

/// A connection that has had an answer before the clock starts: what is measured is pushes, and a
/// connection that nobody has accepted yet looks the same from here.
async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await;
    let mut stream = stream.with_context(|| format!("{address} cannot be reached"))?;
    stream.set_nodelay(true)?;
    let status = exchange(&mut stream, GREETING, &mut vec![0; ANSWER_BYTES]).await?;
    anyhow::ensure!(status == 200, "{address} is not ready: {status}");
    Ok(stream)
}

struct Sender {
    stream: TcpStream,
    requests: Requests,
    turn: Arc<AtomicUsize>,
    timetable: Option<Arc<Timetable>>,
    began: Instant,
    limit: Duration,
}

/// When requests are due, at fixed times.
struct Timetable {
    /// From one to the next.
    every: Duration,
    began: Instant,
    /// Requests that are due and were not sent yet; closed when the time is over.
    due: Semaphore,
}

impl Timetable {
    /// Makes requests due by a thread of its own, until the time is over.
    fn keep(rate: f64, began: Instant, limit: Duration) -> anyhow::Result<Arc<Self>> {
        let every = Duration::from_secs_f64(1.0 / rate);
        anyhow::ensure!(!every.is_zero(), "{rate} a second is too much");
        let timetable = Arc::new(Self {
            every,
            began,
            due: Semaphore::new(0),
        });
        let kept = Arc::clone(&timetable);
        let keep = move || {
            let mut released = 0;
            while began.elapsed() < limit {
                let due = began.elapsed().as_nanos() / every.as_nanos();
                // The first is due at once.
                let due = usize::try_from(due + 1).unwrap_or(usize::MAX);
                kept.due.add_permits(due - released);
                released = due;
                thread::sleep(TICK);
            }
            kept.due.close();
        };
        thread::Builder::new()
            .name("timetable".to_owned())
            .spawn(keep)?;
        Ok(timetable)
    }

    /// Waits until a request is due; answers since when, or nothing when the time is over.
    async fn next(&self, turn: &AtomicUsize) -> Option<(usize, Instant)> {
        self.due.acquire().await.ok()?.forget();
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let due = self.every * u32::try_from(turn).unwrap_or(u32::MAX);
        Some((turn, self.began + due))
    }
}

impl Sender {
    async fn run(mut self) -> Outcome {
        let mut outcome = Outcome::default();
        let mut buffer = vec![0; ANSWER_BYTES];
        while self.began.elapsed() < self.limit {
            let Some((turn, since)) = self.next_turn().await else {
                break;
            };
            if turn >= self.requests.len() {
                break;
            }
            let answer = exchange(&mut self.stream, &self.requests[turn], &mut buffer).await;
            match answer {
                Ok(200) => {
                    outcome.latencies.add(since.elapsed());
                    outcome.acknowledged.push(turn);
                }
                Ok(status) => *outcome.refused.entry(status).or_default() += 1,
                Err(error) => {
                    outcome.broken.push(error.to_string());
                    break;
                }
            }
            outcome.took = self.began.elapsed();
        }
        outcome
    }

    /// Which request is next, and since when its answer is waited for; nothing when the time is over.
    async fn next_turn(&self) -> Option<(usize, Instant)> {
        match &self.timetable {
            Some(timetable) => timetable.next(&self.turn).await,
            None => Some((self.turn.fetch_add(1, Ordering::Relaxed), Instant::now())),
        }
    }
}

/// Sends a request and reads the whole answer; answers its status.
async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut [u8],
) -> anyhow::Result<u16> {
    stream.write_all(request).await?;
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(
            read > 0,
            "the connection was closed, or the answer is too long"
        );
        filled += read;
        if let Some(answer) = Answer::parse(&buffer[..filled])? {
            let rest = (answer.bytes).saturating_sub(filled);
            skip(stream, rest, buffer).await?;
            return Ok(answer.status);
        }
    }
}

async fn skip(stream: &mut TcpStream, mut bytes: usize, buffer: &mut [u8]) -> anyhow::Result<()> {
    while bytes > 0 {
        let room = bytes.min(buffer.len());
        let read = stream.read(&mut buffer[..room]).await?;
        anyhow::ensure!(read > 0, "the answer ended too soon");
        bytes -= read;
    }
    Ok(())
}

/// What matters of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Its length with head and body.
    bytes: usize,
}

impl Answer {
    /// `None` while the head is not complete.
    fn parse(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = str::from_utf8(&bytes[..end]).context("the head is no text")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|text| text.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        Ok(Some(Self {
            status: status.context("no status")?,
            bytes: end + 4 + length.context("an answer without a length")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_it_says() {
        let whole =
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\nretry-after: 5\r\n\r\nno";
        let answer = Answer::parse(whole).unwrap().unwrap();
        assert_eq!((answer.status, answer.bytes), (503, whole.len() + 1));
        assert_eq!(Answer::parse(&whole[..20]).unwrap(), None);
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[tokio::test]
    async fn each_request_is_waited_for_since_its_own_time_until_all_are_over() {
        let (every, began, turn) = (
            Duration::from_millis(7),
            Instant::now(),
            AtomicUsize::new(0),
        );
        let due = Semaphore::new(2);
        let timetable = Timetable { every, began, due };
        assert_eq!(timetable.next(&turn).await, Some((0, began)));
        assert_eq!(timetable.next(&turn).await, Some((1, began + every)));
        timetable.due.close();
        assert_eq!(timetable.next(&turn).await, None);
    }

    #[test]
    fn only_what_was_acknowledged_throughout_counts_as_such() {
        let mut outcome = Outcome::default();
        outcome.all_acknowledged().unwrap();
        outcome.refused.insert(503, 1);
        assert!(outcome.all_acknowledged().is_err());
    }
}
