//! Making an environment: from options to a finished one. Behind `venvwrap create`, `mkvirtualenv`, `mkproject` and `mktmpenv`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use venvwrap_core::bundle::Bundle;
use venvwrap_core::config::Creator;
use venvwrap_core::env::metadata::Owner;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::python::{Choice, Interpreter};
use venvwrap_core::shell::activate::Script;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::create::{self, CreateOptions, Created, ForeignRequest, OnExisting};
use venvwrap_core::store::trash::Put;
use venvwrap_core::wheel::policy::SeedChoice;
use venvwrap_core::wheel::{Download, Project, SeedRequest, Sources};

use super::defaults::Defaults;
use super::install::Packages;
use super::virtualenv_options::{self, Place};
use super::{archives, background, hooks, install, interpreters, interrupt, stubs};
use crate::args::{CreateArgs, EnvironmentOptions, HiddenOptions, PackageOptions};
use crate::error::{Context as _, Result, quoted};
use crate::process::Process;
use crate::ui::progress::Progress;
use crate::ui::{printer, report};

/// What to create, whichever command asked for it.
pub(crate) struct CreateRequest<'a> {
    /// The name.
    pub(crate) name: EnvName,
    /// What kind of environment.
    pub(crate) options: &'a EnvironmentOptions,
    /// Options that only older programs know.
    pub(crate) hidden: &'a HiddenOptions,
    /// The project directory to associate; absolute, existing.
    pub(crate) project: Option<PathBuf>,
    /// The directory whose files may ask for a Python, if any may; absolute.
    pub(crate) project_files: Option<PathBuf>,
    /// What is to be installed later; checked before anything is made.
    pub(crate) packages: Packages,
    /// The shell for which a temporary environment is made.
    pub(crate) owner: Option<Owner>,
    /// The bundle that it is made from.
    pub(crate) bundle: Option<Bundle>,
}

/// The checked meaning of the options of `mkvirtualenv`.
pub(crate) fn request<'a>(process: &Process, args: &'a CreateArgs) -> Result<CreateRequest<'a>> {
    let project = args.project.as_deref().map(|directory| process.absolute(directory));
    Ok(CreateRequest {
        name: new_name(process, args)?,
        options: &args.options,
        hidden: &args.hidden,
        project_files: Some(project.clone().unwrap_or_else(|| process.cwd.clone())),
        project,
        packages: Packages::new(&args.packages),
        owner: None,
        bundle: args.from.as_deref().map(|path| Bundle::open(&process.absolute(path))).transpose()?,
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

/// What came of a request.
pub(crate) struct Made {
    /// Whether the environment was not there before.
    pub(crate) is_new: bool,
    /// Whether the directory of the environments was not there before.
    pub(crate) has_created_home: bool,
}

impl Made {
    /// Says what was created along with the environment, in the words of the verbs.
    pub(crate) fn report(&self, process: &Process) {
        if self.has_created_home {
            let home = printer::shown(process.store.home(), process.config.home.as_deref());
            printer::message(&format!("created the directory of environments `{home}`"));
        }
    }
}

/// Checks what can be checked before anything is created.
pub(crate) fn check(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    process.config.require(&["creator", "creator_args", "project_filename"])?;
    if request.options.python.is_empty() {
        process.config.require(&["python"])?;
    }
    if process.config.creator == Creator::Native {
        virtualenv_options::check(request.options, request.hidden, Place::Store)?;
    }
    request.packages.check(process)?;
    process.config.require(&["default_packages"])?;
    if let Some(directory) = &request.project {
        process.store.check_project(directory)?;
    }
    Ok(())
}

/// Creates the environment, and runs the hook that comes before its first activation.
pub(crate) fn make(process: &Process, request: &CreateRequest<'_>) -> Result<Made> {
    let defaults = Defaults::read(process)?;
    defaults.warn_of_ignored(request.hidden);
    check(process, request)?;
    let with_cache = virtualenv_options::with_cache(process, &defaults.hidden, request.hidden)?;
    let process = with_cache.as_ref().unwrap_or(process);
    let watch = interrupt::end_with(process, format!("`{}` was not created", request.name));
    let has_created_home = !process.store.home().is_dir();
    let is_new = process.store.path_of(&request.name).symlink_metadata().is_err();
    match &process.config.creator {
        // Another program could not install what is in it.
        _ if request.bundle.is_some() => native(process, request, &defaults).map(drop),
        Creator::Native => native(process, request, &defaults).map(drop),
        Creator::Program(program) => foreign(process, request, program, &mut Command::status),
    }
    .with_context(|| format!("could not create `{}`", request.name))?;
    drop(watch);
    background::sweep_left_overs(process);
    if request.bundle.is_some() {
        archives::tell_inert(&process.store.path_of(&request.name));
    }
    complete(process, &request.name);
    if request.owner.is_none() && (is_new || request.options.clear) {
        install_defaults(process, request);
    }
    if request.owner.is_some() {
        // Those of shells that were killed go now.
        background::sweep(process);
    }
    Ok(Made { is_new, has_created_home })
}

/// Installs what the configuration wants in every new environment. That this fails is no reason not to have it.
fn install_defaults(process: &Process, request: &CreateRequest<'_>) {
    if process.config.default_packages.is_empty() {
        return;
    }
    let packages = process.config.default_packages.iter().map(OsString::from).collect();
    let packages = Packages::new(&PackageOptions { packages, ..PackageOptions::default() });
    let env = process.store.path_of(&request.name);
    if let Err(error) = install::install(process, &env, &packages, &process.cwd) {
        report::warn_of("the packages of `default_packages` were not installed", &error);
    }
}

/// Creates an environment that belongs to no store: without hooks, and never by another program.
pub(crate) fn bare(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    let defaults = Defaults::read(process)?;
    defaults.warn_of_ignored(request.hidden);
    virtualenv_options::check(request.options, request.hidden, Place::Anywhere)?;
    let with_cache = virtualenv_options::with_cache(process, &defaults.hidden, request.hidden)?;
    let process = with_cache.as_ref().unwrap_or(process);
    if request.options.python.is_empty() {
        process.config.require(&["python"])?;
    }
    let watch = interrupt::end_with(process, format!("`{}` was not created", request.name));
    let replaced = native(process, request, &defaults)?;
    drop(watch);
    if defaults.wants_redirect(request.hidden) {
        virtualenv_options::redirect(&process.store.path_of(&request.name));
    }
    if let Some(Put::Aside(replaced)) = replaced {
        replaced.delete()?;
    }
    // What was killed here before.
    background::sweep_left_overs(process);
    Ok(())
}

/// What is done with every new environment before its first activation: its own hooks, and the global one.
pub(crate) fn complete(process: &Process, name: &EnvName) {
    stubs::make_local_stubs(&process.store.path_of(name));
    hooks::run(process, Event::PreMkvirtualenv, &[name.as_os_str()]);
}

/// Creates it with this program's own means. Returns the environment that it has replaced, to be deleted.
fn native(process: &Process, request: &CreateRequest<'_>, defaults: &Defaults) -> Result<Option<Put>> {
    let options = &defaults.complete(request.options);
    let environment = process.store.environment(request.name.clone());
    // What exists keeps its own Python: no setting and no project may fail it for another.
    let is_renewal = environment.looks_like_one() && !options.clear && request.options.python.is_empty();
    let wanted: Vec<_> = request.bundle.iter().map(|bundle| OsString::from(bundle.python())).collect();
    let chosen = if request.bundle.is_some() {
        let asked = if request.options.python.is_empty() { wanted.as_slice() } else { &request.options.python };
        interpreters::choose(process, asked, &[], defaults, None, options.install_python)?
    } else if is_renewal {
        interpreters::choose_for_existing(process, environment.path())?
    } else {
        let first = defaults.try_first_with(request.hidden);
        interpreters::choose(
            process,
            &options.python,
            first,
            defaults,
            request.project_files.as_deref(),
            options.install_python,
        )?
    };
    let interpreter = &chosen.interpreter;
    let choice = seed_choice(options);
    let wheels = request.bundle.as_ref().map(|bundle| bundle.wheels(interpreter, !choice.no_pip)).transpose()?;
    let wheels = wheels.unwrap_or_default();
    let mut seeds = choice.requests(&interpreter.version);
    // What is in a bundle is all that is wanted; only pip is a tool that every environment has.
    if let Some(bundle) = &request.bundle {
        seeds.retain(|seed| seed.project == Project::Pip && bundle.manifest.pip.is_none());
    }
    // Looking for wheels everywhere takes longer than making an environment without any.
    let sources = if seeds.is_empty() { Sources::default() } else { sources(process, options, &choice, interpreter) };
    let mut progress = Progress::new(sources.download == Download::Always);
    let mut options = create_options(process, request, options, seeds, chosen.requested.clone())?;
    options.wheels = wheels;
    if request.bundle.is_some() && options.existing == OnExisting::Keep {
        options.existing = OnExisting::Fail;
    }
    let create = create::CreateRequest { interpreter, sources: &sources, options };
    let created = process.store.create(&request.name, &create, &mut |event| progress.show(&event))?;
    // Jobs in the background know one cache only.
    let is_usual = !virtualenv_options::has_cache(&defaults.hidden, request.hidden);
    if is_usual {
        background::compile(&created.seeded.bytecode_missing, &interpreter.executable);
    }
    let may_look =
        is_usual && process.config.seed_update && !request.hidden.no_periodic_update && !defaults.no_periodic_update;
    if may_look && is_online(&sources) && created.seeded.distributions.iter().any(|(name, _)| name == "pip") {
        background::update_pip(process, &interpreter.executable);
    }
    if !defaults.is_quiet && request.hidden.quiet == 0 {
        tell(request, &created, &chosen, &interpreters::reason(process, &chosen.origin, defaults));
    }
    Ok(created.replaced)
}

/// Says what has come of it, and of which Python.
fn tell(request: &CreateRequest<'_>, created: &Created, chosen: &Choice, reason: &str) {
    let (name, python) = (&request.name, interpreters::title(&chosen.interpreter));
    if created.was_kept {
        printer::message(&format!(
            "`{name}` already exists: recreated its links and scripts for {python}, kept its packages"
        ));
    } else {
        printer::remark(&format!("created `{name}` with {python}{reason}"));
    }
    if matches!(created.replaced, Some(Put::Kept)) {
        printer::remark(&format!("`venvwrap undo {}` brings back the environment that it replaces", quoted(name)));
    }
}

fn create_options(
    process: &Process,
    request: &CreateRequest<'_>,
    options: &EnvironmentOptions,
    seeds: Vec<SeedRequest>,
    requested_python: Option<String>,
) -> Result<CreateOptions> {
    Ok(CreateOptions {
        prompt: options.prompt.as_deref().map(|prompt| prompt_text(process, prompt)),
        system_site_packages: options.system_site_packages,
        copies: options.copies,
        existing: if options.clear { OnExisting::Replace } else { OnExisting::Keep },
        seeds,
        wheels: Vec::new(),
        activators: activators(&options.activators)?,
        vcs_ignore: !options.no_vcs_ignore,
        requested_python,
        owner: request.owner.clone(),
        project: request.project.clone(),
    })
}

/// Returns whether an index may be asked at all.
fn is_online(sources: &Sources) -> bool {
    sources.download != Download::Never && !sources.index.no_index
}

/// Lets another program make the environment; `run` starts it.
pub(crate) fn foreign(
    process: &Process,
    request: &CreateRequest<'_>,
    program: &[String],
    run: &mut dyn FnMut(&mut Command) -> std::io::Result<ExitStatus>,
) -> Result<()> {
    let arguments = foreign_arguments(request.options, request.hidden);
    let (project, owner) = (request.project.as_deref(), request.owner.clone());
    let foreign = ForeignRequest { program, arguments: &arguments, project, owner };
    process.store.create_foreign(&request.name, &foreign, run)?;
    Ok(())
}

/// The options as virtualenv spells them, for a program that takes its place. What is set in variables is not
/// among them: the program inherits these, and one that is not virtualenv need not know the option.
pub(crate) fn foreign_arguments(options: &EnvironmentOptions, hidden: &HiddenOptions) -> Vec<OsString> {
    let flags = [
        (hidden.no_periodic_update, "--no-periodic-update"),
        (hidden.reset_app_data, "--reset-app-data"),
        (hidden.read_only_app_data, "--read-only-app-data"),
        (hidden.symlink_app_data, "--symlink-app-data"),
        (hidden.upgrade_embed_wheels, "--upgrade-embed-wheels"),
        (hidden.venv_redirect, "--venv-redirect"),
        (hidden.no_venv_redirect, "--no-venv-redirect"),
        (hidden.with_traceback, "--with-traceback"),
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
        arguments.push(argument);
    };
    options.python.iter().for_each(|python| add("--python", python));
    options.prompt.as_deref().inspect(|prompt| add("--prompt", prompt.as_ref()));
    options.pip.as_deref().inspect(|version| add("--pip", version.as_ref()));
    options.setuptools.as_deref().inspect(|version| add("--setuptools", version.as_ref()));
    options.extra_search_dir.iter().for_each(|directory| add("--extra-search-dir", directory.as_os_str()));
    hidden.creator.as_deref().inspect(|name| add("--creator", name.as_ref()));
    hidden.seeder.as_deref().inspect(|name| add("--seeder", name.as_ref()));
    hidden.discovery.as_deref().inspect(|name| add("--discovery", name.as_ref()));
    hidden.app_data.as_deref().inspect(|directory| add("--app-data", directory));
    hidden.try_first_with.iter().for_each(|python| add("--try-first-with", python));
    if !options.activators.is_empty() {
        add("--activators", options.activators.join(",").as_ref());
    }
    let given = flags.iter().filter(|(is_set, _)| *is_set);
    arguments.extend(given.map(|(_, flag)| OsString::from(flag)));
    arguments
}

/// `.` has always stood for the name of the current directory.
fn prompt_text(process: &Process, prompt: &str) -> String {
    let current = || process.cwd.file_name().map(|name| name.to_string_lossy().into_owned());
    if prompt == "." { current().unwrap_or_else(|| prompt.to_string()) } else { prompt.to_string() }
}

fn seed_choice(options: &EnvironmentOptions) -> SeedChoice {
    SeedChoice {
        no_seed: options.no_seed,
        no_pip: options.no_pip,
        no_setuptools: options.no_setuptools,
        pip: options.pip.clone(),
        setuptools: options.setuptools.clone(),
        download: options.download,
        no_download: options.no_download,
    }
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

fn sources(process: &Process, options: &EnvironmentOptions, choice: &SeedChoice, interpreter: &Interpreter) -> Sources {
    let known = super::sources::known(process, interpreter);
    let mut search_dirs: Vec<PathBuf> = options.extra_search_dir.iter().map(|path| process.absolute(path)).collect();
    search_dirs.extend(known.search_dirs);
    Sources { search_dirs, download: choice.download(), ..known }
}
