//! The operations through Vestibule, as an application calls them.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use vestibule_core::{
    AccountType, Adapter, Change, NewAccount, NewSession, NewUser, ProviderAccountId, SessionChanges,
    TokenHash, UserChanges, VerificationToken,
};

use crate::data::{DUE, Data, NOT_DUE, PROVIDER, new_hash, new_token};
use crate::measure::Contestant;
use crate::operation::Operation;

/// Any adapter, on tables that hold `data`.
#[derive(Debug)]
pub(crate) struct ThroughAdapter {
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) data: Arc<Data>,
}

impl Contestant for ThroughAdapter {
    async fn call(&self, operation: Operation, n: u64) -> Result<()> {
        let (adapter, data) = (&*self.adapter, &*self.data);
        match operation {
            Operation::SessionAndUser => {
                let found = adapter.session_and_user(data.session(n)).await?;
                ensure!(black_box(found).is_some(), "a session is missing");
            }
            Operation::SessionAndUserMiss => {
                let found = adapter.session_and_user(data.absent(n)).await?;
                ensure!(black_box(found).is_none(), "there is a session too many");
            }
            Operation::User => {
                let found = adapter.user(&data.user(n).id).await?;
                ensure!(black_box(found).is_some(), "a user is missing");
            }
            Operation::UserByEmail => {
                let found = adapter.user_by_email(&data.user(n).email).await?;
                ensure!(black_box(found).is_some(), "a user is missing");
            }
            Operation::UserByAccount => {
                let found = adapter.user_by_account(&data.provider, &data.user(n).account).await?;
                ensure!(black_box(found).is_some(), "an account is missing");
            }
            Operation::TouchNotDue | Operation::TouchDue => {
                let policy = if operation == Operation::TouchDue { &DUE } else { &NOT_DUE };
                let touched = adapter.touch_session(data.session(n), data.now, policy).await?;
                ensure!(black_box(touched).is_some(), "a session is missing");
            }
            Operation::UpdateSession => {
                let changes =
                    SessionChanges { expires: Change::Set(data.expires), ..SessionChanges::default() };
                let updated = adapter.update_session(data.session(n), &changes).await?;
                ensure!(black_box(updated).is_some(), "a session is missing");
            }
            Operation::UpdateUser => {
                let name = Change::Set(Some(format!("User {n}")));
                let changes = UserChanges { name, ..UserChanges::default() };
                let updated = adapter.update_user(&data.user(n).id, &changes).await?;
                ensure!(black_box(updated).is_some(), "a user is missing");
            }
            Operation::SessionCreateDelete => {
                let session = NewSession::new(new_token(n), data.user(n).id.clone(), data.expires);
                let session = adapter.create_session(&session).await?;
                let deleted = adapter.delete_session(&session.token).await?;
                ensure!(black_box(deleted).is_some(), "a session is missing");
            }
            Operation::TokenCreateConsume => {
                let token = VerificationToken {
                    identifier: data.user(n).email.as_str().into(),
                    token: TokenHash::from(new_hash(n)),
                    expires: data.expires,
                };
                adapter.create_verification_token(&token).await?;
                let used = adapter.consume_verification_token(&token.identifier, &token.token).await?;
                ensure!(black_box(used).is_some(), "a token is missing");
            }
            Operation::AccountLinkUnlink => {
                let account = new_account(n);
                adapter.link_account(&data.user(n).id, &account).await?;
                let unlinked =
                    adapter.unlink_account(&account.provider, &account.provider_account_id).await?;
                ensure!(black_box(unlinked).is_some(), "an account is missing");
            }
            Operation::UserCreateDelete => {
                let user = NewUser { name: Some("Ada".to_owned()), ..NewUser::with_email(new_token(n)) };
                let user = adapter.create_user(&user, Some(&new_account(n))).await?;
                let deleted = adapter.delete_user(&user.id).await?;
                ensure!(black_box(deleted).is_some(), "a user is missing");
            }
        }
        Ok(())
    }
}

fn new_account(n: u64) -> NewAccount {
    let id: ProviderAccountId = new_token(n).into();
    NewAccount::new(AccountType::OAuth, PROVIDER, id)
}

/// Does every operation once, so that a mistake shows before anything is measured.
pub(crate) async fn try_all(contestant: &impl Contestant) -> Result<()> {
    for (n, operation) in (1 << 30..).zip(Operation::ALL) {
        contestant.call(operation, n).await.with_context(|| operation.name())?;
    }
    Ok(())
}
