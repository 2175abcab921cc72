//! `GET /verify-request`: a mail is on its way, and its code can be typed in.

use http::StatusCode;

use crate::callback_url::encode;
use crate::code::{CodeProblem, Purpose, Ticket};
use crate::config::{EmailProvider, Provider};
use crate::http::{Content, Reply};
use crate::pages::{self, CodeForm};
use crate::route::Context;

pub(super) fn get(context: &Context<'_>) -> Reply {
    let Some(page) = &context.settings.pages.verify_request else {
        let query = &context.request.query;
        let code = query.filled("error");
        let problems = [CodeProblem::Wrong, CodeProblem::Dead, CodeProblem::Absent, CodeProblem::Blocked(0)];
        let problem = problems.into_iter().find(|problem| Some(problem.code()) == code);
        let provider = query.filled("provider").and_then(|id| context.settings.provider(id));
        let provider = match provider {
            Some(Provider::Email(provider)) => Some(provider),
            _ => None,
        };
        return page(provider, problem, StatusCode::OK, context);
    };
    match context.request.uri.query().map(encode) {
        Some(query) if page.contains('?') => Reply::redirect(format!("{page}&{query}")),
        Some(query) => Reply::redirect(format!("{page}?{query}")),
        None => Reply::redirect(page),
    }
}

/// The built-in page, with a field for the code in the browser that asked for it.
pub(super) fn page(
    provider: Option<&EmailProvider>,
    problem: Option<CodeProblem>,
    status: StatusCode,
    context: &Context<'_>,
) -> Reply {
    let ticket = provider.and_then(|provider| Some((provider, ticket(provider, context)?)));
    let form = ticket.filter(|_| problem.is_none_or(|problem| problem == CodeProblem::Wrong));
    let form = form.as_ref().map(|(provider, ticket)| CodeForm {
        provider: &provider.id,
        address: &ticket.identifier,
        csrf_token: &context.csrf.token,
        callback_url: &context.callback_url,
    });
    let page = pages::verify_request(&context.look(), form.as_ref(), problem, status);
    Content::Page(match problem {
        Some(CodeProblem::Blocked(seconds)) if seconds > 0 => page.with_retry_after(seconds),
        _ => page,
    })
    .into()
}

/// The ticket in the browser's cookie, if it is for this provider and the provider has codes.
pub(super) fn ticket(provider: &EmailProvider, context: &Context<'_>) -> Option<Ticket> {
    provider.codes.as_ref()?;
    let sealed = context.cookies.get(&context.names.code.name)?;
    let now = context.parts.clock.now();
    Ticket::open(&sealed, Purpose::SignIn(&provider.id), &context.settings.code_keys, now)
}
