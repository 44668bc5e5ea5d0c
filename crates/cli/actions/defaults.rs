//! What is set for every new environment: options of virtualenv in variables and in its configuration file, and
//! `creator_args`. Each takes effect or is reported.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::{FalseyValueParser, TypedValueParser};
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, Parser};
use venvwrap_core::config::virtualenv::{self, Setting, Settings, Source};
use venvwrap_core::config::{Config, ConfigError, Creator};
use venvwrap_core::fs::text::printable;
use venvwrap_core::shell::activate::{self, Activation, Script};
use venvwrap_core::wheel::check_version;

use super::virtualenv_options::{self, Place};
use crate::args::{DefaultOptions, EnvironmentOptions, HiddenOptions};
use crate::error::{Context as _, Result};
use crate::process::{self, Process};
use crate::ui::printer;

/// What is set for every new environment.
#[derive(Default)]
pub(crate) struct Defaults {
    /// The options that take effect where the command line says nothing else.
    pub(crate) options: EnvironmentOptions,
    /// Whether virtualenv would print nothing.
    pub(crate) is_quiet: bool,
    /// Whether a newer pip is not to be looked for in the background.
    pub(crate) no_periodic_update: bool,
    /// The Python that the configuration file of virtualenv names, and the key as people know it.
    pub(crate) python: Option<(OsString, String)>,
    /// The options that are not shown in help.
    pub(crate) hidden: HiddenOptions,
    ignored: Vec<String>,
    /// Where options with a value are set, by their names.
    sources: Vec<(String, String)>,
    /// The variable or key of the options that are in none of these places.
    arguments_from: &'static str,
}

/// Options that ask for what is the case anyway.
const FULFILLED: [&str; 6] =
    ["no-site-packages", "no-wheel", "no-periodic-update", "upgrade", "verbose", "with-traceback"];

impl Defaults {
    /// Reads them. Another program that creates environments reads its own.
    pub(crate) fn read(process: &Process) -> Result<Self> {
        let base = process.config.config_dir.as_deref().and_then(|directory| directory.parent());
        let is_native = process.config.creator == Creator::Native;
        let may_be_set =
            || process.config.creator_args.is_some() || virtualenv::may_be_set(process::names().into_iter(), base);
        if !is_native || !may_be_set() {
            return Ok(Self::default());
        }
        let command = DefaultOptions::command();
        let arg_of = |option: &str| command.get_arguments().find(|arg| arg.get_long() == Some(option));
        let is_usable = |option: &str, value: &OsStr| !arg_of(option).is_some_and(is_flag) || is_boolean(value);
        let settings = virtualenv::read(&names(&command), &process::lookup, base, &is_usable);
        settings.unusable.iter().for_each(|setting| warn_of_value(process, setting));
        let unknown = settings.unknown.iter().map(|source| shown(process, source));
        let mut ignored: Vec<_> = unknown.collect();
        let (mut is_quiet, mut no_periodic_update, mut python) = (false, false, None);
        let (mut words, mut sources) = (link_mode(&settings).into_iter().collect::<Vec<_>>(), Vec::new());
        for setting in by_precedence(&settings) {
            let Some(arg) = arg_of(&setting.option) else { continue };
            match setting.option.as_str() {
                "quiet" => is_quiet = is_on(&setting.value),
                "no-periodic-update" => no_periodic_update = is_on(&setting.value),
                // The variable is a setting of this program, too.
                "python" => python = Some((setting.value.clone(), shown(process, &setting.source))),
                // What they say together is a word already.
                "copies" | "symlinks" => {}
                option if FULFILLED.contains(&option) => {}
                "creator" | "seeder" | "discovery" if virtualenv_options::is_known(&setting.option, &setting.value) => {
                }
                "activators" if virtualenv_options::has_unknown_script(&setting.value) => {
                    ignored.push(shown(process, &setting.source));
                }
                option if arg.is_hide_set() && !virtualenv_options::WORKING.contains(&option) => {
                    ignored.extend(has_effect(arg, setting).then(|| shown(process, &setting.source)));
                }
                _ => {
                    sources.push((setting.option.clone(), shown(process, &setting.source)));
                    words.extend(word(arg, setting));
                }
            }
        }
        if let Some(error) = settings.unreadable {
            printer::warning(&format!("the configuration of virtualenv is not used: {error}"));
        }
        let parsed = Self::parse(words, &process.config)?;
        ignored.extend(parsed.ignored);
        let is_quiet = is_quiet || parsed.is_quiet;
        let no_periodic_update = no_periodic_update || parsed.no_periodic_update;
        let mut hidden = parsed.hidden;
        if hidden.app_data.is_none() {
            hidden.app_data = process::lookup("VIRTUALENV_OVERRIDE_APP_DATA").filter(|value| !value.is_empty());
        }
        Ok(Self { is_quiet, no_periodic_update, python, hidden, ignored, sources, ..parsed })
    }

    fn parse(words: Vec<OsString>, config: &Config) -> Result<Self> {
        let arguments = config.creator_options()?;
        let all = [OsString::from("mkvirtualenv")].into_iter().chain(words).chain(arguments.iter().map(OsString::from));
        let parsed = DefaultOptions::try_parse_from(all).map_err(|error| ConfigError::Value {
            variable: config.creator_args_from,
            value: arguments.join(" "),
            problem: problem(&error),
        })?;
        let refused = virtualenv_options::refusals(&parsed.options, &parsed.hidden, Place::Anywhere);
        let refused = refused.into_iter().map(|refused| format!("`{}`", refused.option));
        let ignored = meaningless(&parsed.hidden).map(String::from).chain(refused).collect();
        Ok(Self {
            options: parsed.options,
            is_quiet: parsed.hidden.quiet > 0,
            no_periodic_update: parsed.hidden.no_periodic_update,
            python: None,
            hidden: parsed.hidden,
            ignored,
            sources: Vec::new(),
            arguments_from: config.creator_args_from,
        })
    }

    /// Fails for a value that cannot be used, unless a command line has another one: the message names where it is set.
    pub(crate) fn check(&self, typed: &EnvironmentOptions) -> Result<()> {
        let source = |option: &str| {
            let known = self.sources.iter().find(|(name, _)| name == option);
            known.map_or_else(|| format!("`{}`", self.arguments_from), |(_, source)| source.clone())
        };
        let set = &self.options;
        for name in set.activators.iter().filter(|name| typed.activators.is_empty() && !name.trim().is_empty()) {
            Script::from_activator(name.trim()).with_context(|| source("activators"))?;
        }
        if let Some(prompt) = set.prompt.as_deref().filter(|_| typed.prompt.is_none()) {
            activate::check(&Activation { env: Path::new("/"), prompt }).with_context(|| source("prompt"))?;
        }
        for (option, set, typed) in [("pip", &set.pip, &typed.pip), ("setuptools", &set.setuptools, &typed.setuptools)]
        {
            if let Some(version) = set.as_deref().filter(|_| typed.is_none()) {
                check_version(version).with_context(|| source(option))?;
            }
        }
        Ok(())
    }

    /// Returns the options of a command line, completed by these.
    pub(crate) fn complete(&self, typed: &EnvironmentOptions) -> EnvironmentOptions {
        let base = &self.options;
        // Each of a pair overrules the other.
        let pair = |typed: (bool, bool), base: (bool, bool)| if typed.0 || typed.1 { typed } else { base };
        let (copies, symlinks) = pair((typed.copies, typed.symlinks), (base.copies, base.symlinks));
        let (download, no_download) = pair((typed.download, typed.no_download), (base.download, base.no_download));
        let text = |typed: &Option<String>, base: &Option<String>| typed.clone().or_else(|| base.clone());
        EnvironmentOptions {
            python: if typed.python.is_empty() { base.python.clone() } else { typed.python.clone() },
            install_python: typed.install_python || base.install_python,
            system_site_packages: typed.system_site_packages || base.system_site_packages,
            clear: typed.clear || base.clear,
            prompt: text(&typed.prompt, &base.prompt),
            copies,
            symlinks,
            no_seed: typed.no_seed || base.no_seed,
            pip: text(&typed.pip, &base.pip),
            no_pip: typed.no_pip || base.no_pip,
            setuptools: text(&typed.setuptools, &base.setuptools),
            no_setuptools: typed.no_setuptools || base.no_setuptools,
            extra_search_dir: typed.extra_search_dir.iter().chain(&base.extra_search_dir).cloned().collect(),
            download,
            no_download,
            no_vcs_ignore: typed.no_vcs_ignore || base.no_vcs_ignore,
            activators: if typed.activators.is_empty() { base.activators.clone() } else { typed.activators.clone() },
        }
    }

    /// Returns the interpreters that come first, of those of a command line and these.
    pub(crate) fn try_first_with<'a>(&'a self, typed: &'a HiddenOptions) -> &'a [OsString] {
        if typed.try_first_with.is_empty() { &self.hidden.try_first_with } else { &typed.try_first_with }
    }

    /// Returns whether a `.venv` next to the environment is wanted.
    pub(crate) fn wants_redirect(&self, typed: &HiddenOptions) -> bool {
        typed.venv_redirect || (self.hidden.venv_redirect && !typed.no_venv_redirect)
    }

    /// Warns in one line of all that means nothing here, typed or set.
    pub(crate) fn warn_of_ignored(&self, typed: &HiddenOptions) {
        let names: Vec<_> = meaningless(typed).map(String::from).chain(self.ignored.iter().cloned()).collect();
        if !names.is_empty() {
            let verb = if names.len() == 1 { "has" } else { "have" };
            printer::warning(&format!("{} no longer {verb} any effect", names.join(", ")));
        }
    }
}

/// The names of every option: its own, then its aliases.
fn names(command: &Command) -> Vec<Vec<String>> {
    let of = |arg: &Arg| {
        let aliases = arg.get_all_aliases().into_iter().flatten();
        Some(std::iter::once(arg.get_long()?).chain(aliases).map(String::from).collect())
    };
    command.get_arguments().filter_map(of).collect()
}

/// The settings, those of the file first: of two options that overrule each other the last counts.
fn by_precedence(settings: &Settings) -> impl Iterator<Item = &Setting> {
    let is_variable = |setting: &&Setting| matches!(setting.source, Source::Variable(_));
    let (variables, keys): (Vec<_>, Vec<_>) = settings.options.iter().partition(is_variable);
    keys.into_iter().chain(variables)
}

/// Whether Python is copied or linked, as virtualenv decides it: variables count more than the file, and of two that are
/// both on the copy. No symlinks are copies.
fn link_mode(settings: &Settings) -> Option<OsString> {
    let get = |option: &str| settings.options.iter().find(|setting| setting.option == option);
    let (copies, symlinks) = (get("copies"), get("symlinks"));
    let is_on_in = |setting: Option<&Setting>, is_variable: bool| {
        setting.is_some_and(|own| matches!(own.source, Source::Variable(_)) == is_variable && is_on(&own.value))
    };
    for is_variable in [true, false] {
        if is_on_in(copies, is_variable) {
            return Some("--copies".into());
        }
        if is_on_in(symlinks, is_variable) {
            return Some("--symlinks".into());
        }
    }
    symlinks.map(|_| "--copies".into())
}

fn word(arg: &Arg, setting: &Setting) -> Option<OsString> {
    let mut word = OsString::from(format!("--{}", setting.option));
    if arg.get_action().takes_values() {
        word.push("=");
        word.push(&setting.value);
        return Some(word);
    }
    is_on(&setting.value).then_some(word)
}

fn has_effect(arg: &Arg, setting: &Setting) -> bool {
    arg.get_action().takes_values() || is_on(&setting.value)
}

/// Returns whether an option is on or off, and not counted.
fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse)
}

/// Returns whether a value is one of those that virtualenv takes for true or false. It does not use any other, which
/// might empty an environment.
fn is_boolean(value: &OsStr) -> bool {
    let value = value.to_string_lossy().to_lowercase();
    ["1", "yes", "true", "on", "0", "no", "false", "off"].contains(&&*value)
}

fn warn_of_value(process: &Process, setting: &Setting) {
    let (source, value) = (shown(process, &setting.source), printable(&setting.value));
    printer::warning(&format!("{source} is not used: `{value}` is neither true nor false"));
}

/// Returns whether the value of a flag turns it on.
fn is_on(value: &OsStr) -> bool {
    FalseyValueParser::new().parse_ref(&DefaultOptions::command(), None, value).unwrap_or(true)
}

fn shown(process: &Process, source: &Source) -> String {
    match source {
        Source::Variable(name) => format!("`{name}`"),
        Source::Key { key, file } => format!("`{key}` in `{}`", printer::shown(file, process.config.home.as_deref())),
    }
}

/// What is wrong with an argument, as a part of one line.
fn problem(error: &clap::Error) -> String {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => format!("`{argument}` is not an option of `mkvirtualenv` that can be set"),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_string(),
    }
}

/// The options among these that mean nothing to virtualenv either, and have not for years.
fn meaningless(hidden: &HiddenOptions) -> impl Iterator<Item = &'static str> {
    let given = [
        (hidden.no_site_packages, "`--no-site-packages`"),
        (hidden.distribute, "`--distribute`"),
        (hidden.unzip_setuptools, "`--unzip-setuptools`"),
        (hidden.wheel.is_some(), "`--wheel`"),
        (hidden.no_wheel, "`--no-wheel`"),
    ];
    given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name)
}
