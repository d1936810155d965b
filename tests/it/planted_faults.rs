//! The proof is itself tested: each fault that is planted makes it fail, by the check that is for it.

use std::time::Duration;

use hawker_app::planted_faults::{PlantedFault, VARIABLE};
use hawker_shopee_emulator::{CallChaos, Chaos, PushChaos};
use hawker_tests::prove::{Kind, Proof, Report, Setup, Sizes};

const ORDERS: &str = "every order exactly once and right";
const STOCK: &str = "stock to the piece, by the ledger";
const PAYOUTS: &str = "payouts as the platform pays, to the cent";
const EVENTS: &str = "every event accounted for, once";
const LOST_AND_FORGED: &str = "lost pushes are here, forged ones inert";
const DAYS: &str = "no order of any day is missing";
const EXCEPTIONS: &str = "every exception is closed or explained";
const ALERTS: &str = "every alert heard, and once";
const LEASES: &str = "nothing is leased";
const RUNS: &str = "no run of a job is stuck";

/// What goes wrong with pushes and calls, so that the fault matters.
fn weather(fault: Option<PlantedFault>) -> Chaos {
    let usual = PushChaos {
        lose: 0.1,
        vanish: 0.1,
        duplicate: 0.3,
        forge: 0.2,
        ..PushChaos::default()
    };
    let pushes = match fault {
        // Only lists tell.
        Some(PlantedFault::SkipAhead | PlantedFault::DropListedOrders) => PushChaos {
            vanish: 1.0,
            ..PushChaos::default()
        },
        // Every step of every order is seen.
        Some(PlantedFault::ForgetRelease | PlantedFault::DeductTwice) => PushChaos::default(),
        _ => usual,
    };
    Chaos {
        seed: 1,
        pushes,
        calls: CallChaos {
            server_error: 0.05,
            edge_html: 0.05,
            truncated: 0.05,
            ..CallChaos::default()
        },
        ..Chaos::default()
    }
}

/// A small proof within this process, in which nobody is killed.
async fn prove(fault: Option<PlantedFault>) -> Report {
    let is_of_lists = fault == Some(PlantedFault::SkipAhead);
    let setup = Setup {
        sizes: Sizes {
            // The plan of this one has orders that only the list of changes tells of.
            seed: if is_of_lists { 6 } else { 4 },
            // Some of these have to be under way since before yesterday.
            orders: if is_of_lists { 90 } else { 30 },
            kills: 0,
            restarts: 0,
            cuts: 0,
            chaos: 0,
        },
        kind: Kind::Inside,
        owns_database: false,
        pace: Duration::from_millis(10),
        patience: Duration::from_secs(if fault.is_some() { 6 } else { 60 }),
        weather: Some(weather(fault)),
        // Something has to be over of which somebody was told.
        has_late_card: matches!(fault, None | Some(PlantedFault::ForgetRecovery)),
        settings: fault
            .map(|fault| (VARIABLE.to_owned(), fault.as_str().to_owned()))
            .into_iter()
            .collect(),
    };
    let proof = Proof::prepare(setup).await.expect("a proof");
    let report = proof.run(&mut |_| {}).await;
    report.expect("it is led to its end")
}

async fn is_found(fault: PlantedFault, by: &str) {
    let report = prove(Some(fault)).await;
    let failed = report.failed();
    assert!(
        failed.contains(&by),
        "{fault:?} is not found by `{by}`:\n{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_planted_fault_the_small_proof_holds() {
    let report = prove(None).await;
    assert!(report.holds(), "{report}");
}

macro_rules! found {
    ($($test:ident: $fault:ident by $check:ident;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                is_found(PlantedFault::$fault, $check).await;
            }
        )+

        #[test]
        fn every_fault_that_can_be_planted_is_looked_for() {
            let looked_for = [$(PlantedFault::$fault,)+];
            for fault in PlantedFault::ALL {
                assert!(looked_for.contains(fault), "{fault:?}");
            }
        }
    };
}

found! {
    a_repetition_that_becomes_an_event_is_found: SkipDedupe by EVENTS;
    a_lost_push_that_is_confirmed_too_soon_is_found: ConfirmLostFirst by LOST_AND_FORGED;
    a_push_that_is_acknowledged_and_not_stored_is_found: AcknowledgeWithoutStoring by EVENTS;
    a_stale_snapshot_that_is_believed_is_found: IgnoreUpdateTime by ORDERS;
    a_claim_that_does_not_last_is_found: DropLease by ALERTS;
    a_release_that_is_forgotten_is_found: ForgetRelease by STOCK;
    a_deduction_that_is_made_twice_is_found: DeductTwice by STOCK;
    an_order_that_is_overlooked_in_a_list_is_found: DropListedOrders by DAYS;
    a_change_of_a_payout_that_is_swallowed_is_found: SwallowVersion by PAYOUTS;
    an_alert_that_is_lost_is_found: LoseAlert by ALERTS;
    an_alert_that_is_told_twice_is_found: DoubleAlert by ALERTS;
    an_exception_of_which_nobody_is_told_is_found: NeverTell by ALERTS;
    an_end_of_trouble_that_is_kept_from_everybody_is_found: ForgetRecovery by ALERTS;
    an_exception_that_is_never_cleared_is_found: NeverClear by EXCEPTIONS;
    a_forged_push_that_is_believed_is_found: TrustForged by LOST_AND_FORGED;
    an_amount_that_lost_its_cents_is_found: RoundMoney by PAYOUTS;
    a_stretch_of_time_that_is_skipped_is_found: SkipAhead by ORDERS;
    a_run_that_never_ends_is_found: LeaveRunRunning by RUNS;
    work_that_is_never_finished_is_found: ForgetToFinish by LEASES;
    a_payout_that_is_never_kept_is_found: ForgetPayout by PAYOUTS;
}
