//! A mailer that keeps what it is given.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use vestibule_engine::{Mail, MailError, Mailer};

/// A mailer that keeps every mail for the test to read, or refuses them all. Clones share one box.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    closed: bool,
}

impl Mailbox {
    /// An empty box.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every mail fails with [`MailError::Unavailable`], until [`open`](Self::open).
    pub fn close(&self) {
        self.state(|state| state.closed = true);
    }

    /// From now on mails are taken again.
    pub fn open(&self) {
        self.state(|state| state.closed = false);
    }

    /// The mails so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.state(|state| state.mails.clone())
    }

    /// The newest mail.
    pub fn last(&self) -> Option<Mail> {
        self.state(|state| state.mails.last().cloned())
    }

    /// The newest mail to this address.
    pub fn last_to(&self, address: &str) -> Option<Mail> {
        self.state(|state| state.mails.iter().rev().find(|mail| mail.to == address).cloned())
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.state(|state| {
            if state.closed {
                return Err(MailError::Unavailable("the mailbox is closed".into()));
            }
            state.mails.push(mail.clone());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mails_are_kept_while_the_box_is_open() {
        let mailbox = Mailbox::new();
        let mail = Mail::new("ada@example.com", "f", "s", "t", "h", "l");

        mailbox.close();
        assert!(mailbox.send(&mail).await.is_err());
        mailbox.open();
        mailbox.send(&mail).await.unwrap();

        assert_eq!(mailbox.last_to("ada@example.com"), Some(mail));
        assert_eq!(mailbox.mails().len(), 1);
        assert_eq!(mailbox.last_to("bob@example.com"), None);
    }
}
