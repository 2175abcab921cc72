//! How a client shows the token endpoint who it is.

use super::ClientKey;

/// How the client shows the token endpoint who it is (RFC 6749 §2.3, OpenID Connect Core §9).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_secret_basic`: in the `Authorization` header, encoded as the originals do.
    #[default]
    Basic,
    /// `client_secret_post`: `client_id` and `client_secret` in the form.
    Post,
    /// `client_secret_jwt`: an assertion under HS256 and the secret.
    SecretJwt,
    /// `private_key_jwt`: an assertion under a key whose public half the provider has.
    PrivateKeyJwt(ClientKey),
    /// As `client_secret_post`, with an assertion that is made for each request in the place of the secret.
    ///
    /// This is Apple's way, who calls it the client secret: `iss` is the team, `sub` the client, `aud` Apple.
    SignedSecret {
        /// `iss`.
        team_id: Box<str>,
        /// `aud`.
        audience: Box<str>,
        /// The key, of which Apple wants the id too.
        key: ClientKey,
    },
    /// A public client: `client_id` in the form and no secret. PKCE is what protects it.
    None,
}
