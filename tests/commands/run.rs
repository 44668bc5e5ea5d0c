//! `venvwrap run`: the command takes the program's place, with its status, its signals and its input.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use crate::support::program::{call, names_in, output_in_time, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_bare_env("a b");
    sandbox.write_program("envs/a b/bin/tool", "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"\n");
    sandbox
}

#[test]
fn the_status_is_that_of_the_command() {
    let sandbox = sandbox();
    for status in [0, 1, 3, 42, 255] {
        let outcome = call(&sandbox, &["run", "a b", "sh", "-c", &format!("exit {status}")]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(status), ""), "{outcome:#?}");
    }
    for signal in [9, 15] {
        let output = program(&sandbox, &["run", "a b", "sh", "-c", &format!("kill -{signal} $$")]).output().unwrap();
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn an_environment_is_named_by_its_path() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let venv = ["venv", "--no-seed", "-p", python.to_str().unwrap(), "."];
    std::fs::create_dir(sandbox.path("home/web")).unwrap();
    let there = |words: &[&str]| {
        let output = program(&sandbox, words).current_dir(sandbox.path("home/web")).output().unwrap();
        Outcome::new(&sandbox, &output)
    };
    assert_eq!(there(&venv).status, Some(0));
    let code = "import os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'])";
    for path in ["../web", "../web/", sandbox.path("home/web").to_str().unwrap()] {
        let outcome = there(&["run", path, "python", "-c", code]);
        assert_eq!(outcome.succeeds(path), "[ROOT]/home/web [ROOT]/home/web\n");
    }
}

#[test]
fn signals_reach_the_command() {
    let sandbox = sandbox();
    let script = "trap 'echo got it; exit 7' TERM; echo ready; while :; do read x || :; done";
    let mut command = program(&sandbox, &["run", "a b", "sh", "-c", script]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    // A shell that is reading looks at the signal when it has read.
    let _ = child.stdin.take().unwrap().write_all(b"\n");
    assert_eq!(lines.next().unwrap().unwrap(), "got it");
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn what_cannot_be_run_has_the_status_of_shells() {
    let sandbox = sandbox();
    sandbox.write("envs/a b/bin/plain", "");
    sandbox.write("home/plain", "");
    sandbox.write_program("home/dead", "#!/nowhere/python\n");
    std::fs::create_dir(sandbox.path("home/directory")).unwrap();
    let cases = [
        ("nowhere-at-all", 127),
        ("./nowhere", 127),
        ("/nowhere/at/all", 127),
        ("", 127),
        ("plain", 126),
        ("./plain", 126),
        ("./directory", 126),
        ("./dead", 126),
    ];
    for (command, status) in cases {
        let outcome = call(&sandbox, &["run", "a b", command]);
        outcome.fails(command, "could not run");
        assert_eq!(outcome.status, Some(status), "{command:?} {outcome:#?}");
    }
    call(&sandbox, &["run", "a b", "./dead"]).fails("dead", "the interpreter that its first line names does not exist");
    let words = "could not run `nowhere-at-all`: it is neither in `a b` nor on PATH";
    call(&sandbox, &["run", "a b", "nowhere-at-all"]).fails("nowhere", words);
    // What the current directory holds is not on PATH.
    call(&sandbox, &["run", "nowhere", "true"]).fails_with_hint("no environment", "no environment is named");
}

#[test]
fn all_arguments_are_the_commands() {
    let sandbox = sandbox();
    let expected = |rest: &str| format!("<[ROOT]/envs/a b/bin/tool>{rest}");
    let cases: [(&[&str], &str); 5] = [
        (&["tool", "--help", "-x", "", "a b", "$(touch PWN)"], "<--help><-x><><a b><$(touch PWN)>"),
        (&["tool", "--", "-x"], "<--><-x>"),
        (&["--", "tool", "--", "-x"], "<--><-x>"),
        (&["tool", "--version"], "<--version>"),
        (&["--", "tool"], ""),
    ];
    for (arguments, rest) in cases {
        let outcome = call(&sandbox, &[&["run", "a b"], arguments].concat());
        let rest = if rest.is_empty() { String::new() } else { rest.to_string() };
        assert_eq!(outcome.succeeds(&format!("{arguments:?}")), expected(&rest));
    }
}

#[test]
fn the_command_sees_the_environment() {
    let sandbox = sandbox();
    let other = sandbox.make_bare_env("other");
    let script = "printf '%s\\n' \"$VIRTUAL_ENV\" \"$PATH\" \"${PYTHONHOME-unset}\"; cat";
    let mut command = program(&sandbox, &["run", "a b", "sh", "-c", script]);
    let path = format!("{0}/bin:/usr/bin:/bin", other.display());
    command.env("VIRTUAL_ENV", &other).env("PATH", path).env("PYTHONHOME", "/nowhere").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"what is typed").unwrap();
    let outcome = Outcome::new(&sandbox, &child.wait_with_output().unwrap());
    let expected = "[ROOT]/envs/a b\n[ROOT]/envs/a b/bin:/usr/bin:/bin\nunset\nwhat is typed";
    assert_eq!(outcome.succeeds("run"), expected);
}

#[test]
fn no_other_python_runs_in_the_place_of_a_missing_one() {
    let sandbox = sandbox();
    let env = sandbox.env_path("a b");
    let outside = sandbox.path("outside");
    let record = "lib/python3.11/site-packages/tool-1.dist-info/RECORD";
    sandbox.write(format!("envs/a b/{record}"), "../../../bin/console,sha256=x,1\n");
    let names = ["python", "python3", "python3.11", "pip", "pip3", "pip3.11", "console", "linked"];
    for name in names.iter().chain(&["python3.9", "unrelated"]) {
        sandbox.write_program(format!("outside/{name}"), "#!/bin/sh\necho outside\n");
    }
    for name in ["python", "linked"] {
        std::os::unix::fs::symlink("/nowhere/bin/python3", env.join("bin").join(name)).unwrap();
    }
    let run = |path: &str, name: &str| {
        let mut command = program(&sandbox, &["run", "a b", name]);
        Outcome::new(&sandbox, &command.env("PATH", path).output().unwrap())
    };
    let path = format!("{}:/usr/bin:/bin", outside.display());
    for name in names {
        let outcome = run(&path, name);
        outcome.fails_with_hint(name, "is not a part of it");
        assert_eq!(outcome.status, Some(126), "{name} {outcome:#?}");
        assert!(outcome.stderr.ends_with("`venvwrap repair 'a b'` repairs the environment\n"), "{outcome:#?}");
    }
    for name in ["python3.9", "unrelated"] {
        assert_eq!(run(&path, name).succeeds(name), "outside\n");
    }
    assert_eq!(run("/nowhere", "python").status, Some(126));
    assert_eq!(run("/nowhere", "pip").status, Some(127));
}

#[test]
fn the_hint_at_an_untrusted_directory_leads_to_its_environment() {
    let sandbox = sandbox();
    let project = sandbox.path("projects/it's \"odd\" $(touch PWN)");
    std::fs::create_dir_all(project.join("sub")).unwrap();
    std::fs::rename(sandbox.make_env("api"), project.join(".venv")).unwrap();
    let run = || {
        let mut command = program(&sandbox, &["run", ".", "sh", "-c", "echo \"$VIRTUAL_ENV\""]);
        Outcome::new(&sandbox, &command.current_dir(project.join("sub")).output().unwrap())
    };
    let refused = run();
    assert!(refused.stderr.contains("error: no environment that you trust belongs to `"), "{refused:#?}");
    let line = refused.stderr.lines().last().unwrap();
    let hint = line.strip_prefix("hint: `venvwrap ").unwrap().strip_suffix("` trusts the directory").unwrap();
    let mut shell = sandbox.command("/bin/sh".as_ref());
    let words = hint.replace("[ROOT]", &sandbox.path("").display().to_string());
    let line = format!("'{}' {words}", env!("CARGO_BIN_EXE_venvwrap"));
    assert!(shell.args(["-c", &line]).output().unwrap().status.success(), "{line}");
    assert_eq!(run().stdout, "[ROOT]/projects/it's \"odd\" $(touch PWN)/.venv\n");
    assert!(!sandbox.path("home/PWN").exists() && !project.join("sub/PWN").exists());
}

#[test]
fn a_script_of_a_dead_interpreter_cannot_be_executed() {
    let sandbox = sandbox();
    let python = sandbox.env_path("a b/bin/python");
    for head in [
        "#!/nowhere/bin/python\n".to_string(),
        format!("#!/bin/sh\n'''exec' '{}' \"$0\" \"$@\"\n' '''\n", python.display()),
        "#! /nowhere/bin/python3 -E\n".to_string(),
    ] {
        sandbox.write_program("envs/a b/bin/console", &head);
        let outcome = call(&sandbox, &["run", "a b", "console"]);
        outcome.fails_with_hint(&head, "does not exist");
        assert_eq!(outcome.status, Some(126), "{head} {outcome:#?}");
    }
}

#[test]
fn a_temporary_environment_is_gone_afterwards() {
    let Some(python) = python() else { return };
    let sandbox = sandbox();
    let script = "import os, sys; print(sys.prefix == os.environ['VIRTUAL_ENV'], sys.argv[1:]); sys.exit(7)";
    let python = python.to_str().unwrap();
    let outcome = call(&sandbox, &["run", "--tmp", "-p", python, "python", "-c", script, "-V", "--tmp"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("True ['-V', '--tmp']\n", Some(7)), "{outcome:#?}");
    let outcome = call(&sandbox, &["run", "--tmp", "-p", python, "sh", "-c", "kill -9 $$"]);
    assert_eq!(outcome.status, Some(137), "{outcome:#?}");
    let outcome = call(&sandbox, &["run", "--tmp", "-p", python, "no-such-command"]);
    assert_eq!(outcome.status, Some(127), "{outcome:#?}");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\n");
    for wrong in [&["run", "--tmp"][..], &["run", "-i", "x", "a b", "sh"]] {
        assert_eq!(call(&sandbox, wrong).status, Some(2), "{wrong:?}");
    }
    for wrong in [&["run", "--tmp"][..], &["run", "--tmp", "-i", "six"]] {
        let told = call(&sandbox, wrong).stderr;
        assert!(told.contains("<COMMAND>") && !told.contains("  <NAME>"), "{wrong:?}: {told}");
    }
    for wrong in [&["run", "nope", "--tmp", "true"][..], &["run", "a b", "-p", python, "--tmp", "true"]] {
        let outcome = call(&sandbox, wrong);
        outcome.fails_with_hint(&format!("{wrong:?}"), "`--tmp` takes the place of the name");
        assert_eq!(outcome.status, Some(2), "{wrong:?}");
    }
}

/// Whether this test itself was started by `nohup`.
fn ignores_hangups(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")?.trim().chars().last()?.to_digit(16));
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn what_an_interruption_means_is_up_to_the_command_and_nothing_is_left() {
    use std::os::unix::process::CommandExt;
    let Some(python) = python() else { return };
    let sandbox = sandbox();
    let python = python.to_str().unwrap();
    // A shell cannot catch a signal that was ignored when it began, as in a job in the background; Python can.
    let caught = "import os, signal, sys
signal.signal(signal.SIGINT, lambda *_: print('no', flush=True))
os.kill(0, signal.SIGINT)
print('on')
sys.exit(3)";
    // The loop ends also where the signal does not arrive.
    let ended = "trap 'echo end; exit 4' TERM; kill $PPID; i=0; while [ $i -lt 999999 ]; do i=$((i+1)); done";
    // As a terminal that is closed, and as Ctrl-\.
    let (closed, quit) = (ended.replace("TERM", "HUP").replace("kill", "kill -HUP"), caught.replace("INT", "QUIT"));
    for (interpreter, script, expected, status) in [
        ("python", caught, "no\non\n", 3),
        ("python", &quit, "no\non\n", 3),
        ("sh", ended, "end\n", 4),
        ("sh", &closed, "end\n", 4),
    ] {
        if script == closed && std::fs::read_to_string("/proc/self/status").is_ok_and(|text| ignores_hangups(&text)) {
            continue;
        }
        let mut command = program(&sandbox, &["run", "--tmp", "-p", python, interpreter, "-c", script]);
        let outcome = Outcome::new(&sandbox, &command.process_group(0).output().unwrap());
        assert_eq!((outcome.stdout.as_str(), outcome.status), (expected, Some(status)), "{outcome:#?}");
        assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\n", "{script}");
    }
}

/// The signal is for the program alone, as that of `kill`, and the command would go on for ever.
#[test]
fn what_is_sent_to_the_program_alone_ends_the_command_and_nothing_is_left() {
    let Some(python) = python() else { return };
    let sandbox = sandbox();
    let python = python.to_str().unwrap();
    for (signal, status) in [("INT", 130), ("QUIT", 131), ("TERM", 143), ("HUP", 129)] {
        if signal == "HUP" && std::fs::read_to_string("/proc/self/status").is_ok_and(|text| ignores_hangups(&text)) {
            continue;
        }
        let script = format!("kill -{signal} $PPID; exec tail -f /dev/null");
        let words = ["run", "--tmp", "-p", python, "sh", "-c", &script];
        let outcome = Outcome::new(&sandbox, &output_in_time(&mut program(&sandbox, &words)));
        assert_eq!(outcome.status, Some(status), "{signal}: {outcome:#?}");
        assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\n", "{signal}");
    }
}

/// The script of pip is dead and pip is not: whoever is told to install it again must not need the script.
#[test]
fn a_dead_script_of_pip_is_written_again_by_pip_itself() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let created = call(&sandbox, &["create", "--no-setuptools", "-p", python.to_str().unwrap(), "api"]);
    assert_eq!(created.status, Some(0), "{created:#?}");
    let hint = |way: &str| {
        let outcome = call(&sandbox, &["run", "api", "pip", "-V"]);
        outcome.fails_with_hint(way, "the interpreter `/nowhere/python` of");
        assert!(outcome.status == Some(126) && outcome.stderr.contains(way), "{outcome:#?}");
    };
    sandbox.write_program("envs/api/bin/pip", "#!/nowhere/python\n");
    hint("`venvwrap run api python -m pip install --force-reinstall --no-deps pip` writes it again");
    let doctor = call(&sandbox, &["doctor", "api"]);
    let fix = "venvwrap run api python -m pip install --force-reinstall --no-deps 'pip==";
    assert!(doctor.stdout.contains(fix), "{doctor:#?}");
    let works = call(&sandbox, &["run", "api", "python", "-m", "pip", "-V"]);
    assert!(works.status == Some(0) && works.stdout.starts_with("pip "), "{works:#?}");
    let lib = sandbox.env_path("api/lib");
    std::fs::remove_dir_all(lib.join(&names_in(&lib)[0]).join("site-packages/pip")).unwrap();
    hint("`venvwrap run api python -m ensurepip` installs pip");
}

/// Its package is there, and names it.
#[test]
fn a_program_that_is_gone_is_written_again_by_its_package() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let created = call(&sandbox, &["create", "--no-setuptools", "-p", python.to_str().unwrap(), "api"]);
    assert_eq!(created.status, Some(0), "{created:#?}");
    let lib = sandbox.env_path("api/lib");
    let site = lib.join(&names_in(&lib)[0]).join("site-packages");
    sandbox.write(site.join("tool-1.2.dist-info/METADATA"), "Name: tool\nVersion: 1.2\n");
    sandbox.write(site.join("tool-1.2.dist-info/RECORD"), "../../../bin/my-tool,,\n../../../bin/other,,\n");
    let env = sandbox.env_path("api");
    sandbox.write_program("envs/api/bin/other", "#!/bin/sh\n");
    for is_dangling in [false, true] {
        if is_dangling {
            std::os::unix::fs::symlink("/nowhere", env.join("bin/my-tool")).unwrap();
        }
        let outcome = call(&sandbox, &["run", "api", "my-tool"]);
        let way = "`venvwrap run api python -m pip install --force-reinstall --no-deps 'tool==1.2'` writes it again";
        assert!(outcome.status == Some(127 - i32::from(is_dangling)), "{outcome:#?}");
        assert!(outcome.stderr.contains(way), "{outcome:#?}");
        let doctor = call(&sandbox, &["doctor", "--deep", "api"]);
        assert!(doctor.stdout.contains("/bin/my-tool` of tool 1.2 is gone [packages-altered]\n"), "{doctor:#?}");
        assert!(doctor.stdout.contains("python -m pip install --force-reinstall --no-deps 'tool==1.2'"), "{doctor:#?}");
    }
    let outcome = call(&sandbox, &["run", "api", "nobodys-tool"]);
    assert!(outcome.status == Some(127) && !outcome.stderr.contains("hint: "), "{outcome:#?}");
    // pip works without its script.
    std::fs::remove_file(env.join("bin/my-tool")).unwrap();
    sandbox.write_program("envs/api/bin/my-tool", "#!/bin/sh\n");
    std::fs::remove_file(env.join("bin/pip3")).unwrap();
    let doctor = call(&sandbox, &["doctor", "--deep", "api"]);
    assert!(doctor.stdout.contains("`pip3` is gone") && doctor.stdout.contains("venvwrap repair api"), "{doctor:#?}");
}
