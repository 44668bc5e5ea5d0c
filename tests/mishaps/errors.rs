//! Typical errors, whole: what a user reads, and the status that a script sees.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};

fn whole(arguments: &[&str]) -> String {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    sandbox.write("envs/notes/precious", "");
    call(&sandbox, arguments).whole()
}

/// Where several programs write to one log, what one of them says stays together.
#[test]
fn each_message_is_written_at_once() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    for (arguments, expected) in [
        (&["show", "nowhere"][..], &["error: no environment is named `nowhere`\nhint: `venvwrap list` lists"][..]),
        (&["show", "--nix"], &["error: unexpected argument '--nix' found\n\nUsage: "]),
        (&["link", "api", "."], &["`~/.venv` points to "]),
    ] {
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        let mut command = program(&sandbox, arguments);
        command.current_dir(sandbox.path("home")).stdout(Stdio::null()).stderr(OwnedFd::from(theirs));
        command.status().unwrap();
        drop(command);
        ours.set_nonblocking(true).unwrap();
        let mut buffer = [0; 4096];
        let mut told = Vec::new();
        while let Ok(length @ 1..) = ours.recv(&mut buffer) {
            told.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
        assert_eq!(told.len(), expected.len(), "{arguments:?}: {told:?}");
        let are_whole = told.iter().zip(expected).all(|(told, start)| told.starts_with(start) && told.ends_with('\n'));
        assert!(are_whole, "{arguments:?}: {told:?}");
    }
}

#[test]
fn names() {
    insta::assert_snapshot!(whole(&["show", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `venvwrap list` lists your environments; `venvwrap create nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "../escape"]), @r#"
    --- standard error
    error: "../escape" is not a valid environment name: it contains `/`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["create", "a\x1b[31mb"]), @r#"
    --- standard error
    error: "a\u{1b}[31mb" is not a valid environment name: it contains `\u{1b}`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["remove", "notes"]), @"
    --- standard error
    error: could not remove `notes`: `[ROOT]/envs/notes` is not an environment
    hint: `--force` removes the directory anyway
    --- status 1
    ");
}

#[test]
fn creation() {
    insta::assert_snapshot!(whole(&["create", "-p", "/nowhere/python", "new"]), @"
    --- standard error
    error: could not create `new`: `/nowhere/python` does not exist
    hint: `venvwrap pythons` lists the interpreters that `--python` can name
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "-p", "9.99", "new"]), @"
    --- standard error
    error: could not create `new`: no Python found for `9.99`
    hint: found: 3.11, pypy3.9
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "-r", "missing.txt", "new"]), @"
    --- standard error
    error: the requirements file `missing.txt` does not exist
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["copy", "api", "api"]), @"
    --- standard error
    error: could not copy `api` as `api`: `api` already exists
    hint: choose another name, or remove it first with `venvwrap remove`
    --- status 1
    ");
}

#[test]
fn commands_and_keys() {
    insta::assert_snapshot!(whole(&["run", "api", "no-such-command"]), @"
    --- standard error
    error: could not run `no-such-command`: it is neither in `api` nor on PATH
    --- status 127
    ");
    insta::assert_snapshot!(whole(&["config", "set", "nothing", "1"]), @"
    --- standard error
    error: there is no key `nothing`
    hint: the keys are auto, auto_repair, cd, creator, creator_args, default_packages, hook_dir, install_python, installer, keep, link_mode, picker, project_filename, project_home, python, seed_update, trash_keep, trash_max, workon_home
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["config", "set", "picker", "perhaps"]), @"
    --- standard error
    error: `picker` cannot be `perhaps`: it must be `true` or `false`
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["project", "show", "api"]), @"
    --- standard error
    error: `api` has no project directory
    hint: `venvwrap project set api DIR` sets one
    --- status 1
    ");
}

#[test]
fn usage() {
    insta::assert_snapshot!(whole(&["creat"]), @"
    --- standard error
    error: unrecognized subcommand 'creat'

      tip: a similar subcommand exists: 'create'

    Usage: venvwrap <COMMAND>

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["list", "--shoort"]), @"
    --- standard error
    error: unexpected argument '--shoort' found

      tip: a similar argument exists: '--sort'

    Usage: venvwrap list --sort <COLUMN> [PATTERN]...

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["__do", "lsvirtualenv", "-x"]), @"
    --- standard error
    error: unexpected argument '-x' found

    Usage: lsvirtualenv [OPTIONS] [PATTERN]...

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["init", "tcsh"]), @"
    --- standard output
    false
    --- standard error
    error: invalid value 'tcsh' for '[SHELL]'
      [possible values: bash, zsh, fish]

    For more information, try '--help'.
    --- status 2
    ");
    let similar = |verb| format!("tip: a similar subcommand exists: '{verb}'");
    let call = |call| format!("tip: venvwrap has `venvwrap {call}` for that");
    for (typed, tip) in [
        ("rnu", similar("run")),
        ("lits", similar("list")),
        ("new", call("create NAME")),
        ("which", call("project which")),
    ] {
        assert!(whole(&[typed]).contains(&tip), "{}", whole(&[typed]));
    }
    assert!(!whole(&["frobnicate"]).contains("tip:") && !whole(&["kernel", "rnu"]).contains("tip:"));
    insta::assert_snapshot!(whole(&["repair"]), @"
    --- standard error
    error: the following required arguments were not provided:
      <--all|NAME>

    Usage: venvwrap repair [OPTIONS] <NAME>...
           venvwrap repair [OPTIONS] --all

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["__do", "rmvirtualenv"]), @"
    --- standard error
    Please specify an environment.
    --- status 1
    ");
}

#[test]
fn deployment() {
    insta::assert_snapshot!(whole(&["pack", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `venvwrap list` lists your environments; `venvwrap create nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["unpack", "nowhere.tar.gz"]), @"
    --- standard error
    error: could not read `[ROOT]/home/nowhere.tar.gz`: No such file or directory (os error 2)
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["send", "--", "api", "-oProxyCommand=x"]), @"
    --- standard error
    error: `-oProxyCommand=x` is not `[USER@]HOST[:DIR]`
    hint: write `server:/srv/api`, and an address as `[2001:db8::1]:/srv/api`
    --- status 1
    ");
}

#[test]
fn what_is_no_environment() {
    // A name of a file is none that anybody would create.
    insta::assert_snapshot!(whole(&["bundle", "web.bundle.tar"]), @"
    --- standard error
    error: no environment is named `web.bundle.tar`
    hint: `venvwrap list` lists your environments
    --- status 1
    ");
    // The directory has no environment, whatever is named like it.
    insta::assert_snapshot!(whole(&["path", "."]), @"
    --- standard error
    error: no environment belongs to `[ROOT]/home`
    hint: `venvwrap create -a . NAME` creates one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["__do", "showvirtualenv", "."]), @"
    --- standard error
    error: no environment belongs to `[ROOT]/home`
    hint: `mkvirtualenv -a . NAME` creates one
    --- status 1
    ");
    // What was typed is wrong, whether or not an environment is active.
    insta::assert_snapshot!(whole(&["diff", "apo"]), @"
    --- standard error
    error: no environment is named `apo`
    hint: did you mean `api`?
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["pack", "api", "--dest", "rel"]), @"
    --- standard error
    error: `--dest rel` is a relative path
    hint: name the directory on the other machine, as in `--dest /opt/venvs/web`
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["package", "api", "--deb", "--dest", "rel"]), @"
    --- standard error
    error: `--dest rel` is a relative path
    hint: name the directory on the other machine, as in `--dest /opt/venvs/web`
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["package", "api", "--deb", "--name", "b"]), @"
    --- standard error
    error: could not make a package from `api`: `b` is not a valid package name
    hint: `--name` sets one: two or more of letters, digits, `+`, `-` and `.`
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "new", "-p", "3.7"]), @"
    --- standard error
    error: could not create `new`: `3.7` asks for a Python older than 3.8
    hint: venvwrap creates environments for Python 3.8 and later
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "a$b"]), @r#"
    --- standard error
    error: "a$b" is not a valid environment name: it contains `$`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["create", "new", "--from", "nowhere/b.tar"]), @"
    --- standard error
    error: could not read `[ROOT]/home/nowhere/b.tar`: No such file or directory (os error 2)
    hint: there is no directory `[ROOT]/home/nowhere`
    --- status 1
    ");
}

#[test]
fn lifecycle() {
    insta::assert_snapshot!(whole(&["undo"]), @"
    --- standard error
    error: could not undo: no removed environment is kept
    hint: what was removed is kept for a day, unless `trash_keep` says otherwise or the disk is almost full
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["rename", "api", "../escape"]), @r#"
    --- standard error
    error: "../escape" is not a valid environment name: it contains `/`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["upgrade", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `venvwrap list` lists your environments; `venvwrap create nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["repair", "nowhere"]), @"
    --- standard error
    error: could not repair `nowhere`: no environment is named `nowhere`
    hint: `venvwrap list` lists your environments; `venvwrap create nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["kernel", "remove", "nowhere"]), @"
    --- standard error
    error: removed no kernel: no kernel has the id `nowhere`
    hint: `venvwrap kernel list` lists the kernels
    --- status 1
    ");
}

#[test]
fn what_people_try_who_know_other_tools() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    std::fs::rename(sandbox.env_path("api"), sandbox.path("home/.venv")).unwrap();
    for path in [".venv", "./.venv", "./.venv/"] {
        for arguments in [&["snapshot", path][..], &["activate", path], &["restore", path]] {
            let outcome = call(&sandbox, arguments);
            let hint = format!("hint: `venvwrap adopt '{path}' NAME` gives it a name\n");
            assert!(outcome.stderr.contains("` is a directory, not the name of an environment\n"), "{outcome:#?}");
            assert!(outcome.stderr.ends_with(&hint), "{outcome:#?}");
        }
        // What only reads takes the path.
        let shown = call(&sandbox, &["show", path]);
        let told = "hint: `./.venv` is the environment in this directory\n";
        assert_eq!(
            (shown.status == Some(0), shown.stderr.ends_with(told)),
            (path != ".venv", path == ".venv"),
            "{path}"
        );
    }
    let hint = |arguments: &[&str]| {
        let text = call(&sandbox, arguments).stderr;
        text.lines().rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
    };
    let previous =
        "hint: nothing stands for the previous environment; `venvwrap list --sort used` lists the last used first";
    assert_eq!(hint(&["run", "-", "ls"]), previous);
    for shell in ["--shell", "--shell=zsh"] {
        assert_eq!(hint(&["setup", shell, "zsh"]), "hint: name the shell alone, as in `venvwrap setup zsh`");
    }
    let pack = "hint: `venvwrap pack NAME` makes an archive of an environment that works in any directory";
    for verb in ["create", "venv"] {
        let outcome = call(&sandbox, &[verb, "--relocatable", "x"]);
        assert!(outcome.stderr.ends_with(&format!("{pack}\n")), "{outcome:#?}");
        assert!(!outcome.stderr.contains("similar") && outcome.status == Some(2), "{outcome:#?}");
    }
    assert!(call(&sandbox, &["create", "--editible", "x"]).stderr.contains("a similar argument exists: '--editable'"));
    assert!(!call(&sandbox, &["list", "--shell"]).stderr.contains("name the shell"));
}

#[test]
fn an_environment_that_nobody_can_create_is_not_to_be_created() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let outcome = run(sandbox, shell, "workon -; workon .hidden; workon web");
        let expected = [
            "ERROR: Environment '-' does not exist.",
            "hint: nothing stands for the previous environment; `lsvirtualenv --sort used` lists the last used first",
            "ERROR: Environment '.hidden' does not exist.",
            "hint: there are no environments yet",
            "ERROR: Environment 'web' does not exist. Create it with 'mkvirtualenv web'.",
        ];
        assert_eq!(outcome.stderr.lines().collect::<Vec<_>>(), expected, "{}", shell.name());
    });
}

#[test]
fn no_line_breaks_in_a_word_of_a_narrow_terminal() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let bin = sandbox.path("bin").display().to_string();
        let path = if shell == Shell::Fish { format!("set PATH $PATH '{bin}'") } else { format!("PATH=$PATH:'{bin}'") };
        let before = format!("export NO_COLOR=1\n{path}");
        let mut terminal = Terminal::open_real(sandbox, shell, &before, (24, 40));
        let mut shown = |line: &str| {
            terminal.press(&format!("{line}\r"));
            let text = terminal.wait_for_prompt().replace('\r', "");
            text.trim_end_matches("READY> ").to_string()
        };
        let name = shell.name();
        let text = shown("venvwrap show nowhere");
        let expected = "error: no environment is named `nowhere`\nhint: `venvwrap list` lists your\n      \
                        environments;\n      `venvwrap create nowhere` creates\n      this one\n";
        assert!(text.contains(expected), "{name}: {text:?}");
        let text = shown("workon nope");
        let expected = "ERROR: Environment 'nope' does not\n  exist. Create it with\n  'mkvirtualenv nope'.\n";
        assert!(text.contains(expected), "{name}: {text:?}");
        // What a program reads is one line each.
        let text = shown("venvwrap show x 2>&1 | cat");
        assert!(text.contains("your environments; `venvwrap create x` creates this one\n"), "{name}: {text:?}");
    });
}
