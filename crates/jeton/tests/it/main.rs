//! What `jeton` promises, one file a risk. Every test names the requirement that it proves.

#[cfg(test)]
mod given;
#[cfg(test)]
mod pen;

#[cfg(test)]
mod algorithms;
#[cfg(test)]
mod cache;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod disclosure;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod every_bit;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod full_list;
#[cfg(test)]
mod header;
#[cfg(test)]
mod issuing;
#[cfg(test)]
mod json;
#[cfg(test)]
mod jwk;
#[cfg(test)]
mod jwk_private;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod known_headers;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod malleability;
#[cfg(test)]
mod new_token;
#[cfg(test)]
mod panics;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod policy_headers;
#[cfg(test)]
mod policy_times;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod staleness;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod times;
#[cfg(test)]
mod typed;
#[cfg(test)]
mod typed_parity;
#[cfg(test)]
mod views;
#[cfg(test)]
mod weakness;
