//! Hints for what is compared with environments.

use venvwrap_core::snapshot::requirements::RequirementsError;

use super::Explain;

impl Explain for RequirementsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotText { .. } => Some("save it as UTF-8".into()),
            Self::Loop { .. } | Self::TooDeep { .. } => Some("remove the `-r` or `-c` line that includes it".into()),
            Self::Path(error) => error.hint(),
        }
    }
}
