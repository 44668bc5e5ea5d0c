//! Hints for what the operating system refuses: each about the path that it was refused for.

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use rustix::io::Errno;
use venvwrap_core::env::similar;
use venvwrap_core::fs::mount_table::Mounted;
use venvwrap_core::fs::private::user_name;
use venvwrap_core::fs::{PathError, Refusal};
use venvwrap_core::shell::quote;

use super::Explain;

/// No more names are compared.
const MANY: usize = 1000;

impl Explain for PathError {
    fn hint(&self) -> Option<String> {
        let path = self.path.display();
        match self.source.kind() {
            ErrorKind::StorageFull if self.path == Path::new("-") => {
                Some("free some space where standard output is written to".into())
            }
            ErrorKind::StorageFull => Some(format!("free some space on the file system of `{path}`")),
            ErrorKind::QuotaExceeded => Some(format!("your quota on the file system of `{path}` is used up")),
            ErrorKind::ReadOnlyFilesystem => Some(format!("the file system of `{path}` is mounted read-only")),
            ErrorKind::PermissionDenied if self.source.raw_os_error() == Some(Errno::PERM.raw_os_error()) => {
                Some(protected(&self.path, rustix::process::geteuid().as_raw()))
            }
            ErrorKind::PermissionDenied => {
                self.refusal().map(|refusal| permission(&refusal, rustix::process::geteuid().as_raw()))
            }
            ErrorKind::InvalidInput if is_pipe(&self.path) => {
                Some("it is a pipe, which may never end: write what it gives into a file first".into())
            }
            ErrorKind::NotFound if matches!(self.action, "read" | "open" | "resolve" | "create") => missing(&self.path),
            _ if self.source.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                Some(format!("a symlink on the way to `{path}` leads back to itself"))
            }
            // The system's own error of this kind is about something else.
            ErrorKind::CrossesDevices if self.source.raw_os_error().is_none() => Some("unmount it first".into()),
            ErrorKind::ResourceBusy if self.action == "replace" && self.source.raw_os_error().is_some() => {
                Some(format!("something is mounted at `{path}`: change the file that is mounted there"))
            }
            // Nobody can lock what they cannot read.
            ErrorKind::ResourceBusy if self.action == "lock" => {
                Some(format!("run `chmod go-r {}`, and end that process or ask for it to be ended", quoted(&self.path)))
            }
            // The kinds of the system are not ours to enumerate, and most say everything themselves.
            _ => None,
        }
    }
}

fn is_pipe(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_fifo())
}

impl Explain for Mounted {
    fn hint(&self) -> Option<String> {
        Some("unmount it first; nothing was removed".into())
    }
}

/// What to say about a path that does not exist: which directory on the way does not, else what there is of a similar
/// name.
fn missing(path: &Path) -> Option<String> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty())?;
    if let Some(first) = parent.ancestors().take_while(|above| above.symlink_metadata().is_err()).last() {
        return Some(format!("there is no directory `{}`", first.display()));
    }
    let entries = std::fs::read_dir(parent).ok()?.take(MANY).flatten().map(|entry| entry.file_name());
    let names: Vec<_> = entries.filter_map(|name| name.into_string().ok()).collect();
    let typed = path.file_name()?.to_str()?;
    if typed == "-" {
        return Some("standard input is not read here: name a file".into());
    }
    let nearest = nearest(typed, &names)?;
    (nearest != typed).then(|| format!("did you mean `{}`?", parent.join(nearest).display()))
}

/// The name that is most like the one that was typed. What two files have in common because of their kind does not make
/// their names alike.
fn nearest<'a>(typed: &str, names: &'a [String]) -> Option<&'a String> {
    let (stem, ending) = divided(typed);
    let of_its_kind = names.iter().filter_map(|name| Some((name.strip_suffix(ending)?, name)));
    similar::nearest(stem, of_its_kind.filter(|_| !ending.is_empty())).or_else(|| {
        let others = names.iter().filter(|name| ending.is_empty() || !name.ends_with(ending));
        similar::nearest(typed, others.map(|name| (name.as_str(), name)))
    })
}

/// Divides a name where its endings begin: `.tar.gz`.
fn divided(name: &str) -> (&str, &str) {
    let dot = name.char_indices().skip(1).find(|(_, letter)| *letter == '.');
    name.split_at(dot.map_or(name.len(), |(index, _)| index))
}

/// What to say of what the system does not let this user change or remove: it is another user's, in a directory where only
/// owners remove things, or it is marked.
pub(super) fn protected(path: &Path, user: u32) -> String {
    let shown = path.display();
    match path.symlink_metadata() {
        Ok(found) if user != 0 && found.uid() != user => {
            format!("`{shown}` belongs to {}, who alone can change or remove it", owner_name(found.uid()))
        }
        _ => format!("the system protects `{shown}`; it may be marked immutable"),
    }
}

fn owner_name(owner: u32) -> String {
    if owner == 0 { "root".to_string() } else { format!("user {owner}") }
}

/// How root does something that its owner has to do.
pub(super) fn by_its_owner(owner: u32) -> String {
    format!("run it as that user: `{} venvwrap ...`", as_user(owner))
}

/// The beginning of a command that runs as another user.
pub(super) fn as_user(owner: u32) -> String {
    if owner == 0 {
        return "sudo".into();
    }
    let name = user_name(owner);
    let sharp = if name.bytes().all(|byte| byte.is_ascii_digit()) { "\\#" } else { "" };
    format!("sudo -H -u {sharp}{name}")
}

/// What to do about a file or directory that denies permission to this user.
fn permission(refusal: &Refusal, user: u32) -> String {
    let path = &refusal.path;
    if refusal.owner == user {
        let rights = if refusal.is_directory { "u+rwx" } else { "u+rw" };
        return format!("run `chmod {rights} {}`", quoted(path));
    }
    let owner = owner_name(refusal.owner);
    format!("`{}` belongs to {owner}, who can give you permission", path.display())
}

/// A path as one word of a command line to copy.
pub(crate) fn quoted(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    String::from_utf8_lossy(&quote::bash_zsh(path.as_os_str().as_bytes())).into_owned()
}
