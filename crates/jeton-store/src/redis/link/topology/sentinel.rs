//! Sentinels: they know which server is primary.

use std::sync::Arc;

use redis::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::redis::link::address::Address;
use crate::redis::link::dial::Dialer;
use crate::redis::link::failure::Lost;
use crate::redis::link::node::Node;
use crate::redis::link::topology::votes::most;
use crate::redis::open::OpenRedisError;

/// All Sentinels of one primary.
pub(in crate::redis::link) struct Sentinels {
    nodes: Vec<Arc<Node>>,
    primary: String,
}

impl Sentinels {
    pub(in crate::redis::link) fn new(
        sentinels: Vec<Address>,
        primary: &str,
        dialer: &Arc<Dialer>,
    ) -> Self {
        let node = |address| Node::new(address, Arc::clone(dialer));
        Self { nodes: sentinels.into_iter().map(node).collect(), primary: primary.to_owned() }
    }

    /// Who is primary, as most of those say who answer.
    pub(in crate::redis::link) async fn primary(
        &self,
        until: Instant,
    ) -> Result<Address, OpenRedisError> {
        let mut asked = JoinSet::new();
        for node in &self.nodes {
            let (node, name) = (Arc::clone(node), self.primary.clone());
            asked.spawn(async move {
                let mut command = redis::cmd("SENTINEL");
                command.arg("get-master-addr-by-name").arg(name);
                let answer = node.ask(&command, until).await;
                answer.map_err(|failure| (node.address.clone(), failure))
            });
        }
        match most(asked, until).await {
            Some(Ok(Value::Nil)) => Err(OpenRedisError::UnknownPrimary(self.primary.clone())),
            Some(Ok(answer)) => {
                let told = redis::from_redis_value::<(String, u16)>(answer).ok();
                let address = told.map(|(host, port)| Address { host, port });
                address.ok_or_else(|| OpenRedisError::NoPrimary("none is elected".to_owned()))
            }
            Some(Err((address, failure))) => Err(Lost::new(Some(address), failure).into()),
            None => Err(OpenRedisError::NoPrimary("no Sentinel answers".to_owned())),
        }
    }
}
