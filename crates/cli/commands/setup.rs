//! `venvwrap setup`: the one line in the shell's start-up file.

use std::ffi::OsStr;
use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::fs::{Change, PathContext as _, PathError, PathResult};
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::start_up_file::{Place, place_of_line};

use super::init::detect;
use crate::actions::virtualenv_options;
use crate::args::SetupArgs;
use crate::error::{Explain, Result};
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
/// More than any start-up file.
const MAX_BYTES: u64 = 16 << 20;

/// How venvwrap's line is known in a start-up file, also one with another path.
const MARKS: [&str; 3] = ["init bash", "init zsh", "init fish"];

/// How our line ends if the last line before it had no line break, or the file was empty: `--undo` makes it so again.
const UNFINISHED: &[u8] = b" \n";

/// Stands at the end of our line once for each directory that was made for the file: `--undo` removes them if they are
/// empty.
const MADE: u8 = b'\t';

/// Adds the line, unless it is there.
pub(crate) fn run(args: &SetupArgs) -> Result<ExitCode> {
    if args.undo {
        return undo(args.shell);
    }
    let shell = match args.shell {
        Some(shell) => shell,
        None => detect()?,
    };
    let file = start_up_file(shell)?;
    let line = line(shell, &lasting_path());
    if args.print {
        printer::message(&format!("add this line at the end of `{}`:", file.display()));
        printer::data(&[line.as_slice(), b"\n"].concat())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(target) = std::fs::read_link(&file).ok().filter(|_| !file.exists()) {
        return Err(SetupError::LinkToNothing(file, target).into());
    }
    let old = match venvwrap_core::fs::read_limited(&file, MAX_BYTES) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let dead = dead_line(&old, shell).map(|at| String::from_utf8_lossy(&old[at]).into_owned());
    if has_line(&old) && dead.is_none() {
        printer::message(&format!("`{}` already loads venvwrap", file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(dead) = &dead {
        printer::message(&format!(
            "`{}` loads a program that is gone, which this line replaces:\n  {dead}",
            file.display()
        ));
    }
    if !args.yes && !confirm(&file, &line)? {
        printer::message("nothing was changed");
        return Ok(ExitCode::FAILURE);
    }
    add(&file, &line, shell)?;
    let done = if dead.is_some() { "replaced one line in" } else { "added one line to" };
    printer::message(&format!("{done} `{}`", file.display()));
    if let (None, Place::Before(at)) = (&dead, place_of_line(&old)) {
        let end = String::from_utf8_lossy(&old[at..]).lines().next().unwrap_or_default().to_string();
        printer::message(&format!("it is before `{end}`, after which nothing is read"));
    }
    if mentions_virtualenvwrapper(&old) {
        printer::message("it also loads virtualenvwrapper: remove that line, this one replaces it");
    }
    printer::message("open a new terminal, or run the line here:");
    printer::data(&[b"  ", line.as_slice(), b"\n"].concat())?;
    Ok(ExitCode::SUCCESS)
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

fn start_up_file(shell: Shell) -> Result<PathBuf, SetupError> {
    let Some(home) = set_variable(variables::HOME).map(PathBuf::from) else {
        return Err(SetupError::NoHome);
    };
    let config = set_variable(variables::XDG_CONFIG_HOME).map_or_else(|| home.join(".config"), PathBuf::from);
    Ok(match shell {
        // Terminals on macOS start login shells, which do not read .bashrc.
        Shell::Bash if cfg!(target_os = "macos") => home.join(".bash_profile"),
        Shell::Bash => home.join(".bashrc"),
        Shell::Zsh => set_variable(variables::ZDOTDIR).map_or(home, PathBuf::from).join(".zshrc"),
        Shell::Fish => config.join("fish/config.fish"),
    })
}

/// Takes the line out of the start-up files again. The cache goes with that of all shells, and what is noted about shells
/// that have ended: what stays is the user's.
fn undo(only: Option<Shell>) -> Result<ExitCode> {
    let mut is_done = false;
    for shell in only.map_or_else(|| Shell::ALL.to_vec(), |shell| vec![shell]) {
        let file = start_up_file(shell)?;
        let found = take_out(&file)?;
        if found.is_removed {
            printer::message(&format!("removed the line from `{}`", file.display()));
        }
        if found.is_deleted {
            remove_empty(&file, found.made);
        }
        if found.is_left {
            printer::message(&format!("`{}` still loads venvwrap, in an indented line: remove that", file.display()));
        }
        is_done |= found.is_removed || found.is_left;
    }
    if only.is_none() {
        let process = Process::take_in(None)?;
        is_done |= remove_cache(&process)?;
        process.store.forget_shells();
        // Nothing else may be in it.
        let _ = process.config.state_dir.map(std::fs::remove_dir);
    }
    if !is_done {
        printer::message("nothing to undo: no start-up file loads venvwrap");
    }
    Ok(ExitCode::SUCCESS)
}

/// What has become of the lines of a file that load venvwrap.
#[derive(Default)]
struct TakenOut {
    is_removed: bool,
    is_left: bool,
    is_deleted: bool,
    /// How many directories were made for the file.
    made: usize,
}

/// Removes our lines from a file, and the file where nothing else was in it. An indented one may be all that is in an
/// `if`, which no shell could read without it: it stays.
fn take_out(file: &Path) -> PathResult<TakenOut> {
    let Ok(real) = file.canonicalize() else { return Ok(TakenOut::default()) };
    let mut found = TakenOut::default();
    venvwrap_core::fs::update(&real, MAX_BYTES, 0o644, |old| {
        let old = old.unwrap_or_default();
        let lines = old.split_inclusive(|&byte| byte == b'\n');
        let is_removed = |line: &[u8]| has_line(line) && !line[0].is_ascii_whitespace();
        let was_unfinished =
            lines.clone().next_back().is_some_and(|line| is_removed(line) && line.ends_with(UNFINISHED));
        let mut kept: Vec<u8> = lines.clone().filter(|line| !is_removed(line)).flatten().copied().collect();
        if was_unfinished {
            kept.pop_if(|last| *last == b'\n');
        }
        let made = lines.clone().filter(|line| is_removed(line)).map(made).max().unwrap_or(0);
        found = TakenOut { is_removed: kept.len() != old.len(), is_left: has_line(&kept), is_deleted: false, made };
        Ok::<_, PathError>(match () {
            () if !found.is_removed => Change::Keep,
            // One that is a link stays, as dotfile managers made it.
            () if kept.is_empty() && !was_unfinished && !file.is_symlink() => {
                found.is_deleted = true;
                Change::Remove
            }
            () => Change::Replace(kept),
        })
    })?;
    Ok(found)
}

/// How many directories were made for the file that has this line.
fn made(line: &[u8]) -> usize {
    line.iter().rev().skip_while(|byte| **byte == b'\n').take_while(|byte| **byte == MADE).count()
}

/// Removes the directories that were made for a file, the nearest first, as far as they are empty.
fn remove_empty(file: &Path, made: usize) {
    let _ = file.ancestors().skip(1).take(made).try_for_each(std::fs::remove_dir);
}

/// Removes what the program would make again.
fn remove_cache(process: &Process) -> Result<bool> {
    let Some(cache) = process.config.cache_dir.as_deref() else { return Ok(false) };
    let is_removed = virtualenv_options::empty_cache(cache)?;
    if is_removed {
        let _ = std::fs::remove_dir(cache);
        printer::message(&format!("removed the cache, `{}`", cache.display()));
    }
    Ok(is_removed)
}

fn has_line(content: &[u8]) -> bool {
    lines(content).any(|line| line.contains("venvwrap") && MARKS.iter().any(|mark| line.contains(mark)))
}

/// Where a line is that `setup` has written for a program which is no longer there, without what is after its last word.
fn dead_line(content: &[u8], shell: Shell) -> Option<Range<usize>> {
    let mut start = 0;
    content.split(|&byte| byte == b'\n').find_map(|text| {
        let text = text.trim_ascii_end();
        let found = start..start + text.len();
        start += content[start..].iter().position(|&byte| byte == b'\n').map_or(content.len() - start, |end| end + 1);
        let program = Path::new(OsStr::from_bytes(text.split(|&byte| byte == b'\'').nth(1)?));
        let is_ours = program.is_absolute() && line(shell, program) == text;
        (is_ours && matches!(program.try_exists(), Ok(false))).then_some(found)
    })
}

fn mentions_virtualenvwrapper(content: &[u8]) -> bool {
    lines(content).any(|line| line.contains("virtualenvwrapper.sh") || line.contains("virtualenvwrapper_lazy.sh"))
}

/// The lines that are not comments.
fn lines(content: &[u8]) -> impl Iterator<Item = String> + '_ {
    let lines = content.split(|&byte| byte == b'\n').map(|line| String::from_utf8_lossy(line).into_owned());
    lines.filter(|line| !line.trim_start().starts_with('#'))
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
        std::fs::create_dir_all(parent).at("create", parent)?;
    }
    venvwrap_core::fs::update(&real, MAX_BYTES, 0o644, |old| {
        let is_unfinished = old.is_some_and(|old| !old.ends_with(b"\n"));
        let old = old.unwrap_or_default();
        if let Some(dead) = dead_line(old, shell) {
            return Ok(Change::Replace([&old[..dead.start], line, &old[dead.end..]].concat()));
        }
        let separator: &[u8] = if is_unfinished && !old.is_empty() { b"\n" } else { b"" };
        let separator = match place_of_line(old) {
            _ if has_line(old) => return Ok(Change::Keep),
            Place::Before(at) => return Ok(Change::Replace([&old[..at], line, b"\n", &old[at..]].concat())),
            Place::AfterEmptyLine => [separator, b"\n"].concat(),
            Place::End => separator.to_vec(),
        };
        let end = if is_unfinished { UNFINISHED } else { b"\n" };
        let made = vec![MADE; made];
        Ok(Change::Replace([old, &separator, line, &made, end].concat()))
    })
}
