//! Lines that call `venvwrap init`.

use std::ops::Range;
use std::path::PathBuf;

use super::Shell;
use super::lines::{Line, Part, commands};
use crate::shell::quote;

/// Returns whether a line loads venvwrap into any shell.
pub(super) fn is_loading(line: &Line<'_>) -> bool {
    let text = String::from_utf8_lossy(line.text);
    line.is_live() && Shell::ALL.iter().any(|shell| shells_loaded(&text, *shell))
}

/// `… venvwrap init SHELL …`, with whatever path and options, by a command that runs what it prints; without a shell it is
/// the one that runs.
pub(super) fn shells_loaded(line: &str, shell: Shell) -> bool {
    let commands = commands(line);
    (0..commands.len()).any(|at| names(commands[at], shell) && is_run(&commands[at..]))
}

/// Returns whether a command asks venvwrap for the code of a shell.
fn names(command: &str, shell: Shell) -> bool {
    let is_end = |c: char| c.is_whitespace() || "\"'`$();|<>".contains(c);
    let words: Vec<_> = command.split(is_end).filter(|word| !word.is_empty()).collect();
    let Some(at) = words.iter().position(|word| *word == "init").filter(|_| command.contains("venvwrap")) else {
        return false;
    };
    let named = words[at + 1..].iter().find_map(|word| Shell::from_name(word));
    named.map_or_else(|| words[..at].last().is_some_and(|word| word.ends_with("venvwrap")), |named| named == shell)
}

/// Returns whether the first of these commands runs the code that it mentions, itself or by one after it.
fn is_run(commands: &[&str]) -> bool {
    // Commands that give a value to a variable.
    const GIVING: [&str; 6] = ["export", "declare", "typeset", "local", "readonly", "set"];
    // Commands to which the code is only text.
    const QUOTING: [&str; 9] = ["alias", "abbr", "echo", "printf", "print", "trap", "bind", "bindkey", "test"];
    let Some(first) = first_word(commands[0]) else { return false };
    if GIVING.contains(&first) || is_assignment(first) {
        return commands[1..].iter().any(|next| first_word(next) == Some("eval") && uses_value_of(next, commands[0]));
    }
    if QUOTING.contains(&first) {
        return false;
    }
    let is_sourced = || commands.get(1).and_then(|next| first_word(next)).is_some_and(is_source);
    // What the program itself prints is run by nobody else.
    !first.trim_matches(['"', '\'']).ends_with("venvwrap") || is_sourced()
}

/// The word that says what a command does.
fn first_word(command: &str) -> Option<&str> {
    // Words before a command.
    const LEADING: [&str; 17] = [
        "then",
        "do",
        "else",
        "elif",
        "if",
        "while",
        "{",
        "!",
        "builtin",
        "command",
        "and",
        "or",
        "not",
        "begin",
        "time",
        "noglob",
        "nocorrect",
    ];
    // The value that begins with a command is the rest of it. An option is one of a word before.
    let is_before = |word: &&str| {
        LEADING.contains(&word.trim_start_matches('\\'))
            || word.starts_with('-')
            || is_assignment(word) && !word.contains(['(', '`'])
    };
    command.split_whitespace().find(|word| !is_before(word)).map(|word| word.trim_start_matches('\\'))
}

/// Returns whether a command expands a variable to which another one gives a value.
fn uses_value_of(command: &str, giving: &str) -> bool {
    let names = giving.split_whitespace().map(|word| word.split_once('=').map_or(word, |(name, _)| name));
    let expands = |name: &str| {
        let is_expanded = |start: &str| {
            let rests = command.match_indices(start).map(|(at, _)| &command[at + start.len()..]);
            rests.filter_map(|rest| rest.strip_prefix(name)).any(|rest| !rest.starts_with(is_of_name))
        };
        is_expanded("$") || is_expanded("${")
    };
    names.filter(|name| !name.is_empty() && name.chars().all(is_of_name)).any(expands)
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_of_name))
}

fn is_source(word: &str) -> bool {
    word == "source" || word == "."
}

/// Returns whether a line is one that `venvwrap setup` writes, with whatever path and options.
pub(super) fn is_own(line: &Line<'_>) -> bool {
    let text = line.text.trim_ascii_end();
    let is_indented = text.first().is_some_and(u8::is_ascii_whitespace);
    line.part == Part::Whole && !is_indented && Shell::ALL.iter().any(|shell| call_of(text, *shell).is_some())
}

/// A call of venvwrap, as a line has it.
pub(super) struct Call {
    /// Where it is after the program, which it names first.
    pub(super) arguments: Range<usize>,
    /// The program, quoted or not; `~` stays.
    pub(super) path: PathBuf,
}

/// What `venvwrap setup` writes before and after the call.
pub(super) fn frame(shell: Shell) -> (&'static str, &'static str) {
    match shell {
        Shell::Fish => ("", " | source"),
        Shell::Bash | Shell::Zsh => ("eval \"$(", ")\""),
    }
}

/// The call in a line of the form that `venvwrap setup` writes, with whatever options.
pub(super) fn call_of(text: &[u8], shell: Shell) -> Option<Call> {
    call_in(std::str::from_utf8(text).ok()?, shell, frame(shell))
}

/// The same for a line that a person has written to do nothing else.
pub(super) fn call_by_hand(text: &[u8], shell: Shell) -> Option<Call> {
    let text = std::str::from_utf8(text).ok()?;
    let frames: &[_] = match shell {
        Shell::Fish => &[("", " | source"), ("", " | builtin source"), ("", " | ."), ("command ", " | source")],
        Shell::Bash | Shell::Zsh => &[
            ("eval \"$(", ")\""),
            ("eval $(", ")"),
            ("eval \"`", "`\""),
            ("eval `", "`"),
            ("command eval \"$(", ")\""),
        ],
    };
    frames.iter().find_map(|frame| call_in(text, shell, *frame))
}

fn call_in(text: &str, shell: Shell, (start, end): (&str, &str)) -> Option<Call> {
    let call = text.strip_prefix(start)?.strip_suffix(end)?;
    let (program, arguments) = call.rsplit_once(" init ")?;
    let is_plain = |word: &str| word == shell.name() || word.starts_with("--");
    if !arguments.split_whitespace().all(is_plain) || !arguments.contains(shell.name()) {
        return None;
    }
    let word = word_of(program, shell).filter(|word| is_venvwrap(word))?;
    let at = start.len() + program.len();
    Some(Call { arguments: at..start.len() + call.len(), path: PathBuf::from(word) })
}

/// What a word means; none if it is more than a word, or if the shell would expand something in it.
fn word_of(text: &str, shell: Shell) -> Option<String> {
    let quoted = if shell == Shell::Fish { of_fish(text) } else { None };
    let word = match quoted {
        Some(word) => word,
        None => match shell_words::split(text).ok()?.as_slice() {
            [word] => word.clone(),
            _ => return None,
        },
    };
    let is_as_quoted = match shell {
        Shell::Fish => quote::fish(word.as_bytes()) == text.as_bytes(),
        Shell::Bash | Shell::Zsh => quote::bash_zsh(word.as_bytes()) == text.as_bytes(),
    };
    // What is expanded in double quotes, too, names no file.
    (is_as_quoted || !text.contains(['$', '`'])).then_some(word)
}

/// The value of a word in single quotes, in which fish, unlike a POSIX shell, has escapes.
fn of_fish(text: &str) -> Option<String> {
    let mut letters = text.strip_prefix('\'')?.strip_suffix('\'')?.chars().peekable();
    let mut word = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => return None,
            '\\' => word.push(letters.next_if(|next| matches!(next, '\'' | '\\')).unwrap_or('\\')),
            _ => word.push(letter),
        }
    }
    Some(word)
}

/// Other programs have a command `init`, too.
fn is_venvwrap(program: &str) -> bool {
    program.rsplit('/').next().is_some_and(|name| name.starts_with("venvwrap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the path is, what `setup` writes is known again.
    #[test]
    fn a_line_of_setup_names_its_program() {
        for path in ["/x/venvwrap", "/it's here/venvwrap", "/a\\'b\\/$HOME/`x`/ init /venvwrap", "/\"/;|#/venvwrap"] {
            for (shell, start, end) in
                [(Shell::Bash, "eval \"$(", " init bash --auto)\""), (Shell::Fish, "", " init fish | source")]
            {
                let word = match shell {
                    Shell::Fish => quote::fish(path.as_bytes()),
                    Shell::Bash | Shell::Zsh => quote::bash_zsh(path.as_bytes()),
                };
                let line = [start.as_bytes(), &word, end.as_bytes()].concat();
                let call = call_of(&line, shell).unwrap();
                assert_eq!(call.arguments.start, start.len() + word.len(), "{}", String::from_utf8_lossy(&line));
                assert_eq!(call.path, PathBuf::from(path));
            }
        }
        for expanded in ["eval \"$($HOME/venvwrap init bash)\"", "eval \"$('$HOME'/venvwrap init bash)\""] {
            assert!(call_of(expanded.as_bytes(), Shell::Bash).is_none(), "{expanded}");
        }
    }
}
