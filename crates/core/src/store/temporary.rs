//! Temporary environments: named after the shell that made them, and removed when nothing uses them any more.

use std::path::Path;

use super::home::Store;
use super::remove::{RemoveOptions, Removed};
use crate::env::metadata::{Metadata, Owner};
use crate::env::name::EnvName;
use crate::env::usage;

/// What an environment is that a shell has just left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Not a temporary environment of this store.
    NotTemporary,
    /// A temporary one that another process uses.
    InUse(EnvName),
    /// A temporary one that is to be removed: nothing uses it any more.
    Unused(EnvName),
}

/// Returns the name that belongs to a token, which is the same for both calls of a shell function. It is short, because
/// it is in the prompt.
pub fn name_of(token: &str) -> EnvName {
    // FNV-1a, which makes two of a thousand equal in one of eight thousand cases.
    let hash = token
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let text = format!("tmp-{:08x}", (hash ^ (hash >> 32)) & 0xffff_ffff);
    EnvName::for_new(text.as_ref()).unwrap_or_else(|_| unreachable!("letters and digits are a name"))
}

/// Returns the shell that a token begins with, else this one.
pub fn owner_of(token: &str, shell: i32) -> Owner {
    Owner::of(token.split('.').next().and_then(|pid| pid.parse().ok()).unwrap_or(shell))
}

impl Store {
    /// Forgets that these processes used an environment, and returns what is left of it.
    pub fn leave(&self, path: &Path, leaving: &[i32]) -> Left {
        let Some(name) = path.file_name().and_then(|name| EnvName::for_existing(name).ok()) else {
            return Left::NotTemporary;
        };
        // Only what is in the store and says itself that it is temporary.
        if self.path_of(&name) != path || Metadata::read(path).temporary.is_none() {
            return Left::NotTemporary;
        }
        usage::unregister(path, leaving);
        if usage::is_in_use(path, leaving) { Left::InUse(name) } else { Left::Unused(name) }
    }

    /// Removes temporary environments whose shells ended without removing them. Best effort: what is left is removed
    /// next time.
    pub fn remove_orphans(&self) {
        for name in self.names().unwrap_or_default() {
            let path = self.path_of(&name);
            let is_orphan = Metadata::read(&path).temporary.is_some() && !usage::is_in_use(&path, &[]);
            if is_orphan && let Ok(Removed::Moved(trash)) = self.remove(&name, &RemoveOptions::default()) {
                let _ = trash.delete();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::metadata;

    /// More than any process identifier.
    const DEAD: i32 = i32::MAX;

    fn store_with(name: &str, temporary: Option<Owner>) -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let env = home.path().join(name);
        std::fs::create_dir(&env).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), "").unwrap();
        let noted = Metadata { temporary, ..Metadata::default() };
        std::fs::write(metadata::path(&env), noted.to_toml()).unwrap();
        let store = Store::at(home.path().to_path_buf());
        (home, store)
    }

    #[test]
    fn the_name_of_a_token_is_short_and_always_the_same() {
        let names: Vec<_> = ["12.3/../4$(x)", "12.3/../4$(y)", ""].map(name_of).into();
        let is_plain = |name: &EnvName| {
            let text = name.as_os_str().to_str().unwrap();
            text.len() == 12 && text["tmp-".len()..].bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        assert!(names.iter().all(is_plain) && names[0] != names[1], "{names:?}");
        assert_eq!(name_of("12.3.4"), name_of("12.3.4"));
        assert_eq!(owner_of("12.34", 7).pid, 12);
        assert_eq!(owner_of("-", 7).pid, 7);
    }

    #[test]
    fn only_temporary_environments_of_this_store_are_left_to_be_removed() {
        let (home, store) = store_with("tmp-1", Some(Owner::of(DEAD)));
        let path = home.path().join("tmp-1");
        let Left::Unused(name) = store.leave(&path, &[]) else { panic!() };
        assert_eq!(name.as_os_str(), "tmp-1");
        assert_eq!(store.leave(&home.path().join("../tmp-1"), &[]), Left::NotTemporary);
        assert_eq!(store.leave(Path::new("/"), &[]), Left::NotTemporary);
        let (home, store) = store_with("web", None);
        assert_eq!(store.leave(&home.path().join("web"), &[]), Left::NotTemporary);
    }

    #[test]
    fn orphans_go_and_those_in_use_stay() {
        let (home, store) = store_with("tmp-1", Some(Owner::of(DEAD)));
        store.remove_orphans();
        assert!(!home.path().join("tmp-1").exists());
        let own = i32::try_from(std::process::id()).unwrap();
        let (home, store) = store_with("tmp-2", Some(Owner::of(own)));
        store.remove_orphans();
        assert!(home.path().join("tmp-2").exists());
        assert!(matches!(store.leave(&home.path().join("tmp-2"), &[]), Left::InUse(_)));
    }
}
