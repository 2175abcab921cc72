//! What Better Auth 1.7 has added to its tables.

use vestibule_core::{AccountType, NewAccount, NewUser};
use vestibule_profile_tests::{Database, ENTRIES};

use crate::Test;
use crate::place::{Place, block_on};

pub(crate) const TESTS: [(&str, Test); 1] =
    [("an_account_of_better_auth_has_the_issuer_that_it_would_give_it", has_its_issuer)];

/// A provider, and the issuer of its accounts.
const CASES: [(&str, &str); 2] = [("github", "local:oauth:github"), ("credential", "local:credential")];

fn has_its_issuer(database: Database) {
    let is_here = |entry: &&vestibule_profile_tests::Entry| {
        entry.profile == "better-auth" && entry.database == database
    };
    let entry = ENTRIES.iter().find(is_here).unwrap();
    let Some(place) = Place::without_rows(entry) else { return };
    place.run("ALTER TABLE account ADD COLUMN issuer VARCHAR(255) NOT NULL DEFAULT 'unknown'");
    block_on(async {
        let found = place.detect().await.unwrap().profile;
        for profile in [place.profile(), found] {
            for (provider, issuer) in CASES {
                let adapter = place.adapter(profile.clone()).await;
                let user = NewUser { name: Some("Ada".into()), ..NewUser::with_email("ada@example.com") };
                let account = NewAccount::new(AccountType::OAuth, provider, "583231");
                let user = adapter.create_user(&user, Some(&account)).await.unwrap();

                let signed_up = place.cell("account", "issuer").1;
                let unlinked =
                    adapter.unlink_account(&provider.into(), &"583231".into()).await.unwrap().unwrap();
                adapter.link_account(&user.id, &account).await.unwrap();
                let linked = place.cell("account", "issuer").1;

                assert_eq!([&*signed_up, &*linked], [issuer; 2], "{provider}");
                assert_eq!(unlinked.extra["issuer"], issuer, "{provider}");
                assert!(adapter.delete_user(&user.id).await.unwrap().is_some());
            }
        }
    });
}
