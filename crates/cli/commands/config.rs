//! `venvwrap config`: the keys of config.toml.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitCode};

use venvwrap_core::config::edit::{self, ConfigFileError};
use venvwrap_core::config::variables::{self, Variable};
use venvwrap_core::fs::PathContext as _;
use venvwrap_core::fs::text::printable;

use crate::actions::hard_links::{links_of, tell_of_links};
use crate::actions::interrupt;
use crate::args::{ConfigArgs, ConfigCommand, ConfigListArgs};
use crate::error::{Explain, Result};
use crate::process;
use crate::ui::columns::{self, Cell, Column};
use crate::ui::printer::{self, BAD};

/// The status of a shell that does not find a command.
const NOT_FOUND: i32 = 127;

/// There is no place for the file.
#[derive(Debug, thiserror::Error)]
#[error("could not find a configuration directory")]
struct NoConfigDirectory;

impl Explain for NoConfigDirectory {
    fn hint(&self) -> Option<String> {
        Some("set HOME, or VENVWRAP_CONFIG to a file".into())
    }
}

/// The editor cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("could not run the editor `{0}`")]
struct EditorError(String, #[source] std::io::Error);

impl Explain for EditorError {
    fn hint(&self) -> Option<String> {
        Some("set EDITOR to the command of your editor".into())
    }
}

/// Runs one of the verbs. As with `git config`, the status says whether a key is set.
///
/// The file is read for this alone, so that a wrong one can be repaired.
pub(crate) fn run(args: &ConfigArgs) -> Result<ExitCode> {
    let path = process::config_file().ok_or(NoConfigDirectory)?;
    let listing = ConfigCommand::List(ConfigListArgs::default());
    let command = args.command.as_ref().unwrap_or(&listing);
    let is_read = matches!(command, ConfigCommand::Get(_) | ConfigCommand::Unset(_) | ConfigCommand::List(_));
    if is_read && process::set_variable(variables::VENVWRAP_CONFIG).is_some() {
        // Every other command reads it, too.
        std::fs::metadata(&path).at("read", &path)?;
    }
    match command {
        ConfigCommand::Get(args) => {
            let Some(value) = edit::get(&path, &args.key)? else {
                printer::remark("the key is not set; `venvwrap config list --all` lists all keys and their defaults");
                return Ok(ExitCode::FAILURE);
            };
            printer::foreign((value + "\n").as_bytes())?;
        }
        ConfigCommand::Set(args) => {
            change(&path, || edit::set_all(&path, &args.key, &args.values))?;
            // The others are read by each command.
            if args.key == "auto" {
                printer::remark("`auto` applies to shells that start from now on");
            }
        }
        ConfigCommand::Unset(args) => change(&path, || edit::unset(&path, &args.key))?,
        ConfigCommand::List(args) if args.all => printer::data(all(&path)?.as_bytes())?,
        ConfigCommand::Path => printer::line(path.as_os_str())?,
        ConfigCommand::Edit => return edit_file(&path),
        ConfigCommand::List(_) => {
            let set = edit::list(&path)?;
            for (key, value) in &set {
                printer::foreign(format!("{key} = {value}\n").as_bytes())?;
            }
            if set.is_empty() {
                printer::remark("no key is set; `venvwrap config list --all` lists all keys and their defaults");
            }
        }
    }
    printer::warn_of(&process::config_problems());
    Ok(ExitCode::SUCCESS)
}

/// Changes the file, which is replaced by a new one: under other names it stays as it was.
fn change(path: &Path, change: impl FnOnce() -> Result<(), ConfigFileError>) -> Result<()> {
    let links = links_of(path);
    change()?;
    // Where nothing has changed, it has them still.
    if links_of(path) < links {
        tell_of_links(path, links);
    }
    Ok(())
}

/// Every key with its value and where that comes from: a variable, the file, or nowhere. A value of the file that cannot
/// be used is marked.
fn all(path: &Path) -> Result<String> {
    let set = edit::list(path)?;
    let problems = process::config_problems();
    let is_wrong = |key: &str| problems.iter().any(|problem| problem.affected.contains(&key));
    let row = |(key, _): &(&str, edit::Shape)| {
        let variable = variables::ALL.iter().find(|variable| variable.key == Some(*key));
        let of_variable = variable.and_then(|variable| Some((process::set_variable(*variable)?, variable.name)));
        let of_file = set.iter().find(|(found, _)| found == key).map(|(_, value)| value.clone());
        let (value, origin) = match (of_variable, of_file) {
            (Some((value, name)), _) => (printable(&value).into(), name),
            (None, Some(value)) if is_wrong(key) => {
                (Cell::styled(printable(value.as_ref()) + " (not used)", BAD), "config.toml")
            }
            (None, Some(value)) => (printable(value.as_ref()).into(), "config.toml"),
            (None, None) if is_wrong(key) => (Cell::styled("(not used)", BAD), "config.toml"),
            (None, None) => (default_of(key, variable).into(), "default"),
        };
        vec![(*key).to_string().into(), value, origin.to_string().into()]
    };
    let rows: Vec<_> = edit::KEYS.iter().map(row).collect();
    Ok(columns::table(&[Column::whole("key"), Column::paths("value", 16), Column::texts("set by", 14)], &rows))
}

fn default_of(key: &str, variable: Option<&Variable>) -> String {
    match (key, variable.and_then(|variable| variable.default)) {
        ("install_python", _) => "ask".into(),
        ("installer", _) => "auto".into(),
        ("link_mode", _) if process::user().uid == 0 => "clone".into(),
        ("link_mode", _) => "hardlink".into(),
        ("trash_keep", _) => "24h".into(),
        ("trash_max", _) => "10G".into(),
        ("auto_repair" | "seed_update", _) | (_, Some("yes" | "on")) => "true".into(),
        (_, Some("no" | "off")) => "false".into(),
        (_, Some(text)) => text.replace('`', ""),
        (_, None) => "none".into(),
    }
}

/// Returns whether a command is a program with arguments. That takes the shell's place, so that a signal reaches it, and
/// not a shell that ends before its editor does.
fn is_program(command: &OsStr) -> bool {
    // What the shell itself does, as the `:` of those who want no editor.
    const OF_SHELL: [&[u8]; 7] = [b"!", b".", b":", b"command", b"eval", b"exec", b"time"];
    let bytes = command.as_encoded_bytes();
    let first = bytes.trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_word = !first.is_empty() && !first.contains(&b'=') && !OF_SHELL.contains(&first);
    is_word && !bytes.iter().any(|byte| b";&|<>(){}`#\n".contains(byte))
}

/// Opens the file in the user's editor, then says what is wrong with it. The status is the editor's.
fn edit_file(path: &Path) -> Result<ExitCode> {
    let set = [variables::VISUAL, variables::EDITOR].into_iter().find_map(process::set_variable);
    let editor = set.unwrap_or_else(|| "vi".into());
    let above = || path.ancestors().skip(1);
    let made = above().take_while(|directory| directory.symlink_metadata().is_err()).count();
    if let Some(directory) = path.parent() {
        venvwrap_core::fs::create_dir_all(directory, 0o777)?;
    }
    // As git does: the value may be a command with options. The shell gets the path as a word, not as text.
    let mut script = OsString::from(if is_program(&editor) { "exec " } else { "" });
    script.push(&editor);
    script.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(&editor).arg(path);
    let status = interrupt::status_of(&mut command).map_err(|source| EditorError(printable(&editor), source))?;
    // Without a file nothing is to be left of it.
    let _ = above().take(made).try_for_each(std::fs::remove_dir);
    if status.code() == Some(NOT_FOUND) {
        printer::warning("the editor was not found; set EDITOR to the command of your editor");
    }
    printer::warn_of(&process::config_problems());
    let status = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(status))
}
