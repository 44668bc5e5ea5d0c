//! The plan: what a shell has to do because no child process can, as a list of a few verbs.
//!
//! The program decides everything and says it as a plan; the shell applies the plan line by line. A plan is plain data:
//! how it is written down for a shell is the business of the command line, and as JSON it serves tests and shells without
//! `eval`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::shell::dialect::Dialect;

/// One thing for the shell to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Step {
    /// Leave the active environment, whoever activated it; nothing when there is none.
    Leave,
    /// Run a hook program in a directory of its own, whatever it returns.
    Run(Command),
    /// Run a program in the foreground; when it fails, the whole function fails, but later steps still run.
    Try(Command),
    /// Activate an environment; when that fails, later steps do not run.
    Enter(Enter),
    /// Change the directory, without running the user's own `cd`.
    Cd {
        /// An absolute path.
        directory: PathBuf,
    },
    /// Do not source these hooks, now or when the environment is left: others may write to them.
    Refuse {
        /// Absolute paths.
        files: Vec<PathBuf>,
    },
    /// Run a function of the shell, or a program, in a directory of its own; when it fails, the whole function fails and
    /// later steps do not run.
    Call(Command),
    /// Source a hook if it exists by then.
    Source {
        /// An absolute path.
        file: PathBuf,
    },
    /// Set and export a variable.
    Setenv {
        /// The name of the variable.
        name: String,
        /// Its new value.
        #[serde(serialize_with = "as_text")]
        value: OsString,
    },
    /// Unset a variable.
    Unsetenv {
        /// The name of the variable.
        name: String,
    },
    /// Set and export a variable until the environment is left; then it becomes what it was.
    Putenv {
        /// The name of the variable.
        name: String,
        /// Its new value.
        value: String,
    },
    /// Remember that the environment was entered because of the directory, so that it is left with it.
    MarkAutomatic {
        /// Whether leaving has to ask first, because the directory brought code that runs then.
        asks: bool,
    },
    /// Forget which environment was entered, so that none of its hooks run when it is left.
    Distrust,
    /// Tell the user, once in this shell.
    Tell {
        /// One line.
        text: String,
    },
}

/// A program and where to run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The working directory.
    pub cwd: PathBuf,
    /// The program; never a builtin of the shell.
    pub program: PathBuf,
    /// Its arguments.
    #[serde(serialize_with = "as_texts")]
    pub arguments: Vec<OsString>,
}

/// What a shell needs to know to activate an environment, and to leave it again without asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enter {
    /// The environment, as `VIRTUAL_ENV` has to name it afterwards.
    pub environment: PathBuf,
    /// The script to source.
    pub activate: PathBuf,
    /// Where the hooks are that run when the environment is left.
    pub hook_dir: PathBuf,
    /// The name of the file in the environment that holds its project directory.
    pub project_filename: OsStringText,
    /// Whether the environment is to be removed when it is left.
    pub temporary: bool,
    /// Whether the script must leave the prompt alone, because the shell would evaluate what the name holds.
    pub hide_prompt: bool,
    /// Whether the script is ours and unchanged, so that the shell may use what it defines beside `deactivate`.
    pub plain: bool,
}

/// A string of the operating system that is written as text in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OsStringText(#[serde(serialize_with = "as_text")] pub OsString);

/// What the plan of `workon` depends on. Everything has been checked before.
#[derive(Clone, Debug)]
pub struct WorkonInputs {
    /// The name of the environment, an argument of the hook programs.
    pub name: OsString,
    /// What to activate.
    pub enter: Enter,
    /// The directory that holds the environments; hook programs run there.
    pub workon_home: PathBuf,
    /// The project directory of the environment, if it has one.
    pub project: Option<PathBuf>,
    /// Whether to change to the project directory.
    pub cd: bool,
    /// The `preactivate` programs that are to run, in this order.
    pub preactivate: Vec<PathBuf>,
    /// The language of the hooks that are sourced.
    pub dialect: Dialect,
}

/// The steps, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan(pub Vec<Step>);

impl Plan {
    /// Returns the plan that leaves the active environment and activates another, with all hooks in
    /// virtualenvwrapper's order: those of the project come first, then the user's, then the environment's.
    pub fn workon(inputs: &WorkonInputs) -> Self {
        let enter = &inputs.enter;
        let mut plan = Self(vec![Step::Leave]);
        for hook in &inputs.preactivate {
            plan.run(&inputs.workon_home, hook, [inputs.name.clone()]);
        }
        plan.0.push(Step::Enter(enter.clone()));
        if let Some(project) = &inputs.project {
            if inputs.cd {
                plan.cd(project);
            }
            plan.source(inputs.dialect.sourced(&project.join(".virtualenvwrapper"), "postactivate"));
        }
        plan.source(inputs.dialect.sourced(&enter.hook_dir, "postactivate"));
        plan.source(inputs.dialect.sourced(&enter.environment.join("bin"), "postactivate"));
        plan
    }

    /// Adds a hook program.
    pub fn run(&mut self, cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.0.push(Step::Run(command(cwd, program, arguments)));
    }

    /// Adds a program whose failure is the failure of the whole function.
    pub fn try_run(&mut self, cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.0.push(Step::Try(command(cwd, program, arguments)));
    }

    /// Adds a function of the shell whose failure ends the plan.
    pub fn call(&mut self, cwd: &Path, function: &Path, arguments: impl IntoIterator<Item = OsString>) {
        self.0.push(Step::Call(command(cwd, function, arguments)));
    }

    /// Takes out the hooks for which `is_refused` holds. Where one is sourced on entering, the shell finds by itself
    /// those beside it that it sources on leaving: the plan tells it which of them to pass over.
    pub fn refuse(&mut self, mut is_refused: impl FnMut(&Path) -> bool, dialect: Dialect) {
        let mut files: Vec<PathBuf> = Vec::new();
        for step in &self.0 {
            if let Step::Source { file } = step
                && let Some(directory) = file.parent()
                && *file == dialect.sourced(directory, "postactivate")
            {
                files.extend(["predeactivate", "postdeactivate"].map(|name| dialect.sourced(directory, name)));
            }
        }
        files.retain(|file| is_refused(file));
        self.0.retain(|step| !matches!(step, Step::Source { file } if is_refused(file)));
        let enter = self.0.iter().position(|step| matches!(step, Step::Enter(_)));
        if let (Some(enter), false) = (enter, files.is_empty()) {
            self.0.insert(enter + 1, Step::Refuse { files });
        }
    }

    /// Adds a change of directory.
    pub fn cd(&mut self, directory: &Path) {
        self.0.push(Step::Cd { directory: directory.to_path_buf() });
    }

    /// Adds a hook to source.
    pub fn source(&mut self, file: PathBuf) {
        self.0.push(Step::Source { file });
    }
}

fn command(cwd: &Path, program: &Path, arguments: impl IntoIterator<Item = OsString>) -> Command {
    Command { cwd: cwd.to_path_buf(), program: program.to_path_buf(), arguments: arguments.into_iter().collect() }
}

fn as_text<S: Serializer>(value: &OsString, serializer: S) -> Result<S::Ok, S::Error> {
    Path::new(value).serialize(serializer)
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
        WorkonInputs {
            name: "api".into(),
            enter: Enter {
                environment: "/w/api".into(),
                activate: "/w/api/bin/activate".into(),
                hook_dir: "/h".into(),
                project_filename: OsStringText(".project".into()),
                temporary: false,
                hide_prompt: false,
                plain: false,
            },
            workon_home: "/w".into(),
            project: Some("/p".into()),
            cd: true,
            preactivate: vec!["/h/preactivate".into()],
            dialect: Dialect::Posix,
        }
    }

    #[test]
    fn workon_keeps_the_order_of_virtualenvwrapper() {
        let plan = serde_json::to_value(Plan::workon(&inputs())).unwrap();
        let expected = json!([
            {"verb": "leave"},
            {"verb": "run", "cwd": "/w", "program": "/h/preactivate", "arguments": ["api"]},
            {"verb": "enter", "environment": "/w/api", "activate": "/w/api/bin/activate", "hook_dir": "/h",
             "project_filename": ".project", "temporary": false, "hide_prompt": false, "plain": false},
            {"verb": "cd", "directory": "/p"},
            {"verb": "source", "file": "/p/.virtualenvwrapper/postactivate"},
            {"verb": "source", "file": "/h/postactivate"},
            {"verb": "source", "file": "/w/api/bin/postactivate"},
        ]);
        assert_eq!(plan, expected);
    }

    #[test]
    fn refused_hooks_are_neither_sourced_now_nor_later() {
        let mut plan = Plan::workon(&inputs());
        plan.refuse(|file| file.starts_with("/w"), Dialect::Posix);
        assert!(!plan.0.contains(&Step::Source { file: "/w/api/bin/postactivate".into() }));
        assert!(plan.0.contains(&Step::Source { file: "/h/postactivate".into() }));
        let files = ["/w/api/bin/predeactivate", "/w/api/bin/postdeactivate"].map(PathBuf::from).to_vec();
        assert_eq!(plan.0[3], Step::Refuse { files });
        let mut plan = Plan::workon(&inputs());
        plan.refuse(|_| false, Dialect::Posix);
        assert_eq!(plan, Plan::workon(&inputs()));
    }

    #[test]
    fn project_hooks_are_sourced_without_a_change_of_directory() {
        let plan = Plan::workon(&WorkonInputs { cd: false, ..inputs() });
        assert!(!plan.0.iter().any(|step| matches!(step, Step::Cd { .. })));
        assert!(plan.0.contains(&Step::Source { file: "/p/.virtualenvwrapper/postactivate".into() }));
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
        assert!(plan.0.contains(&Step::Source { file: "/h/postactivate.fish".into() }));
    }

    #[test]
    fn json_refuses_what_is_not_text() {
        let mut plan = Plan::default();
        plan.run(Path::new("/w"), Path::new("/bin/true"), [OsStr::from_bytes(b"a\xffb").to_os_string()]);
        assert!(serde_json::to_string(&plan).is_err());
    }
}
