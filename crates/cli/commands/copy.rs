//! `venvwrap copy`.

use std::process::ExitCode;

use venvwrap_core::fs::text::printable;

use crate::actions::copy::{check_source, make, report, resolve, source_name};
use crate::args::CopyArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer;

/// Copies an environment, or imports one from outside the store.
pub(crate) fn run(process: &Process, args: &CopyArgs) -> Result<ExitCode> {
    let request = resolve(process, &args.source, args.target.as_deref())?;
    check_source(process, &request.source)?;
    let copied = make(process, &request)
        .with_context(|| format!("could not copy `{}` as `{}`", printable(&args.source), request.target))?;
    let (source, count) = (printable(&source_name(&request.source)), copied.rewritten);
    let noun = if count == 1 { "file" } else { "files" };
    printer::remark(&format!(
        "copied `{source}` to `{}` ({count} of {} {noun} rewritten)",
        request.target, copied.files
    ));
    Ok(report(&copied))
}
