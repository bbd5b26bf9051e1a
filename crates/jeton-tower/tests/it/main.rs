//! Guarded services as their clients meet them: requests in, answers out, no network.

#[cfg(test)]
mod house;

#[cfg(test)]
mod challenge;
#[cfg(test)]
mod cookie;
#[cfg(test)]
mod ended;
#[cfg(test)]
mod extract;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod stale;
