//! `venvwrap kernel`: environments among the kernels that Jupyter offers.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::kernel_spec::KernelRequest;
use venvwrap_core::env::kernels::Kernel;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::kernels::{KernelError, KernelState, ListedKernel};

use crate::actions::find;
use crate::actions::install::{self, Packages};
use crate::actions::packages;
use crate::args::{KernelAddArgs, KernelArgs, KernelCommand, KernelListArgs, KernelRemoveArgs, PackageOptions};
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::columns::{self, Column};
use crate::ui::printer::{self, shown};

/// What runs in the environment of a kernel.
const IPYKERNEL: &str = "ipykernel";

/// Where Jupyter looks for kernels of the system.
const SYSTEM: [&str; 2] = ["/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels"];

/// Runs one of the verbs.
pub(crate) fn run(process: &Process, args: &KernelArgs) -> Result<ExitCode> {
    match &args.command {
        None => list(process, &KernelListArgs { json: args.json }),
        Some(KernelCommand::Add(args)) => add(process, args),
        Some(KernelCommand::Remove(args)) => remove(process, args),
        Some(KernelCommand::List(args)) => list(process, args),
    }
}

fn add(process: &Process, args: &KernelAddArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, args.name.as_deref())?;
    let request = KernelRequest {
        id: args.id.clone(),
        display_name: args.display_name.clone(),
        is_without_path: args.no_path,
        variables: args.variables.clone(),
        force: args.force,
    };
    let failure = || format!("could not add a kernel for `{}`", environment.name());
    // Without `pyvenv.cfg` its Python is the base one, which pip would install for.
    packages::read(process, &environment).with_context(failure)?;
    let kernel = match process.store.add_kernel(&environment, &request) {
        Err(KernelError::NoIpykernel { .. }) if args.install => {
            let wanted =
                Packages::new(&PackageOptions { packages: vec![IPYKERNEL.into()], ..PackageOptions::default() });
            install::install(process, environment.path(), &wanted, &process.cwd).with_context(failure)?;
            process.store.add_kernel(&environment, &request)
        }
        other => other,
    }
    .with_context(failure)?;
    if args.json {
        let value = json_of(&kernel, Some(environment.name()), KernelState::Ok);
        printer::json(&value)?;
        return Ok(ExitCode::SUCCESS);
    }
    let directory = shown(kernel.directory(), process.config.home.as_deref());
    let name = printable(kernel.display_name.as_ref());
    printer::message(&format!("added the kernel `{name}` (`{directory}`)"));
    if let Some(id) = args.id.as_ref().filter(|id| kernel.id != id.as_str()) {
        printer::message(&format!(
            "its id is `{}`, not `{id}`: Jupyter takes no notice of case",
            printable(&kernel.id)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(process: &Process, args: &KernelRemoveArgs) -> Result<ExitCode> {
    process.store.remove_kernels(&args.ids, args.force).with_context(|| "removed no kernel".into())?;
    if args.json {
        let value = json!({ "removed": args.ids });
        printer::json(&value)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, args: &KernelListArgs) -> Result<ExitCode> {
    let others = other_directories();
    let (found, unreadable) = (process.store.kernels(&others), process.store.unreadable_kernels(&others));
    for file in &unreadable {
        let file = shown(file, process.config.home.as_deref());
        printer::warning(&format!("`{file}` is not the description of a kernel"));
    }
    if args.json {
        let value: Vec<_> = found.iter().map(as_json).collect();
        printer::json(&value)?;
    } else if !found.is_empty() {
        let row = |found: &ListedKernel| {
            vec![
                printable(&found.kernel.id),
                printable(found.kernel.display_name.as_ref()),
                found.environment.as_ref().map(ToString::to_string).unwrap_or_default(),
                shown(&found.kernel.program, process.config.home.as_deref()),
                found.state.word().to_string(),
            ]
        };
        let columns = [
            Column::names("id", 16),
            Column::texts("display name", 24).dropped(2),
            Column::names("environment", 12),
            Column::paths("python", 16).dropped(1),
            Column::whole("state"),
        ];
        printer::data(columns::plain(&columns, found.iter().map(row)).as_bytes())?;
    } else if unreadable.is_empty() {
        printer::remark("no environment is a kernel of Jupyter");
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(found: &ListedKernel) -> serde_json::Value {
    json_of(&found.kernel, found.environment.as_ref(), found.state)
}

fn json_of(kernel: &Kernel, environment: Option<&EnvName>, state: KernelState) -> serde_json::Value {
    json!({
        "id": kernel.id.to_string_lossy(),
        "display_name": kernel.display_name,
        "environment": environment.map(|name| name.as_os_str().to_string_lossy()),
        "program": kernel.program.to_string_lossy(),
        "path": kernel.directory().to_string_lossy(),
        "is_own": kernel.environment.is_some(),
        "state": match state {
            KernelState::Ok => "ok",
            KernelState::Dead => "dead",
            KernelState::Elsewhere => "elsewhere",
            KernelState::Path => "path",
        },
    })
}

/// Those of the system.
pub(crate) fn other_directories() -> Vec<PathBuf> {
    SYSTEM.map(PathBuf::from).to_vec()
}
