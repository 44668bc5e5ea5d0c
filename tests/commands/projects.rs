//! `venvwrap create-project` step by step: when the hook runs, and what is left when the directory cannot be created.

use std::fs;

use crate::support::program::{names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn create_project(sandbox: &Sandbox, arguments: &[&str]) -> Option<Outcome> {
    let mut command = program(sandbox, &["create-project", "--no-seed", "-p"]);
    command.arg(python()?).args(arguments).env("PROJECT_HOME", sandbox.path("projects"));
    Some(Outcome::new(sandbox, &command.output().unwrap()))
}

#[test]
fn the_hook_runs_after_the_environment_and_before_the_directory() {
    let sandbox = Sandbox::new();
    let hook = "#!/bin/sh\nls -d \"$WORKON_HOME/$1\" \"$WORKON_HOME/../projects/$1\" >\"$HOME/seen\" 2>/dev/null\n";
    sandbox.write_program("envs/premkproject", hook);
    fs::create_dir_all(sandbox.path("projects")).unwrap();
    let Some(outcome) = create_project(&sandbox, &["it's"]) else { return };
    assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(sandbox.normalise(&fs::read_to_string(sandbox.path("home/seen")).unwrap()), "[ROOT]/envs/it's\n");
    assert!(sandbox.path("projects/it's").is_dir());
}

#[test]
fn an_environment_goes_again_when_its_project_cannot_be_created() {
    let sandbox = Sandbox::new();
    sandbox.write_program("envs/premkproject", "#!/bin/sh\necho precious >\"$WORKON_HOME/../projects/$1\"\n");
    fs::create_dir_all(sandbox.path("projects")).unwrap();
    let Some(outcome) = create_project(&sandbox, &["web"]) else { return };
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains("could not create the project `web`"), "{outcome:#?}");
    assert!(!sandbox.env_path("web").exists(), "{:?}", names_in(&sandbox.path("envs")));
    assert_eq!(fs::read_to_string(sandbox.path("projects/web")).unwrap(), "precious\n");
    // One that was there before stays.
    let mut command = program(&sandbox, &["create", "--no-seed", "-p"]);
    assert!(command.arg(python().unwrap()).arg("web").status().unwrap().success());
    fs::remove_file(sandbox.path("projects/web")).unwrap();
    assert_eq!(create_project(&sandbox, &["web"]).unwrap().status, Some(1));
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
    let add = call(&["project".as_ref(), "set".as_ref(), "--add".as_ref(), "web".as_ref(), home.as_ref()]);
    assert_eq!(add.stderr, "added `[ROOT]/new/envs` to the project directories of `web`\n");
}
