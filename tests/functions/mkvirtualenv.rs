//! `mkvirtualenv`.

use venvwrap_core::shell::plan::Plan;

use crate::support::program::{call, python};
use crate::support::shells::{in_each_shell, run};

#[test]
fn creating_runs_in_the_foreground_and_then_activates() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.write("do/mkvirtualenv", "echo \"creating $1\"; cat; [ \"$1\" != bad ] || exit 7\n");
        let plan = Plan::workon(&sandbox.workon_inputs("api", shell));
        sandbox.plan(shell, "mkvirtualenv", &plan);
        let script = "echo from stdin | mkvirtualenv bad </dev/null; report 1\nmkvirtualenv api </dev/null; report 2";
        let script = script.replace("echo from stdin | ", "");
        run(sandbox, shell, &script).prints(
            shell.name(),
            "creating bad\n1: status=7 env= cwd=[ROOT]/home\n\
             creating api\n2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n",
        );
    });
}

#[test]
fn blanks_around_a_name_are_a_part_of_it() {
    if python().is_none() {
        return;
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in [" lead", "trail ", "  both  ", " env with space"] {
            let script = format!(
                "mkvirtualenv --without-pip '{name}' 2>/dev/null; report 1\ndeactivate\nworkon '{name}'; report 2\n\
                 deactivate\nlsvirtualenv -b | cat -A\nsetvirtualenvproject '{name}' /usr; report 3\n"
            );
            let outcome = run(sandbox, shell, &script);
            let expected = format!(
                "1: status=0 env=[ROOT]/envs/{name} cwd=[ROOT]/home\n\
                 2: status=0 env=[ROOT]/envs/{name} cwd=[ROOT]/home\n{name}$\n\
                 Setting project for {name} to /usr\n3: status=0 env= cwd=[ROOT]/home\n"
            );
            assert_eq!(outcome.stdout, expected, "{} {outcome:#?}", shell.name());
            let json: serde_json::Value = serde_json::from_str(&call(sandbox, &["list", "--json"]).stdout).unwrap();
            assert!(json.to_string().contains(&format!("\"name\":\"{name}\"")), "{json}");
            let outcome = run(sandbox, shell, &format!("rmvirtualenv '{name}'; report 1\nlsvirtualenv -b"));
            assert_eq!(
                outcome.stdout,
                format!("Removing {name}...\n1: status=0 env= cwd=[ROOT]/home\n"),
                "{outcome:#?}"
            );
        }
        let outcome = run(sandbox, shell, "mkvirtualenv --without-pip '  '; report 1");
        assert!(outcome.stderr.contains("blanks only"), "{outcome:#?}");
    });
}

#[test]
fn an_associated_directory_gives_its_name() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        std::fs::create_dir_all(sandbox.path("home/src/my web/lib")).unwrap();
        let script = "cd ~/src/my\\ web/lib; mkvirtualenv --no-seed -a ..; report end";
        let outcome = run(sandbox, shell, script);
        let expected = "end: status=0 env=[ROOT]/envs/my web cwd=[ROOT]/home/src/my web\n";
        assert!(outcome.stdout.ends_with(expected), "{}: {outcome:#?}", shell.name());
        let project = std::fs::read_to_string(sandbox.env_path("my web/.project")).unwrap();
        assert_eq!(project.trim_end(), sandbox.path("home/src/my web").display().to_string());
    });
}

#[test]
fn uv_is_told_the_prompt_and_to_be_quiet() {
    let sandbox = crate::support::sandbox::Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    for (creator, told) in [
        ("uv venv", "<venv><--quiet><--prompt=a b><a b>"),
        ("uv venv -v --prompt x", "<venv><-v><--prompt><x><a b>"),
        ("uv something", "<something><a b>"),
    ] {
        let mut command = crate::support::program::program(&sandbox, &["create", "a b"]);
        let output = command.env("PATH", &path).env("VIRTUALENVWRAPPER_VIRTUALENV", creator).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains(told), "{creator}: {text}");
    }
}
