//! The systems that a bundle can be for, and the tags of wheels that each of them takes.

use std::fmt;
use std::path::Path;

use crate::relocate::linked;
use crate::snapshot::marker::MarkerValues;

/// The glibc of a target that names none: servers are older than laptops.
const FLOOR: u32 = 28;
/// The musl of a target that names none.
const MUSL: u32 = 2;
/// The macOS of a target that names none: that of uv.
const MACOS: u32 = 13;
/// The oldest macOS whose number counts.
const OLDEST_MACOS: u32 = 11;
/// The glibc of each old name, the newest first.
const OLD_NAMES: [(&str, u32); 3] = [("manylinux2014", 17), ("manylinux2010", 12), ("manylinux1", 5)];
/// The processors that Linux runs on.
const ARCHITECTURES: [&str; 7] = ["x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"];

/// A system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    system: System,
    arch: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    /// Linux with the second number of glibc 2.N.
    Glibc(u32),
    /// Linux with the second number of musl 1.N.
    Musl(u32),
    /// macOS with its first number.
    Mac(u32),
    Windows,
}

/// A text names no system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform")]
pub struct UnknownPlatform(String);

/// What uv calls a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForUv {
    /// The value of `--python-platform`.
    pub name: String,
    /// The value of `MACOSX_DEPLOYMENT_TARGET`.
    pub macos: Option<String>,
}

impl Platform {
    /// Parses a name such as `linux-x86_64-glibc2.17`, or the last part of a wheel's tag.
    pub fn parse(text: &str) -> Result<Self, UnknownPlatform> {
        let found = named(text).or_else(|| tagged(text));
        found.ok_or_else(|| UnknownPlatform(text.escape_debug().to_string()))
    }

    /// The system that this program runs on; `glibc` is that of the interpreter, and an older one is assumed unless
    /// `is_exact`.
    pub fn here(glibc: Option<u32>, is_exact: bool) -> Self {
        let machine = rustix::system::uname().machine().to_string_lossy().into_owned();
        let system = match glibc {
            _ if cfg!(target_os = "macos") => System::Mac(MACOS),
            Some(glibc) if is_exact => System::Glibc(glibc),
            Some(glibc) => System::Glibc(glibc.min(FLOOR)),
            None => System::Musl(MUSL),
        };
        Self { system, arch: machine }
    }

    /// Returns whether a Python on this machine takes the wheels of the system, and its markers are the same.
    pub fn is_here(&self, glibc: Option<u32>) -> bool {
        let here = Self::here(glibc, true);
        let is_same = match (self.system, here.system) {
            (System::Glibc(wanted), System::Glibc(own)) => wanted <= own,
            (System::Musl(_), System::Musl(_)) | (System::Mac(_), System::Mac(_)) => true,
            _ => false,
        };
        is_same && self.arch == here.arch
    }

    /// Returns the tags that the system takes, the best first, as installers order them.
    pub fn tags(&self) -> Vec<String> {
        let arch = &self.arch;
        match self.system {
            System::Windows => vec![windows_tag(arch).to_owned()],
            System::Mac(version) => mac_tags(version, arch),
            System::Musl(version) => {
                let own = (0..=version).rev().map(|minor| format!("musllinux_1_{minor}_{arch}"));
                own.chain([format!("linux_{arch}")]).collect()
            }
            System::Glibc(version) => {
                let oldest = if matches!(arch.as_str(), "x86_64" | "i686") { 5 } else { 17 };
                let of = |minor: u32| {
                    let old = OLD_NAMES.iter().find(|(_, glibc)| *glibc == minor);
                    let old = old.map(|(name, _)| format!("{name}_{arch}"));
                    [Some(format!("manylinux_2_{minor}_{arch}")), old].into_iter().flatten()
                };
                (oldest..=version).rev().flat_map(of).chain([format!("linux_{arch}")]).collect()
            }
        }
    }

    /// Returns what uv calls it; none where it has no name for it.
    pub fn for_uv(&self) -> Option<ForUv> {
        let plain = |name: String| Some(ForUv { name, macos: None });
        let arch = self.arch.as_str();
        let is_common = matches!(arch, "x86_64" | "aarch64");
        match self.system {
            // uv knows some versions only. What is taken with an older glibc is taken with a newer one, too.
            System::Glibc(glibc) if is_common => {
                let known = [40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 28, 17];
                let floor = known.into_iter().find(|known| *known <= glibc)?;
                plain(format!("{arch}-manylinux_2_{floor}"))
            }
            System::Musl(_) if is_common => plain(format!("{arch}-unknown-linux-musl")),
            System::Windows => match arch {
                "AMD64" => plain("x86_64-pc-windows-msvc".into()),
                "ARM64" => plain("aarch64-pc-windows-msvc".into()),
                _ => plain("i686-pc-windows-msvc".into()),
            },
            System::Mac(version) => {
                let arch = if arch == "arm64" { "aarch64" } else { arch };
                Some(ForUv { name: format!("{arch}-apple-darwin"), macos: Some(format!("{version}.0")) })
            }
            System::Glibc(_) | System::Musl(_) => None,
        }
    }

    /// Returns what `uname -s` and `uname -m` print there; on Windows what Python says.
    pub fn machine(&self) -> String {
        let system = match self.system {
            System::Glibc(_) | System::Musl(_) => "Linux",
            System::Mac(_) => "Darwin",
            System::Windows => "Windows",
        };
        format!("{system} {}", self.arch)
    }

    /// Returns whether its C library is musl.
    pub fn is_musl(&self) -> bool {
        matches!(self.system, System::Musl(_))
    }

    /// Returns the marker that is true there and on no other system.
    pub fn marker(&self) -> String {
        let mut values = MarkerValues::default();
        self.set_markers(&mut values);
        format!("sys_platform == '{}' and platform_machine == '{}'", values.sys_platform, values.platform_machine)
    }

    /// Sets the values of markers that tell systems apart.
    pub fn set_markers(&self, values: &mut MarkerValues) {
        let (os, sys, name) = match self.system {
            System::Glibc(_) | System::Musl(_) => ("posix", "linux", "Linux"),
            System::Mac(_) => ("posix", "darwin", "Darwin"),
            System::Windows => ("nt", "win32", "Windows"),
        };
        values.os_name = os.into();
        values.sys_platform = sys.into();
        values.platform_system = name.into();
        values.platform_machine.clone_from(&self.arch);
        values.platform_release = String::new();
        values.platform_version = String::new();
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arch = &self.arch;
        match self.system {
            System::Glibc(FLOOR) => write!(f, "linux-{arch}"),
            System::Glibc(glibc) => write!(f, "linux-{arch}-glibc2.{glibc}"),
            System::Musl(MUSL) => write!(f, "linux-{arch}-musl"),
            System::Musl(musl) => write!(f, "linux-{arch}-musl1.{musl}"),
            System::Mac(MACOS) => write!(f, "macos-{arch}"),
            System::Mac(version) => write!(f, "macos-{arch}-{version}"),
            System::Windows => match arch.as_str() {
                "AMD64" => f.write_str("windows-x86_64"),
                "ARM64" => f.write_str("windows-arm64"),
                _ => f.write_str("windows-x86"),
            },
        }
    }
}

/// Returns the glibc of an interpreter, the second number of 2.N; none if it has another C library.
pub fn glibc_of(interpreter: &Path) -> Option<u32> {
    linked::glibc_of(interpreter)
}

/// The names that are offered to people.
pub const COMMON: [&str; 9] = [
    "linux-x86_64",
    "linux-aarch64",
    "linux-x86_64-glibc2.17",
    "linux-x86_64-musl",
    "linux-aarch64-musl",
    "macos-arm64",
    "macos-x86_64",
    "windows-x86_64",
    "windows-arm64",
];

fn named(text: &str) -> Option<Platform> {
    let (system, rest) = text.split_once('-')?;
    let (arch, variant) = rest.split_once('-').map_or((rest, None), |(arch, variant)| (arch, Some(variant)));
    let platform = |system, arch: &str| Some(Platform { system, arch: arch.to_owned() });
    match system {
        "linux" => {
            let arch = linux_arch(arch)?;
            let system = match variant {
                None => System::Glibc(FLOOR),
                Some("musl") => System::Musl(MUSL),
                Some(other) => match (other.strip_prefix("glibc2."), other.strip_prefix("musl1.")) {
                    (Some(minor), _) => System::Glibc(number(minor)?),
                    (_, Some(minor)) => System::Musl(number(minor)?),
                    _ => return None,
                },
            };
            platform(system, arch)
        }
        "macos" => {
            let version = variant.map_or(Some(MACOS), number).filter(|version| *version >= OLDEST_MACOS)?;
            let arch = match arch {
                "arm64" | "aarch64" => "arm64",
                "x86_64" | "amd64" => "x86_64",
                _ => return None,
            };
            platform(System::Mac(version), arch)
        }
        "windows" if variant.is_none() => match arch {
            "x86_64" | "amd64" => platform(System::Windows, "AMD64"),
            "arm64" | "aarch64" => platform(System::Windows, "ARM64"),
            "x86" | "i686" => platform(System::Windows, "x86"),
            _ => None,
        },
        _ => None,
    }
}

fn linux_arch(arch: &str) -> Option<&'static str> {
    let arch = match arch {
        "arm64" => "aarch64",
        "amd64" => "x86_64",
        other => other,
    };
    ARCHITECTURES.into_iter().find(|known| *known == arch)
}

fn tagged(text: &str) -> Option<Platform> {
    let platform = |system, arch: &str| Some(Platform { system, arch: arch.to_owned() });
    let numbered = |prefix: &str| {
        let (minor, arch) = text.strip_prefix(prefix)?.split_once('_')?;
        Some((number(minor)?, linux_arch(arch)?))
    };
    if let Some((minor, arch)) = numbered("manylinux_2_") {
        return platform(System::Glibc(minor), arch);
    }
    if let Some((minor, arch)) = numbered("musllinux_1_") {
        return platform(System::Musl(minor), arch);
    }
    for (name, glibc) in OLD_NAMES {
        if let Some(arch) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('_')) {
            return platform(System::Glibc(glibc), linux_arch(arch)?);
        }
    }
    if let Some(rest) = text.strip_prefix("macosx_") {
        let mut parts = rest.splitn(3, '_');
        let (major, _, arch) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
        let is_known = major >= OLDEST_MACOS && matches!(arch, "arm64" | "x86_64");
        return if is_known { platform(System::Mac(major), arch) } else { None };
    }
    match text {
        "win_amd64" => platform(System::Windows, "AMD64"),
        "win_arm64" => platform(System::Windows, "ARM64"),
        "win32" => platform(System::Windows, "x86"),
        _ => None,
    }
}

/// A number that a version can have.
fn number(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

fn windows_tag(arch: &str) -> &'static str {
    match arch {
        "AMD64" => "win_amd64",
        "ARM64" => "win_arm64",
        _ => "win32",
    }
}

fn mac_tags(version: u32, arch: &str) -> Vec<String> {
    let of_now: &[&str] = if arch == "arm64" {
        &["arm64", "universal2"]
    } else {
        &["x86_64", "intel", "fat64", "fat32", "universal2", "universal"]
    };
    let of_then: &[&str] = if arch == "arm64" { &["universal2"] } else { of_now };
    let now = (OLDEST_MACOS..=version).rev().flat_map(|major| of_now.iter().map(move |kind| (major, 0, *kind)));
    let then = (4..=16).rev().flat_map(|minor| of_then.iter().map(move |kind| (10, minor, *kind)));
    now.chain(then).map(|(major, minor, kind)| format!("macosx_{major}_{minor}_{kind}")).collect()
}
