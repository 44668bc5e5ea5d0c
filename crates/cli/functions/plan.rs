//! Plans of the functions: what the shell has to do.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::config::Creator;
use venvwrap_core::env::Environment;
use venvwrap_core::env::metadata::{self, Metadata};
use venvwrap_core::env::project_file;
use venvwrap_core::env::usage;
use venvwrap_core::project::templates;
use venvwrap_core::shell::activate::applied::{self, Applied};
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::event::{Event, Places};
use venvwrap_core::shell::plan::{Enter, Flag, Plan, WorkonInputs};
use venvwrap_core::shell::safety::{Origin, Safety};
use venvwrap_core::store::temporary::name_of;

use super::choose::{Picked, pick};
use super::mkvirtualenv::with_request;
use super::parse::parse;
use super::planner::{Destination, Entry, Lifetime, MARK, Planner};
use super::{clone, cpvirtualenv, follow, leaving, words};
use crate::actions::find::{Meant, ProjectOf};
use crate::actions::install::{self, Packages};
use crate::actions::{self, creation_request, enter, find, foreign, hooks, pins, project};
use crate::args::{CpvirtualenvFunction, MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction, WorkonFunction};
use crate::error::Result;
use crate::process::{self, active, lookup};
use crate::ui::printer;
use crate::ui::report::warn;

impl Planner<'_> {
    pub(super) fn workon(&self) -> Result<Plan> {
        match parse::<WorkonFunction>(self.words) {
            Ok(function) => self.workon_of(&function),
            // The shell shows help and usage errors itself, where its output belongs.
            Err(_) => Ok(self.in_foreground(self.words)),
        }
    }

    fn workon_of(&self, function: &WorkonFunction) -> Result<Plan> {
        let Some(name) = function.name.as_ref().filter(|name| !name.is_empty()) else { return Ok(self.list()) };
        let Meant { environment, project } = find::find_meant(&self.process, name)?;
        let cd = self.goes_to_project(function);
        let destination = Self::destination(cd);
        self.mend_obstacle(&environment);
        let known = match project {
            ProjectOf::Recorded => self.recorded_project(&environment, cd),
            ProjectOf::Directory(directory) => {
                pins::put_back_project(&self.process, &environment);
                Some(directory)
            }
            ProjectOf::None => None,
        };
        self.enter_for(&environment, known.as_deref(), destination, Lifetime::Lasting)
    }

    fn goes_to_project(&self, function: &WorkonFunction) -> bool {
        if function.cd || function.no_cd { function.cd } else { self.process.config.cd }
    }

    /// `workon` without a name, or with options and perhaps one, where the shell prints to a terminal; no plan when the
    /// person leaves.
    pub(super) fn pick(&self) -> Result<Option<Plan>> {
        let words: Vec<_> =
            std::iter::once(OsString::from("workon")).chain(self.words.iter().skip(1).cloned()).collect();
        let function = match parse::<WorkonFunction>(&words) {
            Ok(function) if function.name.as_ref().is_none_or(|name| name.is_empty()) => function,
            Ok(function) => return self.workon_of(&function).map(Some),
            Err(_) => return Ok(Some(self.in_foreground(&words))),
        };
        match pick(&self.process)? {
            Picked::Environment(environment) => {
                let destination = Self::destination(self.goes_to_project(&function));
                self.enter(&environment, destination, Lifetime::Lasting).map(Some)
            }
            Picked::Nothing => Ok(None),
            Picked::NotAsked => Ok(Some(self.list())),
        }
    }

    fn list(&self) -> Plan {
        // The store is named, because a variable that was never exported does not reach that program.
        self.in_foreground(&[OsStr::new("choices"), self.process.store.home().as_os_str()])
    }

    pub(super) fn mkvirtualenv(&self) -> Result<Plan> {
        let Ok(function) = parse::<MkvirtualenvFunction>(self.words) else { return Ok(Plan::default()) };
        let wanted = creation_request::request(&self.process, &function.args)?;
        let environment = find::find(&self.process, wanted.name.as_os_str())?;
        let mut plan = self.enter(&environment, Self::destination(self.process.config.cd), Lifetime::Lasting)?;
        self.install(&mut plan, &environment, &wanted.packages);
        self.source(&mut plan, Event::PostMkvirtualenv);
        Ok(plan)
    }

    pub(super) fn mkproject(&self) -> Result<Plan> {
        let Ok(function) = parse::<MkprojectFunction>(self.words) else { return Ok(Plan::default()) };
        let wanted = creation_request::request(&self.process, &function.args.create)?;
        let directory = project::directory(&self.process, &wanted)?;
        let environment = find::find(&self.process, wanted.name.as_os_str())?;
        let mut plan = self.enter(&environment, Destination::Stay { project: Some(&directory) }, Lifetime::Lasting)?;
        self.install(&mut plan, &environment, &wanted.packages);
        self.source(&mut plan, Event::PostMkvirtualenv);
        plan.cd(directory.parent().unwrap_or(&directory));
        for hook in hooks::found(&self.process, Event::PreMkproject, &self.places(None)) {
            plan.run(self.process.store.home(), &hook, [wanted.name.as_os_str().to_os_string()]);
        }
        // A directory that is named is there, and associated since the environment was created.
        if wanted.project.is_none() {
            let make = ["__do".into(), "make-project".into(), environment.path().into(), directory.clone().into()];
            plan.run_or_stop(self.process.store.home(), process::own_function(), make);
        }
        plan.cd(&directory);
        for template in templates::find(&self.process.config, &function.args.templates, self.process.vetting())? {
            let arguments = [wanted.name.as_os_str().to_os_string(), directory.clone().into_os_string()];
            plan.run_and_remember(&directory, &template, arguments);
        }
        self.source(&mut plan, Event::PostMkproject);
        Ok(plan)
    }

    pub(super) fn mktmpenv(&self) -> Result<Plan> {
        let Ok(function) = parse::<MktmpenvFunction>(self.words) else { return Ok(Plan::default()) };
        let args = &function.args;
        let environment = find::find(&self.process, name_of(&args.token).as_os_str())?;
        let mut plan = self.enter(&environment, Destination::Stay { project: None }, Lifetime::Temporary)?;
        self.install(&mut plan, &environment, &Packages::new(&args.packages));
        self.source(&mut plan, Event::PostMkvirtualenv);
        let cd = if args.cd || args.no_cd { args.cd } else { self.process.config.cd };
        if cd {
            plan.cd(environment.path());
        }
        clone::say(&mut plan, self.process.store.home(), 0, words::TEMPORARY);
        Ok(plan)
    }

    /// Makes an environment by a function of the shell, in the place of a creator program.
    pub(super) fn by_function(&self) -> Result<Plan> {
        let words = &self.words[1..];
        let mut plan = Plan::default();
        let parsed = with_request(&self.process, words, |wanted| {
            let Creator::Program(program) = &self.process.config.creator else { return Ok(ExitCode::SUCCESS) };
            let (function, first) = program.split_first().map_or(("", &[][..]), |(name, rest)| (name, rest));
            let arguments =
                first.iter().map(OsString::from).chain(foreign::foreign_arguments(wanted.options, wanted.hidden));
            let arguments = arguments.chain([wanted.name.as_os_str().to_os_string()]);
            plan.run_or_stop(self.process.store.home(), Path::new(function), arguments);
            let note = ["__do".into(), "made".into()].into_iter().chain(words.iter().cloned());
            plan.run_or_stop(&self.process.cwd, process::own_function(), note);
            Ok(ExitCode::SUCCESS)
        })?;
        Ok(if parsed.is_ok() { plan } else { self.in_foreground(words) })
    }

    pub(super) fn cpvirtualenv(&self) -> Result<Plan> {
        let Ok(function) = parse::<CpvirtualenvFunction>(self.words) else { return Ok(Plan::default()) };
        let wanted = cpvirtualenv::request(&self.process, &function)?;
        let environment = find::find(&self.process, wanted.target.as_os_str())?;
        let mut plan = self.enter(&environment, Self::destination(self.process.config.cd), Lifetime::Lasting)?;
        self.source(&mut plan, Event::PostMkvirtualenv);
        self.source(&mut plan, Event::PostCpvirtualenv);
        Ok(plan)
    }

    /// Where to go when the current directory has been removed.
    pub(super) fn rmvirtualenv(&self) -> Plan {
        let mut plan = Plan::default();
        let home = self.process.store.home();
        let existing = home.ancestors().find(|directory| directory.is_dir()).unwrap_or(Path::new("/"));
        plan.cd(existing);
        plan
    }

    /// `cdproject`: where the active environment says that its project is; nothing where there is none.
    pub(super) fn cdproject(&self) -> Option<Plan> {
        let file = active()?.join(&self.process.config.project_filename);
        let mut plan = Plan::default();
        match project_file::read(&file) {
            Ok(Some(directory)) if directory.is_dir() => plan.cd(&directory),
            Ok(Some(directory)) => {
                let directory = printer::shown(&directory, None);
                printer::message(&format!("Project directory {directory} does not exist"));
                return None;
            }
            Ok(None) | Err(_) => {
                printer::message(&format!("No project set in {}", printer::shown(&file, None)));
                return None;
            }
        }
        Some(plan)
    }

    /// The plan that activates an environment: what `workon` does.
    pub(super) fn enter(
        &self,
        environment: &Environment,
        destination: Destination<'_>,
        lifetime: Lifetime,
    ) -> Result<Plan> {
        self.mend_obstacle(environment);
        let known = self.recorded_project(environment, destination == Destination::Project);
        self.enter_for(environment, known.as_deref(), destination, lifetime)
    }

    /// The same for one of the projects that share the environment.
    fn enter_for(
        &self,
        environment: &Environment,
        known: Option<&Path>,
        destination: Destination<'_>,
        lifetime: Lifetime,
    ) -> Result<Plan> {
        let project = match destination {
            Destination::Stay { project: Some(project) } => Some(project),
            _ => known,
        };
        let hooks = leaving::unasked(self, Some(environment.path()), project);
        let entry = Entry { project: known, destination, lifetime, is_automatic: false, hooks };
        let mut plan = self.steps(environment, entry)?;
        if let Some(project) = known {
            self.process.store.note_association(environment, project);
            follow::put_settings(&self.process, &mut plan, project);
        }
        if self.process.store.has_uv_links() {
            if let Some(project) = known {
                pins::renew(&self.process, environment, project);
            }
            pins::renew_here(&self.process, environment);
            // It may have been put in the place of another one by hand.
            pins::renew_of(&self.process, environment);
        }
        self.advise_on_uv(environment, known);
        // What somebody asks for by name is no longer left with the directory.
        if process::set_variable(MARK).is_some() {
            plan.set(MARK.name, None);
        }
        Ok(plan)
    }

    /// The steps of what [`Planner::enter`] plans.
    pub(super) fn steps(&self, environment: &Environment, entry: Entry<'_>) -> Result<Plan> {
        let script = self.dialect.activate_script(environment.path());
        let safety = enter::judge(&self.process, environment, &script)?;
        let is_temporary =
            entry.lifetime == Lifetime::Temporary || metadata::Metadata::read(environment.path()).temporary.is_some();
        // The program is started by the shell itself, which is to use the environment.
        let shell = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
        let note = if is_temporary {
            usage::register(environment.path(), shell);
            None
        } else if self.is_for_shims {
            self.process.store.note_of_shell(environment.path(), shell)
        } else {
            None
        };
        let applied = self.applied(environment, &safety);
        // The text says any name to each shell in a way that drawing the prompt does not change.
        // Both have the function that does the work of `deactivate`.
        let is_plain = self.dialect == Dialect::Posix && (safety.origin == Origin::Own || applied.is_some());
        let flags = [
            (Flag::Automatic, entry.is_automatic),
            (Flag::HidePrompt, safety.hide_prompt && applied.is_none()),
            (Flag::Plain, is_plain),
            (Flag::Temporary, is_temporary),
        ];
        let flags = flags.into_iter().filter_map(|(flag, is_set)| is_set.then_some(flag)).collect();
        let path = environment.path().to_path_buf();
        let (text, variables) = applied.map(|applied| (applied.text, applied.variables)).unzip();
        let inputs = WorkonInputs {
            name: environment.name().as_os_str().to_os_string(),
            enter: Enter { environment: path, activate: script, text, flags, note, hooks: entry.hooks },
            workon_home: self.process.store.home().to_path_buf(),
            hook_dir: self.process.config.hook_dir.clone(),
            project: entry.project.map(Path::to_path_buf),
            cd: entry.destination == Destination::Project,
            preactivate: hooks::found(&self.process, Event::PreActivate, &self.places(Some(environment.path()))),
            dialect: self.dialect,
        };
        if safety.does_something {
            metadata::note_use(environment.path());
        }
        let mut plan = Plan::workon(&inputs);
        let variables = variables.into_iter().flatten();
        let own = actions::variables::of(&self.process, environment).into_iter();
        let own = own.map(|(name, value)| (name, OsString::from(value)));
        follow::put_variables(&mut plan, variables.map(|(name, value)| (name.to_string(), value)).chain(own));
        Ok(plan)
    }

    /// What the script of another tool does, where that is known, or what one that was left out would do.
    fn applied(&self, environment: &Environment, safety: &Safety) -> Option<Applied> {
        let Origin::Known(template) = &safety.origin else { return None };
        let is_needed = self.is_for_shims || !self.dialect.activate_script(environment.path()).is_file();
        is_needed.then(|| applied::apply(template, environment, self.dialect, &lookup))?
    }

    fn destination(cd: bool) -> Destination<'static> {
        if cd { Destination::Project } else { Destination::Stay { project: None } }
    }

    fn places<'p>(&'p self, environment: Option<&'p Path>) -> Places<'p> {
        Places { hook_dir: &self.process.config.hook_dir, environment, project: None }
    }

    fn source(&self, plan: &mut Plan, event: Event) {
        plan.source_all(event, &self.places(None), self.dialect);
    }

    /// The project directory. If uv has recreated the environment, that has none, and gets back the one that it had.
    fn recorded_project(&self, environment: &Environment, cd: bool) -> Option<PathBuf> {
        self.project(environment, cd).or_else(|| {
            if pins::put_back_project(&self.process, environment) { self.project(environment, cd) } else { None }
        })
    }

    /// The project directory, if it is there; a missing one is worth a word when one would go there.
    fn project(&self, environment: &Environment, cd: bool) -> Option<PathBuf> {
        match self.process.store.project_of(environment) {
            Ok(Some(directory)) if directory.is_dir() => Some(directory),
            Ok(Some(directory)) => {
                if cd {
                    printer::warning(&format!("the project directory `{}` does not exist", directory.display()));
                }
                None
            }
            Ok(None) => None,
            Err(error) => {
                warn(&error);
                None
            }
        }
    }

    fn install(&self, plan: &mut Plan, environment: &Environment, packages: &Packages) {
        if packages.is_empty() {
            return;
        }
        let project = self.process.store.project_of(environment).ok().flatten();
        let directory = install::directory(&self.process, project.as_deref().filter(|_| self.process.config.cd));
        let directory = if is_removed_before(&directory) { self.process.store.home() } else { &directory };
        let mut arguments: Vec<OsString> = vec!["__do".into(), "install".into(), environment.path().into()];
        arguments.extend(packages.words(&self.process));
        plan.run_and_remember(directory, &process::own_path(), arguments);
    }

    /// A plan that lets this program do something where stdout is the user's.
    fn in_foreground(&self, words: &[impl AsRef<OsStr>]) -> Plan {
        let mut plan = Plan::default();
        let arguments =
            std::iter::once(OsString::from("__do")).chain(words.iter().map(|word| word.as_ref().to_os_string()));
        plan.run_and_remember(&self.process.cwd, &process::own_path(), arguments);
        plan
    }
}

/// Returns whether a directory is in the active environment, and that is temporary: leaving removes it.
fn is_removed_before(directory: &Path) -> bool {
    active().is_some_and(|active| {
        let real = active.canonicalize().unwrap_or_else(|_| active.clone());
        (directory.starts_with(&active) || directory.starts_with(real)) && Metadata::read(&active).temporary.is_some()
    })
}
