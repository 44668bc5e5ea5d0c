//! Sentences that several commands share.

use venvwrap_core::project::decide::Reason;

/// Why a directory is not trusted, behind what leads to its environment.
pub(crate) fn why(reason: &Reason) -> String {
    match reason {
        Reason::New => "is not allowed yet".to_string(),
        Reason::Changed => "has changed since it was allowed".to_string(),
        Reason::Untrustworthy(error) => format!("cannot be allowed: {error}"),
    }
}
