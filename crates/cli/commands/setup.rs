//! `venvwrap setup`: the one line in the shell's start-up file.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::fs::text::printable;
use venvwrap_core::fs::{Change, PathContext as _, PathError, PathResult, made};
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::start_up::{
    DeadLine, Place, Rival, dead_line, entry_scripts, loading_line, loads, other_shell, place_of_line, rivals,
    with_line, without_lines,
};

use crate::actions::hard_links::{links_of, tell_of_links};
use crate::actions::parent;
use crate::actions::start_up::{MAX_BYTES, StartUpFile, content, file_of, is_own_entry, login_file_without_bashrc};
use crate::actions::virtualenv_options;
use crate::args::SetupArgs;
use crate::error::{Context as _, Explain, Result};
use crate::process::{Process, lasting_path, set_variable};
use crate::ui::printer;
use venvwrap_core::config::variables;

/// Why no line was added.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    /// The start-up file is in the home directory.
    #[error("the home directory is unknown")]
    NoHome,
    /// The user cannot be asked.
    #[error("cannot ask for confirmation: not a terminal")]
    NotATerminal,
    /// Writing would put a file into the place of the link.
    #[error("`{0}` is a link to `{1}`, which does not exist")]
    LinkToNothing(PathBuf, PathBuf),
    /// The terminal failed.
    #[error("could not read from the terminal")]
    Terminal(#[source] io::Error),
}

impl Explain for SetupError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome => Some("set HOME".into()),
            Self::NotATerminal => Some("`--yes` adds the line without asking, `--print` only shows it".into()),
            Self::LinkToNothing(..) => Some("create that file, or remove the link".into()),
            Self::Terminal(_) => None,
        }
    }
}
/// What is said where there is nothing to undo.
const NOT_LOADED: &str = "no start-up file that `setup` looks into loads venvwrap";

/// Adds the line, unless it is there.
pub(crate) fn run(args: &SetupArgs) -> Result<ExitCode> {
    if args.undo {
        return undo(args.shell);
    }
    let shell = match args.shell {
        Some(shell) => shell,
        None => parent::shell_to_set_up()?,
    };
    let start_up = file_of(shell).ok_or(SetupError::NoHome)?;
    if start_up.is_uncertain {
        printer::warning(
            "ZDOTDIR is set in a way that only zsh understands: `ZDOTDIR=$ZDOTDIR venvwrap setup`, in zsh, tells it",
        );
    }
    let line = line(shell, &lasting_path());
    if args.print {
        printer::message(&format!("add this line at the end of `{}`:", start_up.path.display()));
        printer::data(&[line.as_slice(), b"\n"].concat())?;
        return Ok(ExitCode::SUCCESS);
    }
    set_up(start_up, shell, line, args.yes)
}

/// Adds the line to the start-up file, or replaces one of a program that is gone.
fn set_up(start_up: StartUpFile, shell: Shell, mut line: Vec<u8>, is_confirmed: bool) -> Result<ExitCode> {
    let StartUpFile { path: file, others, further, .. } = start_up;
    if let Some(target) = std::fs::read_link(&file).ok().filter(|_| !file.exists()) {
        return Err(SetupError::LinkToNothing(file, target).into());
    }
    let old = match venvwrap_core::fs::read_limited(&file, MAX_BYTES) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let others: Vec<_> = others.into_iter().map(|path| (content(&path), path)).collect();
    for path in &further {
        tell_of_line(path, shell, "also loads");
    }
    let mut dead = dead_in(&old, shell);
    if dead.is_none() {
        let loading = others.iter().find(|(text, _)| is_loaded_by(text, shell) && dead_in(text, shell).is_none());
        let loading = loading.map(|(_, path)| path).or_else(|| is_loaded_by(&old, shell).then_some(&file));
        if let Some(loading) = loading {
            printer::message(&format!("`{}` already loads venvwrap", loading.display()));
            tell_of_login_shells(shell);
            return Ok(ExitCode::SUCCESS);
        }
    }
    if let Some(dead) = &mut dead {
        printer::message(&format!(
            "`{}` loads a program that is gone, which this line replaces:\n  {}",
            file.display(),
            String::from_utf8_lossy(&old[dead.line.clone()])
        ));
        // Its options stay.
        line = std::mem::take(&mut dead.new);
    }
    let remedy = "`venvwrap setup --print` shows the line; put it";
    written(check_writable(&file), &file, remedy)?;
    if !is_confirmed && !confirm(&file, &line)? {
        printer::message("nothing was changed");
        return Ok(ExitCode::FAILURE);
    }
    let links = links_of(&file);
    written(add(&file, &line, shell), &file, remedy)?;
    tell_of_links(&file, links);
    let done = if dead.is_some() { "replaced one line in" } else { "added one line to" };
    printer::message(&format!("{done} `{}`", file.display()));
    tell_of_the_rest(&old, shell, dead.is_some());
    tell_of_other_lines(&old, &others, shell);
    tell_rivals(others.iter().map(|(text, _)| text).chain([&old]), shell);
    printer::message("open a new terminal, or run the line here:");
    printer::data(&[b"  ", line.as_slice(), b"\n"].concat())?;
    Ok(ExitCode::SUCCESS)
}

/// Returns whether a file loads venvwrap, by a line like that of `setup` or by the script.
fn is_loaded_by(content: &[u8], shell: Shell) -> bool {
    loads(content, shell) || entry_scripts(content, shell).iter().any(|script| is_own_entry(script) == Some(true))
}

/// Says which lines the new one replaces, in its file and in those that are read with it: setup writes nothing there.
fn tell_of_other_lines(old: &[u8], others: &[(Vec<u8>, PathBuf)], shell: Shell) {
    if !entry_scripts(old, shell).is_empty() {
        printer::message("it also loads virtualenvwrapper: remove that line, this one replaces it");
    }
    for (text, path) in others {
        let path = path.display();
        if let Some(dead) = dead_in(text, shell) {
            let dead = printable(OsStr::from_bytes(&text[dead.line]));
            printer::message(&format!(
                "`{path}` loads a program that is gone: remove `{dead}`, the new line replaces it"
            ));
        }
        if !entry_scripts(text, shell).is_empty() {
            printer::message(&format!("`{path}` loads virtualenvwrapper: remove that line, the new one replaces it"));
        }
    }
}

/// The line: it names this program by its path, because the start-up file may run before PATH is complete.
fn line(shell: Shell, program: &Path) -> Vec<u8> {
    let quoted = shell.quote(program.as_os_str().as_bytes());
    match shell {
        Shell::Fish => [quoted.as_slice(), b" init fish | source"].concat(),
        Shell::Bash => [b"eval \"$(", quoted.as_slice(), b" init bash)\""].concat(),
        Shell::Zsh => [b"eval \"$(", quoted.as_slice(), b" init zsh)\""].concat(),
    }
}

/// Says what keeps a shell from reading the line, or a person from using it.
fn tell_of_the_rest(old: &[u8], shell: Shell, is_replaced: bool) {
    if let (false, Place::Before(at)) = (is_replaced, place_of_line(old, shell)) {
        let end = String::from_utf8_lossy(&old[at..]).lines().next().unwrap_or_default().to_string();
        printer::message(&format!("it is before `{end}`, after which nothing is read"));
    }
    tell_of_login_shells(shell);
    if let Some(other) = other_shell(old, shell) {
        printer::warning(&format!("`{other}` starts another shell, in which the line is not read: set that up, too"));
    }
}

/// Says which shells do not read the line.
fn tell_of_login_shells(shell: Shell) {
    if let (Shell::Bash, false, Some(login)) = (shell, cfg!(target_os = "macos"), login_file_without_bashrc()) {
        printer::warning(&format!(
            "login shells, such as those of ssh and tmux, read `{}` instead: add `. ~/.bashrc` to it",
            login.display()
        ));
    }
}

/// Says what else activates environments.
fn tell_rivals<'a>(files: impl Iterator<Item = &'a Vec<u8>>, shell: Shell) {
    let mut found: Vec<_> = files.flat_map(|content| rivals(content, shell)).collect();
    found.dedup();
    for rival in found {
        printer::message(match rival {
            Rival::Virtualfish => {
                "virtualfish is loaded as well, and has commands of its own: remove it if you no longer use it"
            }
            Rival::PyenvVirtualenv => {
                "`pyenv virtualenv-init` runs as well, and also activates by directory: remove that line, or leave `auto` off"
            }
        });
    }
}

fn dead_in(content: &[u8], shell: Shell) -> Option<DeadLine> {
    dead_line(content, shell, &shell.quote(lasting_path().as_os_str().as_bytes()), &is_gone)
}

/// Returns whether a program that a start-up file names is not there.
fn is_gone(program: &Path) -> bool {
    let home = set_variable(variables::HOME).map(PathBuf::from);
    let program = match program.strip_prefix("~") {
        Ok(rest) => home.map(|home| home.join(rest)),
        Err(_) => Some(program.to_path_buf()),
    };
    program.is_some_and(|program| program.is_absolute() && matches!(program.try_exists(), Ok(false)))
}

/// Takes the line out of the start-up files again. The cache goes with that of all shells, and what is noted about shells
/// that have ended: what stays is the user's.
fn undo(only: Option<Shell>) -> Result<ExitCode> {
    let mut is_done = false;
    let mut looked_at = Vec::new();
    for shell in only.map_or_else(|| Shell::ALL.to_vec(), |shell| vec![shell]) {
        let StartUpFile { path, others, further, .. } = file_of(shell).ok_or(SetupError::NoHome)?;
        looked_at.push(format!("`{}`", path.display()));
        is_done |= undo_in(&path, shell)?;
        // Setup writes nothing there.
        for file in others.iter().chain(&further) {
            is_done |= tell_of_line(file, shell, "still loads");
        }
    }
    if only.is_none() {
        let process = Process::take_in(None)?;
        is_done |= remove_cache(&process)?;
        process.store.forget_shells();
        // Nothing else may be in it.
        process.config.state_dir.iter().for_each(|state| made::remove_empty(state, 0));
    }
    if !is_done {
        let place = if only.is_some() { looked_at.join(", ") + " does not load venvwrap" } else { NOT_LOADED.into() };
        printer::message(&format!("nothing to undo: {place}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the line out of one file; returns whether there was one.
fn undo_in(file: &Path, shell: Shell) -> Result<bool> {
    let Ok(real) = file.canonicalize() else { return Ok(false) };
    let mut found = None;
    let links = links_of(&real);
    let updated = venvwrap_core::fs::update(&real, MAX_BYTES, 0o644, |old| {
        let without = found.insert(without_lines(old.unwrap_or_default(), shell));
        Ok::<_, PathError>(match () {
            () if !without.is_removed => Change::Keep,
            // One that is a link stays, as dotfile managers made it.
            () if without.made.is_some() && !file.is_symlink() => Change::Remove,
            () => Change::Replace(std::mem::take(&mut without.kept)),
        })
    });
    written(updated.map(drop), file, "remove the line")?;
    let Some(found) = found else { return Ok(false) };
    if found.is_removed {
        tell_of_links(file, links);
        printer::message(&format!("removed the line from `{}`", file.display()));
    }
    if let Some(made) = found.made.filter(|_| !file.is_symlink()) {
        remove_empty(file, made);
    }
    let is_left =
        found.is_left || entry_scripts(&content(&real), shell).iter().any(|script| is_own_entry(script) == Some(true));
    if is_left {
        let file = file.display();
        printer::message(&format!(
            "`{file}` still loads venvwrap, in a line that `setup` has not written: remove that"
        ));
    }
    Ok(found.is_removed || is_left)
}

/// What is said of a file that is there and may not be written: one that is generated is changed elsewhere.
fn written(result: PathResult<()>, file: &Path, remedy: &str) -> Result<()> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match &result {
        Err(error)
            if matches!(error.source.kind(), PermissionDenied | ReadOnlyFilesystem)
                && file.symlink_metadata().is_ok() => {}
        _ => return Ok(result?),
    }
    let hint = format!("if another program generates that file, as home-manager does, {remedy} where it is configured");
    result.with_context(|| format!("could not write `{}`", file.display())).map_err(|error| error.with_hint(hint))
}

/// Says which line of a file loads venvwrap; returns whether there is one.
fn tell_of_line(file: &Path, shell: Shell, verb: &str) -> bool {
    let text = content(file);
    let own = || entry_scripts(&text, shell).into_iter().find(|script| is_own_entry(script) == Some(true));
    let Some(line) = loading_line(&text, shell).or_else(own) else { return false };
    let line = printable(OsStr::new(&line));
    printer::message(&format!(
        "`{}` {verb} venvwrap, in a line that `setup` has not written: remove `{line}`",
        file.display()
    ));
    true
}

/// Removes the directories that were made for a file, the nearest first, as far as they are empty.
fn remove_empty(file: &Path, made: usize) {
    let _ = file.ancestors().skip(1).take(made).try_for_each(std::fs::remove_dir);
}

/// Fails for a file that its owner has made read-only, although a new one could take its place, also root's.
fn check_writable(file: &Path) -> PathResult<()> {
    let is_read_only = file.metadata().is_ok_and(|found| found.mode() & 0o222 == 0);
    if is_read_only {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only")).at("write", file);
    }
    Ok(())
}

/// Removes what the program would make again.
fn remove_cache(process: &Process) -> Result<bool> {
    let Some(cache) = process.config.cache_dir.as_deref() else { return Ok(false) };
    let is_removed = virtualenv_options::empty_cache(cache)?;
    if is_removed || made::noted(cache) > 0 {
        made::remove_empty(cache, 0);
    }
    if is_removed {
        printer::message(&format!("removed the cache, `{}`", cache.display()));
    }
    Ok(is_removed)
}

fn confirm(file: &Path, line: &[u8]) -> Result<bool, SetupError> {
    if !printer::can_ask() {
        return Err(SetupError::NotATerminal);
    }
    let question = format!("add this line to `{}`?\n  {}\n[Y/n] ", file.display(), String::from_utf8_lossy(line));
    printer::asks(&question).map_err(SetupError::Terminal)
}

/// Appends the line, unless another process has done so meanwhile; a start-up file that is a link, as dotfile managers
/// make them, stays one.
fn add(file: &Path, line: &[u8], shell: Shell) -> PathResult<()> {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let made = real.ancestors().skip(1).take_while(|directory| directory.symlink_metadata().is_err()).count();
    if let Some(parent) = real.parent() {
        venvwrap_core::fs::create_dir_all(parent, 0o777)?;
    }
    venvwrap_core::fs::update(&real, MAX_BYTES, 0o644, |old| {
        let content = old.unwrap_or_default();
        Ok(match dead_in(content, shell) {
            Some(dead) => Change::Replace([&content[..dead.line.start], line, &content[dead.line.end..]].concat()),
            None if loads(content, shell) => Change::Keep,
            None => Change::Replace(with_line(old, line, shell, made)),
        })
    })
}
