//! One line a request: method, route, status, time. Never a query, a cookie or a header.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// The engine's actions.
const ACTIONS: &[&str] = &[
    "callback",
    "csrf",
    "error",
    "providers",
    "session",
    "signin",
    "signout",
    "verify-request",
    "webauthn-options",
];

/// Logs a request once it is answered.
pub(super) async fn log(shown: Arc<Shown>, request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let method = request.method().clone();
    let route = shown.route(request.uri().path()).into_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let millis = begin.elapsed().as_secs_f64() * 1000.0;
    if route == "/healthz" {
        tracing::debug!(http.method = %method, http.route = route, http.status = status, time_ms = millis, "request");
    } else {
        tracing::info!(http.method = %method, http.route = route, http.status = status, time_ms = millis, "request");
    }
    response
}

/// What of a path is shown: what the program knows itself. Anything else may be a secret.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) base_path: String,
    /// The ids of the providers.
    pub(super) providers: Vec<String>,
}

impl Shown {
    /// The route that a path belongs to. A path that nobody knows may hold anything, so it is not shown.
    fn route<'a>(&self, path: &'a str) -> Cow<'a, str> {
        if matches!(path, "/" | "/healthz" | "/mailbox" | "/vestibule.css") {
            return path.into();
        }
        let base_path = &self.base_path;
        let Some(rest) = path.strip_prefix(&**base_path) else {
            return "(unknown)".into();
        };
        let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
        let action = segments.next().and_then(|action| ACTIONS.iter().find(|known| **known == action));
        match (action, segments.next(), segments.next()) {
            (Some(action), None, _) => format!("{base_path}/{action}").into(),
            (Some(action), Some(provider), None) => {
                let known = self.providers.iter().find(|known| *known == provider);
                format!("{base_path}/{action}/{}", known.map_or("(unknown)", String::as_str)).into()
            }
            _ => format!("{base_path}/(unknown)").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shown;

    fn route(base_path: &str, path: &str) -> String {
        let shown = Shown { base_path: base_path.into(), providers: vec!["email".into(), "github".into()] };
        shown.route(path).into_owned()
    }

    #[test]
    fn known_routes_are_shown() {
        for path in [
            "/",
            "/healthz",
            "/mailbox",
            "/vestibule.css",
            "/auth/session",
            "/auth/callback/email",
            "/auth/signin/github",
        ] {
            assert_eq!(route("/auth", path), path);
        }
        assert_eq!(route("/auth", "/auth//session/"), "/auth/session");
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for (path, shown) in [
            ("/ada@example.com", "(unknown)"),
            ("/auth/ada@example.com", "/auth/(unknown)"),
            ("/auth/callback/ada@example.com", "/auth/callback/(unknown)"),
            ("/auth/callback/email/0123abcd", "/auth/(unknown)"),
        ] {
            assert_eq!(route("/auth", path), shown);
        }
    }
}
