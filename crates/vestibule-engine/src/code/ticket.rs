//! What whoever asked for a code holds, and what a code counts for.

use sha2::{Digest, Sha256};
use vestibule_core::{ProviderId, Random, Timestamp, TokenHash};
use vestibule_token::{Claims, SessionKeys};

use crate::cookie::seal;

/// What the keys that seal tickets are derived for.
pub(crate) const SALT: &str = "vestibule.code";

/// What a code counts for. A ticket for one thing is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// To sign in by this provider.
    SignIn(&'a ProviderId),
    /// Whatever the application calls so.
    Own(&'a str),
}

impl Purpose<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "sign-in",
            Self::Own(_) => "own",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::SignIn(provider) => provider.as_str(),
            Self::Own(purpose) => purpose,
        }
    }
}

/// The half of a code that is not typed in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Tells tickets apart, those of one identifier too.
    id: [u8; 16],
    /// The token under which the store keeps the row, covered with what the code makes.
    locked: [u8; 32],
    /// Whose code it is.
    pub(crate) identifier: String,
    /// From this point on the code does not count.
    pub(crate) expires: Timestamp,
}

impl Ticket {
    /// A ticket that leads to the row with this token, together with `code`.
    pub(crate) fn new(
        token: &[u8; 32],
        code: &str,
        identifier: &str,
        expires: Timestamp,
        random: &dyn Random,
    ) -> Self {
        let mut id = [0; 16];
        random.fill(&mut id);
        let locked = cover(token, &id, code);
        Self { id, locked, identifier: identifier.to_owned(), expires }
    }

    /// The token of the row, if the code is the right one; with any other a token that no row has.
    pub(crate) fn unlock(&self, code: &str) -> TokenHash {
        TokenHash::from(hex::encode(cover(&self.locked, &self.id, code)))
    }

    /// Under what the tries with this ticket are counted.
    pub(crate) fn key(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"vestibule:code-tries").chain_update(self.id).finalize().into()
    }

    /// The ticket as it is handed out, for one purpose.
    pub(crate) fn seal(
        &self,
        purpose: Purpose<'_>,
        keys: &SessionKeys,
        now: Timestamp,
        random: &dyn Random,
    ) -> String {
        let mut claims = Claims::new();
        claims.insert("kind", purpose.kind());
        claims.insert("purpose", purpose.name());
        claims.insert("identifier", self.identifier.as_str());
        claims.insert("id", hex::encode(self.id));
        claims.insert("locked", hex::encode(self.locked));
        claims.insert("expires", self.expires.as_millis().to_string());
        let left = self.expires.as_millis().saturating_sub(now.as_millis());
        let seconds = u64::try_from(left).unwrap_or_default().div_ceil(1000);
        seal(keys, &claims, now, seconds, random)
    }

    /// The ticket, if it is ours, for this purpose, and has not expired.
    pub(crate) fn open(
        sealed: &str,
        purpose: Purpose<'_>,
        keys: &SessionKeys,
        now: Timestamp,
    ) -> Option<Self> {
        let claims = keys.open(sealed, now.as_secs()).ok()?;
        let is_for =
            claims.text("kind") == Some(purpose.kind()) && claims.text("purpose") == Some(purpose.name());
        let ticket = Self {
            id: bytes(claims.text("id")?)?,
            locked: bytes(claims.text("locked")?)?,
            identifier: claims.text("identifier")?.to_owned(),
            expires: Timestamp::from_millis(claims.text("expires")?.parse().ok()?),
        };
        (is_for && ticket.expires >= now).then_some(ticket)
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// Covers a token, or uncovers what is covered: the exclusive or with a hash that takes the code to know.
fn cover(token: &[u8; 32], id: &[u8; 16], code: &str) -> [u8; 32] {
    let mask: [u8; 32] = Sha256::new()
        .chain_update(b"vestibule:code-lock")
        .chain_update(id)
        .chain_update(code.as_bytes())
        .finalize()
        .into();
    std::array::from_fn(|index| token[index] ^ mask[index])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::OsRandom;

    const NOW: Timestamp = Timestamp::from_millis(1_795_179_973_652);
    const OWN: Purpose<'_> = Purpose::Own("step-up");

    fn ticket() -> Ticket {
        let expires = NOW.after(Duration::from_mins(10));
        Ticket::new(&[7; 32], "012345", "ada@example.com", expires, &OsRandom)
    }

    fn keys(secret: &str) -> SessionKeys {
        SessionKeys::new(&[secret], SALT)
    }

    #[test]
    fn the_code_leads_to_the_row_and_no_other_does() {
        let ticket = ticket();

        assert_eq!(ticket.unlock("012345").expose(), "07".repeat(32));
        assert_ne!(ticket.unlock("012346").expose(), "07".repeat(32));
        assert_ne!(ticket.locked, [7; 32]);
    }

    #[test]
    fn two_tickets_of_one_row_and_code_have_nothing_in_common() {
        let (one, other) = (ticket(), ticket());

        assert_ne!(one.locked, other.locked);
        assert_ne!(one.key(), other.key());
    }

    #[test]
    fn a_ticket_is_for_one_purpose() {
        let provider = ProviderId::from("email");
        let other = ProviderId::from("step-up");
        let sealed = ticket().seal(Purpose::SignIn(&provider), &keys("a"), NOW, &OsRandom);
        let opened = |purpose, secret| Ticket::open(&sealed, purpose, &keys(secret), NOW).is_some();

        assert!(opened(Purpose::SignIn(&provider), "a"));
        assert!(!opened(Purpose::SignIn(&provider), "b"));
        assert!(!opened(Purpose::SignIn(&other), "a"));
        assert!(!opened(Purpose::Own("email"), "a"));
        assert!(!opened(OWN, "a"));
    }

    #[test]
    fn a_ticket_comes_back_as_it_was_until_it_expires() {
        let (ticket, keys) = (ticket(), keys("a"));
        let sealed = ticket.seal(OWN, &keys, NOW, &OsRandom);
        let open = |now| Ticket::open(&sealed, OWN, &keys, now);

        assert!(open(NOW) == Some(ticket.clone()));
        assert!(open(ticket.expires).is_some());
        assert!(open(ticket.expires.after(Duration::from_millis(1))).is_none());
    }

    #[test]
    fn what_is_no_ticket_opens_nothing() {
        let keys = keys("a");
        let sealed = ticket().seal(OWN, &keys, NOW, &OsRandom);
        let mut other = Claims::new();
        other.insert("kind", "own");
        other.insert("purpose", "step-up");
        let other = seal(&keys, &other, NOW, 600, &OsRandom);

        for bad in ["", "x", &sealed[1..], &sealed[..sealed.len() - 4], &other] {
            assert!(Ticket::open(bad, OWN, &keys, NOW).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_sealed_ticket_shows_neither_the_address_nor_the_row() {
        let sealed = ticket().seal(OWN, &keys("a"), NOW, &OsRandom);

        assert!(!sealed.contains("ada") && !sealed.contains(&"07".repeat(8)));
        assert!(sealed.len() < 1200, "{}", sealed.len());
    }
}
