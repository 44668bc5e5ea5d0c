//! The hooks for leaving: which places take part is decided on entering, the files are looked for on leaving.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::render::OTHER_VERSION;

use crate::support::associations::program;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run, run_with};

/// A script that makes a hook with this text while an environment is active.
fn appear(sandbox: &Sandbox, shell: Shell, relative: &str, text: &str) -> String {
    let suffix = if shell == Shell::Fish { ".fish" } else { "" };
    format!("mkdir -p '{0}'\necho '{text}' >'{0}/{1}{suffix}'", sandbox.path(relative).parent().unwrap().display(), {
        relative.rsplit('/').next().unwrap()
    })
}

#[test]
fn a_hook_that_appears_meanwhile_runs() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "api");
        let places = [
            ("projects/api/.virtualenvwrapper/predeactivate", "echo project"),
            ("envs/api/bin/predeactivate", "echo environment"),
            ("envs/predeactivate", "echo global"),
            ("envs/api/bin/postdeactivate", "echo environment left"),
            ("envs/postdeactivate", "echo left"),
        ];
        let appear: Vec<_> = places.iter().map(|(place, text)| appear(sandbox, shell, place, text)).collect();
        let script = format!("workon api\n{}\ndeactivate", appear.join("\n"));
        run(sandbox, shell, &script).prints(shell.name(), "project\nenvironment\nglobal\nenvironment left\nleft\n");
    });
}

#[test]
fn a_hook_that_appears_where_others_may_write_does_not_run() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        let project = sandbox.make_project(&env, "api");
        fs::set_permissions(&project, fs::Permissions::from_mode(0o777)).unwrap();
        let appear = appear(sandbox, shell, "projects/api/.virtualenvwrapper/predeactivate", "echo planted");
        let script = format!("workon -n api\n{appear}\ndeactivate; report end");
        run(sandbox, shell, &script).prints(shell.name(), "end: status=0 env= cwd=[ROOT]/home\n");
        // Now that it is there it is told, and the way out with it.
        let outcome = run(sandbox, shell, "workon -n api\ndeactivate; report end");
        assert_eq!(outcome.stdout, "end: status=0 env= cwd=[ROOT]/home\n", "{}: {outcome:#?}", shell.name());
        let way_out = "`venvwrap allow --shared '[ROOT]/projects/api'`";
        assert_eq!(outcome.stderr.matches(way_out).count(), 1, "{}: {outcome:#?}", shell.name());
        program(sandbox, &["allow", "--shared", project.to_str().unwrap()]);
        run(sandbox, shell, "workon -n api\ndeactivate").prints(shell.name(), "planted\n");
    });
}

#[test]
fn a_hook_that_others_can_change_by_then_does_not_run() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        let file = |event: &str| shell.dialect().sourced(&env.join("bin"), event);
        let path = |event: &str| file(event).display().to_string();
        let (pre, post) = (path("predeactivate"), path("postdeactivate"));
        let elsewhere = sandbox.path("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        fs::write(elsewhere.join("hook"), "echo planted\n").unwrap();
        let link = format!("chmod 777 '{0}'; ln -s '{0}/hook' '{post}'", elsewhere.display());
        let bin = env.join("bin").display().to_string();
        for meanwhile in [
            format!("echo 'echo planted' >'{pre}'; chmod 666 '{pre}'"),
            format!("echo 'echo planted' >'{post}'; chmod 777 '{bin}'"),
            format!("echo 'echo planted' >'{pre}'; chmod 777 '{}'", env.display()),
            link,
        ] {
            let script = format!("workon api\n{meanwhile}\ndeactivate; report end");
            let outcome = run(sandbox, shell, &script);
            assert_eq!(
                outcome.stdout,
                "end: status=0 env= cwd=[ROOT]/home\n",
                "{} {meanwhile}: {outcome:#?}",
                shell.name()
            );
            assert_eq!(
                outcome.stderr.matches("is writable by other users").count(),
                1,
                "{}: {outcome:#?}",
                shell.name()
            );
            for directory in [&env, &env.join("bin")] {
                fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
            }
            for event in ["predeactivate", "postdeactivate"] {
                let _ = fs::remove_file(file(event));
            }
        }
        // What nobody else can change runs, also a hook that another hook makes, and one without an end of its line.
        let script = format!("workon api\nprintf %s \"echo 'echo left' >'{post}'; echo leaving\" >'{pre}'\ndeactivate");
        run(sandbox, shell, &script).prints(shell.name(), "leaving\nleft\n");
    });
}

#[test]
fn setvirtualenvproject_renews_the_hooks_of_the_active_environment() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "old");
        for name in ["old", "it's new"] {
            fs::create_dir_all(sandbox.path("projects").join(name)).unwrap();
            sandbox.write_hook(
                &format!("projects/{name}/.virtualenvwrapper/predeactivate"),
                &format!("echo predeactivate in \"{name}\"\n"),
            );
        }
        let new = sandbox.path("projects/it's new");
        let script = format!("workon -n api\nsetvirtualenvproject api \"{}\"; deactivate", new.display());
        run(sandbox, shell, &script)
            .prints(shell.name(), "Setting project for api to [ROOT]/projects/it's new\npredeactivate in it's new\n");
        let script = format!("setvirtualenvproject api \"{}\"; report end", new.display());
        run(sandbox, shell, &script).prints(
            shell.name(),
            "Setting project for api to [ROOT]/projects/it's new\nend: status=0 env= cwd=[ROOT]/home\n",
        );
    });
}

#[test]
fn a_shell_that_is_older_than_the_program_says_so() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let old = if shell == Shell::Fish { "set -g __venvwrap_protocol 1" } else { "__venvwrap_protocol=1" };
        let outcome = run(sandbox, shell, &format!("{old}\nworkon api; report end"));
        assert_eq!(outcome.stderr, format!("{OTHER_VERSION}\n"), "{}", shell.name());
        assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{}", shell.name());
    });
}

#[test]
fn a_shell_that_is_newer_than_the_program_says_so() {
    in_each_shell(|sandbox, shell| {
        // A plan of the first version has no test of the version.
        let plan = format!("plans/{}/workon", shell.name());
        sandbox.write(&plan, "__venvwrap_cd /usr\n");
        sandbox.write(format!("load/{}", shell.name()), "");
        let outcome = run(sandbox, shell, "workon api; report end");
        assert_eq!(outcome.stderr, format!("{OTHER_VERSION}\n"), "{}", shell.name());
        assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{}", shell.name());
    });
}

#[test]
fn a_note_that_cannot_be_written_ends_no_script() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let options = match shell {
            Shell::Bash => "set -o posix",
            Shell::Zsh => "setopt posix_builtins",
            Shell::Fish => "",
        };
        let note = if shell == Shell::Fish { "$__venvwrap_note" } else { "${__venvwrap_note#* }" };
        let script = format!(
            "workon api\ntest -f \"{note}\" && echo noted\nrm -r \"$(dirname \"{note}\")\"\ndeactivate; report end"
        );
        run_with(sandbox, shell, options, &script).prints(shell.name(), "noted\nend: status=0 env= cwd=[ROOT]/home\n");
    });
}
