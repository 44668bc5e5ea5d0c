//! What makes environments.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, Args, Command, Parser, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Associate the environment with this project directory
    #[arg(short = 'a', long = "associate", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) project: Option<PathBuf>,
    /// Install the wheels of this bundle, made by `venvwrap bundle`
    #[arg(long, value_name = "BUNDLE", value_hint = ValueHint::AnyPath)]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
    /// Name of the new environment [default with `-a`: the name of the directory]
    #[arg(value_name = "NAME", required_unless_present_any = ["wheel", "project"])]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
#[command(mut_arg("project", |project| {
    project.help("Use this existing directory as the project directory, and none in PROJECT_HOME")
}))]
pub(crate) struct CreateProjectArgs {
    /// Use the project directory even if it exists
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Populate the project directory from this template; may be repeated
    #[arg(short, long = "template", value_name = "TEMPLATE")]
    pub(crate) templates: Vec<String>,
    #[command(flatten)]
    pub(crate) create: CreateArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("clear", |clear| clear.hide(true)))]
pub(crate) struct MktmpenvArgs {
    /// Change to the environment's directory
    #[arg(short, long, overrides_with = "no_cd")]
    pub(crate) cd: bool,
    /// Stay in the current directory
    #[arg(short, long)]
    pub(crate) no_cd: bool,
    /// What makes the name unique; given by the shell
    #[arg(long, hide = true, value_name = "TOKEN", default_value = "")]
    pub(crate) token: String,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
}

/// A package that is not empty, as that of a variable is which nobody has set.
pub(super) fn package() -> impl TypedValueParser<Value = OsString> {
    let check = |text: OsString| if text.is_empty() { Err("it is empty") } else { Ok(text) };
    OsStringValueParser::new().try_map(check)
}

/// What to install into a new environment.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PackageOptions {
    /// Install this package, with extras as in `.[dev]`; may be repeated
    #[arg(short = 'i', long = "install", value_name = "PACKAGE", value_parser = package())]
    pub(crate) packages: Vec<OsString>,
    /// Install the packages in this requirements file; may be repeated
    #[arg(short = 'r', long = "requirement", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) requirements: Vec<PathBuf>,
    /// Install the project in this directory in editable mode; may be repeated
    #[arg(short = 'e', long = "editable", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) editables: Vec<PathBuf>,
    /// Install this dependency group of the project; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
}

/// What kind of environment to make: virtualenv's options. Each can also be set as `VIRTUALENV_OPTION`
/// (`actions/defaults.rs`).
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EnvironmentOptions {
    /// Python to use: a version (3.12), a range (>=3.11), a command or a path; of several the first found
    #[arg(short, long, value_name = "PYTHON", value_hint = ValueHint::CommandName)]
    pub(crate) python: Vec<OsString>,
    /// Install that Python with uv or pyenv if it is missing
    #[arg(long)]
    pub(crate) install_python: bool,
    /// Give access to the packages of the base Python
    #[arg(long)]
    pub(crate) system_site_packages: bool,
    /// Replace an existing environment
    #[arg(long)]
    pub(crate) clear: bool,
    /// Text for the shell's prompt instead of the name; `.` is the name of the current directory
    #[arg(long, value_name = "PROMPT")]
    pub(crate) prompt: Option<String>,
    /// Copy the interpreter instead of symlinking it
    #[arg(long, visible_alias = "always-copy", overrides_with = "symlinks")]
    pub(crate) copies: bool,
    /// Symlink the interpreter [default]
    #[arg(long, overrides_with = "copies")]
    pub(crate) symlinks: bool,
    /// Install neither pip nor setuptools
    #[arg(long, visible_alias = "without-pip")]
    pub(crate) no_seed: bool,
    /// Install this version of pip
    #[arg(long, value_name = "VERSION")]
    pub(crate) pip: Option<String>,
    /// Do not install pip
    #[arg(long)]
    pub(crate) no_pip: bool,
    /// Install this version of setuptools
    #[arg(long, value_name = "VERSION")]
    pub(crate) setuptools: Option<String>,
    /// Do not install setuptools
    #[arg(long)]
    pub(crate) no_setuptools: bool,
    /// Search this directory for wheels first; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, value_delimiter = ',')]
    pub(crate) extra_search_dir: Vec<PathBuf>,
    /// Download the newest pip from the package index
    #[arg(long, overrides_with = "no_download", alias = "upgrade-deps")]
    pub(crate) download: bool,
    /// Never download from the package index
    #[arg(long, visible_alias = "never-download", overrides_with = "download")]
    pub(crate) no_download: bool,
    /// Do not write a .gitignore into the environment
    #[arg(long, alias = "without-scm-ignore-files")]
    pub(crate) no_vcs_ignore: bool,
    /// Activation scripts to write: bash, fish, cshell, powershell, nushell, python
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) activators: Vec<String>,
}

/// Options of virtualenv, old and new, that people hardly need: what each means is in `actions/virtualenv_options.rs`.
#[derive(Debug, Default, Args)]
pub(crate) struct HiddenOptions {
    #[arg(long, hide = true)]
    pub(crate) no_site_packages: bool,
    #[arg(long, hide = true, alias = "use-distribute")]
    pub(crate) distribute: bool,
    #[arg(long, hide = true)]
    pub(crate) unzip_setuptools: bool,
    #[arg(long, hide = true, num_args = 0..=1, value_name = "VERSION", default_missing_value = "")]
    pub(crate) wheel: Option<OsString>,
    #[arg(long, hide = true)]
    pub(crate) no_wheel: bool,
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) creator: Option<String>,
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) seeder: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) no_periodic_update: bool,
    /// An environment that exists is renewed anyway.
    #[arg(long, hide = true)]
    pub(crate) upgrade: bool,
    #[arg(long, hide = true)]
    pub(crate) upgrade_embed_wheels: bool,
    #[arg(long, hide = true, value_name = "DIR")]
    pub(crate) app_data: Option<OsString>,
    #[arg(long, hide = true)]
    pub(crate) reset_app_data: bool,
    #[arg(long, hide = true)]
    pub(crate) read_only_app_data: bool,
    #[arg(long, hide = true)]
    pub(crate) symlink_app_data: bool,
    #[arg(long, hide = true, value_name = "SPEC")]
    pub(crate) try_first_with: Vec<OsString>,
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) discovery: Option<String>,
    #[arg(long, hide = true, overrides_with = "no_venv_redirect")]
    pub(crate) venv_redirect: bool,
    #[arg(long, hide = true, overrides_with = "venv_redirect")]
    pub(crate) no_venv_redirect: bool,
    /// Do not say what was created
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) quiet: u8,
    #[arg(short, long, hide = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[arg(long, hide = true)]
    pub(crate) with_traceback: bool,
}

/// What can be set for every new environment: the options of virtualenv, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "mkvirtualenv", disable_help_flag = true, args_override_self = true)]
pub(crate) struct DefaultOptions {
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
}

/// The option of virtualenv that takes several values.
const SEARCH_DIRS: &str = "--extra-search-dir";

/// Returns the arguments of the program with [`spread_search_dirs`], if they are for a verb that creates an environment: to
/// others, such as `run`, the words belong to another program.
pub(crate) fn with_search_dirs(arguments: Vec<OsString>) -> Vec<OsString> {
    const VERBS: [&str; 4] = ["create", "mk", "create-project", "venv"];
    let at = match arguments.get(1) {
        Some(word) if word == "--workon-home" => 3,
        Some(word) if word.as_encoded_bytes().starts_with(b"--workon-home=") => 2,
        _ => 1,
    };
    let creates = arguments.get(at).is_some_and(|verb| VERBS.iter().any(|name| verb == name));
    if creates { spread_search_dirs(&arguments, at + 1).into_owned() } else { arguments }
}

/// Gives `--extra-search-dir` before each of its values, of which virtualenv takes several; the first words, which name the
/// command, are left alone. Only after the name of the environment: before it nobody could tell which of the words is the
/// name.
pub(crate) fn spread_search_dirs(words: &[OsString], start: usize) -> Cow<'_, [OsString]> {
    if !words.iter().any(|word| word == SEARCH_DIRS) {
        return words.into();
    }
    let command = CreateArgs::augment_args(Command::new("create"));
    let takes_value = |word: &OsString| {
        let is = |arg: &Arg| {
            let names = arg.get_long_and_visible_aliases().unwrap_or_default();
            let is_long = names.iter().any(|name| word.to_str().and_then(|word| word.strip_prefix("--")) == Some(name));
            is_long || arg.get_short().is_some_and(|short| *word == *format!("-{short}"))
        };
        command.get_arguments().any(|arg| arg.get_action().takes_values() && is(arg))
    };
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-") && word.len() > 1;
    let (before, words) = words.split_at(start.min(words.len()));
    let mut spread = before.to_vec();
    let mut words = words.iter().cloned().peekable();
    let mut has_name = false;
    while let Some(word) = words.next() {
        if word == "--" {
            spread.push(word);
            spread.extend(words);
            break;
        } else if word == SEARCH_DIRS {
            spread.push(word);
            spread.extend(words.next());
            while let Some(more) = words.next_if(|more| has_name && !is_option(more)) {
                spread.extend([SEARCH_DIRS.into(), more]);
            }
        } else if takes_value(&word) {
            spread.push(word);
            spread.extend(words.next());
        } else {
            has_name |= !is_option(&word);
            spread.push(word);
        }
    }
    spread.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_directories_after_the_name_are_spread() {
        let with = |line: &str| {
            let arguments: Vec<_> = ["v", "create"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
            let words = with_search_dirs(arguments.clone());
            assert_eq!(words[..2], arguments[..2]);
            words[2..].iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        for (line, expected) in [
            ("env --extra-search-dir a b -q", "env --extra-search-dir a --extra-search-dir b -q"),
            ("--extra-search-dir a env", "--extra-search-dir a env"),
            ("-p 3.12 --prompt x --extra-search-dir a env", "-p 3.12 --prompt x --extra-search-dir a env"),
            ("env --extra-search-dir a -- b c", "env --extra-search-dir a -- b c"),
            ("env --extra-search-dir=a b", "env --extra-search-dir=a b"),
            ("env --extra-search-dir", "env --extra-search-dir"),
        ] {
            assert_eq!(with(line), expected);
        }
    }

    #[test]
    fn only_what_creates_an_environment_takes_several() {
        const SPREAD: &str = "x --extra-search-dir a --extra-search-dir b";
        const GIVEN: &str = "x --extra-search-dir a b";
        for (line, rest) in [
            ("v venv", SPREAD),
            ("v --workon-home /w mk", SPREAD),
            ("v --workon-home=/w create-project", SPREAD),
            ("v run create", GIVEN),
            ("v run web", GIVEN),
            ("v --workon-home create run", GIVEN),
        ] {
            let words = |rest: &str| format!("{line} {rest}").split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(with_search_dirs(words(GIVEN)), words(rest), "{line}");
        }
    }
}
