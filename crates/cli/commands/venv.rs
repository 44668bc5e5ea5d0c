//! `venvwrap venv`: an environment in any directory, as `virtualenv DIR` makes it.

use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::trash::TrashPolicy;
use venvwrap_core::store::{Store, StoreOptions};

use crate::actions::install::Packages;
use crate::actions::make::{self, CreateRequest};
use crate::args::{PackageOptions, VenvArgs};
use crate::error::{Context as _, Result};
use crate::process::Process;

/// Creates the environment; nothing else knows of it.
pub(crate) fn run(process: Process, args: &VenvArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.directory);
    let name = EnvName::for_existing(path.file_name().unwrap_or_default())?;
    let home = path.parent().unwrap_or(&path).to_path_buf();
    // The directory next to which it is made is its store: the same steps, locks and guarantees. It may be any, also the
    // home directory, because nothing in it is listed or removed by its name.
    let options = process.store_options();
    let options = StoreOptions { home, is_anywhere: true, state_dir: None, trash: TrashPolicy::none(), ..options };
    let process = process.with_store(Store::open(options));
    let request = CreateRequest {
        name,
        options: &args.options,
        hidden: &args.hidden,
        project: None,
        project_files: None,
        packages: Packages::new(&PackageOptions::default()),
        owner: None,
        bundle: None,
    };
    make::bare(&process, &request).with_context(|| format!("could not create `{}`", path.display()))?;
    Ok(ExitCode::SUCCESS)
}
