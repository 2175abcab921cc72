//! Each fault, and a case that finds it.

use std::panic::catch_unwind;

use vestibule_conformance::{Case, Fixture, run};

use crate::broken::{Fault, store};

/// How often a fault may hide: whether two tasks meet is up to the scheduler.
const TRIES: usize = 5;

/// Whether the suite sees the fault.
fn is_seen(fault: Fault, fixture: Fixture, case: Case) -> bool {
    (0..TRIES).any(|_| fails(fault, fixture, case))
}

/// Whether the case fails on a store with the fault.
fn fails(fault: Fault, fixture: Fixture, case: Case) -> bool {
    catch_unwind(|| run(fixture, &[], async |fixture| store(fixture, fault), case)).is_err()
}

macro_rules! teeth {
    ($($test:ident: $fault:ident fails $module:ident::$case:ident with $fixture:ident;)*) => {
        $(
            #[test]
            fn $test() {
                let fixture = Fixture::$fixture(stringify!($case));
                let case: Case = |store| {
                    Box::pin(async move { vestibule_conformance::$module::$case(&store).await })
                };

                assert!(is_seen(Fault::$fault, fixture, case), "the suite does not see {:?}", Fault::$fault);
                assert!(!fails(Fault::None, fixture, case));
            }
        )*
    };
}

teeth! {
    extra_columns_that_are_dropped_are_seen:
        CreateDropsExtra fails extra::extra_columns_of_a_user_travel with columns;
    a_null_that_becomes_the_default_is_seen:
        CreateTakesNullForDefault fails extra::a_given_null_is_not_the_default with columns;
    undeclared_columns_that_are_swallowed_are_seen:
        CreateDropsUndeclared fails extra_values::undeclared_columns_are_refused with closed_columns;
    a_second_user_with_an_address_is_seen:
        CreateAcceptsTakenEmail fails users::an_email_address_is_taken_once with plain;
    a_second_winner_of_an_address_is_seen:
        CreateAcceptsTakenEmail fails races::one_of_many_takes_an_email_address with plain;
    a_user_that_is_left_without_its_account_is_seen:
        CreateInTwoSteps fails users::no_user_is_created_with_a_linked_account with plain;
    users_that_are_left_without_the_account_are_seen:
        CreateInTwoSteps fails races::one_of_many_users_gets_the_account with plain;
    an_operation_that_is_left_half_done_is_seen:
        CreateInTwoSteps fails meetings::an_abandoned_operation_is_done_whole_or_not_at_all with plain;
    a_user_that_is_left_without_its_session_is_seen:
        SignsUpInTwoSteps fails sign_ups::nobody_is_signed_up_with_a_taken_token with plain;
    users_that_are_left_without_the_session_are_seen:
        SignsUpInTwoSteps fails sign_ups::one_of_many_signs_up_with_a_token with plain;
    a_sign_up_that_is_left_half_done_is_seen:
        SignsUpInTwoSteps fails sign_ups::an_abandoned_sign_up_is_done_whole_or_not_at_all with plain;
    text_that_is_cut_at_nul_is_seen:
        CutsAtNul fails limits::nul_is_kept_or_refused with plain;
    a_lookup_that_is_cut_at_nul_is_seen:
        CutsAtNul fails limits::lookups_with_nul_find_nothing with plain;
    addresses_compared_without_case_are_seen:
        EmailIgnoresCase fails users::email_addresses_are_compared_exactly with plain;
    a_malformed_id_that_is_an_error_is_seen:
        MalformedIdIsAnError fails ids::a_malformed_serial_id_names_nobody with serial_ids;
    lost_updates_are_seen:
        UpdateWritesWholeRow fails meetings::changes_to_different_columns_all_survive with plain;
    a_ghost_user_is_seen:
        UpdateMakesGhost fails user_updates::an_update_makes_no_ghost with plain;
    a_null_that_is_not_written_is_seen:
        UpdateTakesNullForKeep fails user_updates::an_update_can_set_null with plain;
    an_account_that_changes_hands_is_seen:
        LinkOverwrites fails accounts::an_account_is_linked_once with plain;
    a_second_winner_of_an_account_is_seen:
        LinkOverwrites fails races::one_of_many_links_an_account with plain;
    lost_provider_tokens_are_seen:
        LinkDropsTokens fails accounts::a_linked_account_is_returned_whole with plain;
    accounts_out_of_order_are_seen:
        ListsAccountsBackwards fails accounts::accounts_are_listed_in_order with plain;
    an_account_that_stays_linked_is_seen:
        UnlinkForgets fails accounts::an_account_is_unlinked_once with plain;
    a_second_winner_of_an_unlinking_is_seen:
        UnlinkForgets fails races::one_of_many_deletes with plain;
    lost_milliseconds_are_seen:
        CreateCutsToSeconds fails sessions::a_session_expiry_keeps_its_precision with plain;
    expired_sessions_that_are_hidden_are_seen:
        FindsOnlyLiveSessions fails sessions::an_expired_session_is_found with plain;
    orphans_are_seen:
        OrphanSessions fails meetings::a_deleted_user_leaves_no_orphan with plain;
    a_revived_session_is_seen:
        TouchRevives fails meetings::a_deleted_session_is_not_revived with plain;
    sessions_that_are_revived_after_signing_out_everywhere_are_seen:
        TouchRevives fails meetings::deleted_sessions_of_a_user_are_not_revived with plain;
    an_expired_session_that_stays_is_seen:
        TouchKeepsExpired fails sessions::a_touch_drops_an_expired_session with plain;
    an_extension_a_millisecond_late_is_seen:
        TouchIsLate fails sessions::a_due_session_is_extended with plain;
    a_session_that_is_shortened_is_seen:
        TouchShortens fails sessions::a_touch_never_shortens_a_session with plain;
    a_ghost_session_is_seen:
        UpdateSessionMakesGhost fails sessions::an_unknown_session_is_none with plain;
    sessions_out_of_order_are_seen:
        ListsShortestFirst fails sessions::sessions_are_listed_longest_first with plain;
    a_listed_token_that_ends_nothing_is_seen:
        ListsUselessTokens fails sessions::a_listed_session_is_deleted_by_its_token with plain;
    a_session_that_is_not_kept_is_seen:
        KeepsNoSession fails sessions::all_sessions_but_one_are_deleted with plain;
    a_session_sweep_a_millisecond_late_is_seen:
        SweepsSessionsLate fails sessions::expired_sessions_are_deleted with plain;
    a_session_sweep_without_limit_is_seen:
        SweepsWithoutLimit fails sessions::the_limit_bounds_deleted_sessions with plain;
    a_token_sweep_without_limit_is_seen:
        SweepsWithoutLimit fails tokens::the_limit_bounds_deleted_tokens with plain;
    a_lease_sweep_without_limit_is_seen:
        SweepsWithoutLimit fails leases::the_limit_bounds_swept_leases with plain;
    a_second_winner_of_a_token_is_seen:
        ConsumeReadsThenDeletes fails races::one_of_many_consumes_a_token with plain;
    expired_tokens_that_are_hidden_are_seen:
        ConsumeHidesExpired fails tokens::an_expired_token_is_consumed_too with plain;
    tokens_compared_without_case_are_seen:
        ConsumeIgnoresCase fails tokens::a_token_is_bound_to_its_exact_identifier with plain;
    a_token_that_takes_others_along_is_seen:
        ConsumeDeletesAllOfIdentifier fails tokens::tokens_are_independent with plain;
    a_token_that_is_overwritten_is_seen:
        CreateTokenOverwrites fails tokens::a_token_exists_once with plain;
    a_second_creator_of_a_token_is_seen:
        CreateTokenOverwrites fails races::one_of_many_creates_a_token with plain;
    a_token_sweep_a_millisecond_early_is_seen:
        SweepsTokensEarly fails tokens::expired_tokens_are_deleted with plain;
    a_second_holder_of_a_lease_is_seen:
        LeaseIsNoLock fails leases::a_held_lease_is_not_taken with plain;
    a_second_winner_of_a_lease_is_seen:
        LeaseIsNoLock fails races::one_of_many_takes_a_lease with plain;
    a_lease_held_a_millisecond_too_long_is_seen:
        LeaseIsHeldTooLong fails leases::an_expired_lease_is_taken_over with plain;
    a_lease_released_by_a_stranger_is_seen:
        ReleasesAnyLease fails leases::a_lost_lease_is_not_released with plain;
    a_second_release_of_a_lease_is_seen:
        ReleasesAnyLease fails races::one_of_many_releases_a_lease with plain;
    a_counter_that_advances_twice_is_seen:
        CounterReadsThenWrites fails races::one_of_many_advances_a_counter with authenticators;
    a_counter_that_advances_from_anywhere_is_seen:
        AnyCounterWillDo fails authenticators::a_counter_advances_from_the_expected_value with authenticators;
}
