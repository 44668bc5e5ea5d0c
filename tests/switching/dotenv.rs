//! `.env` files: data that takes effect with the environment and goes with it.

use std::fs;

use venvwrap_core::shell::Shell;

use super::interactive::interact;
use crate::support::associations::{associate, program};
use crate::support::program::call;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run_with};

const FILE: &str = "ADDED='a b'\nKEPT=new\nPLAIN=new\nexport BAD=1; touch PWN\nDOLLAR=$(touch PWN)`touch PWN`\n\
                    TEXT=\"one\ntwo ${ADDED}\"\nLD_PRELOAD=./evil.so\nPATH=/evil\n";

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    sandbox.make_env("api");
    let project = sandbox.path("projects/api");
    associate(sandbox, "api", &project);
    fs::write(project.join(".env"), FILE).unwrap();
}

fn before(shell: Shell) -> &'static str {
    match shell {
        Shell::Fish => "set -gx KEPT 'old  one'; set -g PLAIN old",
        Shell::Bash | Shell::Zsh => "export KEPT='old  one'; PLAIN=old",
    }
}

const SHOW: &str = "sh -c 'printf \"<%s|%s|%s|%s|%s|%s|%s>\\n\" \"${ADDED-unset}\" \"$KEPT\" \"${PLAIN-unset}\" \
                    \"${BAD-unset}\" \"${DOLLAR-unset}\" \"${TEXT-unset}\" \"${LD_PRELOAD-unset}\"'; echo \"plain=$PLAIN\"";
const OUTSIDE: &str = "<unset|old  one|unset|unset|unset|unset|unset>\nplain=old\n";
const INSIDE: &str = "<a b|new|new|1; touch PWN|$(touch PWN)`touch PWN`|one\ntwo a b|unset>\nplain=new\n";

#[test]
fn it_takes_effect_only_where_that_was_allowed_and_is_undone_exactly() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let script = format!("cd ../projects/api\n{SHOW}\ncd ~\n{SHOW}");
        let name = shell.name();
        let outcome = interact_with(sandbox, shell, &script);
        assert!(outcome.ends_with(&format!("{OUTSIDE}{OUTSIDE}")), "{name}: {outcome}");
        program(sandbox, &["allow", "../projects/api"]);
        let outcome = interact_with(sandbox, shell, &script);
        assert!(outcome.ends_with(&format!("{OUTSIDE}{OUTSIDE}")), "allowed without it: {name}: {outcome}");
        let allowed = call(sandbox, &["allow", "--dotenv", "../projects/api"]).stderr;
        assert!(allowed.contains("/api/.env` may not set LD_PRELOAD, PATH; "), "{allowed}");
        assert!(allowed.contains("`venvwrap allow --env LD_PRELOAD --env PATH "), "{allowed}");
        let listed = program(sandbox, &["allow", "--list"]);
        assert_eq!(listed, "allowed  [ROOT]/projects/api  (.env; not LD_PRELOAD PATH)\n");
        let outcome = interact_with(sandbox, shell, &script);
        assert!(outcome.ends_with(&format!("{INSIDE}{OUTSIDE}")), "{name}: {outcome}");
        let script = format!("workon api\n{SHOW}\nworkon api\n{SHOW}\ndeactivate\n{SHOW}");
        let outcome = run_with(sandbox, shell, before(shell), &script);
        assert_eq!(outcome.stdout, format!("{INSIDE}{INSIDE}{OUTSIDE}"), "{name}: {outcome:#?}");
        assert!(!outcome.stderr.contains("LD_PRELOAD"), "told once: {name}: {outcome:#?}");
        fs::write(sandbox.path("projects/api/.env"), "ADDED=changed\n").unwrap();
        let outcome = run_with(sandbox, shell, before(shell), &format!("workon api\n{SHOW}"));
        assert_eq!(outcome.stdout, OUTSIDE, "{name}: {outcome:#?}");
        assert!(!sandbox.path("projects/api/PWN").exists() && !sandbox.path("home/PWN").exists());
    });
}

/// An older version may have allowed what this one refuses: it has told nobody.
#[test]
fn what_a_newer_version_refuses_is_told_once() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        fs::write(sandbox.path("projects/api/.env"), "ADDED=1\nLESSKEY=x\nPATH=/evil\n").unwrap();
        program(sandbox, &["allow", "--env", "PATH", "../projects/api"]);
        for file in fs::read_dir(sandbox.path("home/.local/state/venvwrap/trust")).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some() {
                fs::remove_file(file).unwrap();
            }
        }
        let enter = "workon api\necho \"$ADDED\"\ndeactivate";
        let first = run_with(sandbox, shell, "", enter);
        let told = "warning: `[ROOT]/projects/api/.env` may not set LESSKEY; \
                    `venvwrap allow --env PATH --env LESSKEY '[ROOT]/projects/api'` permits it\n";
        assert_eq!((first.stdout.as_str(), first.stderr.as_str()), ("1\n", told), "{}", shell.name());
        let second = run_with(sandbox, shell, "", enter);
        assert_eq!((second.stdout.as_str(), second.stderr.as_str()), ("1\n", ""), "{}", shell.name());
    });
}

fn interact_with(sandbox: &Sandbox, shell: Shell, script: &str) -> String {
    super::interactive::interact_with(sandbox, shell, before(shell), script).stdout
}

#[test]
fn a_variable_that_was_named_is_set_and_run_sets_it_too() {
    let sandbox = Sandbox::new();
    place(&sandbox);
    sandbox.write("projects/api/.env", "PYTHONPATH=/x\nA=1\n");
    let show = ["run", "api", "sh", "-c", "echo \"${PYTHONPATH-unset} ${A-unset}\""];
    assert_eq!(program(&sandbox, &show), "unset unset\n");
    program(&sandbox, &["allow", "--dotenv", "../projects/api"]);
    assert_eq!(program(&sandbox, &show), "unset 1\n");
    program(&sandbox, &["allow", "--env", "PYTHONPATH", "../projects/api"]);
    assert_eq!(program(&sandbox, &show), "/x 1\n");
    // The command that is named takes nothing back.
    sandbox.write("projects/api/.env", "PYTHONPATH=/x\nA=1\nLD_PRELOAD=./evil.so\n");
    let outcome = call(&sandbox, &["allow", "--env", "PYTHONPATH", "../projects/api"]);
    assert!(outcome.stderr.contains("`venvwrap allow --env PYTHONPATH --env LD_PRELOAD "), "{outcome:#?}");
    assert_eq!(call(&sandbox, &show).stderr, "");
}

/// In zsh, assigning would make root another user; for the program they are plain names.
#[test]
fn who_the_user_is_only_a_program_can_be_told() {
    let sandbox = Sandbox::new();
    place(&sandbox);
    sandbox.write("projects/api/.env", "UID=1234\nGID=1235\nUSERNAME=me\nA=1\n");
    let told = call(&sandbox, &["allow", "--dotenv", "../projects/api"]).stderr;
    assert!(told.contains("shells keep UID, GID, USERNAME for themselves, `venvwrap run` sets them\n"), "{told}");
    let printed = program(&sandbox, &["run", "api", "env"]);
    for line in ["A=1", "UID=1234", "GID=1235", "USERNAME=me"] {
        assert!(printed.lines().any(|printed| printed == line), "{line}: {printed}");
    }
}

#[test]
fn a_damaged_file_sets_nothing_and_says_where() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.write("projects/api/.env", "A=1\nif true; then\n");
        let allowed = call(sandbox, &["allow", "--dotenv", "../projects/api"]).stderr;
        assert!(allowed.contains(".env`, line 2: "), "{allowed}");
        let outcome = interact(sandbox, shell, "cd ../projects/api\nsh -c 'echo \"<${A-unset}>\"'\nreport end");
        assert!(outcome.stdout.contains("<unset>\n"), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("end: status=0 env=api "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.contains(".env`, line 2: "), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_file_that_has_changed_is_told_once_with_the_way_back() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        program(sandbox, &["allow", "--dotenv", "../projects/api"]);
        fs::write(sandbox.path("projects/api/.env"), "ADDED=changed\n").unwrap();
        let says =
            "`.env` of `[ROOT]/projects/api` has changed since you trusted it; run `venvwrap allow --dotenv` in it";
        let outcome = interact(sandbox, shell, "cd ../projects/api\ncd /usr\ncd ~/../projects/api");
        assert_eq!(outcome.stderr.matches(says).count(), 1, "{}: {outcome:#?}", shell.name());
        let outcome = run_with(sandbox, shell, before(shell), "workon api");
        assert!(
            outcome.stderr.contains("`.env` of `[ROOT]/projects/api` is ignored"),
            "{}: {outcome:#?}",
            shell.name()
        );
        let mut which = crate::support::program::program(sandbox, &["project", "which", "../projects/api"]);
        let which = crate::support::shells::Outcome::new(sandbox, &which.output().unwrap());
        assert!(which.stderr.contains(says), "{which:#?}");
        program(sandbox, &["allow", "--dotenv", "../projects/api"]);
        let outcome = interact(sandbox, shell, "cd ../projects/api");
        assert!(!outcome.stderr.contains("changed"), "{}: {outcome:#?}", shell.name());
    });
}

/// Variables of the user that are more than text: in bash, assigning to a number evaluates what it is given.
fn more_than_text(shell: Shell) -> (&'static str, &'static str) {
    match shell {
        Shell::Bash => (
            "declare -i COUNT=3; declare -ix LEVEL; declare -A LIST=([k]=v); declare -a WORDS=([1]=b); readonly FIXED=1; \
             target=t; declare -n NAMED=target; declare -u LOUD=A",
            "declare -p COUNT LEVEL LIST WORDS FIXED target NAMED LOUD",
        ),
        Shell::Zsh => (
            "typeset -i COUNT=3; typeset -F LEVEL=1; typeset -A LIST=(k v); typeset -a WORDS=(a b); typeset -r FIXED=1; \
             typeset -Z3 NAMED=1; typeset -u LOUD=A",
            "typeset -p COUNT LEVEL LIST WORDS FIXED NAMED LOUD",
        ),
        Shell::Fish => ("set -g LIST k v; set -gx WORDS a b", "set -S LIST WORDS | string match -v '*originally*'"),
    }
}

#[test]
fn a_variable_that_is_more_than_text_stays_and_what_follows_is_set() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let names = ["COUNT", "LEVEL", "LIST", "WORDS", "FIXED", "NAMED", "LOUD"];
        let lines = names.map(|name| format!("{name}='a[$(touch $HOME/PWN)]'\n"));
        sandbox.write("projects/api/.env", format!("A=1\n{}Z=2\n", lines.concat()));
        program(sandbox, &["allow", "--dotenv", "../projects/api"]);
        let (before, show) = more_than_text(shell);
        let script = format!("{show}\nworkon api\nsh -c 'echo \"$A $Z\"'\ndeactivate\n{show}\nreport end");
        let outcome = run_with(sandbox, shell, before, &script);
        let kept = outcome.stdout.split("1 2\n").collect::<Vec<_>>();
        let [kept, after] = kept[..] else { panic!("{}: {outcome:#?}", shell.name()) };
        assert_eq!(after, format!("{kept}end: status=0 env= cwd=[ROOT]/projects/api\n"), "{}", shell.name());
        assert!(!sandbox.path("home/PWN").exists(), "{}", shell.name());
        let told = outcome.stderr.matches("here it is readonly, or more than plain text").count();
        assert_eq!(told, if shell == Shell::Fish { 0 } else { names.len() }, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn what_has_become_readonly_meanwhile_ends_nothing() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.write("projects/api/.env", "A=1\nZ=2\n");
        program(sandbox, &["allow", "--dotenv", "../projects/api"]);
        let seal = if shell == Shell::Fish { "" } else { "typeset -r Z" };
        let script = format!("workon api\n{seal}\ndeactivate\nsh -c 'echo \"<${{A-unset}}>\"'; report end");
        let outcome = run_with(sandbox, shell, "", &script);
        let expected = "<unset>\nend: status=0 env= cwd=[ROOT]/projects/api\n";
        assert_eq!(outcome.stdout, expected, "{}: {outcome:#?}", shell.name());
    });
}

/// Two directories share an environment, and a third names it in a file: each has variables of its own, if any.
#[test]
fn it_is_that_of_the_directory_where_several_share_an_environment() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        associate(sandbox, "api", &sandbox.path("projects/one"));
        program(sandbox, &["project", "set", "--add", "api", &sandbox.path("projects/two").to_string_lossy()]);
        sandbox.write("projects/three/.venv", "api\n");
        sandbox.write("projects/three/.env", "WHERE=three\n");
        for project in ["one", "two"] {
            sandbox.write(format!("projects/{project}/.env"), format!("WHERE={project}\n"));
            program(sandbox, &["allow", "--dotenv", &format!("../projects/{project}")]);
        }
        let (show, name) = ("sh -c 'printf \"<%s>\" \"$WHERE\"'", shell.name());
        let visit = |projects: &[&str]| {
            let steps = projects.iter().map(|project| format!("cd ~/../projects/{project}\n{show}\n"));
            let outcome = super::interactive::interact(sandbox, shell, &steps.collect::<String>());
            outcome.stdout.split('<').filter_map(|part| Some(part.split_once('>')?.0.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(visit(&["one", "two", "one", "three", "two", "."]), ["one", "two", "one", "", "two", ""], "{name}");
        let own = format!("\"{}\"", sandbox.path("bin/venvwrap").display());
        let script = format!(
            "cd ../projects/two\nworkon .\n{show}\npwd\ncommand {own} run . {show}\ncd ../three\nworkon .\n{show}\npwd\ncommand {own} run . {show}"
        );
        let outcome = run_with(sandbox, shell, "", &script);
        let expected = "<two>[ROOT]/projects/two\n<two><>[ROOT]/projects/three\n<>";
        assert_eq!(outcome.stdout, expected, "{name}: {outcome:#?}");
    });
}
