use super::*;
use crate::env::name::EnvName;
use crate::shell::activate::Script;
use crate::shell::quote::posix;

/// Judges a script for an environment in a directory of this name.
fn check_file(name: &str, file: &str, script: impl Fn(&str) -> String) -> Result<Safety, SafetyError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::create_dir_all(path.join("bin")).unwrap();
    std::fs::write(path.join("bin").join(file), script(path.to_str().unwrap())).unwrap();
    let last = path.file_name().unwrap().to_owned();
    let environment = Environment::new(EnvName::for_existing(&last).unwrap(), path.clone());
    of_activate_script(&environment, &path.join("bin").join(file))
}

fn check(name: &str, script: impl Fn(&str) -> String) -> Result<Safety, SafetyError> {
    check_file(name, "activate", script)
}

/// What a path or prompt may hold so that a script runs it, or takes another value.
const HOSTILE: [&str; 11] = [
    "$(touch PWN)",
    "`touch PWN`",
    "\"; touch PWN; \"",
    "\" touch PWN \"",
    "\"\ntouch PWN\n\"",
    "\"|touch PWN|\"",
    "$PATH",
    "${x:-$(touch PWN)}",
    "$((PWN=1))",
    "$\\\n(touch PWN)",
    "$(echo \")\" != x; touch PWN; echo \")\")",
];

/// As in an archive that another program has unpacked, whatever the directory is called.
#[test]
fn a_script_that_finds_its_environment_is_safe_as_it_was_written() {
    for (file, script) in [("activate", Script::Posix), ("activate.fish", Script::Fish)] {
        for name in ["api", "a b", "it's $(touch PWN)"] {
            let text = |_: &str| String::from_utf8(activate::render_self_locating(script, name).unwrap()).unwrap();
            let found = check_file(name, file, text).unwrap();
            assert_eq!((found.origin, found.hide_prompt), (Origin::Other, false), "{file} {name}");
            let other = check_file(name, file, |path| text(path) + "eval \"(realpath x)\"\nset -gx VIRTUAL_ENV (x)\n");
            assert!(script == Script::Posix || other.is_err(), "{file} {name}");
        }
    }
}

#[test]
fn a_path_between_double_quotes_is_refused() {
    for hostile in HOSTILE {
        for name in [format!("p{hostile}"), format!("p{hostile}/.venv")] {
            for form in ["VIRTUAL_ENV=\"{}\"", "export VIRTUAL_ENV=\"{}\"", "VIRTUAL_ENV=$(cygpath \"{}\")"] {
                let script = |path: &str| {
                    let value = form.replace("{}", path);
                    format!("# it's a script\n{value}\nexport VIRTUAL_ENV\n")
                };
                let outcome = check(&name, script);
                // To the program that is called these are only more arguments.
                let is_harmless = form.contains("cygpath") && matches!(hostile, "\" touch PWN \"" | "$PATH");
                assert!(
                    is_harmless
                        || matches!(outcome, Err(SafetyError::Injection { .. } | SafetyError::Elsewhere { .. })),
                    "{form} {name:?}: {outcome:?}"
                );
            }
        }
    }
    assert!(check("plain", |path| format!("VIRTUAL_ENV=\"{path}\"\n")).is_ok());
    assert!(check("it's", |path| format!("VIRTUAL_ENV=\"{path}\"\n")).is_ok());
    assert!(check("it\\'s", |path| format!("VIRTUAL_ENV=\"{path}\"\n")).is_ok(), "a backslash that means itself");
}

#[test]
fn a_single_quote_that_ends_the_quotes_is_refused() {
    for name in ["p'$(touch PWN)'", "p'; touch PWN; '", "p'`touch PWN`'"] {
        let outcome = check(name, |path| format!("VIRTUAL_ENV='{path}'\nexport VIRTUAL_ENV\n"));
        assert!(matches!(outcome, Err(SafetyError::Injection { .. })), "{name}: {outcome:?}");
    }
}

#[test]
fn an_escaped_quote_in_a_name_is_not_taken_for_the_quoting_of_the_script() {
    let single = |path: &str| format!("VIRTUAL_ENV={}\n", String::from_utf8(posix(path.as_bytes())).unwrap());
    for name in [r"\'", r"it\'s", r"\'\'", r"a\'", r"\''$(touch PWN)'", r"'\''"] {
        assert!(check(name, single).unwrap().hide_prompt, "{name}");
    }
    let double = |path: &str| format!("VIRTUAL_ENV=\"{path}\"\n");
    for name in [r"\'$(touch PWN)", r"'$(touch PWN)'", r"\\'`touch PWN`", "\\'\"", "a\\"] {
        assert!(matches!(check(name, double), Err(SafetyError::Injection { .. })), "{name}");
    }
}

#[test]
fn a_link_with_a_plain_name_does_not_hide_what_the_script_holds() {
    let directory = tempfile::tempdir().unwrap();
    let real = directory.path().join("p$(touch PWN)/.venv");
    std::fs::create_dir_all(real.join("bin")).unwrap();
    std::fs::write(real.join("bin/activate"), format!("VIRTUAL_ENV=\"{}\"\n", real.display())).unwrap();
    let link = directory.path().join("plain");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let environment = Environment::new(EnvName::for_existing("plain".as_ref()).unwrap(), link);
    let outcome = of_activate_script(&environment, &environment.activate_script());
    assert!(matches!(outcome, Err(SafetyError::Injection { line: 1, .. })), "{outcome:?}");
}

#[test]
fn a_prompt_between_double_quotes_is_refused() {
    let forms = [
        "VIRTUAL_ENV_PROMPT=\"{}\"\n",
        "VIRTUAL_ENV_PROMPT=\"({}) \"\nexport VIRTUAL_ENV_PROMPT\n",
        "PS1=\"({}) ${PS1:-}\"\n",
        "if [ \"x({}) \" != x ] ; then\n",
        "if [ \"x{}\" != x ] ; then\n    VIRTUAL_ENV_PROMPT=\"{}\"\nelse\n",
    ];
    for hostile in HOSTILE {
        for form in forms {
            let script = |path: &str| format!("VIRTUAL_ENV='{path}'\n{}", form.replace("{}", hostile));
            let is_closed = hostile.contains('\n') && !form.starts_with("if [ \"x");
            let is_variable = hostile == "$PATH";
            let outcome = check("innocent", script);
            assert!(
                matches!(outcome, Err(SafetyError::Injection { .. })) || is_closed || is_variable,
                "{form:?} {hostile:?}: {outcome:?}"
            );
        }
    }
}

/// A quote in a prompt ends the left side of a comparison; nothing that follows may run.
#[test]
fn nothing_follows_a_comparison_with_the_prompt() {
    for prompt in [
        "a\" = \"$(touch PWN)",
        "a\" = \"b\" ] && touch PWN; [ \"x",
        "a\" != x ]; touch PWN; : [ \"",
        "a\" = `touch PWN` -o \"",
    ] {
        for form in ["if [ \"x{}\" != x ] ; then\n", "if [ \"x({}) \" != x ]; then\n"] {
            let script = |path: &str| format!("VIRTUAL_ENV='{path}'\n{}:\nfi\n", form.replace("{}", prompt));
            let outcome = check("innocent", script);
            assert!(matches!(outcome, Err(SafetyError::Injection { line: 2, .. })), "{prompt}: {outcome:?}");
        }
    }
    for line in ["if [ \"x(api) \" != x ] ; then", "if [ \"x(api) \" != x ]", "if [ \"xapi\" = \"x\" ];then"] {
        let outcome = check("api", |path| format!("VIRTUAL_ENV='{path}'\n{line}\n"));
        assert!(outcome.is_ok(), "{line}: {outcome:?}");
    }
}

#[test]
fn a_recorded_prompt_with_a_line_break_is_refused_where_the_script_holds_it() {
    let judge = |recorded: &str, lines: &str| {
        check("innocent", |path| {
            std::fs::write(format!("{path}/pyvenv.cfg"), format!("prompt = {recorded}\n")).unwrap();
            format!("VIRTUAL_ENV='{path}'\n{lines}")
        })
    };
    for (recorded, lines) in [
        ("'x\"\\ntouch PWN\\n\"'", "PS1=\"(x\"\ntouch PWN\n\") ${PS1:-}\"\n"),
        ("'x\"\\ntouch PWN\\n\"'", "VIRTUAL_ENV_PROMPT=\"x\"\ntouch PWN\n\"\"\n"),
        ("\"it\\'s\\n\\ttouch PWN\\n'\"", "VIRTUAL_ENV_PROMPT='it's\n\ttouch PWN\n''\n"),
    ] {
        let outcome = judge(recorded, lines);
        assert!(matches!(outcome, Err(SafetyError::Injection { line: 2, .. })), "{recorded}: {outcome:?}");
        assert!(judge(recorded, "PS1=\"(mine) $PS1\"\n").is_ok(), "it is not in the script");
    }
    // uv records a prompt as it is.
    let fish = |recorded: &str| {
        let script = |path: &str| {
            std::fs::write(format!("{path}/pyvenv.cfg"), format!("uv = 1\nprompt = {recorded}\nx = y\n")).unwrap();
            format!(
                "set -gx VIRTUAL_ENV '{path}'\nif test -n '{recorded}'\n    set -gx VIRTUAL_ENV_PROMPT '{recorded}'\nend\n"
            )
        };
        check_file("innocent", "activate.fish", script)
    };
    for recorded in
        ["p'\ntouch PWN\n'", "\n'\ntouch PWN; set a 'b", "p'\n\n \r\n\ttouch PWN = 'x", "p'  \n touch PWN\n: '"]
    {
        let outcome = fish(recorded);
        assert!(matches!(outcome, Err(SafetyError::Injection { line: 2 | 3, .. })), "{recorded:?}: {outcome:?}");
    }
    assert!(fish("p").is_ok() && fish("").is_ok() && fish("a b ").is_ok());
    for recorded in ["\u{1b}[2J", "'a\\rb'", "a\\\\nb"] {
        assert!(judge(recorded, "VIRTUAL_ENV_PROMPT=\"x\"\n").is_ok(), "{recorded:?} ends no line");
    }
}

#[test]
fn what_a_shell_would_evaluate_stays_out_of_the_prompt() {
    let single = |path: &str| format!("VIRTUAL_ENV='{path}'\n");
    for name in ["p$(touch PWN)", "p`x`", "50%", "a!b", "a\\b"] {
        assert!(check(name, single).unwrap().hide_prompt, "{name}");
        let prompt = |path: &str| format!("VIRTUAL_ENV='{path}'\nVIRTUAL_ENV_PROMPT='{name}'\n");
        assert!(check("innocent", prompt).unwrap().hide_prompt, "{name}");
        let prompt = |path: &str| format!("VIRTUAL_ENV='{path}'\nPS1='({name}) '\"${{PS1:-}}\"\n");
        assert!(check("innocent", prompt).unwrap().hide_prompt, "{name}");
        // The directory that a link with a plain name leads to names itself in the prompt.
        let parent = |path: &str| format!("VIRTUAL_ENV='{path}'\nVIRTUAL_ENV_PROMPT=$(basename \"$VIRTUAL_ENV\")\n");
        assert!(check(name, parent).unwrap().hide_prompt, "{name}");
    }
    assert!(!check("p q", single).unwrap().hide_prompt);
}

#[test]
fn fish_has_its_own_lines() {
    for hostile in ["$(touch PWN)", "\"; touch PWN; \"", "\"(touch PWN)\"", "$PATH", "\"\ntouch PWN\n\""] {
        let path = |path: &str| format!("set -gx VIRTUAL_ENV \"{path}\"\n");
        let outcome = check_file(&format!("p{hostile}"), "activate.fish", path);
        assert!(
            matches!(outcome, Err(SafetyError::Injection { .. } | SafetyError::Elsewhere { .. })),
            "{hostile:?}: {outcome:?}"
        );
        for form in ["set -gx VIRTUAL_ENV_PROMPT \"{}\"", "    printf \"%s%s\" \"({}) \" (set_color normal)"] {
            let script = |path: &str| format!("set -gx VIRTUAL_ENV '{path}'\n{}\n", form.replace("{}", hostile));
            let outcome = check_file("innocent", "activate.fish", script);
            let is_closed = hostile.contains('\n');
            let is_variable = hostile == "$PATH";
            assert!(
                matches!(outcome, Err(SafetyError::Injection { .. })) || is_closed || is_variable,
                "{form} {hostile:?}: {outcome:?}"
            );
        }
    }
    for line in
        ["if test -n \"$_OLD_VIRTUAL_TCL_LIBRARY\";", "if test -n \"$x\" ;  ", "set -gx VIRTUAL_ENV_PROMPT \"$USER\";"]
    {
        let script = |path: &str| format!("set -gx VIRTUAL_ENV '{path}'\n{line}\nend\n");
        assert!(check_file("innocent", "activate.fish", script).is_ok(), "{line}");
    }
    let quoted = |path: &str| format!("set -gx VIRTUAL_ENV '{}'\n", path.replace('\'', "\\'"));
    assert!(check_file("it's $(x)", "activate.fish", quoted).is_ok());
}

#[test]
fn the_edits_of_users_stay_theirs() {
    for edit in [
        "export API_KEY=$(cat ~/.key)",
        "PS1=\"$(hostname) $PS1\"",
        "PATH=\"$(brew --prefix)/bin:$PATH\"; export PATH",
        "if [ -n \"$(command -v direnv)\" ]; then eval \"$(direnv hook bash)\"; fi",
        "echo it's",
        "cat <<'X'\n\"`unbalanced\nX",
        "VIRTUAL_ENV=\"$(cd \"$(dirname \"$(dirname \"${BASH_SOURCE[0]}\" )\")\" && pwd)\"",
        "VIRTUAL_ENV=\"$HOME/envs/x\"; export VIRTUAL_ENV",
        "export VIRTUAL_ENV=/x PATH=\"/x/bin:$PATH\"",
        "set -e VIRTUAL_ENV",
        "TCL_LIBRARY=\"$_OLD_VIRTUAL_TCL_LIBRARY\"",
        "    TK_LIBRARY=\"${_OLD_VIRTUAL_TK_LIBRARY}\"; export TK_LIBRARY",
        "TCL_LIBRARY=\"$VIRTUAL_ENV/lib/tcl8.6\"",
        "VIRTUAL_ENV_PROMPT=\"$USER\"",
        "VIRTUAL_ENV_PROMPT=\"(${PROJECT:-my api}) \"",
        "PS1=\"(${CONDA_DEFAULT_ENV}) ${PS1:-}\"",
        "PS1=\"$_OLD_VIRTUAL_PS1\"",
        "VIRTUAL_ENV=\"$(cd -P \"$(dirname \"${BASH_SOURCE[0]:-$0}\")/..\" >/dev/null 2>&1 && pwd)\"",
        "VIRTUAL_ENV=''\"$(dirname -- \"$(dirname -- \"$(realpath -- \"$SCRIPT_PATH\")\")\")\"''",
        "if [ \"x$MY_PROMPT\" != x ] ; then PS1=\"$MY_PROMPT\"; fi",
    ] {
        let outcome = check("api", |path| format!("VIRTUAL_ENV=\"{path}\"\nexport VIRTUAL_ENV\n{edit}\n"));
        assert!(outcome.is_ok(), "{edit}: {outcome:?}");
    }
}

#[test]
fn a_generated_script_for_another_path_is_refused() {
    let moved = |_: &str| {
        "# This file must be used with \"source bin/activate\" *from bash*\nVIRTUAL_ENV=\"/gone/old\"\n".to_owned()
    };
    let outcome = check("new", moved);
    assert!(matches!(&outcome, Err(SafetyError::Elsewhere { path, .. }) if path == Path::new("/gone/old")));
    for (file, script) in [("activate", Script::Posix), ("activate.fish", Script::Fish)] {
        let own = |path: &Path| {
            let text = activate::render(script, &activate::Activation { env: path, prompt: "p" }).unwrap();
            String::from_utf8(text).unwrap()
        };
        let outcome = check_file("new", file, |_| own("/gone/old".as_ref()));
        assert!(
            matches!(&outcome, Err(SafetyError::Elsewhere { path, .. }) if path == Path::new("/gone/old")),
            "{file}"
        );
        assert!(check_file("new", file, |path| own(path.as_ref()) + "# edited\n").is_ok(), "{file}");
    }
}

#[test]
fn a_missing_script_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let environment = Environment::new(EnvName::for_existing("x".as_ref()).unwrap(), directory.path().join("x"));
    let script = environment.activate_script();
    assert!(matches!(of_activate_script(&environment, &script), Err(SafetyError::NoScript { .. })));
}

#[test]
fn scripts_of_csh_and_powershell_hold_values_and_nothing_else() {
    for hostile in ["\"; touch PWN; echo \"", "`touch PWN`", "$(touch PWN)", "'; touch PWN; '", "\"+(touch PWN)+\""] {
        let csh = [
            "setenv VIRTUAL_ENV_PROMPT \"{}\"",
            "if (\"{}\" != \"\") then",
            "    set prompt = \"({}) $prompt\"",
            "if ($?_OLD_VIRTUAL_PATH) source \"{}/bin/deactivate.csh\"",
        ];
        for form in csh.iter().filter(|_| hostile.starts_with(['`', '"']) && !hostile.contains('+')) {
            let outcome = check_file("e", "activate.csh", |_| format!("{}\n", form.replace("{}", hostile)));
            assert!(matches!(outcome, Err(SafetyError::Injection { line: 1, .. })), "{form} {hostile}: {outcome:?}");
        }
        let powershell = ["$env:VIRTUAL_ENV_PROMPT = \"{}\"", "    } elseif (\"{}\" -ne \"\") {", "$Prompt = \"{}\""];
        for form in powershell.iter().filter(|_| !hostile.starts_with('\'')) {
            let outcome = check_file("e", "activate.ps1", |_| format!("{}\n", form.replace("{}", hostile)));
            assert!(matches!(outcome, Err(SafetyError::Injection { line: 1, .. })), "{form} {hostile}: {outcome:?}");
        }
        // The environment is named so, and any line may hold that.
        for file in ["activate.csh", "activate.ps1"] {
            // To csh neither means anything between double quotes.
            if file == "activate.csh" && (hostile.starts_with(['$', '\'']) || hostile.contains('+')) {
                continue;
            }
            let outcome = check_file(hostile, file, |path| format!("some command \"{path}\"\n"));
            assert!(matches!(outcome, Err(SafetyError::Injection { line: 1, .. })), "{file} {hostile}: {outcome:?}");
        }
    }
    let typographic =
        check_file("e", "Activate.ps1", |_| "$env:VIRTUAL_ENV_PROMPT = '\u{2019}; touch PWN; #'\n".into());
    assert!(matches!(typographic, Err(SafetyError::Injection { .. })), "{typographic:?}");
}

#[test]
fn what_generators_write_for_csh_and_powershell_is_sourced() {
    let csh = |path: &str| {
        format!(
            "# This file must be used with \"source bin/activate.csh\" *from csh*.\nset newline='\\\n'\n\
             if ($?_OLD_VIRTUAL_PATH) source '{path}'\"/\"'bin'\"/deactivate.csh\"\n\
             alias deactivate 'test $?_OLD_VIRTUAL_PATH != 0 && setenv PATH \"$_OLD_VIRTUAL_PATH\"; rehash'\n\
             setenv VIRTUAL_ENV '{path}'\nset _OLD_VIRTUAL_PATH=\"$PATH\"\nsetenv PATH \"$VIRTUAL_ENV/bin:$PATH\"\n\
             if ('it'\"'\"'s' != \"\") then\n    setenv VIRTUAL_ENV_PROMPT 'it'\"'\"'s'\nelse\n\
             \x20   setenv VIRTUAL_ENV_PROMPT \"$VIRTUAL_ENV:t:q\"\nendif\n\
             if (`basename \"$VIRTUAL_ENV\"` == \"__\") then\n    set env_name = `basename \"$VIRTUAL_ENV\"`\nendif\n\
             if ( \"$prompt:q\" =~ *\"$newline:q\"* ) then\n\
             set prompt = '('\"$_virtualenv_prompt_tcsh:q\"') '\"$prompt:q\"\nset prompt = \"(a b) $prompt\"\nrehash\n"
        )
    };
    let powershell = |path: &str| {
        format!(
            "if (\"'\"\"\".Contains($val.Substring(0, 1))) {{\n$env:VIRTUAL_ENV = $VenvDir\n\
             $env:VIRTUAL_ENV = '{path}'\nif (\"PP\" -ne \"\") {{\n    $env:VIRTUAL_ENV_PROMPT = \"PP\"\n}}\n\
             }} elseif ('it''s' -ne \"\") {{\n    $Prompt = 'it''s'\n\
             $env:VIRTUAL_ENV_PROMPT = $( Split-Path $env:VIRTUAL_ENV -Leaf )\n"
        )
    };
    check_file("plain", "activate.csh", csh).unwrap();
    check_file("two words", "activate.csh", csh).unwrap();
    check_file("plain", "activate.ps1", powershell).unwrap();
    for (file, script) in [("activate.csh", &csh as &dyn Fn(&str) -> String), ("activate.ps1", &powershell)] {
        let moved = check_file("plain", file, |_| script("/somewhere/else"));
        assert!(matches!(moved, Err(SafetyError::Elsewhere { .. })) || file.ends_with("ps1"), "{file} {moved:?}");
    }
}

#[test]
fn venvwraps_own_scripts_name_whatever_is_in_their_values() {
    for (kind, file) in [(Script::Csh, "activate.csh"), (Script::PowerShell, "activate.ps1")] {
        let name = "it's `$(touch PWN)` \"!";
        let safety = check_file(name, file, |path| {
            let values = activate::Activation { env: Path::new(path), prompt: name };
            String::from_utf8(activate::render(kind, &values).unwrap()).unwrap()
        });
        assert_eq!(safety.unwrap().origin, Origin::Own, "{file}");
    }
}
