//! What a stream has lost, compared with what a node remembers.
//!
//! A stream *covers* a revocation if whoever reads it refuses at least as much for at least as long,
//! by the rules by which verifiers merge: the greater of two times and of two versions. Why a session
//! ended may differ.

use std::collections::{BTreeMap, HashMap};

use jeton::{KeyId, Revocation, SessionId, SubjectKey, Target, Timestamp};

/// Most revocations that are brought back in one update.
const CHUNK: usize = 200;

/// What a stream says, by target.
#[derive(Debug, Default)]
pub(super) struct Covered {
    sessions: HashMap<SessionId, Timestamp>,
    tokens: HashMap<String, Timestamp>,
    versions: HashMap<SubjectKey, (u64, Timestamp)>,
    keys: HashMap<KeyId, Timestamp>,
}

impl Covered {
    /// The stream says this.
    pub(super) fn add(&mut self, revocation: &Revocation) {
        let until = revocation.until;
        let later = |known: &mut Timestamp| *known = (*known).max(until);
        match &revocation.target {
            Target::Session(id, _) => {
                self.sessions.entry(*id).and_modify(later).or_insert(until);
            }
            Target::Token(id, _) => {
                self.tokens.entry(id.clone()).and_modify(later).or_insert(until);
            }
            Target::Key(id) => {
                self.keys.entry(id.clone()).and_modify(later).or_insert(until);
            }
            Target::Subject(key, version) => {
                let known = self.versions.entry(*key).or_insert((*version, until));
                *known = (known.0.max(*version), known.1.max(until));
            }
            _ => {}
        }
    }

    /// Whether the stream says at least as much as this.
    pub(super) fn covers(&self, revocation: &Revocation) -> bool {
        let known = match &revocation.target {
            Target::Session(id, _) => self.sessions.get(id),
            Target::Token(id, _) => self.tokens.get(id),
            Target::Key(id) => self.keys.get(id),
            Target::Subject(key, version) => {
                self.versions.get(key).filter(|(known, _)| known >= version).map(|(_, until)| until)
            }
            // Nothing that a stream could hold.
            _ => return true,
        };
        known.is_some_and(|until| *until >= revocation.until)
    }
}

/// What has to be done again at one subject, in one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) subject: SubjectKey,
    pub(super) revocations: Vec<Revocation>,
}

/// What is remembered of a bucket and not covered, each target once, in the order of subjects. Tokens
/// and keys change no subject, so they are done again at `any` of the bucket.
pub(super) fn lost<'r>(
    any: SubjectKey,
    remembered: impl IntoIterator<Item = &'r Revocation>,
    covered: &Covered,
) -> Vec<Lost> {
    let mut said = Covered::default();
    let mut subjects: BTreeMap<SubjectKey, Vec<&Revocation>> = BTreeMap::new();
    for revocation in remembered {
        if !covered.covers(revocation) && !said.covers(revocation) {
            said.add(revocation);
            subjects.entry(home(&revocation.target).unwrap_or(any)).or_default().push(revocation);
        }
    }
    let chunks = subjects.iter().flat_map(|(subject, lost)| {
        lost.chunks(CHUNK).map(|chunk| Lost {
            subject: *subject,
            revocations: chunk.iter().copied().cloned().collect(),
        })
    });
    chunks.collect()
}

/// The subject whose record a revocation has changed.
pub(super) fn home(target: &Target) -> Option<SubjectKey> {
    match target {
        Target::Session(id, _) => Some(id.subject()),
        Target::Subject(key, _) => Some(*key),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
