//! A store that several processes share, as far as a feed sees it, and the processes.
//!
//! What is revoked is in one of a few streams, each with a clock of its own that only goes up and
//! counts the places. Processes read the streams in different orders, and hear of what they have
//! revoked themselves before they have read what came before it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Entry, Fingerprint, Reason, Refused, RevocationList, Timestamp};
use jeton_feed::publish::{Origin, Publisher};
use tokio::time::Instant;

pub(super) const FEED: u64 = 7;

/// How many streams there are.
pub(super) const STREAMS: usize = 3;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Places in a millisecond.
const PLACES: u64 = 16;

/// Something that was revoked, and since when that is certain.
#[derive(Clone, Debug)]
pub(super) struct Revoked {
    pub(super) place: u64,
    pub(super) at: Instant,
    pub(super) entry: Entry,
}

#[derive(Debug, Default)]
struct Stream {
    /// By how much its clock is ahead.
    ahead: u64,
    last: u64,
    revoked: Vec<Revoked>,
}

/// What the processes share.
#[derive(Debug)]
pub(super) struct Streams {
    began: Instant,
    all: [Stream; STREAMS],
    count: u64,
}

impl Streams {
    /// Streams whose clocks are ahead by so many milliseconds.
    pub(super) fn new(ahead: [u64; STREAMS]) -> Self {
        let stream = |ahead| Stream { ahead, ..Stream::default() };
        Self { began: Instant::now(), all: ahead.map(stream), count: 0 }
    }

    /// Revokes something; another thing each time.
    pub(super) fn revoke(&mut self, stream: usize) {
        let id = Fingerprint::from_u64(self.count);
        self.count += 1;
        self.revoke_what(stream, Refused::Session(id, Reason::LoggedOut));
    }

    pub(super) fn revoke_what(&mut self, stream: usize, refused: Refused) {
        let entry = Entry { refused, until: NOW.after(Duration::from_secs(690)) };
        let time = self.time(stream);
        let stream = &mut self.all[stream];
        stream.last = time.max(stream.last + 1);
        stream.revoked.push(Revoked { place: stream.last, at: Instant::now(), entry });
    }

    /// Everything that was ever revoked.
    pub(super) fn revoked(&self) -> impl Iterator<Item = &Revoked> {
        self.all.iter().flat_map(|stream| &stream.revoked)
    }

    /// Nothing more will come at the place that this answers, or before it.
    fn beat(&mut self, stream: usize) -> u64 {
        let time = self.time(stream);
        let last = &mut self.all[stream].last;
        *last = time.max(*last);
        *last
    }

    fn time(&self, stream: usize) -> u64 {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap();
        (1 + millis + self.all[stream].ahead) * PLACES
    }
}

#[derive(Debug)]
enum Read {
    Revoked(Revoked),
    /// Everything up to this place is before it.
    Complete(u64),
}

/// A process: what it has read, and what it has told of that.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) publisher: Publisher,
    list: Arc<RevocationList>,
    read: Vec<Read>,
    known: [BTreeSet<usize>; STREAMS],
    followed: usize,
    complete: u64,
    /// As of when it is complete once it has told so much of what it has read.
    proof: Option<(Instant, usize)>,
}

impl Node {
    pub(super) fn start() -> Self {
        let origin = Origin { feed: FEED, position: 0, retention: Duration::from_secs(690) };
        let list = Arc::new(RevocationList::new());
        let publisher = Publisher::new(origin, Arc::clone(&list), || NOW);
        let (read, known, followed, complete) = (Vec::new(), Default::default(), 0, 0);
        Self { publisher, list, read, known, followed, complete, proof: None }
    }

    /// Reads the next so many of a stream.
    pub(super) fn read(&mut self, streams: &Streams, stream: usize, most: usize) {
        let news = streams.all[stream].revoked.iter().enumerate();
        let news = news.filter(|(index, _)| !self.known[stream].contains(index)).take(most);
        let news: Vec<_> = news.map(|(index, revoked)| (index, revoked.clone())).collect();
        for (index, revoked) in news {
            self.known[stream].insert(index);
            self.read.push(Read::Revoked(revoked));
        }
    }

    /// Hears of the last of a stream, as if it had revoked it itself.
    pub(super) fn hear_last(&mut self, streams: &Streams, stream: usize) {
        let revoked = &streams.all[stream].revoked;
        if let Some(last) = revoked.last()
            && self.known[stream].insert(revoked.len() - 1)
        {
            self.read.push(Read::Revoked(last.clone()));
        }
    }

    /// Proves that it has read everything.
    pub(super) fn prove(&mut self, streams: &mut Streams) {
        let as_of = Instant::now();
        let beats = [0, 1, 2].map(|stream| {
            let place = streams.beat(stream);
            self.read(streams, stream, usize::MAX);
            place
        });
        self.read.push(Read::Complete(beats.into_iter().min().unwrap()));
        self.proof.get_or_insert((as_of, self.read.len()));
    }

    /// Tells the next so many of what it has read.
    pub(super) fn tell(&mut self, most: usize) {
        let (mut entries, mut highest) = (Vec::new(), 0);
        for read in self.read.iter().skip(self.followed).take(most) {
            self.followed += 1;
            match read {
                Read::Complete(place) => self.complete = self.complete.max(*place),
                Read::Revoked(Revoked { place, entry, .. }) => {
                    highest = highest.max(*place);
                    entries.push(entry.clone());
                }
            }
        }
        self.list.merge(&entries);
        let entries: Vec<_> = entries.into_iter().map(Into::into).collect();
        self.publisher.publish(&entries, highest, self.complete).unwrap();
        if let Some((as_of, _)) = self.proof.take_if(|(_, place)| *place <= self.followed) {
            self.publisher.complete(as_of);
        }
    }

    /// Whatever there is.
    pub(super) fn keep_up(&mut self, streams: &mut Streams) {
        self.prove(streams);
        self.tell(usize::MAX);
        self.publisher.heartbeat().unwrap();
    }
}
