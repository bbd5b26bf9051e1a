//! The contract on every deployment, as the user of `deploy/redis`, with TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jeton_store::{Deployment, RedisLogin, RedisSettings, RedisStore, RedisTls};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::redis::certificates::Certificates;
use crate::redis::cluster::Cluster;
use crate::redis::sentinels::{NAME, Sentinels};
use crate::redis::servers::Redis;
use crate::redis::{PASSWORD, settings};

/// The hash of [`PASSWORD`], as `sha256sum` prints it.
const HASH: &str = "2a9dd9bc78b2e6ab64a0e0e3a4b1a3a2cd0d4ac0d1dce77bbba1e5e6ae1eb3bd";

struct Started<T> {
    servers: T,
    folder: TempDir,
    settings: RedisSettings,
}

/// An empty store: each promise has a prefix of its own.
async fn store<T>(started: &Started<T>, promise: &str) -> Arc<RedisStore> {
    let folder = started.folder.path().join(promise);
    fs::create_dir(&folder).unwrap();
    let prefix = format!("jeton:{promise}");
    let settings = RedisSettings { prefix, folder, ..started.settings.clone() };
    Arc::new(RedisStore::connect(settings).await.expect("the node connects"))
}
