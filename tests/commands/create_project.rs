//! `venvwrap create-project`: a directory, an environment for it, and templates.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::support::program::{assert_works, call, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// Calls it for projects in the sandbox.
fn create_project(sandbox: &Sandbox, python: &PathBuf, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &["create-project", "--no-setuptools", "-p"]);
    command.arg(python).args(arguments).env("PROJECT_HOME", sandbox.path("projects"));
    Outcome::new(sandbox, &command.output().unwrap())
}

fn write_template(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write_program(format!("home/.config/venvwrap/templates/template_{name}"), &format!("#!/bin/sh\n{text}"));
}

fn assert_nothing_made(sandbox: &Sandbox, context: &str) {
    for directory in ["envs", "projects"] {
        assert_eq!(names_in(&sandbox.path(directory)), Vec::<OsString>::new(), "{context}: {directory}");
    }
}

#[test]
fn the_directory_and_the_environment_belong_to_each_other() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["web", "it's odd; (touch PWN)"] {
        let outcome = create_project(&sandbox, &python, &["--", name]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_works(&sandbox.env_path(name));
        let project = sandbox.path("projects").join(name);
        assert!(project.is_dir());
        assert_eq!(call(&sandbox, &["project", "show", name]).succeeds(name), format!("[ROOT]/projects/{name}\n"));
        let found = call(&sandbox, &["project", "which", project.to_str().unwrap()]);
        assert_eq!(found.stdout, format!("[ROOT]/envs/{name}\n"), "{found:#?}");
    }
    assert_eq!(names_in(&sandbox.path("home")).iter().find(|name| *name == "PWN"), None);
}

#[test]
fn what_it_prints() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(create_project(&sandbox, &python, &["web"]).whole(), @"--- status 0");
}

#[test]
fn templates_run_in_the_directory_with_its_name_one_after_the_other() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("envs/premkproject", "#!/bin/sh\necho \"premkproject $*\" >>\"$HOME/log\"\n");
    write_template(&sandbox, "first", "echo \"first $1 $2 $PWD\" >>\"$HOME/log\"; echo made >README\n");
    write_template(&sandbox, "second", "echo \"second $(cat README)\" >>\"$HOME/log\"\n");
    let outcome = create_project(&sandbox, &python, &["-t", "first", "-t", "second", "a b"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let log = sandbox.normalise(&fs::read_to_string(sandbox.path("home/log")).unwrap());
    assert_eq!(log, "premkproject a b\nfirst a b [ROOT]/projects/a b [ROOT]/projects/a b\nsecond made\n");
}

#[test]
fn a_template_that_fails_leaves_what_is_made() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    write_template(&sandbox, "bad", "echo begun >README; exit 3\n");
    write_template(&sandbox, "never", "echo never >NEVER\n");
    let outcome = create_project(&sandbox, &python, &["-t", "bad", "-t", "never", "web"]);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert!(outcome.stderr.contains("template_bad` failed (exit status: 3)"), "{outcome:#?}");
    assert_eq!(names_in(&sandbox.path("projects/web")), ["README"]);
    assert_works(&sandbox.env_path("web"));
}

#[test]
fn nothing_is_made_when_it_cannot_be_finished() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let missing = PathBuf::from("/nowhere/python");
    create_project(&sandbox, &missing, &["web"]).fails_with_hint("no interpreter", "/nowhere/python");
    assert_nothing_made(&sandbox, "no interpreter");
    for template in ["nowhere", "../template_x", "a/b", ""] {
        create_project(&sandbox, &python, &["-t", template, "web"]).fails_with_hint(template, "template");
        assert_nothing_made(&sandbox, template);
    }
    for name in ["../escape", "-rf", "", "a\nb", "$(touch PWN)"] {
        create_project(&sandbox, &python, &["--", name]).fails_with_hint(name, "name");
        assert_nothing_made(&sandbox, name);
    }
}

#[test]
fn the_home_of_projects_must_be_there() {
    let sandbox = Sandbox::new();
    let with = |home: Option<&str>| {
        let mut command = program(&sandbox, &["create-project", "web"]);
        home.map(|home| command.env("PROJECT_HOME", sandbox.path(home)));
        Outcome::new(&sandbox, &command.output().unwrap()).whole()
    };
    insta::assert_snapshot!(with(None), @"
    --- standard error
    error: PROJECT_HOME is not set
    hint: `venvwrap config set project_home '~/src'` sets the directory of your projects, as does PROJECT_HOME
    --- status 1
    ");
    insta::assert_snapshot!(with(Some("nowhere")), @"
    --- standard error
    error: PROJECT_HOME `[ROOT]/nowhere` does not exist
    hint: create it, or set PROJECT_HOME to an existing directory
    --- status 1
    ");
    assert_nothing_made(&sandbox, "no home");
}

#[test]
fn a_directory_that_is_there_is_taken_only_with_force() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("projects/web/precious", "mine");
    insta::assert_snapshot!(create_project(&sandbox, &python, &["web"]).whole(), @"
    --- standard error
    error: the project `[ROOT]/projects/web` already exists
    hint: `--force` creates an environment for it anyway
    --- status 1
    ");
    assert!(!sandbox.env_path("web").exists());
    // What was there stays, also when the environment fails.
    let missing = PathBuf::from("/nowhere/python");
    create_project(&sandbox, &missing, &["--force", "web"]).fails_with_hint("no interpreter", "/nowhere/python");
    assert_eq!(fs::read_to_string(sandbox.path("projects/web/precious")).unwrap(), "mine");
    let outcome = create_project(&sandbox, &python, &["--force", "web"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_works(&sandbox.env_path("web"));
    assert_eq!(fs::read_to_string(sandbox.path("projects/web/precious")).unwrap(), "mine");
}

#[test]
fn a_directory_that_is_named_is_the_project() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("elsewhere/web/precious", "mine");
    write_template(&sandbox, "one", "echo \"$1 $2 $PWD\" >README\n");
    let directory = sandbox.path("elsewhere/web");
    let directory = directory.to_str().unwrap();
    // Neither is a name needed, nor a directory for new projects.
    let mut command = program(&sandbox, &["create-project", "--no-seed", "-t", "one", "-a", directory, "-p"]);
    let outcome = Outcome::new(&sandbox, &command.arg(&python).env_remove("PROJECT_HOME").output().unwrap());
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(call(&sandbox, &["project", "show", "web"]).succeeds("-a"), "[ROOT]/elsewhere/web\n");
    let made = sandbox.normalise(&fs::read_to_string(sandbox.path("elsewhere/web/README")).unwrap());
    assert_eq!(made, "web [ROOT]/elsewhere/web [ROOT]/elsewhere/web\n");
    assert_eq!(fs::read_to_string(sandbox.path("elsewhere/web/precious")).unwrap(), "mine");
    for wrong in ["nowhere", "envs"] {
        let wrong = sandbox.path(wrong);
        let outcome = create_unseeded(&sandbox, &python, &["-a", wrong.to_str().unwrap(), "other"]);
        outcome.fails_with_hint("a directory that cannot be one", wrong.file_name().unwrap().to_str().unwrap());
        assert!(!sandbox.env_path("other").exists() && !wrong.join("README").exists());
    }
    assert_eq!(names_in(&sandbox.path("projects")), Vec::<OsString>::new());
}

fn create_unseeded(sandbox: &Sandbox, python: &PathBuf, arguments: &[&str]) -> Outcome {
    create_project(sandbox, python, &[&["--no-seed"], arguments].concat())
}

#[test]
fn the_hook_runs_after_the_environment_and_before_the_directory() {
    let sandbox = Sandbox::new();
    let hook = "#!/bin/sh\nls -d \"$WORKON_HOME/$1\" \"$WORKON_HOME/../projects/$1\" >\"$HOME/seen\" 2>/dev/null\n";
    sandbox.write_program("envs/premkproject", hook);
    fs::create_dir_all(sandbox.path("projects")).unwrap();
    let Some(python) = python() else { return };
    let outcome = create_unseeded(&sandbox, &python, &["it's"]);
    assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(sandbox.normalise(&fs::read_to_string(sandbox.path("home/seen")).unwrap()), "[ROOT]/envs/it's\n");
    assert!(sandbox.path("projects/it's").is_dir());
}

#[test]
fn an_environment_goes_again_when_its_project_cannot_be_created() {
    let sandbox = Sandbox::new();
    sandbox.write_program("envs/premkproject", "#!/bin/sh\necho precious >\"$WORKON_HOME/../projects/$1\"\n");
    fs::create_dir_all(sandbox.path("projects")).unwrap();
    let Some(python) = python() else { return };
    let outcome = create_unseeded(&sandbox, &python, &["web"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains("could not create the project `web`"), "{outcome:#?}");
    assert!(!sandbox.env_path("web").exists(), "{:?}", names_in(&sandbox.path("envs")));
    assert_eq!(fs::read_to_string(sandbox.path("projects/web")).unwrap(), "precious\n");
    // One that was there before stays.
    let mut command = program(&sandbox, &["create", "--no-seed", "-p"]);
    assert!(command.arg(&python).arg("web").status().unwrap().success());
    fs::remove_file(sandbox.path("projects/web")).unwrap();
    assert_eq!(create_unseeded(&sandbox, &python, &["web"]).status, Some(1));
    assert!(sandbox.env_path("web").exists());
}

#[test]
fn verbs_do_not_speak_for_the_functions() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("projects/a b")).unwrap();
    let home = sandbox.path("new/envs");
    let call = |arguments: &[&std::ffi::OsStr]| {
        let mut command = program(&sandbox, &[] as &[&str]);
        command.args(arguments).env("WORKON_HOME", &home);
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    let project = sandbox.path("projects/a b");
    let created = call(&["create".as_ref(), "--no-seed".as_ref(), "-p".as_ref(), python.as_ref(), "web".as_ref()]);
    assert_eq!((created.status, created.stdout.as_str()), (Some(0), ""));
    assert_eq!(created.stderr, "created the directory of environments `[ROOT]/new/envs`\n");
    let set = call(&["project".as_ref(), "set".as_ref(), "web".as_ref(), project.as_ref()]);
    assert_eq!((set.status, set.stdout.as_str()), (Some(0), ""));
    assert_eq!(set.stderr, "set the project directory of `web` to `[ROOT]/projects/a b`\n");
    let add = call(&[
        "project".as_ref(),
        "set".as_ref(),
        "--add".as_ref(),
        "web".as_ref(),
        sandbox.path("projects").as_ref(),
    ]);
    assert_eq!(add.stderr, "added `[ROOT]/projects` to the project directories of `web`\n");
    let inside = "is in the environment `web`";
    for (arguments, directory, reason) in [
        (&["--add", "web"][..], home.clone(), "is WORKON_HOME"),
        (&["web"], home.clone(), "is WORKON_HOME"),
        (&["web"], home.join("web/bin"), inside),
        (&["--add", "web"], home.join("web"), inside),
    ] {
        let words = ["project", "set"].iter().chain(arguments).map(|word| std::ffi::OsStr::new(*word));
        let refused = call(&words.chain([directory.as_os_str()]).collect::<Vec<_>>());
        refused.fails_with_hint("in the store", &format!("cannot be a project directory: it {reason}"));
    }
    let between = home.join("between/src");
    fs::create_dir_all(&between).unwrap();
    let set = call(&["project".as_ref(), "set".as_ref(), "--add".as_ref(), "web".as_ref(), between.as_ref()]);
    assert_eq!(set.status, Some(0), "virtualenvwrapper takes it: {set:#?}");
    let unset = call(&["project".as_ref(), "unset".as_ref(), "web".as_ref(), between.as_ref()]);
    assert_eq!(unset.status, Some(0), "{unset:#?}");
    assert_eq!(
        call(&["project".as_ref(), "show".as_ref(), "web".as_ref()]).stdout,
        "[ROOT]/projects/a b\n[ROOT]/projects\n"
    );
}
