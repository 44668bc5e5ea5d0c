//! What can go wrong in every operation of the store.

use super::home::HomeError;
use super::lock::LockError;
use crate::env::project_file::ProjectError;
use crate::fs::PathError;

/// Why an operation failed, for a reason that it shares with the others.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// Another process is changing the same environment.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The project directory cannot be associated.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Lets `?` turn the causes of an [`OperationError`] into an error that has a variant `Operation`.
macro_rules! from_causes {
    ($error:ty: $($cause:ty),+) => {
        $(impl From<$cause> for $error {
            fn from(cause: $cause) -> Self {
                Self::Operation(cause.into())
            }
        })+
    };
}
pub(crate) use from_causes;
