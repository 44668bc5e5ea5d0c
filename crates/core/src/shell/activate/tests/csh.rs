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
