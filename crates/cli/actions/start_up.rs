//! The start-up files of shells on this machine.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use venvwrap_core::config::{self, variables};
use venvwrap_core::fs;
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::start_up::{self, ZSHENV, Zdotdir};

use crate::process::{lookup, on_path, set_variable};

/// More than any start-up file.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

/// Where the start-up file of a shell is.
pub(crate) struct StartUpFile {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Others that the shell reads and that may load venvwrap.
    pub(crate) others: Vec<PathBuf>,
    /// The file that names its directory in a way that only the shell understands.
    pub(crate) is_uncertain: bool,
}

/// Finds the start-up file of a shell; none without a home directory.
pub(crate) fn file_of(shell: Shell) -> Option<StartUpFile> {
    let home = PathBuf::from(set_variable(variables::HOME)?);
    let config = set_variable(variables::XDG_CONFIG_HOME).map_or_else(|| home.join(".config"), PathBuf::from);
    let mut file = StartUpFile { path: PathBuf::new(), others: Vec::new(), is_uncertain: false };
    match shell {
        // Terminals on macOS start login shells, which do not read .bashrc.
        Shell::Bash if cfg!(target_os = "macos") => file.path = home.join(".bash_profile"),
        Shell::Bash => file.path = home.join(".bashrc"),
        Shell::Zsh => {
            let found = asked_zsh_directory(&home);
            file.is_uncertain = found == Zdotdir::Unknown;
            file.path = if let Zdotdir::Known(directory) = found { directory } else { home }.join(".zshrc");
        }
        Shell::Fish => {
            file.path = config.join("fish/config.fish");
            file.others = snippets(&config.join("fish/conf.d"));
        }
    }
    Some(file)
}

/// The start-up files of login shells of bash, which takes the first.
const LOGIN: [&str; 3] = [".bash_profile", ".bash_login", ".profile"];

/// The one that is read, if neither it nor another one that it reads reads `.bashrc`.
pub(crate) fn login_file_without_bashrc() -> Option<PathBuf> {
    let home = PathBuf::from(set_variable(variables::HOME)?);
    let at = LOGIN.iter().position(|name| home.join(name).is_file())?;
    (!reads_bashrc(&home, &LOGIN[at..])).then(|| home.join(LOGIN[at]))
}

/// Returns whether the first of these files reads `.bashrc`, itself or by one of the next.
fn reads_bashrc(home: &Path, files: &[&str]) -> bool {
    let Some((file, others)) = files.split_first() else { return false };
    let text = content(&home.join(file));
    start_up::reads_bashrc(&text)
        || start_up::loads(&text, Shell::Bash)
        || (0..others.len()).any(|at| start_up::names_file(&text, others[at]) && reads_bashrc(home, &others[at..]))
}

/// The directory of zsh's start-up files: that of the variable, which is not exported everywhere, else that of the files
/// which set it.
pub(crate) fn zsh_directory(home: &Path) -> Zdotdir {
    if let Some(directory) = set_variable(variables::ZDOTDIR) {
        return Zdotdir::Known(directory.into());
    }
    let files: Vec<_> = ZSHENV.iter().map(|file| content(&home.join(file))).collect();
    start_up::zdotdir(&files, &lookup)
}

/// The same, as zsh itself says where it can be asked: a start-up file is to be changed.
fn asked_zsh_directory(home: &Path) -> Zdotdir {
    let is_set = set_variable(variables::ZDOTDIR).is_some();
    if is_set { zsh_directory(home) } else { told_by_zsh().unwrap_or_else(|| zsh_directory(home)) }
}

/// What zsh says, as it does when a terminal starts it: files of the user may set the variable in any way. None
/// where there is no zsh.
fn told_by_zsh() -> Option<Zdotdir> {
    // What the files print comes before.
    const QUESTION: &str = "print -rn -- $'\\0'\"${ZDOTDIR-}\"";
    let mut zsh = Command::new(on_path("zsh")?);
    let answer = zsh.arg0("zsh").args(["-c", QUESTION]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let at = answer.stdout.iter().rposition(|&byte| byte == 0)?;
    let directory = PathBuf::from(OsStr::from_bytes(&answer.stdout[at + 1..]));
    if directory.as_os_str().is_empty() {
        return Some(Zdotdir::Unset);
    }
    directory.is_absolute().then_some(Zdotdir::Known(directory))
}

/// The content of a file; nothing of one that cannot be read.
pub(crate) fn content(path: &Path) -> Vec<u8> {
    fs::read_limited(path, MAX_BYTES).unwrap_or_default()
}

/// What fish reads before its start-up file.
fn snippets(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.extension() == Some("fish".as_ref())).collect();
    found.sort();
    found
}

/// Returns whether a script of this name, as a start-up file sources it, is venvwrap's; none where there is no such file.
pub(crate) fn is_own_entry(written: &str) -> Option<bool> {
    let home = set_variable(variables::HOME).map(PathBuf::from);
    let expanded = config::expand(&lookup, home.as_deref(), OsStr::new(written));
    let path = if expanded.components().count() > 1 { expanded } else { on_path(written)? };
    let content = fs::read_limited(&path, MAX_BYTES).ok()?;
    Some(content.windows(8).any(|part| part == b"venvwrap"))
}
