//! Reading what is installed in an environment.

use venvwrap_core::env::Environment;
use venvwrap_core::env::distributions::{Distribution, Oddity};
use venvwrap_core::env::packages::has_pip;
use venvwrap_core::snapshot::borrowed::borrowed;
use venvwrap_core::snapshot::freeze::normal_version;
use venvwrap_core::snapshot::packages::{Packages, PackagesError};
use venvwrap_core::snapshot::python::Python;

use super::listing;
use crate::error::{Error, quoted_path, quoted_word};
use crate::process::Process;
use crate::ui::{printer, report};

/// The status of a command whose status 1 means that it found something.
pub(crate) const COULD_NOT_LOOK: u8 = 2;

/// Reads what is installed.
pub(crate) fn read(process: &Process, environment: &Environment) -> Result<Packages, PackagesError> {
    Packages::read(environment, process.config.home.as_deref())
}

/// Reads what is still installed, to bring back the rest.
pub(crate) fn read_rest(process: &Process, environment: &Environment) -> Result<Packages, PackagesError> {
    Packages::read_rest(environment, process.config.home.as_deref())
}

/// Warns of what was passed over.
pub(crate) fn warn(oddities: &[Oddity]) {
    for oddity in oddities {
        report::warn(oddity);
    }
}

/// Returns the packages of the base Python that those of an environment need; none where it does not show them.
pub(crate) fn of_base(process: &Process, environment: &Environment) -> Option<Vec<Distribution>> {
    // Only then is it worth reading what is installed.
    if !Python::of(environment).is_some_and(|python| python.shows_system) {
        return None;
    }
    read(process, environment).ok().map(|packages| borrowed(&packages))
}

/// Warns of packages that an environment only shows, and that are not in what is made of it: those that its own need, if
/// there are any.
pub(crate) fn tell_borrowed(process: &Process, environment: &Environment) {
    let Some(needed) = of_base(process, environment) else { return };
    if needed.is_empty() {
        let name = environment.name();
        printer::warning(&format!("packages that `{name}` shows of its base Python are left out"));
    }
    tell_left_out(environment, &needed);
}

/// Says which packages of the base Python are in what is made of an environment.
pub(crate) fn tell_taken(taken: &[Distribution]) {
    if !taken.is_empty() {
        let keys: Vec<_> = taken.iter().map(|found| found.key.as_str()).collect();
        printer::remark(&format!("with these packages of the base Python: {}", keys.join(", ")));
    }
}

/// Warns of packages of the base Python that are needed, and are not in what is made of an environment, and names the
/// command that installs them into it.
pub(crate) fn tell_left_out(environment: &Environment, needed: &[Distribution]) {
    if needed.is_empty() {
        return;
    }
    let name = environment.name();
    let keys: Vec<_> = needed.iter().map(|found| found.key.clone().into()).collect();
    listing::tell(&format!("these packages of the base Python of `{name}` are needed, and are left out"), &keys);
    let start = if has_pip(environment.path()) {
        // pip takes what the base Python has for installed.
        let own = quoted_word(name.as_os_str());
        format!("venvwrap run {own} python -m pip install --ignore-installed --no-deps")
    } else {
        format!("uv pip install --no-deps --python {}", quoted_path(&environment.python()))
    };
    let word = |text: &str| quoted_word(text.as_ref());
    let pin = |found: &Distribution| format!("{}=={}", word(&found.key), word(&normal_version(&found.version)));
    let pins: Vec<_> = needed.iter().map(pin).collect();
    let hint = format!("`{start} {}` installs them into the environment", pins.join(" "));
    printer::note("hint", printer::HELP, &hint);
}

/// Gives an error the status that means a failure, not a finding.
pub(crate) fn could_not_look(error: Error) -> Error {
    error.with_status(COULD_NOT_LOOK)
}
