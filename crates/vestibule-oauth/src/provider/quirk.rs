//! What single providers do differently from the standards.

/// What a provider does differently from the standards.
///
/// A value may hold `{client_id}` and `{client_secret}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quirk {
    /// GitHub: asks `{user info URL}/emails` for the addresses of the user.
    ///
    /// An address that the profile has is kept, else the primary one is taken, else the first; `email_verified` is put
    /// into the profile, as the list has it. Where the scope does not allow the list, the profile stays as it is.
    GitHubEmails,

    /// Entra ID: the issuer in the discovery document has `{tenantid}` in it, which stands for the `tid` of the ID token.
    ///
    /// `tid` must be a GUID. A key that names an issuer itself is good for that issuer alone.
    TenantIssuer,

    /// Apple: the form of the callback has `user`, once, in JSON; it becomes the member `user` of the profile.
    ///
    /// Apple does not sign it: whoever brings the callback has written it, so it is good for a name and nothing more.
    UserInCallback,

    /// The token response has no `token_type`, and means `bearer`.
    TokenTypeMissing,

    /// The token response has another `token_type` and means `bearer`. In lower case.
    TokenTypeAlso(Box<str>),

    /// The token response is not the answer itself but at this JSON pointer (RFC 6901) in it.
    TokenAt(Box<str>),

    /// A further parameter in the form of the token request.
    TokenParam(Box<str>, Box<str>),

    /// A further header of the token request.
    TokenHeader(Box<str>, Box<str>),

    /// The form of the token request is this and nothing else; the client is not authenticated in any other way.
    ///
    /// `{code}`, `{redirect_uri}` and `{code_verifier}` stand for what they say. Refreshing is not affected.
    TokenForm(Vec<(Box<str>, Box<str>)>),

    /// Client assertions name this audience and nothing else.
    ///
    /// Without it, one under the secret names the issuer, and one under a key the issuer and the token endpoint.
    AssertionAudience(Box<str>),

    /// A member of the token response becomes a member of the profile, where the profile has none of that name.
    ProfileFromToken(Box<str>),

    /// ID tokens may name this issuer too.
    AlsoIssuer(Box<str>),
}
