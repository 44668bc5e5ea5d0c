//! Names that no wheel may give to a file of an environment: what the environment itself relies on, and what this
//! program or a shell would source or run.

use super::archive::Place;
use super::safe_path::is_component;
use crate::shell::event::Event;

/// The programs and scripts that belong to every environment, with whatever follows: `python3.12`, `activate.fish`.
const BEGINNINGS: [&str; 5] = ["python", "pypy", "graalpy", "activate", "deactivate"];

/// The files that say what an environment is; one as a script would be taken for nothing, but has no business there.
const FILES: [&str; 4] = [".project", "pyvenv.cfg", "venvwrap.toml", "venvwrap-variables.toml"];

/// Returns whether a package may install a script of this name: a plain file name, none that the environment relies on,
/// and no hook, which would be sourced the next time that the environment is activated.
pub(crate) fn is_allowed_script(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // `postactivate.fish` is a hook too.
    let stem = lower.split('.').next().unwrap_or_default();
    is_component(name)
        && !name.starts_with('-')
        && !BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning))
        && !FILES.contains(&lower.as_str())
        && !Event::all().any(|event| event.name() == stem)
}

/// Returns whether a file may have this path at its place.
pub(super) fn is_allowed(place: Place, path: &str) -> bool {
    match place {
        // Code below `site-packages` is the package's own affair, and headers have a directory for each project.
        Place::Site | Place::Header => true,
        Place::Script => is_allowed_script(path),
        Place::Data => is_allowed_data(path),
    }
}

/// Nothing may be put next to `pyvenv.cfg`, whatever its name: users choose the name of the file that names a project.
fn is_allowed_data(path: &str) -> bool {
    match path.split_once('/') {
        None => false,
        Some((first, rest)) if ["bin", "scripts"].iter().any(|bin| first.eq_ignore_ascii_case(bin)) => {
            is_allowed_script(rest)
        }
        Some((first, _)) => !first.starts_with('.') && !first.to_ascii_lowercase().starts_with("lib"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_environments_and_shells_rely_on_is_reserved() {
        for name in [
            "python",
            "python3",
            "Python3.12",
            "pypy3",
            "activate",
            "activate.fish",
            "activate_this.py",
            "deactivate.bat",
            "postactivate",
            "PostActivate",
            "predeactivate.fish",
            "postdeactivate",
            "preactivate",
            "get_env_details",
            "initialize",
            "postmkvirtualenv",
            "prermvirtualenv.sh",
            "postmkproject",
            ".project",
            "pyvenv.cfg",
            "venvwrap.toml",
            "venvwrap-variables.toml",
            "../x",
            "a/b",
            "",
            ".",
            "-x",
        ] {
            assert!(!is_allowed_script(name), "{name:?}");
        }
        for name in ["pip", "pip3", "wheel", "py.test", "a b", "postactivate2", "my-activate", "get_env"] {
            assert!(is_allowed_script(name), "{name:?}");
        }
    }

    #[test]
    fn data_stays_out_of_the_environments_own_files() {
        for path in [
            ".project",
            "venvwrap.toml",
            "Venvwrap.TOML",
            "pyvenv.cfg",
            "pip.conf",
            "my-project-file",
            ".git/hooks/post-checkout",
            "bin/postactivate",
            "BIN/predeactivate.fish",
            "Scripts/activate",
            "bin/sub/x",
            "lib/python3.12/site-packages/x.pth",
            "LIB64/x",
        ] {
            assert!(!is_allowed(Place::Data, path), "{path:?}");
        }
        for path in ["share/man/man1/pip.1", "etc/x", "bin/tool"] {
            assert!(is_allowed(Place::Data, path), "{path:?}");
        }
    }
}
