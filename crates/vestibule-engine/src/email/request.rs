//! Asking for a link.

use http::HeaderValue;
use vestibule_core::{TokenHash, VerificationToken};

use crate::code::{Purpose, Ticket, random_code};
use crate::config::{Codes, EmailProvider};
use crate::email::message::{Content, compose};
use crate::error::{Failure, with_query};
use crate::random::random_hex;
use crate::route::Context;

/// Stores a token for a normalized address and sends the link that redeems it, with a code if the provider has codes;
/// then there is a cookie for the browser that asked.
///
/// Whether the address is a user's is not asked, so the answer cannot tell. The token is stored first: a link
/// that nobody can redeem is worse than a token that nobody knows, which is what a mail that is not sent
/// leaves behind until it expires. One round trip to the store.
pub(crate) async fn send_link(
    address: &str,
    provider: &EmailProvider,
    context: &Context<'_>,
) -> Result<Option<HeaderValue>, Failure> {
    let Context { settings, parts, origin, callback_url, .. } = context;
    let token = random_hex(&*parts.random);
    let hash = settings.token_secrets(provider).hash(&token);
    let stored = VerificationToken {
        identifier: address.into(),
        token: TokenHash::from(hash.as_str()),
        expires: parts.clock.now().after(provider.max_age),
    };
    parts.adapter.create_verification_token(&stored).await?;

    let callback = context.url(&format!("/callback/{}", provider.id));
    let query = [("callbackUrl", callback_url.as_str()), ("token", token.as_str()), ("email", address)];
    let link = with_query(&callback, &query);
    let code = provider.codes.as_ref().map(|codes| (random_code(&*parts.random), codes));
    let content = Content {
        host: origin.host(),
        link: &link,
        code: code.as_ref().map(|(code, codes)| (code.as_str(), codes.max_age)),
    };
    let mail = compose(address, &content, provider, &settings.theme, context.look().texts);
    parts.mailer.send(&mail).await.map_err(Failure::Mail)?;
    Ok(code.and_then(|(code, codes)| cookie(&code, codes, &hash, address, provider, context)))
}

/// The ticket of a code, for the browser that asked for it.
fn cookie(
    code: &str,
    codes: &Codes,
    hash: &str,
    address: &str,
    provider: &EmailProvider,
    context: &Context<'_>,
) -> Option<HeaderValue> {
    let Context { settings, parts, names, .. } = context;
    let mut row = [0; 32];
    hex::decode_to_slice(hash, &mut row).ok()?;
    let now = parts.clock.now();
    let expires = now.after(codes.max_age);
    let ticket = Ticket::new(&row, code, address, expires, &*parts.random);
    let sealed = ticket.seal(Purpose::SignIn(&provider.id), &settings.code_keys, now, &*parts.random);
    Some(names.code.set_for(&sealed, Some(codes.max_age.as_secs()), expires))
}
