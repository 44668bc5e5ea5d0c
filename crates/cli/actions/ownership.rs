//! To whom the files belong that a command leaves.

use rustix::fs::Mode;
use rustix::process::umask;

use crate::process::MISSING_STORE;
use crate::ui::printer;

/// Keeps what is made from being writable by everybody, as it would be where nobody has set a umask: no shell would enter
/// such an environment. A umask that was chosen for a group stays.
pub(crate) fn restrict() {
    let chosen = umask(Mode::from_raw_mode(0o022));
    let wanted = if chosen.contains(Mode::WOTH) { chosen } else { chosen | Mode::WGRP | Mode::WOTH };
    if wanted != Mode::from_raw_mode(0o022) {
        umask(wanted);
    }
}

/// Warns where root has made a store in the directory of another user, as `sudo` that keeps HOME does: that user could
/// not write to it.
pub(crate) fn warn_of_new_store() {
    if let Some((home, name)) = MISSING_STORE.get().filter(|(home, _)| home.is_dir()) {
        printer::warning(&format!(
            "the new store `{}` belongs to root, in a directory of `{name}`: run `chown -R {name}` on it, or use `sudo -H`",
            home.display()
        ));
    }
}
