//! The name of another machine.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::Ipv6Addr;

use crate::fs::text::printable;

/// A machine as ssh takes it, with a user perhaps: `me@server`. It is never an option of ssh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    typed: String,
    word: OsString,
}

impl Host {
    /// Reads a name; none for what ssh would take for something else. An address in brackets is that address.
    pub fn parse(text: &OsStr) -> Option<Self> {
        let typed = text.to_str()?;
        let (user, host) = with_user(typed);
        // ssh knows no brackets.
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        let is_part = |name: &str| !name.is_empty() && !name.starts_with('-') && !name.contains(is_odd);
        let is_address = bare.is_none_or(is_address);
        let word = format!("{user}{}", bare.unwrap_or(host));
        (is_part(host) && is_part(&word) && is_address).then(|| Self { typed: typed.to_owned(), word: word.into() })
    }

    /// Returns the word for ssh.
    pub fn as_os_str(&self) -> &OsStr {
        &self.word
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&printable(self.typed.as_ref()))
    }
}

/// Splits `[USER@]HOST[:REST]` at the first colon that is in no brackets; none if something else follows them.
pub fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let (user, host) = with_user(text);
    let length = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (host, rest) = text.split_at(user.len() + length);
    if rest.is_empty() { Some((host, None)) } else { Some((host, Some(rest.strip_prefix(':')?))) }
}

/// Returns whether a text is an address of IPv6, with a user and a zone perhaps, and not a host and something after it.
pub fn is_address(text: &str) -> bool {
    let (_, host) = with_user(text);
    let address = host.split_once('%').map_or(host, |(address, _)| address);
    address.parse::<Ipv6Addr>().is_ok()
}

/// Divides the user from the host; what stands after the first colon is of neither.
fn with_user(text: &str) -> (&str, &str) {
    let end = text.find([':', '[']).unwrap_or(text.len());
    text.split_at(text[..end].rfind('@').map_or(0, |at| at + 1))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_that_look_like_options_are_refused() {
        for good in ["host", "me@host", "bücher.example", "10.0.0.1", "me@it@host"] {
            let host = Host::parse(good.as_ref()).unwrap();
            assert_eq!((host.to_string().as_str(), host.as_os_str()), (good, good.as_ref()));
        }
        let bad = ["", "-oProxyCommand=x", "-", "a b", "a\nb", "a\u{a0}b", "[-oProxyCommand=x]", "[]", "[host]", "me@"];
        for bad in bad {
            assert_eq!(Host::parse(bad.as_ref()), None, "{bad}");
        }
        assert_eq!(Host::parse(OsStr::from_bytes(b"a\xff")), None);
    }

    #[test]
    fn ssh_gets_an_address_without_its_brackets() {
        for (typed, word) in [("[::1]", "::1"), ("me@[fe80::1%eth0]", "me@fe80::1%eth0"), ("me@::1", "me@::1")] {
            let host = Host::parse(typed.as_ref()).unwrap();
            assert_eq!((host.to_string().as_str(), host.as_os_str()), (typed, word.as_ref()));
        }
    }

    #[test]
    fn a_colon_in_brackets_divides_nothing() {
        for (text, parts) in [
            ("host", ("host", None)),
            ("host:a:b@[c]", ("host", Some("a:b@[c]"))),
            ("[::1]:api", ("[::1]", Some("api"))),
            ("me@[::1]", ("me@[::1]", None)),
            ("me@[::1]:", ("me@[::1]", Some(""))),
            (":x", ("", Some("x"))),
        ] {
            assert_eq!(split(text), Some(parts), "{text}");
        }
        assert_eq!((split("[::1"), split("[::1]x:y")), (None, None));
    }
}
