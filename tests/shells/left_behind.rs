//! An environment that a shell, or a program, has only inherited: its variables go with it.

use venvwrap_core::shell::Shell;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, command, in_each_shell, script_text};

/// Prints the active environment and the variables.
const SHOW: &str = "#!/bin/sh\necho \"${VIRTUAL_ENV##*/}.${ONLY-none}.${BOTH-none}.${CHANGED-none}.${SECRET-none}\"\n";

/// The variables as they are in a child of a shell that is in `web`; somebody has changed one.
fn inherited(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let (envs, bin) = (sandbox.path("envs"), sandbox.path("bin"));
    let path = format!("{}/web/bin:{}:/usr/bin:/bin", envs.display(), bin.display());
    let values = [("ONLY", "prod"), ("BOTH", "web"), ("CHANGED", "here"), ("SECRET", "p")];
    let values = values.map(|(name, value)| (name, value.to_string()));
    values.into_iter().chain([("VIRTUAL_ENV", format!("{}/web", envs.display())), ("PATH", path)]).collect()
}

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    for name in ["api", "web"] {
        sandbox.make_own_env(name);
    }
    sandbox.write_program("bin/show", SHOW);
    sandbox.write("projects/p/.env", "SECRET=p\n");
    call(sandbox, &["variables", "set", "-n", "web", "ONLY=prod", "BOTH=web", "CHANGED=web"]).succeeds("web");
    call(sandbox, &["variables", "set", "-n", "api", "BOTH=api x"]).succeeds("api");
    for words in [&["project", "set", "web", "../projects/p"][..], &["allow", "--dotenv", "../projects/p"]] {
        assert_eq!(call(sandbox, words).status, Some(0), "{words:?}");
    }
}

#[test]
fn a_shell_takes_them_along_when_it_leaves() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let function = match shell {
            Shell::Fish => "function in_each; show; end\n",
            Shell::Bash | Shell::Zsh => "in_each() { show; }\n",
        };
        let each = "api\n===\napi.none.api x.here.none\n\nweb\n===\nweb.prod.web.web.p\n\nweb.prod.web.here.p\n";
        for (script, expected) in [
            ("show; deactivate; show", "web.prod.web.here.p\n.none.none.here.none\n"),
            ("workon api; show; deactivate; show", "api.none.api x.here.none\n.none.none.here.none\n"),
            ("allvirtualenv show; show", each),
            ("allvirtualenv in_each; show", each),
            ("deactivate; workon --no-cd web; workon api; show", "api.none.api x.here.none\n"),
        ] {
            let text = script_text(sandbox, shell, "", &format!("{function}{script}"));
            let output = command(sandbox, shell, &text).envs(inherited(sandbox)).output().unwrap();
            Outcome::new(sandbox, &output).prints(&format!("{} {script}", shell.name()), expected);
        }
    });
}

#[test]
fn the_prompt_hook_leaves_none() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let script = match shell {
            // Its hook is for interactive shells.
            Shell::Fish => "venvwrap init --auto fish | source\n__venvwrap_follow_act ''\nshow",
            Shell::Bash => "eval \"$(venvwrap init --auto bash)\"\ncd /\n__venvwrap_follow\nshow",
            Shell::Zsh => "eval \"$(venvwrap init --auto zsh)\"\ncd /\n__venvwrap_follow\nshow",
        };
        let mut command = command(sandbox, shell, script);
        let web = sandbox.path("envs/web");
        let output = command.envs(inherited(sandbox)).env("VENVWRAP_AUTO_ENV", web).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), ".none.none.here.none\n");
    });
}

#[test]
fn no_program_in_another_environment_sees_them() {
    let sandbox = Sandbox::new();
    place(&sandbox);
    let call =
        |words: &[&str]| Outcome::new(&sandbox, &program(&sandbox, words).envs(inherited(&sandbox)).output().unwrap());
    assert_eq!(call(&["run", "api", "show"]).succeeds("run"), "api.none.api x.here.none\n");
    assert_eq!(call(&["run", "web", "show"]).succeeds("run"), "web.prod.web.web.p\n");
    let value: serde_json::Value = serde_json::from_str(call(&["activate", "--json", "api"]).succeeds("json")).unwrap();
    assert_eq!(value["unset"], serde_json::json!(["PYTHONHOME", "ONLY", "SECRET"]), "{value}");
    assert_eq!(value["set"]["BOTH"], "api x");
    let code = call(&["activate", "--shell", "sh", "api"]);
    assert!(code.succeeds("code").contains("; \\unset ONLY || :; \\unset SECRET || :; fi"), "{code:#?}");
}
