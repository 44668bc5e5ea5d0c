//! Plans for shells that read JSON: nushell, xonsh, PowerShell, elvish. No text is evaluated there, so nothing is quoted.

use crate::shell::plan::Plan;

/// Returns a plan as JSON; fails for a path that is not UTF-8.
pub fn render(plan: &Plan) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(plan)
}
