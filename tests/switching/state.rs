//! What is in the state directory may be anything, and the hook comes with every entry point.

use std::fs;

use venvwrap_core::shell::Shell;

use super::interactive::{command, feed, interact, reports, text};
use crate::support::associations::{associate, settle};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell};

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    sandbox.make_env("api");
    associate(sandbox, "api", &sandbox.path("projects/api"));
    settle(sandbox);
}

#[test]
fn foreign_files_are_passed_over() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let tree = sandbox.path("home/.local/state/venvwrap/auto");
        let mirrored = |path: &str| tree.join(sandbox.path(path).strip_prefix("/").unwrap());
        fs::remove_file(tree.join("@generation")).unwrap();
        // Whoever reads it waits for ever.
        rustix::fs::mknodat(
            rustix::fs::CWD,
            tree.join("@generation"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        fs::create_dir_all(mirrored("projects/@env")).unwrap();
        fs::write(mirrored("projects/other"), "a file where a directory would be").unwrap();
        std::os::unix::fs::symlink("loop", mirrored("projects/loop")).unwrap();
        for directory in ["projects/other", "projects/loop"] {
            fs::create_dir_all(sandbox.path(directory)).unwrap();
        }
        let script = "cd ../projects\nreport 1\ncd other\nreport 2\ncd ../loop\nreport 3\ncd ../api\nreport 4";
        let outcome = interact(sandbox, shell, script);
        let envs: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap()).collect();
        assert_eq!(envs, ["env=", "env=", "env=", "env=api"], "{}: {outcome:#?}", shell.name());
        assert!(!outcome.stderr.contains("error") && !outcome.stderr.contains("__venvwrap"), "{outcome:#?}");
    });
}

#[test]
fn a_file_where_the_state_directory_would_be_is_silent() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        fs::remove_dir_all(sandbox.path("home/.local")).unwrap();
        sandbox.write("home/.local", "a file");
        let outcome = interact(sandbox, shell, "cd ../projects/api\nreport 1\nworkon -n api\nreport 2\ncd ~\nreport 3");
        let envs: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap()).collect();
        assert_eq!(envs, ["env=", "env=api", "env=api"], "{}: {outcome:#?}", shell.name());
        assert!(!outcome.stderr.contains("error") && !outcome.stderr.contains("__venvwrap"), "{outcome:#?}");
    });
}

/// Loads the entry point of virtualenvwrapper instead of what `venvwrap init` prints.
fn enter_project(sandbox: &Sandbox, shell: Shell, auto: Option<&str>) -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/shell/virtualenvwrapper.sh");
    let text = text(sandbox, shell, "", "cd ../projects/api\nreport end");
    let lines = text.lines().map(|line| if line.contains(" init ") { format!(". '{file}'") } else { line.to_string() });
    let text: Vec<_> = lines.collect();
    let mut command = command(sandbox, shell);
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
    command.envs(auto.map(|value| ("VENVWRAP_AUTO", value)));
    feed(sandbox, command, &text.join("\n")).stdout
}

#[test]
fn the_entry_point_of_virtualenvwrapper_loads_it_where_it_was_asked_for() {
    in_bash_and_zsh(|sandbox, shell| {
        place(sandbox);
        for (auto, env) in [(None, ""), (Some("0"), ""), (Some(""), ""), (Some("1"), "api")] {
            let output = enter_project(sandbox, shell, auto);
            assert!(output.contains(&format!("end: status=0 env={env} ")), "{} {auto:?}: {output}", shell.name());
        }
    });
    in_bash_and_zsh(|sandbox, shell| {
        let _ = enter_project(sandbox, shell, None);
        assert!(!sandbox.take_log().contains("init"), "{}: the program is not started for it", shell.name());
    });
}
