use std::sync::Arc;

use jeton_store::RedisStore;

use crate::redis::fleet::Fleet;

async fn redis() -> (Arc<RedisStore>, Fleet) {
    let fleet = Fleet::start();
    let store = fleet.node(0).await;
    (store, fleet)
}

jeton_session::contract_tests!(redis);
