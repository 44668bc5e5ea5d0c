//! What the cursor is on: the words before it are read the way the parser would.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use clap::{Arg, Command};

use super::commands::{Kind, kind, repeats, takes_value};

/// The verb that explains the others.
pub(super) const HELP: &str = "help";

/// What may be at the cursor.
#[derive(Debug)]
pub(super) struct Situation {
    /// The command, or the verb, that the word belongs to.
    pub(super) command: Command,
    /// What is wanted.
    pub(super) wants: Wants,
    /// What stands before the value in its own word: `--python=`, or nothing.
    pub(super) lead: Vec<u8>,
    /// The value as far as it has been typed.
    pub(super) prefix: Vec<u8>,
    /// The arguments before it that are no options.
    pub(super) given: Vec<OsString>,
    /// The directory of environments, if an option names another.
    pub(super) workon_home: Option<PathBuf>,
    /// The environment, if an option names one.
    pub(super) named: Option<OsString>,
    /// The directory of the project, if an option names one.
    pub(super) project: Option<PathBuf>,
    /// Whether `--` stands before it.
    pub(super) options_ended: bool,
}

/// What is wanted at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// An option.
    Option,
    /// A verb of the program, or a value.
    Verb(Kind),
    /// A verb to be explained.
    Help,
    /// A value.
    Value(Kind),
    /// The command that is to be run, or an argument of it; so many words come before it.
    Command(usize),
}

/// Reads the words between the command and the cursor, and the word at the cursor as far as it goes.
pub(super) fn examine(command: Command, words: &[OsString], current: &[u8]) -> Situation {
    let mut reader = Reader {
        command,
        parents: Vec::new(),
        given: Vec::new(),
        value_of: None,
        options_ended: false,
        command_at: None,
        is_help: false,
        workon_home: None,
        named: None,
        project: None,
    };
    for (index, word) in words.iter().enumerate() {
        reader.read(index, word);
    }
    reader.conclude(words.len(), current)
}

struct Reader {
    command: Command,
    /// The options of the program itself, which hold for its verbs too.
    parents: Vec<Arg>,
    given: Vec<OsString>,
    /// The option that the next word belongs to.
    value_of: Option<Arg>,
    options_ended: bool,
    /// Where the command to run begins, and with it the end of all that is ours.
    command_at: Option<usize>,
    /// Whether the words name a command whose help is wanted: the parser adds `help` only when it runs.
    is_help: bool,
    workon_home: Option<PathBuf>,
    named: Option<OsString>,
    project: Option<PathBuf>,
}

impl Reader {
    fn read(&mut self, index: usize, word: &OsString) {
        let bytes = word.as_bytes();
        if self.command_at.is_some() {
            // The words of another command are not venvwrap's.
        } else if let Some(arg) = self.value_of.take() {
            self.note_value(&arg, word);
        } else if self.options_ended || bytes == b"-" || !bytes.starts_with(b"-") {
            self.read_argument(index, word);
        } else if bytes == b"--" {
            self.options_ended = true;
        } else if let Some(long) = bytes.strip_prefix(b"--") {
            let (name, value) = split_value(long);
            match (self.long(name).filter(takes_value), value) {
                (Some(arg), Some(value)) => self.note_value(&arg, &OsString::from_vec(value.to_vec())),
                (arg, _) => self.value_of = arg,
            }
            self.note_option(name);
        } else if let Some((arg, rest)) = self.short(&bytes[1..]) {
            match rest {
                [] => self.value_of = Some(arg),
                rest => self.note_value(&arg, &OsString::from_vec(rest.to_vec())),
            }
        }
    }

    /// `run --tmp` takes no name: the command comes first, as if a name were there.
    fn note_option(&mut self, name: &[u8]) {
        if name == b"tmp" && self.is_run() && self.given.is_empty() {
            self.given.push(OsString::new());
        }
    }

    fn is_run(&self) -> bool {
        self.command.get_name() == "run"
    }

    fn read_argument(&mut self, index: usize, word: &OsString) {
        if self.given.is_empty()
            && let Some(verb) = word.to_str().and_then(|name| self.command.find_subcommand(name)).cloned()
        {
            self.parents.extend(self.command.get_arguments().filter(|arg| arg.is_global_set()).cloned());
            self.command = verb;
            return;
        }
        if self.given.is_empty() && self.command.has_subcommands() && word == HELP && !self.is_help {
            self.is_help = true;
            return;
        }
        // The options of `run` are those of a temporary environment, which has no name.
        if self.is_run() && self.given.is_empty() {
            self.command = self.command.clone().mut_args(|arg| if arg.is_positional() { arg } else { arg.hide(true) });
        }
        if self.positional().is_some_and(|arg| kind(&self.command, arg) == Kind::Command) {
            self.command_at = Some(index);
        }
        self.given.push(word.clone());
    }

    fn conclude(self, count: usize, current: &[u8]) -> Situation {
        let (wants, lead) = self.wanted(count, current);
        let prefix = current[lead.len()..].to_vec();
        let Self { command, given, workon_home, named, project, options_ended, .. } = self;
        Situation { command, wants, lead, prefix, given, workon_home, named, project, options_ended }
    }

    fn wanted(&self, count: usize, current: &[u8]) -> (Wants, Vec<u8>) {
        let none = Vec::new;
        if let Some(at) = self.command_at {
            return (Wants::Command(at), none());
        } else if let Some(arg) = &self.value_of {
            return (Wants::Value(kind(&self.command, arg)), none());
        }
        let value = self.positional().map_or(Kind::Unknown, |arg| kind(&self.command, arg));
        if self.is_help {
            let is_open = self.command.has_subcommands() && self.given.is_empty();
            return (if is_open { Wants::Help } else { Wants::Value(Kind::Unknown) }, none());
        }
        if self.options_ended || !current.starts_with(b"-") {
            return match value {
                Kind::Command => (Wants::Command(count), none()),
                value if self.command.has_subcommands() && self.given.is_empty() => (Wants::Verb(value), none()),
                value => (Wants::Value(value), none()),
            };
        }
        if let Some(long) = current.strip_prefix(b"--")
            && let (name, Some(value)) = split_value(long)
            && let Some(arg) = self.long(name).filter(takes_value)
        {
            return (Wants::Value(kind(&self.command, &arg)), current[..current.len() - value.len()].to_vec());
        }
        if !current.starts_with(b"--")
            && let Some((arg, rest)) = self.short(&current[1..]).filter(|(_, rest)| !rest.is_empty())
        {
            return (Wants::Value(kind(&self.command, &arg)), current[..current.len() - rest.len()].to_vec());
        }
        (Wants::Option, none())
    }

    /// The argument that the next word without a dash is.
    fn positional(&self) -> Option<&Arg> {
        let mut last = None;
        for (index, arg) in self.command.get_positionals().enumerate() {
            if index == self.given.len() {
                return Some(arg);
            }
            last = Some(arg);
        }
        last.filter(|arg| repeats(arg))
    }

    fn long(&self, name: &[u8]) -> Option<Arg> {
        let is_it = |arg: &&Arg| {
            let mut names = arg.get_long().into_iter().chain(arg.get_all_aliases().unwrap_or_default());
            names.any(|long| long.as_bytes() == name)
        };
        self.command.get_arguments().chain(&self.parents).find(is_it).cloned()
    }

    /// The option with a value in a group of short ones, and what of the word is that value.
    fn short<'b>(&self, letters: &'b [u8]) -> Option<(Arg, &'b [u8])> {
        letters.iter().enumerate().find_map(|(index, letter)| {
            let is_it = |arg: &&Arg| arg.get_short() == Some(char::from(*letter)) && takes_value(arg);
            let arg = self.command.get_arguments().find(is_it)?;
            Some((arg.clone(), &letters[index + 1..]))
        })
    }

    fn note_value(&mut self, arg: &Arg, value: &OsStr) {
        if arg.get_id() == "workon_home" {
            self.workon_home = Some(value.into());
        }
        if arg.get_id() == "environment" {
            self.named = Some(value.into());
        }
        if arg.get_id() == "project" {
            self.project = Some(value.into());
        }
    }
}

/// Splits `python=3.12` at its `=`.
fn split_value(long: &[u8]) -> (&[u8], Option<&[u8]>) {
    match long.iter().position(|&byte| byte == b'=') {
        Some(at) => (&long[..at], Some(&long[at + 1..])),
        None => (long, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::commands::command;
    use super::*;

    fn at(line: &str) -> Situation {
        let mut words: Vec<&str> = line.split(' ').collect();
        let current = words.pop().unwrap();
        let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        examine(command(words[0].to_str().unwrap()).unwrap(), &words[1..], current.as_bytes())
    }

    #[test]
    fn values_follow_their_options() {
        assert_eq!(at("mkvirtualenv -p 3").wants, Wants::Value(Kind::Interpreter));
        assert_eq!(at("mkvirtualenv --clear -a ").wants, Wants::Value(Kind::Directory));
        assert_eq!(at("mkvirtualenv -r x -r ").wants, Wants::Value(Kind::File));
        assert_eq!(at("mkproject -ft ").wants, Wants::Value(Kind::Template));
        assert_eq!(at("mkvirtualenv --clear ").wants, Wants::Value(Kind::Unknown));
        assert_eq!(at("mkvirtualenv -- -p").wants, Wants::Value(Kind::Unknown));
    }

    #[test]
    fn values_in_the_word_of_their_option() {
        let long = at("mkvirtualenv --python=3.1");
        assert_eq!(
            (long.wants, long.lead, long.prefix),
            (Wants::Value(Kind::Interpreter), b"--python=".into(), b"3.1".into())
        );
        let short = at("mkproject -fthtml");
        assert_eq!(
            (short.wants, short.lead, short.prefix),
            (Wants::Value(Kind::Template), b"-ft".into(), b"html".into())
        );
        assert_eq!(at("workon --py=x").wants, Wants::Option);
    }

    #[test]
    fn arguments_count() {
        assert_eq!(at("workon a").wants, Wants::Value(Kind::Environment));
        assert_eq!(at("workon api ").wants, Wants::Value(Kind::Unknown));
        assert_eq!(at("rmvirtualenv a b ").wants, Wants::Value(Kind::Environment));
        assert_eq!(at("setvirtualenvproject a ").wants, Wants::Value(Kind::Directory));
        assert_eq!(at("workon -").wants, Wants::Option);
    }

    #[test]
    fn verbs_and_the_options_above_them() {
        assert_eq!(at("venvwrap ").wants, Wants::Verb(Kind::Unknown));
        assert_eq!(at("venvwrap snapshot ").wants, Wants::Verb(Kind::Environment));
        assert_eq!(at("venvwrap snapshot a ").wants, Wants::Value(Kind::Unknown));
        assert_eq!(at("venvwrap snapshot show a ").wants, Wants::Value(Kind::Snapshot));
        assert_eq!(at("venvwrap rm ").wants, Wants::Value(Kind::Environment));
        assert_eq!(at("venvwrap project ").wants, Wants::Verb(Kind::Unknown));
        assert_eq!(at("venvwrap project set a ").wants, Wants::Value(Kind::Directory));
        assert!(matches!(at("venvwrap list --sort ").wants, Wants::Value(Kind::Choice(_))));
        let other = at("venvwrap show --workon-home /x ");
        assert_eq!((other.wants, other.workon_home), (Wants::Value(Kind::EnvironmentOrDirectory), Some("/x".into())));
    }

    #[test]
    fn help_is_that_of_a_verb() {
        for line in ["venvwrap help ", "venvwrap help con", "venvwrap help config ", "venvwrap project help s"] {
            assert_eq!(at(line).wants, Wants::Help, "{line}");
        }
        for line in ["venvwrap help list ", "venvwrap help workon ", "venvwrap help config list "] {
            assert_eq!(at(line).wants, Wants::Value(Kind::Unknown), "{line}");
        }
        assert_eq!(at("venvwrap snapshot help ").command.get_name(), "snapshot");
    }

    #[test]
    fn an_option_names_the_environment() {
        for line in ["unset -n web ", "unset -nweb ", "unset --name web ", "unset --name=web ", "unset A -n web "] {
            let found = at(&format!("venvwrap variables {line}"));
            assert_eq!((found.wants, found.named), (Wants::Value(Kind::Variable), Some("web".into())), "{line}");
        }
    }

    #[test]
    fn a_temporary_environment_has_no_name() {
        assert_eq!(at("venvwrap run --tmp ").wants, Wants::Command(2));
        assert_eq!(at("venvwrap run -i x --tmp pytho").wants, Wants::Command(4));
        assert_eq!(at("venvwrap run --tmp -i x pip ").wants, Wants::Command(4));
        assert_eq!(at("venvwrap run --tmp -p 3").wants, Wants::Value(Kind::Interpreter));
        let options = |line: &str| super::super::candidates::options(&at(line).command).len();
        assert!(options("venvwrap run -") > 8 && options("venvwrap run --tmp -") > 8);
        assert_eq!(options("venvwrap run web -"), 2, "only help");
    }

    #[test]
    fn commands_to_run_are_somebody_elses() {
        assert_eq!(at("venvwrap run a ").wants, Wants::Command(2));
        assert_eq!(at("venvwrap run a pip -").wants, Wants::Command(2));
        assert_eq!(at("allvirtualenv ").wants, Wants::Command(0));
        assert_eq!(at("allvirtualenv pip inst").wants, Wants::Command(0));
    }
}
