//! Sentences that several commands share.

use std::path::Path;

use venvwrap_core::project::decide::Reason;

use super::printer;

use crate::error::Result;

/// Why a directory is not trusted, behind what leads to its environment.
pub(crate) fn why(reason: &Reason) -> String {
    match reason {
        Reason::New => "is not trusted yet".to_string(),
        Reason::Changed => "has changed since you trusted it".to_string(),
        Reason::Untrustworthy(error) => format!("cannot be trusted: {error}"),
    }
}

/// What is said when a project directory has been associated.
pub(crate) fn project_is_set(name: &impl std::fmt::Display, directory: &Path) -> Result<()> {
    printer::data(format!("Setting project for {name} to {}\n", printer::shown(directory, None)).as_bytes())
}
