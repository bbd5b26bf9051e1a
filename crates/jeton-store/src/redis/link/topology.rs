//! Who tells where the primaries are.

use crate::redis::link::address::Address;
use crate::redis::link::routes::{LAST_SLOT, Map};
use crate::redis::open::OpenRedisError;
use crate::redis::settings::Deployment;

/// Where to ask for the primaries.
pub(super) enum Topology {
    /// Nowhere: it is always this one.
    Standalone(Address),
}

impl Topology {
    pub(super) fn of(deployment: &Deployment) -> Result<Self, OpenRedisError> {
        let parse = |text: &String| {
            Address::parse(text).ok_or_else(|| OpenRedisError::Address(text.clone()))
        };
        match deployment {
            Deployment::Standalone { server } => Ok(Self::Standalone(parse(server)?)),
            _ => Err(OpenRedisError::Address(String::new())),
        }
    }

    /// Whether keys of several slots may stand in one command.
    pub(super) const fn is_one_server(&self) -> bool {
        true
    }

    /// Who has which slots now.
    pub(super) async fn learn(&self) -> Result<Map, OpenRedisError> {
        match self {
            Self::Standalone(address) => Ok(vec![(0, LAST_SLOT, address.clone())]),
        }
    }
}
