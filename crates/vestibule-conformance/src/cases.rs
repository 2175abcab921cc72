//! The list of all cases: the one place that names them.

/// Hands every case, with the fixture it needs, to the macro in brackets.
///
/// In parentheses are the features without which the case does not apply.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ([$($then:tt)*] $($args:tt)*) => {
        $($then)*! {
            $($args)*
            users {
                plain () {
                    the_store_gives_a_sign_of_life
                    an_unknown_user_is_none
                    a_deleted_user_takes_its_sessions_along
                }
                plain (UsersWithoutEmail UsersWithoutName) {
                    users_may_have_nothing_but_an_id
                }
                plain (UserDetails) {
                    unicode_travels_unchanged
                    an_empty_text_is_not_null
                }
                plain (UserDetails EmailVerifiedTimes) {
                    email_verified_keeps_its_precision
                }
                plain (EmailAddresses) {
                    an_email_address_is_taken_once
                    email_addresses_are_compared_exactly
                }
                plain (EmailAddresses UserDetails) {
                    a_created_user_is_returned_whole
                }
                plain (EmailAddresses Accounts) {
                    a_user_is_created_with_its_account
                    no_user_is_created_with_a_linked_account
                    no_account_is_created_with_a_taken_email_address
                    what_a_deleted_user_had_is_free
                }
                plain (EmailAddresses Accounts SeveralAccounts) {
                    a_user_is_found_by_account
                    a_deleted_user_takes_everything_along
                }
                authenticators () {
                    a_deleted_user_takes_its_authenticators_along
                }
            }
            sign_ups {
                plain () {
                    a_user_is_signed_up_with_its_session
                }
                plain (EmailAddresses) {
                    one_of_many_signs_up_with_a_token
                }
                plain (EmailAddresses Accounts) {
                    nobody_is_signed_up_with_a_taken_email_address
                    nobody_is_signed_up_with_a_linked_account
                    nobody_is_signed_up_with_a_taken_token
                    one_of_many_signs_up_with_an_account
                    an_abandoned_sign_up_is_done_whole_or_not_at_all
                }
                plain (EmailAddresses Accounts SeveralAccounts UserDetails) {
                    a_user_is_signed_up_with_account_and_session
                }
                columns (EmailAddresses Accounts) {
                    extra_columns_of_a_sign_up_travel
                }
            }
            user_updates {
                plain (EmailAddresses) {
                    an_update_makes_no_ghost
                    an_update_may_set_the_same_email_address
                }
                plain (EmailAddresses UserDetails) {
                    an_update_changes_only_what_is_set
                    an_empty_update_only_reads
                    an_update_cannot_take_an_email_address
                }
                plain (EmailAddresses UserDetails UsersWithoutEmail UsersWithoutName EmailVerifiedTimes) {
                    an_update_can_set_null
                }
            }
            accounts {
                plain (Accounts) {
                    a_linked_account_is_returned_whole
                    an_account_without_tokens_has_none
                    an_account_is_linked_once
                    an_account_without_a_user_is_refused
                    an_unknown_account_is_none
                    an_empty_account_update_only_reads
                }
                plain (Accounts SeveralAccounts) {
                    an_account_key_is_the_exact_pair
                    an_account_is_unlinked_once
                    accounts_are_listed_in_order
                }
                plain (Accounts SeveralAccounts AnyAccountType) {
                    every_account_type_is_kept
                }
                plain (Accounts SeveralAccounts AccountTokens) {
                    expires_at_is_kept_in_whole_seconds
                    an_update_replaces_all_tokens
                }
            }
            sessions {
                plain () {
                    a_created_session_is_returned_whole
                    a_session_expiry_keeps_its_precision
                    a_session_token_is_taken_once
                    a_session_without_a_user_is_refused
                    an_expired_session_is_found
                    an_unknown_session_is_none
                    session_tokens_are_compared_exactly
                    a_touch_before_it_is_due_changes_nothing
                    a_due_session_is_extended
                    an_extension_is_told_as_it_is_kept
                    a_touch_never_shortens_a_session
                    a_session_lives_until_just_before_its_expiry
                    a_touch_drops_an_expired_session
                    a_session_update_changes_only_what_is_set
                    an_empty_session_update_only_reads
                    a_session_is_deleted_once
                    sessions_are_listed_longest_first
                    a_listed_session_is_deleted_by_its_token
                    all_sessions_of_a_user_are_deleted
                    all_sessions_but_one_are_deleted
                    expired_sessions_are_deleted
                    the_limit_bounds_deleted_sessions
                }
            }
            tokens {
                plain (VerificationTokens) {
                    a_token_is_consumed_once
                    an_expired_token_is_consumed_too
                    a_token_expiry_keeps_its_precision
                    a_token_is_bound_to_its_exact_identifier
                    a_token_exists_once
                    expired_tokens_are_deleted
                    the_limit_bounds_deleted_tokens
                }
                plain (VerificationTokens SharedTokens) {
                    tokens_are_independent
                }
            }
            leases {
                plain (Leases) {
                    a_held_lease_is_not_taken
                    a_lease_that_ends_as_it_begins_is_refused
                    an_expired_lease_is_released_by_its_holder
                    an_expired_lease_is_taken_over
                    a_released_lease_is_free
                    a_lost_lease_is_not_released
                    an_unknown_lease_is_not_released
                }
                plain (Leases VerificationTokens) {
                    expired_leases_are_swept
                    the_limit_bounds_swept_leases
                    a_lease_is_not_a_token
                }
            }
            authenticators {
                authenticators () {
                    a_created_authenticator_is_found_whole
                    a_credential_id_is_taken_once
                    an_authenticator_without_a_user_is_refused
                    an_unknown_authenticator_is_none
                    authenticators_are_listed_in_order
                    a_counter_advances_from_the_expected_value
                    an_authenticator_is_deleted_once
                }
                authenticators (LongCredentials) {
                    a_credential_id_may_have_1023_bytes
                }
                no_authenticators () {
                    authenticators_are_refused_where_there_is_no_place
                }
            }
            ids {
                serial_ids () {
                    serial_ids_are_made_by_the_database
                    a_malformed_serial_id_names_nobody
                }
                uuid_ids () {
                    a_malformed_uuid_names_nobody
                }
                uuid_ids (Accounts EmailAddresses) {
                    a_given_uuid_is_used
                    a_given_uuid_is_taken_once
                }
                text_ids () {
                    a_given_text_id_is_used
                }
                text_ids (Accounts EmailAddresses) {
                    a_given_text_id_is_taken_once
                }
            }
            extra {
                columns () {
                    extra_columns_of_a_session_travel
                    any_part_of_the_extra_columns_may_be_given
                    a_given_null_is_not_the_default
                    an_update_keeps_other_extra_columns_of_a_user
                    an_update_keeps_other_extra_columns_of_a_session
                    an_update_of_extra_columns_makes_no_ghost
                    changes_to_different_extra_columns_all_survive
                }
                columns (UserDetails) {
                    an_update_of_the_usual_columns_keeps_the_extra_ones
                }
                columns (EmailAddresses Accounts) {
                    extra_columns_of_a_user_travel
                }
                columns (Accounts) {
                    extra_columns_of_an_account_travel
                    extra_columns_of_a_first_account_travel
                    an_update_keeps_other_extra_columns_of_an_account
                }
                columns (Accounts SeveralAccounts) {
                    extra_columns_not_given_have_defaults
                }
            }
            extra_values {
                columns () {
                    json_columns_keep_every_kind_of_json
                    extra_columns_keep_extremes
                }
                columns (WideIntegers) {
                    extra_integers_have_64_bits
                }
                columns (EmailAddresses) {
                    extra_columns_keep_or_refuse_nul
                }
                closed_columns (ClosedColumns Accounts EmailAddresses UserDetails) {
                    undeclared_columns_are_refused
                }
                typed_columns (TypedColumns Accounts EmailAddresses UserDetails) {
                    values_of_the_wrong_kind_are_refused
                }
            }
            names {
                renamed () {
                    every_operation_works_under_other_names
                }
            }
            limits {
                plain () {
                    lookups_with_nul_find_nothing
                    lookups_with_long_keys_find_nothing
                    lookups_with_odd_keys_find_nothing
                    nul_is_kept_or_refused
                    long_text_is_kept_or_refused
                    rather_long_text_is_kept_or_refused
                    far_points_in_time_are_kept_or_refused
                    far_clocks_are_judged_or_refused
                }
            }
            races {
                plain () {
                    one_of_many_takes_a_session_token
                }
                plain (VerificationTokens) {
                    one_of_many_consumes_a_token
                    one_of_many_creates_a_token
                }
                plain (EmailAddresses) {
                    one_of_many_takes_an_email_address
                    one_of_many_changes_to_an_email_address
                }
                plain (EmailAddresses Accounts) {
                    one_of_many_users_gets_the_account
                }
                plain (Accounts) {
                    one_of_many_links_an_account
                    one_of_many_deletes
                }
                plain (Leases) {
                    one_of_many_takes_a_lease
                    one_of_many_releases_a_lease
                }
                authenticators () {
                    one_of_many_registers_a_credential
                    one_of_many_advances_a_counter
                }
            }
            meetings {
                plain () {
                    a_deleted_session_is_not_revived
                    deleted_sessions_of_a_user_are_not_revived
                    all_of_many_touch_a_session
                    none_of_many_touches_an_expired_session
                }
                plain (EmailAddresses UserDetails) {
                    changes_to_different_columns_all_survive
                }
                plain (Accounts AccountTokens) {
                    account_tokens_are_replaced_as_one
                }
                plain (Accounts SeveralAccounts) {
                    a_deleted_user_leaves_no_orphan
                }
                plain (EmailAddresses Accounts) {
                    an_abandoned_operation_is_done_whole_or_not_at_all
                }
                plain (VerificationTokens) {
                    many_sweepers_count_every_row_once
                }
                authenticators () {
                    a_deleted_user_leaves_no_authenticator
                }
            }
        }
    };
}

/// Makes a test of every case.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($($module:ident { $($fixture:ident $needs:tt { $($case:ident)* })* })*) => {
        $($($(
            #[test]
            fn $case() {
                __run(::core::stringify!($case));
            }
        )*)*)*
    };
}

/// Makes a list of the names of all cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __names {
    ($($module:ident { $($fixture:ident $needs:tt { $($case:ident)* })* })*) => {
        &[$($($((::core::stringify!($module), ::core::stringify!($case)),)*)*)*]
    };
}

/// The fixture of a case: of its group's kind, needing the group's features.
#[doc(hidden)]
#[macro_export]
macro_rules! __fixture {
    ($case:ident $fixture:ident ()) => {
        $crate::Fixture::$fixture(::core::stringify!($case))
    };
    ($case:ident $fixture:ident ($($need:ident)+)) => {
        $crate::__fixture!($case $fixture ()).needing(&[$($crate::Feature::$need),+])
    };
}

/// Makes a list of all cases, ready to run.
#[doc(hidden)]
#[macro_export]
macro_rules! __all {
    ($($module:ident { $($fixture:ident $needs:tt { $($case:ident)* })* })*) => {
        &[$($($(
            ($crate::__fixture!($case $fixture $needs), |store| {
                ::std::boxed::Box::pin(async move { $crate::$module::$case(&store).await })
            }),
        )*)*)*]
    };
}
