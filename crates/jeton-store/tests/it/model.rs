use std::time::Duration;

use jeton::{Reason, SessionId, SubjectKey, Timestamp};
use jeton_session::rules::{self, Opening, Presented, Presenter, Rotation, Which};
use jeton_session::{Cursor, MemoryStore, Page, SessionPolicy, SessionStore, Step, Subject, Terms};
use jeton_store::SqliteStore;
use proptest::prelude::*;
use serde_json::Map;
use tempfile::tempdir;

/// What may happen to three subjects with a few sessions each.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Open { subject: u8, random: u8 },
    Rotate { subject: u8, random: u8, generation: u64 },
    End { subject: u8, random: u8 },
    EndOthers { subject: u8, random: u8 },
    EndAll { subject: u8 },
    Recall { subject: u8 },
    Expire { subject: u8 },
}

/// An answer of any rule, as text: enough to compare.
pub(crate) fn step(act: &Act, policy: SessionPolicy, now: Timestamp) -> (SubjectKey, Rule) {
    let session = |subject, random| SessionId::new(key(subject), [random; 8]);
    match *act {
        Act::Open { subject, random } => {
            let opening = Opening {
                random: [random; 8],
                device: None,
                client: "web".to_owned(),
                scope: None,
                claims: Map::new(),
                amr: vec!["pwd".to_owned()],
            };
            rule(subject, move |s| rules::open(s, &opening, &policy, now))
        }
        Act::Rotate { subject, random, generation } => {
            let presented = Presented { session: session(subject, random), generation };
            let web = Presenter::client("web");
            rule(subject, move |s| -> Step<Rotation> {
                rules::rotate(s, presented, &web, &policy, now)
            })
        }
        Act::End { subject, random } => {
            let which = Which::One(session(subject, random));
            rule(subject, move |s| rules::end(s, which, Reason::LoggedOut, &policy, now))
        }
        Act::EndOthers { subject, random } => {
            let which = Which::Others(session(subject, random));
            rule(subject, move |s| rules::end(s, which, Reason::PasswordChanged, &policy, now))
        }
        Act::EndAll { subject } => {
            rule(subject, move |s| rules::end(s, Which::All, Reason::Banned, &policy, now))
        }
        Act::Recall { subject } => rule(subject, move |s| rules::recall(s, None, &policy, now)),
        Act::Expire { subject } => rule(subject, move |s| rules::expire(s, now)),
    }
}

pub(crate) type Rule = Box<dyn Fn(&Subject) -> Step<String> + Send + Sync>;

fn rule<T: std::fmt::Debug>(
    subject: u8,
    rule: impl Fn(&Subject) -> Step<T> + Send + Sync + 'static,
) -> (SubjectKey, Rule) {
    (key(subject), Box::new(move |s| rule(s).map(|answer| format!("{answer:?}"))))
}

fn key(subject: u8) -> SubjectKey {
    SubjectKey::of(&subject.to_string())
}

pub(crate) async fn everything(
    store: &impl SessionStore,
) -> (Vec<Subject>, Vec<jeton::Revocation>) {
    let page = store.subjects(Page { after: None, limit: 100 }).await.unwrap();
    let feed = store.tail(Cursor::START, Duration::ZERO).await.unwrap();
    let living = page.subjects.into_iter().filter(|subject| !subject.is_blank());
    (living.collect(), feed.revocations)
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<(Act, u64)>> {
    let act =
        (0..7_u8, 0..3_u8, 0..4_u8, 0..4_u64).prop_map(|(kind, subject, random, generation)| {
            match kind {
                0 => Act::Open { subject, random },
                1 => Act::End { subject, random },
                2 => Act::EndOthers { subject, random },
                3 => Act::EndAll { subject },
                4 => Act::Recall { subject },
                5 => Act::Expire { subject },
                _ => Act::Rotate { subject, random, generation },
            }
        });
    prop::collection::vec((act, 0..12_u64), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, file and memory hold the same, answer the same, and a reopened file too.
    #[test]
    fn sqlite_agrees_with_memory(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let folder = tempdir().unwrap();
            let path = folder.path().join("jeton.db");
            let (memory, sqlite) = (MemoryStore::new(), SqliteStore::open(&path).unwrap());
            let policy = Terms::new("https://login.example", "api").session_policy();
            let mut now = Timestamp::from_secs(1_800_000_000);
            for (act, passed) in acts {
                now = now.after(Duration::from_secs(passed));
                let (subject, rule) = step(&act, policy, now);
                let expected = memory.update(subject, rule).await.unwrap();
                let (subject, rule) = step(&act, policy, now);
                prop_assert_eq!(sqlite.update(subject, rule).await.unwrap(), expected);
            }
            let expected = everything(&memory).await;
            prop_assert_eq!(&everything(&sqlite).await, &expected);
            drop(sqlite);
            let sqlite = SqliteStore::open(&path).unwrap();
            prop_assert_eq!(&everything(&sqlite).await, &expected);
            Ok(())
        })?;
    }
}
