//! The headers of `METADATA`, `PKG-INFO` and `WHEEL`: `Name: value`, as in mail, up to the first empty line.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use crate::fs::{self, PathContext as _, PathResult};

/// More headers than any package has, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// How much is read at a time. The headers of most packages fit; the long description after them is not read.
const CHUNK: u64 = 16 << 10;

/// The headers of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(String);

impl Headers {
    /// Reads the headers of a file and leaves out its body.
    pub fn read(path: &Path) -> PathResult<Self> {
        let mut file = fs::open_regular(path)?;
        let mut content = Vec::new();
        loop {
            let read = (&mut file).take(CHUNK).read_to_end(&mut content).at("read", path)?;
            let is_complete = (read as u64) < CHUNK || content.len() as u64 >= MAX_BYTES;
            if is_complete || end_of_headers(&content) < content.len() {
                return Ok(Self::parse(&content));
            }
        }
    }

    /// Takes the headers out of the content of a file.
    pub fn parse(content: &[u8]) -> Self {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        Self(String::from_utf8_lossy(&content[..end_of_headers(content)]).into_owned())
    }

    /// Returns the value of the first header of this name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| value(line, name))
    }

    /// Returns the values of all headers of this name; one that continues on indented lines is put together.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        let mut lines = self.0.lines().peekable();
        std::iter::from_fn(move || {
            loop {
                let Some(found) = value(lines.next()?, name) else { continue };
                let mut found = Cow::Borrowed(found);
                while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
                    found = format!("{found} {}", more.trim()).into();
                }
                return Some(found);
            }
        })
    }
}

/// Returns the value of a line if it is a header of this name.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// Returns the length of the headers: up to the first empty line.
fn end_of_headers(content: &[u8]) -> usize {
    if content.starts_with(b"\n") || content.starts_with(b"\r\n") {
        return 0;
    }
    let ends = memchr::memchr_iter(b'\n', content).find(|&at| {
        let rest = &content[at + 1..];
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    });
    ends.map_or(content.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_end_at_the_first_empty_line() {
        for break_ in ["\n", "\r\n"] {
            let text = ["Name: Foo", "requires-dist:  a ;", "\textra == 'x'", "Requires-Dist: b", "", "Name: body"];
            let headers = Headers::parse(text.join(break_).as_bytes());
            assert_eq!(headers.first("name"), Some("Foo"));
            assert_eq!(headers.all("Requires-Dist").collect::<Vec<_>>(), ["a ; extra == 'x'", "b"]);
            assert_eq!(headers.first("Version"), None);
        }
        assert_eq!(Headers::parse(b"\nName: body"), Headers::default());
    }

    #[test]
    fn the_body_is_not_read_and_long_headers_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("METADATA");
        let many: Vec<_> = (0..3000).map(|number| format!("Requires-Dist: package-{number}\n")).collect();
        let many = many.concat();
        std::fs::write(&path, format!("Name: foo\n{many}\n{}", "body\n".repeat(100_000))).unwrap();
        let headers = Headers::read(&path).unwrap();
        assert_eq!(headers.all("Requires-Dist").count(), 3000);
        assert!(!headers.0.contains("body"));
    }

    #[test]
    fn any_bytes_are_headers() {
        crate::mutation::check_mutations(&[b"Name: a\nRequires-Dist: b\n  c\r\n\nbody".as_slice()], |input| {
            let headers = Headers::parse(input);
            let _ = (headers.first("Name"), headers.all("Requires-Dist").count());
        });
    }
}
