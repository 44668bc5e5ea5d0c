//! Whether a bundle is for this machine and a Python.

use super::error::ReadError;
use super::manifest::{Manifest, Target};
use crate::pack::manifest::machine;
use crate::python::Interpreter;
use crate::relocate::{glibc, linked};

/// Returns what of a bundle is for this machine; fails if nothing is, or if it is for another Python.
pub(super) fn target<'a>(manifest: &'a Manifest, interpreter: &Interpreter) -> Result<&'a Target, ReadError> {
    let found = interpreter.lib_dir_name();
    if found != manifest.python {
        return Err(ReadError::OtherPython { wanted: manifest.python.clone(), found });
    }
    let here = machine();
    let own = linked::glibc_of(&interpreter.executable);
    let mut refusal = ReadError::OtherMachine {
        wanted: manifest.targets.iter().filter_map(|target| target.machine.clone()).collect::<Vec<_>>().join(", "),
        here: here.clone(),
    };
    for target in &manifest.targets {
        if target.machine.as_ref().is_none_or(|machine| *machine == here) {
            match library(target, &here, own) {
                Ok(()) => return Ok(target),
                Err(error) => refusal = error,
            }
        }
    }
    Err(refusal)
}

/// Fails if a target is for another C library than that of this machine.
fn library(target: &Target, here: &str, own: Option<u32>) -> Result<(), ReadError> {
    match (target.glibc, own) {
        (Some(needed), Some(own)) if needed > own => {
            return Err(ReadError::OldGlibc { needed: glibc::version(needed), here: glibc::version(own) });
        }
        (Some(needed), None) if here.starts_with("Linux") => {
            return Err(ReadError::OldGlibc { needed: glibc::version(needed), here: "none".into() });
        }
        _ => {}
    }
    let is_of_musl = |file: &String| file.contains("musllinux") && !file.contains("manylinux");
    if own.is_some() && (target.musl || target.wheels.iter().any(is_of_musl)) {
        return Err(ReadError::OtherMachine { wanted: "musl".into(), here: format!("{here} with glibc") });
    }
    Ok(())
}

/// Returns whether wheels with these tags run on every machine.
pub(super) fn is_for_any(tags: &[String]) -> bool {
    tags.iter().all(|tag| tag.ends_with("-any"))
}

/// Returns the oldest glibc for which installers take a wheel with these tags, the second number of 2.N. `used` is the
/// newest that something in it uses: only that is known of a wheel that was built for the machine it was built on.
pub(super) fn glibc(tags: &[String], used: Option<u32>) -> Option<u32> {
    let platforms = tags.iter().flat_map(|tag| tag.rsplit('-').next().unwrap_or_default().split('.'));
    platforms
        .filter_map(|platform| glibc::of_platform(platform).or(used.filter(|_| platform.starts_with("linux_"))))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target for this glibc, for musl, or for neither, with a wheel of these tags.
    fn target(glibc: Option<u32>, musl: bool, tags: &str) -> Target {
        Target { glibc, musl, wheels: vec![format!("a-1-cp312-cp312-{tags}.whl")], ..Target::default() }
    }

    #[test]
    fn musl_and_glibc_do_not_mix() {
        let here = "Linux x86_64";
        let fits = |target: &Target, own| library(target, here, own).is_ok();
        let (of_glibc, of_musl) = (target(Some(28), false, "manylinux_2_28_x86_64"), target(None, true, "any"));
        assert!(fits(&of_glibc, Some(36)) && !fits(&of_glibc, Some(17)) && !fits(&of_glibc, None));
        assert!(fits(&of_musl, None) && !fits(&of_musl, Some(36)));
        // Where the bundle does not say so, the names of its wheels do.
        for (tags, runs_with_glibc) in
            [("musllinux_1_2_x86_64", false), ("manylinux_2_17_x86_64.musllinux_1_1_x86_64", true), ("any", true)]
        {
            let target = target(None, false, tags);
            assert_eq!((fits(&target, Some(36)), fits(&target, None)), (runs_with_glibc, true), "{tags}");
        }
    }

    #[test]
    fn the_oldest_glibc_is_in_the_tags() {
        let of = |tags: &[&str], used| glibc(&tags.iter().map(ToString::to_string).collect::<Vec<_>>(), used);
        assert_eq!(of(&["py3-none-any"], None), None);
        assert_eq!(of(&["cp39-abi3-manylinux_2_28_x86_64"], Some(14)), Some(28));
        assert_eq!(of(&["cp39-abi3-manylinux_2_28_x86_64", "cp39-abi3-manylinux2014_x86_64"], None), Some(17));
        assert_eq!(of(&["cp39-cp39-manylinux1_x86_64.manylinux_2_17_x86_64"], None), Some(5));
        assert_eq!(of(&["cp39-cp39-linux_x86_64"], Some(34)), Some(34));
        assert_eq!(of(&["cp39-cp39-musllinux_1_2_x86_64"], None), None);
    }
}
