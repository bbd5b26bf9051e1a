//! Passwords that are replaced, and their notes.

use tokio::task::JoinSet;

use super::{Outcome, change, id, new_hash, phc, record};
use crate::{AccountStore, Change, NewHash, Phc, Record};

/// A login that replaces a hash loses against whoever replaced it before, and counts for nothing.
pub async fn a_hash_is_replaced_only_if_it_is_still_the_same<S: AccountStore>(
    store: &S,
) -> Outcome {
    let old = record("ann");
    store.insert(old.clone()).await?;
    store.insert(record("bob")).await?;

    assert!(store.rehash(old.clone(), phc(2)).await?);
    assert!(!store.rehash(old.clone(), phc(3)).await?, "it is another one by now");
    assert!(!store.rehash(record("nobody"), phc(3)).await?);

    let expected = Record { phc: phc(2), ..old.clone() };
    assert_eq!(store.by_id(&old.account.id).await?, Some(expected), "the credential stays");
    assert_eq!(store.by_name("bob".to_owned()).await?, Some(record("bob")));
    assert_eq!(store.changes(None).await?, []);
    Ok(())
}

/// A new password counts the credential up and leaves a note; an unknown account leaves none.
pub async fn a_password_and_its_note_are_one_commit<S: AccountStore>(store: &S) -> Outcome {
    let ann = record("ann");
    store.insert(ann.clone()).await?;
    store.insert(record("bob")).await?;

    let first = change(store, "ann", Some("a session")).await?;
    let second = change(store, "ann", None).await?;
    let nobody = store.replace(NewHash { account: id("nobody", 1), ..new_hash("ann") }).await?;

    assert_eq!(nobody, None);
    assert_eq!(
        (first.account.as_str(), first.keep.as_deref()),
        (&*ann.account.id, Some("a session"))
    );
    assert_eq!(second.keep, None);
    let now = store.by_id(&ann.account.id).await?.map(|now| (now.phc, now.account.credential));
    assert_eq!(now, Some((new_hash("ann").phc, 3)));
    assert_eq!(store.changes(None).await?, [first, second]);
    assert_eq!(store.by_name("bob".to_owned()).await?, Some(record("bob")));
    Ok(())
}

/// Whoever verified a password that is no longer the current one changes nothing.
pub async fn a_password_is_replaced_only_if_it_is_still_the_same<S: AccountStore>(
    store: &S,
) -> Outcome {
    let ann = record("ann");
    store.insert(ann.clone()).await?;

    for replaces in [0, 2, u64::from(u32::MAX) + 1] {
        let new = NewHash { replaces: Some(replaces), ..new_hash("ann") };
        assert_eq!(store.replace(new).await?, None, "{replaces}");
    }
    assert_eq!(store.by_id(&ann.account.id).await?, Some(ann));
    assert_eq!(store.changes(None).await?, []);
    let new = NewHash { replaces: Some(1), ..new_hash("ann") };
    assert!(store.replace(new).await?.is_some());
    Ok(())
}

/// Concurrent changes of the same password: one of them, with one note.
pub async fn of_many_who_replace_one_password_at_once_one_succeeds<S: AccountStore>(
    store: &S,
) -> Outcome {
    store.insert(record("ann")).await?;
    let mut changing = JoinSet::new();
    for n in 10..26 {
        let store = store.clone();
        let new = NewHash { phc: phc(n), replaces: Some(1), ..new_hash("ann") };
        changing.spawn(async move {
            store.replace(new).await.map(|change| change.map(|change| (change, phc(n))))
        });
    }

    let done: Result<Vec<_>, _> = changing.join_all().await.into_iter().collect();

    let (changes, hashes): (Vec<Change>, Vec<Phc>) = done?.into_iter().flatten().unzip();
    assert_eq!(changes.len(), 1);
    assert_eq!(store.changes(None).await?, changes);
    let now = store.by_name("ann".to_owned()).await?;
    let now = now.map(|now| (now.account.credential, vec![now.phc]));
    assert_eq!(now, Some((2, hashes)));
    Ok(())
}
