//! The shims as they ship, and the text that the program prints of them.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::shell::Shell;

/// How long a piece of the shim for zsh is at least, in bytes.
const PIECE_BYTES: usize = 500;

/// Turns aliases off in bash, and leaves a note for the last line of a file to turn them on again.
const BASH_WITHOUT_ALIASES: &[u8] =
    b"if \\builtin shopt -q expand_aliases; then\n__venvwrap_aliases=on\n\\builtin shopt -u expand_aliases\nfi\n";

/// The same for zsh.
const ZSH_WITHOUT_ALIASES: &[u8] =
    b"if [[ -o aliases ]]; then\n\\builtin typeset -g __venvwrap_aliases=on\nfi\n\\builtin setopt no_aliases\n";

/// Returns what a shell reads at every start, as it ships: all that can be called from outside.
pub(crate) fn commands_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => {
            concat!(include_str!("../../shell/posix/commands.sh"), include_str!("../../shell/bash/commands.bash"))
        }
        Shell::Zsh => {
            concat!(include_str!("../../shell/posix/commands.sh"), include_str!("../../shell/zsh/commands.zsh"))
        }
        Shell::Fish => include_str!("../../shell/fish/commands.fish"),
    }
}

/// Returns the functions of a shell that are read when one of them is needed for the first time, as they ship: those that
/// plans call, and the long ones of the commands.
fn verbs_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => concat!(
            include_str!("../../shell/posix/helpers.sh"),
            include_str!("../../shell/posix/verbs.sh"),
            include_str!("../../shell/bash/verbs.bash")
        ),
        Shell::Zsh => concat!(
            include_str!("../../shell/posix/helpers.sh"),
            include_str!("../../shell/posix/verbs.sh"),
            include_str!("../../shell/zsh/verbs.zsh")
        ),
        Shell::Fish => include_str!("../../shell/fish/verbs.fish"),
    }
}

/// Returns what `venvwrap __load` prints in front of the first plan: nothing of it is for a shell of another version.
pub(crate) fn load_text(shell: Shell) -> Vec<u8> {
    let text = verbs_text(shell).as_bytes();
    let functions = match shell {
        Shell::Bash => [BASH_WITHOUT_ALIASES, &without_comments(text)].concat(),
        Shell::Fish => without_comments(text),
        Shell::Zsh => [ZSH_WITHOUT_ALIASES, &evals_of_pieces(text, shell)].concat(),
    };
    [shell.version_guard().into_bytes(), functions].concat()
}

/// Returns the completions of a shell, for the program and the functions, as they ship.
pub(crate) fn completion_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../completions/venvwrap.bash"),
        Shell::Zsh => include_str!("../../completions/_venvwrap"),
        Shell::Fish => include_str!("../../completions/venvwrap.fish"),
    }
}

/// Returns the lines around the shim that make it an entry point of virtualenvwrapper: stubs, variables, `initialize`.
pub(crate) fn entry_text(text: &[u8]) -> Vec<u8> {
    [b"VENVWRAP_STUBS=1\nVIRTUALENVWRAPPER_ENV_BIN_DIR=bin\n", text, b"__venvwrap_start ''\n"].concat()
}

/// Returns the part of a shell's shim that follows the directory.
fn follow_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../shell/bash/follow.bash"),
        Shell::Zsh => include_str!("../../shell/zsh/follow.zsh"),
        Shell::Fish => include_str!("../../shell/fish/follow.fish"),
    }
}

/// Returns what `venvwrap init --auto` prints behind the shim: where the associations are, then the prompt hook.
pub(crate) fn follow_init_text(shell: Shell, tree: &Path) -> Vec<u8> {
    let tree = shell.quote(tree.as_os_str().as_bytes());
    let hook = follow_text(shell).as_bytes();
    match shell {
        Shell::Bash => [b"__venvwrap_follow_tree=", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Fish => [b"set -g __venvwrap_follow_tree ", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Zsh => {
            let set = [b"\\builtin typeset -g __venvwrap_follow_tree=", &tree[..], b"\n"].concat();
            [&set, ZSH_WITHOUT_ALIASES, &evals_of_pieces(hook, shell)].concat()
        }
    }
}

/// Returns what `venvwrap init` prints: where the program is, the completions, then the shim.
pub(crate) fn init_text(shell: Shell, program: &Path) -> Vec<u8> {
    let program = shell.quote(program.as_os_str().as_bytes());
    let shim = &[completion_text(shell), commands_text(shell)].concat().into_bytes()[..];
    match shell {
        Shell::Bash => [b"__venvwrap_bin=", &program[..], b"\n", &without_comments(shim)].concat(),
        Shell::Fish => [b"set -g __venvwrap_bin ", &program[..], b"\n", &without_comments(shim)].concat(),
        // zsh expands aliases in the whole text of an `eval` before it runs the line that turns them off; as quoted words
        // the pieces of the shim are read afterwards.
        Shell::Zsh => [
            b"\\builtin typeset -g __venvwrap_bin=",
            &program[..],
            b"\n",
            ZSH_WITHOUT_ALIASES,
            &evals_of_pieces(shim, shell),
        ]
        .concat(),
    }
}

/// Returns a shim without what only people need, since a shell reads it at every start. No string in a shim goes over
/// several lines.
fn without_comments(shim: &[u8]) -> Vec<u8> {
    code_lines(shim).flat_map(|line| [line, b"\n"].concat()).collect()
}

/// The lines of a shim that are neither empty nor comments, without their indentation.
fn code_lines(shim: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = shim.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_start);
    lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"))
}

/// Returns commands that evaluate a shim piece by piece, without its comments.
///
/// The time that zsh takes for one `eval` grows faster than its text: in pieces the shim is read in half the time.
fn evals_of_pieces(shim: &[u8], shell: Shell) -> Vec<u8> {
    let (mut text, mut piece) = (Vec::new(), Vec::new());
    let mut end = |piece: &mut Vec<u8>| {
        text.extend(b"\\builtin eval ");
        text.extend(shell.quote(piece));
        text.push(b'\n');
        piece.clear();
    };
    for line in shim.split(|&byte| byte == b'\n') {
        let words = line.trim_ascii_start();
        if !words.is_empty() && !words.starts_with(b"#") {
            piece.extend(words);
            piece.push(b'\n');
        }
        // Where a function ends that is not part of anything else.
        if line == b"}" && piece.len() >= PIECE_BYTES {
            end(&mut piece);
        }
    }
    end(&mut piece);
    text
}
