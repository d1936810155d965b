use hawker_ports::testing::InMemoryStore;

use super::*;
use crate::testing::{tenant, unavailable};

fn profile(id: &str) -> ProfileId {
    ProfileId::parse(id).expect("a profile id")
}

fn call(of: &str, number: usize) -> RecordedCall {
    RecordedCall {
        profile: profile(of),
        at: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(number.try_into().unwrap()),
        endpoint: "order/get_order_detail".into(),
        result: "ok".into(),
        code: None,
        request_id: Some(format!("request-{number}")),
        took: Duration::from_millis(12),
        clock_skew_s: Some(0),
    }
}

/// `prof_a` is of the tenant `a`, and so on; `prof_gone` is nobody's.
struct Owners;

#[async_trait]
impl TenantDirectory for Owners {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(vec![tenant("a"), tenant("b")])
    }

    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        let name = profile.as_str().trim_start_matches("prof_");
        Ok((name != "gone").then(|| tenant(name)))
    }
}

fn requests(calls: &VecDeque<RecordedCall>) -> Vec<&str> {
    let ids = calls.iter().map(|call| call.request_id.as_deref());
    ids.map(Option::unwrap_or_default).collect()
}

#[test]
fn a_profile_that_calls_more_than_is_kept_loses_its_oldest_calls_and_nobody_elses() {
    let calls = RecentCalls::default();
    calls.record(call("prof_b", 7));
    for number in 0..CALLS_MAX + 3 {
        calls.record(call("prof_a", number));
    }
    assert_eq!(calls.dropped(), 3);
    let of_a = calls.take(&profile("prof_a"));
    assert_eq!(of_a.len(), CALLS_MAX);
    assert_eq!(requests(&of_a).first(), Some(&"request-3"));
    assert_eq!(requests(&calls.take(&profile("prof_b"))), ["request-7"]);
}

#[test]
fn the_calls_of_endlessly_many_profiles_do_not_pile_up() {
    let calls = RecentCalls::default();
    for number in 0..PROFILES_MAX + 5 {
        calls.record(call(&format!("prof_{number}"), number));
    }
    assert_eq!(calls.profiles().len(), PROFILES_MAX);
    assert_eq!(calls.dropped(), 5);
}

#[test]
fn calls_that_were_given_back_come_before_those_that_came_meanwhile() {
    let calls = RecentCalls::default();
    calls.record(call("prof_a", 1));
    let taken = calls.take(&profile("prof_a"));
    calls.record(call("prof_a", 2));
    calls.give_back(&profile("prof_a"), taken);
    assert_eq!(
        requests(&calls.take(&profile("prof_a"))),
        ["request-1", "request-2"]
    );
}

#[tokio::test]
async fn each_tenant_gets_the_calls_of_its_own_profiles() {
    let calls = Arc::new(RecentCalls::default());
    let store = Arc::new(InMemoryStore::with_tenants([tenant("a"), tenant("b")]));
    let logging = CallLogging::new(calls.clone(), Arc::new(Owners), store.clone());
    for of in ["prof_a", "prof_b", "prof_gone"] {
        calls.record(call(of, 1));
    }
    assert_eq!(logging.run_once(&tenant("a")).await.unwrap(), 1);
    assert_eq!(calls.profiles(), [profile("prof_b")]);
    assert_eq!(logging.run_once(&tenant("b")).await.unwrap(), 1);
    assert_eq!(calls.profiles(), []);
    assert_eq!(logging.run_once(&tenant("b")).await.unwrap(), 0);
}

/// Nothing can be begun with it.
struct Away;

#[async_trait]
impl Store for Away {
    async fn begin(&self, _: &TenantSlug) -> Result<Box<dyn hawker_ports::UnitOfWork>, StoreError> {
        Err(unavailable())
    }
}

#[tokio::test]
async fn while_the_store_is_away_calls_wait() {
    let calls = Arc::new(RecentCalls::default());
    let logging = CallLogging::new(calls.clone(), Arc::new(Owners), Arc::new(Away));
    calls.record(call("prof_a", 1));
    assert!(logging.run_once(&tenant("a")).await.is_err());
    assert_eq!(requests(&calls.take(&profile("prof_a"))), ["request-1"]);
}
