//! The shims as they ship, and the text that the program prints of them.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::shell::Shell;

mod initialize;

pub(crate) use self::initialize::InitializeHook;

/// How long a piece of the shim for zsh is at least, in bytes.
const PIECE_BYTES: usize = 500;

/// Turns aliases off in bash, and leaves a note for the last line of a file to turn them on again. An alias may stand over
/// a keyword: there is none.
const BASH_WITHOUT_ALIASES: &[u8] =
    b"\\builtin shopt -q expand_aliases && __venvwrap_aliases=$$\n\\builtin shopt -u expand_aliases\n";

/// The same for zsh, where an alias may stand over any word that is not in quotes, also in the lines that turn them on
/// again: the whole text is read before the first line runs. Without a keyword, only an alias tells whether they are on.
const ZSH_WITHOUT_ALIASES: &[u8] =
    b"\\builtin 'unset' '__venvwrap_aliases'\n\\builtin 'alias' '-g' '__venvwrap_on=\"__venvwrap_aliases=$$\"'\n\\builtin 'eval' '\\builtin \"typeset\" \"-g\" __venvwrap_on'\n\
      \\builtin 'unalias' '__venvwrap_on'\n\\builtin 'unset' '__venvwrap_on'\n\\builtin 'setopt' 'no_aliases'\n";

/// Turns aliases on again in bash, where they were.
const BASH_WITH_ALIASES: &[u8] =
    b"if [[ ${__venvwrap_aliases-} == $$ ]]; then\n\\builtin shopt -s expand_aliases\n\\builtin unset -v __venvwrap_aliases\nfi\n";

/// The same for zsh.
const ZSH_WITH_ALIASES: &[u8] =
    b"\\builtin 'test' \"${__venvwrap_aliases-}\" '!=' \"$$\" || \\builtin 'setopt' 'aliases'\n\\builtin 'unset' '__venvwrap_aliases'\n";

/// Returns the files that a shell reads at every start, as they ship: all that can be called from outside.
pub(crate) fn command_parts(shell: Shell) -> Vec<&'static str> {
    let shared = include_str!("../../shell/posix/commands.sh");
    match shell {
        Shell::Bash => vec![shared, include_str!("../../shell/bash/commands.bash")],
        Shell::Zsh => vec![shared, include_str!("../../shell/zsh/commands.zsh")],
        Shell::Fish => vec![include_str!("../../shell/fish/commands.fish")],
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
        Shell::Zsh => {
            let [_, later] = split_regions(command_parts(shell).concat().as_bytes(), LATER);
            let text = [&later[..], text].concat();
            [ZSH_WITHOUT_ALIASES, &evals_of_pieces(&text, shell, PIECE_BYTES)].concat()
        }
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
        Shell::Bash => [b"\\builtin unset -n __venvwrap_follow_tree 2>/dev/null || \\builtin :\n\\builtin unset -v __venvwrap_follow_tree\n__venvwrap_follow_tree=", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Fish => [b"set -g __venvwrap_follow_tree ", &tree[..], b"\n", &without_comments(hook)].concat(),
        Shell::Zsh => {
            let set = [b"\\builtin 'unset' '__venvwrap_follow_tree'\n\\builtin 'typeset' '-g' __venvwrap_follow_tree=", &tree[..], b"\n"].concat();
            [&set, ZSH_WITHOUT_ALIASES, &evals_of_pieces(hook, shell, PIECE_BYTES)].concat()
        }
    }
}

/// How a shell starts: what comes after the functions that `venvwrap init` prints.
pub(crate) enum Start<'a> {
    /// The `initialize` hook.
    Hook(Option<InitializeHook>),
    /// Everything that virtualenvwrapper's entry point does. The paths are what scripts find in `VIRTUALENVWRAPPER_SCRIPT`,
    /// and in `VIRTUALENVWRAPPER_VIRTUALENV` where nothing is installed for it.
    Entry(&'a Path, &'a Path),
}

/// Returns what `venvwrap init` prints: where the program is, the functions, completions, then what happens at the start.
pub(crate) fn init_text(shell: Shell, program: &Path, start: &Start<'_>) -> Vec<u8> {
    let program = shell.quote(program.as_os_str().as_bytes());
    let set: &[u8] = match shell {
        // A number would take the path for a calculation.
        Shell::Bash => {
            b"\\builtin unset -n __venvwrap_bin __venvwrap_aliases 2>/dev/null || \\builtin :\n\
              \\builtin unset -v __venvwrap_bin __venvwrap_aliases\n__venvwrap_bin="
        }
        Shell::Zsh => b"\\builtin 'unset' '__venvwrap_bin' '__venvwrap_on'\n\\builtin 'typeset' '-g' __venvwrap_bin=",
        Shell::Fish => b"set -g __venvwrap_bin ",
    };
    let mut shim = command_parts(shell).into_iter().map(part_for_init).collect::<Vec<_>>().concat();
    if let (Shell::Zsh, Start::Hook(hook)) = (shell, start) {
        [shim, _] = split_regions(&shim, WAITING);
        if hook.as_ref().is_some_and(|hook| hook.is_idle) {
            [shim, _] = split_regions(&shim, LATER);
        }
    }
    let completion = [completion_stub(shell), split_completion(shell).1].concat();
    let mut text = [&only_in(shell), set, &program, b"\n"].concat();
    match start {
        Start::Entry(..) => {
            text.extend(b"VENVWRAP_STUBS=1\nVIRTUALENVWRAPPER_ENV_BIN_DIR=bin\n");
            shim.extend(part_for_init(ENTRY));
        }
        // In zsh it is read on its own.
        Start::Hook(hook) if shell != Shell::Zsh => {
            shim.extend(hook.iter().flat_map(|hook| hook.function(shell)));
        }
        Start::Hook(_) => {}
    }
    if shell == Shell::Zsh {
        let eval = |code: &[u8]| evals_of_pieces(code, shell, usize::MAX);
        let register = [&completion, &b"__venvwrap_register\n"[..]].concat();
        // A script never completes a word.
        let completion = [b"\\builtin 'eval' '[[ ! -o interactive ]]' || ", &eval(&register)[..]].concat();
        let functions = evals_of_pieces(&shim, shell, PIECE_BYTES);
        text.extend([ZSH_WITHOUT_ALIASES, &functions, &completion].concat());
        if let Start::Hook(Some(hook)) = start {
            text.extend([hook.unless_idle_in_zsh(), eval(&hook.function(shell))].concat());
        }
        text.extend(ZSH_WITH_ALIASES);
    } else {
        shim.extend(completion);
        text.extend(without_aliases(shell, &shim));
    }
    match start {
        Start::Entry(script, creator) => {
            let [script, creator] = [script, creator].map(|path| shell.quote(path.as_os_str().as_bytes()));
            text.extend([b"\\__venvwrap_start ", &script[..], b" ", &creator, b"\n"].concat());
        }
        Start::Hook(None) => {}
        Start::Hook(Some(hook)) => {
            if shell == Shell::Zsh {
                text.extend(hook.unless_idle_in_zsh());
            }
            text.extend(initialize::CALL);
        }
    }
    text
}

/// Returns what says in another shell, before its errors, that it is the wrong one. Aliases are still on: no keyword stands
/// in it, and in the code for zsh no word without quotes. fish reads no text of the others, but they read its first line.
fn only_in(shell: Shell) -> Vec<u8> {
    let name = shell.name();
    let message = format!("error: this code is for {name}: `venvwrap init SHELL` prints that of another shell");
    let text = match shell {
        Shell::Bash => format!("\\builtin test -n \"${{BASH_VERSION-}}\" || \\command echo '{message}' >&2\n"),
        // A digit may be a global alias, too.
        Shell::Zsh => format!(
            "\\builtin 'test' '-n' \"${{ZSH_VERSION-}}\" || \\command 'sh' '-c' 'echo \"$0\" >&2' '{message}'\n"
        ),
        Shell::Fish => format!("builtin test -n \"$FISH_VERSION\" || command echo '{message}' >&2\n"),
    };
    text.into_bytes()
}

/// Returns what only virtualenvwrapper's entry point needs, for a shell that has the other functions.
pub(crate) fn entry_functions(shell: Shell) -> Vec<u8> {
    without_aliases(shell, part_for_init(ENTRY))
}

/// Returns the function that completes words, for a shell that has registered it already.
pub(crate) fn completion_functions(shell: Shell) -> Vec<u8> {
    without_aliases(shell, split_completion(shell).0)
}

/// What only virtualenvwrapper's entry point needs.
const ENTRY: &str = include_str!("../../shell/posix/entry.sh");

/// The comments in shims and completions between which stands what `venvwrap init` prints.
const BEGIN: &str = "# start of init";
const END: &str = "# end of init";
const END_OF_COMPLETION: &str = "# end of completion";

/// What a zsh need not read at its start: what it needs for plans and hooks, and what only the lazy entry point needs.
const LATER: &str = "later";
const WAITING: &str = "waiting";

/// Returns the part of a file that `venvwrap init` prints: files that are sourced alone have to find the others.
fn part_for_init(file: &'static str) -> &'static [u8] {
    let begin = file.find(BEGIN).unwrap_or(0);
    let end = file.find(END).unwrap_or(file.len());
    &file.as_bytes()[begin..end]
}

/// Returns the function of a shell's completions, and the lines that register it.
fn split_completion(shell: Shell) -> (&'static [u8], &'static [u8]) {
    let text = completion_text(shell);
    let text = &text[..text.find(END).unwrap_or(text.len())];
    text.as_bytes().split_at(text.find(END_OF_COMPLETION).unwrap_or(0))
}

/// Returns the lines of a file outside and inside of the regions with this name, which are marked by comments.
fn split_regions(file: &[u8], name: &str) -> [Vec<u8>; 2] {
    let [begin, end] = ["start", "end"].map(|word| format!("# {word} of {name}"));
    let (mut parts, mut is_inside) = ([Vec::new(), Vec::new()], false);
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        let words = line.trim_ascii_start();
        is_inside = (is_inside || words.starts_with(begin.as_bytes())) && !words.starts_with(end.as_bytes());
        parts[usize::from(is_inside)].extend(line);
    }
    parts
}

/// The function that completes the first word in a shell: it replaces itself, since reading the real one takes longer than
/// most of the start.
fn completion_stub(shell: Shell) -> &'static [u8] {
    match shell {
        Shell::Bash => {
            b"function __venvwrap_complete {\nbuiltin local _vw_text\nbuiltin unset -v _vw_text\n\
              __venvwrap_untraced __venvwrap_ask __do completion bash && \\eval \"$_vw_text\" && __venvwrap_complete \"$@\"\n}\n"
        }
        Shell::Zsh => {
            b"function _venvwrap {\nbuiltin local _vw_text=\n\
              __venvwrap_untraced __venvwrap_ask __do completion zsh && builtin eval \"$_vw_text\" && _venvwrap \"$@\"\n}\n"
        }
        Shell::Fish => {
            b"function __venvwrap_complete\n__venvwrap_do completion fish | builtin source\nand __venvwrap_complete\nend\n"
        }
    }
}

/// Returns a shim between the lines that turn aliases off and on again. zsh expands aliases in the whole text of an `eval`
/// before it runs the line that turns them off; as quoted words the pieces of the shim are read afterwards.
fn without_aliases(shell: Shell, shim: &[u8]) -> Vec<u8> {
    match shell {
        Shell::Bash => [BASH_WITHOUT_ALIASES, &without_comments(shim), BASH_WITH_ALIASES].concat(),
        Shell::Zsh => [ZSH_WITHOUT_ALIASES, &evals_of_pieces(shim, shell, PIECE_BYTES), ZSH_WITH_ALIASES].concat(),
        Shell::Fish => without_comments(shim),
    }
}

/// Returns a shim without what only people need, since a shell reads it at every start. No string in a shim goes over
/// several lines.
fn without_comments(shim: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(shim.len());
    for line in code_lines(shim) {
        text.extend(line);
        text.push(b'\n');
    }
    text
}

/// The lines of a shim that are neither empty nor comments, without their indentation.
fn code_lines(shim: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = shim.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_start);
    lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"))
}

/// Returns commands that evaluate a shim in pieces of at least so many bytes, without its comments.
///
/// The time that zsh takes for one `eval` grows faster than its text: in pieces the shim is read in half the time. Each
/// is one line, which can be quoted with plain quotes: of all the ways to write a line break in a word, those that every
/// option of zsh understands take longer to read.
fn evals_of_pieces(shim: &[u8], shell: Shell, least: usize) -> Vec<u8> {
    let (mut text, mut piece) = (Vec::new(), Vec::new());
    let mut end = |piece: &mut Vec<u8>| {
        if !piece.is_empty() {
            text.extend(b"\\builtin 'eval' ");
            text.extend(shell.quote(piece));
            text.push(b'\n');
            piece.clear();
        }
    };
    for line in shim.split(|&byte| byte == b'\n') {
        let words = line.trim_ascii_start();
        if !words.is_empty() && !words.starts_with(b"#") {
            append_to_line(&mut piece, words);
        }
        // Where a function ends that is not part of anything else.
        if line == b"}" && piece.len() >= least {
            end(&mut piece);
        }
    }
    end(&mut piece);
    text
}

/// Appends a line to others with what means the same as the line break. A shim has neither comments behind code, nor
/// here-documents, nor strings over several lines.
fn append_to_line(piece: &mut Vec<u8>, line: &[u8]) {
    /// After these, a command goes on.
    const OPEN: [&[u8]; 6] = [b"||", b"&&", b"|", b";;", b"{", b"("];
    if let Some(continued) = line.strip_suffix(b"\\") {
        piece.extend(continued);
        return;
    }
    let last = line.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
    piece.extend(line);
    let is_open = OPEN.iter().any(|word| last.ends_with(word)) || matches!(last, b"then" | b"else" | b"do" | b"in");
    piece.push(if is_open { b' ' } else { b';' });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A later file would replace the function of an earlier one. These are for the user, and are meant to be replaced.
    const REPLACED: [&str; 4] =
        ["deactivate", "virtualenv_deactivate", "virtualenvwrapper_initialize", "virtualenvwrapper_load"];

    #[test]
    fn no_function_is_in_two_files() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let entry = if shell == Shell::Fish { "" } else { ENTRY };
            let files = [&command_parts(shell)[..], &[verbs_text(shell), follow_text(shell), entry]].concat();
            let mut seen = BTreeSet::new();
            for file in files {
                let lines = file.lines().filter_map(|line| line.trim_start().strip_prefix("function "));
                let names = lines.filter_map(|line| line.split([' ', '(', ';']).next().filter(|word| is_name(word)));
                let own: BTreeSet<_> = names.filter(|name| !REPLACED.contains(name)).collect();
                let twice: Vec<_> = own.intersection(&seen).copied().collect();
                assert!(twice.is_empty(), "{shell:?}: {twice:?}");
                seen.extend(own);
            }
            assert!(seen.len() > 30, "{shell:?}: {}", seen.len());
        }
    }

    fn is_name(word: &str) -> bool {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}
