//! `venvwrap pack`.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::env::Environment;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::{Format, GatherRequest, Layout, OnEditable, Output, PackRequest, Packed, pack};
use venvwrap_core::python::Interpreter;

use crate::actions::{archives, find, listing};
use crate::args::PackArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::ArchiveProgress;

/// The file that stands for standard output.
const STANDARD_OUTPUT: &str = "-";

/// Packs an environment.
pub(crate) fn run(process: &Process, args: &PackArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    let name = environment.name().to_string();
    let file = file(process, args, &environment);
    let format = if is_standard_output(args) { Format::TarGz } else { Format::of(&file)? };
    let interpreter = archives::base(process, &environment);
    let editables = archives::editables(process, &environment, args.editable)
        .with_context(|| format!("could not pack `{name}`"))?;
    let on_editable = editables.choice.clone();
    let request =
        PackRequest { gather: gather(process, args, interpreter.as_ref(), on_editable)?, format, level: args.level };
    let progress = ArchiveProgress::new(None);
    let mut stdout = io::stdout();
    let output = if is_standard_output(args) { Output::Stream(&mut stdout, &file) } else { Output::File(&file) };
    let packed = pack(&environment, &request, output, &|bytes| progress.add(bytes))
        .with_context(|| format!("could not pack `{name}`"))?;
    drop(progress);
    report(&environment, &packed);
    if args.json {
        printer::data(&packed.manifest.to_json())?;
    }
    if !is_standard_output(args) {
        tell(&name, &file, format);
    }
    Ok(ExitCode::SUCCESS)
}

fn is_standard_output(args: &PackArgs) -> bool {
    args.output.as_deref() == Some(Path::new(STANDARD_OUTPUT))
}

fn file(process: &Process, args: &PackArgs, environment: &Environment) -> PathBuf {
    let name = || {
        let mut name = environment.name().as_os_str().to_os_string();
        name.push(".tar.gz");
        name
    };
    match &args.output {
        Some(file) if is_standard_output(args) => file.clone(),
        Some(file) => process.absolute(file),
        None => process.cwd.join(name()),
    }
}

fn gather<'a>(
    process: &Process,
    args: &PackArgs,
    interpreter: Option<&'a Interpreter>,
    on_editable: OnEditable,
) -> Result<GatherRequest<'a>> {
    let layout = match &args.dest {
        Some(directory) => Layout::Fixed(process.absolute(directory)),
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
        for_system: false,
    })
}

/// Says what is not in the archive, or not as it should be.
fn report(environment: &Environment, packed: &Packed) {
    archives::tell_left_out(environment, &packed.manifest.left_out);
    let stale: Vec<_> = packed.stale.iter().map(|path| environment.path().join(path).into_os_string()).collect();
    listing::tell("these still contain the path of the environment; `venvwrap unpack` changes them", &stale);
}

fn tell(name: &str, file: &Path, format: Format) {
    let size = std::fs::metadata(file).map_or(0, |found| found.len());
    let shown = printable(file.file_name().unwrap_or_default());
    printer::message(&format!("packed `{name}` into `{shown}` ({})", listing::size(size)));
    // Spark unpacks plain tar without its permissions.
    if format != Format::Tar {
        let archive = printable(OsStr::new(file));
        printer::remark(&format!(
            "for Spark: --archives {archive}#environment --conf spark.pyspark.python=./environment/bin/python \
             --conf spark.pyspark.driver.python=python"
        ));
    }
}
