//! `venvwrap setup`: one line in a start-up file that belongs to the user.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{call, names_in, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, command, in_each_shell, source_line};
use crate::support::tools::{find_program, skip};
use venvwrap_core::shell::Shell;

fn start_up_file(sandbox: &Sandbox, shell: Shell) -> PathBuf {
    sandbox.path("home").join(match shell {
        Shell::Bash => ".bashrc",
        Shell::Zsh => ".zshrc",
        Shell::Fish => ".config/fish/config.fish",
    })
}

/// Writes a start-up file as users have them: without a final line break, and private.
fn write_start_up_file(sandbox: &Sandbox, shell: Shell, content: &str) -> PathBuf {
    let file = sandbox.write(start_up_file(sandbox, shell), content);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// The line that `--print` shows.
fn line(sandbox: &Sandbox, shell: Shell) -> String {
    String::from_utf8(program(sandbox, &["setup", shell.name(), "--print"]).output().unwrap().stdout).unwrap()
}

fn setup(sandbox: &Sandbox, shell: Shell) -> Outcome {
    call(sandbox, &["setup", shell.name(), "--yes"])
}

#[test]
fn the_line_is_added_once_and_nothing_else_changes() {
    for shell in Shell::ALL {
        let sandbox = Sandbox::new();
        let file = write_start_up_file(&sandbox, shell, "# mine\nalias x=y");
        assert_eq!(setup(&sandbox, shell).status, Some(0), "{}", shell.name());
        // The blank at the end says that there was no line break before.
        let expected = format!("# mine\nalias x=y\n{} \n", line(&sandbox, shell).trim_end());
        assert_eq!(fs::read_to_string(&file).unwrap(), expected, "{}", shell.name());
        let before = file.metadata().unwrap();
        assert_eq!(before.mode() & 0o777, 0o600, "{}", shell.name());
        let again = setup(&sandbox, shell);
        assert_eq!(again.status, Some(0), "{again:#?}");
        let after = file.metadata().unwrap();
        assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()), "{}", shell.name());
    }
}

#[test]
fn the_line_is_reached_whatever_the_file_ends_with() {
    for (shell, end) in [
        (Shell::Bash, "return 0\n"),
        (Shell::Bash, "exit # done\n\n"),
        (Shell::Bash, "X=a\\"),
        (Shell::Bash, "X=a\\\n"),
        (Shell::Zsh, "return\n"),
        (Shell::Zsh, "[[ -n $HOME ]] && exit 3\n"),
        (Shell::Zsh, "X=a\\\n"),
        (Shell::Fish, "exec true\n"),
        (Shell::Fish, "set X a\\"),
    ] {
        let sandbox = Sandbox::new();
        let Some(program) = find_program(shell.name()) else { continue };
        let old = format!("# mine\n{end}");
        let file = write_start_up_file(&sandbox, shell, &old);
        let outcome = setup(&sandbox, shell);
        let is_before = !end.contains('\\');
        assert_eq!(outcome.stderr.contains("after which nothing is read"), is_before, "{end:?}: {outcome:#?}");
        let text = fs::read_to_string(&file).unwrap();
        let probe = text.replace(line(&sandbox, shell).trim_end(), "echo reached");
        assert_ne!(probe, text, "{end:?}");
        fs::write(&file, probe).unwrap();
        let read = match shell {
            Shell::Bash => Command::new(program).args(["--norc", "--noprofile"]).arg(&file).output(),
            Shell::Zsh => Command::new(program).arg("-f").arg(&file).output(),
            Shell::Fish => Command::new(program).arg("--no-config").arg(&file).output(),
        };
        assert_eq!(String::from_utf8_lossy(&read.unwrap().stdout), "reached\n", "{} {end:?}", shell.name());
        fs::write(&file, text).unwrap();
        assert_eq!(undo(&sandbox, &[]).status, Some(0));
        assert_eq!(fs::read_to_string(&file).unwrap(), old, "{end:?}");
    }
}

#[test]
fn says_what_it_did() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(setup(&sandbox, Shell::Bash).whole(), @r#"
    --- standard output
      eval "$('[PROGRAM]' init bash)"
    --- standard error
    added one line to `[ROOT]/home/.bashrc`
    open a new terminal, or run the line here:
    --- status 0
    "#);
    insta::assert_snapshot!(setup(&sandbox, Shell::Bash).whole(), @"
    --- standard error
    `[ROOT]/home/.bashrc` already loads venvwrap
    --- status 0
    ");
    insta::assert_snapshot!(setup(&sandbox, Shell::Zsh).whole(), @r#"
    --- standard output
      eval "$('[PROGRAM]' init zsh)"
    --- standard error
    added one line to `[ROOT]/home/.zshrc`
    open a new terminal, or run the line here:
    --- status 0
    "#);
    insta::assert_snapshot!(setup(&sandbox, Shell::Fish).whole(), @"
    --- standard output
      '[PROGRAM]' init fish | source
    --- standard error
    added one line to `[ROOT]/home/.config/fish/config.fish`
    open a new terminal, or run the line here:
    --- status 0
    ");
}

#[test]
fn print_shows_the_line_and_changes_nothing() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let outcome = call(&sandbox, &["setup", shell.name(), "--print"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    }
    assert_eq!(names_in(&sandbox.path("home")), Vec::<std::ffi::OsString>::new());
    insta::assert_snapshot!(call(&sandbox, &["setup", "bash", "--print"]).whole(), @r#"
    --- standard output
    eval "$('[PROGRAM]' init bash)"
    --- standard error
    add this line at the end of `[ROOT]/home/.bashrc`:
    --- status 0
    "#);
    insta::assert_snapshot!(call(&sandbox, &["setup", "zsh", "--print"]).whole(), @r#"
    --- standard output
    eval "$('[PROGRAM]' init zsh)"
    --- standard error
    add this line at the end of `[ROOT]/home/.zshrc`:
    --- status 0
    "#);
    insta::assert_snapshot!(call(&sandbox, &["setup", "fish", "--print"]).whole(), @"
    --- standard output
    '[PROGRAM]' init fish | source
    --- standard error
    add this line at the end of `[ROOT]/home/.config/fish/config.fish`:
    --- status 0
    ");
}

#[test]
fn a_shell_that_reads_the_line_has_the_functions() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        assert_eq!(setup(sandbox, shell).status, Some(0));
        let text = format!("{}\nlsvirtualenv -b\n", source_line(shell, &start_up_file(sandbox, shell)));
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "api\n");
    });
}

#[test]
fn a_program_in_an_odd_directory_is_quoted() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        for name in [&b"it's \"odd\" $(touch pwned) \\"[..], b"\xff it's\t\x1b[1m\n\\"] {
            let odd = sandbox.path(".").join(OsStr::from_bytes(name));
            fs::create_dir(&odd).unwrap();
            let copy = odd.join("venvwrap");
            // By another process: a test that forks while this one writes would keep the program busy.
            assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_venvwrap")).arg(&copy).status().unwrap().success());
            for told in ["added one line to", "already loads venvwrap"] {
                let done = sandbox.command(&copy).args(["setup", shell.name(), "--yes"]).output().unwrap();
                let printed = String::from_utf8_lossy(&done.stderr);
                assert!(done.status.success() && printed.contains(told), "{}: {printed}", shell.name());
            }
            let text = format!("{}\nlsvirtualenv -b\n", source_line(shell, &start_up_file(sandbox, shell)));
            let output = command(sandbox, shell, &text).output().unwrap();
            Outcome::new(sandbox, &output).prints(shell.name(), "api\n");
            assert!(!sandbox.path("home/pwned").exists(), "{}", shell.name());
            let undone = undo(sandbox, &[shell.name()]).stderr;
            assert!(undone.starts_with("removed the line") && undone.lines().count() == 1, "{undone}");
        }
    });
}

#[test]
fn a_link_on_path_is_written_as_it_is_found() {
    let sandbox = Sandbox::new();
    let link = sandbox.path("pkg/venvwrap");
    fs::create_dir(sandbox.path("pkg")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_venvwrap"), &link).unwrap();
    let line_with = |path: &Path| {
        let mut command = program(&sandbox, &["setup", "bash", "--print"]);
        let output = command.env("PATH", format!("relative:{}:/usr/bin:/bin", path.display())).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(line_with(&sandbox.path("pkg")), format!("eval \"$('{}' init bash)\"\n", link.display()));
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("/bin/true", &link).unwrap();
    assert_eq!(line_with(&sandbox.path("pkg")), line(&sandbox, Shell::Bash), "another program of the name");
}

#[test]
fn a_link_of_a_dotfile_manager_stays_one() {
    for shell in Shell::ALL {
        let sandbox = Sandbox::new();
        let real = sandbox.write("home/dotfiles/rc", "# mine\n");
        let file = start_up_file(&sandbox, shell);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&real, &file).unwrap();
        assert_eq!(setup(&sandbox, shell).status, Some(0), "{}", shell.name());
        assert!(file.is_symlink(), "{}", shell.name());
        assert_eq!(fs::read_to_string(real).unwrap(), format!("# mine\n{}", line(&sandbox, shell)));
    }
}

#[test]
fn the_other_names_of_a_hard_link_are_told_of() {
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, "# mine\n");
    for (words, done) in [(&["setup", "bash", "--yes"][..], "added"), (&["setup", "bash", "--undo"], "removed")] {
        let other = sandbox.path(done);
        fs::hard_link(&file, &other).unwrap();
        let old = fs::read(&other).unwrap();
        let outcome = call(&sandbox, words);
        let told = "`[ROOT]/home/.bashrc` was a hard link: its other names keep the old content\n";
        assert!(outcome.stderr.starts_with(told) && outcome.stderr.contains(done), "{outcome:#?}");
        assert_eq!((outcome.status, fs::read(&other).unwrap()), (Some(0), old));
    }
    assert!(!call(&sandbox, &["setup", "bash", "--yes"]).stderr.contains("hard link"));
}

#[test]
fn a_link_to_nothing_stays_one() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("home/.bashrc");
    std::os::unix::fs::symlink("dotfiles/rc", &file).unwrap();
    insta::assert_snapshot!(setup(&sandbox, Shell::Bash).whole(), @"
    --- standard error
    error: `[ROOT]/home/.bashrc` is a link to `dotfiles/rc`, which does not exist
    hint: create that file, or remove the link
    --- status 1
    ");
    assert_eq!(fs::read_link(&file).unwrap(), Path::new("dotfiles/rc"));
}

#[test]
fn lines_of_virtualenvwrapper_are_reported() {
    let sandbox = Sandbox::new();
    let old = "# source virtualenvwrapper.sh\n";
    write_start_up_file(&sandbox, Shell::Bash, old);
    write_start_up_file(&sandbox, Shell::Zsh, "source /usr/bin/virtualenvwrapper_lazy.sh\n");
    insta::assert_snapshot!(setup(&sandbox, Shell::Bash).whole(), @r#"
    --- standard output
      eval "$('[PROGRAM]' init bash)"
    --- standard error
    added one line to `[ROOT]/home/.bashrc`
    open a new terminal, or run the line here:
    --- status 0
    "#);
    insta::assert_snapshot!(setup(&sandbox, Shell::Zsh).whole(), @r#"
    --- standard output
      eval "$('[PROGRAM]' init zsh)"
    --- standard error
    added one line to `[ROOT]/home/.zshrc`
    it also loads virtualenvwrapper: remove that line, this one replaces it
    open a new terminal, or run the line here:
    --- status 0
    "#);
}

#[test]
fn a_line_for_a_program_that_is_gone_is_replaced() {
    let sandbox = Sandbox::new();
    let dead = "eval \"$('/gone/a b/venvwrap' init bash)\"";
    for (before, after) in [("# mine\n", " \n"), ("", "\nalias x=y\n")] {
        let file = write_start_up_file(&sandbox, Shell::Bash, &format!("{before}{dead}{after}"));
        let outcome = setup(&sandbox, Shell::Bash);
        insta::allow_duplicates!(insta::assert_snapshot!(outcome.whole(), @r#"
        --- standard output
          eval "$('[PROGRAM]' init bash)"
        --- standard error
        `[ROOT]/home/.bashrc` loads a program that is gone, which this line replaces:
          eval "$('/gone/a b/venvwrap' init bash)"
        replaced one line in `[ROOT]/home/.bashrc`
        open a new terminal, or run the line here:
        --- status 0
        "#));
        let expected = format!("{before}{}{after}", line(&sandbox, Shell::Bash).trim_end());
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    }
    // Its options stay.
    let file = write_start_up_file(&sandbox, Shell::Bash, "eval \"$(/gone/venvwrap init bash --auto)\"\n");
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    let expected = line(&sandbox, Shell::Bash).replace("init bash", "init bash --auto");
    assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), expected.trim_end());
    // What somebody has written otherwise is theirs.
    let own = "eval \"$(/gone/venvwrap init bash; echo x)\"\n";
    let file = write_start_up_file(&sandbox, Shell::Bash, own);
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    assert!(fs::read_to_string(&file).unwrap().starts_with(own));
}

#[test]
fn lines_of_other_shells_and_dead_ones_do_not_count() {
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, "eval \"$(venvwrap init zsh)\"\n");
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
    let file = write_start_up_file(&sandbox, Shell::Bash, "eval \"$(~/gone/venvwrap init bash)\"\n");
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), line(&sandbox, Shell::Bash));
}

/// A file of that name comes with venvwrap's packages, so that start-up files need not change.
#[test]
fn an_entry_script_of_venvwrap_is_no_other_program() {
    let sandbox = Sandbox::new();
    let text = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/shell/virtualenvwrapper.sh")).unwrap();
    sandbox.write("home/.local/bin/virtualenvwrapper.sh", text);
    for written in ["~/.local/bin/virtualenvwrapper.sh", "\"$HOME/.local/bin/virtualenvwrapper.sh\""] {
        let content = format!("source {written}\n");
        let file = write_start_up_file(&sandbox, Shell::Bash, &content);
        let outcome = setup(&sandbox, Shell::Bash);
        assert!(outcome.stderr.ends_with(".bashrc` already loads venvwrap\n"), "{written}: {outcome:#?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    let undone = undo(&sandbox, &["bash"]);
    let left = "still loads venvwrap, in a line that `setup` has not written: remove that\n";
    assert!(undone.status == Some(0) && undone.stderr.ends_with(left), "{undone:#?}");
    sandbox.write("home/.local/bin/virtualenvwrapper.sh", "# theirs\n");
    assert!(undo(&sandbox, &["bash"]).stderr.starts_with("nothing to undo"));
    assert!(setup(&sandbox, Shell::Bash).stderr.contains("it also loads virtualenvwrapper"));
}

/// What a terminal of ssh or tmux starts reads another file, and that file alone.
#[test]
fn login_shells_that_do_not_read_the_line_are_named() {
    let warning = "login shells, such as those of ssh and tmux, read `[ROOT]/home/.bash_profile` instead";
    for (profile, is_told) in [
        ("echo p\n", true),
        ("# . ~/.bashrc\n", true),
        (". ~/.bashrc\n", false),
        ("[ -r ~/.profile ] && . ~/.profile\n", false),
        (". ~/.bash_login\n", true),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("home/.profile", ". ~/.bashrc\n");
        assert!(!setup(&sandbox, Shell::Bash).stderr.contains("login"), "{profile}");
        write_start_up_file(&sandbox, Shell::Bash, "");
        sandbox.write("home/.bash_profile", profile);
        let outcome = setup(&sandbox, Shell::Bash);
        assert_eq!(outcome.stderr.contains(warning), is_told, "{profile}: {outcome:#?}");
        assert_eq!(outcome.status, Some(0));
        assert_eq!(setup(&sandbox, Shell::Bash).stderr.contains(warning), is_told, "it is there already");
    }
}

#[test]
fn snippets_of_fish_and_other_tools_are_seen() {
    let sandbox = Sandbox::new();
    let snippet = sandbox.write("home/.config/fish/conf.d/venv.fish", "# mine\nvenvwrap init fish | source\n");
    let outcome = setup(&sandbox, Shell::Fish);
    assert!(outcome.stderr.ends_with("conf.d/venv.fish` already loads venvwrap\n"), "{outcome:#?}");
    let outcome = undo(&sandbox, &["fish"]);
    let named = "conf.d/venv.fish` still loads venvwrap, in a line that `setup` has not written: remove `venvwrap init fish | source`\n";
    assert!(outcome.stderr.ends_with(named), "{outcome:#?}");
    assert_eq!(fs::read_to_string(&snippet).unwrap(), "# mine\nvenvwrap init fish | source\n");
    fs::remove_file(&snippet).unwrap();
    sandbox.write("home/.config/fish/conf.d/virtualfish-loader.fish", "source /x/virtualfish/virtual.fish\n");
    assert!(setup(&sandbox, Shell::Fish).stderr.contains("virtualfish is loaded as well"));
    write_start_up_file(&sandbox, Shell::Fish, "vf install auto_activation\n");
    fs::remove_file(sandbox.path("home/.config/fish/conf.d/virtualfish-loader.fish")).unwrap();
    assert!(setup(&sandbox, Shell::Fish).stderr.contains("virtualfish is loaded as well"));
    write_start_up_file(&sandbox, Shell::Bash, "eval \"$(pyenv virtualenv-init -)\"\n");
    assert!(setup(&sandbox, Shell::Bash).stderr.contains("`pyenv virtualenv-init` runs as well"));
}

/// Shells read further files, of which each may load venvwrap. Setup writes into none of them.
#[test]
fn files_that_a_start_up_file_reads_are_named() {
    let own = |shell: Shell| match shell {
        Shell::Fish => "venvwrap init fish | source\n".to_owned(),
        _ => format!("eval \"$(venvwrap init {})\"\n", shell.name()),
    };
    let nested = "D=$HOME/.config\n[ -f \"$D/bash/rc\" ] && source \"$D/bash/rc\"\n";
    let bashrc = "[ -f ~/.bash_aliases ] && . ~/.bash_aliases\nfor rc in ~/.bashrc.d/*; do . \"$rc\"; done\n";
    for (shell, text, file, is_read) in [
        (Shell::Bash, bashrc, ".bash_aliases", true),
        (Shell::Bash, bashrc, ".bashrc.d/it's", true),
        (Shell::Bash, "", ".bash_aliases", false),
        (Shell::Bash, "", ".bash_profile", false),
        (Shell::Bash, "", ".bash_login", false),
        (Shell::Bash, "", ".profile", false),
        (Shell::Zsh, "source $ZSH/oh-my-zsh.sh\n", ".oh-my-zsh/custom/a.zsh", true),
        (Shell::Zsh, "ZSH_CUSTOM=\"$HOME/a b\"\nsource $ZSH/oh-my-zsh.sh\n", "a b/a.zsh", true),
        (Shell::Bash, ". ~/my/venv.sh\n", "my/venv.sh", true),
        (Shell::Bash, nested, ".config/bash/rc", true),
        (Shell::Zsh, "source ${ZDOTDIR:-$HOME}/.zshrc.local\n", ".zshrc.local", true),
        (Shell::Fish, "test -e ~/my.fish; and source ~/my.fish\n", "my.fish", true),
        (Shell::Zsh, "", ".zshenv", false),
        (Shell::Zsh, "", ".zprofile", false),
        (Shell::Zsh, "", ".zlogin", false),
    ] {
        let sandbox = Sandbox::new();
        write_start_up_file(&sandbox, shell, text);
        let path = sandbox.write(format!("home/{file}"), own(shell));
        let added = setup(&sandbox, shell).stderr;
        assert_eq!(added.contains(&format!("{file}` already loads venvwrap\n")), is_read, "{file}: {added}");
        let line = format!(
            "{file}` also loads venvwrap, in a line that `setup` has not written: remove `{}`\n",
            own(shell).trim()
        );
        assert_eq!(added.contains(&line), !is_read, "{file}: {added}");
        let undone = undo(&sandbox, &[]).stderr;
        assert!(
            undone.contains(&line.replace("also", "still")) && !undone.contains("nothing to undo"),
            "{file}: {undone}"
        );
        assert_eq!(fs::read_to_string(path).unwrap(), own(shell));
    }
}

/// Loops over the files of a directory are what distributions and people write. Nothing of them is run.
#[test]
fn files_that_a_loop_reads_are_seen() {
    let fedora = "if [ -d ~/.bashrc.d ]; then\n    for rc in ~/.bashrc.d/*; do\n        if [ -f \"$rc\" ]; then\n            \
                  . \"$rc\"\n        fi\n    done\nfi\nunset rc\n";
    for (shell, text, file) in [
        (Shell::Bash, fedora, ".bashrc.d/python"),
        (Shell::Bash, "for f in ~/.config/bash/*.sh; do . \"$f\"; done\n", ".config/bash/it's.sh"),
        (Shell::Bash, "for f in ~/.{path,extra}; do [ -r \"$f\" ] && . \"$f\"; done\n", ".extra"),
        (Shell::Zsh, "for f in ~/.config/zsh/*.zsh; do source $f; done\n", ".config/zsh/b.zsh"),
        (Shell::Zsh, "for f (~/.zsh/**/*.zsh(N)) source $f\n", ".zsh/a/b.zsh"),
        (Shell::Fish, "for f in $__fish_config_dir/my/*.fish\n    source $f\nend\n", ".config/fish/my/a.fish"),
    ] {
        let sandbox = Sandbox::new();
        let (start, end) = if shell == Shell::Fish { ("", " | source") } else { ("eval \"$(", ")\"") };
        let of = |program: &str| format!("{start}{program} init {}{end}\n", shell.name());
        let start_up = write_start_up_file(&sandbox, shell, text);
        let path = sandbox.write(format!("home/{file}"), format!("touch ~/run\n{}", of("venvwrap")));
        assert!(setup(&sandbox, shell).stderr.ends_with(&format!("{file}` already loads venvwrap\n")), "{text}");
        let undone = undo(&sandbox, &[]).stderr;
        assert!(undone.contains(&format!("{file}` still loads venvwrap, in a line")), "{text}: {undone}");
        // One for a program that is gone, and one of virtualenvwrapper.
        let (dead, other) = (of("/gone/venvwrap"), "source /x/virtualenvwrapper.sh\n");
        sandbox.write(format!("home/{file}"), format!("{dead}{other}"));
        let outcome = setup(&sandbox, shell);
        assert_eq!(outcome.status, Some(0), "{text}");
        let said = |line: &str| outcome.stderr.contains(&format!("{file}` {line}"));
        assert!(said(&format!("loads a program that is gone: remove `{}`", dead.trim_end())), "{outcome:#?}");
        assert_eq!(said("loads virtualenvwrapper: remove that line"), shell != Shell::Fish, "{outcome:#?}");
        assert_eq!(fs::read_to_string(path).unwrap(), format!("{dead}{other}"));
        assert_eq!(fs::read_to_string(start_up).unwrap(), format!("{text}{}", line(&sandbox, shell)));
        assert!(!sandbox.path("home/run").exists());
    }
}

/// zsh sets the directory of its files in the first of them, often without exporting it.
#[test]
fn zsh_may_say_where_its_files_are() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.zshenv", "export XDG_CONFIG_HOME=~/.config\nZDOTDIR=\"${XDG_CONFIG_HOME:-x}/zsh\"\n");
    assert_eq!(setup(&sandbox, Shell::Zsh).status, Some(0));
    let text = fs::read_to_string(sandbox.path("home/.config/zsh/.zshrc")).unwrap();
    assert_eq!(text.trim_end(), line(&sandbox, Shell::Zsh).trim_end());
    assert!(!sandbox.path("home/.zshrc").exists());
    assert!(undo(&sandbox, &["zsh"]).stderr.ends_with(".config/zsh/.zshrc`\n"));
    // Only zsh itself can tell in these.
    sandbox.write("home/other.zsh", "ZDOTDIR=~/other\n");
    for (text, directory) in [
        ("echo noise; ZDOTDIR=$(echo ~/zsh)\n", "zsh"),
        (". ~/other.zsh\n", "other"),
        ("f() { local ZDOTDIR=/x; }; ZDOTDIR=~/a\n[[ -d /nonexistent ]] && ZDOTDIR=/nonexistent\n", "a"),
        ("ZDOTDIR=/x; unset ZDOTDIR\n", ""),
        ("[[ -o interactive ]] && ZDOTDIR=$(echo ~/terminals)\n", "terminals"),
    ] {
        sandbox.write("home/.zshenv", text);
        assert_eq!(setup(&sandbox, Shell::Zsh).status, Some(0), "{text}");
        let file = sandbox.path("home").join(directory).join(".zshrc");
        assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), line(&sandbox, Shell::Zsh).trim_end(), "{text}");
        assert_eq!(undo(&sandbox, &["zsh"]).status, Some(0), "{text}");
    }
    // Not by the file that is to be changed, which may do anything, nor for ever.
    sandbox.write("home/.zshrc", "touch ~/ran\n");
    for text in ["sleep 10000 &\nwait\n", ""] {
        sandbox.write("home/.zshenv", text);
        assert!(setup(&sandbox, Shell::Zsh).stderr.contains("home/.zshrc`"), "{text}");
    }
    assert!(!sandbox.path("home/ran").exists());
    // And where it says what no file can be in, nobody can.
    sandbox.write("home/.zshenv", "ZDOTDIR=$(dirname $0)/zsh\n");
    assert!(setup(&sandbox, Shell::Zsh).stderr.starts_with("warning: ZDOTDIR is set in a way"));
}

/// The first file of zsh runs only if nobody else could have written it; otherwise its text is read.
#[test]
fn what_another_user_has_written_is_read_and_never_run() {
    if find_program("zsh").is_none() || !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    let sandbox = Sandbox::new();
    let zshenv = sandbox.write("home/.zshenv", "touch ~/ran\nZDOTDIR=~/zsh\n");
    let (home, ran) = (sandbox.path("home"), sandbox.path("home/ran"));
    let give = |path: &Path, user| std::os::unix::fs::chown(path, Some(user), Some(user)).unwrap();
    for foreign in [&home, &zshenv] {
        give(foreign, 4321);
        let outcome = call(&sandbox, &["setup", "zsh", "--print"]);
        assert!(outcome.stderr.contains("home/zsh/.zshrc`"), "{outcome:#?}");
        assert_eq!(call(&sandbox, &["setup", "--undo"]).status, Some(0));
        assert!(!ran.exists(), "{}", foreign.display());
        give(foreign, 0);
    }
    assert_eq!(call(&sandbox, &["setup", "zsh", "--print"]).status, Some(0));
    assert!(ran.exists());
}

#[test]
fn a_line_that_is_a_comment_does_not_count() {
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, "# eval \"$(venvwrap init bash)\"\n");
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 2);
    // One that names the program in another place does.
    let file = write_start_up_file(&sandbox, Shell::Zsh, "eval \"$(~/.cargo/bin/venvwrap init zsh --auto)\"\n");
    assert_eq!(setup(&sandbox, Shell::Zsh).status, Some(0));
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 1);
}

#[test]
fn what_is_in_a_here_document_is_no_command() {
    for shell in [Shell::Bash, Shell::Zsh] {
        let sandbox = Sandbox::new();
        let Some(program) = find_program(shell.name()) else { continue };
        let own = line(&sandbox, shell);
        for (before, after) in [
            ("", format!("cat <<EOF\nsource virtualenvwrapper.sh\nexec fish\n{own}EOF\n")),
            ("cat <<EOF\n", "echo before\n".into()),
            ("cat <<exit\n", "it's\nexit\n".into()),
        ] {
            let old = format!("{before}{after}");
            let file = write_start_up_file(&sandbox, shell, &old);
            let outcome = setup(&sandbox, shell);
            assert!(outcome.stderr.starts_with("added one line to"), "{old}: {outcome:#?}");
            assert!(!outcome.stderr.contains("virtualenvwrapper") && !outcome.stderr.contains("fish"), "{outcome:#?}");
            let text = fs::read_to_string(&file).unwrap();
            // The first or the last line is the one that was added.
            let probe = match text.strip_suffix(&own) {
                Some(rest) => format!("{rest}echo reached >&2\n"),
                None => format!("echo reached >&2\n{}", text.strip_prefix(&own).unwrap()),
            };
            let read = Command::new(&program).arg("-c").arg(probe).output().unwrap();
            assert!(String::from_utf8_lossy(&read.stderr).starts_with("reached\n"), "{old}: {read:?}");
            assert_eq!(undo(&sandbox, &[]).status, Some(0));
            assert_eq!(fs::read_to_string(&file).unwrap(), old);
        }
    }
}

#[test]
fn another_shell_is_named_wherever_it_is_started() {
    for (content, is_before) in [
        ("exec fish\n", true),
        ("if command -v fish >/dev/null; then\n  exec fish\nfi\n", false),
        ("if [ -t 1 ]; then\n  exec \"$(command -v fish)\" -l\nelse\n  x\nfi\nalias a=b\n", false),
    ] {
        let sandbox = Sandbox::new();
        write_start_up_file(&sandbox, Shell::Bash, content);
        let outcome = setup(&sandbox, Shell::Bash);
        assert!(outcome.stderr.contains("starts another shell, in which the line is not read"), "{outcome:#?}");
        assert_eq!(outcome.stderr.contains("after which nothing is read"), is_before, "{outcome:#?}");
    }
}

#[test]
fn nothing_is_asked_without_a_terminal() {
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, "# mine\n");
    insta::assert_snapshot!(call(&sandbox, &["setup", "bash"]).whole(), @"
    --- standard error
    error: cannot ask for confirmation: not a terminal
    hint: `--yes` adds the line without asking, `--print` only shows it
    --- status 1
    ");
    assert_eq!(fs::read_to_string(file).unwrap(), "# mine\n");
}

#[test]
fn files_that_cannot_be_read_or_written_are_left_alone() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("home/.bashrc")).unwrap();
    insta::assert_snapshot!(setup(&sandbox, Shell::Bash).whole(), @"
    --- standard error
    error: could not read `[ROOT]/home/.bashrc`: not a regular file
    --- status 1
    ");
    // Not even root may create a file there.
    std::os::unix::fs::symlink("/proc/version", sandbox.path("home/.zshrc")).unwrap();
    let refused = setup(&sandbox, Shell::Zsh);
    refused.fails_with_hint("a file of the kernel", "could not write `[ROOT]/home/.zshrc`: ");
    // Nor here, where the system forbids it, as in a file system that is mounted read-only.
    let forbidden = Path::new("/sys/kernel/uevent_seqnum");
    if forbidden.exists() {
        fs::remove_file(sandbox.path("home/.zshrc")).unwrap();
        std::os::unix::fs::symlink(forbidden, sandbox.path("home/.zshrc")).unwrap();
        setup(&sandbox, Shell::Zsh).fails_with_hint("forbidden", "could not write `[ROOT]/home/.zshrc`: ");
        assert!(setup(&sandbox, Shell::Zsh).stderr.contains("`venvwrap setup --print` shows the line"));
        fs::remove_file(sandbox.path("home/.zshrc")).unwrap();
        std::os::unix::fs::symlink("/proc/version", sandbox.path("home/.zshrc")).unwrap();
    }
    sandbox.write("home/.config", "a file");
    insta::assert_snapshot!(setup(&sandbox, Shell::Fish).whole(), @"
    --- standard error
    error: could not read `[ROOT]/home/.config/fish/config.fish`: Not a directory (os error 20)
    --- status 1
    ");
    assert_eq!(fs::read_to_string(sandbox.path("home/.config")).unwrap(), "a file");
    assert_eq!(fs::read_link(sandbox.path("home/.zshrc")).unwrap(), Path::new("/proc/version"));
}

/// A dotfile manager has made it so, which would put it back; what was added before comes out all the same.
#[test]
fn a_read_only_file_stays_as_it_is() {
    let sandbox = Sandbox::new();
    let set_mode = |file: &Path, mode| fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    for shell in Shell::ALL {
        let file = write_start_up_file(&sandbox, shell, "# mine\n");
        set_mode(&file, 0o444);
        let refused = setup(&sandbox, shell);
        refused.fails_with_hint(shell.name(), "it is read-only");
        assert!(refused.stderr.contains("`venvwrap setup --print` shows the line"), "{refused:#?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
        set_mode(&file, 0o600);
        assert_eq!(setup(&sandbox, shell).status, Some(0));
        set_mode(&file, 0o400);
        assert_eq!(setup(&sandbox, shell).status, Some(0), "it already loads venvwrap");
        assert_eq!(undo(&sandbox, &[]).status, Some(0));
        assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o400);
    }
}

#[test]
fn variables_say_where_the_file_is() {
    let sandbox = Sandbox::new();
    let run = |shell: &str, name: &str, value: &Path| {
        let output = program(&sandbox, &["setup", shell, "--yes"]).env(name, value).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run("zsh", "ZDOTDIR", &sandbox.path("zdot"));
    run("fish", "XDG_CONFIG_HOME", &sandbox.path("config"));
    assert!(sandbox.path("zdot/.zshrc").is_file() && sandbox.path("config/fish/config.fish").is_file());
    assert_eq!(names_in(&sandbox.path("home")), Vec::<std::ffi::OsString>::new());
    let output = program(&sandbox, &["setup", "bash", "--yes"]).env_remove("HOME").output().unwrap();
    insta::assert_snapshot!(Outcome::new(&sandbox, &output).whole(), @"
    --- standard error
    error: the home directory is unknown
    hint: set HOME
    --- status 1
    ");
}

/// Calls `setup --undo` with a cache of its own: it removes the cache.
fn undo(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["setup", "--undo"], arguments].concat());
    command.env("VENVWRAP_CACHE_DIR", sandbox.path("home/.cache/venvwrap"));
    Outcome::new(sandbox, &command.output().unwrap())
}

#[test]
fn what_was_made_for_the_cache_goes_with_it() {
    if crate::support::program::python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let cache = sandbox.path("home/.cache/venvwrap");
    let fill = || {
        program(&sandbox, &["pythons"]).env("VENVWRAP_CACHE_DIR", &cache).output().unwrap();
        assert!(cache.join("v1").is_dir());
    };
    fill();
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert!(!sandbox.path("home/.cache").exists());
    sandbox.write("home/.cache/other", "");
    fs::remove_file(sandbox.path("home/.cache/other")).unwrap();
    fill();
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert!(sandbox.path("home/.cache").is_dir() && !cache.exists());
    sandbox.write("home/.cache/venvwrap/made", "1");
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert!(!sandbox.path("home/.cache").exists());
}

#[test]
fn undo_takes_out_what_setup_put_in() {
    for shell in Shell::ALL {
        let sandbox = Sandbox::new();
        for old in ["# mine\nalias x=y\n", "no line break at the end", "a\n\n\n", "a\r\nb\r\n", "a\r", "", "\n", " "] {
            let file = write_start_up_file(&sandbox, shell, old);
            assert_eq!(setup(&sandbox, shell).status, Some(0));
            assert_eq!(undo(&sandbox, &[]).status, Some(0));
            assert_eq!(fs::read_to_string(&file).unwrap(), old, "{}", shell.name());
            assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{}", shell.name());
        }
        fs::remove_file(start_up_file(&sandbox, shell)).unwrap();
        assert_eq!(setup(&sandbox, shell).status, Some(0));
        assert_eq!(undo(&sandbox, &[]).status, Some(0));
        assert!(!start_up_file(&sandbox, shell).exists(), "{}: only our line was in it", shell.name());
    }
}

#[test]
fn undo_removes_the_directories_that_setup_made_and_no_others() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    assert_eq!(setup(&sandbox, Shell::Fish).status, Some(0));
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert_eq!(names_in(&home), Vec::<std::ffi::OsString>::new());
    // One was there before, or something else has come into one.
    fs::create_dir_all(home.join(".config")).unwrap();
    assert_eq!(setup(&sandbox, Shell::Fish).status, Some(0));
    assert_eq!(undo(&sandbox, &["fish"]).status, Some(0));
    assert_eq!((names_in(&home), names_in(&home.join(".config"))), (vec![".config".into()], Vec::new()));
    fs::create_dir_all(home.join(".config/fish")).unwrap();
    assert_eq!(setup(&sandbox, Shell::Fish).status, Some(0));
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert!(home.join(".config/fish").exists());
    fs::remove_dir(home.join(".config/fish")).unwrap();
    fs::remove_dir(home.join(".config")).unwrap();
    assert_eq!(setup(&sandbox, Shell::Fish).status, Some(0));
    fs::create_dir(home.join(".config/other")).unwrap();
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert_eq!(names_in(&home.join(".config")), ["other"]);
    let zsh = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        assert!(command.env("ZDOTDIR", sandbox.path("home/a/b/zdot")).output().unwrap().status.success());
    };
    zsh(&["setup", "zsh", "--yes"]);
    zsh(&["setup", "--undo", "zsh"]);
    assert_eq!(names_in(&home), [".config"]);
}

#[test]
fn undo_joins_no_lines() {
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, "alias x=y");
    assert_eq!(setup(&sandbox, Shell::Bash).status, Some(0));
    let with_more = format!("{}alias z=y\n", fs::read_to_string(&file).unwrap());
    fs::write(&file, with_more).unwrap();
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), "alias x=y\nalias z=y\n");
}

#[test]
fn undo_forgets_shells_that_have_ended() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let state = sandbox.path("home/.local/state/venvwrap");
    for shell in Shell::ALL {
        assert_eq!(setup(&sandbox, shell).status, Some(0));
        let text = format!("{}\nworkon api\n", source_line(shell, &start_up_file(&sandbox, shell)));
        Outcome::new(&sandbox, &command(&sandbox, shell, &text).output().unwrap()).prints(shell.name(), "");
    }
    assert!(!names_in(&state.join("shells")).is_empty());
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert!(!state.exists());
}

/// Creating an environment leaves jobs behind that work in the cache when `--undo` removes it.
#[test]
fn a_job_in_the_background_brings_no_cache_back() {
    let Some(python) = crate::support::program::python() else { return };
    let sandbox = Sandbox::new();
    let cache = sandbox.path("cache/venvwrap");
    let job = |python: &Path| {
        let mut command = program(&sandbox, &["__background", "compile", python.to_str().unwrap(), "00"]);
        command.env("VENVWRAP_CACHE_DIR", &cache).output().unwrap();
    };
    job(&python);
    assert!(!cache.exists());
    let seen = sandbox.path("seen");
    let script = format!(
        "#!/bin/sh\nrm -rf '{}'; : >'{}'; exec '{}' \"$@\"\n",
        cache.display(),
        seen.display(),
        python.display()
    );
    let slow = sandbox.write_program("other/python3", &script);
    fs::create_dir_all(cache.join("v1/wheels")).unwrap();
    job(&slow);
    assert!(seen.exists() && !cache.exists());
}

/// Nor what was made above it, whatever of that `--undo` has removed when the job makes the cache again.
#[test]
fn a_job_in_the_background_leaves_nothing_above_the_cache() {
    let Some(python) = crate::support::program::python() else { return };
    for (removed, note) in [("new", "printf 1 >new/venvwrap/made"), ("new/venvwrap", ":")] {
        let sandbox = Sandbox::new();
        let script = format!(
            "#!/bin/sh\ncd '{}' && rm -rf {removed} && mkdir -p new/venvwrap/v1/interp && {note}\nexec '{}' \"$@\"\n",
            sandbox.path("").display(),
            python.display()
        );
        let slow = sandbox.write_program("other/python3", &script);
        sandbox.write("new/venvwrap/v1/wheels/x", "");
        sandbox.write("new/venvwrap/made", "1");
        let mut command = program(&sandbox, &["__background", "compile", slow.to_str().unwrap(), "00"]);
        command.env("VENVWRAP_CACHE_DIR", sandbox.path("new/venvwrap")).output().unwrap();
        assert!(!sandbox.path("new").exists(), "{removed}");
    }
}

#[test]
fn undo_says_what_it_did() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        assert_eq!(setup(&sandbox, shell).status, Some(0));
    }
    sandbox.write("home/.cache/venvwrap/v1/interp/x", "");
    insta::assert_snapshot!(undo(&sandbox, &["zsh"]).whole(), @"
    --- standard error
    removed the line from `[ROOT]/home/.zshrc`
    --- status 0
    ");
    insta::assert_snapshot!(undo(&sandbox, &[]).whole(), @"
    --- standard error
    removed the line from `[ROOT]/home/.bashrc`
    removed the line from `[ROOT]/home/.config/fish/config.fish`
    removed the cache, `[ROOT]/home/.cache/venvwrap`
    --- status 0
    ");
    assert!(!sandbox.path("home/.cache/venvwrap").exists());
    insta::assert_snapshot!(undo(&sandbox, &["bash"]).whole(), @"
    --- standard error
    nothing to undo: `[ROOT]/home/.bashrc` does not load venvwrap
    --- status 0
    ");
    insta::assert_snapshot!(undo(&sandbox, &[]).whole(), @"
    --- standard error
    nothing to undo: no start-up file that `setup` looks into loads venvwrap
    --- status 0
    ");
}

#[test]
fn undo_keeps_lines_that_are_not_ours_and_links() {
    let sandbox = Sandbox::new();
    let others = "# eval \"$(venvwrap init bash)\"\nsource virtualenvwrapper.sh\necho venvwrap\n";
    let real =
        sandbox.write("home/dotfiles/rc", format!("{others}eval \"$(~/.cargo/bin/venvwrap init bash --auto)\"\n"));
    std::os::unix::fs::symlink(&real, sandbox.path("home/.bashrc")).unwrap();
    sandbox.write("home/.cache/venvwrap/mine", "not ours");
    assert_eq!(undo(&sandbox, &[]).status, Some(0));
    assert_eq!(fs::read_to_string(real).unwrap(), others);
    assert!(sandbox.path("home/.bashrc").is_symlink() && sandbox.path("home/.cache/venvwrap/mine").exists());
}

/// What is lost of a start-up file, or makes it unreadable, is lost without a trace.
#[test]
fn undo_takes_out_only_what_setup_writes() {
    let own = "eval \"$(venvwrap init bash)\"";
    for (text, is_named) in [
        (format!("export A=1; {own}; export B=1\n"), true),
        (format!("if true; then\n{own}\nfi\nalias ll='ls -l'\n"), true),
        (format!("loadvw() {{\n{own}\n}}\n"), true),
        (format!("command -v venvwrap >/dev/null && \\\n{own}\nalias a=b\n"), true),
        (format!("true &&\n{own}\nalias a=b\n"), true),
        (format!("{own} &&\nalias a=b\n"), true),
        ("export PATH=\"$PATH:~/x\" # venvwrap init bash\n".into(), false),
        (format!("alias vw='{own}'\n"), false),
    ] {
        let sandbox = Sandbox::new();
        let file = write_start_up_file(&sandbox, Shell::Bash, &text);
        let outcome = undo(&sandbox, &["bash"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), text, "{outcome:#?}");
        assert_eq!(outcome.stderr.contains("in a line that `setup` has not written"), is_named, "{text}: {outcome:#?}");
        // And such a line is no reason to add none.
        let outcome = setup(&sandbox, Shell::Bash);
        assert_eq!(outcome.stderr.contains("already loads"), is_named, "{text}: {outcome:#?}");
    }
    let sandbox = Sandbox::new();
    let file = write_start_up_file(&sandbox, Shell::Bash, &format!("{own}\n"));
    assert!(undo(&sandbox, &["bash"]).stderr.starts_with("removed the line"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "", "setup has not made it");
}

#[test]
fn undo_keeps_what_a_block_cannot_do_without_and_the_directory_of_another_program() {
    for (shell, block) in [
        (Shell::Bash, "if true; then\n  eval \"$(venvwrap init bash)\"\nfi\n"),
        (Shell::Zsh, "if true; then\n\teval \"$(venvwrap init zsh)\"\nfi\n"),
        (Shell::Fish, "if status is-interactive\n    venvwrap init fish | source\nend\n"),
    ] {
        let sandbox = Sandbox::new();
        let file = write_start_up_file(&sandbox, shell, block);
        sandbox.write("home/.cache/venvwrap/v1/mine", "not ours");
        let outcome = undo(&sandbox, &[]);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            outcome.stderr.contains(&format!("{name}` still loads venvwrap, in a line that `setup` has not written")),
            "{outcome:#?}"
        );
        assert!(!outcome.stderr.contains("removed"), "{outcome:#?}");
        assert_eq!((outcome.status, fs::read_to_string(&file).unwrap().as_str()), (Some(0), block));
        assert!(sandbox.path("home/.cache/venvwrap/v1/mine").exists());
    }
}
