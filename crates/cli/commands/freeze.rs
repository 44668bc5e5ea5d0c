//! `venvwrap freeze`: what is installed, as pip or uv would list it.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::env::direct_url::Kind;
use venvwrap_core::env::distributions::{Distribution, installed_in};
use venvwrap_core::env::import_path::user_site;
use venvwrap_core::env::packages::normalized;
use venvwrap_core::fs::{self, PathContext as _};
use venvwrap_core::snapshot::credentials;
use venvwrap_core::snapshot::freeze::{
    FreezeNote, FreezeOptions, Frozen, LeftOut, freeze, freeze_for_uv, in_order_of, without_credentials,
};
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::requirements;

use crate::actions::{find, hashed, inputs, packages};
use crate::args::{FreezeArgs, FreezeFormat};
use crate::error::Result;
use crate::process::Process;
use crate::ui::{printer, report};

/// Lists what is installed in an environment.
pub(crate) fn run(process: &Process, args: &FreezeArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, args.name.as_deref())?;
    let mut packages = packages::read(process, &environment)?;
    if !args.path.is_empty() {
        let directories: Vec<_> = args.path.iter().map(|directory| process.absolute(directory)).collect();
        packages.installed = installed_in(&directories, &environment);
    }
    if args.user {
        // Where the environment does not show them there are none, as for pip.
        let site = process.config.home.as_deref().and_then(|home| user_site(&environment, home));
        packages.installed.distributions.retain(|found| site.as_ref().is_some_and(|site| found.info.starts_with(site)));
    }
    packages::warn(&packages.installed.oddities);
    let excluded: Vec<_> = args.exclude.iter().map(|name| normalized(name)).collect();
    // As for pip, what the lines of a file name is listed all the same.
    if args.requirement.is_empty() {
        packages.installed.distributions.retain(|found| !excluded.contains(&found.key));
    }
    let text = match args.format {
        FreezeFormat::Pip if args.hashes => hashed::as_requirements(process, args, &environment, &packages)?,
        FreezeFormat::Pip => as_pip(process, args, &packages, &excluded)?,
        FreezeFormat::Pylock => hashed::as_lock(process, args, &environment, &packages)?,
        FreezeFormat::Uv => as_uv(args, &packages),
        FreezeFormat::Json => as_json(args, &packages)?,
    };
    match &args.output {
        Some(file) => write(&process.absolute(file), &text)?,
        None => printer::data(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn as_pip(process: &Process, args: &FreezeArgs, packages: &Packages, excluded: &[String]) -> Result<Vec<u8>> {
    let found = freeze(&packages.installed.distributions, packages.python.version, options(args));
    warn(&found.notes);
    if !args.requirement.is_empty() {
        let files: Vec<_> = args.requirement.iter().map(|file| order_of(process, args, file)).collect::<Result<_>>()?;
        return Ok(in_order_of(&files, &found.lines, excluded, |at, left| warn_of(left, &args.requirement[at])));
    }
    let mut text = Vec::new();
    found.lines.iter().for_each(|frozen| frozen.write_pip(&mut text));
    Ok(text)
}

/// Returns a file whose order counts, as it may be shown.
fn order_of(process: &Process, args: &FreezeArgs, file: &Path) -> Result<String> {
    let order = if inputs::is_pipe(file) {
        requirements::decoded(&inputs::read_pipe(file)?, &file.display().to_string())?
    } else {
        requirements::read_text(&process.absolute(file))?
    };
    let Some(hidden) = without_credentials(&order).filter(|_| !args.credentials) else { return Ok(order) };
    printer::warning(&format!("the credentials in URLs of `{}` are hidden", file.display()));
    Ok(hidden)
}

/// What is not as in the file whose order counts.
fn warn_of(left: LeftOut<'_>, file: &Path) {
    let file = file.display();
    let hidden = |line: &str| credentials::hide_in_line(line).unwrap_or_else(|| line.to_owned());
    printer::warning(&match left {
        LeftOut::Missing(name) => format!("`{name}` is in `{file}` but not installed"),
        LeftOut::Line(line) => format!("`{}` of `{file}` is left out: it does not name a package", hidden(line)),
        LeftOut::Option(option) => format!("the option `{}` of `{file}` is left out", hidden(option)),
        LeftOut::Repeated(name) => format!("`{name}` of `{file}` is listed once: it is in more than one line"),
        LeftOut::Hashes => format!("the hashes of `{file}` are left out; `--hashes` without `-r` writes them"),
    });
}

fn as_uv(args: &FreezeArgs, packages: &Packages) -> Vec<u8> {
    let (lines, notes) = freeze_for_uv(&packages.installed.distributions, packages.python.version, options(args));
    warn(&notes);
    lines.concat()
}

fn as_json(args: &FreezeArgs, packages: &Packages) -> Result<Vec<u8>> {
    let distributions = &packages.installed.distributions;
    let found = freeze(distributions, packages.python.version, options(args));
    warn(&found.notes);
    let of = |frozen: &Frozen| {
        distributions.iter().find(|found| found.key == frozen.key).map(|found| (frozen.clone(), found))
    };
    let values: Vec<_> = found.lines.iter().filter_map(of).map(|(frozen, found)| json_of(&frozen, found)).collect();
    Ok((serde_json::to_string_pretty(&values)? + "\n").into_bytes())
}

fn json_of(frozen: &Frozen, distribution: &Distribution) -> Value {
    let source = match distribution.direct_url.as_ref().map(|origin| &origin.kind) {
        _ if frozen.is_editable => "editable",
        None => "index",
        Some(Kind::Archive { .. }) => "archive",
        Some(Kind::Vcs { .. }) => "vcs",
        Some(Kind::Directory { .. }) => "directory",
    };
    json!({
        "name": frozen.name,
        "normalized_name": frozen.key,
        "version": frozen.version,
        "requirement": String::from_utf8_lossy(&frozen.requirement),
        "source": source,
        "editable": distribution.editable.as_ref().map(|path| path.to_string_lossy()),
        "installer": distribution.installer(),
        "requested": distribution.is_requested(),
        "local": distribution.is_local,
        "removable": distribution.has_record(),
    })
}

fn options(args: &FreezeArgs) -> FreezeOptions {
    let FreezeArgs { all, local, exclude_editable, credentials, .. } = *args;
    FreezeOptions { all, local, exclude_editable, credentials }
}

fn warn(notes: &[FreezeNote]) {
    for note in notes {
        report::warn(note);
    }
}

/// Writes the file as a whole; a link stays one, and a pipe or device is written to.
fn write(file: &Path, text: &[u8]) -> Result<()> {
    match file.canonicalize() {
        Ok(real) if real.is_file() => fs::replace_file(&real, text, 0o666)?,
        Ok(real) => std::fs::write(&real, text).at("write", &real)?,
        Err(_) => fs::replace_file(file, text, 0o666)?,
    }
    Ok(())
}
