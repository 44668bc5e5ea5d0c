//! Scripts that find their interpreter next to themselves, wherever their directory is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::shell::quote;

/// How the first lines begin; the name of the interpreter follows.
const START: &[u8] = b"#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/";
/// How they end; options of the interpreter come before.
const END: &[u8] = b" \"$0\" \"$@\"\n' '''\n";

/// Returns the first lines of a script that is run by a program in its own directory: `sh` code that starts it, and at
/// the same time a Python string that means nothing.
pub(crate) fn first_lines(interpreter: &OsStr, options: &[u8]) -> Vec<u8> {
    let blank: &[u8] = if options.is_empty() { b"" } else { b" " };
    let name = interpreter.as_bytes();
    let is_plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    let name = if is_plain { name.to_vec() } else { quote::posix(name) };
    [START, &name, blank, options, END].concat()
}

/// Returns the script as an installer writes it for an environment at `root`; none if it is not one of these.
pub(crate) fn fixed(content: &[u8], root: &Path, bin: &str) -> Option<Vec<u8>> {
    let rest = content.strip_prefix(START)?;
    let end = memchr::memmem::find(rest, END)?;
    let (name, options) = match rest[..end].iter().position(|&byte| byte == b' ') {
        Some(blank) => (&rest[..blank], &rest[blank + 1..end]),
        None => (&rest[..end], &[][..]),
    };
    if name.contains(&b'\'') || name.contains(&b'\n') {
        return None;
    }
    let python = root.join(bin).join(OsStr::from_bytes(name));
    let head = super::script::first_lines(&python, options);
    Some([&head, &rest[end + END.len()..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_comes_back_as_it_was() {
        let packed = [first_lines(OsStr::new("python3.12"), b"-I").as_slice(), b"import x\n"].concat();
        let fixed = fixed(&packed, Path::new("/srv/api"), "bin").unwrap();
        assert_eq!(fixed, b"#!/srv/api/bin/python3.12 -I\nimport x\n");
        assert_eq!(super::fixed(b"#!/bin/sh\n", Path::new("/srv/api"), "bin"), None);
    }
}
