//! The shells we speak: their shims, and a plan written down for each. The only place that prints code for a shell.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::plan::{Command, Enter, Plan, Step};
use venvwrap_core::shell::quote;

/// A shell that has a shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// bash, from 3.2 on.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// Every shell that has a shim.
    pub(crate) const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// Returns the name of the shell, which is also its program's.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// Returns the shell with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shell| shell.name() == name)
    }

    /// Returns the language of the hooks that this shell sources.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Bash | Self::Zsh => Dialect::Posix,
            Self::Fish => Dialect::Fish,
        }
    }

    /// Returns the value as one word of this shell.
    pub(crate) fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Self::Bash | Self::Zsh => quote::bash_zsh(value),
            Self::Fish => quote::fish(value),
        }
    }
}

/// How long a piece of the shim for zsh is at least, in bytes.
const PIECE_BYTES: usize = 500;

/// Turns aliases off in bash, and leaves a note for the last line of a file to turn them on again.
const BASH_WITHOUT_ALIASES: &[u8] =
    b"if \\builtin shopt -q expand_aliases; then\n__venvwrap_aliases=on\n\\builtin shopt -u expand_aliases\nfi\n";

/// The same for zsh.
const ZSH_WITHOUT_ALIASES: &[u8] =
    b"if [[ -o aliases ]]; then\n\\builtin typeset -g __venvwrap_aliases=on\nfi\n\\builtin setopt no_aliases\n";

/// Returns the shim of a shell, as it ships: what is read at every start.
pub(crate) fn shim_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../shell/venvwrap.bash"),
        Shell::Zsh => include_str!("../../shell/venvwrap.zsh"),
        Shell::Fish => include_str!("../../shell/venvwrap.fish"),
    }
}

/// Returns the functions of a shell that are read when one of them is needed for the first time, as they ship.
pub(crate) fn later_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => concat!(include_str!("../../shell/later.sh"), include_str!("../../shell/later.bash")),
        Shell::Zsh => concat!(include_str!("../../shell/later.sh"), include_str!("../../shell/later.zsh")),
        Shell::Fish => include_str!("../../shell/later.fish"),
    }
}

/// Returns what `venvwrap __load` prints in front of the first plan.
pub(crate) fn load_text(shell: Shell) -> Vec<u8> {
    let text = later_text(shell).as_bytes();
    match shell {
        Shell::Bash => [BASH_WITHOUT_ALIASES, &without_comments(text)].concat(),
        Shell::Fish => without_comments(text),
        Shell::Zsh => [ZSH_WITHOUT_ALIASES, &evals_of_pieces(text, shell)].concat(),
    }
}

/// Returns the completions of a shell, for the program and the functions, as they ship.
pub(crate) fn completion_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../completions/venvwrap.bash"),
        Shell::Zsh => include_str!("../../completions/_venvwrap"),
        Shell::Fish => include_str!("../../completions/venvwrap.fish"),
    }
}

/// Returns the helpers that have virtualenvwrapper's names, for the shells that it knows.
pub(crate) fn legacy_text() -> &'static str {
    include_str!("../../shell/legacy.sh")
}

/// Returns the lines around the shim that make it an entry point of virtualenvwrapper: stubs, variables, `initialize`.
pub(crate) fn entry_text(text: &[u8]) -> Vec<u8> {
    [b"VENVWRAP_STUBS=1\nVIRTUALENVWRAPPER_ENV_BIN_DIR=bin\n", text, b"__venvwrap_start ''\n"].concat()
}

/// Returns the part of a shell's shim that follows the directory.
pub(crate) fn auto_text(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../shell/auto.bash"),
        Shell::Zsh => include_str!("../../shell/auto.zsh"),
        Shell::Fish => include_str!("../../shell/auto.fish"),
    }
}

/// Returns what `venvwrap init --auto` prints behind the shim: where the associations are, then the prompt hook.
pub(crate) fn auto_init_text(shell: Shell, tree: &Path) -> Vec<u8> {
    let tree = shell.quote(tree.as_os_str().as_bytes());
    let hook = auto_text(shell).as_bytes();
    match shell {
        Shell::Bash => [b"__venvwrap_auto_tree=", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Fish => [b"set -g __venvwrap_auto_tree ", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Zsh => {
            let set = [b"\\builtin typeset -g __venvwrap_auto_tree=", &tree[..], b"\n"].concat();
            [&set, ZSH_WITHOUT_ALIASES, &evals_of_pieces(hook, shell)].concat()
        }
    }
}

/// Returns what `venvwrap init` prints: where the program is, the completions, then the shim.
pub(crate) fn init_text(shell: Shell, program: &Path) -> Vec<u8> {
    let program = shell.quote(program.as_os_str().as_bytes());
    let legacy = if shell == Shell::Fish { "" } else { legacy_text() };
    let shim = &[completion_text(shell), legacy, shim_text(shell)].concat().into_bytes()[..];
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

/// Returns a plan as lines for the shim of a shell to evaluate: one step per line, every argument quoted.
pub(crate) fn render(plan: &Plan, shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    for step in &plan.0 {
        render_step(step, shell, &mut text);
        text.push(b'\n');
    }
    text
}

fn render_step(step: &Step, shell: Shell, text: &mut Vec<u8>) {
    let mut line = |verb: &str, arguments: &[&[u8]]| {
        text.extend(b"__venvwrap_");
        text.extend(verb.as_bytes());
        for argument in arguments {
            text.push(b' ');
            text.extend(shell.quote(argument));
        }
    };
    match step {
        Step::Leave => line("leave", &[]),
        Step::Run(command) => line("run", &command_words(command)),
        Step::Try(command) => {
            line("try", &command_words(command));
            text.extend(match shell {
                Shell::Bash | Shell::Zsh => &b" || __venvwrap_status=\"$?\""[..],
                Shell::Fish => b"; or set __venvwrap_status $status",
            });
        }
        Step::Enter(enter) => {
            line("enter", &enter_words(enter));
            // Inside `eval` this returns from the function that evaluates the plan, in all three.
            text.extend(match shell {
                Shell::Bash | Shell::Zsh => &b" || return 1"[..],
                Shell::Fish => b"; or return 1",
            });
        }
        Step::Call(command) => {
            line("call", &command_words(command));
            text.extend(match shell {
                Shell::Bash | Shell::Zsh => &b" || return \"$?\""[..],
                Shell::Fish => b"; or return $status",
            });
        }
        Step::Refuse { files } => {
            line("refuse", &files.iter().map(|file| file.as_os_str().as_bytes()).collect::<Vec<_>>());
        }
        Step::Cd { directory } => line("cd", &[directory.as_os_str().as_bytes()]),
        Step::Source { file } => line("source", &[file.as_os_str().as_bytes()]),
        Step::Setenv { name, value } => line("setenv", &[name.as_bytes(), value.as_bytes()]),
        Step::Unsetenv { name } => line("unsetenv", &[name.as_bytes()]),
        Step::Putenv { name, value } => line("putenv", &[name.as_bytes(), value.as_bytes()]),
        Step::MarkAutomatic { asks } => line("auto_mark", &[if *asks { b"asks" } else { b"" }]),
        Step::Distrust => line("distrust", &[]),
        Step::Tell { text: told } => line("auto_tell", &[told.as_bytes()]),
    }
}

fn command_words(command: &Command) -> Vec<&[u8]> {
    let program = [command.cwd.as_os_str().as_bytes(), command.program.as_os_str().as_bytes()];
    program.into_iter().chain(command.arguments.iter().map(|argument| argument.as_bytes())).collect()
}

fn enter_words(enter: &Enter) -> Vec<&[u8]> {
    let mut words = vec![
        enter.environment.as_os_str().as_bytes(),
        enter.activate.as_os_str().as_bytes(),
        enter.hook_dir.as_os_str().as_bytes(),
        enter.project_filename.0.as_bytes(),
    ];
    if enter.temporary {
        words.push(b"temporary");
    }
    if enter.hide_prompt {
        words.push(b"no-prompt");
    }
    if enter.plain {
        words.push(b"plain");
    }
    words
}
