//! The name of another machine.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::fs::text::printable;

/// A machine as ssh takes it, with a user perhaps: `me@server`. It is never an option of ssh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(OsString);

impl Host {
    /// Reads a name; none for what ssh would take for something else.
    pub fn parse(text: &OsStr) -> Option<Self> {
        let name = text.to_str()?;
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        let is_host = !name.is_empty() && !name.starts_with('-') && !name.contains(is_odd);
        is_host.then(|| Self(text.to_os_string()))
    }

    /// Returns the word for ssh.
    pub fn as_os_str(&self) -> &OsStr {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&printable(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_that_look_like_options_are_refused() {
        for good in ["host", "me@host", "bücher.example", "10.0.0.1", "[::1]"] {
            assert_eq!(Host::parse(good.as_ref()).unwrap().to_string(), good);
        }
        for bad in ["", "-oProxyCommand=x", "-", "a b", "a\nb", "a\u{a0}b"] {
            assert_eq!(Host::parse(bad.as_ref()), None, "{bad}");
        }
        assert_eq!(Host::parse(OsStr::from_bytes(b"a\xff")), None);
    }
}
