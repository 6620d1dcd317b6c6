//! The address where people who have forgotten their password get help.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// The schemes of links. `javascript:` and others could run code in the page.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// A link to a page, a mailbox or a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpUrl(String);

/// The refusal of a text that is no such link.
#[derive(Debug, Error)]
#[error(
    "`{0}` is no link such as `https://help.example.com`, `mailto:help@example.com` or `tel:+49301234567`"
)]
pub struct HelpUrlError(String);

impl HelpUrl {
    /// The link.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HelpUrl {
    type Err = HelpUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
        let is_visible = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_graphic());
        match rest {
            Some(rest) if !rest.is_empty() && is_visible(rest) => Ok(Self(text.to_owned())),
            _ => Err(HelpUrlError(text.to_owned())),
        }
    }
}

impl fmt::Display for HelpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_a_mailbox_or_a_telephone() {
        for good in [
            "https://help.example.com/passwords?lang=en",
            "http://intranet/help",
            "mailto:help@example.com?subject=Password",
            "tel:+49301234567",
        ] {
            assert_eq!(good.parse::<HelpUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "help.example.com",
            "/help",
            "https://",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,<script>",
            "https://example.com/a b",
            " https://example.com",
        ] {
            assert!(bad.parse::<HelpUrl>().is_err(), "{bad}");
        }
    }
}
