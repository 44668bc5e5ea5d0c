//! `activate.csh` in tcsh.

use super::*;

const SCENARIO: &str = r#"
set before = "$PATH:q"

# 1. without a prompt
source "$E:q/bin/activate.csh"
if ( "$PATH:q" != "$E:q/bin:$before:q" ) echo "path $PATH:q"
if ( "$VIRTUAL_ENV:q" != "$E:q" ) echo "env $VIRTUAL_ENV:q"
if ( "$VIRTUAL_ENV_PROMPT:q" != "$N:q" ) echo "name $VIRTUAL_ENV_PROMPT:q"
if ( $?prompt ) echo "prompt made"
if ( "`alias pydoc`" != "python -m pydoc" ) echo "no pydoc"

# 2. enter again, then another: nothing stacks
source "$E:q/bin/activate.csh"
source "$F:q/bin/activate.csh"
if ( "$PATH:q" != "$F:q/bin:$before:q" ) echo "other $PATH:q"

# 3. leave
deactivate
if ( "$PATH:q" != "$before:q" ) echo "restored $PATH:q"
if ( $?VIRTUAL_ENV || $?VIRTUAL_ENV_PROMPT || $?_OLD_VIRTUAL_PATH ) echo "left"
if ( "`alias pydoc`" != "" ) echo "pydoc is left"

# 4. with a prompt, PYTHONHOME
set prompt = 'old%# '
setenv PYTHONHOME "/python home"
source "$F:q/bin/activate.csh"
if ( "$prompt:q" != "(second) old%# " ) echo "prompt $prompt:q"
if ( $?PYTHONHOME ) echo "PYTHONHOME is set"
source "$E:q/bin/activate.csh"
deactivate
if ( "$prompt:q" != "old%# " ) echo "prompt restored $prompt:q"
if ( "$PYTHONHOME:q" != "/python home" ) echo "PYTHONHOME $PYTHONHOME:q"
unsetenv PYTHONHOME

# 5. no prompt wanted
setenv VIRTUAL_ENV_DISABLE_PROMPT 1
source "$E:q/bin/activate.csh"
if ( "$prompt:q" != "old%# " ) echo "prompt disabled $prompt:q"
deactivate
"#;

#[test]
fn scenario_passes() {
    let Some(tcsh) = Shell::find("tcsh") else { return };
    let fixture = Fixture::new("env", "env");
    assert_eq!(run(&fixture, &tcsh), "");
}

#[test]
fn scenario_passes_with_hostile_names() {
    let Some(tcsh) = Shell::find("tcsh") else { return };
    for name in hostile_names() {
        let fixture = Fixture::new(name, name);
        assert_eq!(run(&fixture, &tcsh), "", "{name}");
    }
}

/// tcsh takes one line after `-c`, so the scenario goes into a file.
fn run(fixture: &Fixture, tcsh: &Shell) -> String {
    fs::write(fixture.directory.path().join("scenario.csh"), SCENARIO).unwrap();
    fixture.run(tcsh, &["-f"], "source scenario.csh")
}

/// It does not tell a script where it is: no directory that does not exist comes first on PATH.
#[test]
fn nothing_changes_for_an_environment_that_was_moved() {
    let Some(tcsh) = Shell::find("tcsh") else { return };
    for name in hostile_names().chain(["env"]) {
        let fixture = Fixture::new(name, name);
        fs::rename(&fixture.env, fixture.env.with_file_name("moved")).unwrap();
        let script = "source \"$F:q/bin/activate.csh\"\nset before = \"$PATH:q|$VIRTUAL_ENV:q\"\n\
                      source moved/bin/activate.csh\n\
                      if ( \"$before:q\" != \"$PATH:q|$VIRTUAL_ENV:q\" ) echo changed\n\
                      deactivate\nif ( $?VIRTUAL_ENV ) echo kept\n";
        fs::write(fixture.directory.path().join("moved.csh"), script).unwrap();
        let output = fixture.output(&tcsh, &["-f"], "source moved.csh");
        let told = format!("the environment is no longer {}: ", fixture.env.display());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{name}: {stderr}");
        assert!(stderr.starts_with(&told) && stderr.lines().count() == 1, "{name}: {stderr}");
    }
}
