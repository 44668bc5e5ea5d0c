//! `activate.fish` in fish.

use super::*;

const SCENARIO: &str = r#"
function check
    test "$argv[2]" = "$argv[3]"; or builtin echo "$argv[1]: [$argv[2]] is not [$argv[3]]"
end
set -l before $PATH
set -l path (string join : -- $before)
function fish_prompt; builtin echo -n '> '; end

# 1. enter
source "$E/bin/activate.fish"
check path (string join : -- $PATH) "$E/bin:$path"
check env "$VIRTUAL_ENV" "$E"
check name "$VIRTUAL_ENV_PROMPT" "$N"
check saved (string join : -- $_OLD_VIRTUAL_PATH) $path

builtin functions pydoc | string match -q '*python -m pydoc $argv'; or builtin echo "no pydoc"

# 2. enter again, then another, then the first: nothing stacks
source "$E/bin/activate.fish"
check again (string join : -- $PATH) "$E/bin:$path"
source "$F/bin/activate.fish"
check other (string join : -- $PATH) "$F/bin:$path"
check other-prompt (fish_prompt | string replace -ra '\e\(B|\e\[m' '') "(second) > "
source "$E/bin/activate.fish"

# 3. leave
deactivate
check restored (string join : -- $PATH) $path
check prompt-restored (fish_prompt) "> "
for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_PATH _OLD_FISH_PROMPT_OVERRIDE _VENVWRAP_PATH
    set -q $name; and builtin echo "$name is left"
end
builtin functions -q deactivate; and builtin echo "deactivate is left"
builtin functions -q pydoc; and builtin echo "pydoc is left"

# 4. PATH changed meanwhile: the changes stay, the entry goes
source "$E/bin/activate.fish"
set -gx PATH /usr $PATH /tmp
deactivate
check changed (string join : -- $PATH) "/usr:$path:/tmp"

# 5. PATH that has the entry already
set -gx PATH /usr "$E/bin" $before
source "$E/bin/activate.fish"
deactivate
check twice (string join : -- $PATH) "/usr:$E/bin:$path"
set -gx PATH $before

# 6. PYTHONHOME
set -gx PYTHONHOME "/python home"
source "$E/bin/activate.fish"
set -q PYTHONHOME; and builtin echo "PYTHONHOME is set"
deactivate
check pythonhome "$PYTHONHOME" "/python home"
set -e PYTHONHOME

# 7. no prompt wanted, or one that shows the environment itself
set -g VIRTUAL_ENV_DISABLE_PROMPT 1
source "$E/bin/activate.fish"
check disabled (fish_prompt) "> "
check disabled-name "$VIRTUAL_ENV_PROMPT" "$N"
deactivate
set -e VIRTUAL_ENV_DISABLE_PROMPT
function fish_prompt; builtin echo -n "own $VIRTUAL_ENV> "; end
source "$E/bin/activate.fish"
check own (fish_prompt) "own $E> "
deactivate

# 8. an environment inherited from a parent process
set -gx PATH "$F/bin" $before
set -gx VIRTUAL_ENV "$F"
source "$E/bin/activate.fish"
check inherited (string join : -- $PATH) "$E/bin:$path"
deactivate nondestructive
check kept (string join : -- $PATH) $path
deactivate
"#;

#[test]
fn scenario_passes() {
    let Some(fish) = Shell::find("fish") else { return };
    for settings in [
        "",
        "function contains; echo c; end; function printf; echo p; end; function functions; end; function source; builtin source $argv; end",
    ] {
        let fixture = Fixture::new("env", "env");
        assert_eq!(fixture.run(&fish, &["--no-config"], &format!("{settings}\n{SCENARIO}")), "");
    }
}

#[test]
fn scenario_passes_inside_a_function() {
    let Some(fish) = Shell::find("fish") else { return };
    let fixture = Fixture::new("env", "env");
    let script = SCENARIO.replace("source \"$E/bin/activate.fish\"", "enter \"$E\"");
    let script = format!("function enter; source \"$argv[1]/bin/activate.fish\"; end\n{script}");
    assert_eq!(fixture.run(&fish, &["--no-config"], &script), "");
}

#[test]
fn scenario_passes_with_hostile_names() {
    let Some(fish) = Shell::find("fish") else { return };
    for name in hostile_names() {
        let fixture = Fixture::new(name, name);
        assert_eq!(fixture.run(&fish, &["--no-config"], SCENARIO), "", "{name}");
    }
}

#[test]
fn prompt_of_several_lines_stays_whole() {
    let Some(fish) = Shell::find("fish") else { return };
    let fixture = Fixture::new("env", "env");
    let script = r#"function fish_prompt; printf 'one\n\ntwo> '; end; source "$E/bin/activate.fish"; fish_prompt"#;
    let drawn = fixture.run(&fish, &["--no-config"], script).replace("\u{1b}(B\u{1b}[m", "");
    assert_eq!(drawn, "(env) one\n\ntwo> ");
}

#[test]
fn an_environment_that_was_moved_is_found_where_its_script_is() {
    let Some(fish) = Shell::find("fish") else { return };
    let fixture = Fixture::new("env", "env");
    let moved = fixture.env.with_file_name("new place $HOME");
    fs::rename(&fixture.env, &moved).unwrap();
    for how in
        ["source (dirname $E)/'new place $HOME/bin/activate.fish'", "cd 'new place $HOME/bin'; source activate.fish"]
    {
        let output = fixture.output(&fish, &["--no-config"], &format!("{how}; printf '%s|%s' $VIRTUAL_ENV $PATH[1]"));
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{0}|{0}/bin", moved.display()), "{how}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("the environment is no longer "), "{output:?}");
    }
}

/// A pipe lies in no environment, not even in one that the shell is in.
#[test]
fn a_script_from_a_pipe_finds_no_other_place() {
    let Some(fish) = Shell::find("fish") else { return };
    let fixture = Fixture::new("env", "env");
    let moved = fixture.env.with_file_name("moved");
    fs::rename(&fixture.env, &moved).unwrap();
    let text = render_self_locating(Script::Fish, "env").unwrap();
    fs::write(moved.join("bin/locating.fish"), text).unwrap();
    let told = "; printf '%s|%s' \"$VIRTUAL_ENV\" $PATH[1]";
    for directory in ["$F/bin", "$F"] {
        for pipe in ["cat $M | source", "source (cat $M | psub)"] {
            let script = format!(
                "cd {directory}; set M ../../moved/bin/activate.fish; test -f $M; \
                or set M ../moved/bin/activate.fish; {pipe}"
            );
            // Another environment stays active.
            let output = fixture.output(
                &fish,
                &["--no-config"],
                &format!(
                    "source $F/bin/activate.fish; {script}; and echo entered{told}; set -q _venvwrap_place; or echo"
                ),
            );
            let second = fixture.directory.path().join("second env");
            let expected = format!("{0}|{0}/bin\n", second.display());
            assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{directory} {pipe} {output:?}");
            let script = format!("{}{}", script.replace("activate", "locating"), "; printf '%s' \"$VIRTUAL_ENV\"");
            let output = fixture.output(&fish, &["--no-config"], &script);
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{directory} {pipe} {output:?}");
        }
    }
    let found = fixture.output(&fish, &["--no-config"], &format!("cd moved/bin; source locating.fish{told}"));
    assert_eq!(String::from_utf8_lossy(&found.stdout), format!("{0}|{0}/bin", moved.display()), "{found:?}");
}
