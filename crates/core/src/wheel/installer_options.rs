//! What uv or pip is to be told, so that both install from where pip's settings say, and into the environment.
//!
//! uv reads none of pip's settings. Left alone it would ask the public index for packages of a company's own: whoever
//! publishes the name there first is installed.

mod context;
#[cfg(test)]
mod tests;
mod translation;

use std::ffi::{OsStr, OsString};

pub use self::context::{InstallerContext, InstallerOptions, NoOptions};
use self::translation::translate;
use super::file_options::FileOptions;
pub use super::not_for_uv::NotForUv;
use super::pip_refusal::PipRefusal;
use super::pip_settings::{Command, PipSettings, Places, SYSTEM, variables_of};
use super::uv_settings;

/// Settings that decide where packages go. The environment is where they go.
const TO: [&str; 9] =
    ["dry-run", "no-user", "prefix", "python", "require-venv", "require-virtualenv", "root", "target", "user"];

/// Variables that overrule what pip's files may say: it works, and for the Python that runs it. The option that could say
/// the latter makes pip start itself again, with this variable.
pub const PIP_AT_WORK: [(&str, &str); 2] = [("PIP_DRY_RUN", "0"), ("_PIP_RUNNING_IN_SUBPROCESS", "1")];

/// Returns what to tell uv that is to read requirements files with these options.
pub fn for_uv(context: &InstallerContext<'_>, file: &FileOptions) -> Result<InstallerOptions, NoOptions> {
    for_uv_in(SYSTEM, context, file)
}

/// Returns what to tell pip, which reads its settings itself: where packages go is not for them to decide.
pub fn for_pip(context: &InstallerContext<'_>) -> Result<InstallerOptions, PipRefusal> {
    for_pip_in(SYSTEM, context)
}

fn for_uv_in(
    system: &[&str],
    context: &InstallerContext<'_>,
    file: &FileOptions,
) -> Result<InstallerOptions, NoOptions> {
    let settings = PipSettings::read(Command::Install, &places(system, context))?;
    if let Some(key) = uv_settings::elsewhere(context) {
        return Err(NotForUv { key }.into());
    }
    Ok(translate(&settings, context, file)?)
}

fn for_pip_in(system: &[&str], context: &InstallerContext<'_>) -> Result<InstallerOptions, PipRefusal> {
    let settings = PipSettings::read(Command::Install, &places(system, context))?;
    if let Some(refusal) = settings.refusal_of_switch("version", "no, or pip only prints its version") {
        return Err(refusal);
    }
    let mut options = InstallerOptions {
        removed: removed_from_pip(context.names),
        variables: PIP_AT_WORK.map(|(name, value)| (name.to_owned(), value.into())).into(),
        ..InstallerOptions::default()
    };
    let mut add = |words: &[&dyn AsRef<OsStr>]| {
        options.arguments.extend(words.iter().map(|word| word.as_ref().to_os_string()));
    };
    // A variable cannot take back what a file says: an empty one counts as unset.
    if settings.is_in_files("user") {
        add(&[&"--no-user"]);
    }
    if settings.is_in_files("target") {
        add(&[&"--target", &""]);
    }
    if settings.is_in_files("prefix") {
        add(&[&"--prefix", &context.env]);
    }
    if settings.is_in_files("root") {
        add(&[&"--root", &"/"]);
    }
    Ok(options)
}

/// The variables of pip that decide where packages go; they mean nothing to an environment.
pub fn removed_from_pip(names: &dyn Fn() -> Vec<OsString>) -> Vec<String> {
    variables_of(&TO, names)
}

/// The variables by which pip is told one of these settings.
pub fn pip_variables(keys: &[&str], names: &dyn Fn() -> Vec<OsString>) -> Vec<String> {
    variables_of(keys, names)
}

fn places<'a>(system: &'a [&'a str], context: &InstallerContext<'a>) -> Places<'a> {
    let InstallerContext { names, lookup, home, env, current_dir, .. } = *context;
    Places { system, names, lookup, home, env: Some(env), current_dir, without: &TO }
}
