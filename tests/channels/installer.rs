//! The installer of release archives.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use super::{make, root, run, use_as_a_newcomer};
use crate::support::sandbox::Sandbox;
use crate::support::tools::unshare;

const TARGET: &str = "x86_64-unknown-linux-musl";

struct Release {
    sandbox: Sandbox,
    archive: String,
}

impl Release {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        std::fs::create_dir(sandbox.path("out")).unwrap();
        let archive = make(&sandbox, "archive", &[TARGET, sandbox.path("out").to_str().unwrap()]);
        Self { archive: archive.to_str().unwrap().to_owned(), sandbox }
    }

    fn installer(&self, shell: &str, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(shell.as_ref());
        command.arg(root().join(".github/packaging/install.sh")).args(arguments);
        command
    }
}

#[test]
fn an_archive_is_installed_replaced_and_removed() {
    let release = Release::new();
    let place = release.sandbox.path("new");
    let prefix = place.join("it's here");
    let shown = prefix.to_str().unwrap();
    for shell in ["sh", "bash"] {
        run(&mut release.installer(shell, &["--from", &release.archive, "--prefix", shown]));
    }
    use_as_a_newcomer(&prefix);
    let mut command = release.installer("sh", &["--uninstall", "--prefix", shown]);
    run(command.env("VENVWRAP_CACHE_DIR", release.sandbox.path("cache")));
    assert!(!place.exists(), "{:?}", std::fs::read_dir(&prefix));
    // What was there before stays, although nothing is in it.
    std::fs::create_dir(&place).unwrap();
    run(&mut release.installer("sh", &["--from", &release.archive, "--prefix", shown]));
    let mut command = release.installer("sh", &["--uninstall", "--prefix", shown]);
    run(command.env("VENVWRAP_CACHE_DIR", release.sandbox.path("cache")));
    assert!(place.exists() && !prefix.exists(), "{:?}", std::fs::read_dir(&prefix));
}

/// pip, pipx, uv and cargo put the program into the same place, and remove it from there.
#[test]
fn what_another_tool_has_installed_is_left_alone() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    let program = prefix.join("bin/venvwrap");
    for tool in ["cargo", "pip", "pipx", "pipx, after the script", "pip elsewhere, after the script"] {
        std::fs::create_dir_all(prefix.join("share/venvwrap")).unwrap();
        std::fs::create_dir_all(prefix.join("bin")).unwrap();
        std::fs::write(prefix.join("share/venvwrap/mine.sh"), "").unwrap();
        match tool {
            "cargo" => std::fs::write(&program, "it").unwrap(),
            "pip elsewhere, after the script" => {
                let arguments = ["--from", &*release.archive, "--prefix", prefix.to_str().unwrap()];
                run(&mut release.installer("sh", &arguments));
                std::fs::write(&program, "it").unwrap();
            }
            "pip" => {
                std::fs::write(&program, "it").unwrap();
                let notes = prefix.join("lib/python3.13/site-packages/venvwrap_cli-0.1.0.dist-info");
                std::fs::create_dir_all(notes).unwrap();
            }
            _ => {
                std::fs::write(prefix.join("it"), "it").unwrap();
                std::os::unix::fs::symlink("../it", &program).unwrap();
            }
        }
        if tool == "pipx, after the script" {
            std::fs::write(prefix.join("share/venvwrap/files"), "bin/venvwrap\n").unwrap();
        }
        for action in ["--uninstall", "--from"] {
            let arguments = [&["--prefix", prefix.to_str().unwrap(), action][..], &[&*release.archive]].concat();
            let output =
                release.installer("sh", &arguments[..if action == "--from" { 4 } else { 3 }]).output().unwrap();
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), message.lines().count()), (Some(1), 1), "{tool}: {output:#?}");
            assert!(
                message.contains(if tool == "pip" { "with pip" } else { "not installed by this script" }),
                "{message}"
            );
            assert_eq!(std::fs::read_to_string(&program).unwrap(), "it", "{tool}");
            assert!(prefix.join("share/venvwrap/mine.sh").exists(), "{tool}");
        }
        std::fs::remove_dir_all(&prefix).unwrap();
    }
}

/// Those of another tool are kept and named, because that may remove ours; what it puts there later stays, too.
#[test]
fn files_of_others_come_back_or_stay() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    let [script, lazy, page] = ["bin/virtualenvwrapper.sh", "bin/virtualenvwrapper_lazy.sh", "share/man/man1/workon.1"]
        .map(|file| prefix.join(file));
    std::fs::create_dir_all(prefix.join("bin")).unwrap();
    std::fs::create_dir_all(page.parent().unwrap()).unwrap();
    std::fs::write(&script, "mine").unwrap();
    std::os::unix::fs::symlink("/nowhere", &page).unwrap();
    let install = || {
        let arguments = ["--from", &*release.archive, "--prefix", prefix.to_str().unwrap()];
        String::from_utf8(run(&mut release.installer("sh", &arguments)).stderr).unwrap()
    };
    let printed = install();
    assert!(printed.contains("virtualenvwrapper.sh was there") && printed.matches("note:").count() == 2, "{printed}");
    assert!(script.is_symlink() && page.is_file());
    assert!(!install().contains("note:"));
    std::fs::write(prefix.join("share/venvwrap/mine.sh"), "").unwrap();
    std::fs::remove_file(&lazy).unwrap();
    std::fs::write(&lazy, "pip's").unwrap();
    let output = run(&mut release.installer("sh", &["--uninstall", "--prefix", prefix.to_str().unwrap()]));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains("virtualenvwrapper_lazy.sh is no longer the file"), "{printed}");
    let left = Command::new("find").arg(&prefix).args(["!", "-type", "d"]).output().unwrap().stdout;
    let left = String::from_utf8(left).unwrap();
    let mine = prefix.join("share/venvwrap/mine.sh");
    assert_eq!(left.lines().count(), 4, "{left}");
    assert!(mine.exists() && !script.is_symlink(), "{left}");
    assert_eq!(std::fs::read_to_string(script).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(lazy).unwrap(), "pip's");
    assert_eq!(std::fs::read_link(page).unwrap().to_str(), Some("/nowhere"));
}

/// The last is what would be there without this script.
#[test]
fn of_several_files_that_were_there_none_is_lost() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    let [script, lazy] = ["bin/virtualenvwrapper.sh", "bin/virtualenvwrapper_lazy.sh"].map(|file| prefix.join(file));
    let call = |arguments: &[&str]| {
        let mut command = release.installer("sh", arguments);
        String::from_utf8(run(command.args(["--prefix", prefix.to_str().unwrap()])).stderr).unwrap()
    };
    std::fs::create_dir_all(prefix.join("bin")).unwrap();
    for (content, name) in [("one", ""), ("two", "-2"), ("two", "-2"), ("three", "-3")] {
        for file in [&script, &lazy] {
            let _ = std::fs::remove_file(file);
            std::fs::write(file, content).unwrap();
        }
        let printed = call(&["--from", &release.archive]);
        assert!(printed.contains(&format!("kept as virtualenvwrapper.sh.before-venvwrap{name} until")), "{printed}");
    }
    std::fs::remove_file(&lazy).unwrap();
    std::fs::write(&lazy, "four").unwrap();
    let printed = call(&["--uninstall"]);
    let left = |file: &std::path::Path, contents: &[(&str, &str)]| {
        for (name, content) in contents {
            let copy = format!("{}{name}", file.display());
            assert_eq!(std::fs::read_to_string(&copy).unwrap(), *content, "{copy}");
            assert!(
                name.is_empty() || printed.contains(&format!("{copy}, which was there before, stays")),
                "{printed}"
            );
        }
    };
    left(&script, &[("", "three"), (".before-venvwrap", "one"), (".before-venvwrap-2", "two")]);
    let kept = [(".before-venvwrap", "one"), (".before-venvwrap-2", "two"), (".before-venvwrap-3", "three")];
    left(&lazy, &[&[("", "four")][..], &kept].concat());
    assert_eq!(printed.matches("stays").count(), 6, "{printed}");
    assert_eq!(std::fs::read_dir(prefix.join("bin")).unwrap().count(), 7);
}

/// What only the release before had must not stay for ever.
#[test]
fn an_upgrade_removes_what_the_new_release_does_not_have() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    std::fs::create_dir_all(prefix.join("share/venvwrap/old")).unwrap();
    for file in ["share/venvwrap/old/gone.sh", "share/venvwrap/mine.sh"] {
        std::fs::write(prefix.join(file), "").unwrap();
    }
    std::fs::write(prefix.join("share/venvwrap/files"), "bin/venvwrap\nshare/venvwrap/old/gone.sh\n").unwrap();
    std::fs::write(prefix.join("share/venvwrap/files.sum"), "4294967295 0\n").unwrap();
    run(&mut release.installer("sh", &["--from", &release.archive, &format!("--prefix={}", prefix.display())]));
    assert!(prefix.join("bin/venvwrap").exists() && prefix.join("share/venvwrap/mine.sh").exists());
    assert!(!prefix.join("share/venvwrap/old/gone.sh").exists());
}

/// Neither the file that was being written, nor what was unpacked.
#[test]
fn an_interruption_leaves_nothing_half_written() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    let scratch = release.sandbox.path("scratch");
    std::fs::create_dir(&scratch).unwrap();
    // It gets no further than the second file.
    let mv =
        "#!/bin/sh\n[ -e \"$HOME/first\" ] || { touch \"$HOME/first\"; exec /bin/mv \"$@\"; }\nkill -TERM \"$PPID\"\n";
    release.sandbox.write_program("first/mv", mv);
    for shell in ["sh", "bash"] {
        let mut command = release.installer(shell, &["--from", &release.archive, "--prefix", prefix.to_str().unwrap()]);
        command.env("PATH", format!("{}:/usr/bin:/bin", release.sandbox.path("first").display()));
        let output = command.env("TMPDIR", &scratch).output().unwrap();
        assert_eq!(output.status.code(), Some(143), "{shell}: {output:#?}");
        let found = Command::new("find").arg(&prefix).args(["-name", "*.venvwrap-new"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{shell}");
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "{shell}");
    }
}

/// The place where it is installed has room for some of the files: then there are none, and what was there stays.
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    let arguments = ["--from", &*release.archive, "--prefix", prefix.to_str().unwrap()];
    let cp = "#!/bin/sh\nfor last; do :; done\necho \"$last\" >> \"$HOME/copied\"\n[ \"$(wc -l < \"$HOME/copied\")\" -lt \"$ROOM\" ] || \
              { : > \"$last\"; echo 'cp: No space left on device' >&2; exit 1; }\nexec /bin/cp \"$@\"\n";
    release.sandbox.write_program("full/cp", cp);
    let fails = |room: &str| {
        let _ = std::fs::remove_file(release.sandbox.path("home/copied"));
        let mut command = release.installer("sh", &arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", release.sandbox.path("full").display())).env("ROOM", room);
        let output = command.output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && message.ends_with("nothing was installed\n"), "{room}: {output:#?}");
    };
    for room in ["1", "2", "7"] {
        fails(room);
        assert!(!prefix.exists(), "{room}");
    }
    run(&mut release.installer("sh", &arguments));
    let listed = || Command::new("find").arg(&prefix).args(["-printf", "%p %i %s\n"]).output().unwrap().stdout;
    let before = listed();
    for room in ["1", "7"] {
        fails(room);
        assert_eq!(String::from_utf8_lossy(&listed()), String::from_utf8_lossy(&before), "{room}");
    }
    run(&mut release.installer("sh", &arguments));
}

#[test]
fn help_is_printed_and_nothing_installed() {
    let release = Release::new();
    for option in ["--help", "-h"] {
        let output = release.installer("sh", &[option]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("--prefix DIR"), "{output:#?}");
    }
    assert!(!release.sandbox.path("home/.local/bin").exists());
}

/// As in cloud-init, and where systemd starts it.
#[test]
fn a_home_is_needed_only_for_its_own_sake() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    run(release.installer("sh", &["--help"]).env_remove("HOME"));
    let arguments = ["--from", &*release.archive, "--prefix", prefix.to_str().unwrap()];
    run(release.installer("sh", &arguments).env_remove("HOME"));
    assert!(prefix.join("bin/venvwrap").is_file());
    for arguments in [&["--from", &*release.archive][..], &["--from", &release.archive, "--prefix=~/x"]] {
        let output = release.installer("sh", arguments).env_remove("HOME").output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), &*text),
            (Some(1), "error: HOME is not set: name a directory with --prefix\n")
        );
    }
}

/// Root's own home is not.
#[test]
fn what_root_installs_is_for_all() {
    let release = Release::new();
    let is_root = std::fs::metadata(release.sandbox.path("out")).unwrap().uid() == 0;
    for (place, open) in [("prefix", is_root), ("home/opt", false)] {
        let prefix = release.sandbox.path(place);
        let mut command = release.installer("sh", &[]);
        let mut script = release.sandbox.command("sh".as_ref());
        script.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
        run(script.args(["--from", &*release.archive, "--prefix"]).arg(&prefix));
        for directory in ["", "bin", "share/venvwrap/bash"] {
            let mode = std::fs::metadata(prefix.join(directory)).unwrap().mode() & 0o777;
            assert_eq!(mode, if open { 0o755 } else { 0o700 }, "{place}/{directory}");
        }
        assert_eq!(std::fs::metadata(prefix.join("bin/venvwrap")).unwrap().mode() & 0o777, 0o755);
        command.args(["--uninstall", "--prefix"]).arg(&prefix);
        run(&mut command);
    }
}

/// Neither is a reason to call the archive wrong.
#[test]
fn where_nothing_may_be_run_is_told_or_passed_over() {
    let Some(_) = unshare() else { return };
    let release = Release::new();
    for place in ["tmp", "prefix"] {
        std::fs::create_dir(release.sandbox.path(place)).unwrap();
    }
    for (shell, place, status) in [("sh", "tmp", 0), ("bash", "tmp", 0), ("sh", "prefix", 1)] {
        let call = release.installer(shell, &["--from", &release.archive, "--prefix"]);
        let script = "cd \"$1\" && mount -t tmpfs -o noexec none \"$2\" || exit 99\nshift 2\n\"$@\" prefix\ncode=$?\nls -A prefix tmp\nexit $code";
        let mut command = unshare().unwrap();
        command.args(["sh", "-c", script, "sh"]).arg(release.sandbox.path("")).arg(place);
        command.arg(call.get_program()).args(call.get_args());
        command.env_clear().envs(call.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.env("TMPDIR", release.sandbox.path("tmp")).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{output:#?}");
        let is_told = message.contains("prefix is on a file system from which nothing may be run")
            && message.lines().count() == 1;
        assert_eq!(is_told, status == 1, "{message}");
        let left = String::from_utf8_lossy(&output.stdout);
        assert_eq!(&*left, if status == 0 { "prefix:\nbin\nshare\n\ntmp:\n" } else { "prefix:\n\ntmp:\n" }, "{shell}");
        run(Command::new("find").arg(release.sandbox.path("prefix")).args(["-mindepth", "1", "-delete"]));
    }
}

/// No shell expands the tilde there, and without a value the files would go into the current directory.
#[test]
fn a_prefix_after_an_equals_sign_is_a_path_too() {
    let release = Release::new();
    run(&mut release.installer("sh", &["--from", &release.archive, "--prefix=~/a b"]));
    assert!(release.sandbox.path("home/a b/bin/venvwrap").is_file());
    let output = release.installer("sh", &["--from", &release.archive, "--prefix="]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("--prefix needs a value"), "{output:#?}");
}

#[test]
fn a_damaged_archive_is_refused_and_nothing_is_installed() {
    let release = Release::new();
    let mut bytes = std::fs::read(&release.archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&release.archive, bytes).unwrap();
    let prefix = release.sandbox.path("prefix");
    let output =
        release.installer("sh", &["--from", &release.archive, "--prefix", prefix.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:#?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("checksum") && message.lines().count() == 1, "{message}");
    assert!(!prefix.exists());
}

#[test]
fn bad_arguments_are_told_in_one_line() {
    let release = Release::new();
    let unset = [&["--from", ""][..], &["--from="], &["--version", ""], &["--prefix", ""]];
    for arguments in [&["--frobnicate"][..], &["--prefix"], &["--from", "/nowhere/at all.tar.gz"]].iter().chain(&unset)
    {
        let output = release.installer("sh", arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:#?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(message.lines().count(), 1, "{output:#?}");
        assert!(!unset.contains(arguments) || message.contains(" needs a value"), "{message}");
    }
}

/// However the path of a directory is written that is not there yet, and what is to be run then can be pasted.
#[test]
fn a_prefix_may_end_with_slashes_and_hold_quotes() {
    let release = Release::new();
    let place = release.sandbox.path("new");
    for (prefix, real) in [("a/", "a"), ("b//", "b"), ("c//./d/", "c/d"), ("it's '$(e)'", "it's '$(e)'")] {
        let argument = format!("{}/{prefix}", place.display());
        for shell in ["sh", "bash"] {
            let output = run(&mut release.installer(shell, &["--from", &release.archive, "--prefix", &argument]));
            let printed = String::from_utf8(output.stderr).unwrap();
            let line = printed.lines().find_map(|line| line.strip_prefix("now run: ")).unwrap();
            let word = line.strip_suffix(" setup").unwrap();
            let output = Command::new("sh").args(["-c", &format!("{word} --version")]).output().unwrap();
            assert!(output.status.success() && place.join(real).join("bin/venvwrap").is_file(), "{line}: {output:#?}");
        }
        let mut command = release.installer("sh", &["--uninstall", "--prefix", &argument]);
        run(command.env("VENVWRAP_CACHE_DIR", release.sandbox.path("cache")));
        assert!(!place.exists(), "{prefix}");
    }
}

/// Its line in the start-up file stays with the program.
#[test]
fn what_cannot_be_removed_is_not_half_removed() {
    let release = Release::new();
    let prefix = release.sandbox.path("prefix");
    run(&mut release.installer("sh", &["--from", &release.archive, "--prefix", prefix.to_str().unwrap()]));
    // Root may write everywhere: the shell is told that it may not.
    release.sandbox.write("home/.bashrc", "# mine\n");
    let script = std::fs::read_to_string(root().join(".github/packaging/install.sh")).unwrap();
    let told = "[() {\n  case $1 in -w) return 1 ;; esac\n  command [ \"$@\"\n}\n";
    let file = release.sandbox.write("told.sh", format!("{told}{script}"));
    let program = prefix.join("bin/venvwrap");
    let mut setup = release.sandbox.command(&program);
    setup.args(["setup", "bash", "--yes"]);
    let _ = setup.output().unwrap();
    let before = std::fs::read_to_string(release.sandbox.path("home/.bashrc")).unwrap();
    let mut command = release.sandbox.command("bash".as_ref());
    let output = command.arg(&file).args(["--uninstall", "--prefix", prefix.to_str().unwrap()]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), message.lines().count()), (Some(1), 1), "{output:#?}");
    assert!(message.starts_with("error: ") && message.ends_with("nothing was removed\n"), "{message}");
    assert!(before.contains("venvwrap"), "{before}");
    assert_eq!(std::fs::read_to_string(release.sandbox.path("home/.bashrc")).unwrap(), before);
    assert!(program.is_file());
}
