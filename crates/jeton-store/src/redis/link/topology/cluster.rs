//! A Cluster: its nodes know who has which slots.

use std::sync::Arc;

use redis::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::redis::link::address::Address;
use crate::redis::link::failure::{Failure, Lost};
use crate::redis::link::primary::Primary;
use crate::redis::link::routes::{LAST_SLOT, Map};
use crate::redis::link::topology::votes::most;
use crate::redis::open::OpenRedisError;

/// The nodes that settings name.
pub(in crate::redis::link) struct Cluster {
    seeds: Vec<Address>,
}

impl Cluster {
    pub(in crate::redis::link) const fn new(seeds: Vec<Address>) -> Self {
        Self { seeds }
    }

    /// Who has which slots, as most of the nodes say who answer.
    pub(in crate::redis::link) async fn slots(
        &self,
        known: Vec<Arc<Primary>>,
        server: impl Fn(&Address) -> Arc<Primary>,
        until: Instant,
    ) -> Result<Map, OpenRedisError> {
        let mut nodes = known;
        for seed in &self.seeds {
            if !nodes.iter().any(|node| node.address() == seed) {
                nodes.push(server(seed));
            }
        }
        let mut asked = JoinSet::new();
        for node in nodes {
            asked.spawn(async move {
                let answer = node.ask(redis::cmd("CLUSTER").arg("SLOTS"), until).await;
                let answer = answer.map_err(|failure| (node.address().clone(), failure))?;
                Ok(read(answer, &node.address().host))
            });
        }
        match most(asked, until).await {
            Some(Ok(Some(map))) if map.is_empty() => {
                Err(OpenRedisError::ClusterDown("no node has slots".to_owned()))
            }
            Some(Ok(Some(map))) => Ok(map),
            Some(Ok(None)) => {
                Err(OpenRedisError::ClusterDown("its slots cannot be read".to_owned()))
            }
            Some(Err((address, Failure::Refused(cause)))) if cause.contains("cluster support") => {
                Err(OpenRedisError::Unsuitable(vec![format!(
                    "{address} is no node of a Cluster; name it as a single server instead"
                )]))
            }
            Some(Err((address, failure))) => Err(Lost::new(Some(address), failure).into()),
            None => Err(OpenRedisError::ClusterDown("no node answers".to_owned())),
        }
    }
}

/// The answer to `CLUSTER SLOTS`. A node that does not know how it is called by others has no name:
/// it is where it was asked.
fn read(answer: Value, asked: &str) -> Option<Map> {
    let Value::Array(ranges) = answer else { return None };
    let mut map =
        ranges.into_iter().map(|range| read_range(range, asked)).collect::<Option<Map>>()?;
    map.sort_unstable();
    Some(map)
}

fn read_range(range: Value, asked: &str) -> Option<(u16, u16, Address)> {
    let Value::Array(range) = range else { return None };
    let mut range = range.into_iter();
    let (first, last) = (number(&range.next()?)?, number(&range.next()?)?);
    let Value::Array(primary) = range.next()? else { return None };
    let mut primary = primary.into_iter();
    let host = match primary.next()? {
        Value::Nil => asked.to_owned(),
        name => redis::from_redis_value::<String>(name).ok()?,
    };
    let host = if host.is_empty() || host == "?" { asked.to_owned() } else { host };
    let port = number(&primary.next()?)?;
    (first <= last && last <= LAST_SLOT).then_some((first, last, Address { host, port }))
}

/// Not the crate's conversion, which cuts off what does not fit.
fn number(value: &Value) -> Option<u16> {
    if let Value::Int(number) = value { u16::try_from(*number).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn range(first: i64, last: i64, host: Value, port: i64) -> Value {
        let primary = Value::Array(vec![host, Value::Int(port), text("id"), Value::Array(vec![])]);
        Value::Array(vec![Value::Int(first), Value::Int(last), primary])
    }

    #[test]
    fn slots_are_read_in_order_and_whoever_has_no_name_is_where_it_was_asked() {
        let answer = Value::Array(vec![
            range(8_192, 16_383, text("b.example"), 7_001),
            range(0, 8_191, Value::Nil, 7_000),
        ]);

        let map = read(answer, "a.example").unwrap();

        let told: Vec<_> = map.iter().map(|(first, _, at)| (*first, at.to_string())).collect();
        assert_eq!(told, [(0, "a.example:7000".to_owned()), (8_192, "b.example:7001".to_owned())]);
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        let wrong = [
            Value::Nil,
            Value::Array(vec![Value::Nil]),
            Value::Array(vec![Value::Array(vec![Value::Int(0)])]),
            Value::Array(vec![range(0, 16_384, text("a"), 7_000)]),
            Value::Array(vec![range(5, 4, text("a"), 7_000)]),
            Value::Array(vec![range(0, 5, text("a"), 70_000)]),
        ];
        for answer in wrong {
            assert_eq!(read(answer.clone(), "a"), None, "{answer:?}");
        }
    }
}
