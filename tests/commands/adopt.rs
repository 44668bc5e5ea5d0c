//! `venvwrap adopt`.

use std::fs;

use crate::support::associations::{fails, place, program};
use crate::support::program::{call, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};

#[test]
fn adopted_environments() {
    let sandbox = place();
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["adopt", "../projects/web/.venv"]).contains("already exists"));
    insta::assert_snapshot!(program(&sandbox, &["adopt", "--json", "../projects/web/.venv", "web2"]), @r#"
    {
      "link": "[ROOT]/projects/web/.venv",
      "name": "web2",
      "path": "[ROOT]/envs/web2",
      "project": null
    }
    "#);
    assert_eq!(program(&sandbox, &["list", "-b"]), "api\nweb\nweb2\n");
}

#[test]
fn the_name_comes_from_the_project_unless_it_is_given() {
    let sandbox = Sandbox::new();
    for project in ["web", "it's odd"] {
        fs::create_dir_all(sandbox.path("projects").join(project).join(".venv/bin")).unwrap();
        fs::write(sandbox.path("projects").join(project).join(".venv/pyvenv.cfg"), "").unwrap();
    }
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects/web/.venv"]).whole(), @"
    --- standard error
    adopted `[ROOT]/projects/web/.venv` as `web`
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects/it's odd/.venv", "a name"]).whole(), @"
    --- standard error
    adopted `[ROOT]/projects/it's odd/.venv` as `a name`
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["list", "-b"]).whole(), @"
    --- standard output
    a name
    web
    --- status 0
    ");
    assert!(sandbox.env_path("web").is_symlink() && sandbox.env_path("a name").is_symlink());
}

#[test]
fn what_is_no_environment_is_refused() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects"]).whole(), @"
    --- standard error
    error: `[ROOT]/projects` is not an environment: it has neither `pyvenv.cfg` nor `bin/activate`
    hint: give the directory of an environment, such as `~/src/web/.venv`
    --- status 1
    ");
    assert!(crate::support::program::names_in(&sandbox.path("envs")).is_empty());
}

#[test]
fn what_is_not_there_is_said_before_its_name() {
    let sandbox = Sandbox::new();
    call(&sandbox, &["adopt", "../projects/.venvx"])
        .fails_with_hint("missing", "`[ROOT]/projects/.venvx` does not exist");
    sandbox.write("projects/.venvx/pyvenv.cfg", "");
    let named = call(&sandbox, &["adopt", "../projects/.venvx"]);
    named.fails_with_hint("name", "\".venvx\" is not a valid environment name");
    assert!(named.stderr.contains("hint: give a name: `venvwrap adopt '../projects/.venvx' NAME`"), "{named:#?}");
    std::os::unix::fs::symlink("self", sandbox.path("projects/self")).unwrap();
    call(&sandbox, &["adopt", "../projects/self", "x"]).fails_with_hint("loop", "Too many levels of symbolic links");
}

#[test]
fn environments_of_poetry_and_pipenv_get_the_names_of_their_projects() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let project = sandbox.path("projects/web");
    fs::create_dir_all(&project).unwrap();
    fs::write(project.join("pyproject.toml"), "").unwrap();
    // As poetry's `generate_env_name` makes it.
    let code = "import base64, hashlib, os, sys; \
        print(base64.urlsafe_b64encode(hashlib.sha256(os.fsencode(sys.argv[1])).digest()).decode()[:8])";
    let hash = std::process::Command::new(python).args(["-c", code]).arg(&project).output().unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let hash = hash.trim_end();
    let make = |name: &str| {
        let env = sandbox.path("cache").join(name);
        fs::create_dir_all(env.join("bin")).unwrap();
        fs::write(env.join("pyvenv.cfg"), "").unwrap();
        env
    };
    let env = make(&format!("web-{hash}-py3.12"));
    let mut command = crate::support::program::program(&sandbox, &["adopt", env.to_str().unwrap()]);
    let output = command.current_dir(&project).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("as `web`\n") && text.contains("set the project directory of `web` to"), "{text}");
    assert_eq!(fs::read_to_string(env.join(".project")).unwrap().trim_end(), project.to_str().unwrap());
    let env = make("api-aBcD3f_1");
    assert_eq!(call(&sandbox, &["adopt", env.to_str().unwrap()]).status, Some(0));
    // What poetry leaves in the store is no environment.
    sandbox.write("envs/envs.toml", "");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "api\nweb\n");
    let conda = make("conda");
    fs::create_dir(conda.join("conda-meta")).unwrap();
    call(&sandbox, &["adopt", conda.to_str().unwrap()]).fails_with_hint("conda", "is an environment of conda");
}

#[test]
fn workon_of_a_directory_asks_nothing_about_the_environment_that_it_activates() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let (project, env) = (sandbox.path("projects/web"), sandbox.path("cache/web-env"));
        fs::create_dir_all(&project).unwrap();
        let (env, python) = (env.to_str().unwrap(), python.to_str().unwrap());
        call(sandbox, &["venv", "--without-pip", "-p", python, env]).succeeds("venv");
        assert_eq!(call(sandbox, &["adopt", env, "web"]).status, Some(0));
        assert_eq!(call(sandbox, &["project", "set", "web", project.to_str().unwrap()]).status, Some(0));
        let outcome = run(sandbox, shell, "cd ../projects/web\nworkon .; report 1");
        assert!(outcome.stdout.contains("1: status=0 env=[ROOT]/cache/web-env"), "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr, "", "{}", shell.name());
        // Another environment, by the name of the directory: the other way is told.
        fs::rename(sandbox.env_path("web"), sandbox.env_path("other")).unwrap();
        sandbox.make_env("web");
        assert_eq!(call(sandbox, &["project", "set", "other", project.to_str().unwrap()]).status, Some(0));
        let outcome = run(sandbox, shell, "cd ../projects/web\nworkon .; report 1");
        assert!(outcome.stdout.contains("1: status=0 env=[ROOT]/envs/web"), "{}: {outcome:#?}", shell.name());
        let told = "`[ROOT]/envs/other` is not trusted yet; run `venvwrap allow` in `[ROOT]/projects/web`";
        assert!(outcome.stderr.contains(told), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_directory_without_a_name_wants_one() {
    let sandbox = Sandbox::new();
    for words in [&["adopt", "/"][..], &["create", "-a", "/"]] {
        let outcome = call(&sandbox, words);
        outcome.fails("no name", "is not a valid environment name");
        assert!(outcome.stderr.contains("hint: give a name"), "{words:?}: {outcome:#?}");
    }
    let empty = call(&sandbox, &["create", "x", "-i", ""]);
    assert_eq!((empty.status, empty.stderr.contains("it is empty")), (Some(2), true), "{empty:#?}");
    assert!(!sandbox.env_path("x").exists());
}
