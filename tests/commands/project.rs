//! What changes an association, and the verbs that show and change them.

use std::fs;
use std::path::Path;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};
use crate::switching::scenario::{associate, program};

fn place() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    for name in ["api", "web"] {
        sandbox.make_env(name);
    }
    for directory in ["api", "web", "worktree"] {
        fs::create_dir_all(sandbox.path("projects").join(directory)).unwrap();
    }
    sandbox
}

fn fails(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap"))).args(arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?} {output:?}");
    sandbox.normalise(&String::from_utf8_lossy(&output.stderr))
}

#[test]
fn directories_are_set_listed_shown_and_unset() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    program(&sandbox, &["project", "set", "--add", "api", "../projects/worktree"]);
    assert_eq!(program(&sandbox, &["project", "list"]), "[ROOT]/projects/api  api\n[ROOT]/projects/worktree  api\n");
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
fn the_function_adds_a_directory_too() {
    let sandbox = place();
    program(&sandbox, &["__do", "setvirtualenvproject", "api", "../projects/api"]);
    program(&sandbox, &["__do", "setvirtualenvproject", "--add", "api", "../projects/worktree"]);
    assert_eq!(program(&sandbox, &["project", "show", "api"]), "[ROOT]/projects/api\n[ROOT]/projects/worktree\n");
}

#[test]
fn what_other_tools_write_is_found_and_what_has_gone_is_marked() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    sandbox.write("envs/api/.project", format!("\r\n{}\r\n\r\n", project.display()));
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::rename(&project, sandbox.path("projects/moved")).unwrap();
    assert_eq!(program(&sandbox, &["project", "list"]), "[ROOT]/projects/api  api  (missing)\n");
    let json: serde_json::Value = serde_json::from_str(&program(&sandbox, &["project", "list", "--json"])).unwrap();
    assert_eq!(json[0]["missing"], true);
    fs::remove_dir_all(sandbox.env_path("api")).unwrap();
    assert_eq!(program(&sandbox, &["project", "list"]), "");
}

#[test]
fn removing_an_environment_ends_its_association() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    let tree = sandbox.path("home/.local/state/venvwrap/auto");
    let entry = tree.join(sandbox.path("projects/api/@env").strip_prefix("/").unwrap());
    assert!(entry.exists());
    program(&sandbox, &["remove", "api"]);
    assert!(!entry.exists());
}

#[test]
fn a_copy_takes_nothing_from_the_original() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    associate(&sandbox, "api", &project);
    program(&sandbox, &["project", "set", "--add", "api", "../projects/worktree"]);
    let both = "[ROOT]/projects/api  api\n[ROOT]/projects/worktree  api\n";
    // Its name is the first of those that name the project.
    program(&sandbox, &["copy", "api", "a"]);
    assert_eq!(program(&sandbox, &["project", "list"]), both);
    program(&sandbox, &["remove", "a"]);
    assert_eq!(program(&sandbox, &["project", "list"]), both);
    program(&sandbox, &["copy", "api", "a"]);
    program(&sandbox, &["remove", "api"]);
    assert_eq!(program(&sandbox, &["project", "list"]), "[ROOT]/projects/api  a\n");
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
        assert_eq!(program(&sandbox, &["project", "list"]).lines().count(), expected, "{verb}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_used_costs_only_the_switching() {
    let sandbox = place();
    sandbox.write("home/.local/state", "a file");
    program(&sandbox, &["project", "set", "api", "../projects/api"]);
    assert_eq!(program(&sandbox, &["project", "show", "api"]), "[ROOT]/projects/api\n");
    program(&sandbox, &["__plan", "bash", "auto", "/"]);
    program(&sandbox, &["__plan", "bash", "workon", "api"]);
    program(&sandbox, &["remove", "api"]);
    assert!(fails(&sandbox, &["allow"]).contains("could not create"));
}

#[test]
fn links_for_editors_and_adopted_environments() {
    let sandbox = place();
    program(&sandbox, &["link", "api", "../projects/api"]);
    let text = fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap();
    assert_eq!(sandbox.normalise(&text), "[ROOT]/envs/api\n");
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["adopt", "../projects/web/.venv"]).contains("already exists"));
    program(&sandbox, &["adopt", "../projects/web/.venv", "web2"]);
    assert_eq!(program(&sandbox, &["list", "-b"]), "api\nweb\nweb2\n");
    assert!(fails(&sandbox, &["link", "api", "../projects/web"]).contains("already exists"));
}

#[test]
fn keys_of_the_configuration() {
    let sandbox = place();
    program(&sandbox, &["config", "set", "picker", "false"]);
    program(&sandbox, &["config", "set", "python", "3.12"]);
    assert_eq!(program(&sandbox, &["config", "get", "picker"]), "false\n");
    assert_eq!(program(&sandbox, &["config", "list"]), "picker = false\npython = 3.12\n");
    program(&sandbox, &["config", "unset", "picker"]);
    assert_eq!(fails(&sandbox, &["config", "get", "picker"]), "");
    assert!(fails(&sandbox, &["config", "set", "nothing", "1"]).contains("there is no key `nothing`"));
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
