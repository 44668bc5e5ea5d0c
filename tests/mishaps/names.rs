//! Names that some program takes for paths, options, code or terminal commands: refused or taken as they are.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::support::program::{call, create_arguments, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell, run};

/// Names that no command takes, because they are not one component of a path.
const PATHS: &[&str] = &["", "..", "../x", "a/../../x", "keep/../../precious", "/abs", "a/b", "../precious", "//", "/"];

/// Names that nothing new may get.
const REFUSED: &[&[u8]] = &[
    b".",
    b" ",
    b"   ",
    b"-",
    b"-rf",
    b"--help",
    b"-dash",
    b"~",
    b"~root",
    b".trash",
    b".git",
    b"..x",
    b"a\"b",
    b"$(touch PWN)",
    b"`touch PWN`",
    b"';touch PWN;'\\",
    b"\";touch PWN;\"",
    b"a\";touch PWN;\"b",
    b"x'$(touch PWN)'y",
    b"$(touch$IFS$9PWN)",
    b"${x:-$(touch PWN)}",
    b"%n%m%(?..$(touch PWN))",
    b"\\$(touch PWN)",
    b"\\w\\u\\h",
    b"$HOME",
    b"a\nb",
    b"tnl\n",
    b"a\tb",
    b"a\r",
    b"a\x01\x1b[31mb",
    b"\x1b]0;title\x07",
    b"\x1b[2J",
    b"\xff\xfe",
    b"a\xff\xfeb",
    b"a\\b\\",
    b"a:b",
    b"x\"\nhome = attacker\nprompt = \"z",
    "a\u{2028}home = evil".as_bytes(),
    "a\u{85}b".as_bytes(),
    "a\u{202e}b".as_bytes(),
    &[b'n'; 256],
];

/// Names that are odd but only names.
const TAKEN: &[&[u8]] = &[
    b"a b",
    b"it's",
    b"';touch PWN;'",
    b"x'(touch PWN)'y",
    "é漢😀".as_bytes(),
    "e\u{301}".as_bytes(),
    "a\u{a0}b".as_bytes(),
    b"*",
    b"a*b?[c]",
    b"%n%#",
    b"a!b",
    b"a!b%p c",
    b"py!env",
    b"!NAME!",
    b"%PATH%",
    b"a&b;c|d",
    b";ls",
    b"<a>",
    b"#x",
    b"{a,b}",
    b"A=b",
    b"x@1",
    b"^a",
    b"(x)",
    b"CON",
    b"nul.txt",
    b"a.",
    b"Foo",
    b"foo",
    b"pyvenv.cfg",
    b"activate",
    b"create",
    &[b'n'; 200],
];

fn name(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// A store with one environment, and next to it what must stay as it is.
fn prepare(sandbox: &Sandbox) {
    sandbox.make_env("keep");
    sandbox.write("precious/pyvenv.cfg", "");
    sandbox.write("precious/bin/activate", "touch PWN\n");
    sandbox.write_program("precious/bin/true", "#!/bin/sh\ntouch PWN\n");
    sandbox.write("x/pyvenv.cfg", "");
    sandbox.write("home/.keep", "");
}

/// Everything but the environments and what the program keeps for itself.
fn outside(sandbox: &Sandbox) -> Vec<OsString> {
    ["", "home", "precious", "precious/bin", "x", "projects"]
        .iter()
        .flat_map(|dir| names_in(&sandbox.path(dir)))
        .collect()
}

fn with_name(sandbox: &Sandbox, before: &[&str], name: &OsStr, after: &[&str]) -> Outcome {
    let words = before.iter().map(OsStr::new).chain([name]).chain(after.iter().map(OsStr::new));
    call(sandbox, &words.collect::<Vec<_>>())
}

/// Commands that take names alone.
fn by_name(sandbox: &Sandbox, name: &OsStr) -> [(&'static str, Outcome); 3] {
    let call = |before: &[&str]| with_name(sandbox, before, name, &[]);
    [
        ("create", call(&["create", "--no-seed", "--"])),
        ("workon", call(&["__plan", "bash", "workon", "--"])),
        ("remove", call(&["remove", "--"])),
    ]
}

fn four_commands(sandbox: &Sandbox, name: &OsStr) -> [(&'static str, Outcome); 4] {
    let [create, workon, remove] = by_name(sandbox, name);
    [create, workon, remove, ("run", with_name(sandbox, &["run", "--"], name, &["true"]))]
}

/// `workon` has the words of virtualenvwrapper: without a name it lists, and a name that cannot be is not there.
#[track_caller]
fn assert_refused(command: &str, name: &OsStr, outcome: &Outcome, words: &str) {
    let context = format!("{command} `{}`", name.display());
    if command == "workon" && name.is_empty() {
        assert!(
            outcome.stdout.contains("__venvwrap_run 'remember' ") && outcome.stdout.contains("'choices'"),
            "{context}: {outcome:#?}"
        );
    } else if command != "workon" || !outcome.stderr.starts_with("ERROR: Environment '") {
        outcome.fails_with_hint(&context, words);
    } else {
        // virtualenvwrapper's line is a hint in itself; a path never gets that far.
        assert!(words.is_empty() || name == ".", "{context}: {outcome:#?}");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""), "{context}: {outcome:#?}");
        assert!(!outcome.stderr.contains(|c: char| c.is_control() && c != '\n'), "{context}: {outcome:#?}");
    }
}

#[test]
fn paths_are_refused_by_what_takes_names() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let before = outside(&sandbox);
    for path in PATHS {
        for (command, outcome) in by_name(&sandbox, OsStr::new(path)) {
            // Where the path is that of an environment, that is what is wrong.
            let is_one = outcome.stderr.contains("` is a directory, not the name of an environment\n");
            let words = if is_one { "is a directory" } else { "is not a valid environment name" };
            assert_refused(command, OsStr::new(path), &outcome, words);
        }
        assert_eq!(outside(&sandbox), before, "{path:?}");
        assert_eq!(names_in(&sandbox.path("envs")), ["keep"], "{path:?}");
    }
}

#[test]
fn refused_names_leave_nothing() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let before = outside(&sandbox);
    for bytes in REFUSED {
        for (command, outcome) in four_commands(&sandbox, &name(bytes)) {
            assert_refused(command, &name(bytes), &outcome, "");
        }
        assert_eq!(outside(&sandbox), before, "{:?}", name(bytes));
        assert_eq!(names_in(&sandbox.path("envs")), ["keep"], "{:?}", name(bytes));
    }
}

#[test]
fn options_are_not_taken_for_names() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    for command in ["create", "remove", "run"] {
        for name in ["-rf", "-\x1b]0;title\x07", "--\x1b[2J", "-\n"] {
            let outcome = call(&sandbox, &[command, name]);
            assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{outcome:#?}");
            assert!(!outcome.stderr.contains(|c: char| c.is_control() && c != '\n'), "{outcome:#?}");
        }
    }
    assert_eq!(names_in(&sandbox.path("envs")), ["keep"]);
}

#[test]
fn odd_names_are_only_names() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let before = outside(&sandbox);
    for bytes in TAKEN {
        let name = name(bytes);
        let context = format!("{name:?}");
        call(&sandbox, &create_arguments(&python, &name, &["--no-seed"])).succeeds(&context);
        let listed = program(&sandbox, &["list", "-b"]).output().unwrap().stdout;
        assert!(listed.split(|&byte| byte == b'\n').any(|line| line == *bytes), "{context}");
        let script = ["run", "--", "NAME", "python", "-c", "import sys; print(sys.prefix)"].map(OsStr::new);
        let script = script.map(|word| if word == "NAME" { name.as_os_str() } else { word });
        let output = program(&sandbox, &script).output().unwrap();
        assert_eq!(output.stdout.trim_ascii_end(), sandbox.env_path(&name).as_os_str().as_bytes(), "{context}");
        let remove = [OsStr::new("remove"), OsStr::new("--"), &name];
        call(&sandbox, &remove).succeeds(&context);
        assert!(!sandbox.env_path(&name).exists(), "{context}");
        assert_eq!(outside(&sandbox), before, "{context}");
    }
}

#[test]
fn names_that_other_tools_made_are_handled() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let names = [REFUSED, TAKEN].concat().into_iter().filter(|bytes| {
            // Not a directory's name, or hidden: neither is ever an environment. The stand-in's script quotes the last
            // kind in a way that cannot be told from a hole.
            let is_hidden = bytes.starts_with(b".") || bytes.len() > 255 || std::str::from_utf8(bytes).is_err();
            !(is_hidden || bytes.contains(&b'\'') && bytes.ends_with(b"\\"))
        });
        let mut script = String::new();
        let mut expected = String::new();
        for bytes in names {
            sandbox.make_env(name(bytes));
            sandbox.write_program(
                std::path::Path::new("envs").join(name(bytes)).join("bin/python"),
                "#!/bin/sh\ntouch PWN\n",
            );
            let quoted = String::from_utf8(shell.quote(bytes)).unwrap();
            let _ = writeln!(script, "workon -- {quoted}; report in\ndeactivate; report out");
            let _ = writeln!(
                expected,
                "in: status=0 env=[ROOT]/envs/{} cwd=[ROOT]/home\nout: status=0 env= cwd=[ROOT]/home",
                String::from_utf8_lossy(bytes)
            );
        }
        run(sandbox, shell, &script).prints(shell.name(), &expected);
        script.clear();
        for bytes in [REFUSED, TAKEN].concat() {
            let Ok(quoted) = String::from_utf8(shell.quote(bytes)) else { continue };
            let _ = writeln!(script, "rmvirtualenv -- {quoted}");
        }
        let outcome = run(sandbox, shell, &script);
        assert!(outcome.stdout.lines().all(|line| line.starts_with("Removing ")), "{outcome:#?}");
        // The files are deleted in the background, and fish keeps its own in the home directory.
        for directory in ["envs", "home"] {
            let mut left = names_in(&sandbox.path(directory)).into_iter();
            assert_eq!(left.find(|name| !name.as_bytes().starts_with(b".")), None, "{outcome:#?}");
        }
    });
}

#[test]
fn hostile_names_in_a_shell_change_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        prepare(sandbox);
        let _ = run(sandbox, shell, "");
        let before = outside(sandbox);
        let names = PATHS.iter().map(|path| path.as_bytes()).chain(REFUSED.iter().copied());
        let names: Vec<_> = names.filter_map(|bytes| String::from_utf8(shell.quote(bytes)).ok()).collect();
        for function in ["mkvirtualenv --no-seed", "workon", "rmvirtualenv"] {
            let lines: Vec<_> = names.iter().map(|name| format!("{function} -- {name}; report end")).collect();
            let outcome = run(sandbox, shell, &lines.join("\n"));
            assert_eq!(outcome.stdout.matches("end: status=").count(), names.len(), "{function} {outcome:#?}");
            // As in virtualenvwrapper: no name means a list, and what is not there is as good as removed.
            let listed = usize::from(function == "workon" && PATHS.contains(&""));
            let missing = outcome.stderr.matches("Did not find environment").count();
            assert_eq!(outcome.stdout.matches("status=0").count(), missing, "{function} {outcome:#?}");
            assert!(missing == 0 || function == "rmvirtualenv", "{function} {outcome:#?}");
            let errors = outcome.stderr.to_lowercase().matches("error: ").count();
            assert_eq!(errors + missing + listed, names.len(), "{function} {outcome:#?}");
            assert_eq!(outside(sandbox), before, "{function}");
            assert_eq!(names_in(&sandbox.path("envs")), ["keep"], "{function}");
        }
    });
}
