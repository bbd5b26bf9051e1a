//! What is done to one subject, by the real rules.

use jeton::{Revocation, SubjectKey, Timestamp};
use jeton_session::rules::{self, Opening, Presented, Presenter, Rotation, Which};
use jeton_session::{SessionPolicy, Step, Subject};

use crate::redis::lineage::Attempt;

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Open(SubjectKey, u64),
    Refresh(SubjectKey, Presented),
    End(SubjectKey, Presented),
    Recall(SubjectKey),
}

#[derive(Clone, Debug)]
pub(super) enum Work {
    Client { act: Act, since: u64 },
    Restore { attempt: Attempt, subject: SubjectKey, lost: Vec<Revocation> },
}

/// A pair of tokens: its session, the generation of the next refresh token, the version.
pub(super) type Pair = Option<(Presented, u64)>;

impl Work {
    pub(super) fn subject(&self) -> SubjectKey {
        match self {
            Self::Client { act: Act::Open(subject, _) | Act::Recall(subject), .. }
            | Self::Client { act: Act::Refresh(subject, _) | Act::End(subject, _), .. }
            | Self::Restore { subject, .. } => *subject,
        }
    }

    /// The real rules.
    pub(super) fn step(
        &self,
        before: &Subject,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Step<Pair> {
        let pair = |granted: rules::Granted| {
            let (session, generation) = (granted.session.id, granted.session.generation);
            Some((Presented { session, generation }, granted.version))
        };
        match self {
            Self::Client { act: Act::Open(_, random), .. } => {
                let ask = Opening {
                    random: random.to_be_bytes(),
                    device: None,
                    client: "web".to_owned(),
                    scope: None,
                    claims: serde_json::Map::new(),
                    amr: Vec::new(),
                };
                rules::open(before, &ask, policy, now).map(|granted| granted.and_then(pair))
            }
            Self::Client { act: Act::Refresh(_, held), .. } => {
                let web = Presenter::client("web");
                rules::rotate(before, *held, &web, policy, now).map(|rotation| match rotation {
                    Rotation::Rotated(granted)
                    | Rotation::Repeated(granted)
                    | Rotation::Repaired(granted) => pair(granted),
                    _ => None,
                })
            }
            Self::Client { act: Act::End(_, held), .. } => {
                let one = Which::One(held.session);
                rules::end(before, one, jeton::Reason::LoggedOut, policy, now).map(|_| None)
            }
            Self::Client { act: Act::Recall(_), .. } => {
                rules::recall(before, None, policy, now).map(|_| None)
            }
            Self::Restore { lost, .. } => {
                rules::reassert(before, lost, now.after(policy.retention)).map(|()| None)
            }
        }
    }
}
