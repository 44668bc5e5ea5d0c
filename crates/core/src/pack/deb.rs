//! Writing a package of Debian: an `ar` of two compressed tars, one about the package and one with its files.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::entry::{Entry, Kind, Sink};
use super::error::PackError;
use super::package::{Package, Scripts};
use super::tar::Tar;
use super::tree::Progress;
use super::write::compressed;
use crate::fs::PathContext;

/// The next level takes a quarter longer and saves less than half a percent.
const LEVEL: u32 = 5;
/// The words for machines: for all, `x86_64`, `aarch64`, `i686` and `armv7l`.
pub(super) const ARCHITECTURES: [&str; 5] = ["all", "amd64", "arm64", "i386", "armhf"];
/// How long the header of a member is.
const HEADER: u64 = 60;

/// Writes the package into a file, which is empty.
pub(super) fn write(package: &Package, file: &File, path: &Path, progress: Progress<'_>) -> Result<(), PackError> {
    let mut output = file;
    let control = control(package, path)?;
    let start = || -> io::Result<u64> {
        let mut output = file;
        output.write_all(b"!<arch>\n")?;
        member(&mut output, "debian-binary", b"2.0\n", package.time)?;
        member(&mut output, "control.tar.gz", &control, package.time)?;
        output.write_all(&header("data.tar.gz", package.time, 0))?;
        output.stream_position()
    };
    let begin = start().at("write", path)?;
    let buffered = io::BufWriter::with_capacity(1 << 17, file);
    compressed(buffered, LEVEL, path, |data| {
        let mut tar = Tar::new(data, "./");
        for entry in package.directories_above() {
            tar.add(&entry, &mut io::empty()).at("write", path)?;
        }
        let mut placed = package.placed(&mut tar);
        package.tree.write(&mut placed, path, progress)?;
        Ok(())
    })?;
    let finish = || -> io::Result<()> {
        let mut output = file;
        let end = output.seek(SeekFrom::End(0))?;
        if (end - begin) % 2 == 1 {
            output.write_all(b"\n")?;
        }
        output.seek(SeekFrom::Start(begin - HEADER))?;
        output.write_all(&header("data.tar.gz", package.time, end - begin))
    };
    finish().at("write", path)?;
    output.flush().at("write", path)?;
    Ok(())
}

/// The archive about the package.
fn control(package: &Package, path: &Path) -> Result<Vec<u8>, PackError> {
    let mut content = Vec::new();
    compressed(&mut content, LEVEL, path, |output| {
        let mut tar = Tar::new(output, "./");
        let directory = Entry { path: PathBuf::new(), kind: Kind::Directory, mode: 0o755, mtime: package.time };
        tar.add(&directory, &mut io::empty()).at("write", path)?;
        let Scripts { after_install, before_removal, before_change } = package.scripts();
        let after = format!("#!/bin/sh\nset -e\nif [ \"$1\" = configure ]; then\n{after_install}fi\n");
        let stop = match before_removal.as_str() {
            "" => String::new(),
            lines => format!("if [ \"$1\" = remove ]; then\n{lines}fi\n"),
        };
        let before = format!("#!/bin/sh\nset -e\n{stop}{before_change}");
        let files = [("control", fields(package), 0o644), ("postinst", after, 0o755), ("prerm", before, 0o755)];
        for (name, text, mode) in files {
            let kind = Kind::File(text.len() as u64);
            let entry = Entry { path: name.into(), kind, mode, mtime: package.time };
            tar.add(&entry, &mut text.as_bytes()).at("write", path)?;
        }
        tar.finish().at("write", path)?;
        Ok(())
    })?;
    Ok(content)
}

fn fields(package: &Package) -> String {
    let (_, bytes) = package.tree.size();
    let mut depends = package.depends.clone();
    if let Some(glibc) = package.tree.needs.glibc {
        depends.push(format!("libc6 (>= 2.{glibc})"));
    }
    format!(
        "Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: {}\nInstalled-Size: {}\nDepends: {}\n\
         Section: python\nPriority: optional\nDescription: {}\n{}",
        package.name,
        package.full_version(),
        package.architecture(ARCHITECTURES),
        package.maintainer,
        bytes.div_ceil(1024).max(1),
        depends.join(", "),
        package.summary(),
        package.description().lines().flat_map(|line| [" ", line, "\n"]).collect::<String>(),
    )
}

fn member(output: &mut dyn Write, name: &str, content: &[u8], time: u64) -> io::Result<()> {
    output.write_all(&header(name, time, content.len() as u64))?;
    output.write_all(content)?;
    if content.len() % 2 == 1 { output.write_all(b"\n") } else { Ok(()) }
}

fn header(name: &str, time: u64, size: u64) -> Vec<u8> {
    format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 100_644).into_bytes()
}
