//! `mktmpenv`: an environment that is removed when it is left, but never while something else uses it.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::usage;
use venvwrap_core::store::remove::RemoveOptions;
use venvwrap_core::store::temporary::{Left, name_of, owner_of};

use crate::actions::creation_request::CreateRequest;
use crate::actions::install::Packages;
use crate::actions::remove::Removal;
use crate::args::MktmpenvArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

/// What to create; the name follows from the shell's token.
pub(crate) fn request(args: &MktmpenvArgs) -> CreateRequest<'_> {
    let shell = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    CreateRequest {
        name: name_of(&args.token),
        options: &args.options,
        hidden: &args.hidden,
        project: None,
        // Whatever directory one happens to be in: this environment has nothing to do with it.
        project_files: None,
        packages: Packages::new(&args.packages),
        owner: Some(owner_of(&args.token, shell)),
        bundle: None,
    }
}

/// Removes a temporary environment that a shell has just left, unless it is still in use.
pub(crate) fn reap(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [path] = arguments else { return Ok(ExitCode::from(2)) };
    match process.store.leave(Path::new(path), &leaving()) {
        Left::NotTemporary => {}
        Left::InUse(name) => {
            printer::message(&format!("keeping the temporary environment `{name}`: another process is using it"));
        }
        Left::Unused(name) => {
            let removal = Removal {
                options: RemoveOptions::default(),
                may_be_missing: true,
                announce: &announce,
                is_told: false,
            };
            removal.all(process, std::iter::once(&name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn announce(name: &EnvName) -> Result<()> {
    printer::data(format!("Removing temporary environment: {name}\nRemoving {name}...\n").as_bytes())
}

/// This process, the shell that started it and whatever started that: they do not count as users.
fn leaving() -> Vec<i32> {
    usage::ancestors(i32::try_from(std::process::id()).unwrap_or(0))
}
