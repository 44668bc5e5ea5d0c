//! The completion files pass each shell's own parser and the usual linters.

use std::path::Path;
use std::process::Command;

use crate::support::tools::find_program;

#[test]
fn completion_files() {
    for (program, arguments, file) in [
        ("bash", &["-n"][..], "venvwrap.bash"),
        ("zsh", &["-f", "-n"], "_venvwrap"),
        ("fish", &["--no-execute"], "venvwrap.fish"),
        ("shellcheck", &["--norc"], "venvwrap.bash"),
        ("shfmt", &["-i", "2", "-ci", "-d"], "venvwrap.bash"),
        ("fish_indent", &["--check"], "venvwrap.fish"),
    ] {
        let Some(program) = find_program(program) else { continue };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let output = Command::new(&program).args(arguments).arg(&file).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{} {}\n{}",
            program.display(),
            file.display(),
            String::from_utf8_lossy(&text)
        );
    }
}
