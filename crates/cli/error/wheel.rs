//! Hints for wheels: those on this machine, and those that an index offers.

use venvwrap_core::wheel::pip_refusal::PipRefusal;
use venvwrap_core::wheel::update::UpdateError;
use venvwrap_core::wheel::{BytecodeError, IndexError, SeedError};

use super::Explain;

impl Explain for SeedError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { wanted, .. } => Some(format!("{}; `--download` asks the index", without(wanted))),
            Self::Version(_) => Some("a version looks like `24.0`".into()),
            Self::Index(error) => error.hint(),
            Self::Path(error) => error.hint(),
        }
    }
}

/// What helps where a wheel is missing.
fn without(wanted: &str) -> String {
    let project = if wanted.starts_with("setuptools") { "setuptools" } else { "pip" };
    format!("`--no-{project}` leaves {project} out; `--extra-search-dir DIR` looks for wheels in DIR")
}

impl Explain for IndexError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unencrypted { .. } => Some("use an `https` address, or name the host in pip's `trusted-host`".into()),
            Self::Downgraded { .. } => Some("ask those who run the index to send on to an `https` address".into()),
            Self::Certificates(_) => {
                Some("it is named by pip's `cert`, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE".into())
            }
            Self::Proxy => Some("check pip's `proxy` and the variable HTTPS_PROXY".into()),
            Self::NotOffered { wanted, .. } => Some(without(wanted)),
            Self::Unsupported
            | Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::Interrupted { .. }
            | Self::Page { .. }
            | Self::Checksum { .. } => Some(without("pip")),
            Self::NoRoom(_) => Some("make room".into()),
            Self::Settings(refusal) => refusal.hint(),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for PipRefusal {
    fn hint(&self) -> Option<String> {
        Some("correct it: pip does not run until then".into())
    }
}

impl Explain for UpdateError {
    /// None: only a job in the background fails with it, and that is silent.
    fn hint(&self) -> Option<String> {
        None
    }
}

impl Explain for BytecodeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Path(error) => error.hint(),
            Self::NoCache | Self::NotCached(_) | Self::Compiler(_) => None,
        }
    }
}
