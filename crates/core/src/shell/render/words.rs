//! The words of a step, the same for every shell.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::shell::plan::{Command, Enter, LeavingHooks, Plan, Step};

/// What a shell says that has loaded another version of the protocol than the program speaks.
pub const OTHER_VERSION: &str = "error: this shell has loaded another version of venvwrap; start a new shell";

/// Returns a plan as lines, each the call of a function; `call` is how that begins, `ending` what follows it.
pub(super) fn lines(
    plan: &Plan,
    guard: &str,
    call: &[u8],
    quote: fn(&[u8]) -> Vec<u8>,
    ending: fn(&Step) -> &'static [u8],
) -> Vec<u8> {
    let mut text = guard.as_bytes().to_vec();
    for step in &plan.0 {
        let (verb, words) = words(step);
        text.extend(call);
        text.extend(verb.as_bytes());
        for word in words {
            text.push(b' ');
            text.extend(quote(word));
        }
        text.extend(ending(step));
        text.push(b'\n');
    }
    text
}

/// Returns the verb of a step and its words.
pub(super) fn words(step: &Step) -> (&'static str, Vec<&[u8]>) {
    match step {
        Step::Leave => ("leave", Vec::new()),
        Step::Enter(enter) => ("enter", enter_words(enter)),
        Step::Renew(hooks) => ("renew", hook_words(hooks)),
        Step::Run(command) => ("run", command_words(command)),
        Step::Cd { directory } => ("cd", vec![bytes(directory)]),
        Step::Source { file, arguments } => {
            ("source", [bytes(file)].into_iter().chain(arguments.iter().map(|argument| argument.as_bytes())).collect())
        }
        Step::Set { scope, name, value } => {
            let words = [scope.name().as_bytes(), name.as_bytes()];
            ("set", words.into_iter().chain(value.as_ref().map(|value| value.as_bytes())).collect())
        }
        Step::Tell { text } => ("tell", vec![text.as_bytes()]),
    }
}

/// `ON_FAILURE CWD PROGRAM ARGUMENT..`
fn command_words(command: &Command) -> Vec<&[u8]> {
    let words = [command.on_failure.name().as_bytes(), bytes(&command.cwd), bytes(&command.program)];
    words.into_iter().chain(command.arguments.iter().map(|argument| argument.as_bytes())).collect()
}

/// `ENVIRONMENT ACTIVATE FLAG.. [note FILE RECORD] [text TEXT] -- ` and the words of the hooks.
fn enter_words(enter: &Enter) -> Vec<&[u8]> {
    let mut words = vec![bytes(&enter.environment), bytes(&enter.activate)];
    words.extend(enter.flags.iter().map(|flag| flag.name().as_bytes()));
    if let Some(note) = &enter.note {
        words.extend([&b"note"[..], bytes(&note.file), &note.content]);
    }
    if let Some(text) = &enter.text {
        words.extend([&b"text"[..], text]);
    }
    words.push(b"--");
    words.extend(hook_words(&enter.hooks));
    words
}

/// `CONSENT LEAVING.. -- LEFT..`, where CONSENT is empty if none is needed. Every file is an absolute path, never `--`.
fn hook_words(hooks: &LeavingHooks) -> Vec<&[u8]> {
    let mut words = vec![hooks.consent.as_deref().map(bytes).unwrap_or_default()];
    words.extend(hooks.leaving.iter().map(|file| bytes(file)));
    words.push(b"--");
    words.extend(hooks.left.iter().map(|file| bytes(file)));
    words
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}
