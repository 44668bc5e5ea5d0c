//! What is examined.

use std::path::Path;

use crate::fs::exposure::Vetting;
use crate::fs::private::User;
use crate::project::uv::Settings;
use crate::store::Store;
use crate::store::kernels::ListedKernel;

/// What to examine, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Doctor<'a> {
    /// The store.
    pub store: &'a Store,
    /// The user's home directory.
    pub user_home: Option<&'a Path>,
    /// The directory of the global hooks.
    pub hook_dir: &'a Path,
    /// The cache of this program.
    pub cache_dir: Option<&'a Path>,
    /// The state of this program.
    pub state_dir: Option<&'a Path>,
    /// The Jupyter kernels of the user, as [`Store::kernels`] lists them.
    pub kernels: &'a [ListedKernel],
    /// What is set for uv.
    pub uv: &'a Settings,
    /// Where this process puts temporary files.
    pub temp_dir: &'a Path,
    /// Who asks.
    pub user: User,
    /// Whether the hashes of all installed files are compared.
    pub is_deep: bool,
}

impl Doctor<'_> {
    /// How hooks are judged.
    pub(super) fn vetting(&self) -> Vetting {
        Vetting::new(self.user, self.state_dir)
    }
}
