//! `activate` in the shells of the Bourne family.

use super::*;

/// Numbered steps; each says on stdout what is wrong, so that silence means success. It keeps to what every shell has.
const SCENARIO: &str = r#"
check() { case "$2" in "$3") ;; *) printf '%s: [%s] is not [%s]\n' "$1" "$2" "$3" ;; esac; }
before="$PATH"

# 1. enter
PS1='> '
. "$E/bin/activate"
check path "$PATH" "$E/bin:$before"
check env "$VIRTUAL_ENV" "$E"
check name "$VIRTUAL_ENV_PROMPT" "$N"
check saved "$_OLD_VIRTUAL_PATH" "$before"
python() { printf '%s.' "$@"; }
check pydoc "$(pydoc 'a b' c)" "-m.pydoc.a b.c."
\unset -f python
case "$PS1" in "("*") > ") ;; *) printf 'prompt: [%s]\n' "$PS1" ;; esac

# 2. enter again, then another, then the first: nothing stacks
. "$E/bin/activate"
check again "$PATH" "$E/bin:$before"
. "$F/bin/activate"
check other "$PATH" "$F/bin:$before"
check other-prompt "$PS1" "(second) > "
. "$E/bin/activate"

# 3. leave
deactivate
check restored "$PATH" "$before"
check prompt-restored "$PS1" "> "
check unset "${VIRTUAL_ENV-none}${VIRTUAL_ENV_PROMPT-none}${_OLD_VIRTUAL_PATH-none}${_OLD_VIRTUAL_PS1-none}" nonenonenonenone

check pydoc-removed "$(PATH=; \command -v pydoc || \:)" ""

# 4. PATH changed meanwhile: the changes stay, the entry goes
. "$E/bin/activate"
PATH="/first:$PATH:/last:"
deactivate
check changed "$PATH" "/first:$before:/last:"
PATH="$before"
. "$E/bin/activate"
PATH="/only/this"
deactivate
check replaced "$PATH" "/only/this"

# 5. odd values of PATH come back byte for byte
for odd in "" ":" "$E/bin" "$E/bin:/x:$E/bin" ":/a::/b:" "/a *:/b"; do
    PATH="$odd"
    . "$E/bin/activate"
    check odd-path "$PATH" "$E/bin${odd:+:$odd}"
    deactivate
    check odd "$PATH" "$odd"
done
\unset PATH
. "$E/bin/activate"
check only "$PATH" "$E/bin"
deactivate
check path-unset "${PATH-none}" none
PATH="$before"
\export PATH

# 6. PYTHONHOME
PYTHONHOME="/python home"
\export PYTHONHOME
. "$E/bin/activate"
check pythonhome "${PYTHONHOME-none}" none
deactivate
check pythonhome-restored "$PYTHONHOME" "/python home"
\unset PYTHONHOME

# 7. no prompt wanted, and none there
VIRTUAL_ENV_DISABLE_PROMPT=1
. "$E/bin/activate"
check disabled "$PS1" "> "
check disabled-name "$VIRTUAL_ENV_PROMPT" "$N"
deactivate
\unset VIRTUAL_ENV_DISABLE_PROMPT PS1
. "$E/bin/activate"
case "${ZSH_VERSION+zsh}" in
    zsh) check no-prompt "${PS1-none}" none ;;
    *) case "${PS1-none}" in "("*") ") ;; *) printf 'no prompt: [%s]\n' "${PS1-none}" ;; esac ;;
esac
deactivate
check no-prompt-after "${PS1-none}" none

# 8. an environment inherited from a parent process, which has no function to leave it by
PATH="$F/bin:$before"
\export VIRTUAL_ENV="$F"
. "$E/bin/activate"
check inherited "$PATH" "$E/bin:$before"
deactivate nondestructive
check kept "$PATH" "$before"
. "$E/bin/activate"
deactivate
"#;

/// Shells of the family with the arguments for a clean start.
const SHELLS: &[(&str, &[&str])] = &[
    ("bash", &["--norc"]),
    ("bash", &["--norc", "--posix"]),
    ("zsh", &["-f"]),
    ("dash", &[]),
    ("ksh", &[]),
    ("mksh", &[]),
];

fn scenario(fixture: &Fixture, shell: &str, arguments: &[&str], settings: &str) {
    let Some(found) = Shell::find(shell) else { return };
    let said = fixture.run(&found, arguments, &format!("{settings}\n{SCENARIO}"));
    assert_eq!(said, "", "{shell} {arguments:?} {settings}, {:?}", fixture.env);
}

#[test]
fn scenario_passes_in_every_shell() {
    let fixture = Fixture::new("env", "env");
    for (shell, arguments) in SHELLS {
        for settings in ["", "set -eu", "set -euf", "set -C", "IFS=/", "IFS=abcdefghijklmnopqrstuvwxyz:", "IFS="] {
            scenario(&fixture, shell, arguments, settings);
        }
    }
}

#[test]
fn scenario_passes_inside_a_function() {
    let fixture = Fixture::new("env", "env");
    let mut script = String::from("enter() { . \"$1/bin/activate\"; }\n");
    script.push_str(&SCENARIO.replace(". \"$E/bin/activate\"", "enter \"$E\""));
    for (shell, arguments) in SHELLS {
        let Some(found) = Shell::find(shell) else { continue };
        assert_eq!(fixture.run(&found, arguments, &format!("set -eu\n{script}")), "", "{shell} {arguments:?}");
    }
}

#[test]
fn scenario_passes_with_hostile_names() {
    for name in hostile_names() {
        let fixture = Fixture::new(name, name);
        for (shell, arguments) in SHELLS {
            scenario(&fixture, shell, arguments, "set -eu");
        }
    }
}

#[test]
fn scenario_passes_under_bash_options() {
    let fixture = Fixture::new("an env", "env");
    for settings in [
        "set -eu -o pipefail",
        "set -eE; trap 'echo ERR' ERR",
        "shopt -s failglob nocasematch extglob",
        "shopt -s nullglob dotglob; set -T; trap : DEBUG",
        "shopt -s expand_aliases; alias unset=false export=false hash=false cd=false case=case command=false",
        "shopt -s expand_aliases; alias deactivate='echo alias'; unalias deactivate",
        "set +h",
        "set -a",
        "shopt -s localvar_inherit",
        "cd() { echo cd; }; basename() { echo b; }",
    ] {
        scenario(&fixture, "bash", &["--norc"], settings);
        scenario(&fixture, "bash", &["--norc", "--posix"], settings);
    }
}

#[test]
fn scenario_passes_under_zsh_options() {
    let fixture = Fixture::new("an env", "env");
    for settings in [
        "setopt err_exit no_unset pipe_fail",
        "setopt err_return",
        "setopt ksh_arrays",
        "setopt sh_word_split glob_subst glob_assign",
        "setopt null_glob",
        "setopt csh_null_glob extended_glob",
        "setopt nomatch no_glob",
        "setopt warn_create_global warn_nested_var",
        "setopt ignore_braces",
        "setopt rc_expand_param rc_quotes magic_equal_subst",
        "setopt csh_junkie_quotes csh_junkie_loops",
        "setopt sh_glob posix_builtins",
        "setopt all_export auto_name_dirs",
        "setopt no_equals no_function_argzero no_bare_glob_qual ksh_glob",
        "emulate sh",
        "emulate ksh",
        "emulate csh",
        "setopt aliases; alias unset=false export=false hash=false command=false eval=false",
        "alias -g std='| cat'",
    ] {
        scenario(&fixture, "zsh", &["-f"], settings);
    }
}

#[test]
fn zsh_with_unique_path_gets_its_old_path_back() {
    let Some(zsh) = Shell::find("zsh") else { return };
    let fixture = Fixture::new("env", "env");
    let script = r#"typeset -U path PATH; PATH="/a:$E/bin:/b"; . "$E/bin/activate"; print -r -- "$PATH"
        deactivate; [ "$PATH" = "/a:$E/bin:/b" ] && print same"#;
    let expected = format!("{}/bin:/a:/b\nsame\n", fixture.env.display());
    assert_eq!(fixture.run(&zsh, &["-f"], script), expected);
}

#[test]
fn readonly_prompt_stays_and_activation_succeeds() {
    let fixture = Fixture::new("env", "env");
    let script = r#"PS1='> '; readonly PS1; . "$E/bin/activate"; printf '%s|' "$VIRTUAL_ENV_PROMPT" "$PS1"; deactivate
        printf '%s' "${VIRTUAL_ENV-none}""#;
    for (shell, arguments) in SHELLS.iter().filter(|(shell, _)| *shell != "mksh") {
        let Some(found) = Shell::find(shell) else { continue };
        for options in ["", "set -eu\n"] {
            assert_eq!(fixture.run(&found, arguments, &format!("{options}{script}")), "env|> |none", "{shell}");
        }
    }
}

#[test]
fn alias_called_deactivate_is_no_obstacle() {
    let fixture = Fixture::new("env", "env");
    let script =
        "alias deactivate='echo alias'\n. \"$E/bin/activate\"\ndeactivate\nprintf '%s' \"${VIRTUAL_ENV-none}\"";
    for (shell, arguments) in SHELLS {
        let Some(found) = Shell::find(shell) else { continue };
        let settings = if *shell == "bash" { "shopt -s expand_aliases\n" } else { "" };
        assert_eq!(fixture.run(&found, arguments, &format!("{settings}{script}")), "none", "{shell}");
    }
}

#[test]
fn prompt_is_not_exported_and_no_name_is_left_behind() {
    let Some(bash) = Shell::find("bash") else { return };
    let fixture = Fixture::new("env", "env");
    let script = r#"PS1='> '; . "$E/bin/activate"; export -p | grep -c " PS1=" || :; deactivate
        set | grep -ciE '^_?(old_)?(virtual|venvwrap)' || :; declare -F"#;
    assert_eq!(fixture.run(&bash, &["--norc"], script), "0\n0\n");
}

#[test]
fn environments_of_the_standard_library_are_left_and_left_for() {
    let (Some(bash), Some(python)) = (Shell::find("bash"), Shell::find("python3")) else { return };
    let fixture = Fixture::new("env", "env");
    let theirs = fixture.directory.path().join("theirs");
    let made = python.command().args(["-m", "venv", "--without-pip"]).arg(&theirs).status().unwrap();
    assert!(made.success());
    let script = r#"before="$PATH"; PS1='> '
        for order in "theirs $E" "$E theirs"; do
            set -- $order; . "$1/bin/activate"; . "$2/bin/activate"
            printf '%s\n' "${PATH//"$before"/OLD}" ; deactivate
            [ "$PATH" = "$before" ] && printf '%s\n' "$PS1"
        done"#;
    let theirs = fs::canonicalize(theirs).unwrap();
    let expected = format!("{}/bin:OLD\n> \n{}/bin:OLD\n> \n", fixture.env.display(), theirs.display());
    assert_eq!(fixture.run(&bash, &["--norc"], script), expected);
}

#[test]
fn an_environment_that_was_moved_is_found_where_its_script_is() {
    for name in hostile_names().chain(["env"]) {
        let fixture = Fixture::new("env", "env");
        let moved = fixture.env.with_file_name(format!("new{name}"));
        fs::rename(&fixture.env, &moved).unwrap();
        for (shell, arguments) in SHELLS.iter().filter(|(shell, _)| !matches!(*shell, "dash" | "mksh")) {
            let Some(found) = Shell::find(shell) else { continue };
            let place = moved.to_str().unwrap().replace('\'', "'\\''");
            for how in [". \"$M/bin/activate\"", "cd -- \"$M/bin\"; . ./activate", "cd -- \"$M\"; . bin/activate"] {
                let script = format!("set -eu; M='{place}'; {how}; printf '%s|%s' \"$VIRTUAL_ENV\" \"${{PATH%%:*}}\"");
                let output = fixture.output(&found, arguments, &script);
                let expected = format!("{0}|{0}/bin", moved.display());
                assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{shell} {how}");
                let stderr = String::from_utf8_lossy(&output.stderr);
                let told = format!("the environment is no longer {}: ", fixture.env.display());
                assert!(stderr.starts_with(&told) && stderr.lines().count() == 1, "{stderr}");
            }
        }
    }
}

/// Those shells do not tell a script where it is: no directory that does not exist comes first on PATH.
#[test]
fn nothing_changes_where_a_moved_environment_cannot_be_found() {
    for name in hostile_names().chain(["env"]) {
        let fixture = Fixture::new(name, name);
        fs::rename(&fixture.env, fixture.env.with_file_name("moved")).unwrap();
        for (shell, arguments) in SHELLS.iter().filter(|(shell, _)| matches!(*shell, "dash" | "mksh")) {
            let Some(found) = Shell::find(shell) else { continue };
            assert_nothing_changes(&fixture, &found, arguments, ". moved/bin/activate");
        }
    }
}

/// Another environment stays active, and is left as ever.
fn assert_nothing_changes(fixture: &Fixture, shell: &Shell, arguments: &[&str], how: &str) {
    let script = format!(
        ". \"$F/bin/activate\"; before=\"$PATH|$VIRTUAL_ENV|$(set)\"; {how} && echo entered
         case \"$before\" in \"$PATH|$VIRTUAL_ENV|\"*) ;; *) echo changed ;; esac
         echo \"${{_venvwrap_place-}}\"; deactivate; echo \"${{VIRTUAL_ENV-left}}\""
    );
    let output = fixture.output(shell, arguments, &script);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "\nleft\n", "{how}: {stderr}");
    let told = format!("the environment is no longer {}: ", fixture.env.display());
    assert!(stderr.starts_with(&told) && stderr.lines().count() == 1, "{how}: {stderr}");
}

/// A pipe lies in no environment, and neither does a file that evaluates the text.
#[test]
fn a_script_without_a_file_finds_no_other_place() {
    let fixture = Fixture::new("env", "env");
    let moved = fixture.env.with_file_name("moved");
    fs::rename(&fixture.env, &moved).unwrap();
    let text = render_self_locating(Script::Posix, "env").unwrap();
    fs::write(fixture.directory.path().join("locating"), text).unwrap();
    fs::write(fixture.directory.path().join("file"), "eval \"$(cat moved/bin/activate)\"").unwrap();
    for (shell, arguments) in SHELLS.iter().filter(|(shell, _)| matches!(*shell, "bash" | "zsh")) {
        let Some(found) = Shell::find(shell) else { continue };
        for how in [". <(cat moved/bin/activate)", ". /dev/stdin <moved/bin/activate", ". ./file"] {
            for before in ["", "test() { :; }; "] {
                assert_nothing_changes(&fixture, &found, arguments, &format!("{before}{how}"));
            }
        }
        let script = "set -e; p=$PATH; . <(cat locating) || [ \"$p\" = \"$PATH\" ]; printf %s \"${VIRTUAL_ENV-none}\"";
        let output = fixture.output(&found, arguments, script);
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().last(), Some("none"), "{shell} {output:?}");
    }
}

#[test]
fn a_shell_that_runs_the_script_instead_of_sourcing_it_says_so() {
    let fixture = Fixture::new("env", "env");
    for (shell, arguments) in [("bash", "--norc"), ("zsh", "-f")] {
        let Some(found) = Shell::find(shell) else { continue };
        let script = fixture.env.join("bin/activate");
        let output = found.command().arg(arguments).arg(&script).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{shell}");
        let told = format!("You must source this script: $ source {}\n", script.display());
        assert_eq!(String::from_utf8_lossy(&output.stderr), told, "{shell}");
        // A file that sources it is no such shell, nor is one that reads it from its input.
        let file = fixture.env.join("file");
        fs::write(&file, format!(". '{}'; printf %s \"$VIRTUAL_ENV\"", script.display())).unwrap();
        let output = found.command().arg(arguments).arg(&file).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), fixture.env.to_str().unwrap(), "{shell}");
    }
}
