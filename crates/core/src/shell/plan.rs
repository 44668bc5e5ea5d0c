//! The plan: what a shell has to do because no child process can, as a list of a few verbs.
//!
//! The program decides everything and says it as a plan; the shell applies the plan step by step. A plan is plain data.
//! [`render`](super::render) writes it for shells that evaluate text; the others read the same names as JSON.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::env::shells::Note;
use crate::shell::dialect::Dialect;
use crate::shell::event::{Event, Places};

/// The version of the protocol: the verbs, their words and their order. A shell that knows another one refuses the plan.
pub const VERSION: u32 = 2;

/// One thing for the shell to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Step {
    /// Leave the active environment, whoever activated it; nothing when there is none.
    Leave,
    /// Activate an environment; when that fails, later steps do not run.
    Enter(Enter),
    /// Replace the hooks for leaving the active environment.
    Renew(LeavingHooks),
    /// Run a program, or a function of the shell, in a directory of its own.
    Run(Command),
    /// Change the directory, without running the user's own `cd`.
    Cd {
        /// An absolute path.
        directory: PathBuf,
    },
    /// Source a hook if it exists by then.
    Source {
        /// An absolute path.
        file: PathBuf,
        /// What the hook sees as its arguments, after the file itself.
        #[serde(serialize_with = "as_texts", skip_serializing_if = "Vec::is_empty")]
        arguments: Vec<OsString>,
    },
    /// Set and export a variable, or unset it.
    Set {
        /// How long that lasts.
        scope: Scope,
        /// The name of the variable.
        name: String,
        /// Its new value; none to unset it.
        #[serde(serialize_with = "as_optional_text")]
        value: Option<OsString>,
    },
    /// Tell the user, once in this shell.
    Tell {
        /// One line.
        text: String,
    },
}

/// A program and where to run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// What its failure means.
    pub on_failure: OnFailure,
    /// The working directory.
    pub cwd: PathBuf,
    /// The program, never a builtin of the shell; or a function of the shell.
    pub program: PathBuf,
    /// Its arguments.
    #[serde(serialize_with = "as_texts")]
    pub arguments: Vec<OsString>,
}

/// What the failure of a program means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Nothing.
    Ignore,
    /// The function fails, and later steps still run.
    Remember,
    /// The function fails, and later steps do not run.
    Stop,
}

/// How long a variable keeps a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// As long as the shell.
    Shell,
    /// Until the environment is left; then it becomes what it was.
    Environment,
}

/// What a shell needs to know to activate an environment, and to leave it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enter {
    /// The environment, as `VIRTUAL_ENV` has to name it afterwards.
    pub environment: PathBuf,
    /// The script to source.
    pub activate: PathBuf,
    /// What to evaluate instead, where it is known what the script does; only for the shims.
    #[serde(skip)]
    pub text: Option<Vec<u8>>,
    /// What is special about it.
    pub flags: Vec<Flag>,
    /// What to write for others to see that the shell is in it, until it is left; only for the shims.
    #[serde(skip)]
    pub note: Option<Note>,
    /// What happens when it is left.
    #[serde(flatten)]
    pub hooks: LeavingHooks,
}

/// What is special about entering an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// It is entered because of the directory, and left with it.
    Automatic,
    /// The script must leave the prompt alone, because the shell would evaluate what the name holds.
    HidePrompt,
    /// The script is ours and unchanged, so that the shell may use what it defines besides `deactivate`.
    Plain,
    /// The environment is removed when it is left.
    Temporary,
}

/// The hooks for leaving an environment: places that have been judged. The shell looks whether a file is there by then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeavingHooks {
    /// The directory whose consent has to be asked for again before its hooks run: the lists leave them out.
    pub consent: Option<PathBuf>,
    /// Sourced before the environment is left, in this order.
    pub leaving: Vec<PathBuf>,
    /// Sourced afterwards, in this order.
    pub left: Vec<PathBuf>,
}

/// What the plan of `workon` depends on. Everything has been checked before.
#[derive(Clone, Debug)]
pub struct WorkonInputs {
    /// The name of the environment, an argument of the hook programs.
    pub name: OsString,
    /// What to activate.
    pub enter: Enter,
    /// The directory that holds the environments; hook programs run there.
    pub workon_home: PathBuf,
    /// The directory of hooks.
    pub hook_dir: PathBuf,
    /// The project directory of the environment, if it has one whose hooks may run.
    pub project: Option<PathBuf>,
    /// Whether to change to the project directory.
    pub cd: bool,
    /// The `preactivate` programs that are to run, in this order.
    pub preactivate: Vec<PathBuf>,
    /// The language of the hooks that are sourced.
    pub dialect: Dialect,
}

/// The steps, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan(pub Vec<Step>);

impl Flag {
    /// Returns the word for the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::HidePrompt => "hide-prompt",
            Self::Plain => "plain",
            Self::Temporary => "temporary",
        }
    }
}

impl OnFailure {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Remember => "remember",
            Self::Stop => "stop",
        }
    }
}

impl Scope {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Environment => "environment",
        }
    }
}

impl LeavingHooks {
    /// Returns all hooks for leaving, in virtualenvwrapper's order; no consent is needed for them.
    pub fn new(places: &Places<'_>, dialect: Dialect) -> Self {
        let [leaving, left] = [Event::PreDeactivate, Event::PostDeactivate].map(|event| event.files(places, dialect));
        Self { consent: None, leaving, left }
    }
}

impl Plan {
    /// Returns the plan that leaves the active environment and activates another, with all hooks in
    /// virtualenvwrapper's order.
    pub fn workon(inputs: &WorkonInputs) -> Self {
        let enter = &inputs.enter;
        let mut plan = Self(vec![Step::Leave]);
        for hook in &inputs.preactivate {
            plan.run(&inputs.workon_home, hook, [inputs.name.clone()]);
        }
        plan.0.push(Step::Enter(enter.clone()));
        if let Some(project) = inputs.project.as_ref().filter(|_| inputs.cd) {
            plan.cd(project);
        }
        let environment = Some(enter.environment.as_path());
        let places = Places { hook_dir: &inputs.hook_dir, environment, project: inputs.project.as_deref() };
        plan.source_all(Event::PostActivate, &places, inputs.dialect);
        plan
    }

    /// Adds a hook program.
    pub fn run(&mut self, cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.command(OnFailure::Ignore, cwd, program, arguments);
    }

    /// Adds a program whose failure is the failure of the whole function.
    pub fn run_and_remember(&mut self, cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.command(OnFailure::Remember, cwd, program, arguments);
    }

    /// Adds a function of the shell, or a program, whose failure ends the plan.
    pub fn run_or_stop(&mut self, cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.command(OnFailure::Stop, cwd, program, arguments);
    }

    /// Takes out the hooks for which `is_refused` holds: those that are sourced now, and those for leaving.
    pub fn refuse(&mut self, mut is_refused: impl FnMut(&Path) -> bool) {
        for step in &mut self.0 {
            if let Step::Enter(Enter { hooks, .. }) | Step::Renew(hooks) = step {
                hooks.leaving.retain(|file| !is_refused(file));
                hooks.left.retain(|file| !is_refused(file));
            }
        }
        self.0.retain(|step| !matches!(step, Step::Source { file, .. } if is_refused(file)));
    }

    /// Adds a change of directory.
    pub fn cd(&mut self, directory: &Path) {
        self.0.push(Step::Cd { directory: directory.to_path_buf() });
    }

    /// Adds the hooks of an event that the shell sources.
    pub fn source_all(&mut self, event: Event, places: &Places<'_>, dialect: Dialect) {
        self.source_all_with(event, places, dialect, &[]);
    }

    /// Does so with arguments that the hooks see.
    pub fn source_all_with(&mut self, event: Event, places: &Places<'_>, dialect: Dialect, arguments: &[OsString]) {
        let source = |file| Step::Source { file, arguments: arguments.to_vec() };
        self.0.extend(event.files(places, dialect).into_iter().map(source));
    }

    /// Adds a variable that is set as long as the shell lasts, or unset.
    pub fn set(&mut self, name: &str, value: Option<OsString>) {
        self.0.push(Step::Set { scope: Scope::Shell, name: name.to_string(), value });
    }

    fn command(
        &mut self,
        on_failure: OnFailure,
        cwd: &Path,
        program: &Path,
        arguments: impl IntoIterator<Item = OsString>,
    ) {
        self.0.push(Step::Run(Command {
            on_failure,
            cwd: cwd.to_path_buf(),
            program: program.to_path_buf(),
            arguments: arguments.into_iter().collect(),
        }));
    }
}

impl Serialize for Plan {
    /// With the version in front, so that a reader can refuse what it does not know.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 2)?;
        plan.serialize_field("version", &VERSION)?;
        plan.serialize_field("steps", &self.0)?;
        plan.end()
    }
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_optional_text<S: Serializer>(value: &Option<OsString>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(Path::new).serialize(serializer)
}

fn as_texts<S: Serializer>(values: &[OsString], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(Path::new))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use serde_json::json;

    use super::*;

    fn inputs() -> WorkonInputs {
        let places = Places {
            hook_dir: Path::new("/h"),
            environment: Some(Path::new("/w/api")),
            project: Some(Path::new("/p")),
        };
        WorkonInputs {
            name: "api".into(),
            enter: Enter {
                text: None,
                environment: "/w/api".into(),
                activate: "/w/api/bin/activate".into(),
                flags: vec![Flag::HidePrompt],
                note: None,
                hooks: LeavingHooks::new(&places, Dialect::Posix),
            },
            workon_home: "/w".into(),
            hook_dir: "/h".into(),
            project: Some("/p".into()),
            cd: true,
            preactivate: vec!["/h/preactivate".into()],
            dialect: Dialect::Posix,
        }
    }

    fn source(file: &str) -> Step {
        Step::Source { file: file.into(), arguments: Vec::new() }
    }

    #[test]
    fn workon_keeps_the_order_of_virtualenvwrapper() {
        let plan = serde_json::to_value(Plan::workon(&inputs())).unwrap();
        let steps = json!([
            {"verb": "leave"},
            {"verb": "run", "on_failure": "ignore", "cwd": "/w", "program": "/h/preactivate", "arguments": ["api"]},
            {"verb": "enter", "environment": "/w/api", "activate": "/w/api/bin/activate", "flags": ["hide-prompt"],
             "consent": null,
             "leaving": ["/p/.virtualenvwrapper/predeactivate", "/w/api/bin/predeactivate", "/h/predeactivate"],
             "left": ["/w/api/bin/postdeactivate", "/h/postdeactivate"]},
            {"verb": "cd", "directory": "/p"},
            {"verb": "source", "file": "/p/.virtualenvwrapper/postactivate"},
            {"verb": "source", "file": "/h/postactivate"},
            {"verb": "source", "file": "/w/api/bin/postactivate"},
        ]);
        assert_eq!(plan, json!({"version": 2, "steps": steps}));
    }

    #[test]
    fn the_other_steps_read_alike_in_json() {
        let mut plan = Plan::default();
        plan.run_and_remember(Path::new("/w"), Path::new("/bin/true"), []);
        plan.run_or_stop(Path::new("/w"), Path::new("f"), ["a b".into()]);
        plan.set("A", Some("1".into()));
        plan.set("B", None);
        plan.0.push(Step::Set { scope: Scope::Environment, name: "C".into(), value: Some("".into()) });
        plan.0.push(Step::Renew(LeavingHooks { consent: Some("/p".into()), ..LeavingHooks::default() }));
        plan.0.push(Step::Tell { text: "hello".into() });
        let steps = json!([
            {"verb": "run", "on_failure": "remember", "cwd": "/w", "program": "/bin/true", "arguments": []},
            {"verb": "run", "on_failure": "stop", "cwd": "/w", "program": "f", "arguments": ["a b"]},
            {"verb": "set", "scope": "shell", "name": "A", "value": "1"},
            {"verb": "set", "scope": "shell", "name": "B", "value": null},
            {"verb": "set", "scope": "environment", "name": "C", "value": ""},
            {"verb": "renew", "consent": "/p", "leaving": [], "left": []},
            {"verb": "tell", "text": "hello"},
        ]);
        assert_eq!(serde_json::to_value(&plan).unwrap()["steps"], steps);
    }

    #[test]
    fn words_are_those_of_json() {
        for flag in [Flag::Automatic, Flag::HidePrompt, Flag::Plain, Flag::Temporary] {
            assert_eq!(json!(flag), json!(flag.name()));
        }
        for on_failure in [OnFailure::Ignore, OnFailure::Remember, OnFailure::Stop] {
            assert_eq!(json!(on_failure), json!(on_failure.name()));
        }
        for scope in [Scope::Shell, Scope::Environment] {
            assert_eq!(json!(scope), json!(scope.name()));
        }
    }

    #[test]
    fn refused_hooks_are_neither_sourced_now_nor_on_leaving() {
        let mut plan = Plan::workon(&inputs());
        plan.refuse(|file| file.starts_with("/w"));
        assert!(!plan.0.contains(&source("/w/api/bin/postactivate")));
        assert!(plan.0.contains(&source("/h/postactivate")));
        let Step::Enter(enter) = &plan.0[2] else { panic!("{plan:?}") };
        let leaving = ["/p/.virtualenvwrapper/predeactivate", "/h/predeactivate"].map(PathBuf::from);
        assert_eq!(enter.hooks.leaving, leaving);
        assert_eq!(enter.hooks.left, [PathBuf::from("/h/postdeactivate")]);
        let mut plan = Plan::workon(&inputs());
        plan.refuse(|_| false);
        assert_eq!(plan, Plan::workon(&inputs()));
    }

    #[test]
    fn project_hooks_are_sourced_without_a_change_of_directory() {
        let plan = Plan::workon(&WorkonInputs { cd: false, ..inputs() });
        assert!(!plan.0.iter().any(|step| matches!(step, Step::Cd { .. })));
        assert!(plan.0.contains(&source("/p/.virtualenvwrapper/postactivate")));
    }

    #[test]
    fn no_project_means_no_project_steps() {
        let plan = Plan::workon(&WorkonInputs { project: None, ..inputs() });
        let files = plan.0.iter().filter(|step| matches!(step, Step::Source { .. } | Step::Cd { .. })).count();
        assert_eq!(files, 2);
    }

    #[test]
    fn fish_sources_its_own_hooks() {
        let plan = Plan::workon(&WorkonInputs { dialect: Dialect::Fish, ..inputs() });
        assert!(plan.0.contains(&source("/h/postactivate.fish")));
    }

    #[test]
    fn json_refuses_what_is_not_text() {
        let mut plan = Plan::default();
        plan.run(Path::new("/w"), Path::new("/bin/true"), [OsStr::from_bytes(b"a\xffb").to_os_string()]);
        assert!(serde_json::to_string(&plan).is_err());
    }
}
