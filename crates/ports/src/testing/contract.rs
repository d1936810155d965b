//! What every store must do, one function for each behaviour, named as a sentence.
//!
//! Each function gets a fixture of its own: a store with two tenants that were set up a moment ago
//! and hold nothing. Time is handed in; where a store makes work due by its own clock (a retry, a
//! SKU that appears) the functions claim at a time that is past by any clock.

mod bench;
mod crowd;
mod holding;
mod payouts;
mod runs;
mod trouble;

pub mod activations;
pub mod alert_threads;
pub mod alerts;
pub mod api_tokens;
pub mod asked_again;
pub mod at_once;
pub mod audit;
pub mod authorisations;
pub mod calls;
pub mod claims;
pub mod completeness;
pub mod escrow;
pub mod escrow_reports;
pub mod escrow_versions;
pub mod events;
pub mod exception_desk;
pub mod exception_retries;
pub mod exception_views;
pub mod exceptions;
pub mod finishing;
pub mod forgetting;
pub mod journal;
pub mod locations;
pub mod lost_renewals;
pub mod orders;
pub mod parcels;
pub mod profile_management;
pub mod profiles;
pub mod reconciliation;
pub mod releases;
pub mod renewals;
pub mod requests;
pub mod run_attempts;
pub mod run_history;
pub mod schedules;
pub mod secrets;
pub mod sink_turns;
pub mod standing;
pub mod stock;
pub mod tokens;
pub mod transactions;
pub mod views;
pub mod watches;

use std::sync::Arc;

use hawker_domain::TenantSlug;

use crate::alerts::SinkTurns;
use crate::api_tokens::ApiTokens;
use crate::schedules::ScheduleLedger;
use crate::tenants::TenantDirectory;
use crate::views::{CompletenessViews, EscrowViews, ExceptionViews, Views};
use crate::{Store, StoreError};

/// What a behaviour comes to: it panics where it is broken and fails where the store does.
pub type Outcome = Result<(), StoreError>;

/// A store to be put to the test, empty and of its own for every behaviour.
pub trait StoreFixture: Send + Sync {
    /// The store.
    fn store(&self) -> Arc<dyn Store>;
    /// Its read models.
    fn views(&self) -> Arc<dyn Views>;
    /// The queue of exceptions, to be looked at.
    fn exception_views(&self) -> Arc<dyn ExceptionViews>;
    /// How complete it is, to be looked at.
    fn completeness(&self) -> Arc<dyn CompletenessViews>;
    /// Its payouts, to be looked at.
    fn escrow_views(&self) -> Arc<dyn EscrowViews>;
    /// The runs of its jobs.
    fn schedules(&self) -> Arc<dyn ScheduleLedger>;
    /// The turns of its alert sinks.
    fn sink_turns(&self) -> Arc<dyn SinkTurns>;
    /// Its control plane.
    fn directory(&self) -> Arc<dyn TenantDirectory>;
    /// Its bearer tokens.
    fn api_tokens(&self) -> Arc<dyn ApiTokens>;
    /// A tenant that was set up and holds nothing.
    fn tenant(&self) -> TenantSlug;
    /// Another one.
    fn other_tenant(&self) -> TenantSlug;
}

/// Expands to one `#[tokio::test]` for each behaviour of the contract. The expression makes the
/// fixture; it is evaluated inside an `async` function of every test.
#[macro_export]
macro_rules! store_contract {
    ($fixture:expr) => {
        async fn contract_fixture() -> impl $crate::testing::contract::StoreFixture {
            $fixture
        }

        $crate::store_contract! { @suites
            events: [
                a_delivery_id_with_another_content_loses_no_event,
                an_event_that_was_skipped_is_taken_over_by_a_profile_that_is_in_force,
                only_a_trusted_event_takes_over_and_only_what_was_skipped,
                a_trusted_event_is_stored_once_by_its_content,
                duplicates_within_one_call_are_found,
                events_without_a_delivery_id_are_told_apart_by_their_content,
                a_forged_event_does_not_shadow_the_genuine_one,
                the_same_event_in_the_other_environment_is_another_event,
                unverified_rows_are_counted_by_profile_and_up_to_a_bound,
                an_event_that_was_finished_as_it_was_stored_asks_for_no_work,
                a_parked_event_waits_for_a_person,
                an_unverified_event_is_never_claimed,
                an_event_is_shown_with_what_is_known_of_it,
                unverified_events_are_read_as_they_came_and_page_by_page,
                an_event_is_told_with_what_its_verification_came_to,
                an_event_that_verifies_later_becomes_work,
                an_event_that_verifies_later_than_its_repetition_is_gone,
                only_what_is_unverified_is_trusted_later,
            ]
            at_once: [
                an_event_that_is_stored_at_once_is_the_event_that_it_is_in_a_unit_of_work,
                a_delivery_id_with_another_content_loses_no_event_that_is_stored_at_once,
                an_event_that_was_skipped_is_taken_over_at_once,
                nothing_is_stored_at_once_by_profiles_that_have_changed,
                every_change_of_the_profiles_is_another_version_of_them,
                nothing_is_stored_at_once_for_a_tenant_that_does_not_exist,
            ]
            journal: [
                what_is_in_the_journal_is_filed_as_the_event_that_it_is,
                an_event_that_comes_twice_by_way_of_the_journal_is_stored_once,
                of_a_batch_with_a_repetition_nothing_is_filed_at_once,
                a_delivery_id_with_another_content_loses_no_event_that_is_filed,
                an_event_that_was_skipped_is_taken_over_when_it_is_filed,
                the_oldest_of_the_journal_are_filed_first_and_no_more_than_asked_for,
                what_was_not_committed_stays_in_the_journal,
                nothing_is_put_in_the_journal_by_profiles_that_have_changed,
                only_what_asks_for_work_is_put_in_the_journal,
                the_oldest_batch_can_be_filed_by_itself,
                    the_journal_of_a_tenant_that_does_not_exist_is_not_there,
            ]
            claims: [
                nothing_is_claimed_when_nothing_is_due,
                all_pending_events_of_an_order_are_one_piece_of_work,
                a_claim_carries_tracking_numbers_and_the_newest_hint,
                orders_that_wait_longest_are_claimed_first_and_no_more_than_asked_for,
                a_claim_takes_orders_of_one_profile_only,
                excluded_profiles_are_left_alone,
                a_leased_order_is_not_claimed_again_until_its_lease_ends,
                an_order_that_was_given_back_is_due_at_once,
                leased_orders_do_not_hide_the_work_of_another_profile,
                an_order_keeps_its_record_from_claim_to_claim,
            ]
            forgetting: [
                what_was_dealt_with_long_ago_is_forgotten,
                what_is_not_dealt_with_is_kept_whatever_its_age,
                an_inbox_is_gone_through_portion_by_portion,
                what_an_open_exception_needs_is_kept,
                an_event_that_was_forgotten_is_a_new_one_when_it_comes_again,
                what_never_verified_is_forgotten_by_its_age_alone,
                events_of_another_tenant_are_not_forgotten,
            ]
            finishing: [
                finished_events_are_not_claimed_again,
                events_that_arrive_after_the_claim_stay_pending,
                a_failed_order_counts_an_attempt_and_is_due_at_its_time,
                success_forgets_the_attempts,
                a_postponed_order_counts_no_attempt,
                a_postponed_order_is_woken_when_what_kept_it_is_over,
                a_held_order_comes_back_when_its_sku_is_added,
                an_order_held_for_two_skus_comes_back_with_either,
                an_order_held_for_a_sku_that_came_meanwhile_is_due_at_once,
                a_held_order_is_seen_with_what_it_waits_for,
                an_order_that_was_given_up_comes_back_on_retry,
                an_order_that_was_given_up_comes_back_with_a_new_event,
                a_retry_makes_a_processed_event_due_again,
                a_retry_forgets_the_attempts,
                a_retry_of_what_cannot_be_worked_on_says_so,
                a_report_after_the_lease_was_lost_changes_nothing,
            ]
            asked_again: [
                an_order_that_is_asked_for_again_is_due_at_once,
                an_order_that_is_being_worked_on_stays_leased_when_it_is_asked_for,
                an_order_without_pending_events_has_nothing_to_be_retried,
                an_order_is_found_in_each_environment_that_has_it,
            ]
            reconciliation: [
                a_profile_that_was_never_compared_has_no_watermark,
                a_watermark_never_moves_back,
                a_watermark_is_of_one_profile,
                an_order_that_was_never_seen_is_missing,
                an_order_with_another_status_differs,
                an_order_that_was_fetched_before_the_window_ended_differs,
                an_order_that_an_event_waits_for_is_not_asked_for_again,
                an_order_that_nothing_is_tried_for_is_asked_for_again,
                an_order_that_is_listed_twice_is_one_difference,
                an_empty_page_differs_in_nothing,
                orders_are_compared_within_their_environment_tenant_and_profile,
                an_order_that_was_missing_agrees_once_it_was_fetched,
            ]
            completeness: [
                a_day_differs_in_what_one_side_alone_has,
                only_what_was_placed_within_the_part_is_expected_on_its_list,
                orders_of_another_profile_are_not_expected_on_the_list,
                noting_a_day_again_changes_nothing,
                a_missing_order_that_arrives_is_no_longer_missing,
                an_unlisted_order_that_is_listed_later_is_no_difference,
                a_day_is_compared_in_parts,
                a_later_look_replaces_what_the_same_part_listed,
                an_order_that_another_profile_holds_is_missing_on_its_day,
                a_day_tells_by_which_road_and_how_late_its_orders_came,
                every_day_that_is_asked_for_is_told,
                missing_orders_are_told_of_every_profile_that_was_compared,
                days_of_another_tenant_are_not_seen,
            ]
            standing: [
                differences_stand_from_the_time_on_at_which_they_were_found,
                no_more_than_five_orders_of_a_difference_are_named,
                differences_of_a_deleted_profile_do_not_stand,
                a_missing_order_that_is_about_to_be_fetched_does_not_stand,
                what_was_told_is_told_again_only_once_it_changes,
                a_difference_that_was_told_and_is_gone_is_named_until_that_is_told,
                missing_orders_that_nothing_asks_for_are_found_a_portion_at_a_time,
            ]
            orders: [
                an_order_in_every_state_is_loaded_as_it_was_applied,
                an_order_is_loaded_as_it_was_applied_at_every_step_of_its_life,
                special_orders_are_loaded_as_they_were_applied,
                what_an_order_no_longer_has_is_gone,
                only_orders_that_the_lease_holds_are_loaded,
                a_plan_without_a_change_writes_nothing,
                a_buyer_is_one_customer_over_all_orders,
                the_steps_of_an_order_are_kept_in_order,
            ]
            parcels: [
                a_parcel_without_a_tracking_number_is_due_at_once,
                a_parcel_with_a_tracking_number_is_never_due,
                a_parcel_that_was_asked_for_is_due_again_at_its_time,
                a_time_for_a_parcel_that_is_gone_changes_nothing,
            ]
            stock: [
                a_new_tenant_has_a_place_for_stock,
                places_are_used_up_by_priority,
                a_place_whose_code_is_known_is_not_added_again,
                levels_are_the_sums_of_the_ledger,
                orders_move_the_levels_that_others_see,
                a_sku_names_the_variant_that_had_it_first,
                only_skus_that_were_asked_for_are_resolved,
            ]
            exceptions: [
                a_cause_opens_one_row_and_counts_what_follows,
                equal_causes_of_one_call_share_a_row,
                causes_that_differ_are_rows_of_their_own,
                a_cause_that_comes_back_opens_a_new_row,
                causes_that_are_gone_are_resolved_and_those_that_stand_remain,
                what_stands_is_due_when_its_order_says_so,
                classes_that_the_work_says_nothing_about_remain,
                a_clearance_concerns_its_order_alone,
                an_exception_of_a_profile_is_resolved_once_it_was_quiet,
                an_oversold_exception_is_resolved_when_enough_is_there,
            ]
            exception_desk: [
                exceptions_are_selected_by_id_also_closed_ones,
                an_exception_names_the_profile_that_its_order_came_through,
                open_exceptions_are_selected_by_what_they_have_in_common,
                a_selection_is_worked_through_in_portions,
                an_exception_is_given_to_a_person,
                a_snoozed_exception_is_out_of_sight_until_its_time,
                a_snoozed_exception_that_is_closed_is_in_sight,
                an_exception_is_closed_by_a_person,
                what_was_left_as_it_is_counts_on_and_is_not_opened_again,
                what_was_left_as_it_is_is_resolved_when_its_cause_is_gone,
                what_a_person_resolved_opens_anew_when_it_shows_again,
                decisions_are_kept_with_the_unit_of_work,
                retries_of_long_ago_are_forgotten,
                exceptions_of_another_tenant_are_not_decided_about,
            ]
            exception_retries: [
                a_retry_tells_how_it_goes,
                a_retry_that_changed_nothing_failed,
                a_retry_of_a_day_that_still_differs_when_it_is_compared_failed,
                a_retry_of_a_day_whose_orders_were_asked_for_in_vain_failed,
            ]
            exception_views: [
                exceptions_of_one_cause_are_one_group,
                a_group_tells_what_its_orders_are_worth,
                groups_that_must_be_done_first_come_first,
                groups_that_keep_everything_from_going_on_come_before_all,
                groups_that_are_left_out_are_counted,
                exceptions_are_listed_by_their_deadlines,
                groups_are_of_what_is_open_and_asked_for,
                an_exception_is_shown_with_its_history,
                what_nobody_may_see_is_absent,
                the_list_of_exceptions_is_narrowed_down,
            ]
            alert_threads: [
                an_exception_that_opens_opens_a_thread,
                exceptions_of_one_cause_are_one_thread,
                nothing_is_gathered_twice,
                of_many_that_gather_at_the_same_time_each_adds_what_no_other_did,
                what_opens_later_is_added_to_the_thread,
                a_thread_recovers_when_none_is_open_any_more,
                a_thread_goes_on_until_its_recovery_was_told,
                a_thread_whose_recovery_was_told_begins_anew,
                a_thread_of_which_nothing_was_told_begins_anew,
                what_is_out_of_sight_is_not_gathered,
                a_thread_that_is_all_out_of_sight_has_not_recovered,
                what_is_in_sight_again_is_told_anew,
                the_earliest_deadline_to_come_is_that_of_the_thread,
                orders_that_were_not_told_yet_are_named,
                what_was_left_as_it_is_is_not_told_to_be_over,
                how_much_was_told_lately_is_counted,
                threads_that_recovered_long_ago_are_forgotten,
                a_thread_is_due_when_it_is_to_be_looked_at,
                threads_are_found_as_they_stand,
                threads_that_wait_longest_are_due_first,
                of_many_that_tell_at_the_same_time_one_does,
                threads_of_another_tenant_are_not_seen,
            ]
            alerts: [
                alerts_are_due_at_once_and_oldest_first,
                a_claimed_alert_is_not_claimed_again_until_its_lease_ends,
                a_delivered_alert_is_done,
                an_alert_that_no_sink_took_is_due_again_at_its_time,
                alerts_that_were_given_back_are_due_at_once,
                an_alert_that_was_begun_is_due_at_once_and_is_not_withdrawn,
                each_sink_claims_its_own_alerts,
                alerts_of_a_thread_are_claimed_in_the_order_of_their_making,
                alerts_about_many_are_in_order_with_those_about_one,
                what_waits_about_many_is_withdrawn,
                what_waits_of_a_thread_is_withdrawn,
                alerts_of_a_sink_that_is_gone_go_to_another_one,
                alerts_that_were_delivered_long_ago_are_forgotten,
            ]
            sink_turns: [
                a_sink_is_given_one_alert_in_each_turn,
                a_sink_that_asks_for_it_is_left_alone,
                who_looks_for_a_sink_serves_it,
            ]
            escrow: [
                an_order_is_due_for_its_payout_once_it_is_completed,
                payouts_that_wait_longest_are_claimed_first,
                a_claimed_payout_is_not_claimed_again_until_its_lease_ends,
                a_finished_payout_is_not_due_any_more,
                a_postponed_payout_is_due_again_at_its_time,
                an_order_that_changes_while_it_is_claimed_stays_due,
                a_lost_claim_reports_nothing,
                a_profile_that_rests_has_nothing_due_until_then,
                a_payout_is_found_as_it_was_kept,
                a_later_payout_takes_the_place_of_an_earlier_one,
                a_payout_with_an_unreadable_text_is_kept_all_the_same,
                a_payout_that_was_captured_is_claimed_as_such,
            ]
            escrow_versions: [
                a_payout_that_is_fetched_again_unchanged_makes_no_version,
                each_change_of_a_payout_makes_a_version_with_its_cause,
                a_known_release_time_stays_known_in_later_versions,
                silence_about_adjustments_is_no_change_of_them,
                an_answer_that_was_overtaken_makes_no_version,
                payouts_that_are_kept_together_are_answered_one_by_one,
                everything_that_a_payout_is_made_of_is_kept_exactly,
                versions_are_told_of_the_live_order_where_both_environments_have_it,
            ]
            releases: [
                releases_make_due_what_is_missing_or_differs,
                a_release_is_compared_with_what_is_paid_after_adjustments,
                a_release_that_comes_before_its_payout_is_known_when_it_is_captured,
                a_release_that_was_not_known_is_a_version,
                a_release_is_noted_once,
                a_later_time_of_release_is_a_version_and_an_earlier_one_is_none,
                a_payout_that_differs_from_the_list_is_due_once_for_what_it_tells,
                completed_orders_without_a_payout_become_due,
                payouts_that_somebody_asks_for_are_due_now,
                a_payout_that_is_asked_for_while_it_is_claimed_stays_due,
                a_release_of_an_order_that_is_only_held_makes_its_payout_due,
            ]
            escrow_reports: [
                a_report_tells_what_was_released_in_its_window,
                a_payout_is_reported_with_all_that_is_known_of_it,
                a_payout_that_the_formula_is_not_for_is_not_called_unexplained,
                a_report_as_of_a_moment_is_the_same_after_later_versions,
                a_report_as_of_the_moment_of_a_version_has_it,
                a_report_by_placing_tells_payouts_that_are_not_released_too,
                a_report_is_of_one_environment_and_of_a_profile_if_it_is_named,
                totals_are_told_by_currency,
            ]
            profiles: [
                the_first_profile_of_an_environment_becomes_active,
                the_first_environment_is_in_force,
                saving_a_profile_again_replaces_what_it_says,
                a_secret_that_is_not_given_stays_as_it_is,
                a_push_key_that_is_replaced_stays_as_the_previous_one,
                a_profile_is_called_with_the_token_of_its_shop,
                a_token_pair_is_replaced_by_a_newer_one,
                a_profile_shows_its_open_signature_mismatch,
                the_directory_knows_whose_a_profile_is,
                a_profile_cannot_be_taken_from_another_tenant,
            ]
            profile_management: [
                a_profile_is_found_as_it_was_put,
                a_profile_that_is_put_again_is_as_it_was_put_last,
                a_profile_that_was_saved_is_managed_like_any_other,
                every_change_increases_the_version,
                profiles_are_told_oldest_first_and_deleted_ones_if_asked_for,
                a_deleted_profile_is_found_and_not_used,
            ]
            activations: [
                two_profiles_of_an_environment_are_never_active,
                activations_at_the_same_time_leave_one_profile_active,
                of_many_that_lock_one_finds_nothing,
                an_environment_is_chosen_to_work_in,
                profiles_of_another_tenant_are_not_managed,
            ]
            tokens: [
                a_pair_is_found_as_it_was_kept,
                pairs_of_a_connector_are_told_in_the_order_of_shops,
                a_pair_that_a_seller_gave_anew_takes_the_place_of_the_older_one,
                a_pair_of_no_profile_is_refused,
                a_withdrawn_pair_is_good_for_no_call,
                a_withdrawal_never_touches_a_newer_authorisation,
                a_pair_that_was_renewed_meanwhile_is_not_withdrawn,
                a_withdrawal_concerns_the_shops_that_it_names,
                ends_of_authorisations_are_noted_for_their_shops,
                pairs_of_another_tenant_are_not_seen,
            ]
            renewals: [
                of_many_callers_one_gets_the_right_to_renew,
                a_right_is_taken_for_the_pair_that_was_read,
                a_right_whose_taking_was_not_committed_is_free,
                a_renewed_pair_takes_the_place_of_the_older_one,
                a_failed_renewal_leaves_the_pair_as_it_was,
                a_dead_pair_says_why,
                a_right_is_given_back_once,
            ]
            lost_renewals: [
                a_renewal_whose_answer_was_lost_leaves_the_pair_in_doubt,
                a_doubt_counts_from_the_first_and_ends_with_a_new_pair_alone,
                a_right_that_ran_out_is_taken_over_and_the_pair_is_in_doubt,
                of_many_callers_one_takes_over_a_right_that_ran_out,
                a_renewal_that_lost_its_right_tells_of_no_failure,
                a_new_pair_is_stored_whoever_took_over_in_the_meantime,
                whoever_took_over_stores_nothing_beside_the_new_pair,
                a_dead_end_of_a_pair_that_was_revoked_leaves_it_revoked,
                a_renewal_that_took_too_long_is_stored_unless_somebody_took_over,
                a_new_authorisation_ends_the_renewal_of_the_older_pair,
                a_pair_that_was_withdrawn_during_its_renewal_stays_withdrawn,
                a_renewal_is_no_new_authorisation,
            ]
            authorisations: [
                a_nonce_is_good_once,
                of_many_that_bring_a_nonce_one_goes_on,
                a_nonce_that_is_too_old_is_expired,
                a_nonce_that_was_never_given_out_is_unknown,
                a_redemption_that_was_not_committed_uses_nothing_up,
                what_ended_more_than_a_day_ago_is_forgotten,
                nonces_of_another_tenant_are_unknown,
            ]
            locations: [
                warehouses_are_told_as_they_were_fetched,
                what_is_fetched_again_replaces_what_was_kept,
                the_default_stays_the_default_as_long_as_it_exists,
                a_default_is_chosen_among_what_there_is,
                a_warehouse_that_is_named_twice_is_kept_once,
                locations_of_one_profile_are_not_those_of_another,
                locations_of_another_tenant_are_not_seen,
            ]
            watches: [
                a_profile_that_was_never_looked_at_is_due,
                no_more_profiles_are_claimed_than_asked_for,
                of_many_processes_one_looks,
                deleted_profiles_are_not_looked_at,
                what_happens_to_an_authorisation_makes_its_environment_due,
                what_was_seen_of_a_profile_is_told,
                a_profile_that_was_looked_at_is_due_when_the_look_says,
                what_happens_during_a_look_has_the_profile_looked_at_again,
                warehouses_of_another_shop_are_forgotten,
                a_profile_that_was_never_claimed_can_be_noted,
                profiles_of_another_tenant_are_not_looked_at,
            ]
            calls: [
                calls_are_told_newest_first_and_no_more_than_asked_for,
                the_newest_calls_of_each_profile_are_kept,
                calls_of_profiles_that_do_not_exist_are_left_out,
                processes_that_record_at_the_same_time_get_on,
                calls_of_another_tenant_are_not_seen,
            ]
            audit: [
                an_entry_is_shown_as_it_was_recorded,
                entries_are_listed_newest_first_and_page_by_page,
                entries_are_filtered,
                an_entry_of_a_deed_that_was_not_committed_is_not_there,
                entries_of_another_tenant_are_not_seen,
            ]
            secrets: [
                every_secret_is_met_once_and_in_order,
                a_walk_goes_on_where_it_stopped,
                a_secret_that_was_sealed_anew_takes_the_place_of_the_old_one,
                a_secret_that_was_changed_meanwhile_is_left_alone,
                secrets_of_another_tenant_are_neither_met_nor_replaced,
            ]
            requests: [
                a_request_is_new_once,
                an_answer_is_given_again,
                a_key_that_was_used_for_another_request_says_so,
                of_many_that_send_a_request_at_the_same_time_one_works_on_it,
                a_request_that_was_abandoned_is_begun_anew,
                a_request_that_was_forgotten_can_be_tried_again,
                keys_of_different_bearers_have_nothing_to_do_with_each_other,
                a_request_is_known_for_a_day,
                a_request_whose_beginning_was_not_committed_is_new,
                requests_of_another_tenant_are_not_known,
            ]
            api_tokens: [
                a_token_is_found_by_its_digest,
                an_unknown_digest_is_nobodys,
                the_tokens_of_a_tenant_are_listed_newest_first,
                a_revoked_token_is_told_as_revoked,
                a_token_of_another_tenant_cannot_be_revoked,
                the_use_of_a_token_is_noted_to_within_a_minute,
                two_tokens_never_share_a_digest,
                a_token_of_a_tenant_that_does_not_exist_is_not_kept,
            ]
            schedules: [
                a_slot_has_one_run_whoever_asks_for_it,
                of_many_that_enqueue_a_slot_one_does,
                the_latest_slot_of_each_scope_is_told,
                the_run_that_waits_longest_is_claimed_first,
                never_are_two_runs_of_a_scope_claimed,
                of_many_processes_one_runs_a_scope,
                a_run_is_claimed_by_its_id_if_it_is_queued,
                a_run_of_a_process_that_died_is_taken_over,
                a_run_that_is_kept_alive_is_not_taken_over,
                what_a_run_reached_is_told_to_its_next_attempt,
                a_claim_that_was_lost_tells_nothing,
                a_run_that_is_tried_again_is_due_at_its_time,
                a_run_that_is_over_is_not_claimed_again,
            ]
            run_attempts: [
                only_failures_of_a_run_are_counted_as_such,
                an_attempt_that_is_given_back_is_not_counted,
                a_run_tells_how_often_it_was_taken_over,
            ]
            run_history: [
                a_run_is_shown_as_it_went,
                runs_are_listed_for_a_tenant_newest_first_and_page_by_page,
                runs_that_were_over_long_ago_are_forgotten,
                the_latest_slot_is_known_whatever_is_forgotten,
                the_newest_run_of_each_scope_is_told,
                a_run_for_several_tenants_tells_none_of_them_the_details,
            ]
            transactions: [
                a_unit_of_work_sees_what_it_wrote,
                what_is_not_committed_is_not_seen,
                a_dropped_unit_of_work_leaves_nothing,
                a_failed_write_poisons_the_unit_of_work,
                a_tenant_that_does_not_exist_cannot_be_worked_on,
                rows_of_another_tenant_are_not_seen,
            ]
            views: [
                events_are_listed_newest_first_and_page_by_page,
                events_are_filtered,
                events_are_counted_up_to_a_bound,
                orders_are_filtered,
                exceptions_are_filtered,
                the_backlog_tells_how_much_work_waits,
                a_backlog_is_counted_up_to_a_limit,
                what_does_not_exist_is_absent,
            ]
        }
    };
    (@suites $($suite:ident: [$($behaviour:ident,)*])*) => {
        $(mod $suite {
            $(
                #[tokio::test]
                async fn $behaviour() -> $crate::testing::contract::Outcome {
                    let fixture = super::contract_fixture().await;
                    $crate::testing::contract::$suite::$behaviour(&fixture).await
                }
            )*
        })*
    };
}
