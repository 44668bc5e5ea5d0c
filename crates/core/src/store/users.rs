//! Who uses an environment: programs that the system shows, and shells that have noted themselves.

use std::path::Path;

use super::home::Store;
use crate::env::shells::{Note, Shells};
use crate::env::usage::{Survey, User};

impl Store {
    /// Returns what a shell has to write that activates an environment, so that others see it there.
    pub fn note_of_shell(&self, env: &Path, pid: i32) -> Option<Note> {
        self.shells()?.note(pid, env, (self.options().clock)())
    }

    /// Everything that uses an environment, except these processes.
    pub fn users_of(&self, env: &Path, except: &[i32]) -> Vec<User> {
        self.users_in([env], except).users_of(env)
    }

    /// Looks once for everything that uses any of several environments, except these processes.
    pub fn users_in<'a, 'e>(&self, envs: impl IntoIterator<Item = &'e Path>, except: &'a [i32]) -> Survey<'a> {
        Survey::of(envs, except).with_shells(self.shells().map(|shells| shells.living()).unwrap_or_default())
    }

    /// Forgets the shells that have ended.
    pub fn sweep_shells(&self) {
        if let Some(shells) = self.shells() {
            shells.prune((self.options().clock)());
        }
    }

    /// Forgets the shells that have ended, and removes the register if no other is in it.
    pub fn forget_shells(&self) {
        self.sweep_shells();
        if let Some(shells) = self.shells() {
            shells.close();
        }
    }

    fn shells(&self) -> Option<Shells> {
        self.options().state_dir.as_deref().map(|state| Shells::new(state, self.options().user))
    }
}
