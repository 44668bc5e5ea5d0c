//! One verb at a time: describing all of them to the parser takes longer than most verbs themselves.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, FromArgMatches};

use super::{Cli, Command};

/// What every verb takes.
#[derive(Debug, Args)]
struct Common {
    #[arg(long, global = true)]
    workon_home: Option<PathBuf>,
}

impl Cli {
    /// Reads the arguments if their first is the name of a verb and all others are right. For everything else, such as
    /// help, the parser of all verbs finds the words.
    pub(crate) fn of_one_verb(arguments: &[OsString]) -> Option<Self> {
        let words = arguments.get(1..)?;
        match words.first()?.to_str()? {
            "activate" => read(words, Command::Activate),
            "adopt" => read(words, Command::Adopt),
            "allow" => read(words, Command::Allow),
            "bundle" => read(words, Command::Bundle),
            "check" => read(words, Command::Check),
            "copy" | "cp" => read(words, Command::Copy),
            "create" | "mk" => read(words, Command::Create),
            "create-project" => read(words, Command::CreateProject),
            "deny" => read(words, Command::Deny),
            "diff" => read(words, Command::Diff),
            "doctor" => read(words, Command::Doctor),
            "freeze" => read(words, Command::Freeze),
            "gc" => read(words, Command::Gc),
            "init" => read(words, Command::Init),
            "kernel" => read(words, Command::Kernel),
            "link" => read(words, Command::Link),
            "list" | "ls" => read(words, Command::List),
            "pack" => read(words, Command::Pack),
            "path" => read(words, Command::Path),
            "project" => read(words, Command::Project),
            "pythons" => read(words, Command::Pythons),
            "remove" | "rm" => read(words, Command::Remove),
            "rename" | "mv" => read(words, Command::Rename),
            "repair" => read(words, Command::Repair),
            "restore" => read(words, Command::Restore),
            // A temporary environment has no name before its command.
            "run" if !words.iter().any(|word| word == "--tmp") => read(words, Command::Run),
            "send" => read(words, Command::Send),
            "show" => read(words, Command::Show),
            "snapshot" => read(words, Command::Snapshot),
            "trash" => read(words, Command::Trash),
            "undo" => read(words, Command::Undo),
            "unpack" => read(words, Command::Unpack),
            "upgrade" => read(words, Command::Upgrade),
            "variables" | "vars" => read(words, Command::Variables),
            // `venv` completes options that were cut short, among all that there are.
            _ => None,
        }
    }
}

/// The name of the verb stands for the program's.
fn read<T: Args>(words: &[OsString], command: fn(T) -> Command) -> Option<Cli> {
    let parser = T::augment_args(Common::augment_args(clap::Command::new("venvwrap")));
    let mut matches = parser.try_get_matches_from(words).ok()?;
    let args = T::from_arg_matches_mut(&mut matches).ok()?;
    let Common { workon_home } = Common::from_arg_matches_mut(&mut matches).ok()?;
    Some(Cli { workon_home, command: command(args) })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Everything that the two parsers could read differently; those that begin with `!` are for the parser of all verbs.
    const LINES: [&str; 68] = [
        "list",
        "ls -b --sort used",
        "list --workon-home /x --json",
        "!list --help",
        "!list --nonsense",
        "!list -h",
        "!list --version",
        "list extra",
        "create a -p 3.12 --workon-home=/x",
        "mk -i x -i y -- -a",
        "!create",
        "remove -f a b",
        "!rm",
        "run a ls --help --workon-home /y",
        "run --workon-home /x a ls -V",
        "!run a",
        "!run --tmp python -V",
        "!run -p 3.12 --tmp python -c pass",
        "show",
        "show a --json",
        "!--workon-home /x list",
        "init bash",
        "!init nonsense",
        "copy a b",
        "cp a --workon-home /x",
        "rename a b --dry-run",
        "mv a b",
        "!rename a",
        "!help list",
        "path a",
        "undo a",
        "undo",
        "!undo --help",
        "trash",
        "trash list --json",
        "trash --workon-home /x empty",
        "!trash nonsense",
        "doctor --deep a",
        "doctor --workon-home /x --json",
        "gc",
        "repair --all",
        "!venv -p 3.12 d",
        "variables list -n a",
        "vars set A=B --workon-home /x",
        "!vars set A",
        "activate a",
        "pythons --json",
        "freeze a --format json",
        "check --all",
        "diff a b --json",
        "!diff",
        "snapshot a -m text",
        "snapshot list a --workon-home /x",
        "!snapshot list --nonsense",
        "restore a f.txt",
        "upgrade a -p 3.13",
        "project list",
        "project set a d --workon-home /x",
        "!project nonsense",
        "kernel add a --env A=B --workon-home /x",
        "kernel list --json",
        "kernel",
        "!kernel add --version",
        "adopt /d a",
        "allow d",
        "bundle --from-installed a",
        "bundle a --platform linux-aarch64",
        "!bundle a b",
    ];

    #[test]
    fn both_parsers_read_the_same() {
        for line in LINES {
            let (line, is_for_all) = line.strip_prefix('!').map_or((line, false), |line| (line, true));
            let arguments: Vec<OsString> = ["venvwrap"].into_iter().chain(line.split(' ')).map(Into::into).collect();
            let one = Cli::of_one_verb(&arguments);
            assert_eq!(one.is_none(), is_for_all, "{line}");
            if let Some(cli) = one {
                assert_eq!(format!("{cli:?}"), format!("{:?}", Cli::try_parse_from(&arguments).unwrap()), "{line}");
            }
        }
    }

    #[test]
    fn every_name_of_a_verb_is_that_of_the_same_verb() {
        use clap::CommandFactory;

        // The words that one of them takes at least.
        let endings = ["", "a", "a b", "bash", "list", "a b c", "path"];
        let read_alone = |name: &str| {
            let of = |ending: &&str| {
                Cli::of_one_verb(
                    &format!("v {name} {ending}").split_whitespace().map(OsString::from).collect::<Vec<_>>(),
                )
            };
            endings.iter().find_map(of).map(|cli| format!("{:?}", cli.command))
        };
        for verb in Cli::command().get_subcommands() {
            let name = verb.get_name();
            let variant = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
            for name in std::iter::once(name).chain(verb.get_all_aliases()) {
                // Those that are rare or need more than words.
                if !matches!(
                    name,
                    "bundle" | "config" | "setup" | "generate" | "package" | "dockerfile" | "send" | "venv"
                ) {
                    let read = read_alone(name).unwrap_or_default();
                    assert!(read.starts_with(&format!("{variant}(")), "{name}: {read}");
                }
            }
        }
    }
}
