//! `venvwrap variables`: what an environment sets until it is left.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use venvwrap_core::shell::Shell;

use crate::support::program::{call, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell, run_with};
use crate::support::tools::find_program;

const ODD: &str = "it's $(touch PWN) `touch PWN`\n\"two\" \\";

fn set(sandbox: &Sandbox, name: &str, assignments: &[&str]) {
    call(sandbox, &[&["variables", "set", "-n", name][..], assignments].concat()).succeeds("set");
}

fn works(sandbox: &Sandbox, arguments: &[&str]) {
    let outcome = call(sandbox, arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
}

#[test]
fn they_come_with_the_environment_and_go_with_it_in_each_shell() {
    const SHOW: &str =
        "sh -c 'printf \"<%s|%s|%s|%s>\\n\" \"${A-unset}\" \"${KEPT-unset}\" \"${PLAIN-unset}\" \"${B-unset}\"'";
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        sandbox.make_env("web");
        set(sandbox, "api", &[&format!("A={ODD}"), "KEPT=new", "PLAIN=new", "B="]);
        set(sandbox, "web", &["B=web"]);
        let before = match shell {
            Shell::Fish => "set -gx KEPT 'old  one'; set -g PLAIN old",
            Shell::Bash | Shell::Zsh => "export KEPT='old  one'; PLAIN=old",
        };
        let script = format!(
            "workon api\n{SHOW}\nworkon api\n{SHOW}\nworkon web\n{SHOW}\ndeactivate\n{SHOW}\necho \"plain=$PLAIN\""
        );
        let outcome = run_with(sandbox, shell, before, &script);
        let inside = format!("<{ODD}|new|new|>\n");
        let expected = format!("{inside}{inside}<unset|old  one|unset|web>\n<unset|old  one|unset|unset>\nplain=old\n");
        assert_eq!(outcome.stdout, expected, "{}: {outcome:#?}", shell.name());
        assert!(!sandbox.path("home/PWN").exists());
    });
}

#[test]
fn the_users_own_come_before_those_of_the_project() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        sandbox.write("projects/api/.env", "A=project\nB=project\n");
        let project = sandbox.path("projects/api");
        works(sandbox, &["project", "set", "api", project.to_str().unwrap()]);
        works(sandbox, &["allow", "--dotenv", project.to_str().unwrap()]);
        set(sandbox, "api", &["A=own"]);
        let script = "workon api\necho \"$A $B\"\ndeactivate\necho \"[$A$B]\"";
        assert_eq!(run_with(sandbox, shell, "", script).stdout, "own project\n[]\n", "{}", shell.name());
        let run = call(sandbox, &["run", "api", "sh", "-c", "echo $A $B"]);
        assert_eq!(run.stdout, "own project\n");
    });
}

#[test]
fn programs_get_them_as_well() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = crate::support::program::create(&sandbox, &python, "it's");
    set(&sandbox, "it's", &[&format!("A={ODD}")]);
    let run = call(&sandbox, &["run", "it's", "sh", "-c", "printf %s \"$A\""]);
    assert_eq!(run.succeeds("run"), ODD);
    let printed = call(&sandbox, &["activate", "--json", "it's"]);
    let value: Value = serde_json::from_str(printed.succeeds("json")).unwrap();
    assert_eq!(value["set"]["A"], ODD);
    let shells = [
        ("sh", "sh", ""),
        ("bash", "bash", ""),
        ("bash", "bash", "set -k\n"),
        ("zsh", "zsh", ""),
        ("fish", "fish", ""),
    ];
    for (program, shell, before) in shells {
        let line = call(&sandbox, &["activate", "--shell", shell, "it's"]);
        let line = line.succeeds(shell).replace("[ROOT]", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
        let script = format!("{before}{line}\nsh -c 'printf %s \"$A\"'");
        let Some(program) = find_program(program) else { continue };
        let output = std::process::Command::new(program).args(["-c", &script]).current_dir(&env).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), ODD, "{before}{shell}: {output:?}");
    }
    assert!(!env.join("PWN").exists());
    let outcome = call(&sandbox, &["activate", "--shell", "csh", "it's"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), "false\n"), "{outcome:#?}");
    assert!(outcome.stderr.contains("the value of `A`"), "{outcome:#?}");
}

#[test]
fn they_are_listed_removed_and_read_from_a_file() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    let list = |options: &[&str]| call(&sandbox, &[&["vars", "ls", "-n", "api"], options].concat());
    assert_eq!(list(&[]).succeeds("none"), "");
    assert_eq!(list(&["--json"]).succeeds("none"), "{}\n");
    sandbox.write("home/settings", "# mine\nexport A='one two'\nB=\"${A}!\"\n");
    set(&sandbox, "api", &["--from", "settings", "C=a\u{1b}[31mb"]);
    assert_eq!(list(&[]).succeeds("three"), "A=one two\nB=one two!\nC=a\u{fffd}[31mb\n");
    let value: Value = serde_json::from_str(list(&["--json"]).succeeds("json")).unwrap();
    assert_eq!(value, json!({"A": "one two", "B": "one two!", "C": "a\u{1b}[31mb"}));
    let mode = env.join("venvwrap-variables.toml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "secrets are nobody else's business");
    call(&sandbox, &["variables", "unset", "-n", "api", "A", "C"]).succeeds("unset");
    assert_eq!(list(&[]).succeeds("one"), "B=one two!\n");
    call(&sandbox, &["variables", "unset", "-n", "api", "B"]).succeeds("the last one");
    assert!(!env.join("venvwrap-variables.toml").exists());
    sandbox.write("home/long", format!("A=1\n#{}\nB=2\n", "x".repeat(1 << 20)));
    let long = std::fs::File::open(sandbox.path("home/long")).unwrap();
    let mut command = program(&sandbox, &["variables", "set", "-n", "api", "--from", "-"]);
    let told = Outcome::new(&sandbox, &command.stdin(long).output().unwrap());
    told.fails("what is cut off would be lost", "too long");
    assert!(!env.join("venvwrap-variables.toml").exists());
    let mut command = program(&sandbox, &["variables", "set", "A=1"]);
    let told = Outcome::new(&sandbox, &command.env("VIRTUAL_ENV", &env).output().unwrap());
    assert_eq!((told.status, told.stderr.as_str()), (Some(0), "run `workon api` again to apply this\n"));
}

#[test]
fn what_cannot_be_set_is_one_line_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    set(&sandbox, "api", &["A=1"]);
    let refused = |words: &[&str], told: &str| {
        call(&sandbox, &[&["variables", words[0], "-n", "api"], &words[1..]].concat()).fails_with_hint("refused", told);
        let values = std::fs::read_to_string(env.join("venvwrap-variables.toml")).unwrap();
        assert_eq!(values, "A = \"1\"\n", "{words:?}");
    };
    for name in ["PATH", "LD_PRELOAD", "PS1", "BASH_ENV", "ENV", "PYTHONPATH", "PROMPT_COMMAND", "fish_prompt"] {
        refused(&["set", "B=2", &format!("{name}=x")], &format!("`{name}` is not for environments to set"));
    }
    refused(&["set", "1A=x"], "`1A` cannot be the name of a variable");
    refused(&["set", "=x"], "`` cannot be the name of a variable");
    refused(&["set", "$(touch PWN)=x"], "cannot be the name of a variable");
    refused(&["unset", "A", "Z"], "`Z` is not set");
    sandbox.write("home/bad", "B=1\nif true; then\n");
    refused(&["set", "--from", "bad"], "line 2: ");
    assert_eq!(call(&sandbox, &["variables", "set", "-n", "api", "A"]).status, Some(2));
    call(&sandbox, &["variables", "set", "-n", "apo", "A=1"]).fails_with_hint("a slip", "`apo`");
    call(&sandbox, &["variables", "list"]).fails_with_hint("none active", "no environment is active");
    assert!(!sandbox.path("home/PWN").exists());
}

#[test]
fn a_file_that_was_brought_along_sets_nothing_dangerous() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    std::fs::write(env.join("venvwrap-variables.toml"), "A = \"1\"\nLD_PRELOAD = \"/evil.so\"\n").unwrap();
    let run = || call(&sandbox, &["run", "api", "sh", "-c", "echo \"$A${LD_PRELOAD-unset}\""]);
    assert_eq!(run().stdout, "1unset\n");
    assert!(run().stderr.contains("`api` does not set LD_PRELOAD"), "{:#?}", run());
    std::fs::write(env.join("venvwrap-variables.toml"), "A = hunter2\n").unwrap();
    assert_eq!(run().stdout, "unset\n");
    assert!(run().stderr.contains("line 1: ") && !run().stderr.contains("hunter2"), "{:#?}", run());
}

#[test]
fn they_follow_a_copy_and_a_new_name_but_leave_the_machine_only_when_that_is_asked_for() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = crate::support::program::create(&sandbox, &python, "api");
    set(&sandbox, "api", &["TOKEN=hunter2", &format!("HERE={}/x", env.display())]);
    let list = |name: &str| call(&sandbox, &["variables", "list", "-n", name]).stdout;
    works(&sandbox, &["copy", "api", "copy"]);
    assert_eq!(list("copy"), "HERE=[ROOT]/envs/copy/x\nTOKEN=hunter2\n");
    works(&sandbox, &["rename", "copy", "named"]);
    assert_eq!(list("named"), "HERE=[ROOT]/envs/named/x\nTOKEN=hunter2\n");
    let mode = sandbox.env_path("named").join("venvwrap-variables.toml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (option, expected) in [("--no-bytecode", ""), ("--with-secrets", "HERE=[ROOT]/envs/there/x\nTOKEN=hunter2\n")] {
        works(&sandbox, &["pack", option, "api", "-o", "x.tar.gz"]);
        works(&sandbox, &["unpack", "x.tar.gz", "there"]);
        assert_eq!(list("there"), expected, "{option}");
        works(&sandbox, &["remove", "--now", "there"]);
    }
}

#[test]
fn without_an_active_environment_the_hint_names_the_option() {
    let sandbox = Sandbox::new();
    for words in
        [&["variables"][..], &["variables", "list"], &["variables", "set", "A=1"], &["variables", "unset", "A"]]
    {
        let outcome = call(&sandbox, words);
        outcome.fails_with_hint("none", "no environment is active");
        assert!(outcome.stderr.contains("`-n NAME`"), "{outcome:#?}");
    }
}

#[test]
fn a_pipe_that_the_shell_has_opened_is_read() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let Some(bash) = find_program("bash") else { return };
    let venvwrap = program(&sandbox, &["variables"]);
    for source in ["--from <(echo A=1)", "--from /dev/stdin < <(echo A=1)", "--from /dev/fd/0 < <(echo A=1)"] {
        let text = format!("'{}' variables set -n api {source}", venvwrap.get_program().display());
        let mut command = std::process::Command::new(&bash);
        command
            .args(["-c", &text])
            .env_clear()
            .envs(venvwrap.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let outcome = Outcome::new(&sandbox, &command.output().unwrap());
        assert_eq!(outcome.status, Some(0), "{source}: {outcome:#?}");
        assert!(call(&sandbox, &["variables", "list", "-n", "api"]).stdout.contains("A=1"), "{source}");
        call(&sandbox, &["variables", "unset", "-n", "api", "A"]).succeeds("unset");
    }
}

#[test]
fn without_a_verb_they_are_listed() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    call(&sandbox, &["variables", "set", "-n", "api", "A=1"]).succeeds("set");
    let listed = call(&sandbox, &["variables", "list", "-n", "api"]);
    assert!(listed.stdout.contains("A=1"), "{listed:#?}");
    assert_eq!(call(&sandbox, &["variables", "-n", "api"]).stdout, listed.stdout);
    assert_eq!(call(&sandbox, &["variables", "-n", "api", "set", "A=2"]).status, Some(2));
}

#[test]
fn what_takes_the_environment_for_an_argument_is_told_the_option() {
    let sandbox = Sandbox::new();
    let outcome = call(&sandbox, &["variables", "set", "web", "A=1"]);
    assert!(outcome.status == Some(2) && outcome.stderr.contains("`-n ENV` names the environment"), "{outcome:#?}");
}
