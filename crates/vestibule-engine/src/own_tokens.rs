//! Tokens and codes for what the application itself wants to have confirmed: a change of address, a second factor.
//!
//! They are kept where those of the links are, under names that nobody else can make, so that none of them counts for
//! another purpose, for another identifier, or to sign in.

use std::time::Duration;

use vestibule_core::{AdapterError, SecretToken, TokenHash, VerificationToken};

use crate::code::{self, Checked, Purpose, TRIES, Ticket, random_code, read_code};
use crate::limit;
use crate::random::random_hex;
use crate::{Engine, Parts};

/// Under which identifiers the rows stand. No address is one of these.
const TOKENS: &str = "vestibule:token";
const CODES: &str = "vestibule:own-code";

/// A code to be sent to somebody, and the ticket to be kept for the browser that it will be typed into.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedCode {
    /// Six digits.
    pub code: SecretToken,
    /// The other half: a text of some 600 bytes for a cookie or a hidden field. Without it the code is of no use, and it
    /// tells its holder nothing.
    pub ticket: SecretToken,
}

/// How a try with a code went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeCheck {
    /// The code is right. It is now used up: of any number of tries at once, one is told so.
    Right,
    /// The code is wrong, or used up.
    Wrong,
    /// The code does not count any more: it has expired, was tried five times, or the ticket is not one for this purpose
    /// and identifier. A new one has to be issued.
    Dead,
    /// There were too many wrong codes for this purpose and identifier, whichever they were issued for; see
    /// [`Limits::with_wrong_codes`](crate::Limits::with_wrong_codes).
    TooMany {
        /// After how long one may be tried again.
        retry_after: Duration,
    },
}

impl Engine {
    /// Makes a token that proves, once and within `max_age`, that whoever has it was sent it: for a link in a mail of the
    /// application's own.
    ///
    /// `purpose` is any name, such as `change-address`, and `identifier` says whose token it is and what for: what the
    /// token is to prove belongs into it, such as the user's id and the new address. Neither is stored as it is. An
    /// identifier may have any number of tokens. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store.
    pub async fn issue_token(
        &self,
        purpose: &str,
        identifier: &str,
        max_age: Duration,
    ) -> Result<SecretToken, AdapterError> {
        let Parts { adapter, clock, random, .. } = self.parts();
        let token = random_hex(&**random);
        let row = VerificationToken {
            identifier: TOKENS.into(),
            token: TokenHash::from(self.settings().secrets.tag(TOKENS, &[purpose, identifier, &token])),
            expires: clock.now().after(max_age),
        };
        adapter.create_verification_token(&row).await?;
        Ok(SecretToken::new(token))
    }

    /// Whether the token was issued for this purpose and identifier and has neither expired nor been redeemed. It is used
    /// up by the answer: of any number of calls at once, one is told `true`.
    ///
    /// One round trip, and one more for each older secret if the answer is no.
    ///
    /// # Errors
    ///
    /// Only those of the store. After [`AdapterError::Unavailable`] the token may be used up or not.
    pub async fn redeem_token(
        &self,
        purpose: &str,
        identifier: &str,
        token: &SecretToken,
    ) -> Result<bool, AdapterError> {
        let Parts { adapter, clock, .. } = self.parts();
        let texts = [purpose, identifier, token.expose()];
        for tag in self.settings().secrets.accepted_tags(TOKENS, &texts) {
            let found = adapter.consume_verification_token(TOKENS, &TokenHash::from(tag)).await?;
            if let Some(row) = found {
                return Ok(!row.is_expired(clock.now()));
            }
        }
        Ok(false)
    }

    /// Makes a code of six digits for a purpose and an identifier, with the ticket that it counts with.
    ///
    /// Keep only the newest ticket, so that a new code takes the place of the former one. How often somebody may ask for one
    /// is the application's to limit. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store.
    pub async fn issue_code(
        &self,
        purpose: &str,
        identifier: &str,
        max_age: Duration,
    ) -> Result<IssuedCode, AdapterError> {
        let Parts { adapter, clock, random, .. } = self.parts();
        let now = clock.now();
        let (mut row, expires) = ([0; 32], now.after(max_age));
        random.fill(&mut row);
        let token = TokenHash::from(hex::encode(row));
        let stored = VerificationToken { identifier: CODES.into(), token, expires };
        adapter.create_verification_token(&stored).await?;
        let code = random_code(&**random);
        let ticket = Ticket::new(&row, &code, identifier, expires, &**random);
        let sealed = ticket.seal(Purpose::Own(purpose), &self.settings().code_keys, now, &**random);
        Ok(IssuedCode { code: SecretToken::new(code), ticket: SecretToken::new(sealed) })
    }

    /// Tries a code that somebody typed in, with the ticket that came with it. Spaces and dashes in it do not matter; what
    /// cannot be a code at all is wrong and not counted.
    ///
    /// Two round trips as a rule, three if the code is right.
    ///
    /// # Errors
    ///
    /// Only those of the store. After [`AdapterError::Unavailable`] the code may be used up or not.
    pub async fn redeem_code(
        &self,
        purpose: &str,
        identifier: &str,
        ticket: &SecretToken,
        code: &str,
    ) -> Result<CodeCheck, AdapterError> {
        let now = self.parts().clock.now();
        let keys = &self.settings().code_keys;
        let ticket = Ticket::open(ticket.expose(), Purpose::Own(purpose), keys, now);
        let Some(ticket) = ticket.filter(|ticket| ticket.identifier == identifier) else {
            return Ok(CodeCheck::Dead);
        };
        let Some(code) = read_code(code) else {
            return Ok(CodeCheck::Wrong);
        };
        let counted = limit::count_own(purpose, identifier, self);
        let with = (self.guards(), self.parts());
        Ok(match code::check(&ticket, &code, CODES, TRIES, counted, with).await? {
            Checked::Right(taken) => {
                taken.give_back(self.guards()).await;
                CodeCheck::Right
            }
            Checked::Wrong => CodeCheck::Wrong,
            Checked::Dead => CodeCheck::Dead,
            Checked::TooMany(retry_after) => CodeCheck::TooMany { retry_after },
        })
    }
}
