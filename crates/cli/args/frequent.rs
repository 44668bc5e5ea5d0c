//! The verbs that are called most: describing all the others to the parser takes longer than reading the arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser};

use super::{Cli, Command};

/// The arguments of one verb, whose name stands for the program's.
#[derive(Debug, Parser)]
struct Verb<T: Args> {
    #[arg(long)]
    workon_home: Option<PathBuf>,
    #[command(flatten)]
    args: T,
}

impl Cli {
    /// Reads the arguments if their first is the name of a frequent verb and all others are right. For everything else,
    /// such as help, the parser of all verbs finds the words.
    pub(crate) fn of_frequent_verb(arguments: &[OsString]) -> Option<Self> {
        let words = arguments.get(1..)?;
        match words.first()?.to_str()? {
            "create" | "mk" => read(words, Command::Create),
            "init" => read(words, Command::Init),
            "list" | "ls" => read(words, Command::List),
            "remove" | "rm" => read(words, Command::Remove),
            "run" => read(words, Command::Run),
            "show" => read(words, Command::Show),
            _ => None,
        }
    }
}

fn read<T: Args>(words: &[OsString], command: fn(T) -> Command) -> Option<Cli> {
    let Verb { workon_home, args } = Verb::try_parse_from(words).ok()?;
    Some(Cli { workon_home, command: command(args) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that the two parsers could read differently.
    const LINES: [&str; 22] = [
        "list",
        "ls -b --sort used",
        "list --workon-home /x --json",
        "list --help",
        "list --nonsense",
        "list -h",
        "list --version",
        "list extra",
        "create a -p 3.12 --workon-home=/x",
        "mk -i x -i y -- -a",
        "create",
        "remove -f a b",
        "rm",
        "run a ls --help --workon-home /y",
        "run --workon-home /x a ls -V",
        "run a",
        "show",
        "show a --json",
        "copy a b",
        "--workon-home /x list",
        "init bash",
        "init nonsense",
    ];

    #[test]
    fn both_parsers_read_the_same() {
        let mut accepted = 0;
        for line in LINES {
            let arguments: Vec<OsString> = ["venvwrap"].into_iter().chain(line.split(' ')).map(Into::into).collect();
            let Some(cli) = Cli::of_frequent_verb(&arguments) else { continue };
            accepted += 1;
            assert_eq!(format!("{cli:?}"), format!("{:?}", Cli::try_parse_from(&arguments).unwrap()), "{line}");
        }
        assert_eq!(accepted, 12);
    }
}
