//! Accounts as the service uses them: through the public API, on a real file or a real server.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod disclosure;
#[cfg(test)]
mod file;
#[cfg(test)]
mod hashes;
#[cfg(test)]
mod load;
#[cfg(test)]
mod login;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod postgres_claims;
#[cfg(test)]
mod postgres_opening;
#[cfg(test)]
mod postgres_outages;
#[cfg(test)]
mod support;
