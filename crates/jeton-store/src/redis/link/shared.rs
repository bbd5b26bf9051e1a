//! Where a command goes, and whether it goes a second time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use redis::Value;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, sleep};

use crate::redis::link::address::Address;
use crate::redis::link::dial::{Dialer, Live};
use crate::redis::link::failure::{Failure, Lost};
use crate::redis::link::node::pause;
use crate::redis::link::primary::Primary;
use crate::redis::link::routes::Routes;
use crate::redis::link::topology::Topology;
use crate::redis::link::work::Work;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::RedisSettings;

/// How often the topology is asked at most.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(50);

/// How often it is asked although nothing has failed.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// How often a command follows servers that send it on before it takes a rest.
const HOPS: u32 = 3;

/// What all callers share.
pub(super) struct Shared {
    pub(super) deadline: Duration,
    pub(super) topology: Topology,
    pub(super) routes: watch::Sender<Routes>,
    dialer: Arc<Dialer>,
    /// When the topology may be asked again; `None` while it is.
    question: Mutex<Option<Instant>>,
}

/// Where a command goes this time.
enum Target {
    /// To whoever has its slot.
    Owner,
    /// A server has sent it there.
    Moved(String),
    /// A server has sent it there, for this one time.
    Ask(String),
}

impl Shared {
    pub(super) async fn open(settings: &RedisSettings) -> Result<Arc<Self>, OpenRedisError> {
        let deadline = settings.deadline;
        let shared = Arc::new(Self {
            deadline,
            topology: Topology::of(settings)?,
            routes: watch::Sender::new(Routes::default()),
            dialer: Arc::new(Dialer::to_servers(settings)?),
            question: Mutex::new(Some(Instant::now())),
        });
        // Longer than it may take to connect, so that the reason is heard and not the silence.
        let patience = deadline.saturating_mul(2);
        shared.learn(patience).await?;
        if let Some(slot) = shared.routes.borrow().first_gap() {
            return Err(OpenRedisError::ClusterDown(format!("nobody serves slot {slot}")));
        }
        for primary in shared.primaries() {
            let reached = primary.reach(Instant::now() + patience).await;
            reached.map_err(|error| OpenRedisError::of_server(primary.address(), error))?;
        }
        if !shared.topology.is_fixed() {
            tokio::spawn(keep_asking(Arc::downgrade(&shared)));
        }
        Ok(shared)
    }

    /// Sends a command to where its keys are, until it has run or the deadline has passed.
    pub(super) async fn perform(
        self: &Arc<Self>,
        slot: u16,
        work: &Work<'_>,
    ) -> Result<Value, Lost> {
        let until = Instant::now() + self.deadline;
        let (mut target, mut tries) = (Target::Owner, 0);
        loop {
            let version = self.routes.borrow().version;
            let (primary, outcome) = self.attempt(slot, &target, work, until).await;
            let failure = match outcome {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if failure.doubts_topology() {
                self.refresh(version);
            }
            let error = || lost(primary.as_deref(), &failure);
            target = match &failure {
                Failure::Refused(_) | Failure::Forbidden(_) | Failure::Unknown(_) => {
                    return Err(error());
                }
                Failure::Moved(address) => Target::Moved(address.clone()),
                Failure::Ask(address) => Target::Ask(address.clone()),
                _ => Target::Owner,
            };
            tries += 1;
            if tries > HOPS || matches!(target, Target::Owner) {
                let rest = pause(tries);
                if Instant::now() + rest >= until {
                    return Err(error());
                }
                sleep(rest).await;
            }
        }
    }

    /// One attempt, and who it was made with.
    async fn attempt(
        &self,
        slot: u16,
        target: &Target,
        work: &Work<'_>,
        until: Instant,
    ) -> (Option<Arc<Primary>>, Result<Value, Failure>) {
        let primary = match target {
            Target::Owner => self.routes.borrow().of(slot).cloned(),
            Target::Moved(address) | Target::Ask(address) => {
                Address::parse(address).map(|address| self.server(&address))
            }
        };
        let Some(primary) = primary else {
            return (None, Err(Failure::NotPrimary(format!("nobody serves slot {slot}"))));
        };
        let is_guest = matches!(target, Target::Ask(_));
        let mut outcome = primary.perform(work, is_guest, until).await;
        if let (Err(Failure::NoScript), Some(script)) = (&outcome, work.script) {
            outcome = match primary.load(work, script, until).await {
                Ok(()) => primary.perform(work, is_guest, until).await,
                Err(Failure::Unknown(words)) => Err(Failure::Later(words)),
                Err(failure) => Err(failure),
            };
        }
        (Some(primary), outcome)
    }

    /// A connection of one's own to the primary of a slot.
    pub(super) async fn own(
        self: &Arc<Self>,
        slot: u16,
        until: Instant,
    ) -> Result<(Address, Live), Lost> {
        let mut tries = 0;
        loop {
            let (version, primary) = {
                let routes = self.routes.borrow();
                (routes.version, routes.of(slot).cloned())
            };
            let failure = match &primary {
                Some(primary) => match primary.own(until).await {
                    Ok(live) => return Ok((primary.address().clone(), live)),
                    Err(error) => Failure::Unconnected(error),
                },
                None => Failure::NotPrimary(format!("nobody serves slot {slot}")),
            };
            self.refresh(version);
            tries += 1;
            let rest = pause(tries);
            if Instant::now() + rest >= until {
                return Err(lost(primary.as_deref(), &failure));
            }
            sleep(rest).await;
        }
    }

    /// Every primary once.
    pub(super) fn primaries(&self) -> Vec<Arc<Primary>> {
        self.routes.borrow().primaries()
    }

    pub(super) async fn infos(&self) -> Result<Vec<(Address, String)>, Lost> {
        let until = Instant::now() + self.deadline;
        let mut infos = Vec::new();
        for primary in self.primaries() {
            let answer = primary.ask(&redis::cmd("INFO"), until).await;
            let answer = answer.map_err(|failure| lost(Some(&primary), &failure))?;
            let text = redis::from_redis_value::<String>(answer);
            let text = text.map_err(|_| Lost::of_data("INFO is no text".to_owned()))?;
            infos.push((primary.address().clone(), text));
        }
        Ok(infos)
    }

    /// Asks the topology again, unless somebody has since this version, or does.
    pub(super) fn refresh(self: &Arc<Self>, version: u64) {
        let mut question = self.question.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = question.is_some_and(|next| Instant::now() >= next);
        if !is_due || self.routes.borrow().version != version {
            return;
        }
        *question = None;
        drop(question);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = shared.learn(shared.deadline).await {
                tracing::debug!(%error, "cannot learn where Redis is");
            }
            let mut question = shared.question.lock().unwrap_or_else(PoisonError::into_inner);
            *question = Some(Instant::now() + BETWEEN_QUESTIONS);
        });
    }

    async fn learn(&self, patience: Duration) -> Result<(), OpenRedisError> {
        let until = Instant::now() + patience;
        let map = self.topology.learn(self.primaries(), |at| self.server(at), until).await?;
        self.routes.send_if_modified(|routes| {
            let is_new = !routes.are(&map);
            if is_new {
                *routes = routes.next(&map, |address| Primary::new(address, &self.dialer));
            }
            is_new
        });
        Ok(())
    }

    /// The server at an address that another server has told.
    fn server(&self, address: &Address) -> Arc<Primary> {
        let known = self.routes.borrow().at(address).cloned();
        known.unwrap_or_else(|| {
            let guest = Primary::new(address, &self.dialer);
            self.routes.send_modify(|routes| routes.add_guest(Arc::clone(&guest)));
            guest
        })
    }
}

/// Asks the topology again and again: a primary that was cut off from all others may be the only one
/// that does not know that another has taken its place.
async fn keep_asking(shared: Weak<Shared>) {
    let mut ticks = tokio::time::interval(BETWEEN_LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        let version = shared.routes.borrow().version;
        shared.refresh(version);
    }
}

fn lost(primary: Option<&Primary>, failure: &Failure) -> Lost {
    Lost::new(primary.map(|primary| primary.address().clone()), failure.clone())
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routes = self.routes.borrow();
        formatter.debug_struct("Link").field("routes", &*routes).finish_non_exhaustive()
    }
}
