//! `venvwrap project`: what changes an association, and what shows it.

use std::fs;
use std::path::Path;

use crate::support::associations::{associate, fails, place, program, projects};
use crate::support::program::call;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};

#[test]
fn directories_are_set_listed_shown_and_unset() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    program(&sandbox, &["project", "set", "--add", "api", "../projects/worktree"]);
    assert_eq!(projects(&sandbox), ["[ROOT]/projects/api api", "[ROOT]/projects/worktree api"]);
    assert_eq!(program(&sandbox, &["project", "show", "api"]), "[ROOT]/projects/api\n[ROOT]/projects/worktree\n");
    assert_eq!(program(&sandbox, &["project", "which", "../projects/worktree/"]), "[ROOT]/envs/api\n");
    program(&sandbox, &["project", "set", "api", "../projects/web"]);
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n", "by its name now");
    assert!(fails(&sandbox, &["project", "which", "../projects"]).contains("no environment belongs to"));
    program(&sandbox, &["project", "unset", "api", "../projects/worktree"]);
    assert!(fails(&sandbox, &["project", "unset", "api", "../projects/worktree"]).contains("is not a project"));
    program(&sandbox, &["project", "unset", "api"]);
    assert_eq!(program(&sandbox, &["project", "list"]), "");
    assert!(fails(&sandbox, &["project", "show", "api"]).contains("has no project directory"));
}

#[test]
fn a_removal_forgets_every_directory_and_a_copy_takes_none_away() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    program(&sandbox, &["project", "set", "--add", "api", "../projects/worktree"]);
    program(&sandbox, &["copy", "api", "copied"]);
    let entry = |name: &str| {
        let root = sandbox.path("projects").join(name);
        sandbox.path("home/.local/state/venvwrap/auto").join(root.strip_prefix("/").unwrap()).join("@env")
    };
    assert!(fs::read_to_string(entry("api")).unwrap().contains("/envs/api\n"));
    program(&sandbox, &["remove", "api"]);
    assert!(!entry("api").exists() && !entry("worktree").exists());
    let outside = sandbox.path("projects/web/.venv");
    fs::rename(sandbox.path("envs/web"), &outside).unwrap();
    sandbox.write("projects/web/.venv/.project", format!("{}\n", sandbox.path("projects/web").display()));
    program(&sandbox, &["adopt", outside.to_str().unwrap()]);
    assert!(fs::read_to_string(entry("web")).unwrap().contains("/envs/web\n"));
}

#[test]
fn what_other_tools_write_is_found_and_what_has_gone_is_marked() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    sandbox.write("envs/api/.project", format!("\r\n{}\r\n\r\n", project.display()));
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::rename(&project, sandbox.path("projects/moved")).unwrap();
    assert_eq!(projects(&sandbox), ["[ROOT]/projects/api (missing) api"]);
    let json: serde_json::Value = serde_json::from_str(&program(&sandbox, &["project", "list", "--json"])).unwrap();
    assert_eq!(json[0]["missing"], true);
    fs::remove_dir_all(sandbox.env_path("api")).unwrap();
    assert_eq!(program(&sandbox, &["project", "list"]), "");
}

#[test]
fn many_programs_may_change_associations_at_once() {
    let sandbox = place();
    let names: Vec<_> = (0..8).map(|number| format!("many{number}")).collect();
    for name in &names {
        sandbox.make_env(name);
        fs::create_dir_all(sandbox.path("projects").join(name)).unwrap();
    }
    for verb in ["set", "unset", "set"] {
        let start = |name: &String| {
            let mut command = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap")));
            command.args(["project", verb, name]).arg(sandbox.path("projects").join(name));
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        };
        let children: Vec<_> = names.iter().map(start).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success(), "{verb}");
        }
        let expected = if verb == "set" { names.len() } else { 0 };
        assert_eq!(projects(&sandbox).len(), expected, "{verb}");
    }
}

#[test]
fn the_list_as_json() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    associate(&sandbox, "web", &sandbox.path("projects/it's \"odd\" $(touch PWN)"));
    fs::remove_dir(sandbox.path("projects/api")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["project", "list", "--json"]).whole(), @r#"
    --- standard output
    [
      {
        "added": false,
        "directory": "[ROOT]/projects/api",
        "environment": "api",
        "missing": true,
        "path": "[ROOT]/envs/api"
      },
      {
        "added": false,
        "directory": "[ROOT]/projects/it's \"odd\" $(touch PWN)",
        "environment": "web",
        "missing": false,
        "path": "[ROOT]/envs/web"
      }
    ]
    --- standard error
    `[ROOT]/projects/api` no longer exists; if it has moved, run `venvwrap project set api DIR`
    --- status 0
    "#);
    let odd = "[ROOT]/projects/it's \"odd\" $(touch PWN) web";
    assert_eq!(projects(&sandbox), ["[ROOT]/projects/api (missing) api", odd]);
}

#[test]
fn which_says_what_it_found_and_why() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    insta::assert_snapshot!(call(&sandbox, &["project", "which", "../projects/api"]).whole(), @"
    --- standard output
    [ROOT]/envs/api
    --- standard error
    `[ROOT]/projects/api` is associated with it
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["project", "which", "../projects/worktree"]).whole(), @"
    --- standard error
    error: no environment belongs to `[ROOT]/projects/worktree`
    hint: `venvwrap project set NAME DIR` associates one
    --- status 1
    ");
}

#[test]
fn which_says_what_has_to_be_trusted_first() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("projects/web")).unwrap();
    fs::rename(sandbox.make_env("api"), sandbox.path("projects/web/.venv")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["project", "which", "../projects/web"]).whole(), @"
    --- standard error
    warning: `[ROOT]/projects/web/.venv` is not trusted yet
    error: no environment that you trust belongs to `[ROOT]/projects/web`
    hint: `venvwrap allow '[ROOT]/projects/web'` trusts the directory
    --- status 1
    ");
}

/// A directory `api` that is the project of `web`, where there is also an environment `api`: `workon .` and
/// `project which` have one answer, and the prompt hook has the same.
#[test]
fn every_question_about_a_directory_has_one_answer() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in ["api", "web"] {
            sandbox.make_env(name);
        }
        let project = sandbox.path("projects/api");
        fs::create_dir_all(&project).unwrap();
        associate(sandbox, "web", &project);
        assert_eq!(program(sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/web\n");
        let script = "cd ../projects/api; workon .; report 1";
        run(sandbox, shell, script).prints(shell.name(), "1: status=0 env=[ROOT]/envs/web cwd=[ROOT]/projects/api\n");
    });
}
