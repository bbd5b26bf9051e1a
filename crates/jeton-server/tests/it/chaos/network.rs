//! A network between a verifier and its service that can be told to fail: it cuts, swallows, delays,
//! and drops, doubles, swaps and truncates the events of a stream.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::random::Random;

/// What happens to what comes from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Connections are closed, and new ones at once.
    Cut,
    /// Connections stay open and nothing comes through, as behind a broken router.
    Swallow,
    /// Everything comes so much later.
    Late(Duration),
    /// Every so many events one is left out.
    Drop(u32),
    /// Every so many events one comes twice.
    Double(u32),
    /// Every so many events two change places.
    Swap(u32),
    /// Every so many events one breaks off in the middle, and the connection with it.
    Truncate(u32),
}

/// Forwards connections to a service. Those that are open when it is dropped are closed.
pub(crate) struct Network {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where connections lead.
    service: Mutex<SocketAddr>,
    fault: Mutex<Fault>,
    /// Since when nothing comes through.
    dark: Mutex<Option<Instant>>,
    faults: AtomicU32,
    open: Mutex<Vec<TcpStream>>,
}

impl Network {
    pub(crate) fn to(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            service: Mutex::new(service),
            fault: Mutex::new(Fault::None),
            dark: Mutex::default(),
            faults: AtomicU32::new(0),
            open: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                // Whoever is cut off finds out by itself.
                thread::spawn(move || shared.carry(&client));
            }
        });
        Self { address, shared }
    }

    /// What happens from now on, to connections that are open as well.
    pub(crate) fn set(&self, fault: Fault) {
        let mut dark = self.shared.dark.lock().unwrap();
        *self.shared.fault.lock().unwrap() = fault;
        if fault == Fault::Cut {
            self.shared.close();
        }
        *dark = fault.is_total().then(|| dark.unwrap_or_else(Instant::now));
        self.shared.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// Where connections lead from now on: those that are open are closed.
    pub(crate) fn lead_to(&self, service: SocketAddr) {
        *self.shared.service.lock().unwrap() = service;
        self.shared.close();
    }

    /// Where they lead now.
    pub(crate) fn leads_to(&self) -> SocketAddr {
        *self.shared.service.lock().unwrap()
    }

    /// Since when nothing has come through, if nothing does.
    pub(crate) fn dark_since(&self) -> Option<Instant> {
        *self.shared.dark.lock().unwrap()
    }

    /// How often it was told to fail, or to stop failing.
    pub(crate) fn faults(&self) -> u32 {
        self.shared.faults.load(Ordering::Relaxed)
    }
}

impl Fault {
    /// One of them, and how long it lasts.
    pub(crate) fn any(random: &mut Random) -> (Self, Duration) {
        let every = 1 + u32::try_from(random.below(4)).unwrap();
        let fault = match random.below(9) {
            0 | 1 => Self::Cut,
            2 => Self::Swallow,
            3 => Self::Late(Duration::from_millis(random.below(2_500))),
            4 => Self::Drop(every),
            5 => Self::Double(every),
            6 => Self::Swap(every),
            7 => Self::Truncate(every),
            _ => Self::None,
        };
        (fault, Duration::from_millis(200 + random.below(2_800)))
    }

    /// Whether nothing comes through, whatever is sent.
    const fn is_total(self) -> bool {
        matches!(self, Self::Cut | Self::Swallow)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.set(Fault::Cut);
    }
}

impl Shared {
    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    fn close(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn carry(&self, client: &TcpStream) -> Option<()> {
        if self.fault() == Fault::Cut {
            return None;
        }
        let address = *self.service.lock().unwrap();
        let service = TcpStream::connect(address).ok()?;
        for stream in [client, &service] {
            stream.set_nodelay(true).ok()?;
            self.open.lock().unwrap().push(stream.try_clone().ok()?);
        }
        let (mut to_service, mut from_client) =
            (service.try_clone().ok()?, client.try_clone().ok()?);
        thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to_service);
            let _ = to_service.shutdown(Shutdown::Write);
        });
        self.answers(BufReader::new(service), client);
        let _ = client.shutdown(Shutdown::Both);
        Some(())
    }

    /// One answer after the other; the stream of events, if it is one, is the last.
    fn answers(&self, mut service: BufReader<TcpStream>, mut client: &TcpStream) -> Option<()> {
        loop {
            let head = head(&mut service)?;
            self.obstruct()?;
            client.write_all(head.as_bytes()).ok()?;
            let lower = head.to_ascii_lowercase();
            let is_chunked = lower.contains("transfer-encoding: chunked");
            if is_chunked && lower.contains("text/event-stream") {
                return self.events(service, client);
            }
            if is_chunked {
                while pass_chunk(&mut service, client)? {}
                continue;
            }
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: u64 = length.map_or(Some(0), |length| length.trim().parse().ok())?;
            std::io::copy(&mut service.by_ref().take(length), &mut client).ok()?;
        }
    }

    /// Takes a chunked stream apart into its events and puts it together again, with faults.
    fn events(&self, mut service: BufReader<TcpStream>, client: &TcpStream) -> Option<()> {
        let (mut text, mut held, mut count) = (String::new(), None::<String>, 0_u32);
        loop {
            text.push_str(&chunk(&mut service)?);
            while let Some(end) = text.find("\n\n") {
                let rest = text.split_off(end + 2);
                let event = std::mem::replace(&mut text, rest);
                count += 1;
                self.obstruct()?;
                match self.fault() {
                    Fault::Drop(every) if count % every == 0 => continue,
                    Fault::Double(every) if count % every == 0 => send(client, &event)?,
                    Fault::Swap(every) if count % every == 0 && held.is_none() => {
                        held = Some(event);
                        continue;
                    }
                    Fault::Truncate(every) if count % every == 0 => {
                        send(client, &event[..event.len() / 2])?;
                        return None;
                    }
                    _ => {}
                }
                send(client, &event)?;
                if let Some(held) = held.take() {
                    send(client, &held)?;
                }
            }
        }
    }

    /// Holds up what is under way for as long as the fault lasts. `None` if it is lost.
    fn obstruct(&self) -> Option<()> {
        if let Fault::Late(by) = self.fault() {
            pause(by);
        }
        while self.fault() == Fault::Swallow {
            pause(Duration::from_millis(5));
        }
        (self.fault() != Fault::Cut).then_some(())
    }
}

/// Lets time pass: what a slow network does, and what no test waits for.
pub(crate) fn pause(time: Duration) {
    let (_never, receiver) = std::sync::mpsc::channel::<()>();
    let _ = receiver.recv_timeout(time);
}

fn head(service: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if service.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Hands on a chunk as it is; `false` after the last.
fn pass_chunk(service: &mut BufReader<TcpStream>, mut client: &TcpStream) -> Option<bool> {
    let mut size = String::new();
    service.read_line(&mut size).ok()?;
    let length = u64::from_str_radix(size.trim(), 16).ok()?;
    client.write_all(size.as_bytes()).ok()?;
    std::io::copy(&mut service.by_ref().take(length + 2), &mut client).ok()?;
    Some(length > 0)
}

fn chunk(service: &mut BufReader<TcpStream>) -> Option<String> {
    let mut size = String::new();
    service.read_line(&mut size).ok()?;
    let length = usize::from_str_radix(size.trim(), 16).ok().filter(|length| *length > 0)?;
    let mut bytes = vec![0; length + 2];
    service.read_exact(&mut bytes).ok()?;
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

fn send(mut client: &TcpStream, event: &str) -> Option<()> {
    write!(client, "{:x}\r\n{event}\r\n", event.len()).ok()
}
