//! A list that outlives its process.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton::{StalePolicy, Staleness, Timestamp};
use jeton_feed::subscribe::{Credentials, Settings};
use tempfile::TempDir;

use super::given::{Case, MOST, ended, session, settings};
use crate::issuer::{Issuer, NOW, eventually};

/// A file that a subscriber has written, and its issuer, which is away now.
struct Left {
    folder: TempDir,
    case: Option<Case>,
}

impl Left {
    async fn behind() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("revocations");
        let case = Case::start(|issuer| {
            issuer.revoke(ended(session(1)));
            settings(issuer).with_file(&path)
        });
        let case = case.await;
        case.subscriber.wait_ready(MOST).await.unwrap();
        eventually("written", || path.exists()).await;
        case.issuer.world().broken.insert("/oauth2/token", 503);
        Self { folder, case: Some(case) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("revocations")
    }

    /// Another subscriber starts from it.
    fn start(&mut self, settings: impl FnOnce(&Issuer, &Path) -> Settings) -> Case {
        let Case { key, issuer, subscriber, .. } = self.case.take().unwrap();
        drop(subscriber);
        let path = self.path();
        Case::at(key, issuer, |issuer| settings(issuer, &path))
    }
}

/// INV1, INV5
#[tokio::test]
async fn a_restart_without_the_issuer_refuses_what_was_refused_and_is_not_fresh() {
    let mut left = Left::behind().await;
    let mode = fs::metadata(left.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(left.folder.path()).unwrap().count(), 1, "nothing else is left");

    let case = left.start(|issuer, path| settings(issuer).with_file(path));

    assert_eq!(case.code(session(1)), "logged_out");
    assert_eq!(case.code(session(2)), "stale");
    assert_eq!(case.subscriber.status().staleness, None);

    case.issuer.world().broken.clear();
    case.subscriber.wait_ready(MOST).await.unwrap();
    assert_eq!(case.code(session(2)), "accepted");
}

#[tokio::test]
async fn a_clock_that_was_set_back_before_the_start_revives_nothing() {
    let mut left = Left::behind().await;

    let case = left.start(|issuer, path| {
        let client = Credentials::client("orders", "jcs_s:cret");
        Settings::new(&issuer.url, client, || Timestamp::from_secs(1_000)).with_file(path)
    });

    let now = case.subscriber.clock()().wall();
    assert!(now >= Timestamp::from_secs(NOW).before(Duration::from_secs(30)), "{now}");
}

/// INV1: what a clock that is wrong says of the time is not what the issuer said, a restart later.
#[tokio::test]
async fn a_clock_that_is_ahead_over_a_restart_forgets_nothing_and_ends_no_token() {
    static AHEAD: AtomicU64 = AtomicU64::new(3_600);
    let wall = || Timestamp::from_secs(NOW + AHEAD.load(Ordering::SeqCst));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("revocations");
    let settings = |issuer: &Issuer| {
        let client = Credentials::client("orders", "jcs_s:cret");
        let staleness = Staleness { policy: StalePolicy::Refuse, ..Staleness::default() };
        Settings::new(&issuer.url, client, wall).with_file(&path).with_staleness(staleness)
    };
    let case = Case::start(|issuer| {
        issuer.revoke(ended(session(1)));
        settings(issuer)
    });
    let case = case.await;
    case.subscriber.wait_ready(MOST).await.unwrap();
    eventually("written", || path.exists()).await;
    case.issuer.world().broken.insert("/oauth2/token", 503);
    let Case { key, issuer, subscriber, .. } = case;
    drop(subscriber);
    let asked = issuer.asked("/oauth2/token");

    let case = Case::at(key, issuer, settings);
    eventually("at work", || case.issuer.asked("/oauth2/token") > asked + 1).await;
    AHEAD.store(0, Ordering::SeqCst);

    assert_eq!(case.code(session(1)), "logged_out");
    assert_eq!(case.code(session(2)), "stale");
}

#[tokio::test]
async fn a_file_that_is_not_ours_or_not_whole_is_not_read() {
    type Damage = fn(&Path);
    let flip: Damage = |path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let cut: Damage = |path| fs::write(path, &fs::read(path).unwrap()[..100]).unwrap();
    let open: Damage = |path| fs::set_permissions(path, PermissionsExt::from_mode(0o620)).unwrap();
    let replace: Damage = |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    };
    let rows: [(&str, Damage); 4] = [
        ("one bit", flip),
        ("half of it", cut),
        ("others may write it", open),
        ("a folder", replace),
    ];
    for (name, damage) in rows {
        let mut left = Left::behind().await;
        damage(&left.path());

        let case = left.start(|issuer, path| settings(issuer).with_file(path));

        assert_eq!((case.subscriber.status().entries, case.subscriber.jwks()), (0, None), "{name}");
    }

    let mut left = Left::behind().await;
    let case = left.start(|issuer, path| settings(issuer).with_file(path).with_snapshot_limit(100));
    assert_eq!(case.subscriber.status().entries, 0, "larger than a snapshot may be");

    let mut left = Left::behind().await;
    let case = left.start(|issuer, path| {
        let client = Credentials::client("orders", "jcs_s:cret");
        let another = format!("{}/another", issuer.url);
        Settings::new(another, client, crate::issuer::wall).with_file(path)
    });
    assert_eq!(case.subscriber.jwks(), None, "another issuer's keys");
}

#[tokio::test]
async fn where_no_file_can_be_written_the_list_is_kept_all_the_same() {
    let case = Case::start(|issuer| settings(issuer).with_file("/proc/nowhere/revocations")).await;

    case.subscriber.wait_ready(MOST).await.unwrap();

    assert_eq!(case.code(session(1)), "accepted");
}
