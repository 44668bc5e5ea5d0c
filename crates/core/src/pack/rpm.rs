//! Writing a package of Fedora and its relatives, in the format of version 4: a lead, a signature that holds only hashes,
//! a header, and the files as compressed cpio.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::cpio::{Cpio, Packed};
use super::error::PackError;
use super::package::{Package, Scripts};
use super::rpm_header::{Header, Value};
use super::tree::Progress;
use super::write::compressed;
use crate::fs::PathContext;
use crate::fs::hashed::Hashed;
use crate::fs::hex::hex;
use crate::fs::order::{Order as _, by_bytes};
use crate::fs::staged::Staged;

/// The next level takes a quarter longer and saves less than half a percent.
const LEVEL: u32 = 5;
/// The words for machines: for all, `x86_64`, `aarch64`, `i686` and `armv7l`.
pub(super) const ARCHITECTURES: [&str; 5] = ["noarch", "x86_64", "aarch64", "i686", "armv7hl"];
const LESS: u32 = 0x02;
const GREATER: u32 = 0x04;
const EQUAL: u32 = 0x08;
const OF_RPMLIB: u32 = 1 << 24;
const AFTER_ALL: u32 = 1 << 5;
const BEFORE_REMOVE: u32 = 1 << 11;
const SHA256: u32 = 8;

/// A dependency: name, flags, version.
type Dependency = (String, u32, String);

/// Writes the package into a file, which is empty. The files come after what is known about them, so that they wait in
/// another file.
pub(super) fn write(package: &Package, file: &File, path: &Path, progress: Progress<'_>) -> Result<(), PackError> {
    let waiting = Staged::new(path, 0o600)?;
    let mut cpio = None;
    let mut compressed_files = Hashed::new(io::BufWriter::with_capacity(1 << 17, waiting.file()));
    compressed(&mut compressed_files, LEVEL, path, |output| {
        let mut writer = Cpio::new(output);
        for entry in package.own_directories() {
            super::entry::Sink::add(&mut writer, &entry, &mut io::empty()).at("write", path)?;
        }
        let mut placed = package.placed(&mut writer);
        package.tree.write(&mut placed, path, progress)?;
        cpio = Some((writer.files, writer.size));
        Ok(())
    })?;
    let (mut files, unpacked) = cpio.unwrap_or_default();
    files.order_by(|a, b| by_bytes(&a.path, &b.path));
    compressed_files.flush().at("write", path)?;
    let (digest, size) = compressed_files.finish();
    let mut payload = waiting.file();
    let header = header(package, &files, &digest, path)?.into_bytes(63);
    let mut signature = Header::default();
    let total = u32::try_from(header.len() as u64 + size).map_err(|_| PackError::TooLarge { path: path.into() })?;
    signature.add(273, Value::Text(hex(&Sha256::digest(&header))));
    signature.add(1000, Value::Numbers(vec![total]));
    signature.add(
        1007,
        Value::Numbers(vec![u32::try_from(unpacked).map_err(|_| PackError::TooLarge { path: path.into() })?]),
    );
    let mut signature = signature.into_bytes(62);
    signature.resize(signature.len().next_multiple_of(8), 0);
    let mut put = || -> io::Result<()> {
        let mut output = file;
        output.write_all(&lead(package))?;
        output.write_all(&signature)?;
        output.write_all(&header)?;
        payload.rewind()?;
        io::copy(&mut payload, &mut output)?;
        Ok(())
    };
    put().at("write", path)?;
    Ok(())
}

/// What old programs recognise the file by.
fn lead(package: &Package) -> Vec<u8> {
    let mut lead = vec![0; 96];
    lead[..6].copy_from_slice(&[0xed, 0xab, 0xee, 0xdb, 3, 0]);
    lead[9] = 1;
    let name = format!("{}-{}", package.name, package.full_version());
    let length = name.len().min(65);
    lead[10..10 + length].copy_from_slice(&name.as_bytes()[..length]);
    lead[77] = 1;
    lead[79] = 5;
    lead
}

fn header(package: &Package, files: &[Packed], digest: &str, path: &Path) -> Result<Header, PackError> {
    let too_large = || PackError::TooLarge { path: path.into() };
    let number = |number: u64| u32::try_from(number).map_err(|_| too_large());
    let sizes = files.iter().map(|file| number(file.size)).collect::<Result<Vec<_>, _>>()?;
    let total = number(files.iter().map(|file| file.size).sum())?;
    let time = number(package.time)?;
    let mut header = Header::default();
    let text = |text: &str| Value::Text(text.to_string());
    header.add(100, Value::Texts(vec![b"C".to_vec()]));
    header.add(1000, text(&package.name));
    header.add(1001, text(&package.version));
    header.add(1002, text(&package.release));
    if let Some(epoch) = package.epoch {
        header.add(1003, Value::Numbers(vec![epoch]));
    }
    header.add(1004, Value::Translated(package.summary()));
    header.add(1005, Value::Translated(package.description()));
    header.add(1006, Value::Numbers(vec![time]));
    header.add(1007, text("localhost"));
    header.add(1009, Value::Numbers(vec![total]));
    header.add(1011, text(&package.maintainer));
    header.add(1015, text(&package.maintainer));
    header.add(1014, text(&package.license));
    header.add(1016, Value::Translated("Applications/System".into()));
    header.add(1021, text("linux"));
    header.add(1022, text(package.architecture(ARCHITECTURES)));
    add_scripts(&mut header, package);
    header.add(1028, Value::Numbers(sizes));
    add_files(&mut header, files, time);
    header.add(1044, text(&format!("{}-{}-{}.src.rpm", package.name, package.version, package.release)));
    add_dependencies(&mut header, package);
    header.add(1064, text("4.18.0"));
    let entry = format!("{} - {}", package.maintainer, package.full_version());
    let changes: Vec<String> = package.contents().map(|line| format!("- {line}\n")).collect();
    header.add(1080, Value::Numbers(vec![time]));
    header.add(1081, Value::Texts(vec![entry.into_bytes()]));
    header.add(1082, Value::Texts(vec![changes.concat().trim_end().as_bytes().to_vec()]));
    header.add(1124, text("cpio"));
    header.add(1125, text("gzip"));
    header.add(1126, text(&LEVEL.to_string()));
    header.add(5011, Value::Numbers(vec![SHA256]));
    header.add(5062, text("utf-8"));
    header.add(5092, Value::Texts(vec![digest.as_bytes().to_vec()]));
    header.add(5093, Value::Numbers(vec![SHA256]));
    Ok(header)
}

/// Compiling comes last of all: the files of the version before are gone by then, and nothing is compiled for them.
fn add_scripts(header: &mut Header, package: &Package) {
    let Scripts { after_install, before_removal, before_change } = package.scripts();
    let stop = match before_removal.as_str() {
        "" => String::new(),
        lines => format!("if [ \"$1\" = 0 ]; then\n{lines}fi\n"),
    };
    header.add(1025, Value::Text(stop + &before_change));
    header.add(1087, Value::Text("/bin/sh".into()));
    header.add(1152, Value::Text(after_install));
    header.add(1154, Value::Text("/bin/sh".into()));
}

fn add_files(header: &mut Header, files: &[Packed], time: u32) {
    let count = files.len();
    let texts = |of: &dyn Fn(&Packed) -> Vec<u8>| Value::Texts(files.iter().map(of).collect());
    let same = |number| Value::Numbers(vec![number; count]);
    header.add(1030, Value::Shorts(files.iter().map(|file| file.mode).collect()));
    header.add(1033, Value::Shorts(vec![0; count]));
    header.add(1034, same(time));
    header.add(1035, texts(&|file| file.digest.clone().into_bytes()));
    header.add(1036, texts(&|file| file.target.as_os_str().as_bytes().to_vec()));
    let is_document = |file: &Packed| file.path.starts_with("usr/share/doc");
    header.add(1037, Value::Numbers(files.iter().map(|file| if is_document(file) { 2 } else { 0 }).collect()));
    header.add(1039, texts(&|_| b"root".to_vec()));
    header.add(1040, texts(&|_| b"root".to_vec()));
    header.add(1045, same(u32::MAX));
    header.add(1095, same(1));
    header.add(1096, Value::Numbers(files.iter().map(|file| file.inode).collect()));
    header.add(1097, texts(&|_| Vec::new()));
    let mut directories: Vec<&OsStr> = Vec::new();
    let mut numbers = HashMap::new();
    let mut indexes = Vec::new();
    for file in files {
        let parent = file.path.parent().unwrap_or(Path::new("")).as_os_str();
        let index = *numbers.entry(parent).or_insert_with(|| {
            directories.push(parent);
            directories.len() - 1
        });
        indexes.push(u32::try_from(index).unwrap_or(u32::MAX));
    }
    header.add(1116, Value::Numbers(indexes));
    header.add(1117, texts(&|file| file.path.file_name().unwrap_or_default().as_bytes().to_vec()));
    let full = |path: &&OsStr| {
        let end: &[u8] = if path.is_empty() { b"" } else { b"/" };
        [b"/", path.as_bytes(), end].concat()
    };
    header.add(1118, Value::Texts(directories.iter().map(full).collect()));
}

fn add_dependencies(header: &mut Header, package: &Package) {
    let of = |dependencies: &[Dependency]| {
        let names = dependencies.iter().map(|(name, ..)| name.clone().into_bytes()).collect();
        let versions = dependencies.iter().map(|(.., version)| version.clone().into_bytes()).collect();
        (
            Value::Texts(names),
            Value::Numbers(dependencies.iter().map(|(_, flags, _)| *flags).collect()),
            Value::Texts(versions),
        )
    };
    let epoch = package.epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
    let own = format!("{epoch}{}-{}", package.version, package.release);
    let (names, flags, versions) = of(&[(package.name.clone(), EQUAL, own)]);
    header.add(1047, names);
    header.add(1112, flags);
    header.add(1113, versions);
    let (names, flags, versions) = of(&requirements(package));
    header.add(1048, flags);
    header.add(1049, names);
    header.add(1050, versions);
}

fn requirements(package: &Package) -> Vec<Dependency> {
    let plain = |name: String| (name, 0, String::new());
    let needs = &package.tree.needs;
    let mark = if cfg!(target_pointer_width = "64") { "(64bit)" } else { "" };
    let mut found = vec![
        ("/bin/sh".to_string(), AFTER_ALL, String::new()),
        ("/bin/sh".to_string(), BEFORE_REMOVE, String::new()),
        plain(package.python.display().to_string()),
    ];
    found.extend(needs.glibc.map(|minor| plain(format!("libc.so.6(GLIBC_2.{minor}){mark}"))));
    let double = if mark.is_empty() { "" } else { "()" };
    found.extend(needs.libraries.iter().map(|library| plain(format!("{library}{double}{mark}"))));
    found.extend(package.depends.iter().map(|text| dependency(text)));
    let of_rpm = [("CompressedFileNames", "3.0.4-1"), ("FileDigests", "4.6.0-1"), ("PayloadFilesHavePrefix", "4.0-1")];
    found.extend(
        of_rpm
            .iter()
            .map(|(name, version)| (format!("rpmlib({name})"), LESS | EQUAL | OF_RPMLIB, (*version).to_string())),
    );
    found.sort();
    found
}

/// A dependency as packagers write it: `postgresql-libs >= 13`.
fn dependency(text: &str) -> Dependency {
    let words: Vec<&str> = text.split_whitespace().collect();
    let flags = |operator: &str| match operator {
        "<" => Some(LESS),
        "<=" => Some(LESS | EQUAL),
        "=" => Some(EQUAL),
        ">=" => Some(GREATER | EQUAL),
        ">" => Some(GREATER),
        _ => None,
    };
    match words[..] {
        [name, operator, version] if flags(operator).is_some() => {
            (name.to_string(), flags(operator).unwrap_or(0), version.to_string())
        }
        _ => (text.trim().to_string(), 0, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_may_have_versions() {
        assert_eq!(dependency("libpq"), ("libpq".into(), 0, String::new()));
        assert_eq!(dependency("libpq  >=  13"), ("libpq".into(), GREATER | EQUAL, "13".into()));
        assert_eq!(dependency("(a if b = c)"), ("(a if b = c)".into(), 0, String::new()));
    }
}
