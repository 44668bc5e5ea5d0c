//! `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::actions::place;
use crate::actions::remove::{self, Removal};
use crate::args::RemoveArgs;
use crate::error::Result;
use crate::process::{Process, active};

const NO_TRASH: &str = "delete the directory itself: what is not in `WORKON_HOME` has no trash and no undo";

/// Removes the environments.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names =
        args.names.iter().map(|word| place::name_in_store(process, word, NO_TRASH)).collect::<Result<BTreeSet<_>>>()?;
    let active = active();
    let options = remove::options(process, args, active.as_deref());
    Removal { options, may_be_missing: false, announce: &|_| Ok(()), is_told: false }.all(process, names.iter())?;
    Ok(ExitCode::SUCCESS)
}
