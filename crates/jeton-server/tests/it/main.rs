//! The service as its users and its operator meet it: the real program, over HTTP and at the
//! command line, on a folder of its own.

#[cfg(test)]
mod answer;
#[cfg(test)]
mod client;
#[cfg(test)]
mod forge;
#[cfg(test)]
#[path = "../../../jeton-account/tests/it/postgres.rs"]
#[expect(dead_code, reason = "shared with the tests of the accounts, which use all of it")]
mod postgres;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reader;
#[cfg(test)]
#[path = "../../../jeton-store/tests/it/redis/servers.rs"]
#[expect(dead_code, reason = "the tests of the store need more of it")]
mod redis_servers;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod service;
#[cfg(test)]
mod setup;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod admin_guard;
#[cfg(test)]
mod admin_sessions;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod envelope;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod gateways;
#[cfg(test)]
mod guides;
#[cfg(test)]
mod jwks;
#[cfg(test)]
mod keyring;
#[cfg(test)]
mod life;
#[cfg(test)]
mod lifetime;
mod limits;
#[cfg(test)]
mod log;
#[cfg(test)]
mod login;
#[cfg(test)]
mod oauth_clients;
#[cfg(test)]
mod oauth_global;
#[cfg(test)]
mod oauth_introspect;
#[cfg(test)]
mod oauth_metadata;
#[cfg(test)]
mod oauth_outage;
#[cfg(test)]
mod oauth_refresh;
#[cfg(test)]
mod oauth_revoke;
#[cfg(test)]
mod oauth_token;
#[cfg(test)]
mod password;
#[cfg(test)]
mod race;
#[cfg(test)]
mod shared_accounts;
#[cfg(test)]
mod startup;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod token;
#[cfg(test)]
mod token_key;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod verifiers;
#[cfg(test)]
mod withdrawal;
