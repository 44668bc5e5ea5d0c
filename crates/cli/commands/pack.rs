//! `venvwrap pack`.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::env::Environment;
use venvwrap_core::fs::absolute;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::image::{ImageRequest, Imaged, image};
use venvwrap_core::pack::manifest::Manifest;
use venvwrap_core::pack::{Format, GatherRequest, Layout, OnEditable, Output, PackRequest, pack};
use venvwrap_core::python::Interpreter;

use crate::actions::{archives, dockerfile, enter, find, listing, packages};
use crate::args::{FormatChoice, PackArgs};
use crate::error::{Context as _, Explain, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::ByteProgress;

/// The file that stands for standard output.
const STANDARD_OUTPUT: &str = "-";
/// Where an environment is in an image, unless another place is asked for.
const IN_IMAGE: &str = "/opt/venv";

/// What the options ask for does not go together.
#[derive(Debug, thiserror::Error)]
enum Mismatch {
    #[error("an image is written to a file, not to standard output")]
    ImageToOutput,
    #[error("an image has the Python of its base")]
    ImageWithPython,
    #[error("only an image has a base")]
    BaseWithoutImage,
}

impl Explain for Mismatch {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ImageToOutput => "name a file with `-o FILE`".into(),
            Self::ImageWithPython => "leave out `--with-python`".into(),
            Self::BaseWithoutImage => "add `--format oci`".into(),
        })
    }
}

/// Packs an environment.
pub(crate) fn run(process: &Process, args: &PackArgs) -> Result<ExitCode> {
    check(args)?;
    let environment = find::find_at(process, args.name.as_deref())?;
    let name = environment.name().to_string();
    let file = file(process, args, &environment)?;
    let format = format(args, &file)?;
    enter::judge_source(process, environment.path())?;
    let interpreter = archives::base(process, &environment);
    let editables = archives::editables(process, &environment, args.editable)
        .with_context(|| format!("could not pack `{name}`"))?;
    let gather = gather(args, interpreter.as_ref(), editables.choice.clone())?;
    let Some(format) = format else { return write_image(process, args, &environment, &file, gather) };
    let request = PackRequest { gather, format, level: args.level };
    let progress = ByteProgress::new("packing", None);
    let mut stdout = io::stdout();
    let output = if is_standard_output(args) { Output::Stream(&mut stdout, &file) } else { Output::File(&file) };
    let packed = pack(&environment, &request, output, &|step| progress.show(step))
        .with_context(|| format!("could not pack `{name}`"))?;
    drop(progress);
    report(args, &environment, &packed.manifest, &packed.stale)?;
    packages::tell_borrowed(process, &environment);
    if !is_standard_output(args) {
        tell(&name, &file);
    }
    Ok(ExitCode::SUCCESS)
}

fn write_image(
    process: &Process,
    args: &PackArgs,
    environment: &Environment,
    file: &Path,
    gather: GatherRequest<'_>,
) -> Result<ExitCode> {
    let base = process.absolute(args.base.as_deref().unwrap_or(Path::new("")));
    let command = dockerfile::command(&args.cmd)?;
    let request = ImageRequest { gather, base: &base, command, level: args.level };
    let progress = ByteProgress::new("packing", None);
    let name = environment.name().to_string();
    let Imaged { manifest, stale, tag, python } = image(environment, &request, file, &|step| progress.show(step))
        .with_context(|| format!("could not pack `{name}`"))?;
    drop(progress);
    report(args, environment, &manifest, &stale)?;
    packages::tell_borrowed(process, environment);
    tell(&name, file);
    let archive = printable(OsStr::new(file));
    printer::remark(&format!("it runs with `{}`; `docker load -i {archive}` loads it as {tag}", python.display()));
    Ok(ExitCode::SUCCESS)
}

fn check(args: &PackArgs) -> Result<()> {
    let is_image = args.format == Some(FormatChoice::Oci);
    if is_image && is_standard_output(args) {
        return Err(Mismatch::ImageToOutput.into());
    } else if is_image && args.with_python {
        return Err(Mismatch::ImageWithPython.into());
    } else if !is_image && args.base.is_some() {
        return Err(Mismatch::BaseWithoutImage.into());
    }
    Ok(archives::check_destination(args.dest.as_deref())?)
}

/// The format of the archive; none for an image.
fn format(args: &PackArgs, file: &Path) -> Result<Option<Format>> {
    let asked = match args.format {
        Some(FormatChoice::TarGz) => Format::TarGz,
        Some(FormatChoice::TarZst) => Format::TarZst,
        Some(FormatChoice::Tar) => Format::Tar,
        Some(FormatChoice::Zip) => Format::Zip,
        Some(FormatChoice::Oci) => return Ok(None),
        None if is_standard_output(args) => Format::TarGz,
        None => Format::of(file)?,
    };
    Ok(Some(asked.named(file)?))
}

fn is_standard_output(args: &PackArgs) -> bool {
    args.output.as_deref() == Some(Path::new(STANDARD_OUTPUT))
}

fn file(process: &Process, args: &PackArgs, environment: &Environment) -> Result<PathBuf> {
    let ending = match args.format {
        Some(FormatChoice::TarGz) | None => "tar.gz",
        Some(FormatChoice::TarZst) => "tar.zst",
        Some(FormatChoice::Tar) => "tar",
        Some(FormatChoice::Zip) => "zip",
        Some(FormatChoice::Oci) => "oci.tar",
    };
    let name = || {
        let mut name = environment.name().as_os_str().to_os_string();
        name.push(".");
        name.push(ending);
        name
    };
    match &args.output {
        Some(file) if is_standard_output(args) => Ok(file.clone()),
        output => archives::output(process, output.as_deref(), name),
    }
}

fn gather<'a>(
    args: &PackArgs,
    interpreter: Option<&'a Interpreter>,
    on_editable: OnEditable,
) -> Result<GatherRequest<'a>> {
    let is_image = args.format == Some(FormatChoice::Oci);
    let layout = match &args.dest {
        Some(directory) => Layout::Fixed(absolute(Path::new("/"), directory)),
        None if is_image => Layout::Fixed(IN_IMAGE.into()),
        None if args.with_python => Layout::WithPython,
        None => Layout::Relocatable,
    };
    Ok(GatherRequest {
        layout,
        interpreter,
        exclude: args.exclude.clone(),
        bytecode: !args.no_bytecode,
        on_editable,
        with_secrets: args.with_secrets,
        time: archives::time()?,
        // Another user than the owner runs what is in an image.
        for_system: is_image,
    })
}

/// Says what is not in the archive, or not as it should be.
fn report(args: &PackArgs, environment: &Environment, manifest: &Manifest, stale: &[PathBuf]) -> Result<()> {
    archives::tell_left_out(environment, &manifest.left_out);
    let stale: Vec<_> = stale.iter().map(|path| environment.path().join(path).into_os_string()).collect();
    let words = match args.format {
        Some(FormatChoice::Oci) => "these still contain the path of the environment",
        _ => "these still contain the path of the environment; `venvwrap unpack` changes them",
    };
    listing::tell(words, &stale);
    if manifest.is_too_old() && args.format != Some(FormatChoice::Oci) {
        let python = &manifest.python.version;
        printer::warning(&format!(
            "`venvwrap unpack` refuses Python {python}: use `tar` on the other machine, then `bin/venvwrap-fix`"
        ));
    }
    if args.json {
        printer::data(&manifest.to_json())?;
    }
    Ok(())
}

fn tell(name: &str, file: &Path) {
    let size = std::fs::metadata(file).map_or(0, |found| found.len());
    let shown = printable(file.file_name().unwrap_or_default());
    printer::message(&format!("packed `{name}` into `{shown}` ({})", listing::size(size)));
}
