//! What a hub says where others publish the same feed.

use std::time::Duration;

use jeton_feed::wire::{Event, FeedCursor, Polled, WireEntry};
use tokio::time::{Instant, advance};

use super::double::{FEED, Node};
use crate::listener::Stream;
use crate::publisher::entry;

fn at(position: u64) -> FeedCursor {
    FeedCursor { feed: FEED, position }
}

/// A process that has told everything up to this place.
fn complete_at(place: u64) -> Node {
    let node = Node::start();
    node.publisher.publish(&[], 0, place).unwrap();
    node.publisher.complete(Instant::now());
    node
}

impl Node {
    fn tell_of(&self, number: u64, highest: u64, complete: u64) {
        self.publisher.publish(&[entry(number)], highest, complete).unwrap();
    }

    async fn poll(&self, cursor: FeedCursor, secs: u64) -> Polled {
        let polled = self.publisher.poll(Some(cursor), Duration::from_secs(secs)).await.unwrap();
        serde_json::from_slice(&polled).unwrap()
    }
}

/// From where to where an event leads, and with what.
fn rev(event: Option<Event>) -> (u64, u64, Vec<WireEntry>) {
    let Some(Event::Revocations(rev)) = event else { panic!("{event:?}") };
    (rev.after.position, rev.cursor.position, rev.e)
}

async fn skip_to_heartbeat(stream: &mut Stream) -> u64 {
    loop {
        if let Some(Event::Heartbeat(heartbeat)) = stream.next().await {
            return heartbeat.cursor.position;
        }
    }
}

#[tokio::test]
async fn a_cursor_stays_until_everything_up_to_another_is_told() {
    let node = complete_at(10);
    let mut stream = Stream::new(node.publisher.subscribe(at(10)).unwrap());
    assert_eq!(skip_to_heartbeat(&mut stream).await, 10);

    node.tell_of(1, 17, 10);
    node.tell_of(2, 12, 10);
    node.publisher.publish(&[], 0, 15).unwrap();
    node.publisher.publish(&[], 0, 15).unwrap();
    node.publisher.heartbeat().unwrap();

    assert_eq!(rev(stream.next().await), (10, 10, vec![entry(1)]));
    assert_eq!(rev(stream.next().await), (10, 10, vec![entry(2)]));
    assert_eq!(rev(stream.next().await), (10, 15, vec![]), "told once");
    assert_eq!(skip_to_heartbeat(&mut stream).await, 15);
    let mut later = Stream::new(node.publisher.subscribe(at(12)).unwrap());
    later.next().await;
    assert_eq!(rev(later.next().await), (12, 15, vec![entry(1)]), "what may lie beyond");
}

/// It has more than can be told here.
#[tokio::test]
async fn a_reader_from_a_process_that_is_ahead_goes_back() {
    let node = complete_at(10);
    for (number, place) in [(1, 8), (2, 14), (3, 40)] {
        node.tell_of(number, place, 10);
    }

    let mut stream = Stream::new(node.publisher.subscribe(at(30)).unwrap());
    let polled = node.poll(at(30), 0).await;

    stream.next().await;
    let (after, to, told) = rev(stream.next().await);
    assert_eq!((after, to), (30, 10));
    assert!(told.contains(&entry(3)));
    assert_eq!(skip_to_heartbeat(&mut stream).await, 10);
    assert_eq!((polled.after, polled.cursor, polled.reset), (at(30), at(10), false));
    assert!(polled.e.contains(&entry(3)));
}

/// Those who are cut off together get the same bytes, but not those of before something came.
#[tokio::test]
async fn what_came_while_the_cursor_stayed_is_told_to_the_next_as_well() {
    let node = complete_at(10);
    node.tell_of(1, 14, 10);
    drop(node.publisher.subscribe(at(10)).unwrap());
    node.tell_of(2, 15, 10);

    let mut stream = Stream::new(node.publisher.subscribe(at(10)).unwrap());

    stream.next().await;
    assert_eq!(rev(stream.next().await), (10, 10, vec![entry(1), entry(2)]));
}

/// INV1: a store that was complete too early is no reason to keep a revocation back.
#[tokio::test]
async fn what_comes_where_nothing_should_is_told_all_the_same() {
    let node = complete_at(10);
    let mut stream = Stream::new(node.publisher.subscribe(at(10)).unwrap());
    skip_to_heartbeat(&mut stream).await;

    node.tell_of(1, 9, 10);

    assert_eq!(rev(stream.next().await), (10, 10, vec![entry(1)]));
    assert_eq!(node.poll(at(10), 0).await.e, [entry(1)]);
}

/// A poll that answered whenever a cursor moves would be asked again each second, by everybody.
#[tokio::test(start_paused = true)]
async fn a_poll_waits_for_a_revocation_and_not_for_a_cursor() {
    let node = complete_at(10);
    let begin = Instant::now();
    let act = async {
        for place in 11..15 {
            advance(Duration::from_secs(1)).await;
            node.publisher.publish(&[], 0, place).unwrap();
        }
        advance(Duration::from_secs(1)).await;
        node.tell_of(1, 99, 14);
        std::future::pending::<()>().await;
    };

    let polled = tokio::select! {
        polled = node.poll(at(10), 25) => polled,
        () = act => unreachable!(),
    };

    assert_eq!(begin.elapsed().as_secs(), 5);
    assert_eq!((polled.cursor, polled.e), (at(14), vec![entry(1)]));
}

/// What lies behind everything that is complete is answered again, but not as fast as one can ask.
#[tokio::test(start_paused = true)]
async fn polls_do_not_run_in_circles_while_a_cursor_stays() {
    let node = complete_at(10);
    node.tell_of(1, 99, 10);
    let (begin, mut cursor) = (Instant::now(), at(10));
    let ask = async {
        for _ in 0..8 {
            let polled = node.poll(cursor, 25).await;
            assert_eq!(polled.e, [entry(1)]);
            cursor = polled.cursor;
        }
    };
    ask.await;
    assert_eq!(begin.elapsed(), Duration::from_secs(2));

    // A process that is alone has passed what it tells.
    node.tell_of(2, 100, 100);
    let begin = Instant::now();
    assert_eq!(node.poll(cursor, 25).await.cursor, at(100));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert!(node.poll(at(100), 3).await.e.is_empty());
    assert_eq!(begin.elapsed(), Duration::from_secs(3));
}
