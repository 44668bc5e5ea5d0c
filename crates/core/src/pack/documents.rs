//! What belongs to every package besides its files: who made what of it, and what has changed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use flate2::{Compression, GzBuilder};

use super::licenses::Licensed;
use super::package::Package;

/// What lintian objects to in every package of an environment: that it is in `/opt`, and that its compiled files are as
/// the wheels have them.
const OVERRIDDEN: [&str; 12] = [
    "custom-library-search-path",
    "embedded-javascript-library",
    "embedded-library",
    "executable-not-elf-or-script",
    "library-not-linked-against-libc",
    "python3-script-but-no-python3-dep",
    "script-not-executable",
    "shared-library-is-executable",
    "shared-library-lacks-prerequisites",
    "unstripped-binary-or-object",
    "unstripped-static-library",
    "unusual-interpreter",
];

/// The licences of everything in a package.
pub(super) fn copyright(package: &Package, licenses: &[Licensed]) -> String {
    let mut text = format!(
        "{}, as it was installed. The package as a whole:\n\nLicense: {}\n",
        package.summary(),
        package.license
    );
    for own in licenses {
        let _ = write!(text, "\n{}\nLicense: {}\n", own.package, own.license.as_deref().unwrap_or("not stated"));
        own.notices.iter().for_each(|notice| text.extend([notice, "\n"]));
        for file in &own.files {
            let _ = writeln!(text, "Text: {}", package.destination.join(file).display());
        }
    }
    text.push_str("\nDebian has the texts of common licences in /usr/share/common-licenses.\n");
    text
}

/// The compressed list of changes of a Debian package; its only entry says what is in it.
pub(super) fn changelog(package: &Package) -> Vec<u8> {
    let (name, version) = (&package.name, package.full_version());
    let mut text = format!("{name} ({version}) unstable; urgency=medium\n\n");
    for line in package.contents() {
        let _ = writeln!(text, "  * {line}");
    }
    let _ = write!(text, "\n -- {}  {}\n", package.maintainer, mail_date(package.time));
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    // Memory takes everything.
    let _ = gzip.write_all(text.as_bytes());
    gzip.finish().unwrap_or_default()
}

/// The file that explains to lintian what it would object to.
pub(super) fn overrides(package: &Package) -> String {
    let place = package.destination.strip_prefix("/").unwrap_or(&package.destination);
    let place = escaped(place);
    let name = &package.name;
    let mut text =
        String::from("# This is an environment of Python in a directory of its own, with the files of its wheels.\n");
    for tag in OVERRIDDEN {
        let _ = writeln!(text, "{name}: {tag} *{place}*");
    }
    for tag in ["dir-or-file-in-opt", "no-manual-page"] {
        let _ = writeln!(text, "{name}: {tag}");
    }
    text
}

/// A path in which no letter is a pattern.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace(|c: char| !(c.is_ascii_alphanumeric() || "/._-+".contains(c)), "?")
}

/// A time as in mail: `Thu, 01 Jan 1970 00:00:00 +0000`.
fn mail_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Later than any file, and than what can be written down.
    let seconds = seconds.min(u64::from(u32::MAX));
    let written = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
    let number = |at: usize, length: usize| written[at..at + length].parse::<usize>().unwrap_or(1);
    let day = DAYS[usize::try_from(seconds / 86400 % 7).unwrap_or(0)];
    let month = MONTHS[(number(5, 2) - 1) % 12];
    format!("{day}, {} {month} {} {} +0000", &written[8..10], &written[..4], &written[11..19])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_mail() {
        assert_eq!(mail_date(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(mail_date(1_795_794_545), "Fri, 27 Nov 2026 15:49:05 +0000");
        assert_eq!(mail_date(u64::MAX), "Sun, 07 Feb 2106 06:28:15 +0000");
    }
}
