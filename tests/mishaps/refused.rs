//! Files that the system refuses to read or change: the error names the path, and the hint is about what refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::program::program;
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

/// The user id of a user who owns nothing.
const NOBODY: &str = "65534";

/// Calls the program as a user who may not write to the home directory, which belongs to root; where the tests do not run
/// as root, it is write-protected instead. Returns what happened and the hint to expect.
fn call_without_permission(sandbox: &Sandbox, arguments: &[&str]) -> Option<(Outcome, String)> {
    let home = sandbox.path("home");
    let plain = program(sandbox, arguments);
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(&home, Permissions::from_mode(0o500)).unwrap();
        return Some((run(sandbox, plain), "run `chmod u+rwx '[ROOT]/home'`".to_string()));
    }
    let setpriv = find_program("setpriv")?;
    fs::set_permissions(sandbox.path(""), Permissions::from_mode(0o755)).unwrap();
    // Nobody may enter the directory in which the program was built.
    let copy = sandbox.path("bin/copy");
    fs::copy(plain.get_program(), &copy).unwrap();
    let mut command = Command::new(setpriv);
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(copy).args(plain.get_args());
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir("/");
    Some((run(sandbox, command), "`[ROOT]/home` belongs to root, who can give you permission".to_string()))
}

/// Commands with a path that permissions hide, which stands for the braces.
const WITH_A_HIDDEN_PATH: [&[&str]; 21] = [
    &["show", "api"],
    &["path", "api"],
    &["run", "api", "true"],
    &["remove", "api"],
    &["freeze", "api"],
    &["check", "api"],
    &["snapshot", "api"],
    &["repair", "api"],
    &["rename", "api", "new"],
    &["copy", "api", "new"],
    &["__plan", "bash", "workon", "api"],
    &["copy", "{}", "new"],
    &["adopt", "{}", "new"],
    &["copy", "{}/bin", "new"],
    &["adopt", "{}/bin", "new"],
    &["create", "--no-seed", "-r", "{}/requirements.txt", "new"],
    &["create", "--no-seed", "-a", "{}/bin", "new"],
    &["create", "--no-seed", "-p", "{}/bin/python", "new"],
    &["create", "--no-seed", "-p", "{}/bin", "new"],
    &["create", "--no-seed", "-p", "{}", "new"],
    &["deny", "{}/bin"],
];

#[test]
fn what_permissions_hide_is_not_said_to_be_missing() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    let is_root = rustix::process::geteuid().is_root();
    let Some(setpriv) = find_program("setpriv").filter(|_| is_root).or_else(|| (!is_root).then(|| "".into())) else {
        return skip("setpriv is not there");
    };
    fs::set_permissions(sandbox.path(""), Permissions::from_mode(0o755)).unwrap();
    let copy = sandbox.path("bin/copy");
    fs::copy(program(&sandbox, &["list"]).get_program(), &copy).unwrap();
    fs::set_permissions(&env, Permissions::from_mode(if is_root { 0o700 } else { 0 })).unwrap();
    let hint = if is_root {
        "hint: `[ROOT]/envs/api` belongs to root, who can give you permission\n"
    } else {
        "hint: run `chmod u+rwx '[ROOT]/envs/api'`\n"
    };
    for arguments in WITH_A_HIDDEN_PATH {
        let arguments: Vec<_> = arguments.iter().map(|word| word.replace("{}", env.to_str().unwrap())).collect();
        let plain = program(&sandbox, &arguments);
        let mut command = if is_root { Command::new(&setpriv) } else { Command::new(&copy) };
        if is_root {
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(&copy);
        }
        command.args(&arguments).env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let outcome = run(&sandbox, {
            command.current_dir("/");
            command
        });
        let is_said = outcome.stderr.contains("Permission denied") && outcome.stderr.ends_with(hint);
        assert!(is_said && outcome.stderr.lines().count() == 2, "{arguments:?}: {outcome:#?}");
        // Of commands that compare, 1 is an answer.
        let status = if arguments[0] == "check" { 2 } else { 1 };
        assert_eq!(outcome.status, Some(status), "{arguments:?}: {outcome:#?}");
    }
    fs::set_permissions(&env, Permissions::from_mode(0o700)).unwrap();
}

fn run(sandbox: &Sandbox, mut command: Command) -> Outcome {
    Outcome::new(sandbox, &command.output().unwrap())
}

#[test]
fn a_home_directory_that_cannot_be_written_is_the_one_to_blame() {
    let sandbox = Sandbox::new();
    let Some((outcome, hint)) = call_without_permission(&sandbox, &["setup", "--yes", "bash"]) else { return };
    assert_eq!(
        outcome.stderr,
        format!("error: could not create `[ROOT]/home/.bashrc`: Permission denied (os error 13)\nhint: {hint}\n")
    );
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""), "{outcome:#?}");
    assert!(!sandbox.path("home/.bashrc").exists());
}

#[test]
fn a_start_up_file_below_a_file_is_named() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("file", "precious");
    let outcome = run(&sandbox, {
        let mut command = program(&sandbox, &["setup", "--yes", "zsh"]);
        command.env("ZDOTDIR", &file);
        command
    });
    assert_eq!(outcome.stderr, "error: could not read `[ROOT]/file/.zshrc`: Not a directory (os error 20)\n");
    assert_eq!(fs::read_to_string(file).unwrap(), "precious");
}

#[test]
fn a_full_device_is_named_also_where_it_takes_the_output() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return skip("there is no `/dev/full`");
    }
    let sandbox = Sandbox::new();
    let mut command = program(&sandbox, &["init", "bash"]);
    command.stdout(fs::OpenOptions::new().write(true).open(full).unwrap());
    let outcome = run(&sandbox, command);
    assert_eq!(
        outcome.stderr,
        "error: could not write to the standard output: No space left on device (os error 28)\n"
    );
}

#[test]
fn what_others_may_write_to_is_not_trusted_until_exactly_that_is_changed() {
    let sandbox = Sandbox::new();
    let project = sandbox.path("projects/it's");
    fs::create_dir(&project).unwrap();
    fs::write(project.join(".env"), "").unwrap();
    fs::set_permissions(&project, Permissions::from_mode(0o777)).unwrap();
    let arguments = ["allow".as_ref(), project.as_os_str()];
    let outcome = run(&sandbox, program(&sandbox, &arguments));
    assert_eq!(
        outcome.stderr,
        "error: could not allow `[ROOT]/projects/it's`: `[ROOT]/projects/it's` is writable by other users\n\
         hint: run `chmod go-w '[ROOT]/projects/it'\\''s'`\n"
    );
    let hint = format!("chmod go-w '{}'", project.to_str().unwrap().replace('\'', r"'\''"));
    assert!(Command::new("sh").args(["-c", &hint]).status().unwrap().success());
    let outcome = run(&sandbox, program(&sandbox, &arguments));
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
}
