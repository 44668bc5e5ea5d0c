//! The package managers of this machine, asked what files belong to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use venvwrap_core::pack::PackageKind;
use venvwrap_core::pack::owners::{Owners, owner_in};
use venvwrap_core::snapshot::dockerfile::libraries::packages_of;

use crate::process::on_path;

/// Where rpm has its list of packages, in one form or another.
const RPM_LISTS: [&str; 4] = [
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/Packages",
    "/usr/lib/sysimage/rpm/Packages.db",
];

/// dpkg and rpm, as far as they are there.
#[derive(Debug)]
pub(crate) struct PackageManager;

impl Owners for PackageManager {
    fn of_libraries(&self, names: &[String]) -> BTreeMap<String, String> {
        if names.is_empty() {
            return BTreeMap::new();
        }
        let patterns = names.iter().map(|name| format!("*/{name}"));
        let answer = on_path("dpkg").map(|dpkg| answer(Command::new(dpkg).arg("-S").args(patterns)));
        packages_of(&answer.unwrap_or_default().1)
    }

    fn of_path(&self, kind: PackageKind, path: &Path) -> Option<String> {
        if kind == PackageKind::Deb {
            let (_, text) = answer(Command::new(on_path("dpkg")?).arg("-S").arg(path));
            return owner_in(&text, path);
        }
        // Without a list of packages, rpm would begin one in the home directory.
        RPM_LISTS.iter().find(|list| Path::new(list).exists())?;
        let (is_owned, text) = answer(Command::new(on_path("rpm")?).args(["-qf", "--qf", "%{NAME}\\n"]).arg(path));
        text.lines().next().filter(|_| is_owned).map(str::to_owned)
    }
}

/// Returns whether a command succeeds, and what it prints.
fn answer(command: &mut Command) -> (bool, String) {
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.map(|own| (own.status.success(), String::from_utf8_lossy(&own.stdout).into_owned())).unwrap_or_default()
}
