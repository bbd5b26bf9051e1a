//! Who tells where the primaries are.

mod cluster;
mod sentinel;
mod votes;

use std::sync::Arc;

use tokio::time::Instant;

use crate::redis::link::address::Address;
use crate::redis::link::dial::Dialer;
use crate::redis::link::primary::Primary;
use crate::redis::link::routes::{LAST_SLOT, Map};
use crate::redis::link::topology::cluster::Cluster;
use crate::redis::link::topology::sentinel::Sentinels;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::{Deployment, RedisSettings};

/// Where to ask for the primaries.
pub(super) enum Topology {
    /// Nowhere: it is always this one.
    Standalone(Address),
    /// The Sentinels.
    Sentinel(Sentinels),
    /// The nodes of the Cluster.
    Cluster(Cluster),
}

impl Topology {
    pub(super) fn of(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        match &settings.deployment {
            Deployment::Standalone { server } => Ok(Self::Standalone(parse(server)?)),
            Deployment::Sentinel { sentinels, primary, login } => {
                let dialer = Dialer::to_sentinels(login.as_ref(), settings)?;
                let sentinels = parse_all(sentinels)?;
                Ok(Self::Sentinel(Sentinels::new(sentinels, primary, &Arc::new(dialer))))
            }
            Deployment::Cluster { nodes } => Ok(Self::Cluster(Cluster::new(parse_all(nodes)?))),
        }
    }

    /// Whether keys of several slots may stand in one command.
    pub(super) const fn is_one_server(&self) -> bool {
        !matches!(self, Self::Cluster(_))
    }

    /// Whether it can change at all.
    pub(super) const fn is_fixed(&self) -> bool {
        matches!(self, Self::Standalone(_))
    }

    /// Who has which slots now. Servers for the nodes of a Cluster come from `server`.
    pub(super) async fn learn(
        &self,
        known: Vec<Arc<Primary>>,
        server: impl Fn(&Address) -> Arc<Primary>,
        until: Instant,
    ) -> Result<Map, OpenRedisError> {
        match self {
            Self::Standalone(address) => Ok(one(address.clone())),
            Self::Sentinel(sentinels) => {
                let address = sentinels.primary(until).await?;
                // They may be wrong, or late: it has to say so itself.
                let reached = server(&address).reach(until).await;
                reached.map_err(|error| OpenRedisError::of_server(&address, error))?;
                Ok(one(address))
            }
            Self::Cluster(cluster) => cluster.slots(known, server, until).await,
        }
    }
}

fn one(address: Address) -> Map {
    vec![(0, LAST_SLOT, address)]
}

fn parse(text: &str) -> Result<Address, OpenRedisError> {
    Address::parse(text).ok_or_else(|| OpenRedisError::Address(text.to_owned()))
}

fn parse_all(texts: &[String]) -> Result<Vec<Address>, OpenRedisError> {
    if texts.is_empty() {
        return Err(OpenRedisError::Address(String::new()));
    }
    texts.iter().map(|text| parse(text)).collect()
}
