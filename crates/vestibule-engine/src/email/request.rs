//! Asking for a link.

use vestibule_core::{TokenHash, VerificationToken};

use crate::Parts;
use crate::config::EmailProvider;
use crate::config::settings::Settings;
use crate::email::message::compose;
use crate::error::{Failure, with_query};
use crate::http::Origin;
use crate::language::Texts;
use crate::random::random_hex;

/// Stores a token for a normalized address and sends the link that redeems it.
///
/// Whether the address is a user's is not asked, so the answer cannot tell. The token is stored first: a link
/// that nobody can redeem is worse than a token that nobody knows, which is what a mail that is not sent
/// leaves behind until it expires. One round trip to the store.
pub(crate) async fn send_link(
    address: &str,
    callback_url: &str,
    origin: &Origin,
    provider: &EmailProvider,
    settings: &Settings,
    parts: &Parts,
    texts: &Texts,
) -> Result<(), Failure> {
    let token = random_hex(&*parts.random);
    let stored = VerificationToken {
        identifier: address.into(),
        token: TokenHash::from(settings.token_secrets(provider).hash(&token)),
        expires: parts.clock.now().after(provider.max_age),
    };
    parts.adapter.create_verification_token(&stored).await?;

    let callback = format!("{}{}/callback/{}", origin.as_str(), settings.base_path, provider.id);
    let query = [("callbackUrl", callback_url), ("token", token.as_str()), ("email", address)];
    let link = with_query(&callback, &query);
    let mail = compose(address, origin.host(), &link, provider, &settings.theme, texts);
    parts.mailer.send(&mail).await.map_err(Failure::Mail)
}
