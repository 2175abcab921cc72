//! What is written through the contract, as it lies in the cells.

use std::sync::Arc;

use vestibule_conformance::Feature;
use vestibule_core::{
    AccountTokens, AccountType, NewAccount, NewSession, NewUser, SecretToken, Timestamp, VerificationToken,
};
use vestibule_profile_tests::{Database, Entry};
use vestibule_testkit::TestClock;

use crate::place::{Place, block_on};

/// 2031-01-02T03:04:05.678Z, when the list says that everything happens.
const AT: Timestamp = Timestamp::from_millis(1_925_089_445_678);

pub(crate) fn look(entry: &Entry) {
    let Some(place) = Place::without_rows(entry) else { return };
    let has = |feature| !entry.without.contains(&feature);
    block_on(async {
        let adapter = place.adapter_by(place.profile(), Arc::new(TestClock::at(AT))).await;
        let mut user = NewUser::default();
        if has(Feature::UserDetails) {
            user.name = Some("Ada".into());
            user.email_verified = Some(AT);
        }
        user.email = has(Feature::EmailAddresses).then(|| "ada@example.com".into());
        let account = has(Feature::Accounts).then(|| account(has(Feature::AccountTokens)));
        let user = adapter.create_user(&user, account.as_ref()).await.unwrap();
        adapter.create_session(&NewSession::new("session", user.id, AT)).await.unwrap();
        if has(Feature::VerificationTokens) {
            let (identifier, token) = ("ada@example.com".into(), "hash".into());
            adapter
                .create_verification_token(&VerificationToken { identifier, token, expires: AT })
                .await
                .unwrap();
        }
    });

    for cell in entry.cells {
        let (kind, text) = place.cell(cell.table, cell.column);

        // MySQL shows no widths of integers any more.
        let (wanted, looks) = cell.looks;
        let wanted =
            if entry.database == Database::MySql { wanted.replace("(20)", "") } else { wanted.to_owned() };
        assert_eq!((&*kind, &*text), (&*wanted, looks), "{}.{}", cell.table, cell.column);
    }
}

fn account(has_tokens: bool) -> NewAccount {
    let mut new = NewAccount::new(AccountType::OAuth, "github", "583231");
    if has_tokens {
        new.tokens = AccountTokens {
            access_token: Some(SecretToken::from("access")),
            refresh_token: Some(SecretToken::from("refresh")),
            expires_at: Some(Timestamp::from_secs(1_893_456_000)),
            ..AccountTokens::default()
        };
    }
    new
}
