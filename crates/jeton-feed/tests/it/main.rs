//! The feed as its readers meet it.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod wire;
