//! What a path asks for.

/// The endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Callback,
    Csrf,
    Error,
    Providers,
    Session,
    SignIn,
    SignOut,
    VerifyRequest,
    WebAuthnOptions,
}

/// A path below the base path: an action, and for some a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) action: Action,
    pub(crate) provider: Option<&'a str>,
}

impl<'a> Route<'a> {
    /// Reads the path; `None` if it is not one of ours. Doubled and trailing slashes are tolerated.
    pub(crate) fn parse(path: &'a str, base_path: &str) -> Option<Self> {
        let rest = path.strip_prefix(base_path)?.strip_prefix('/')?;
        let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
        let action = match segments.next()? {
            "callback" => Action::Callback,
            "csrf" => Action::Csrf,
            "error" => Action::Error,
            "providers" => Action::Providers,
            "session" => Action::Session,
            "signin" => Action::SignIn,
            "signout" => Action::SignOut,
            "verify-request" => Action::VerifyRequest,
            "webauthn-options" => Action::WebAuthnOptions,
            _ => return None,
        };
        let provider = segments.next();
        if segments.next().is_some() {
            return None;
        }
        if provider.is_some()
            && !matches!(action, Action::SignIn | Action::Callback | Action::WebAuthnOptions)
        {
            return None;
        }
        Some(Self { action, provider: provider.filter(|id| *id != "undefined") })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn actions_and_providers_are_found() {
        let route = |path| Route::parse(path, "/auth");

        let session = Some(Route { action: Action::Session, provider: None });
        assert_eq!(route("/auth/session"), session);
        assert_eq!(route("/auth/session/"), session);
        assert_eq!(route("/auth//session"), session);
        assert_eq!(
            route("/auth/signin/email"),
            Some(Route { action: Action::SignIn, provider: Some("email") })
        );
        assert_eq!(
            route("/auth/webauthn-options/passkey"),
            Some(Route { action: Action::WebAuthnOptions, provider: Some("passkey") })
        );
        assert_eq!(route("/auth/signin/undefined"), route("/auth/signin"));
    }

    #[test]
    fn other_paths_are_not_ours() {
        for path in [
            "/auth",
            "/auth/",
            "/authsession",
            "/authx/session",
            "/session",
            "/auth/unknown",
            "/auth/Session",
            "/auth/session/email",
            "/auth/signin/email/more",
            "/auth/%73ession",
            "",
        ] {
            assert_eq!(Route::parse(path, "/auth"), None, "{path}");
        }
    }

    #[test]
    fn an_empty_base_path_is_the_whole_origin() {
        assert_eq!(Route::parse("/csrf", "").map(|route| route.action), Some(Action::Csrf));
        assert_eq!(Route::parse("csrf", ""), None);
    }

    proptest! {
        #[test]
        fn parsing_is_total(path in "\\PC*") {
            let _ = Route::parse(&path, "/auth");
            let _ = Route::parse(&format!("/auth{path}"), "/auth");
        }
    }
}
