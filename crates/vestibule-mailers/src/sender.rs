//! The sender of a mail, taken apart.

/// `Name <address>` or an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sender<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) address: &'a str,
}

impl<'a> Sender<'a> {
    /// Takes a sender apart. What is no address is not noticed here but by the service.
    pub(crate) fn parse(from: &'a str) -> Self {
        let from = from.trim();
        let parts = from.strip_suffix('>').and_then(|from| from.rsplit_once('<'));
        match parts {
            Some((name, address)) => {
                let name = name.trim();
                let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
                Self { name: Some(name).filter(|name| !name.is_empty()), address: address.trim() }
            }
            None => Self { name: None, address: from },
        }
    }

    /// The domain of the address, if it has one.
    pub(crate) fn domain(&self) -> Option<&'a str> {
        let domain = self.address.rsplit_once('@')?.1;
        let fine = |character: char| character.is_ascii_alphanumeric() || ".-".contains(character);
        (!domain.is_empty() && domain.chars().all(fine)).then_some(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let sender = |name, address| Sender { name, address };

        assert_eq!(Sender::parse("a@b.example"), sender(None, "a@b.example"));
        assert_eq!(Sender::parse("App <a@b.example>"), sender(Some("App"), "a@b.example"));
        assert_eq!(Sender::parse("\"App, Inc.\" <a@b.example>"), sender(Some("App, Inc."), "a@b.example"));
        assert_eq!(Sender::parse("<a@b.example>"), sender(None, "a@b.example"));
        assert_eq!(Sender::parse(""), sender(None, ""));
    }

    #[test]
    fn a_domain_has_nothing_that_would_lead_elsewhere_in_a_path() {
        let domain = |from| Sender::parse(from).domain();

        assert_eq!(domain("App <a@mail.example.com>"), Some("mail.example.com"));
        for wrong in ["a", "a@", "a@b/../c", "a@b?c", "a@b c", "a@b%2f"] {
            assert_eq!(domain(wrong), None, "{wrong}");
        }
    }
}
