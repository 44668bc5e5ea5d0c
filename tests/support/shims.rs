//! The shims: the files as they are here, and what the program prints of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use venvwrap_core::shell::Shell;

/// Returns the text of a file below the root of the repository.
pub(crate) fn file(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Returns the paths of what a shell reads at its start, in order.
pub(crate) fn commands(shell: Shell) -> Vec<PathBuf> {
    let own = PathBuf::from(format!("shell/{0}/commands.{0}", shell.name()));
    if shell == Shell::Fish { vec![own] } else { vec!["shell/posix/commands.sh".into(), own] }
}

/// Returns what a shell reads at its start.
pub(crate) fn commands_text(shell: Shell) -> String {
    commands(shell).iter().map(file).collect()
}

/// Returns what a shell reads when it first needs it.
pub(crate) fn verbs_text(shell: Shell) -> String {
    let own = file(format!("shell/{0}/verbs.{0}", shell.name()));
    if shell == Shell::Fish {
        return own;
    }
    [file("shell/posix/helpers.sh"), file("shell/posix/verbs.sh"), own].concat()
}

/// Returns the completions of a shell.
pub(crate) fn completion_text(shell: Shell) -> String {
    file(match shell {
        Shell::Bash => "completions/venvwrap.bash",
        Shell::Zsh => "completions/_venvwrap",
        Shell::Fish => "completions/venvwrap.fish",
    })
}

/// Returns what `venvwrap init` prints, for a program at another path.
pub(crate) fn init_text(shell: Shell, program: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    static TEXTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| Shell::ALL.map(|shell| print(&["init", shell.name()])));
    let text = &TEXTS[shell as usize];
    let set: &[u8] = if shell == Shell::Fish { b"__venvwrap_bin " } else { b"__venvwrap_bin=" };
    let name = text.windows(set.len()).position(|part| part == set).expect("a line names the program");
    let (first, rest) = text.split_at(name + set.len());
    let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
    let quoted = shell.quote(program.as_os_str().as_bytes());
    [first, &quoted, &rest[end..]].concat()
}

/// Returns what `venvwrap __load` prints without a plan.
pub(crate) fn load_text(shell: Shell) -> &'static [u8] {
    static TEXTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| Shell::ALL.map(|shell| print(&["__load", shell.name()])));
    &TEXTS[shell as usize]
}

/// Runs the program with nothing of the surrounding environment.
fn print(arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_venvwrap"));
    let output = command.args(arguments).env_clear().env("HOME", "/nonexistent").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output.stdout
}
