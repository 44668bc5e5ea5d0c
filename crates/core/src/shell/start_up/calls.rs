//! Lines that call `venvwrap init`.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use memchr::memmem;

use super::Shell;
use super::lines::{Line, Part, commands};
use crate::shell::dialect::Dialect;
use crate::shell::word;

/// Returns whether a line loads venvwrap into any shell.
pub(super) fn is_loading(line: &Line<'_>) -> bool {
    let text = String::from_utf8_lossy(line.text);
    line.is_live() && Shell::ALL.iter().any(|shell| shells_loaded(&text, *shell))
}

/// `… venvwrap init SHELL …`, with whatever path and options, by a command that runs what it prints; without a shell it is
/// the one that runs. What `venvwrap setup` writes is known whatever the path is.
pub(super) fn shells_loaded(line: &str, shell: Shell) -> bool {
    if call_of(line.trim().as_bytes(), shell).is_some() {
        return true;
    }
    let commands = commands(line, shell);
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

/// Returns the text from the first argument on of a command that sources a file.
pub(super) fn source_argument(command: &str) -> Option<&str> {
    arguments_of(command, is_source)
}

/// Returns the variable of a loop over words that a command begins, with the text of the words, and what the command does
/// in the loop or without one.
pub(super) fn loop_head(command: &str) -> (Option<(&str, &str)>, &str) {
    let head = || {
        let rest = arguments_of(command, |word| word == "for" || word == "foreach")?;
        let (name, rest) = rest.split_at(rest.find(|letter| !is_of_name(letter))?);
        let rest = rest.trim_start();
        if let Some(words) = rest.strip_prefix("in ") {
            return Some(((name, words), ""));
        }
        // zsh: `for f (*.zsh(N)) source $f`.
        let inside = rest.strip_prefix('(')?;
        let mut depth = 0;
        let end = inside.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth < 0
        })?;
        Some(((name, &inside[..end]), &inside[end + 1..]))
    };
    head().map_or((None, command), |(head, body)| (Some(head), body))
}

/// Returns the text from the first argument on of a command whose word is such a one.
fn arguments_of(command: &str, is_meant: fn(&str) -> bool) -> Option<&str> {
    let word = first_word(command).filter(|word| is_meant(word))?;
    let mut rests = command.match_indices(word).map(|(at, _)| command.split_at(at));
    let (_, rest) = rests.find(|(before, rest)| {
        (before.is_empty() || before.ends_with([' ', '\t', '\\'])) && rest[word.len()..].starts_with([' ', '\t'])
    })?;
    Some(rest[word.len()..].trim_start())
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
    call_in(text, shell, frame(shell))
}

/// The same for a line that a person has written to do nothing else.
pub(super) fn call_by_hand(text: &[u8], shell: Shell) -> Option<Call> {
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

fn call_in(text: &[u8], shell: Shell, (start, end): (&str, &str)) -> Option<Call> {
    const VERB: &[u8] = b" init ";
    let call = text.strip_prefix(start.as_bytes())?.strip_suffix(end.as_bytes())?;
    let at = memmem::rfind(call, VERB)?;
    let arguments = std::str::from_utf8(&call[at + VERB.len()..]).ok()?;
    let is_plain = |word: &str| word == shell.name() || word.starts_with("--");
    if !arguments.split_whitespace().all(is_plain) || !arguments.contains(shell.name()) {
        return None;
    }
    let word = word_of(&call[..at], shell).filter(|word| is_venvwrap(word))?;
    let path = PathBuf::from(OsString::from_vec(word));
    Some(Call { arguments: start.len() + at..start.len() + call.len(), path })
}

/// What a word means; none if it is more than a word, or if the shell would expand something in it.
fn word_of(text: &[u8], shell: Shell) -> Option<Vec<u8>> {
    let dialect = if shell == Shell::Fish { Dialect::Fish } else { Dialect::Posix };
    let read = word::read(text, dialect).filter(|word| word.end == text.len())?;
    let word = read.literal()?;
    // What is expanded in double quotes, too, names no file.
    let is_safe = shell.quote(word) == text || !text.iter().any(|byte| b"$`".contains(byte));
    is_safe.then(|| word.to_vec())
}

/// Other programs have a command `init`, too.
fn is_venvwrap(program: &[u8]) -> bool {
    program.rsplit(|&byte| byte == b'/').next().is_some_and(|name| name.starts_with(b"venvwrap"))
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;

    /// Whatever the path is, what `setup` writes is known again.
    #[test]
    fn a_line_of_setup_names_its_program() {
        for path in [
            &b"/x/venvwrap"[..],
            b"/it's here/venvwrap",
            b"/a\\'b\\/$HOME/`x`/ init /venvwrap",
            b"/\"/;|#/venvwrap",
            b"/a\tb/venvwrap",
            b"/\x1b[2J it's\\/venvwrap",
            b"/a\nb'c/venvwrap",
            b"/\xff\xc3 it's/venvwrap",
        ] {
            for (shell, start, end) in [
                (Shell::Bash, "eval \"$(", " init bash --auto)\""),
                (Shell::Zsh, "eval \"$(", " init zsh)\""),
                (Shell::Fish, "", " init fish | source"),
            ] {
                let word = shell.quote(path);
                let line = [start.as_bytes(), &word, end.as_bytes()].concat();
                let shown = String::from_utf8_lossy(&line);
                let call = call_of(&line, shell).unwrap();
                assert_eq!(call.arguments.start, start.len() + word.len(), "{shown}");
                assert_eq!(call.path, PathBuf::from(OsString::from_vec(path.to_vec())));
                let [line] = &lines(&line, shell)[..] else { panic!("several lines: {shown}") };
                assert!(is_own(line) && is_loading(line) && shells_loaded(&shown, shell), "{shown}");
            }
        }
        for expanded in ["eval \"$($HOME/venvwrap init bash)\"", "eval \"$('$HOME'/venvwrap init bash)\""] {
            assert!(call_of(expanded.as_bytes(), Shell::Bash).is_none(), "{expanded}");
        }
    }
}
