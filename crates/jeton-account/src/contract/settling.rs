//! Changes that are settled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{Outcome, change, id, record};
use crate::{AccountError, AccountStore};

/// A number that was given stays given, even when nothing is left that has it.
pub async fn changes_count_up_and_are_never_counted_twice<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    let mut last = 0;

    for round in 0..5 {
        let seq = change(store, "ann", None).await?.seq;
        assert!(seq > last, "round {round}: {seq} after {last}");
        last = seq;
        store.settle(&id("ann", 0), |_| async { Ok(()) }).await?;
        assert_eq!(store.changes(None).await?, []);
    }
    Ok(())
}

/// Asking for one account tells nothing of another.
pub async fn the_changes_of_one_account_are_told_apart<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    store.insert(record("bob")).await?;
    let first = change(store, "ann", None).await?;
    let second = change(store, "bob", None).await?;
    let third = change(store, "ann", None).await?;

    assert_eq!(store.changes(Some(&id("ann", 0))).await?, [first, third]);
    assert_eq!(store.changes(Some(&id("bob", 0))).await?, [second]);
    assert_eq!(store.changes(Some("nobody")).await?, []);
    assert_eq!(store.changes(None).await?.len(), 3);
    Ok(())
}

/// Settling hands over all changes of the account, and those of nobody else.
pub async fn settling_forgets_what_was_handed_over<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    store.insert(record("bob")).await?;
    let first = change(store, "ann", Some("kept")).await?;
    let other = change(store, "bob", None).await?;
    let second = change(store, "ann", None).await?;

    let handed = store.settle(&id("ann", 0), |changes| async { Ok(changes) }).await?;

    assert_eq!(handed, Some(vec![first, second]));
    assert_eq!(store.changes(None).await?, [other]);
    Ok(())
}

/// Where nothing is pending, nobody is called.
pub async fn what_is_settled_is_not_settled_again<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    change(store, "ann", None).await?;
    let called = AtomicU32::new(0);
    let end = |_| async {
        called.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };

    assert_eq!(store.settle(&id("ann", 0), end).await?, Some(()));
    assert_eq!(store.settle(&id("ann", 0), end).await?, None);
    assert_eq!(store.settle("nobody", end).await?, None);

    assert_eq!(called.into_inner(), 1);
    Ok(())
}

/// Sessions that could not be ended are ended by the next who tries.
pub async fn a_change_that_could_not_be_settled_is_pending_still<S: AccountStore>(
    store: &S,
) -> Outcome {
    store.insert(record("ann")).await?;
    let first = change(store, "ann", None).await?;
    let unavailable = || AccountError::Unavailable("no sessions".to_owned());

    let failed: Result<Option<()>, _> =
        store.settle(&id("ann", 0), |_| async { Err(unavailable()) }).await;

    assert_eq!(failed, Err(unavailable()));
    assert_eq!(store.changes(None).await?, std::slice::from_ref(&first));
    let again = store.settle(&id("ann", 0), |changes| async { Ok(changes) }).await?;
    assert_eq!(again, Some(vec![first]));
    Ok(())
}

/// A request whose client hangs up in the middle leaves the change to the next, who need not wait.
pub async fn a_change_whose_settling_was_given_up_is_pending_still<S: AccountStore>(
    store: &S,
) -> Outcome {
    store.insert(record("ann")).await?;
    let first = change(store, "ann", None).await?;
    let (begun, settling) = (Arc::new(Notify::new()), store.clone());
    let begins = Arc::clone(&begun);
    let request = tokio::spawn(async move {
        let end = |_| async move {
            begins.notify_one();
            std::future::pending::<Result<(), AccountError>>().await
        };
        settling.settle(&id("ann", 0), end).await
    });
    begun.notified().await;
    request.abort();
    let given_up = request.await;

    let again = store.settle(&id("ann", 0), |changes| async { Ok(changes) }).await?;

    assert!(given_up.is_err_and(|error| error.is_cancelled()));
    assert_eq!(again, Some(vec![first]));
    Ok(())
}

/// However many settle the same account, one ends the sessions; the others find nothing to do.
pub async fn of_many_who_settle_at_once_one_is_called<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    for _round in 0..10 {
        change(store, "ann", None).await?;
        let called = Arc::new(AtomicU32::new(0));
        let mut settling = JoinSet::new();
        for _ in 0..8 {
            let (store, called) = (store.clone(), Arc::clone(&called));
            settling.spawn(async move {
                let end = |_| async move {
                    called.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok(())
                };
                store.settle(&id("ann", 0), end).await
            });
        }

        let settled: Result<Vec<_>, _> = settling.join_all().await.into_iter().collect();

        assert_eq!(settled?.into_iter().flatten().count(), 1);
        assert_eq!(called.load(Ordering::Relaxed), 1);
    }
    Ok(())
}

/// A password that changes while an earlier change is being settled has its own turn.
pub async fn a_change_made_meanwhile_is_not_forgotten<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;
    let first = change(store, "ann", None).await?;

    let end = |handed| async { Ok((handed, change(store, "ann", None).await?)) };
    let settled = store.settle(&id("ann", 0), end).await?;

    let (handed, second) = settled.unzip();
    assert_eq!(handed, Some(vec![first]));
    assert_eq!(store.changes(None).await?, Vec::from_iter(second));
    Ok(())
}
