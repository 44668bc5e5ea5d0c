//! What all archives and packages of environments depend on.

use venvwrap_core::config::variables::SOURCE_DATE_EPOCH;
use venvwrap_core::env::Environment;
use venvwrap_core::env::packages::library_directories;
use venvwrap_core::pack::OnEditable;
use venvwrap_core::python::Interpreter;

use super::interpreters;
use crate::args::EditableChoice;
use crate::error::{Explain, Result};
use crate::process::{Process, set_variable};

/// The variable for reproducible archives holds something else than a time.
#[derive(Debug, thiserror::Error)]
#[error("`SOURCE_DATE_EPOCH` is not a number of seconds")]
struct WrongTime;

impl Explain for WrongTime {
    fn hint(&self) -> Option<String> {
        Some("set it to a number such as `$(git log -1 --format=%ct)`, or unset it".into())
    }
}

/// The base of an environment, if it is here.
pub(crate) fn base(process: &Process, environment: &Environment) -> Option<Interpreter> {
    let found = interpreters::choose_for_existing(process, environment.path()).ok()?.interpreter;
    library_directories(environment.path()).contains(&found.lib_dir_name()).then_some(found)
}

/// The time that all entries get, if the user wants that.
pub(crate) fn time() -> Result<Option<u64>> {
    let Some(value) = set_variable(SOURCE_DATE_EPOCH) else { return Ok(None) };
    let seconds = value.to_str().and_then(|value| value.parse().ok()).ok_or(WrongTime)?;
    Ok(Some(seconds))
}

/// What happens to editable packages.
pub(crate) fn on_editable(choice: EditableChoice) -> OnEditable {
    match choice {
        EditableChoice::Fail => OnEditable::Fail,
        EditableChoice::Skip => OnEditable::Skip,
    }
}
