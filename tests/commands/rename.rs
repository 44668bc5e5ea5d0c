//! `venvwrap rename`.

use std::fs;
use std::process::Stdio;

use crate::support::program::{
    assert_works, call, create, create_arguments, names_in, output_in_time, program, python, pythons, residue,
    wait_until,
};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::skip;
use crate::support::trace::under_strace;

#[test]
fn the_environment_works_under_its_new_name_and_nothing_names_the_old_one() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "old one");
    for (old, new) in [("old one", "new"), ("new", "new-2"), ("new-2", "it's é"), ("it's é", "x")] {
        let outcome = call(&sandbox, &["rename", "--json", old, new]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
        let value: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((value["schema"].as_u64(), value["name"].as_str()), (Some(1), Some(new)));
        assert_eq!(value["stale"], serde_json::json!([]), "{outcome:#?}");
        assert!(!sandbox.env_path(old).exists());
        assert_works(&sandbox.env_path(new));
        let pip = std::process::Command::new(sandbox.env_path(new).join("bin/pip")).arg("--version").output().unwrap();
        assert!(String::from_utf8_lossy(&pip.stdout).contains(sandbox.env_path(new).to_str().unwrap()), "{pip:?}");
    }
    let grep =
        std::process::Command::new("grep").args(["-rlF", "envs/old one"]).arg(sandbox.env_path("x")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&grep.stdout), "");
    wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
}

/// With every Python: what is compiled under the old name is used, and what it says of itself is right.
#[test]
fn python_corrects_the_path_in_its_bytecode() {
    const MODULE: &str = "import sys\nclass A:\n    def f(self):\n        return [(lambda: sys._getframe())()]\n";
    const CODE: &str = "import m, n, os; frame = m.A().f()[0]; old, new = os.environ['OLD'], os.environ['NEW']\n\
        assert frame.f_code.co_filename == frame.f_back.f_code.co_filename == m.__file__, frame.f_code.co_filename\n\
        assert m.__file__.startswith(new) and n.PATH == new, (m.__file__, n.PATH)\n\
        assert open(m.__cached__, 'rb').read().count(old.encode()), 'it was compiled again'\n";
    for python in pythons() {
        let sandbox = Sandbox::new();
        let arguments = create_arguments(python, "old", &["--no-seed"]);
        call(&sandbox, &arguments).succeeds("create");
        let (old, new) = (sandbox.env_path("old"), sandbox.env_path("new"));
        let lib = names_in(&old.join("lib")).remove(0);
        let site = std::path::Path::new("lib").join(lib).join("site-packages");
        fs::write(old.join(&site).join("m.py"), MODULE).unwrap();
        // It keeps its size and its time: Python could not tell that it has changed.
        fs::write(old.join(&site).join("n.py"), format!("PATH = '{}'\n", old.display())).unwrap();
        let run = |env: &std::path::Path, arguments: &[&str]| {
            let mut command = std::process::Command::new(env.join("bin/python"));
            let output = command.args(arguments).env("OLD", &old).env("NEW", &new).output().unwrap();
            assert!(output.status.success(), "{}: {output:?}", python.display());
        };
        run(&old, &["-m", "compileall", "-q", old.join(&site).to_str().unwrap()]);
        assert_eq!(call(&sandbox, &["rename", "old", "new"]).status, Some(0));
        run(&new, &["-c", CODE]);
    }
}

/// At each step: until the environment has its new name nothing has happened, and from then on it all happens.
#[test]
fn an_interruption_leaves_the_old_name_or_the_new_one() {
    let Some(python) = python() else { return };
    let mut seen = [false; 2];
    for (number, signal) in ["INT", "TERM", "HUP"].iter().cycle().take(10).enumerate() {
        let sandbox = Sandbox::new();
        create(&sandbox, &python, "old");
        let plain = program(&sandbox, &["rename", "old", "new"]);
        let calls = "?mkdir,?mkdirat,renameat,?renameat2";
        let inject = format!("inject={calls}:signal={signal}:when={}", number + 1);
        let trace = format!("trace={calls}");
        let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let Some(mut traced) = under_strace(&plain, &options) else { return skip("no `strace`") };
        let outcome = Outcome::new(&sandbox, &output_in_time(&mut traced));
        let is_renamed = sandbox.env_path("new").exists();
        seen[usize::from(is_renamed)] = true;
        let expected = if is_renamed { "renamed `old` to `new` (" } else { "interrupted: `old` was not renamed\n" };
        // The signal may come to a program in the background, and nobody is told on standard error that all went well.
        let is_unheard = is_renamed && outcome.status == Some(0) && outcome.stderr.is_empty();
        assert!(is_unheard || outcome.stderr.starts_with(expected), "{signal} {number}: {outcome:#?}");
        // What is only tidied up after the line may be interrupted.
        let statuses = if is_renamed { &[0, 129, 130, 143][..] } else { &[129, 130, 143] };
        assert!(outcome.status.is_some_and(|status| statuses.contains(&status)), "{signal} {number}: {outcome:#?}");
        let name = if is_renamed { "new" } else { "old" };
        assert!(fs::read_to_string(sandbox.env_path(name).join("bin/pip")).unwrap().contains(&format!("envs/{name}/")));
        assert_works(&sandbox.env_path(name));
        wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
    }
    assert_eq!(seen, [true; 2]);
}

/// Every list finishes it before it lists anything.
#[test]
fn a_list_finishes_a_rename_that_was_killed() {
    let Some(python) = python() else { return };
    for (number, list) in [&["list"][..], &["list", "--json"], &["list", "-b"], &["list", "n*"]].iter().enumerate() {
        let sandbox = Sandbox::new();
        create(&sandbox, &python, "old");
        let plain = program(&sandbox, &["rename", "old", "new"]);
        let inject = format!("inject=renameat:signal=KILL:when={}", 3 + 2 * number);
        let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=renameat", "-e", &inject];
        let Some(mut traced) = under_strace(&plain, &options) else { return skip("no `strace`") };
        assert!(!traced.output().unwrap().status.success());
        assert!(residue(&sandbox.path("envs")).len() > 1, "it was killed too early or too late");
        let outcome = call(&sandbox, list);
        let listed = outcome.succeeds("list");
        assert!(listed.contains("new") && !listed.contains("moved"), "{listed}");
        let pip = fs::read_to_string(sandbox.env_path("new/bin/pip")).unwrap();
        assert!(pip.contains("envs/new/") && !pip.contains("envs/old"), "{list:?}: {pip}");
        wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
        assert_works(&sandbox.env_path("new"));
    }
}

#[test]
fn what_stands_in_the_way_is_one_line_and_changes_nothing() {
    let sandbox = Sandbox::new();
    for name in ["api", "web"] {
        sandbox.make_env(name);
    }
    let refused = |arguments: &[&str], words: &str| {
        call(&sandbox, &[&["rename"], arguments].concat()).fails_with_hint("rename", words);
        assert!(sandbox.env_path("api").join("bin/activate").exists());
    };
    refused(&["aip", "new"], "no environment is named `aip`");
    let impossible = call(&sandbox, &["show", "it's $(x)"]);
    assert!(impossible.stderr.ends_with("\nhint: `venvwrap list` lists your environments\n"), "{impossible:#?}");
    refused(&["api", "web"], "`web` already exists");
    refused(&["api", "api"], "the new name is the old one");
    refused(&["api", "../x"], "../x");
    refused(&["api", ".hidden"], ".hidden");
    let mut active = program(&sandbox, &["rename", "api", "new"]);
    let outcome = crate::support::shells::Outcome::new(
        &sandbox,
        &active.env("VIRTUAL_ENV", sandbox.env_path("api")).output().unwrap(),
    );
    outcome.fails_with_hint("active", "`api` is the active environment");
    assert!(outcome.stderr.contains("`mvvirtualenv api new`"), "{outcome:#?}");
    assert_eq!(call(&sandbox, &["rename", "api"]).status, Some(2));
}

#[test]
fn an_environment_in_use_needs_force_and_the_users_are_named() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let mut user = std::process::Command::new("cat");
    let user = user.stdin(Stdio::piped()).env("VIRTUAL_ENV", sandbox.env_path("api"));
    let mut user = user.spawn().unwrap();
    let outcome = call(&sandbox, &["rename", "api", "new"]);
    outcome.fails_with_hint("in use", &format!("`api` is in use by `cat` ({})", user.id()));
    let outcome = call(&sandbox, &["rename", "--force", "api", "new"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("warning: these use it under its old path: `cat`"), "{outcome:#?}");
    drop(user.stdin.take());
    user.wait().unwrap();
}

#[test]
fn projects_editors_and_kernels_are_found() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    let project = sandbox.make_project(&env, "api");
    call(&sandbox, &["link", "api", project.to_str().unwrap()]).status.unwrap();
    fs::create_dir(project.join(".vscode")).unwrap();
    let settings = format!("{{\"python.defaultInterpreterPath\": \"{}/bin/python\"}}", env.display());
    fs::write(project.join(".vscode/settings.json"), settings).unwrap();
    let kernel = format!("{{\"argv\": [\"{}/bin/python\"], \"display_name\": \"Api\"}}", env.display());
    fs::create_dir_all(sandbox.path("home/.local/jupyter/kernels/api")).unwrap();
    sandbox.write("home/.local/jupyter/kernels/api/kernel.json", kernel);
    let outcome = call(&sandbox, &["rename", "api", "web"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(
        outcome.stderr,
        "followed: `[ROOT]/projects/api/.venv`, kernel `api`\n\
         warning: these still name `api`: `[ROOT]/projects/api/.vscode/settings.json`\n"
    );
    assert_eq!(fs::read_to_string(project.join(".venv")).unwrap(), format!("{}\n", sandbox.env_path("web").display()));
    let kernel = fs::read_to_string(sandbox.path("home/.local/jupyter/kernels/api/kernel.json")).unwrap();
    assert!(kernel.contains("envs/web/bin/python"), "{kernel}");
    assert_eq!(call(&sandbox, &["project", "show", "web"]).stdout, "[ROOT]/projects/api\n");
}

/// Of directories that are no projects too.
#[test]
fn the_file_of_a_link_follows_and_is_named_when_the_environment_is_removed() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    let project = sandbox.make_project(&env, "api");
    let other = sandbox.path("projects/other");
    fs::create_dir(&other).unwrap();
    for directory in [&project, &other] {
        assert_eq!(call(&sandbox, &["link", "api", directory.to_str().unwrap()]).status, Some(0));
    }
    let followed = "followed: `[ROOT]/projects/api/.venv`, `[ROOT]/projects/other/.venv`\n";
    let dry = call(&sandbox, &["rename", "--dry-run", "api", "web"]);
    assert!(dry.stderr.contains(&followed.replace("followed", "would follow")), "{dry:#?}");
    assert_eq!(call(&sandbox, &["rename", "api", "web"]).stderr, followed);
    let named = || fs::read_to_string(other.join(".venv")).unwrap();
    assert_eq!(named(), format!("{}\n", sandbox.env_path("web").display()));
    let removed = call(&sandbox, &["remove", "web"]);
    let warning = "warning: `[ROOT]/projects/other/.venv` still names `web`: remove that file, or link another";
    assert!(removed.stderr.contains(warning), "{removed:#?}");
    let undone = call(&sandbox, &["undo", "--as", "shop"]);
    assert!(undone.stderr.contains("`[ROOT]/projects/other/.venv`"), "{undone:#?}");
    assert_eq!(named(), format!("{}\n", sandbox.env_path("shop").display()));
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    let project = sandbox.make_project(&env, "api");
    call(&sandbox, &["link", "api", project.to_str().unwrap()]).status.unwrap();
    fs::create_dir(project.join(".vscode")).unwrap();
    fs::write(project.join(".vscode/settings.json"), format!("\"{}/bin/python\"", env.display())).unwrap();
    fs::write(env.join("bin/activate.csh"), format!("setenv X '{}'`x`\n", env.display())).unwrap();
    fs::write(env.join("data.bin"), format!("\0{}\0", env.display())).unwrap();
    let outcome = call(&sandbox, &["rename", "-n", "api", "web"]);
    assert!(outcome.stderr.contains("these binary files would still contain"), "{outcome:#?}");
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.starts_with("would rename `api` to `web` ("), "{outcome:#?}");
    assert!(outcome.stderr.contains("\nwould follow: `[ROOT]/projects/api/.venv`\n"), "{outcome:#?}");
    let past = ["were ", "these still", "followed"];
    assert!(!past.iter().any(|word| outcome.stderr.contains(word)), "{outcome:#?}");
    assert_eq!(fs::read_to_string(project.join(".venv")).unwrap(), format!("{}\n", env.display()));
    assert!(sandbox.env_path("api").exists() && !sandbox.env_path("web").exists());
    assert_eq!(residue(&sandbox.path("envs")), Vec::<std::path::PathBuf>::new());
}

#[test]
fn links_in_the_store_follow_in_one_line() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    for (target, entry) in [("api", "a b"), ("a b", "chain")] {
        std::os::unix::fs::symlink(target, sandbox.env_path(entry)).unwrap();
    }
    let dry = call(&sandbox, &["rename", "--dry-run", "api", "web"]);
    assert!(dry.stderr.ends_with("\nwould follow: link `a b`\n"), "{dry:#?}");
    assert_eq!(call(&sandbox, &["rename", "api", "web"]).stderr, "followed: link `a b`\n");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\nchain\nweb\n");
    let json = call(&sandbox, &["rename", "--json", "web", "api"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["links"], serde_json::json!(["a b"]));
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\napi\nchain\n");
}
