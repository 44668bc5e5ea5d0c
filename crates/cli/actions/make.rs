//! Making an environment: from options to a finished one. Behind `venvwrap create`, `mkvirtualenv`, `mkproject` and `mktmpenv`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use venvwrap_core::config::Creator;
use venvwrap_core::env::metadata::Owner;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::python::{self, Interpreter};
use venvwrap_core::shell::activate::Script;
use venvwrap_core::store::create::{Context, CreateOptions, Foreign, OnExisting};
use venvwrap_core::wheel::pip_config::PipConfig;
use venvwrap_core::wheel::{Download, Project, SeedRequest, Sources};

use super::install::Packages;
use super::{associations, background, hooks, interpreters, stubs};
use crate::args::{CreateArgs, EnvironmentOptions, HiddenOptions};
use crate::error::{Context as _, Result};
use crate::process::{self, Process};
use crate::ui::printer;
use crate::ui::progress::Progress;

/// What to make, whichever command asked for it.
pub(crate) struct Wanted<'a> {
    /// The name.
    pub(crate) name: EnvName,
    /// What kind of environment.
    pub(crate) options: &'a EnvironmentOptions,
    /// Options that only older programs know.
    pub(crate) hidden: &'a HiddenOptions,
    /// The project directory to associate; absolute, existing.
    pub(crate) project: Option<PathBuf>,
    /// What is to be installed later; checked before anything is made.
    pub(crate) packages: Packages,
    /// The shell for which a temporary environment is made.
    pub(crate) owner: Option<Owner>,
}

/// The checked meaning of the options of `mkvirtualenv`.
pub(crate) fn wanted<'a>(process: &Process, args: &'a CreateArgs) -> Result<Wanted<'a>> {
    Ok(Wanted {
        name: new_name(process, args)?,
        options: &args.options,
        hidden: &args.hidden,
        project: args.project.as_deref().map(|directory| process.absolute(directory)),
        packages: Packages::new(&args.packages, &args.requirements),
        owner: None,
    })
}

/// The name to make; an existing one may be any, because it is only renewed or replaced.
fn new_name(process: &Process, args: &CreateArgs) -> Result<EnvName> {
    // `--wheel` has had a value in some versions of virtualenv and none in others.
    let name = args.name.as_deref().or(args.hidden.wheel.as_deref()).unwrap_or_default();
    match EnvName::for_new(name) {
        Ok(name) => Ok(name),
        Err(error) => match process.store.find(name) {
            Ok(environment) => Ok(environment.name().clone()),
            Err(_) => Err(error.into()),
        },
    }
}

/// Makes the environment, and runs the hook that comes before its first activation.
pub(crate) fn make(process: &Process, wanted: &Wanted<'_>) -> Result<()> {
    warn_of_ignored(wanted.hidden);
    wanted.packages.check(process)?;
    if let Some(directory) = &wanted.project {
        venvwrap_core::env::project_file::content(directory)?;
    }
    verify_home(process)?;
    match &process.config.creator {
        Creator::Native => native(process, wanted),
        Creator::Program(program) => foreign(process, wanted, program, &mut Command::status),
    }
    .with_context(|| format!("could not create `{}`", wanted.name))?;
    if let Some(directory) = &wanted.project {
        associations::associate(process, &path_of(process, &wanted.name), directory);
    }
    background::sweep_left_overs(process);
    complete(process, &wanted.name);
    if wanted.owner.is_some() {
        // Those of shells that were killed go now.
        background::sweep(process);
    }
    Ok(())
}

/// What is done with every new environment before its first activation: its own hooks, and the global one.
pub(crate) fn complete(process: &Process, name: &EnvName) {
    stubs::make_local_stubs(&path_of(process, name));
    hooks::run(process, "premkvirtualenv", &[name.as_os_str()]);
}

fn native(process: &Process, wanted: &Wanted<'_>) -> Result<()> {
    let options = wanted.options;
    let chosen = interpreters::choose(process, options.python.as_deref())?;
    let interpreter = &chosen.interpreter;
    let create = CreateOptions {
        prompt: options.prompt.as_deref().map(|prompt| prompt_text(process, prompt)),
        system_site_packages: options.system_site_packages,
        copies: options.copies,
        existing: if options.clear { OnExisting::Replace } else { OnExisting::Keep },
        seeds: seeds(options, interpreter),
        activators: activators(&options.activators)?,
        vcs_ignore: !options.no_vcs_ignore,
        requested_python: chosen.requested,
        owner: wanted.owner,
        project: wanted.project.clone(),
        project_filename: process.config.project_filename.clone(),
        now: process::now(),
    };
    // Looking for wheels everywhere takes longer than making an environment without any.
    let sources = if create.seeds.is_empty() { Sources::default() } else { sources(process, options, interpreter) };
    let context = Context {
        interpreter,
        sources: &sources,
        cache_dir: process.config.cache_dir.as_deref(),
        user_home: process.config.home.as_deref(),
    };
    let mut progress = Progress::new(sources.download == Download::Always);
    let created = process.store.create(&wanted.name, &context, &create, &mut |event| progress.show(&event))?;
    background::compile(&created.seeded.bytecode_missing, &interpreter.executable);
    Ok(())
}

/// Lets another program make the environment; `run` starts it.
pub(crate) fn foreign(
    process: &Process,
    wanted: &Wanted<'_>,
    program: &[String],
    run: &mut dyn FnMut(&mut Command) -> std::io::Result<ExitStatus>,
) -> Result<()> {
    let arguments = foreign_arguments(wanted.options);
    let foreign = Foreign {
        program,
        arguments: &arguments,
        project: wanted.project.as_deref(),
        project_filename: &process.config.project_filename,
        owner: wanted.owner,
        user_home: process.config.home.as_deref(),
        now: process::now(),
    };
    process.store.create_foreign(&wanted.name, &foreign, run)?;
    Ok(())
}

/// The options as virtualenv spells them, for a program that takes its place. What comes from a variable is left out:
/// the program inherits the variable, and one that is not virtualenv need not know the option.
pub(crate) fn foreign_arguments(options: &EnvironmentOptions) -> Vec<OsString> {
    let flags = [
        (options.system_site_packages, "--system-site-packages"),
        (options.clear, "--clear"),
        (options.copies, "--copies"),
        (options.symlinks, "--symlinks"),
        (options.no_seed, "--no-seed"),
        (options.no_pip, "--no-pip"),
        (options.no_setuptools, "--no-setuptools"),
        (options.download, "--download"),
        (options.no_download, "--no-download"),
        (options.no_vcs_ignore, "--no-vcs-ignore"),
    ];
    let mut arguments: Vec<OsString> = Vec::new();
    let mut add = |option: &str, value: &OsStr| {
        let mut argument = OsString::from(option);
        argument.push("=");
        argument.push(value);
        arguments.extend((!is_from_variable(option)).then_some(argument));
    };
    options.python.as_deref().inspect(|python| add("--python", python));
    options.prompt.as_deref().inspect(|prompt| add("--prompt", prompt.as_ref()));
    options.pip.as_deref().inspect(|version| add("--pip", version.as_ref()));
    options.setuptools.as_deref().inspect(|version| add("--setuptools", version.as_ref()));
    options.extra_search_dir.iter().for_each(|directory| add("--extra-search-dir", directory.as_os_str()));
    if !options.activators.is_empty() {
        add("--activators", options.activators.join(",").as_ref());
    }
    let given = flags.iter().filter(|(is_set, flag)| *is_set && !is_from_variable(flag));
    arguments.extend(given.map(|(_, flag)| OsString::from(flag)));
    arguments
}

/// Tells whether the variable of an option is set, `VIRTUALENV_NO_PIP` for `--no-pip`. Only `VIRTUALENV_PYTHON` is not
/// among the options here.
fn is_from_variable(option: &str) -> bool {
    let name = option.trim_start_matches('-').replace('-', "_").to_uppercase();
    name != "PYTHON" && process::set_variable(&format!("VIRTUALENV_{name}")).is_some()
}

/// `.` has always stood for the name of the current directory.
fn prompt_text(process: &Process, prompt: &str) -> String {
    let current = || process.cwd.file_name().map(|name| name.to_string_lossy().into_owned());
    if prompt == "." { current().unwrap_or_else(|| prompt.to_string()) } else { prompt.to_string() }
}

/// Pip always, and setuptools where the standard library still counts on it: before Python 3.12.
fn seeds(options: &EnvironmentOptions, interpreter: &Interpreter) -> Vec<SeedRequest> {
    let needs_setuptools = interpreter.version.minor < 12 || options.setuptools.is_some();
    let mut seeds = Vec::new();
    if !options.no_seed && !options.no_pip {
        seeds.push(SeedRequest { project: Project::Pip, version: exact(options.pip.as_deref()) });
    }
    if !options.no_seed && !options.no_setuptools && needs_setuptools {
        seeds.push(SeedRequest { project: Project::Setuptools, version: exact(options.setuptools.as_deref()) });
    }
    seeds
}

/// virtualenv takes two words beside a version, for what it brings along; here it is whatever is there.
fn exact(version: Option<&str>) -> Option<String> {
    version.filter(|version| !matches!(*version, "bundle" | "embed" | "latest")).map(String::from)
}

fn activators(names: &[String]) -> Result<Vec<Script>> {
    if names.is_empty() {
        return Ok(Script::ALL.to_vec());
    }
    let mut scripts = Vec::new();
    for name in names {
        scripts.extend(Script::from_activator(name.trim())?);
    }
    Ok(scripts)
}

fn sources(process: &Process, options: &EnvironmentOptions, interpreter: &Interpreter) -> Sources {
    let search = process.search();
    let pip = PipConfig::read(process::variable, process.config.home.as_deref(), &process.cwd);
    let wants_latest = [&options.pip, &options.setuptools].iter().any(|version| version.as_deref() == Some("latest"));
    let download = match () {
        () if options.download || wants_latest => Download::Always,
        () if options.no_download => Download::Never,
        () => Download::IfMissing,
    };
    let mut search_dirs: Vec<PathBuf> = options.extra_search_dir.iter().map(|path| process.absolute(path)).collect();
    search_dirs.extend(pip.find_links);
    let home = process.config.home.as_deref();
    let known = Sources::on_this_machine(interpreter, python::known_stdlibs(&search), &process::variable, home);
    Sources { search_dirs, download, index: pip.index, ..known }
}

/// One line for all options that mean nothing here.
fn warn_of_ignored(hidden: &HiddenOptions) {
    let given = [
        (hidden.no_site_packages, "--no-site-packages"),
        (hidden.distribute, "--distribute"),
        (hidden.unzip_setuptools, "--unzip-setuptools"),
        (hidden.wheel.is_some(), "--wheel"),
        (hidden.no_wheel, "--no-wheel"),
        (hidden.creator.is_some(), "--creator"),
        (hidden.seeder.is_some(), "--seeder"),
        (hidden.no_periodic_update, "--no-periodic-update"),
        (hidden.upgrade_embed_wheels, "--upgrade-embed-wheels"),
        (hidden.app_data.is_some(), "--app-data"),
        (hidden.reset_app_data, "--reset-app-data"),
        (hidden.read_only_app_data, "--read-only-app-data"),
        (hidden.symlink_app_data, "--symlink-app-data"),
        (!hidden.try_first_with.is_empty(), "--try-first-with"),
    ];
    let names: Vec<_> = given.iter().filter(|(is_given, _)| *is_given).map(|(_, name)| format!("`{name}`")).collect();
    if !names.is_empty() {
        printer::warning(&format!("{} no longer has any effect", names.join(", ")));
    }
}

/// The path of an environment by its name.
pub(crate) fn path_of(process: &Process, name: &EnvName) -> PathBuf {
    Path::new(process.store.home()).join(name.as_os_str())
}

/// Makes the directory of the environments if it is missing, and says so.
pub(crate) fn verify_home(process: &Process) -> Result<()> {
    let home = process.store.home();
    if !home.is_dir() && process.store.create_home(process.config.home.as_deref())? {
        printer::message(&format!(
            "NOTE: Virtual environments directory {} does not exist. Creating...",
            printer::shown(home, None)
        ));
    }
    Ok(())
}
