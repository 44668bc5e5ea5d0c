//! How far an environment reaches in its directory: what is not its own is neither deleted nor replaced with it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::by_product::{names, remainder};
use super::{carry, generated};
use crate::env::health::is_evident;
use crate::env::metadata::{FILE_NAME, Metadata};
use crate::env::name::EnvName;
use crate::env::packages::library_directories;
use crate::env::{BIN, Environment};
use crate::fs::PathResult;
use crate::relocate::programs::Programs;
use crate::store::lock;

/// Returns whether an environment outside of the store may be replaced as a whole: nothing else would go with it.
pub fn is_replaceable(path: &Path) -> bool {
    let is_all = |environment: &Environment| {
        is_evident(environment) && others(environment).is_ok_and(|others| others.is_empty())
    };
    !Metadata::is_filled(path) && environment_at(path).is_some_and(|environment| is_all(&environment))
}

/// Returns what is in the directory of an environment that no installer and no tool has put there, in order: what a
/// rebuilt one takes over, but not what programs leave behind.
pub(super) fn others(environment: &Environment) -> PathResult<Vec<PathBuf>> {
    let env = environment.path();
    let unrecorded = [carry::rehearse(env)?, generated::other_at_top(env), named_as_operation(env)].concat();
    let mut found = Vec::new();
    if !unrecorded.is_empty() {
        let programs = Programs::of(environment);
        for path in &unrecorded {
            remainder(env, path, &programs, &mut found);
        }
    }
    found.sort();
    found.dedup_by(|inside, around| inside.starts_with(around));
    Ok(found)
}

/// Returns what an environment has made in its directory, relative to that: without it, another one can be made there.
pub fn own(env: &Path) -> Vec<PathBuf> {
    let programs = environment_at(env).map(|environment| Programs::of(&environment)).unwrap_or_default();
    let is_program = |name: &OsStr| generated::is_program(name) || programs.has(name);
    let libraries = library_directories(env);
    let is_library = |name: &OsStr| libraries.iter().any(|library| name == library.as_str());
    let files = ["lib64", FILE_NAME, "pyvenv.cfg"].map(PathBuf::from);
    let files = files.into_iter().filter(|file| env.join(file).symlink_metadata().is_ok_and(|found| !found.is_dir()));
    [among(env, BIN, &is_program), among(env, "lib", &is_library), files.collect()].concat()
}

/// Returns what is in that, and is not the environment's: files of the user in its directories.
pub fn others_in_own(env: &Path) -> PathResult<Vec<PathBuf>> {
    let own = own(env);
    let mut others = environment_at(env).map_or(Ok(Vec::new()), |environment| others(&environment))?;
    others.retain(|other| own.iter().any(|own| other.starts_with(own)));
    Ok(others)
}

/// Only its path matters.
fn environment_at(path: &Path) -> Option<Environment> {
    Some(Environment::new(EnvName::for_existing("env".as_ref()).ok()?, path.to_path_buf()))
}

/// What has the name of a directory of ours in the work: a rebuilt environment does not get that.
fn named_as_operation(env: &Path) -> Vec<PathBuf> {
    names(env).into_iter().filter(|name| lock::is_of_operation(name)).map(PathBuf::from).collect()
}

/// A directory where nothing else is in it, and otherwise what is meant of it.
fn among(env: &Path, directory: &str, is_meant: &dyn Fn(&OsStr) -> bool) -> Vec<PathBuf> {
    let (meant, others): (Vec<_>, Vec<_>) =
        names(&env.join(directory)).into_iter().partition(|name| is_meant(name) || name == "__pycache__");
    let mut meant: Vec<_> = meant.into_iter().map(|name| Path::new(directory).join(name)).collect();
    meant.sort();
    if others.is_empty() && !meant.is_empty() { vec![directory.into()] } else { meant }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let env = place.path().join("e");
        let site = env.join("lib/python3.12/site-packages");
        for directory in [&site.join("a-1.dist-info"), &env.join("bin"), &env.join("share/doc")] {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(site.join("a-1.dist-info/RECORD"), "../../../data/a.txt,,\n../../../bin/a,,\n").unwrap();
        for file in ["pyvenv.cfg", "bin/activate", "bin/python3.12", "bin/a"] {
            std::fs::write(env.join(file), "home = /usr/bin\n").unwrap();
        }
        std::fs::write(env.join(".gitignore"), "# made by x\n*\n").unwrap();
        (place, env)
    }

    #[test]
    fn only_what_an_environment_has_may_be_replaced() {
        let (_place, env) = env();
        assert!(is_replaceable(&env));
        std::fs::create_dir_all(env.join("data")).unwrap();
        std::fs::write(env.join("data/a.txt"), "").unwrap();
        assert!(is_replaceable(&env), "a package has brought it");
        std::fs::create_dir_all(env.join("etc/jupyter")).unwrap();
        assert!(is_replaceable(&env));
        for text in ["", "hi"] {
            std::fs::write(env.join("pyvenv.cfg"), text).unwrap();
            assert!(is_replaceable(&env), "it has lost it");
        }
        for path in ["data", "lib/python3.12", "bin/a"] {
            crate::fs::remove_tree(&env.join(path)).unwrap();
        }
        assert!(!is_replaceable(&env));
        std::fs::write(env.join("pyvenv.cfg"), "home = /usr/bin").unwrap();
        assert!(is_replaceable(&env));
        std::fs::create_dir(env.join("conda-meta")).unwrap();
        assert!(!is_replaceable(&env));
    }

    fn write(env: &Path, file: &str, content: &str) {
        std::fs::create_dir_all(env.join(file).parent().unwrap()).unwrap();
        std::fs::write(env.join(file), content).unwrap();
    }

    /// What of these files, made one after the other, an environment is not replaced with.
    fn kept(files: &[(&str, &str)]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for (file, content) in files {
            let (_place, env) = env();
            write(&env, file, &content.replace("ENV", env.to_str().unwrap()));
            found.extend(others(&environment_at(&env).unwrap()).unwrap());
        }
        found
    }

    #[test]
    fn whatever_nobody_has_recorded_is_a_persons_wherever_it_is() {
        let files = [
            ("data/mine", "data/mine"),
            (".git/config", ".git"),
            ("x.py", "x.py"),
            ("src/proj/.git/config", "src/proj"),
            ("var/db", "var"),
            ("etc/app.conf", "etc/app.conf"),
            ("etc/jupyter/jupyter_server_config.py", "etc/jupyter/jupyter_server_config.py"),
            ("share/keyrings/login.keyring", "share/keyrings"),
            ("share/jupyter/nbsignatures.db", "share/jupyter/nbsignatures.db"),
            ("share/jupyter/lab/settings/overrides.json", "share/jupyter/lab/settings/overrides.json"),
            ("share/jupyter/lab/notes.txt", "share/jupyter/lab/notes.txt"),
            ("share/jupyter/labextensions/mine/index.ts", "share/jupyter/labextensions/mine"),
            ("share/jupyter/labextensions/@me/mine/src/index.ts", "share/jupyter/labextensions/@me/mine"),
            ("share/jupyter/nbextensions/mine/main.js", "share/jupyter/nbextensions/mine"),
            ("share/python-wheels/notes.txt", "share/python-wheels"),
            ("etc/jupyter/jupyter_server_config.json", "etc/jupyter/jupyter_server_config.json"),
            ("etc/jupyter/nbconfig/notebook.json", "etc/jupyter/nbconfig/notebook.json"),
            ("share/jupyter/kernels/other/kernel.json", "share/jupyter/kernels/other"),
            ("local/settings.py", "local/settings.py"),
            ("man/man1/x.1", "man"),
            ("lib32/x.so", "lib32"),
            ("lib-dynload/x.so", "lib-dynload"),
            ("site-packages/x.py", "site-packages"),
            ("lib/mine/x.py", "lib/mine"),
            ("lib/python3.12/mine.py", "lib/python3.12/mine.py"),
            ("lib/python3.12/site-packages/user.py", "lib/python3.12/site-packages/user.py"),
            ("lib/python3.12/site-packages/mine.pth", "lib/python3.12/site-packages/mine.pth"),
            ("include/mine.h", "include/mine.h"),
            ("bin/deploy.sh", "bin/deploy.sh"),
            ("bin/nothing.sh", "bin/nothing.sh"),
            ("bin/postactivate", "bin/postactivate"),
            (".lock/x", ".lock"),
            (".venvwrap-op-notes/a", ".venvwrap-op-notes"),
            ("lib/python3.12/site-packages/~draft.py", "lib/python3.12/site-packages/~draft.py"),
            ("lib/python3.12/site-packages/mine.egg-info/work.py", "lib/python3.12/site-packages/mine.egg-info"),
            ("lib/python3.12/site-packages/mine.egg/work.py", "lib/python3.12/site-packages/mine.egg"),
        ];
        let written: Vec<_> = files.iter().map(|(file, _)| (*file, "#!/bin/sh\nprecious")).collect();
        let expected: Vec<_> = files.iter().map(|(_, kept)| PathBuf::from(kept)).collect();
        assert_eq!(kept(&written), expected);
        // Other programs have files of these names, too.
        let shared = [
            (".project", "<?xml?>\n"),
            (".gitignore", "*.pyc\n"),
            ("bin/own", "#!ENV/bin/python\nimport x\n"),
            ("bin/preactivate", "#!/bin/sh\n# Ask Ann for the key\n"),
            (
                "bin/postactivate",
                "#!/bin/sh\n# This hook is sourced after this virtualenv is activated.\n# export A=1\n",
            ),
            ("etc/jupyter/a.json", r#"{"ServerApp": {"open_browser": false}}"#),
            ("etc/jupyter/b.json", r#"{"ServerApp": {"jpserver_extensions": {"x": {"y": 1}}}}"#),
        ];
        assert_eq!(kept(&shared), shared.map(|(file, _)| PathBuf::from(file)));
    }

    #[test]
    fn what_programs_leave_behind_is_no_reason_to_keep_an_environment() {
        let launcher =
            "#!ENV/bin/python\nimport sys\nfrom x import main\nif __name__ == '__main__':\n    sys.exit(main())\n";
        let kernel = r#"{"argv": ["ENV/bin/python", "-m", "ipykernel_launcher"]}"#;
        let left = kept(&[
            ("share/jupyter/kernels/own/kernel.json", kernel),
            ("share/jupyter/lab/settings/page_config.json", "{}"),
            ("share/jupyter/lab/settings/build_config.json", "{}"),
            ("share/jupyter/lab/staging/package.json", "{}"),
            ("share/jupyter/labextensions/@x/built/static/remote.js", ""),
            ("share/jupyter/labextensions/built/package.json", "{}"),
            ("share/python-wheels/pip-20.3.4-py2.py3-none-any.whl", ""),
            ("etc/jupyter/labconfig/page_config.json", r#"{"disabledExtensions": {"x": true}}"#),
            ("etc/jupyter/jupyter_server_config.json", r#"{"ServerApp": {"jpserver_extensions": {"x": true}}}"#),
            ("etc/jupyter/nbconfig/notebook.json", r#"{"load_extensions": {"x/y": true}}"#),
            ("bin/gone", launcher),
            ("bin/old", "#!ENV/bin/python\n# EASY-INSTALL-SCRIPT: 'x','old'\n"),
            ("bin/pydoc.bat", "python"),
            ("bin/postactivate", "#!/bin/sh\n# This hook is sourced after this virtualenv is activated.\n\n"),
            ("bin/__pycache__/x.pyc", ""),
            ("lib/python3.12/site-packages/__pycache__/x.pyc", ""),
            ("lib/python3.12/site-packages/gone/__pycache__/x.pyc", ""),
            ("lib/python3.12/site-packages/_virtualenv_path_extensions.pth", "/x"),
            ("lib/python3.12/site-packages/easy-install.pth", "/x"),
            ("lib/python3.12/site-packages/a-1.dist-info/direct_url.json", "{}"),
            (".project", "/home/me/web\n"),
            (".hgignore", "*\n"),
            (".venvwrap-op-x/new/bin/python", ""),
            (".venvwrap-users/1", ""),
            ("lib/python3.12/site-packages/~ip/x.py", ""),
            ("lib/python3.12/site-packages/old.egg-info/PKG-INFO", ""),
            ("lib/python3.12/site-packages/old.egg/EGG-INFO/PKG-INFO", ""),
            ("pip-selfcheck.json", "{}"),
        ]);
        assert_eq!(left, Vec::<PathBuf>::new());
        let (_place, env) = env();
        std::fs::create_dir(env.join("local")).unwrap();
        for (target, link) in [("/moved/bin", "local/bin"), ("lib", "lib32"), ("python3.12", "bin/mine")] {
            std::os::unix::fs::symlink(target, env.join(link)).unwrap();
        }
        assert!(is_replaceable(&env));
        std::os::unix::fs::symlink("/opt/driver", env.join("bin/driver")).unwrap();
        assert_eq!(others(&environment_at(&env).unwrap()).unwrap(), [PathBuf::from("bin/driver")]);
    }

    #[test]
    fn what_is_removed_is_the_environments() {
        let (_place, env) = env();
        assert_eq!(own(&env), ["bin", "lib", "pyvenv.cfg"].map(PathBuf::from));
        for file in ["bin/deploy.sh", "lib/mine.py", FILE_NAME] {
            std::fs::write(env.join(file), "").unwrap();
        }
        let files = ["bin/a", "bin/activate", "bin/python3.12", "lib/python3.12", FILE_NAME, "pyvenv.cfg"];
        assert_eq!(own(&env), files.map(PathBuf::from));
    }

    #[test]
    fn what_is_the_users_in_that_is_told() {
        let (_place, env) = env();
        assert_eq!(others_in_own(&env).unwrap(), Vec::<PathBuf>::new());
        let site = "lib/python3.12/site-packages";
        let lost = [&format!("{site}/mine.pth"), &format!("{site}/mine.py"), "lib/python3.12/x.py"].map(PathBuf::from);
        for file in [&lost[0], &lost[1], &lost[2], Path::new("a.txt"), Path::new("bin/deploy.sh")] {
            std::fs::write(env.join(file), "x").unwrap();
        }
        assert_eq!(others_in_own(&env).unwrap(), lost);
    }
}
