//! Plans of the functions: what the shell has to do.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use venvwrap_core::config::Creator;
use venvwrap_core::env::Environment;
use venvwrap_core::env::metadata;
use venvwrap_core::env::usage;
use venvwrap_core::project::templates;
use venvwrap_core::shell::activate;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::plan::{Enter, OsStringText, Plan, Step, WorkonInputs};
use venvwrap_core::store::temporary::name_of;

use super::choose::{Picked, pick};
use super::mkvirtualenv::with_request;
use super::parse::parse;
use super::{cpvirtualenv, follow};
use crate::actions::install::Packages;
use crate::actions::{enter, find, hooks, make};
use crate::args::{CpvirtualenvFunction, MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction, WorkonFunction};
use crate::process::{self, Process};
use crate::ui::printer;

/// What a plan depends on, whichever function asks.
pub(crate) struct Planner<'a> {
    /// Who asks.
    pub(crate) process: Process,
    /// The language of the shell's hooks.
    pub(crate) dialect: Dialect,
    /// The function and its arguments.
    pub(crate) words: &'a [OsString],
}

impl Planner<'_> {
    pub(super) fn workon(&self) -> Result<Plan> {
        let function: WorkonFunction = match parse(self.words) {
            Ok(function) => function,
            // The shell shows help and usage errors itself, where its output belongs.
            Err(_) => return Ok(self.in_foreground(self.words)),
        };
        let Some(name) = function.name.as_ref().filter(|name| !name.is_empty()) else { return Ok(self.list()) };
        let environment = find::find(&self.process, name)?;
        let cd = if function.cd || function.no_cd { function.cd } else { self.process.config.cd };
        self.enter(&environment, cd, false)
    }

    /// `workon` without a name where the shell prints to a terminal; no plan when the person leaves.
    pub(super) fn pick(&self) -> Result<Option<Plan>> {
        match pick(&self.process)? {
            Picked::Environment(environment) => self.enter(&environment, self.process.config.cd, false).map(Some),
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
        let wanted = make::request(&self.process, &function.args)?;
        let environment = find::find(&self.process, wanted.name.as_os_str())?;
        let mut plan = self.enter(&environment, self.process.config.cd, false)?;
        self.install(&mut plan, &environment, &wanted.packages);
        plan.source(self.dialect.sourced(&self.process.config.hook_dir, "postmkvirtualenv"));
        Ok(plan)
    }

    pub(super) fn mkproject(&self) -> Result<Plan> {
        let Ok(function) = parse::<MkprojectFunction>(self.words) else { return Ok(Plan::default()) };
        let wanted = make::request(&self.process, &function.args.create)?;
        let directory = templates::directory(&self.process.config, &wanted.name)?;
        let environment = find::find(&self.process, wanted.name.as_os_str())?;
        let hook_dir = &self.process.config.hook_dir;
        let mut plan = self.enter(&environment, false, false)?;
        self.install(&mut plan, &environment, &wanted.packages);
        plan.source(self.dialect.sourced(hook_dir, "postmkvirtualenv"));
        plan.cd(directory.parent().unwrap_or(&directory));
        for hook in hooks::found("premkproject", &[hook_dir]) {
            plan.run(self.process.store.home(), &hook, [wanted.name.as_os_str().to_os_string()]);
        }
        let make = ["__do".into(), "make-project".into(), environment.path().into(), directory.clone().into()];
        plan.call(self.process.store.home(), process::own_function(), make);
        plan.cd(&directory);
        for template in templates::find(&self.process.config, &function.args.templates)? {
            let arguments = [wanted.name.as_os_str().to_os_string(), directory.clone().into_os_string()];
            plan.try_run(&directory, &template, arguments);
        }
        plan.source(self.dialect.sourced(hook_dir, "postmkproject"));
        Ok(plan)
    }

    pub(super) fn mktmpenv(&self) -> Result<Plan> {
        let Ok(function) = parse::<MktmpenvFunction>(self.words) else { return Ok(Plan::default()) };
        let args = &function.args;
        let environment = find::find(&self.process, name_of(&args.token).as_os_str())?;
        let mut plan = self.enter(&environment, false, true)?;
        self.install(&mut plan, &environment, &Packages::new(&args.packages, &args.requirements));
        plan.source(self.dialect.sourced(&self.process.config.hook_dir, "postmkvirtualenv"));
        let cd = if args.cd || args.no_cd { args.cd } else { self.process.config.cd };
        if cd {
            plan.cd(environment.path());
        }
        Ok(plan)
    }

    /// Makes an environment by a function of the shell, in the place of a creator program.
    pub(super) fn by_function(&self) -> Result<Plan> {
        let words = &self.words[1..];
        let mut plan = Plan::default();
        let parsed = with_request(&self.process, words, |wanted| {
            let Creator::Program(program) = &self.process.config.creator else { return Ok(ExitCode::SUCCESS) };
            let (function, first) = program.split_first().map_or(("", &[][..]), |(name, rest)| (name, rest));
            let arguments = first.iter().map(OsString::from).chain(make::foreign_arguments(wanted.options));
            let arguments = arguments.chain([wanted.name.as_os_str().to_os_string()]);
            plan.call(self.process.store.home(), Path::new(function), arguments);
            let note = ["__do".into(), "made".into()].into_iter().chain(words.iter().cloned());
            plan.call(&self.process.cwd, process::own_function(), note);
            Ok(ExitCode::SUCCESS)
        })?;
        Ok(if parsed.is_ok() { plan } else { self.in_foreground(words) })
    }

    pub(super) fn cpvirtualenv(&self) -> Result<Plan> {
        let Ok(function) = parse::<CpvirtualenvFunction>(self.words) else { return Ok(Plan::default()) };
        let wanted = cpvirtualenv::request(&self.process, &function)?;
        let environment = find::find(&self.process, wanted.target.as_os_str())?;
        let hook_dir = &self.process.config.hook_dir;
        let mut plan = self.enter(&environment, self.process.config.cd, false)?;
        plan.source(self.dialect.sourced(hook_dir, "postmkvirtualenv"));
        plan.source(self.dialect.sourced(hook_dir, "postcpvirtualenv"));
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

    /// The plan that activates an environment: what `workon` does.
    fn enter(&self, environment: &Environment, cd: bool, temporary: bool) -> Result<Plan> {
        let project = self.project(environment, cd);
        let mut plan = self.steps(environment, project.as_deref(), cd, temporary)?;
        if let Some(project) = &project {
            self.process.store.note_association(environment, project);
            follow::put_settings(&self.process, &mut plan, project);
        }
        // What somebody asks for by name is no longer left with the directory.
        if process::set_variable(follow::MARK).is_some() {
            plan.0.push(Step::Unsetenv { name: follow::MARK.name.into() });
        }
        Ok(plan)
    }

    /// The steps of that, for a project whose hooks may run.
    pub(super) fn steps(
        &self,
        environment: &Environment,
        project: Option<&Path>,
        cd: bool,
        temporary: bool,
    ) -> Result<Plan> {
        let config = &self.process.config;
        let script = self.dialect.activate_script(environment.path());
        let safety = enter::judge(&self.process, environment, &script)?;
        let is_temporary = temporary || metadata::Metadata::read(environment.path()).temporary.is_some();
        if is_temporary {
            // The program is started by the shell itself, which is to use the environment.
            let shell = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
            usage::register(environment.path(), shell);
        }
        let inputs = WorkonInputs {
            name: environment.name().as_os_str().to_os_string(),
            enter: Enter {
                environment: environment.path().to_path_buf(),
                activate: script,
                hook_dir: config.hook_dir.clone(),
                project_filename: OsStringText(config.project_filename.clone()),
                temporary: is_temporary,
                hide_prompt: safety.hide_prompt,
                plain: self.dialect == Dialect::Posix && activate::is_our_own(environment),
            },
            workon_home: self.process.store.home().to_path_buf(),
            project: project.map(Path::to_path_buf),
            cd,
            preactivate: hooks::found("preactivate", &[&config.hook_dir, &environment.bin()]),
            dialect: self.dialect,
        };
        metadata::note_use(environment.path());
        Ok(Plan::workon(&inputs))
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
                printer::warning(&error.to_string());
                None
            }
        }
    }

    fn install(&self, plan: &mut Plan, environment: &Environment, packages: &Packages) {
        if packages.is_empty() {
            return;
        }
        let count = packages.requirements.len().to_string();
        let mut arguments: Vec<OsString> =
            vec!["__do".into(), "install".into(), environment.path().into(), count.into()];
        arguments.extend(packages.requirements.iter().map(|file| file.clone().into_os_string()));
        arguments.extend(packages.packages.iter().cloned());
        plan.try_run(&self.process.cwd, &process::own_path(), arguments);
    }

    /// A plan that lets this program do something where stdout is the user's.
    fn in_foreground(&self, words: &[impl AsRef<OsStr>]) -> Plan {
        let mut plan = Plan::default();
        let arguments =
            std::iter::once(OsString::from("__do")).chain(words.iter().map(|word| word.as_ref().to_os_string()));
        plan.try_run(&self.process.cwd, &process::own_path(), arguments);
        plan
    }
}
