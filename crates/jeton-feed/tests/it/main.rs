//! The feed as its readers meet it.

#[cfg(test)]
mod entries;
#[cfg(test)]
mod listener;

#[cfg(test)]
mod binary;
#[cfg(test)]
mod publisher;
#[cfg(test)]
mod races;
#[cfg(test)]
mod wire;
