//! `activate.ps1` and `activate.nu`: their text, and what they do where their shells are.

use std::process::Command;

use super::*;

fn text(script: Script) -> String {
    let values = Activation { env: Path::new("/e/it's"), prompt: "x" };
    String::from_utf8(render(script, &values).unwrap()).unwrap()
}

/// Where each of these texts is.
fn places(text: &str, parts: &[&str]) -> Vec<usize> {
    parts.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"))).collect()
}

/// The place is looked at before anything changes, and every line with the path is one that is read as a value.
#[test]
fn an_environment_that_was_moved_is_looked_for_before_another_is_left() {
    for (script, parts) in [
        (
            Script::PowerShell,
            &[
                "$_venvwrap_place = '/e/it''s'\n",
                "Test-Path -LiteralPath $_venvwrap_place",
                "Split-Path -Parent $PSScriptRoot",
                "return\n",
                "deactivate -NonDestructive\n",
                "$env:VIRTUAL_ENV = '/e/it''s'\n",
                "Set-Item -LiteralPath env:VIRTUAL_ENV -Value $_venvwrap_place\n",
                "$env:PATH = $env:VIRTUAL_ENV",
            ][..],
        ),
        (
            Script::Nushell,
            &[
                "let virtual_env = \"/e/it's\"\n",
                "if ($virtual_env | path exists) { $virtual_env } else {\n",
                "$env.FILE_PWD?",
                "error make { msg: $told }\n",
                "print --stderr $told\n",
                "load-env {\n",
                "VIRTUAL_ENV: $place\n",
                "($place | path join \"bin\")",
            ],
        ),
    ] {
        let places = places(&text(script), parts);
        assert!(places.is_sorted(), "{script:?}: {places:?}");
    }
}

#[test]
fn an_environment_that_was_moved_is_found_where_its_script_is() {
    let fixture = Fixture::new("env", "env");
    let moved = fixture.env.with_file_name("it's moved");
    fs::rename(&fixture.env, &moved).unwrap();
    let pwsh = ". './it''s moved/bin/activate.ps1'; [Console]::Write($env:VIRTUAL_ENV)";
    let nu = "overlay use \"it's moved/bin/activate.nu\"; print --no-newline $env.VIRTUAL_ENV";
    for (shell, arguments) in [("pwsh", ["-NoProfile", "-Command", pwsh]), ("nu", ["--no-config-file", "-c", nu])] {
        // Hardly any machine has them.
        let Ok(output) = Command::new(shell).args(arguments).current_dir(fixture.directory.path()).output() else {
            continue;
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout), moved.to_str().unwrap(), "{shell}: {output:?}");
    }
}
