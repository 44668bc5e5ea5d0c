//! `venvwrap doctor`: what is wrong with environments, the store and the shell, and what puts it right.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use venvwrap_core::config::variables;
use venvwrap_core::doctor::{CHECKS, Check, Doctor, Finding, Severity, Surroundings};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::uv::Settings;
use venvwrap_core::shell::start_up::Zdotdir;

use crate::actions::packages::could_not_look;
use crate::actions::place::{self, Place};
use crate::actions::start_up;
use crate::args::DoctorArgs;
use crate::error::{Error, FAILED, Result};
use crate::process::{self, Process, active, set_variable};
use crate::ui::printer::{self, BAD, HEADING, HELP, ODD, styled, width};
use crate::ui::prose::wrapped;

/// The space between the columns of the list of checks.
const GAP: usize = 2;
/// A sentence gets no fewer columns.
const LEAST_SENTENCE: usize = 20;
use crate::ui::report;

/// The version of the form of the JSON.
const SCHEMA: u32 = 1;

/// Examines what is named, or everything. The status is 1 if a warning or an error remains, and 2 if it could not look.
pub(crate) fn run(process: &Process, args: &DoctorArgs) -> Result<ExitCode> {
    if args.list {
        return list(args);
    }
    let (findings, count) = examine(process, args).map_err(could_not_look)?;
    let is_bad = |finding: &Finding| finding.severity != Severity::Note;
    if args.json {
        printer::json(&as_json(&findings))?;
    } else {
        let (home, limit) = (process.config.home.as_deref(), width().map(usize::from));
        let text: String = findings.iter().map(|finding| as_lines(finding, home, limit)).collect();
        printer::data(text.as_bytes())?;
        if findings.is_empty() {
            let noun = if count == 1 { "environment" } else { "environments" };
            printer::remark(&format!("examined {count} {noun}: all is well"));
        }
    }
    Ok(ExitCode::from(if findings.iter().any(is_bad) { FAILED } else { 0 }))
}

/// What is found and still there after what `--fix` does, and the number of environments.
fn examine(process: &Process, args: &DoctorArgs) -> Result<(Vec<Finding>, usize)> {
    if args.names.is_empty() {
        let names = process.store.names()?.into_iter();
        let all: Vec<_> = names.map(|name| process.store.environment(name)).collect();
        return Ok((examine_some(process, args, &all)?, all.len()));
    }
    let (mut named, mut findings) = (Vec::new(), Vec::new());
    for word in &args.names {
        match place::of_any(process, word)? {
            Some(Place { process: Some(own), name }) => {
                let environment = own.store.environment(name);
                findings.extend(examine_some(&own, args, &[environment])?);
            }
            Some(Place { process: None, name }) => named.push(process.store.environment(name)),
            None => named.push(by_name(process, word).map_err(|error| place::hinted(process, word, error))?),
        }
    }
    findings.extend(examine_some(process, args, &named)?);
    Ok((findings, args.names.len()))
}

fn by_name(process: &Process, word: &OsStr) -> Result<Environment> {
    Ok(process.store.find(EnvName::typed(word)?.as_os_str())?)
}

/// The same for environments of one store.
fn examine_some(process: &Process, args: &DoctorArgs, environments: &[Environment]) -> Result<Vec<Finding>> {
    let (config, kernels) = (&process.config, process.store.kernels(&[]));
    let search = process.search();
    let uv = Settings::of(&search);
    let temp_dir = std::env::temp_dir();
    let doctor = Doctor {
        store: &process.store,
        user_home: config.home.as_deref(),
        hook_dir: &config.hook_dir,
        cache_dir: config.cache_dir.as_deref(),
        state_dir: config.state_dir.as_deref(),
        kernels: &kernels,
        uv: &uv,
        temp_dir: &temp_dir,
        user: process::user(),
        is_deep: args.deep,
    };
    let mut findings = Vec::new();
    if args.names.is_empty() {
        let (active, path, files) = (active(), path(), start_up_files(process));
        let cwd = Some(process.cwd.as_path());
        let surroundings = Surroundings { active: active.as_deref(), cwd, path: &path, start_up_files: &files };
        findings = doctor.surroundings(&surroundings)?;
    }
    findings.extend(doctor.environments(environments));
    doctor.name_remedies(&mut findings, &search);
    if args.fix {
        findings.retain_mut(|finding| {
            let found = printable(OsStr::new(&sentence(finding)));
            match doctor.fix(finding, &search) {
                Ok(true) => printer::message(&format!("fixed: {found}")),
                Ok(false) => return true,
                Err(error) => {
                    let error = Error::from(error);
                    report::warn_of(&format!("could not fix {found}"), &error);
                    report::report_hint(&error);
                    finding.details.insert("problem", vec![report::one_line(error.chain())]);
                    return true;
                }
            }
            false
        });
    }
    Ok(findings)
}

fn path() -> Vec<PathBuf> {
    let path = set_variable(variables::PATH).unwrap_or_default();
    std::env::split_paths(&path).filter(|directory| !directory.as_os_str().is_empty()).collect()
}

/// Those that shells read by themselves.
fn start_up_files(process: &Process) -> Vec<PathBuf> {
    let Some(home) = &process.config.home else { return Vec::new() };
    let zsh = match start_up::zsh_directory(home) {
        Zdotdir::Known(directory) => directory,
        Zdotdir::Unset | Zdotdir::Unknown => home.clone(),
    };
    let of_bash = [".bashrc", ".bash_profile", ".profile"].map(|name| home.join(name));
    let of_zsh = [".zshrc", ".zprofile"].map(|name| zsh.join(name));
    of_bash.into_iter().chain(of_zsh).collect()
}

/// The checks, for people and for programs.
fn list(args: &DoctorArgs) -> Result<ExitCode> {
    let text = if args.json {
        let value =
            |check: &&Check| json!({ "id": check.id, "severity": check.severity.word(), "sentence": check.sentence });
        serde_json::to_string_pretty(&CHECKS.iter().map(value).collect::<Vec<_>>())? + "\n"
    } else {
        catalogue(width().map(usize::from))
    };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The checks as a table, whose sentences are never cut: they are continued below. Where the terminal has no room for three
/// columns, each check is a paragraph.
fn catalogue(limit: Option<usize>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(["id", "severity", "finds"]);
    // The crate would break lines inside of words.
    table.set_content_arrangement(ContentArrangement::Disabled);
    let widest = |heading: &str, text: fn(&Check) -> &str| {
        CHECKS.iter().map(|check| text(check).len()).max().unwrap_or_default().max(heading.len())
    };
    let taken = widest("id", |check| check.id) + widest("severity", |check| check.severity.word()) + 2 * GAP;
    if let Some(limit) = limit.filter(|limit| *limit < taken + LEAST_SENTENCE) {
        let paragraph = |check: &Check| {
            let sentence = wrapped(check.sentence, GAP, limit);
            format!("{}  {}\n  {sentence}\n", styled(check.id, HEADING), check.severity.word())
        };
        return CHECKS.iter().map(|check| paragraph(check)).collect();
    }
    let fitted = |sentence| limit.map_or_else(|| String::from(sentence), |limit| wrapped(sentence, 0, limit - taken));
    table.add_rows(CHECKS.iter().map(|check| [check.id.into(), check.severity.word().into(), fitted(check.sentence)]));
    for column in table.column_iter_mut() {
        column.set_padding((0, u16::try_from(GAP).unwrap_or_default()));
    }
    let mut lines = table.lines();
    let heading = styled(lines.next().unwrap_or_default().trim_end(), HEADING);
    std::iter::once(heading)
        .chain(lines)
        .map(|line| format!("{}\n", line.trim_end()))
        .fold(String::new(), |all, line| all + &line)
}

fn sentence(finding: &Finding) -> String {
    let name = finding.environment.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    format!("{name}{} [{}]", finding.message, finding.id)
}

/// A line for what is wrong, continued below where the terminal is narrow, and one for what puts it right, which is to be
/// copied. Names and paths in them may be anybody's.
fn as_lines(finding: &Finding, home: Option<&Path>, limit: Option<usize>) -> String {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => ODD,
        Severity::Note => HELP,
    };
    let word = finding.severity.word();
    let text = format!("{word}: {}", printer::with_tilde(&printable(OsStr::new(&sentence(finding))), home));
    let text = limit.map_or_else(|| text.clone(), |limit| wrapped(&text, 4, limit));
    let mut text = text.replacen(word, &styled(word, style), 1) + "\n";
    if let Some(fix) = &finding.fix {
        let _ = writeln!(text, "  fix: {}", printable(OsStr::new(&fix.text())));
    }
    text
}

fn as_json(findings: &[Finding]) -> Value {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let checks: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "id": finding.id,
                "severity": finding.severity.word(),
                "environment": finding.environment.as_ref().map(|name| name.word().to_string_lossy()),
                "message": finding.message,
                "fix": finding.fix.as_ref().map(|fix| json!({
                    "command": fix.command.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>(),
                    "then": fix.then.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>(),
                    "automatic": fix.is_automatic,
                })),
                "details": finding.details,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "checks": checks,
        "summary": {
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "note": count(Severity::Note),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use venvwrap_core::doctor::{Fix, FixKind};

    use super::*;

    #[test]
    fn the_list_of_checks_fits_and_breaks_no_word() {
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<std::collections::BTreeSet<_>>();
        let whole = words(&catalogue(None));
        for limit in [40, 53, 54, 60, 80, 120] {
            let text = catalogue(Some(limit));
            assert!(text.lines().all(|line| line.chars().count() <= limit), "{limit}: {text}");
            let (found, heading) = (words(&text), words("id severity finds"));
            assert!(whole.iter().all(|word| found.contains(word) || heading.contains(word)), "{limit}: {text}");
        }
    }

    #[test]
    fn a_finding_is_continued_below_and_what_is_copied_is_not() {
        let message = "its directory `/home/me/envs/a` belongs to `/home/me`, and `/home/meg/x` to nobody";
        let command =
            ["venvwrap", "repair", "/home/me/envs/a-name-that-is-longer-than-the-line"].map(Into::into).into();
        let finding = Finding {
            id: "moved",
            severity: Severity::Warning,
            environment: None,
            message: message.into(),
            fix: Some(Fix { command, then: Vec::new(), is_automatic: true, kind: FixKind::Other }),
            details: BTreeMap::new(),
        };
        insta::assert_snapshot!(as_lines(&finding, Some(Path::new("/home/me")), Some(48)), @"
        warning: its directory `~/envs/a` belongs to
            `/home/me`, and `/home/meg/x` to nobody
            [moved]
          fix: venvwrap repair /home/me/envs/a-name-that-is-longer-than-the-line
        ");
    }
}
