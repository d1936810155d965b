//! Whether requests should be sent to this process, check by check, each with its own words.

use std::sync::Arc;
use std::time::Duration;

use hawker_ports::tenants::{Readiness, StoreHealth};
use hawker_ports::{SealError, Sealer};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

/// How long the database may take to answer before it counts as away.
const DATABASE_TIME_MAX: Duration = Duration::from_secs(2);

/// How long a report is given out again. Anybody may ask, and the database should not feel it.
const REPORT_FRESH: Duration = Duration::from_secs(1);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct Report {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// What was looked at.
    checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReadinessCheck)]
struct Check {
    /// What was looked at.
    name: &'static str,
    /// Whether it is as it should be.
    ok: bool,
    /// In words.
    detail: String,
}

impl Check {
    fn passed(name: &'static str, detail: &str) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.to_owned(),
        }
    }

    fn failed(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            detail: detail.into(),
        }
    }
}

impl Report {
    fn of(checks: Vec<Check>) -> Self {
        let is_ready = checks.iter().all(|check| check.ok);
        Self {
            status: if is_ready { "ready" } else { "not_ready" },
            checks,
        }
    }

    pub(crate) fn stopping() -> Self {
        Self::of(vec![Check::failed("service", "the service is stopping")])
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

/// Makes reports, one at a time.
pub(crate) struct ReadinessProbe {
    health: Arc<dyn StoreHealth>,
    sealer: Arc<dyn Sealer>,
    latest: Mutex<Option<(Instant, Report)>>,
}

impl ReadinessProbe {
    pub(crate) fn over(health: Arc<dyn StoreHealth>, sealer: Arc<dyn Sealer>) -> Self {
        Self {
            health,
            sealer,
            latest: Mutex::new(None),
        }
    }

    pub(crate) async fn report(&self) -> Report {
        // Held while asking: whoever comes meanwhile gets this answer instead of asking again.
        let mut latest = self.latest.lock().await;
        if let Some((at, report)) = &*latest
            && at.elapsed() < REPORT_FRESH
        {
            return report.clone();
        }
        let [database, migrations] = self.store().await;
        let key = self.key(migrations.ok).await;
        let report = Report::of(vec![database, migrations, key]);
        *latest = Some((Instant::now(), report.clone()));
        report
    }

    async fn store(&self) -> [Check; 2] {
        const DATABASE: &str = "database";
        const MIGRATIONS: &str = "migrations";
        let reachable = || Check::passed(DATABASE, "the database answers");
        match tokio::time::timeout(DATABASE_TIME_MAX, self.health.readiness()).await {
            Ok(Ok(Readiness::Ready)) => [
                reachable(),
                Check::passed(MIGRATIONS, "the schema is up to date"),
            ],
            Ok(Ok(Readiness::MigrationsPending { pending })) => {
                let detail = format!("{pending} migrations are pending: run `hawker migrate`");
                [reachable(), Check::failed(MIGRATIONS, detail)]
            }
            Ok(Err(error)) => {
                // The cause may name hosts and users: it is for the log, not for whoever asks.
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(event = "readiness.failed", %error, cause);
                let unknown = Check::failed(MIGRATIONS, "not known while the database is away");
                [Check::failed(DATABASE, error.to_string()), unknown]
            }
            Err(_) => {
                let unknown = Check::failed(MIGRATIONS, "not known while the database is away");
                [
                    Check::failed(DATABASE, "the database does not answer in time"),
                    unknown,
                ]
            }
        }
    }

    /// Seals something of no meaning and opens it again; opens a secret that is stored, where the
    /// store can be asked for one.
    async fn key(&self, is_store_ready: bool) -> Check {
        const KEY: &str = "key";
        const PROBE: &str = "readiness";
        let opened = || -> Result<SecretString, SealError> {
            self.sealer
                .open(&self.sealer.seal(&SecretString::from(PROBE))?)
        };
        match opened() {
            Ok(secret) if secret.expose_secret() == PROBE => {}
            Ok(_) => return Check::failed(KEY, "a secret came back as something else"),
            Err(error) => return Check::failed(KEY, error.to_string()),
        }
        if is_store_ready {
            match tokio::time::timeout(DATABASE_TIME_MAX, self.health.stored_secret()).await {
                Ok(Ok(Some(stored))) => {
                    if let Err(error) = self.sealer.open(&stored) {
                        return Check::failed(KEY, error.to_string());
                    }
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => return Check::failed(KEY, error.to_string()),
                Err(_) => return Check::failed(KEY, "the stored secrets cannot be read in time"),
            }
        }
        Check::passed(KEY, "secrets can be sealed and opened")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use async_trait::async_trait;
    use hawker_ports::StoreError;
    use hawker_ports::sealing::Sealed;
    use hawker_ports::testing::PlainSealer;

    use super::*;

    type Answer = Result<Readiness, StoreError>;

    /// Gives these answers, one for each question, and then none.
    struct Health(StdMutex<Vec<Answer>>, Option<Sealed>);

    #[async_trait]
    impl StoreHealth for Health {
        async fn readiness(&self) -> Answer {
            let next = self.0.lock().expect("unpoisoned").pop();
            match next {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }

        async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError> {
            Ok(self.1.clone())
        }
    }

    struct BrokenSealer;

    impl Sealer for BrokenSealer {
        fn seal(&self, _: &SecretString) -> Result<Sealed, SealError> {
            Err(SealError::Failed)
        }

        fn open(&self, _: &Sealed) -> Result<SecretString, SealError> {
            Err(SealError::Failed)
        }

        fn is_in_force(&self, _: &Sealed) -> Result<bool, SealError> {
            Err(SealError::Failed)
        }
    }

    fn probe(answers: Vec<Answer>, sealer: impl Sealer + 'static) -> ReadinessProbe {
        with_stored(answers, None, sealer)
    }

    fn with_stored(
        answers: Vec<Answer>,
        stored: Option<Sealed>,
        sealer: impl Sealer + 'static,
    ) -> ReadinessProbe {
        let health = Health(StdMutex::new(answers), stored);
        ReadinessProbe::over(Arc::new(health), Arc::new(sealer))
    }

    #[tokio::test]
    async fn a_master_secret_that_does_not_open_what_is_stored_is_told() {
        let sealed_elsewhere = Sealed::from_stored("v1:sealed-elsewhere".into());
        let probe = with_stored(
            vec![Ok(Readiness::Ready)],
            Some(sealed_elsewhere),
            PlainSealer,
        );
        let key = details(&probe).await.pop().expect("a check of the key");
        assert_eq!((key.0, key.1), ("key", false));
        assert!(key.2.contains("JWT_SECRET"), "{}", key.2);
    }

    async fn details(probe: &ReadinessProbe) -> Vec<(&'static str, bool, String)> {
        let checks = probe.report().await.checks.into_iter();
        checks
            .map(|check| (check.name, check.ok, check.detail))
            .collect()
    }

    #[tokio::test]
    async fn a_service_with_everything_in_place_is_ready() {
        let report = probe(vec![Ok(Readiness::Ready)], PlainSealer)
            .report()
            .await;
        assert!(report.is_ready());
        assert_eq!(report.status, "ready");
    }

    #[tokio::test]
    async fn pending_migrations_say_what_to_run() {
        let probe = probe(
            vec![Ok(Readiness::MigrationsPending { pending: 3 })],
            PlainSealer,
        );
        let checks = details(&probe).await;
        let expected = "3 migrations are pending: run `hawker migrate`".to_owned();
        assert_eq!(checks[1], ("migrations", false, expected));
        assert!(checks[0].1 && checks[2].1);
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_told_without_its_cause() {
        let away = StoreError::Unavailable("password for hawker@db.internal".into());
        let report = probe(vec![Err(away)], PlainSealer).report().await;
        assert!(!report.is_ready());
        let shown = format!("{report:?}");
        assert!(
            shown.contains("cannot be reached") && !shown.contains("db.internal"),
            "{shown}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_does_not_answer_is_given_up() {
        let checks = details(&probe(Vec::new(), PlainSealer)).await;
        assert_eq!(checks[0].2, "the database does not answer in time");
    }

    #[tokio::test]
    async fn a_key_that_does_not_work_is_told() {
        let checks = details(&probe(vec![Ok(Readiness::Ready)], BrokenSealer)).await;
        assert_eq!(
            checks[2],
            ("key", false, "the secret could not be sealed".to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_is_given_out_again_for_a_second_and_then_made_anew() {
        let pending = Readiness::MigrationsPending { pending: 1 };
        let probe = probe(vec![Ok(Readiness::Ready), Ok(pending)], PlainSealer);
        assert!(!probe.report().await.is_ready());
        assert!(!probe.report().await.is_ready());
        tokio::time::advance(REPORT_FRESH).await;
        assert!(probe.report().await.is_ready());
    }
}
