//! The words that entries are made of.

use vestibule_oauth::{Alg, Checks, Kind, ProfileSource, ResponseMode};

use crate::entry::{Also, Entry, Issuer, KeyInstead, Style};
use crate::mapping::{Fields, Finish};
use crate::options::OptionSpec;

/// A provider of OAuth at three endpoints.
pub(crate) const fn oauth(id: &'static str, name: &'static str) -> Entry {
    Entry {
        id,
        name,
        kind: Kind::OAuth,
        issuer: Issuer::None,
        discovery: "",
        authorization: "",
        token: "",
        user_info: "",
        params: &[],
        token_params: &[],
        scope: "",
        checks: Checks { pkce: true, state: true, nonce: false },
        secret_in_body: false,
        bearer_implied: false,
        response_mode: ResponseMode::Query,
        id_token_alg: None,
        user_info_alg: None,
        profile_source: ProfileSource::UserInfo,
        options: &[],
        fields: Fields::NONE,
        also: None,
        key_instead: None,
        style: Style { background: None, text: None },
        notes: "",
    }
}

/// A provider of OpenID Connect, with a discovery document, the usual scope and the usual claims.
pub(crate) const fn oidc(id: &'static str, name: &'static str, issuer: Issuer) -> Entry {
    Entry {
        kind: Kind::Oidc,
        issuer,
        scope: "openid profile email",
        checks: Checks { pkce: true, state: true, nonce: true },
        profile_source: ProfileSource::IdToken,
        fields: Fields::CLAIMS,
        ..oauth(id, name)
    }
}

impl Entry {
    /// The authorization, token and userinfo endpoints.
    pub(crate) const fn at(
        mut self,
        authorization: &'static str,
        token: &'static str,
        user_info: &'static str,
    ) -> Self {
        self.authorization = authorization;
        self.token = token;
        self.user_info = user_info;
        self
    }

    /// The operator names the server, which the endpoints begin with.
    pub(crate) const fn on_a_server_of_ones_own(mut self) -> Self {
        self.issuer = Issuer::Required;
        self
    }

    /// Who issues, where endpoints are fixed all the same.
    pub(crate) const fn issued_by(mut self, issuer: &'static str) -> Self {
        self.issuer = Issuer::Default(issuer);
        self
    }

    /// Where the discovery document is, if not where the issuer's URL says.
    pub(crate) const fn discovered_at(mut self, url: &'static str) -> Self {
        self.discovery = url;
        self
    }

    pub(crate) const fn scope(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    /// Parameters of the authorization request.
    pub(crate) const fn params(mut self, params: &'static [(&'static str, &'static str)]) -> Self {
        self.params = params;
        self
    }

    /// Parameters in the query of the token endpoint.
    pub(crate) const fn token_params(mut self, params: &'static [(&'static str, &'static str)]) -> Self {
        self.token_params = params;
        self
    }

    /// The provider refuses PKCE, or is not known to bear it.
    pub(crate) const fn without_pkce(mut self) -> Self {
        self.checks.pkce = false;
        self
    }

    /// The provider's ID tokens do not have the `nonce`.
    pub(crate) const fn without_nonce(mut self) -> Self {
        self.checks.nonce = false;
        self
    }

    /// The token endpoint wants id and secret in the form.
    pub(crate) const fn secret_in_body(mut self) -> Self {
        self.secret_in_body = true;
        self
    }

    /// The token endpoint does not say of what type its tokens are.
    pub(crate) const fn bearer_implied(mut self) -> Self {
        self.bearer_implied = true;
        self
    }

    pub(crate) const fn form_post(mut self) -> Self {
        self.response_mode = ResponseMode::FormPost;
        self
    }

    pub(crate) const fn id_token_alg(mut self, alg: Alg) -> Self {
        self.id_token_alg = Some(alg);
        self
    }

    pub(crate) const fn user_info_alg(mut self, alg: Alg) -> Self {
        self.user_info_alg = Some(alg);
        self
    }

    /// The user is told by the userinfo endpoint, although there is an ID token.
    pub(crate) const fn told_by_user_info(mut self) -> Self {
        self.profile_source = ProfileSource::UserInfo;
        self
    }

    pub(crate) const fn takes(mut self, options: &'static [OptionSpec]) -> Self {
        self.options = options;
        self
    }

    /// Where in the profile the id, the name, the address and the picture are.
    pub(crate) const fn user(
        mut self,
        id: &'static str,
        name: &'static str,
        email: &'static str,
        image: &'static str,
    ) -> Self {
        self.fields = Fields { id, name, email, image, ..self.fields };
        self
    }

    /// Where the provider says that the address is the user's. Empty if it never does.
    pub(crate) const fn verified(mut self, path: &'static str) -> Self {
        self.fields.email_verified = path;
        self
    }

    /// What the paths cannot say about the user.
    pub(crate) const fn finish(mut self, finish: Finish) -> Self {
        self.fields.finish = Some(finish);
        self
    }

    pub(crate) const fn also(mut self, also: Also) -> Self {
        self.also = Some(also);
        self
    }

    /// A key may take the place of the secret.
    pub(crate) const fn or_by_key(mut self, key_instead: KeyInstead) -> Self {
        self.key_instead = Some(key_instead);
        self
    }

    pub(crate) const fn colors(mut self, background: &'static str, text: &'static str) -> Self {
        self.style = Style { background: Some(background), text: Some(text) };
        self
    }

    pub(crate) const fn color(mut self, background: &'static str) -> Self {
        self.style = Style { background: Some(background), text: None };
        self
    }

    pub(crate) const fn note(mut self, notes: &'static str) -> Self {
        self.notes = notes;
        self
    }
}
