//! The activation scripts of a rebuilt environment: what the user has written into the old ones is in the new ones.

use std::path::{Path, PathBuf};

use crate::env::{BIN, Environment, packages};
use crate::fs::{self, PathResult};
use crate::relocate::kept::{Renewed, Scripts, keep_beside};
use crate::relocate::mend;

/// Gives the new environment at `root` the scripts of the old one that are not as a tool has written them, and those that
/// are not made for it. Returns the old scripts, relative to the environment, that could only be kept beside the new ones.
pub(super) fn carry(old: &Environment, root: &Path) -> PathResult<Vec<PathBuf>> {
    let scripts = Scripts::of(old, mend::old_path(old).as_deref());
    let library = |env: &Path| packages::library_directories(env).pop().unwrap_or_default();
    let (before, after) = (library(old.path()), library(root));
    let mut beside = Vec::new();
    for name in scripts.names()? {
        let Some((content, mode)) = scripts.read(&name) else { continue };
        if content.trim_ascii().is_empty() {
            continue;
        }
        let target = root.join(BIN).join(&name);
        let fresh = fs::read_limited(&target, u64::MAX).ok();
        if fresh.as_ref() == Some(&content) {
            continue;
        }
        let renewed = match &fresh {
            Some(fresh) => scripts.renewed_for_python(&name, &content, fresh, [&before, &after]),
            None => scripts.renewed(&name, &content),
        };
        match renewed {
            Renewed::Same => fs::replace_file(&target, &content, mode)?,
            Renewed::Edited(new) if fresh.as_ref() == Some(&new) => {}
            Renewed::Edited(new) => fs::replace_file(&target, &new, mode)?,
            Renewed::New | Renewed::Stale => beside.push(keep_beside(root, &name, &content)?),
        }
    }
    Ok(beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use crate::shell::activate::{self, Activation, Script};

    #[test]
    fn what_the_user_has_written_into_scripts_is_in_the_new_ones() {
        let place = tempfile::tempdir().unwrap();
        let (env, root) = (place.path().join("api"), place.path().join("new"));
        let text = |script| activate::render(script, &Activation { env: &env, prompt: "api" }).unwrap();
        for (root, library) in [(&env, "python3.11"), (&root, "python3.12")] {
            std::fs::create_dir_all(root.join("lib").join(library).join("site-packages")).unwrap();
            std::fs::create_dir(root.join("bin")).unwrap();
        }
        std::fs::write(env.join("pyvenv.cfg"), "home = /bin\n").unwrap();
        for script in Script::ALL {
            for name in activate::file_names(script) {
                std::fs::write(root.join("bin").join(name), text(script)).unwrap();
            }
        }
        let write = |name: &str, text: &[u8]| std::fs::write(env.join("bin").join(name), text).unwrap();
        let read = |name: &str| std::fs::read_to_string(root.join("bin").join(name)).unwrap();
        write("activate", &[&text(Script::Posix)[..], b"export DB=1\n"].concat());
        write("activate.fish", &[b"# mine\n", &text(Script::Fish)[..]].concat());
        write("activate.csh", format!("setenv VIRTUAL_ENV '{}'\nsetenv DB 1\n", env.display()).as_bytes());
        write("activate.ps1", b" \n");
        write("activate.nu", &text(Script::Nushell));
        write("activate_this.py", b"libs = '../lib/python3.11/site-packages'\nimport mine\n");
        write("activate.xsh", b"$VIRTUAL_ENV = '/x'\n");
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
        assert!(carry(&environment, &root).unwrap().is_empty());
        assert!(read("activate").ends_with("export DB=1\n") && read("activate.fish").starts_with("# mine\n"));
        assert!(read("activate.csh").ends_with("setenv DB 1\n"));
        // It was for another path.
        assert_eq!(read("activate.xsh"), format!("$VIRTUAL_ENV = '{}'\n", env.display()));
        assert_eq!(read("activate.ps1").into_bytes(), text(Script::PowerShell));
        assert_eq!(read("activate.nu").into_bytes(), text(Script::Nushell));
        assert_eq!(read("activate_this.py"), "libs = '../lib/python3.12/site-packages'\nimport mine\n");
        // One that is for another path, which needs quotes.
        write("activate", b"# mine\nVIRTUAL_ENV='/nowhere/old name'\nexport VIRTUAL_ENV\n");
        std::fs::write(root.join("bin/activate"), text(Script::Posix)).unwrap();
        let beside = carry(&environment, &root).unwrap();
        assert!(beside.contains(&"bin/activate.old".into()), "{beside:?}");
        assert_eq!(read("activate").into_bytes(), text(Script::Posix));
        assert!(read("activate.old").starts_with("# mine\n"));
    }
}
