//! Several processes that change one file at once, of which none loses a change, and files that would keep one waiting.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use venvwrap_core::config::edit;

use crate::support::program::{call, make_fifo, output_in_time, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

const ROUNDS: usize = 10;
const PROCESSES: usize = 10;

fn finish(children: Vec<Child>) {
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let mut command = program(sandbox, arguments);
    command.env("VIRTUAL_ENV", sandbox.env_path("a"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn every_directory_that_is_added_at_once_is_there() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("a");
    for round in 0..ROUNDS {
        let names: Vec<_> = (0..PROCESSES).map(|process| format!("/srv/{round} {process}")).collect();
        finish(names.iter().map(|name| start(&sandbox, &["__do", "add2virtualenv", name])).collect());
    }
    let site = env.join("lib/python3.11/site-packages");
    let text = fs::read_to_string(site.join("_virtualenv_path_extensions.pth")).unwrap();
    let added = text.lines().filter(|line| line.starts_with("/srv/")).count();
    assert_eq!(added, ROUNDS * PROCESSES);
    assert_eq!(fs::read_dir(site).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn every_toggle_counts() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("a");
    // Missing means visible, so that an odd number of toggles hides them.
    for round in 0..ROUNDS {
        let before = fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
        finish((0..=PROCESSES).map(|_| start(&sandbox, &["__do", "toggleglobalsitepackages", "-q"])).collect());
        let after = fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
        assert_ne!(before.contains("site-packages = false"), after.contains("site-packages = false"), "{round}");
    }
}

#[test]
fn every_key_that_is_set_at_once_is_set() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("config.toml", "# mine\n");
    let keys = ["python", "project_home", "hook_dir", "creator", "creator_args", "installer", "picker", "cd"];
    for round in 0..ROUNDS {
        let text = round.to_string();
        let value = |key: &str| match key {
            "picker" | "cd" => if round % 2 == 0 { "true" } else { "false" }.to_string(),
            "installer" => ["pip", "uv"][round % 2].to_string(),
            _ => format!("/srv/{text}"),
        };
        let set = |key: &&str| {
            let mut command = program(&sandbox, &["config", "set", key, &value(key)]);
            command.env("VENVWRAP_CONFIG", &file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        finish(keys.iter().map(set).collect());
        for key in keys {
            assert_eq!(edit::get(&file, key).unwrap(), Some(value(key)), "{key} in round {round}");
        }
    }
    assert!(fs::read_to_string(&file).unwrap().starts_with("# mine\n"));
}

#[test]
fn no_command_waits_for_a_pipe_in_the_place_of_a_file() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("a");
    let site = env.join("lib/python3.11/site-packages");
    for file in [site.join("_virtualenv_path_extensions.pth"), env.join(".project"), env.join("venvwrap.toml")] {
        make_fifo(&file);
    }
    make_fifo(&sandbox.path("home/.bashrc"));
    let commands: [&[&str]; 7] = [
        &["__do", "lssitepackages"],
        &["__do", "add2virtualenv", "/srv"],
        &["project", "show", "a"],
        &["list"],
        &["show", "a"],
        &["setup", "--shell", "bash", "--yes"],
        &["remove", "a"],
    ];
    for arguments in commands {
        drop(output_in_time(program(&sandbox, arguments).env("VIRTUAL_ENV", &env)));
    }
}

/// On a machine of many users, whoever may read a directory may lock it.
#[test]
fn a_lock_of_one_who_may_change_nothing_is_not_waited_for() {
    if !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    let (Some(setpriv), Some(flock)) = (find_program("setpriv"), find_program("flock")) else { return };
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("a");
    for directory in [sandbox.path(""), sandbox.path("envs"), env.clone()] {
        fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
    }
    let mut stranger = Command::new(setpriv);
    stranger.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(flock).arg("-x").arg(&env);
    stranger.args(["sh", "-c", "echo locked; read line"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut stranger = stranger.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(stranger.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "locked\n");
    for arguments in [&["__plan", "bash", "workon", "a"][..], &["list"], &["project", "set", "a", "projects"]] {
        fs::create_dir_all(sandbox.path("projects")).unwrap();
        let mut command = program(&sandbox, arguments);
        let outcome = Outcome::new(&sandbox, &command.current_dir(sandbox.path("")).output().unwrap());
        assert_eq!(outcome.status, Some(0), "{arguments:?}: {outcome:#?}");
    }
    let outcome = call(&sandbox, &["variables", "set", "-n", "a", "NAME=value"]);
    let told = format!(
        "could not lock `[ROOT]/envs/a`: process {} of the user `nobody` keeps it locked, and may change nothing in it\n\
         hint: run `chmod go-r '[ROOT]/envs/a'`, and end that process or ask for it to be ended\n",
        stranger.id()
    );
    assert!(outcome.stderr.ends_with(&told), "{outcome:#?}");
    drop(stranger.stdin.take());
    stranger.wait().unwrap();
    assert_eq!(call(&sandbox, &["variables", "set", "-n", "a", "NAME=value"]).status, Some(0));
}
