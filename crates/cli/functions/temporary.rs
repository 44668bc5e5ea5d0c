//! `mktmpenv`: an environment that goes when it is left, but never while something else uses it.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use venvwrap_core::env::metadata::{Metadata, Owner};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::usage;
use venvwrap_core::store::remove::RemoveOptions;

use crate::actions::install::Packages;
use crate::actions::make::{self, Wanted};
use crate::actions::{background, hooks, remove};
use crate::args::MktmpenvArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

/// What to make; the name follows from the shell's token.
pub(crate) fn wanted(args: &MktmpenvArgs) -> Wanted<'_> {
    Wanted {
        name: name(&args.token),
        options: &args.options,
        hidden: &args.hidden,
        project: None,
        packages: Packages::new(&args.packages, &args.requirements),
        owner: Some(owner(&args.token)),
    }
}

/// The name that belongs to a token: the same for both calls of a shell function.
pub(crate) fn name(token: &str) -> EnvName {
    let plain: String = token.chars().filter(char::is_ascii_digit).collect();
    let text = format!("tmp-{plain}");
    EnvName::for_new(text.as_ref()).unwrap_or_else(|_| unreachable!("letters and digits are a name"))
}

/// Removes a temporary environment that a shell has just left, unless it is still in use.
pub(crate) fn reap(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [path] = arguments else { return Ok(ExitCode::from(2)) };
    let path = Path::new(path);
    let Some(name) = path.file_name().and_then(|name| EnvName::for_existing(name).ok()) else {
        return Ok(ExitCode::SUCCESS);
    };
    // Only what lies in the store and says itself that it is temporary.
    let is_ours = make::path_of(process, &name) == path && Metadata::read(path).temporary.is_some();
    if !is_ours {
        return Ok(ExitCode::SUCCESS);
    }
    let leaving = leaving();
    usage::unregister(path, &leaving);
    if usage::is_in_use(path, &leaving) {
        printer::message(&format!("keeping the temporary environment `{name}`: another process is using it"));
        return Ok(ExitCode::SUCCESS);
    }
    let options = RemoveOptions { active: None, force: false, user_home: process.config.home.as_deref() };
    printer::data(format!("Removing temporary environment: {name}\nRemoving {name}...\n").as_bytes())?;
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    remove::take_out(process, &name, &options)?;
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    background::sweep(process);
    Ok(ExitCode::SUCCESS)
}

/// The shell's process is the first number of its token.
fn owner(token: &str) -> Owner {
    let pid = token.split('.').next().and_then(|pid| pid.parse().ok());
    Owner { pid: pid.unwrap_or_else(|| rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get())) }
}

/// This process, the shell that started it and whatever started that: they do not count as users.
fn leaving() -> Vec<i32> {
    usage::ancestors(i32::try_from(std::process::id()).unwrap_or(0))
}
