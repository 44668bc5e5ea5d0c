//! The start-up files of shells on this machine.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use venvwrap_core::config::{self, variables};
use venvwrap_core::fs;
use venvwrap_core::fs::exposure::Vetting;
use venvwrap_core::fs::order::Order as _;
use venvwrap_core::process;
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::start_up::{self, Reading, ZSHENV, Zdotdir};

use crate::process::{lookup, on_path, set_variable, user};

/// More than any start-up file.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

/// More names than any directory of start-up files has.
const MAX_NAMES: usize = 10_000;

/// How long zsh may take to read its first files.
const ZSH_LIMIT: Duration = Duration::from_secs(5);

/// Where the start-up file of a shell is.
pub(crate) struct StartUpFile {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Others that the shell always reads with it, and that may load venvwrap.
    pub(crate) others: Vec<PathBuf>,
    /// Others that it may read, as login shells do.
    pub(crate) further: Vec<PathBuf>,
    /// The file that names its directory in a way that only the shell understands.
    pub(crate) is_uncertain: bool,
}

/// Finds the start-up file of a shell; none without a home directory.
pub(crate) fn file_of(shell: Shell) -> Option<StartUpFile> {
    let home = PathBuf::from(set_variable(variables::HOME)?);
    let config = set_variable(variables::XDG_CONFIG_HOME).map_or_else(|| home.join(".config"), PathBuf::from);
    let mut file = StartUpFile { path: PathBuf::new(), others: Vec::new(), further: Vec::new(), is_uncertain: false };
    match shell {
        Shell::Bash => {
            // Terminals on macOS start login shells, which do not read .bashrc.
            let names = if cfg!(target_os = "macos") { [LOGIN[0], BASHRC] } else { [BASHRC, LOGIN[0]] };
            file.path = home.join(names[0]);
            let text = content(&file.path);
            let aliases = [home.join(ALIASES)].into_iter().filter(|path| path.is_file()).collect();
            for (name, found) in [(ALIASES, aliases), (BASHRC_D, snippets(&home.join(BASHRC_D), None))] {
                let is_read = start_up::names_file(&text, name);
                if is_read { &mut file.others } else { &mut file.further }.extend(found);
            }
            file.further.extend(names[1..].iter().chain(&LOGIN[1..]).map(|name| home.join(name)));
        }
        Shell::Zsh => {
            let found = asked_zsh_directory(&home);
            file.is_uncertain = found == Zdotdir::Unknown;
            let directory = if let Zdotdir::Known(directory) = found { directory } else { home.clone() };
            file.path = directory.join(".zshrc");
            let text = content(&file.path);
            let is_read = text.windows(OH_MY_ZSH.len()).any(|part| part == OH_MY_ZSH);
            let files: Vec<_> = ZSHENV.iter().map(|name| content(&home.join(name))).chain([text]).collect();
            let usual = home.join(".oh-my-zsh");
            let custom = match start_up::zsh_custom(&files, &usual, &lookup) {
                Zdotdir::Known(directory) => directory,
                Zdotdir::Unset | Zdotdir::Unknown => usual.join("custom"),
            };
            let custom = snippets(&custom, Some("zsh"));
            if is_read { &mut file.others } else { &mut file.further }.extend(custom);
            file.further.extend(OF_ZSH.map(|name| directory.join(name)));
            file.further.extend((directory != home).then(|| home.join(OF_ZSH[0])));
        }
        Shell::Fish => {
            file.path = config.join("fish/config.fish");
            file.others = snippets(&config.join("fish/conf.d"), Some("fish"));
        }
    }
    add_sourced(&mut file, shell);
    Some(file)
}

/// Adds the files that these source, as far as their paths are written out.
fn add_sourced(file: &mut StartUpFile, shell: Shell) {
    let directory = file.path.parent().map(Path::to_path_buf);
    let of = |name: &str| match name {
        "ZDOTDIR" | "__fish_config_dir" => directory.clone().map(PathBuf::into_os_string),
        _ => lookup(name),
    };
    let reading = Reading { lookup: &of, read: &content, list: &names };
    let sourced = |files: &[PathBuf]| start_up::sourced(files, shell, reading);
    file.others.insert(0, file.path.clone());
    file.others.extend(sourced(&file.others));
    file.further.retain(|path| !file.others.contains(path));
    file.further.extend(sourced(&file.further));
    file.further.retain(|path| !file.others.contains(path));
    file.others.remove(0);
}

/// What bash reads in a terminal.
const BASHRC: &str = ".bashrc";

/// What many a `.bashrc` reads.
const ALIASES: &str = ".bash_aliases";

/// The directory whose files many a `.bashrc` reads.
const BASHRC_D: &str = ".bashrc.d";

/// What a `.zshrc` names that reads the user's own files of that.
const OH_MY_ZSH: &[u8] = b"oh-my-zsh";

/// What zsh reads besides `.zshrc`, in any shell or in login shells.
const OF_ZSH: [&str; 3] = [".zshenv", ".zprofile", ".zlogin"];

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

/// The same, as zsh itself says where it may be asked: a start-up file is to be changed.
fn asked_zsh_directory(home: &Path) -> Zdotdir {
    let is_set = set_variable(variables::ZDOTDIR).is_some();
    let told = if is_set || !is_zshenv_private(home) { None } else { told_by_zsh() };
    told.unwrap_or_else(|| zsh_directory(home))
}

/// Returns whether nobody else could have written the file that zsh would run: with `sudo`, HOME may be another user's.
/// The system's files may have moved it.
fn is_zshenv_private(home: &Path) -> bool {
    let [first, second, own] = ZSHENV;
    let directory = match start_up::zdotdir(&[content(first.as_ref()), content(second.as_ref())], &lookup) {
        Zdotdir::Known(directory) => directory,
        Zdotdir::Unset => home.to_path_buf(),
        Zdotdir::Unknown => return false,
    };
    let exposure = Vetting::new(user(), None).find_before_it_is_there(&directory.join(own));
    exposure.is_ok_and(|found| found.is_none())
}

/// What zsh says after its first files, as when a terminal starts it: files of the user may set the variable in any way,
/// and only in such a shell. None where there is no zsh, or one that does not answer.
fn told_by_zsh() -> Option<Zdotdir> {
    // The next file would be that of the user, which may do anything. What the first prints comes before the answer.
    const QUESTION: &str = "[[ ! -r ${ZDOTDIR-$HOME}/.zshenv ]] || . ${ZDOTDIR-$HOME}/.zshenv\n\
        builtin print -rn -- $'\\0'\"${ZDOTDIR-}\"";
    let mut zsh = Command::new(on_path("zsh")?);
    // It neither takes the terminal nor calls the file by its name, which it does not do when it starts.
    zsh.arg0("zsh").args(["-fi", "+o", "monitor", "+o", "functionargzero", "-c", QUESTION]);
    let answer = process::run(&mut zsh, ZSH_LIMIT).ok()?.stdout;
    let at = answer.iter().rposition(|&byte| byte == 0)?;
    let directory = PathBuf::from(OsStr::from_bytes(&answer[at + 1..]));
    if directory.as_os_str().is_empty() {
        return Some(Zdotdir::Unset);
    }
    directory.is_absolute().then_some(Zdotdir::Known(directory))
}

/// The content of a file; nothing of one that cannot be read.
pub(crate) fn content(path: &Path) -> Vec<u8> {
    fs::read_limited(path, MAX_BYTES).unwrap_or_default()
}

/// The names in a directory, in their order.
fn names(directory: &Path) -> Vec<OsString> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().take(MAX_NAMES);
    let mut found: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    found.order();
    found
}

/// The files of a directory that are read as parts of a start-up file: those of this ending, or all.
fn snippets(directory: &Path, ending: Option<&str>) -> Vec<PathBuf> {
    let is_one =
        |path: &PathBuf| path.is_file() && ending.is_none_or(|ending| path.extension() == Some(ending.as_ref()));
    names(directory).into_iter().map(|name| directory.join(name)).filter(is_one).collect()
}

/// Returns whether a script of this name, as a start-up file sources it, is venvwrap's; none where there is no such file.
pub(crate) fn is_own_entry(written: &str) -> Option<bool> {
    let home = set_variable(variables::HOME).map(PathBuf::from);
    let expanded = config::expand(&lookup, home.as_deref(), OsStr::new(written));
    let path = if expanded.components().count() > 1 { expanded } else { on_path(written)? };
    let content = fs::read_limited(&path, MAX_BYTES).ok()?;
    Some(content.windows(8).any(|part| part == b"venvwrap"))
}
