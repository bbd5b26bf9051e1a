//! Sessions as an issuer uses them: the rules by themselves, and the whole behind tokens.

#[cfg(test)]
mod attack;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod history;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod keyring;
#[cfg(test)]
mod keyring_document;
#[cfg(test)]
mod keyring_merge;
#[cfg(test)]
mod keyring_rotation;
#[cfg(test)]
mod login;
#[cfg(test)]
mod lost_openings;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod races;
#[cfg(test)]
mod records;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod revocations;
#[cfg(test)]
mod rules_end;
#[cfg(test)]
mod rules_open;
#[cfg(test)]
mod rules_presenter;
#[cfg(test)]
mod rules_reassert;
mod rules_recall;
#[cfg(test)]
mod rules_rotate;
#[cfg(test)]
mod stalls;
#[cfg(test)]
mod support;
#[cfg(test)]
mod terms;
