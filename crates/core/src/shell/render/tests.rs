//! Plans against real shells: every word arrives as it was, and the version decides whether any step runs.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use std::path::Path;

use super::words::words;
use super::*;
use crate::env::shells::Note;
use crate::shell::plan::{Enter, LeavingHooks, Step};
use crate::shell::plan::{Flag, OnFailure, Scope, VERSION};
use crate::test_shells::{HOSTILE, Shell as Found};

/// A function for each verb that prints its words, each followed by a NUL.
const POSIX_SHIM: &str = "show() { printf '%s\\0' \"$@\"; }
__venvwrap_check() { :; }
__venvwrap_leave() { show leave \"$@\"; }
__venvwrap_enter() { show enter \"$@\"; }
__venvwrap_renew() { show renew \"$@\"; }
__venvwrap_run() { show run \"$@\"; case $1 in ignore) ;; *) return 7 ;; esac; }
__venvwrap_cd() { show cd \"$@\"; }
__venvwrap_source() { show source \"$@\"; }
__venvwrap_set() { show set \"$@\"; }
__venvwrap_tell() { show tell \"$@\"; }
apply() { _vw_status=0; eval \"$(cat \"$1\")\"; return \"$_vw_status\"; }
";

const FISH_SHIM: &str = "function show; printf '%s\\0' $argv; end
for verb in leave enter renew cd source set tell; eval \"function __venvwrap_$verb; show $verb \\$argv; end\"; end
function __venvwrap_run; show run $argv; test $argv[1] = ignore; or return 7; end
function apply; set -l _vw_status 0; cat $argv[1] | read -z -l text; eval $text; return $_vw_status; end
";

const CSH_SHIM: &str = "foreach verb (leave enter renew cd source set tell run)
alias __venvwrap_$verb \"printf '%s\\0' $verb \\!*\"
end
alias __venvwrap_version 'test \\!* = 2'
";

/// Every verb, with words that hurt where a quote is missing.
fn plan(is_text: bool) -> Plan {
    let mut plan = Plan(vec![Step::Leave]);
    let hooks = LeavingHooks {
        consent: Some("/it's a/project".into()),
        leaving: vec!["/a b/predeactivate".into(), "/$(touch PWN)/predeactivate".into()],
        left: vec!["/`x`/postdeactivate".into()],
    };
    plan.0.push(Step::Enter(Enter {
        text: None,
        environment: "/w/a!b".into(),
        activate: "/w/a!b/bin/activate".into(),
        flags: vec![Flag::Plain, Flag::Temporary],
        note: Some(Note { file: "/it's $(touch PWN)/1.2".into(), content: b"pid = 1 '$(touch PWN)' /w/a!b".to_vec() }),
        hooks: hooks.clone(),
    }));
    plan.0.push(Step::Renew(LeavingHooks::default()));
    plan.0.push(Step::Renew(hooks));
    for value in HOSTILE {
        plan.set("NAME", Some(value.into()));
        plan.0.push(Step::Tell { text: (*value).to_string() });
    }
    plan.set("NAME", None);
    plan.0.push(Step::Set { scope: Scope::Environment, name: "X".into(), value: Some(OsString::new()) });
    if is_text {
        plan.run(Path::new("/tnl\n"), Path::new("/x"), [OsString::from_vec(b"a\xff\n\t\r'".to_vec())]);
    }
    plan.cd(Path::new("/-dash"));
    plan
}

/// What a shell prints that applies the plan.
fn expected(plan: &Plan) -> Vec<u8> {
    let mut printed = Vec::new();
    for step in &plan.0 {
        let (verb, words) = words(step);
        for word in std::iter::once(verb.as_bytes()).chain(words) {
            printed.extend(word);
            printed.push(0);
        }
    }
    printed
}

/// Runs a script that applies the text of a plan; nothing where the shell is missing.
fn apply(shell: &str, arguments: &[&str], script: &str, text: &[u8]) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("plan");
    std::fs::write(&file, text).unwrap();
    let script = script.replace("FILE", file.to_str().unwrap());
    Some(Found::find(shell)?.run_script(arguments, script.as_bytes()))
}

#[track_caller]
fn same(shell: &str, arguments: &[&str], script: &str, text: &[u8], plan: &Plan) {
    if let Some(printed) = apply(shell, arguments, script, text) {
        assert_eq!(printed.escape_ascii().to_string(), expected(plan).escape_ascii().to_string(), "{shell}");
    }
}

#[test]
fn every_word_arrives_as_it_was() {
    let plan = plan(true);
    let script = format!("{POSIX_SHIM}\n__venvwrap_protocol={VERSION}\napply FILE\n");
    for shell in ["sh", "dash", "ksh", "mksh", "bash"] {
        same(shell, &[], &script, &posix(&plan), &plan);
    }
    same("bash", &[], &script, &Shell::Bash.render(&plan), &plan);
    same("zsh", &["-f"], &script, &Shell::Zsh.render(&plan), &plan);
    let script = format!("{FISH_SHIM}\nset -g __venvwrap_protocol {VERSION}\napply FILE\n");
    same("fish", &["--no-config"], &script, &Shell::Fish.render(&plan), &plan);
}

#[test]
fn every_word_arrives_in_csh_where_it_can() {
    let text = plan(false);
    let script = format!("{CSH_SHIM}\nset text = \"`cat FILE`\"\neval \"$text:q\"\n");
    same("tcsh", &["-f"], &script, &csh(&text).unwrap(), &text);
    assert!(matches!(csh(&plan(true)), Err(CshError::Value(value)) if value == "/tnl\n"));
}

#[test]
fn a_step_that_fails_counts_as_the_plan_says() {
    let mut plan = Plan::default();
    plan.run(Path::new("/"), Path::new("/ignored"), []);
    plan.run_and_remember(Path::new("/"), Path::new("/remembered"), []);
    plan.run_or_stop(Path::new("/"), Path::new("/stopped"), []);
    plan.cd(Path::new("/never"));
    let posix_script =
        |tail: &str| format!("{POSIX_SHIM}\n__venvwrap_protocol={VERSION}\napply FILE >/dev/null{tail}\n");
    let script = posix_script(" || printf %s \"$?\"");
    for (shell, text) in
        [("dash", posix(&plan)), ("ksh", posix(&plan)), ("bash", Shell::Bash.render(&plan)), ("zsh", posix(&plan))]
    {
        assert!(apply(shell, &[], &script, &text).is_none_or(|printed| printed == b"7"), "{shell}");
    }
    let steps = String::from_utf8(posix(&plan)).unwrap();
    assert!(steps.contains("'/remembered' || _vw_status=") && steps.contains("'/stopped' || \\return"), "{steps}");
    let remembered = Plan(plan.0[..2].iter().cloned().chain([plan.0[3].clone()]).collect());
    let script = format!("{POSIX_SHIM}\n__venvwrap_protocol={VERSION}\napply FILE || printf %s \"$?\"\n");
    for shell in ["dash", "ksh", "mksh", "bash"] {
        let Some(printed) = apply(shell, &[], &script, &posix(&remembered)) else { continue };
        assert!(printed.ends_with(b"cd\0/never\x007"), "{shell}: {}", printed.escape_ascii());
    }
    assert!(matches!(&plan.0[2], Step::Run(command) if command.on_failure == OnFailure::Stop));
}

#[test]
fn a_shell_of_another_version_says_so_and_does_nothing() {
    let mut plan = Plan::default();
    plan.cd(Path::new("/never"));
    for version in ["", "__venvwrap_protocol=1", "__venvwrap_protocol=3"] {
        let script = format!("set -u\n{POSIX_SHIM}\n{version}\napply FILE 2>&1 || printf %s \"$?\"\n");
        for (shell, text) in
            [("dash", posix(&plan)), ("bash", Shell::Bash.render(&plan)), ("zsh", Shell::Zsh.render(&plan))]
        {
            let Some(printed) = apply(shell, &[], &script, &text) else { continue };
            assert_eq!(String::from_utf8(printed).unwrap(), format!("{OTHER_VERSION}\n1"), "{shell} {version}");
        }
        let set = version.replace("__venvwrap_protocol=", "set -g __venvwrap_protocol ");
        let script = format!("{FISH_SHIM}\n{set}\napply FILE 2>&1; or printf %s $status\n");
        if let Some(printed) = apply("fish", &["--no-config"], &script, &Shell::Fish.render(&plan)) {
            assert_eq!(String::from_utf8(printed).unwrap(), format!("{OTHER_VERSION}\n1"), "fish {version}");
        }
    }
}

#[test]
fn names_of_shells_are_theirs() {
    for shell in Shell::ALL {
        assert_eq!(Shell::from_name(shell.name()), Some(shell));
    }
    assert_eq!(Shell::from_name("dash"), None);
}
