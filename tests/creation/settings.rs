//! What is set for the creator of environments takes effect where venvwrap is the creator, or is reported.

use std::path::Path;

use crate::support::program::{call, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell, run};
use crate::support::tools::virtualenv;

fn cfg(env: &Path, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
    text.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(" = ")?.to_string()))
}

/// Creates `a` again with these variables and options.
fn create(sandbox: &Sandbox, variables: &[(&str, &str)], options: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["create", "--clear", "--no-seed"], options, &["a"]].concat());
    Outcome::new(sandbox, &command.envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn arguments_for_the_creator_are_options_of_mkvirtualenv() {
    if python().is_none() {
        return;
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let set = |export: bool| match (shell.name(), export) {
            ("fish", true) => "set -gx VIRTUALENVWRAPPER_VIRTUALENV_ARGS",
            ("fish", false) => "set -g VIRTUALENVWRAPPER_VIRTUALENV_ARGS",
            (_, true) => "export VIRTUALENVWRAPPER_VIRTUALENV_ARGS=",
            (_, false) => "VIRTUALENVWRAPPER_VIRTUALENV_ARGS=",
        };
        let space = if shell.name() == "fish" { " " } else { "" };
        let making = "mkvirtualenv --clear a; deactivate";
        let scripts = [
            format!("{}{space}'--system-site-packages --without-pip'\n{making}", set(true)),
            format!("{}{space}'--system-site-packages --without-pip'\n{making}", set(false)),
            "VIRTUALENVWRAPPER_VIRTUALENV_ARGS='--system-site-packages --no-pip' mkvirtualenv --clear a".to_string(),
        ];
        for script in scripts {
            let _ = run(sandbox, shell, &script);
            let env = sandbox.env_path("a");
            assert_eq!(cfg(&env, "include-system-site-packages").as_deref(), Some("true"), "{script}");
            assert!(!env.join("bin/pip").exists(), "{script}");
            std::fs::remove_dir_all(env).unwrap();
        }
        let project_home = if shell.name() == "fish" { "set -gx PROJECT_HOME ~" } else { "export PROJECT_HOME=~" };
        let script = format!("mktmpenv\n{project_home}\nmkproject p");
        let outcome = run(sandbox, shell, &format!("{}{space}'--no-such-option'\n{script}", set(true)));
        assert_eq!(outcome.stderr.matches("error: VIRTUALENVWRAPPER_VIRTUALENV_ARGS is").count(), 2, "{outcome:#?}");
    });
}

#[test]
fn every_argument_takes_effect_or_is_reported() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let arguments = |text: &str| create(&sandbox, &[("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", text)], &[]);
    arguments("--prompt 'a b' --always-copy").succeeds("options");
    assert_eq!(cfg(&sandbox.env_path("a"), "prompt").as_deref(), Some("'a b'"));
    assert!(!sandbox.env_path("a/bin/python").is_symlink());
    let typed = [("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "--prompt set --copies")];
    create(&sandbox, &typed, &["--prompt", "typed", "--symlinks"]).succeeds("the command line overrules them");
    assert_eq!(cfg(&sandbox.env_path("a"), "prompt").as_deref(), Some("'typed'"));
    assert!(sandbox.env_path("a/bin/python").is_symlink());
    arguments("--creator venv --seeder=app-data --discovery builtin --no-venv-redirect")
        .succeeds("what is done anyway");
    let outcome = arguments("--no-site-packages --distribute --seeder pip");
    assert_eq!(outcome.status, Some(0));
    let line = "warning: `--no-site-packages`, `--distribute`, `--seeder pip` no longer have any effect\n";
    assert_eq!(outcome.stderr, line);
    for (text, words) in [
        ("--no-such-option", "`--no-such-option` is not an option"),
        ("-a /tmp", "`-a` is not an option"),
        ("name", "`name` is not an option"),
        ("--help", "`--help` is not an option"),
        ("--python", "value is required"),
        ("'unbalanced", "its quotes do not match"),
        ("-p no-such-python", "no Python found for `no-such-python`"),
        ("$(touch PWN)", "`$(touch` is not an option"),
    ] {
        arguments(text).fails(text, words);
    }
    sandbox.write("home/.config/venvwrap/config.toml", "creator_args = '--prompt file'\n");
    create(&sandbox, &[], &[]).succeeds("the key");
    assert_eq!(cfg(&sandbox.env_path("a"), "prompt").as_deref(), Some("'file'"));
    let outcome = create(&sandbox, &[("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "'")], &[]);
    outcome.fails("a mistake", "its quotes do not match");
    let mut listing = program(&sandbox, &["list", "-b"]);
    let listing = listing.env("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "'").output().unwrap();
    assert_eq!(listing.stdout, b"a\n", "a mistake there stops nothing else");
    assert!(!sandbox.path("home/PWN").exists() && !sandbox.path("envs/PWN").exists());
}

#[test]
fn variables_of_virtualenv_take_effect_by_every_name_or_are_reported() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let env = sandbox.env_path("a");
    let set = |variable: &str, value: &str| create(&sandbox, &[(variable, value)], &[]);
    for name in ["VIRTUALENV_ALWAYS_COPY", "VIRTUALENV_COPIES"] {
        set(name, "yes").succeeds(name);
        assert!(!env.join("bin/python").is_symlink(), "{name}");
        set(name, "0").succeeds(name);
        assert!(env.join("bin/python").is_symlink(), "{name}");
    }
    for name in ["VIRTUALENV_CREATOR", "VIRTUALENV_SEEDER", "VIRTUALENV_SYMLINK_APP_DATA", "VIRTUALENV_DISTRIBUTE"] {
        let outcome = set(name, "1");
        assert_eq!(outcome.stderr, format!("warning: `{name}` no longer has any effect\n"));
        assert_eq!(outcome.status, Some(0));
    }
    for name in ["VIRTUALENV_NO_PERIODIC_UPDATE", "VIRTUALENV_NO_SITE_PACKAGES", "VIRTUALENV_VERBOSE"] {
        set(name, "1").succeeds(name);
    }
    set("VIRTUALENV_USE_DISTRIBUTE", "false").succeeds("off is off");
    assert_eq!(
        set("VIRTUALENV_ACTIVATORS", "bash,xonsh").stderr,
        "warning: `VIRTUALENV_ACTIVATORS` no longer has any effect\n"
    );
    for (name, value) in
        [("VIRTUALENV_SEEDER", "app-data"), ("VIRTUALENV_CREATOR", "builtin"), ("VIRTUALENV_PYTHON", "9.99,3")]
    {
        set(name, value).succeeds(name);
    }
    for name in ["VIRTUALENV_APP_DATA", "VIRTUALENV_OVERRIDE_APP_DATA"] {
        let directory = sandbox.path("home").join(name);
        set(name, directory.to_str().unwrap()).succeeds(name);
        assert!(directory.join("v1/interp").is_dir(), "{name}");
    }
}

/// Each of the pair may be on or off, in a variable or in the file.
#[test]
fn python_is_copied_or_linked_as_virtualenv_would() {
    let (Some(python), Some(virtualenv)) = (python(), virtualenv()) else { return };
    let sandbox = Sandbox::new();
    let (ours, theirs) = (sandbox.env_path("a"), sandbox.path("theirs"));
    let (copies, symlinks) = ("VIRTUALENV_COPIES", "VIRTUALENV_SYMLINKS");
    for (variables, file, option) in [
        (&[(symlinks, "0")][..], "", None),
        (&[(symlinks, "0")], "", Some("--symlinks")),
        (&[(symlinks, "Off"), (copies, "0")], "", None),
        (&[(symlinks, "maybe")], "", None),
        (&[(symlinks, "1"), (copies, "1")], "", None),
        (&[(copies, "1")], "", Some("--symlinks")),
        (&[(copies, "0")], "always-copy = 1", None),
        (&[("VIRTUALENV_ALWAYS_COPY", "0")], "copies = 1", None),
        (&[(copies, "maybe"), ("VIRTUALENV_ALWAYS_COPY", "1")], "", None),
        (&[(copies, "maybe")], "copies = 1", None),
        (&[(copies, "1")], "symlinks = 1", None),
        (&[(symlinks, "1")], "copies = 1", None),
        (&[(symlinks, "0")], "copies = 0", None),
        (&[], "symlinks = no", None),
        (&[], "symlinks = on\ncopies = on", None),
    ] {
        sandbox.write("home/.config/virtualenv/virtualenv.ini", format!("[virtualenv]\n{file}\n"));
        let case = format!("{variables:?} {file:?} {option:?}");
        let outcome = create(&sandbox, variables, option.as_slice());
        assert_eq!(outcome.status, Some(0), "{case}: {outcome:#?}");
        let mut command = sandbox.command(&virtualenv);
        command.args(["--clear", "--no-seed", "-p"]).arg(&python).args(option).arg(&theirs);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{case}: {output:#?}");
        let is_linked = |env: &Path| env.join("bin/python").is_symlink();
        assert_eq!(is_linked(&ours), is_linked(&theirs), "{case}");
    }
}

#[test]
fn the_configuration_file_of_virtualenv_counts() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let env = sandbox.env_path("a");
    let text = "[virtualenv]\nalways-copy = true\nprompt = from file\nseeder = pip\nno_such_key = 1\n";
    sandbox.write("home/.config/virtualenv/virtualenv.ini", text);
    let outcome = create(&sandbox, &[], &[]);
    let warning = "warning: `no_such_key` in `~/.config/virtualenv/virtualenv.ini`, `seeder` in \
                   `~/.config/virtualenv/virtualenv.ini` no longer have any effect\n";
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), warning));
    assert_eq!(cfg(&env, "prompt").as_deref(), Some("'from file'"));
    assert!(!env.join("bin/python").is_symlink());
    let other = sandbox.write("home/other file.ini", "[virtualenv]\nprompt = other\ncopies = on\n");
    let named = ("VIRTUALENV_CONFIG_FILE", other.to_str().unwrap());
    create(&sandbox, &[named], &[]).succeeds("another file");
    assert_eq!(cfg(&env, "prompt").as_deref(), Some("'other'"));
    create(&sandbox, &[named, ("VIRTUALENV_PROMPT", "variable")], &[]).succeeds("a variable overrules the file");
    assert_eq!(cfg(&env, "prompt").as_deref(), Some("'variable'"));
    create(&sandbox, &[named, ("VIRTUALENV_SYMLINKS", "1")], &[]).succeeds("so does one that says the contrary");
    assert!(env.join("bin/python").is_symlink());
    let outcome = create(&sandbox, &[("VIRTUALENV_CONFIG_FILE", "/nowhere/at/all.ini")], &[]);
    assert!(outcome.stderr.starts_with("warning: the configuration of virtualenv is not used:"), "{outcome:#?}");
    assert_eq!((outcome.status, outcome.stderr.lines().count()), (Some(0), 1));
    let kept = env.join("kept");
    std::fs::write(&kept, "").unwrap();
    sandbox.write("home/.config/virtualenv/virtualenv.ini", "[virtualenv]\nclear = true\nfoo\n");
    let outcome = call(&sandbox, &["create", "--no-seed", "a"]);
    assert!(outcome.stderr.starts_with("warning: the configuration of virtualenv is not used: line 3 of `"));
    assert!(outcome.stderr.contains("virtualenv.ini` is no setting\n") && kept.exists(), "{outcome:#?}");
    call(&sandbox, &["list", "-b"]).succeeds("other commands do not read it");
}

#[test]
fn a_value_that_cannot_be_used_is_told_with_where_it_is_set() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for (name, value, problem) in [
        ("VIRTUALENV_ACTIVATORS", "bash,nix", "unknown activator `nix`"),
        ("VIRTUALENV_PROMPT", "a\nb", "the prompt \"a\\nb\" contains a line break"),
        ("VIRTUALENV_PIP", "x", "`x` is not a version"),
        ("VIRTUALENV_SETUPTOOLS", "x", "`x` is not a version"),
        ("VIRTUALENV_PYTHON", "9.99", "no Python found for `9.99`"),
    ] {
        let outcome = create(&sandbox, &[(name, value)], &[]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        outcome.fails(name, &format!("could not create `a`: `{name}`: {problem}"));
    }
    let typed = create(&sandbox, &[("VIRTUALENV_ACTIVATORS", "nix")], &["--activators", "bash"]);
    typed.succeeds("who types another one does not need it");
    sandbox.write("home/.config/virtualenv/virtualenv.ini", "[virtualenv]\nactivators = nix\n");
    let outcome = create(&sandbox, &[], &[]);
    outcome.fails("file", "`activators` in `~/.config/virtualenv/virtualenv.ini`: unknown activator `nix`");
    let arguments = [("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "--pip x"), ("VIRTUALENV_ACTIVATORS", "bash")];
    create(&sandbox, &arguments, &[]).fails("arguments", "`VIRTUALENVWRAPPER_VIRTUALENV_ARGS`: `x` is not a version");
    for typed in ["nix", "xonsh"] {
        let outcome = create(&sandbox, &[], &["--activators", typed]);
        assert_eq!(outcome.status, Some(2), "{outcome:#?}");
        outcome.fails_with_hint(typed, &format!("`--activators {typed}` is not supported: "));
    }
}
