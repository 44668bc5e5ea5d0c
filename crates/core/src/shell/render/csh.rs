//! Plans for csh and tcsh.
//!
//! ``eval "`venvwrap ..`"`` makes blanks of line breaks, and an alias cannot return. So a plan is one line whose steps are
//! joined with `&&`: the aliases of the shim succeed, except where later steps must not run.

use super::words::words;
use crate::shell::plan::{Plan, Step, VERSION};
use crate::shell::quote;

/// Why a plan cannot be written for csh.
#[derive(Debug, thiserror::Error)]
pub enum CshError {
    /// A value that csh has no quotes for.
    #[error("csh cannot read `{}`: it holds a line break or is not UTF-8", .0.escape_debug())]
    Value(String),
}

/// tcsh takes more aliases in one line for a loop.
const MOST_ALIASES: usize = 16;

/// Returns a plan as one line for an alias to evaluate; the first step, `__venvwrap_version`, is to fail where the shell
/// speaks another version.
pub fn render(plan: &Plan) -> Result<Vec<u8>, CshError> {
    let mut steps = vec![format!("__venvwrap_version {VERSION}").into_bytes()];
    for step in &plan.0 {
        steps.push(statement(step)?);
    }
    let is_short = steps.len() <= MOST_ALIASES;
    let mut lines = Vec::new();
    for part in steps.chunks(MOST_ALIASES) {
        let line = part.join(&b" && "[..]);
        lines.push(if is_short { line } else { [b"eval ", &quoted(&line)?[..]].concat() });
    }
    let mut text = lines.join(&b" && "[..]);
    text.push(b'\n');
    Ok(text)
}

fn statement(step: &Step) -> Result<Vec<u8>, CshError> {
    let (verb, words) = words(step);
    let mut text = [b"__venvwrap_", verb.as_bytes()].concat();
    for word in words {
        text.push(b' ');
        text.extend(quoted(word)?);
    }
    Ok(text)
}

fn quoted(word: &[u8]) -> Result<Vec<u8>, CshError> {
    quote::csh(word).ok_or_else(|| CshError::Value(String::from_utf8_lossy(word).into_owned()))
}
