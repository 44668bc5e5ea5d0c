//! Creates environments with this program's own means: from options to what the library is asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use venvwrap_core::env::metadata::Metadata;
use venvwrap_core::python::{Choice, Interpreter, Missing};
use venvwrap_core::shell::activate::Script;
use venvwrap_core::store::create::{self, CreateError, CreateOptions, Created, OnExisting};
use venvwrap_core::store::trash::Put;
use venvwrap_core::wheel::policy::SeedChoice;
use venvwrap_core::wheel::{Download, Event, Project, SeedRequest, Sources};

use super::creation_request::CreateRequest;
use super::defaults::Defaults;
use super::interrupt::{self, Watch};
use super::missing::Installs;
use super::rebuild::{tell_of_directory, tell_of_scripts};
use super::{background, interpreters, virtualenv_options};
use crate::args::EnvironmentOptions;
use crate::error::{Error, Result, hint_among_files, quoted};
use crate::process::Process;
use crate::ui::progress::Progress;
use crate::ui::{printer, trash};

/// Creates it with this program's own means. Returns the environment that it has replaced, to be deleted.
pub(super) fn native(
    process: &Process,
    request: &CreateRequest<'_>,
    defaults: &Defaults,
    watch: &Watch,
) -> Result<Option<Put>> {
    defaults.check(request.options)?;
    let options = &defaults.complete(request.options);
    // A Python that is missing may be installed for it.
    process.store.check_place(&request.name)?;
    let chosen = choose(process, request, defaults, options)?;
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
    let create = create::CreateRequest { interpreter, sources: &sources, options };
    let mut show = |event| match event {
        // From here on it may be there.
        Event::Built => interrupt::postpone(watch),
        event => progress.show(&event),
    };
    let created =
        process.store.create(&request.name, &create, &mut show).map_err(|error| explained(process, request, error))?;
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
        tell(process, request, &created, &chosen, &interpreters::reason(process, &chosen.origin, defaults));
    }
    if created.replaced.is_some() {
        tell_of_directory(process, created.environment.path());
    }
    Ok(created.replaced)
}

/// Nothing that is refused is the way out.
fn explained(process: &Process, request: &CreateRequest<'_>, error: CreateError) -> Error {
    let path = process.store.path_of(&request.name);
    let is_among_files = Metadata::is_filled(&path) || (process.store.is_anywhere() && !create::is_replaceable(&path));
    match hint_among_files(&path, &error).filter(|_| is_among_files) {
        Some(hint) => Error::from(error).with_hint(hint),
        None => error.into(),
    }
}

/// Which Python it gets.
fn choose(
    process: &Process,
    request: &CreateRequest<'_>,
    defaults: &Defaults,
    options: &EnvironmentOptions,
) -> Result<Choice> {
    let asked = &request.options.python;
    let check = |missing: &Missing| {
        let options = create_options(process, request, options, seed_choice(options).certain(), None)?;
        let checked = process.store.check_before_python(&request.name, &options, missing);
        checked.map_err(|error| explained(process, request, error))
    };
    let installs = Installs { is_asked_for: options.install_python, is_forbidden: false, check: &check };
    if let Some(bundle) = &request.bundle {
        let wanted = [OsString::from(bundle.python())];
        let asked = if asked.is_empty() { wanted.as_slice() } else { asked };
        return interpreters::choose(process, asked, &[], defaults, None, &installs);
    }
    // What exists keeps its own Python: no setting and no project may fail it for another.
    let environment = process.store.environment(request.name.clone());
    if environment.looks_like_one() && !options.clear && asked.is_empty() {
        return interpreters::choose_for_existing(process, environment.path());
    }
    let first = defaults.try_first_with(request.hidden);
    let files = request.project_files.as_deref();
    interpreters::choose(process, &options.python, first, defaults, files, &installs)
}

/// Says what has come of it, and of which Python.
fn tell(process: &Process, request: &CreateRequest<'_>, created: &Created, chosen: &Choice, reason: &str) {
    let (name, python) = (&request.name, interpreters::title(&chosen.interpreter));
    if created.was_kept {
        let kept = if created.had_packages { "; its packages were kept" } else { "" };
        printer::message(&format!("renewed `{name}` for {python}{kept}"));
        tell_of_scripts(name, &created.beside);
    } else {
        printer::remark(&format!("created `{name}` with {python}{reason}"));
    }
    if matches!(created.replaced, Some(Put::Kept)) {
        printer::remark(&format!("`venvwrap undo {}` brings back the environment that it replaces", quoted(name)));
    }
    if let Some(replaced) = &created.replaced {
        trash::tell_of_loss(&process.store, replaced);
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
        existing: match &request.bundle {
            _ if options.clear => OnExisting::Replace,
            Some(_) => OnExisting::Fail,
            None => OnExisting::Keep,
        },
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

/// `.` has always stood for the name of the current directory.
fn prompt_text(process: &Process, prompt: &str) -> String {
    let current = || process.cwd.file_name().map(|name| name.to_string_lossy().into_owned());
    if prompt == "." { current().unwrap_or_else(|| prompt.to_string()) } else { prompt.to_string() }
}

/// Returns whether a new environment gets pip.
pub(super) fn wants_pip(options: &EnvironmentOptions) -> bool {
    seed_choice(options).wants_pip()
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
    // An empty list is one as well.
    for name in names.iter().filter(|name| !name.trim().is_empty()) {
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
