//! What the checks of an environment share.

use crate::env::Environment;
use crate::env::health::Health;
use crate::env::pyvenv_cfg::PyvenvCfg;

/// What is known of an environment before the checks.
pub(super) struct Facts<'a> {
    pub(super) environment: &'a Environment,
    pub(super) cfg: Option<PyvenvCfg>,
    pub(super) libraries: Vec<String>,
    pub(super) health: Health,
}
