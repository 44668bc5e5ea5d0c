//! Ctrl-C while an environment is created.

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::program::{output_in_time, program, residue, wait_until};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::skip;
use crate::support::trace::under_strace;

/// A creator that interrupts the program that has started it, and stays until that has ended.
const INTERRUPTS: &str =
    "#!/bin/sh\nmkdir -p \"$1/half\"\nkill -INT $PPID\nwhile [ \"$(ps -o ppid= -p $$)\" -eq $PPID ]; do :; done\n";

#[test]
fn what_was_begun_is_removed_and_one_line_says_so() {
    for signal in ["INT", "TERM"] {
        let sandbox = Sandbox::new();
        sandbox.write_program("bin/creator", &INTERRUPTS.replace("INT", signal));
        let mut command = program(&sandbox, &["create", "web"]);
        let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
        command.env("PATH", path).env("VIRTUALENVWRAPPER_VIRTUALENV", "creator");
        let outcome = Outcome::new(&sandbox, &output_in_time(&mut command));
        let status = if signal == "INT" { 130 } else { 143 };
        assert_eq!(outcome.status, Some(status), "{outcome:#?}");
        assert!(outcome.stderr.trim_start().starts_with("interrupted: `web` was not created\n"), "{outcome:#?}");
        wait_until("the work directory goes", || residue(&sandbox.env_path("")).is_empty());
        // Where the program had no time to note what was made, that stays: it may be the user's.
    }
}

/// Wherever the signal comes: in a directory of other files, too.
#[test]
fn a_directory_of_other_files_becomes_a_whole_environment_or_none() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    let mut seen = [false; 2];
    for (number, (call, signal)) in ["symlink", "mkdir", "renameat2"]
        .iter()
        .flat_map(|call| ["INT", "TERM"].map(|signal| (call, signal)))
        .enumerate()
    {
        for when in [1, 2, 4] {
            let name = format!("web-{number}-{when}");
            sandbox.write(format!("home/{name}/bin/tool"), "precious");
            let mut command = program(&sandbox, &["venv", "--no-seed", "-p", python.to_str().unwrap(), &name]);
            command.current_dir(sandbox.path("home"));
            let calls = format!("?{call},?{call}at");
            let inject = format!("inject={calls}:signal={signal}:when={when}");
            // Not for what sweeps afterwards: it is another program.
            let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject];
            let Some(mut traced) = under_strace(&command, &options) else { return skip("no `strace`") };
            let outcome = Outcome::new(&sandbox, &traced.output().unwrap());
            let root = sandbox.path("home").join(&name);
            wait_until("what it has left goes", || residue(&root).is_empty());
            assert_eq!(residue(&sandbox.path("home")), Vec::<std::path::PathBuf>::new(), "{call} {when}");
            let is_made = root.join("pyvenv.cfg").exists();
            seen[usize::from(is_made)] = true;
            let parts = ["venvwrap.toml", "include", "lib", "bin/python", "bin/activate"];
            for part in parts.map(|part| root.join(part)) {
                assert_eq!(part.symlink_metadata().is_ok(), is_made, "{call} {when} {}: {outcome:#?}", part.display());
            }
            let says_none = outcome.stderr.contains("was not created");
            assert_eq!((says_none, outcome.status == Some(0)), (!is_made, is_made), "{call} {when}: {outcome:#?}");
            assert_eq!(std::fs::read(root.join("bin/tool")).unwrap(), b"precious");
        }
    }
    assert_eq!(seen, [true; 2]);
}

/// A limit of the size of files is an error of writing, and what was begun goes.
#[test]
fn a_limit_of_the_size_of_files_is_told() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    let limited = |limit: &str, words: &[&str]| {
        let mut command = std::process::Command::new("/bin/sh");
        let call = program(&sandbox, words);
        command.args(["-c", &format!("ulimit -f {limit}; exec \"$@\""), "sh"]).arg(call.get_program());
        command.args(call.get_args()).current_dir(call.get_current_dir().unwrap()).env_clear();
        command.envs(call.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    let create = ["create", "-p", python.to_str().unwrap(), "--no-seed", "web"];
    let outcome = limited("1", &create);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert!(outcome.stderr.contains("File too large"), "{outcome:#?}");
    wait_until("what was begun goes", || residue(&sandbox.env_path("")).is_empty());
    assert_eq!(limited("unlimited", &create).status, Some(0));
    // Other programs are ended by it, as ever.
    let outcome = limited("0", &["run", "web", "sh", "-c", "echo x > x; echo survived"]);
    assert!(!outcome.stdout.contains("survived") && outcome.status != Some(0), "{outcome:#?}");
}

#[test]
fn an_installation_that_was_interrupted_leaves_the_environment() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nkill -INT $PPID\nexit 2\n");
    let python = python.display().to_string();
    let mut command = program(&sandbox, &["create", "web", "--no-seed", "-p", &python, "-i", "six"]);
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let outcome = Outcome::new(&sandbox, &command.env("PATH", path).output().unwrap());
    assert_eq!(outcome.status, Some(130), "{outcome:#?}");
    let expected = "interrupted: not all packages are installed; the environment itself is ready\n";
    assert!(outcome.stderr.ends_with(expected) && !outcome.stderr.contains("error"), "{outcome:#?}");
    assert!(sandbox.env_path("web/pyvenv.cfg").is_file());
}

#[test]
fn packages_that_were_not_restored_leave_the_environment_as_it_was() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nkill -INT $PPID\nexit 2\n");
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let call = |arguments: &[&str]| {
        let output = program(&sandbox, arguments).env("PATH", &path).output().unwrap();
        Outcome::new(&sandbox, &output)
    };
    let python = python.display().to_string();
    assert_eq!(call(&["create", "web", "--no-seed", "-p", &python]).status, Some(0));
    let file = sandbox.write("six.txt", "six==1.17.0\n");
    let inode = || std::os::unix::fs::MetadataExt::ino(&sandbox.env_path("web").metadata().unwrap());
    let before = inode();
    let restore = ["restore", "web", file.to_str().unwrap()];
    let outcome = call(&restore);
    assert_eq!(outcome.status, Some(130), "{outcome:#?}");
    assert!(
        outcome.stderr.ends_with("interrupted: `web` is as it was\n") && !outcome.stderr.contains("error"),
        "{outcome:#?}"
    );
    assert_eq!(inode(), before);
    wait_until("the work directory goes", || residue(&sandbox.env_path("")).is_empty());
    let outcome = call(&[&restore[..], &["--in-place"]].concat());
    assert_eq!(outcome.status, Some(130), "{outcome:#?}");
    let expected = "interrupted: some packages may have changed\n\
        hint: the same command again finishes it\n";
    assert!(outcome.stderr.ends_with(expected), "{outcome:#?}");
}

/// The signal is for the program alone, as that of `kill`: the installer has not heard of it.
#[test]
fn an_installer_that_goes_on_is_interrupted_as_well() {
    let Some(python) = crate::support::program::python() else { return };
    let python = python.display().to_string();
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let sandbox = Sandbox::new();
        sandbox.write_program("bin/uv", &format!("#!/bin/sh\nkill -{signal} $PPID\nexec tail -f /dev/null\n"));
        let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
        let mut command = program(&sandbox, &["create", "web", "--no-seed", "-p", &python, "-i", "six"]);
        let outcome = Outcome::new(&sandbox, &output_in_time(command.env("PATH", path)));
        assert_eq!(outcome.status, Some(status), "{outcome:#?}");
    }
}

/// A terminal has told the installer already, which needs a while to end.
#[test]
fn ctrl_c_reaches_an_installer_once() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    let log = sandbox.path("log");
    let installer = "#!/bin/bash\ntrap 'echo told >> \"$0.log\"' INT\necho at work\n\
                     until [ -e \"$0.log\" ]; do read -rt 0.05 <> <(:); done\n\
                     for n in {1..30}; do read -rt 0.05 <> <(:); done\nexit 2\n";
    sandbox.write_program("bin/uv", &installer.replace("$0.log", log.to_str().unwrap()));
    let before = format!("export PATH='{}':$PATH", sandbox.path("bin").display());
    let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, &before, (24, 120));
    terminal.press(&format!("venvwrap create web --no-seed -p '{}' -i six\r", python.display()));
    terminal.read_until(b"at work");
    terminal.press("\x03");
    terminal.read_until(b"the environment itself is ready");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "told\n");
}

/// The first of two has no packages, so that it is upgraded before an installer is called.
#[test]
fn an_upgrade_that_was_interrupted_says_what_it_has_changed() {
    let Some(python) = crate::support::program::python() else { return };
    let python = python.display().to_string();
    for signal in ["INT", "TERM"] {
        let sandbox = Sandbox::new();
        sandbox.write_program("bin/uv", &format!("#!/bin/sh\nkill -{signal} $PPID\nexit 2\n"));
        let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
        let call = |arguments: &[&str]| {
            let output = program(&sandbox, arguments).env("PATH", &path).output().unwrap();
            Outcome::new(&sandbox, &output)
        };
        let inode = |name: &str| std::os::unix::fs::MetadataExt::ino(&sandbox.env_path(name).metadata().unwrap());
        for name in ["api", "shop", "web"] {
            assert_eq!(call(&["create", name, "--no-seed", "-p", &python]).status, Some(0));
        }
        let library = sandbox.env_path("shop/lib").read_dir().unwrap().next().unwrap().unwrap().path();
        sandbox.write(library.join("site-packages/six-1.dist-info/METADATA"), "Name: six\nVersion: 1\n");
        for (names, expected) in [
            (&["shop"][..], "nothing was changed"),
            (&["api", "shop", "web"], "`api` was upgraded, all others are as they were"),
        ] {
            let before = ["shop", "web"].map(inode);
            let api = inode("api");
            let outcome = call(&[&["upgrade", "-p", &python][..], names].concat());
            assert_eq!(outcome.status, Some(if signal == "INT" { 130 } else { 143 }), "{outcome:#?}");
            let expected = format!("interrupted: {expected}\n");
            assert!(outcome.stderr.ends_with(&expected), "{signal}: {outcome:#?}");
            assert!(!outcome.stderr.contains("error"), "{signal}: {outcome:#?}");
            assert_eq!((["shop", "web"].map(inode), inode("api") == api), (before, names.len() == 1));
        }
        wait_until("the work directory goes", || residue(&sandbox.env_path("")).is_empty());
    }
}

/// A signal in the midst of what belongs together waits for its end.
#[test]
fn what_has_begun_is_finished() {
    let sandbox = Sandbox::new();
    sandbox.make_env("web");
    let interrupted = |arguments: &[&str], when: u32| {
        let inject = format!("inject=?renameat2:signal=INT:when={when}");
        let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=?renameat2", "-e", &inject];
        let mut traced = under_strace(&program(&sandbox, arguments), &options)?;
        Some(Outcome::new(&sandbox, &output_in_time(&mut traced)))
    };
    let is_there = |name: &str| sandbox.env_path(name).join("bin/activate").exists();
    for when in 1..4 {
        for (arguments, name, is_made) in
            [(&["copy", "web", "b"][..], "b", true), (&["remove", "b"], "b", false), (&["undo"], "b", true)]
        {
            let Some(outcome) = interrupted(arguments, when) else { return skip("no `strace`") };
            assert_eq!((outcome.status, is_there(name)), (Some(0), is_made), "{arguments:?} {when}: {outcome:#?}");
        }
        wait_until("the work directory goes", || residue(&sandbox.env_path("")).is_empty());
        let outcome = Outcome::new(&sandbox, &program(&sandbox, &["remove", "--now", "b"]).output().unwrap());
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    }
}

/// Those that are not removed yet stay, and what was removed can come back.
#[test]
fn the_rest_of_a_removal_is_left_out() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        sandbox.make_env(name);
    }
    let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=?renameat2", "-e"];
    let options = [&options[..], &["inject=?renameat2:signal=INT:when=1"]].concat();
    let Some(mut traced) = under_strace(&program(&sandbox, &["remove", "a", "b", "c"]), &options) else {
        return skip("no `strace`");
    };
    let outcome = Outcome::new(&sandbox, &output_in_time(&mut traced));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(130), "interrupted: `b` was not removed\n"));
    let is_there = ["a", "b", "c"].map(|name| sandbox.env_path(name).exists());
    assert_eq!(is_there, [false, true, true], "{outcome:#?}");
}
