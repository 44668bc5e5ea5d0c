//! What else is completed, and in which circumstances.

use venvwrap_core::shell::Shell;
use venvwrap_core::snapshot::history::History;

use super::names::completion_system;
use super::terminal::Terminal;

use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;
use crate::support::shims::completion_text;
use crate::support::tools::find_program;

/// When the one snapshot of `api` was taken.
const SNAPSHOT: &str = "20261128T205000Z";

#[test]
fn every_kind_of_value() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_env("blog");
        std::fs::create_dir_all(env.join("lib/python3.11/site-packages/some package")).unwrap();
        sandbox.write_program("envs/templates/template_django", "#!/bin/sh\n");
        sandbox.write_program("envs/api/bin/only-here", "#!/bin/sh\n");
        sandbox.write("home/reqs.txt", "");
        let project = "[project.optional-dependencies]\ncli = []\ntests = []\n[dependency-groups]\n";
        sandbox.write("home/pyproject.toml", format!("{project}docs = []\n"));
        sandbox.write("home/reqs dir/pyproject.toml", format!("{project}lint = []\n"));
        sandbox.write("home/tilde/pyproject.toml", format!("{project}nightly = []\n"));
        sandbox.write("envs/api/venvwrap-variables.toml", "FIRST = \"1\"\n");
        let history = History::of(&sandbox.path("home/.local/state/venvwrap"), &env);
        sandbox.write(history.path().join(format!("{SNAPSHOT}.txt")), "six==1.16.0\n");
        let named = format!("api@{SNAPSHOT}");
        let mut terminal = Terminal::open(sandbox, shell, completion_system(shell));
        let set = if shell == Shell::Fish { "set -gx VIRTUAL_ENV" } else { "export VIRTUAL_ENV=" };
        terminal.enter(&format!("{set} '{}'", env.display()).replace("= '", "='"));
        for (typed, expected) in [
            ("rmvirtualenv api bl\t", &["api", "blog"][..]),
            ("mkvirtualenv --syst\t", &["--system-site-packages"]),
            ("mkproject -t dj\t", &["-t", "django"]),
            ("mkproject --template=dj\t", &["--template=django"]),
            ("mkvirtualenv -r reqs.\t", &["-r", "reqs.txt"]),
            ("mkvirtualenv -a reqs\t", &["-a", "reqs dir/"]),
            ("cdvirtualenv li\t", &["lib/"]),
            ("cdvirtualenv lib/py\t", &["lib/python3.11/"]),
            ("cdsitepackages so\t", &["some package/"]),
            ("lsvirtualenv --sort pr\t", &["--sort", "project"]),
            ("mkvirtualenv --group d\t", &["--group", "docs"]),
            ("mkvirtualenv -a 'reqs dir' --group l\t", &["-a", "reqs dir", "--group", "lint"]),
            ("venvwrap create x --group=d\t", &["create", "x", "--group=docs"]),
            ("mkvirtualenv -i '.[t\t", &["-i", ".[tests]"]),
            ("mkvirtualenv -i .\\[t\t", &["-i", ".[tests]"]),
            ("mkvirtualenv -e '.[cli,t\t", &["-e", ".[cli,tests]"]),
            ("mkvirtualenv -e reqs\t", &["-e", "reqs dir/"]),
            ("venvwrap config set cd f\t", &["config", "set", "cd", "false"]),
            ("venvwrap config set link_mode h\t", &["config", "set", "link_mode", "hardlink"]),
            ("venvwrap config set workon_home reqs\t", &["config", "set", "workon_home", "reqs dir/"]),
            ("venvwrap sho\t", &["show"]),
            ("venvwrap project se\t", &["project", "set"]),
            ("venvwrap show --js\t", &["show", "--json"]),
            ("venvwrap help conf\t", &["help", "config"]),
            ("venvwrap snapshot bl\t", &["snapshot", "blog"]),
            ("venvwrap snapshot show api \t", &["snapshot", "show", "api", SNAPSHOT]),
            ("venvwrap snapshot diff api 2\t", &["snapshot", "diff", "api", SNAPSHOT]),
            ("venvwrap restore api api@\t", &["restore", "api", &named]),
            ("venvwrap restore api 2\t", &["restore", "api", SNAPSHOT]),
            ("venvwrap diff blog api@2\t", &["diff", "blog", &named]),
            ("venvwrap create x --activators bash,fi\t", &["create", "x", "--activators", "bash,fish"]),
            ("mkvirtualenv --activators=nu\t", &["--activators=nushell"]),
            ("venvwrap variables unset -n api FIR\t", &["variables", "unset", "-n", "api", "FIRST"]),
            ("venvwrap bundle --platform windows-a\t", &["bundle", "--platform", "windows-arm64"]),
            ("venvwrap package api --bin only-he\t", &["package", "api", "--bin", "only-here"]),
            ("venvwrap run --tmp sha256su\t", &["run", "--tmp", "sha256sum"]),
            ("venvwrap run api --tm\t", &["run", "api", "--tm"]),
            ("venvwrap run ./reqs\t", &["run", "./reqs dir/"]),
            ("venvwrap upgrade ./reqs\t", &["upgrade", "./reqs dir/"]),
            ("venvwrap kernel add ./reqs\t", &["kernel", "add", "./reqs dir/"]),
            ("venvwrap rename ./reqs\t", &["rename", "./reqs"]),
        ] {
            assert_eq!(terminal.arguments(typed), expected, "{}: {typed}", shell.name());
        }
        // The shell has not expanded these yet.
        for typed in ["mkvirtualenv -a ~/tilde --group n\t", "mkvirtualenv -a $HOME/tilde --group n\t"] {
            assert_eq!(terminal.arguments(typed).last().unwrap(), "nightly", "{}: {typed}", shell.name());
        }
    });
}

#[test]
fn nothing_happens_without_environments() {
    in_each_shell(|sandbox, shell| {
        std::fs::remove_dir(sandbox.path("envs")).unwrap();
        std::fs::create_dir(sandbox.path("home/directory")).unwrap();
        let mut terminal = Terminal::open(sandbox, shell, completion_system(shell));
        assert_eq!(terminal.arguments("workon dir\t"), ["dir"], "{}", shell.name());
        assert!(!sandbox.path("envs").exists());
    });
}

#[test]
fn strict_shells_complete_too() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let strict = match shell {
            Shell::Bash => "set -uf; shopt -s failglob nullglob; set -o posix; IFS=p",
            Shell::Zsh => "autoload -Uz compinit; compinit -u -D; setopt no_unset warn_create_global",
            Shell::Fish => "",
        };
        let mut terminal = Terminal::open(sandbox, shell, strict);
        assert_eq!(terminal.arguments("workon a\t"), ["api"], "{}", shell.name());
        assert_eq!(terminal.arguments("workon z\t"), ["z"], "{}", shell.name());
    });
}

/// What virtualenvwrapper completes with, for commands that dotfiles define.
#[test]
fn completion_functions_of_virtualenvwrapper_are_there() {
    for shell in [Shell::Bash, Shell::Zsh] {
        if find_program(shell.name()).is_none() {
            continue;
        }
        let sandbox = Sandbox::new();
        let env = sandbox.make_env("api");
        sandbox.make_env("a b$(touch PWN)");
        std::fs::create_dir_all(env.join("lib/python3.11/site-packages/some package")).unwrap();
        let lines = match shell {
            Shell::Bash => {
                "complete -o default -o nospace -F _virtualenvs wo; complete -o nospace -F _cdvirtualenv_complete -S/ cdv\n\
                 complete -o nospace -F _cdsitepackages_complete -S/ cds"
            }
            _ => {
                "compctl -K _virtualenvs wo; compctl -K _cdvirtualenv_complete -S / cdv\n\
                  compctl -K _cdsitepackages_complete -S / cds"
            }
        };
        let mut terminal = Terminal::open(&sandbox, shell, lines);
        terminal.enter(&format!(
            "export VIRTUAL_ENV='{}'; for f in wo cdv cds; do eval \"$f() {{ show \\\"\\$@\\\"; }}\"; done",
            env.display()
        ));
        for (typed, expected) in [
            ("wo ap\t", &["api"][..]),
            ("wo x ap\t", &["x", "api"]),
            ("wo a\\ b\t", &["a b$(touch PWN)"]),
            ("wo -\t", &["-"]),
            ("cdv li\t", &["lib/"]),
            ("cdv lib/py\t", &["lib/python3.11/"]),
            ("cds so\t", &["some package/"]),
        ] {
            assert_eq!(terminal.arguments(typed), expected, "{}: {typed}", shell.name());
        }
        assert!(!sandbox.path("home/PWN").exists());
    }
}

#[test]
fn zsh_may_load_its_completion_later() {
    if find_program("zsh").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let mut terminal = Terminal::open(&sandbox, Shell::Zsh, "");
    assert_eq!(terminal.arguments("workon a\t"), ["a"], "no completion system yet");
    terminal.enter("autoload -Uz compinit; compinit -u -D");
    assert_eq!(terminal.arguments("workon a\t"), ["api"]);
    terminal.enter("(( ${+functions[__venvwrap_register]} )) && workon() { show kept }");
    assert_eq!(terminal.arguments("workon x"), ["x"], "the helper is gone");
}

#[test]
fn bash_completes_in_the_middle_of_a_line() {
    if find_program("bash").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    sandbox.make_env("a b");
    let mut terminal = Terminal::open(&sandbox, Shell::Bash, "");
    // Two letters back, Tab, to the end.
    assert_eq!(terminal.arguments("workon ap é\x02\x02\t\x05"), ["api", "é"]);
    assert_eq!(terminal.arguments("true; X=1 workon >/dev/stdout ap\t"), ["api"]);
    assert_eq!(terminal.arguments("workon API\t"), ["api"]);
    assert_eq!(terminal.arguments("workon ap\tx"), ["api", "x"], "a blank follows the name");
    assert_eq!(terminal.arguments("workon \"a \tx"), ["a b", "x"]);
}

#[test]
fn installed_by_a_packager_the_files_work_alone() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let name = if shell == Shell::Zsh { "site/_venvwrap" } else { "site/file" };
        let file = sandbox.write(name, completion_text(shell));
        let (file, bin) = (file.to_str().unwrap(), sandbox.path("bin").display().to_string());
        let lines = match shell {
            Shell::Bash => format!("PATH='{bin}':$PATH\nsource '{file}'"),
            Shell::Zsh => {
                let site = sandbox.path("site").display().to_string();
                format!("path=('{bin}' $path); fpath=('{site}' $fpath); autoload -Uz compinit; compinit -u -D")
            }
            Shell::Fish => format!("set -gx PATH '{bin}' $PATH\nsource '{file}'"),
        };
        let mut terminal = Terminal::load(sandbox, shell, &lines);
        for _ in 0..2 {
            assert_eq!(terminal.arguments("venvwrap show a\t"), ["show", "api"], "{}", shell.name());
        }
    });
}
