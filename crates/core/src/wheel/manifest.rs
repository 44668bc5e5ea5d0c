//! What the cache knows about an unpacked wheel: its description, its files, and the part of `RECORD` that is the same
//! in every environment.

use std::fmt::Write;

use super::file::Description;
use super::listing::Listing;
use super::metadata::EntryPoint;
use super::reserved::is_allowed_script;
use super::safe_path::is_component;

/// The first words of every manifest; the number changes when the format does.
const MARK: &str = "venvwrap-wheel 1";

/// The manifest of one unpacked wheel.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) description: Description,
    pub(super) listing: Listing,
    /// The rows of `RECORD` for the files in `site-packages`.
    pub(super) record: String,
}

impl Manifest {
    /// Returns the text of the manifest. It begins with its own length, so that a part of it is never taken for all.
    pub(super) fn to_text(&self) -> String {
        let Description { project, version, dist_info, requires_python, entry_points } = &self.description;
        let mut body = format!("project {project}\nversion {version}\ndist-info {dist_info}\n");
        if let Some(requirement) = requires_python {
            let _ = writeln!(body, "requires-python {requirement}");
        }
        for EntryPoint { name, module, function } in entry_points {
            let _ = writeln!(body, "entry-point {module}:{function} {name}");
        }
        self.listing.write(&mut body);
        body.push_str("record\n");
        body.push_str(&self.record);
        format!("{MARK} {}\n{body}", body.len())
    }

    /// Parses a manifest; `None` if it is damaged in any way, or names something that no wheel may name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, body) = text.split_once('\n')?;
        let length: usize = first.strip_prefix(MARK)?.strip_prefix(' ')?.parse().ok()?;
        if length != body.len() {
            return None;
        }
        let (head, record) = body.split_once("\nrecord\n")?;
        let mut lines = head.lines().peekable();
        let project = lines.next()?.strip_prefix("project ")?.to_owned();
        let version = lines.next()?.strip_prefix("version ")?.to_owned();
        let dist_info = lines.next()?.strip_prefix("dist-info ")?.to_owned();
        if !is_component(&dist_info) || !dist_info.ends_with(".dist-info") {
            return None;
        }
        let requires_python = lines.next_if(|line| line.starts_with("requires-python "));
        let requires_python = requires_python.and_then(|line| line.split_once(' ')).map(|(_, text)| text.to_owned());
        let mut entry_points = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("entry-point ")) {
            entry_points.push(parse_entry_point(line)?);
        }
        let mut listing = Listing::default();
        lines.try_for_each(|line| listing.read_line(line))?;
        let description = Description { project, version, dist_info, requires_python, entry_points };
        Some(Self { description, listing, record: record.to_owned() })
    }
}

fn parse_entry_point(line: &str) -> Option<EntryPoint> {
    let (_, rest) = line.split_once(' ')?;
    let (reference, name) = rest.split_once(' ')?;
    if is_allowed_script(name) { EntryPoint::parse(name, reference) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::archive::Place;
    use crate::wheel::listing::Row;

    fn manifest() -> Manifest {
        let row = Row { place: Place::Site, path: "a/b.py".into(), size: 3, mtime: 7, is_executable: false };
        Manifest {
            description: Description {
                project: "a".into(),
                version: "1.0".into(),
                dist_info: "a-1.0.dist-info".into(),
                requires_python: Some(">=3.8".into()),
                entry_points: vec![EntryPoint::parse("a b", "a.b:main").unwrap()],
            },
            listing: Listing::new(vec![row]),
            record: "a/b.py,sha256=x,3\n".into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = manifest().to_text();
        let read = Manifest::parse(&text).unwrap();
        assert_eq!(read.to_text(), text);
        assert_eq!(read.description.entry_points, manifest().description.entry_points);
        assert_eq!(read.listing, manifest().listing);
    }

    #[test]
    fn damaged_and_hostile_manifests_are_refused() {
        let text = manifest().to_text();
        assert!(Manifest::parse(&text[..text.len() - 1]).is_none());
        assert!(Manifest::parse("").is_none());
        for (from, to) in [
            ("a/b.py", "../b.y"),
            ("venvwrap-wheel 1", "venvwrap-wheel 2"),
            ("a-1.0.dist-info", "a/1.0.dist-info"),
            ("a.b:main", "a;b:main"),
            ("main a b", "main a/b"),
            ("main a b", "main pypy"),
        ] {
            let hostile = text.replacen(from, to, 1);
            assert_ne!(hostile, text);
            assert!(Manifest::parse(&hostile).is_none(), "{to}");
        }
    }
}
