//! A network between a client and a server that can be told to fail, byte by byte: it knows no
//! protocol.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::servers::pause;

/// What happens to what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Everything comes so much later.
    Late(Duration),
    /// Connections are closed, and new ones at once.
    Cut,
    /// Connections stay open, new ones are made, and nothing comes through either way: a router that
    /// swallows. When it ends, what was held back comes through after all.
    Swallow,
    /// The next answer is lost, and its connection with it. That is all.
    LoseAnswer,
    /// Questions reach the server, answers do not come back.
    SwallowAnswers,
    /// Answers would come back, questions do not reach the server.
    SwallowQuestions,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Question,
    Answer,
}

/// Forwards connections to a server. Those that are open when it is dropped are closed.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    _stop: Sender<()>,
}

struct Shared {
    server: Mutex<SocketAddr>,
    fault: Mutex<Fault>,
    changed: Condvar,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: Mutex::new(SocketAddr::from(([127, 0, 0, 1], port))),
            fault: Mutex::new(Fault::None),
            changed: Condvar::new(),
            open: Mutex::default(),
        });
        let (stop, stopped) = channel();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener, &stopped));
        Self { port: own, shared, _stop: stop }
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What happens from now on, to connections that are open as well.
    pub(crate) fn set(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
        self.shared.changed.notify_all();
        if fault == Fault::Cut {
            self.shared.close();
        }
    }

    /// Forwards to another server from now on. Connections to the one before are closed.
    pub(crate) fn lead_to(&self, port: u16) {
        *self.shared.server.lock().unwrap() = SocketAddr::from(([127, 0, 0, 1], port));
        self.shared.close();
    }

    /// How many connections there were since the start.
    pub(crate) fn connections(&self) -> usize {
        self.shared.open.lock().unwrap().len() / 2
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Fault::Cut);
        // Wakes the one who accepts, who then sees that nobody is left.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener, stopped: &Receiver<()>) {
        for client in listener.incoming().flatten() {
            if stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
                return;
            }
            // Whoever is cut off finds out by itself.
            let _ = self.connect(client);
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream) -> std::io::Result<()> {
        if *self.fault.lock().unwrap() == Fault::Cut {
            return Ok(());
        }
        let server = TcpStream::connect(*self.server.lock().unwrap())?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
            self.open.lock().unwrap().push(stream.try_clone()?);
        }
        let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
        let (questions, answers) = (Arc::clone(self), Arc::clone(self));
        thread::spawn(move || questions.carry(from_client, to_server, Direction::Question));
        thread::spawn(move || answers.carry(server, client, Direction::Answer));
        Ok(())
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream, direction: Direction) {
        let mut bytes = [0; 16_384];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if !self.obstruct(direction) || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }

    /// Holds up what is under way for as long as the fault lasts; `false` if it is lost.
    fn obstruct(&self, direction: Direction) -> bool {
        let mut fault = self.fault.lock().unwrap();
        if *fault == Fault::LoseAnswer && direction == Direction::Answer {
            *fault = Fault::None;
            return false;
        }
        if let Fault::Late(by) = *fault {
            drop(fault);
            pause(by);
            return true;
        }
        let fault = self.changed.wait_while(fault, |fault| fault.holds(direction)).unwrap();
        *fault != Fault::Cut
    }

    fn close(&self) {
        for stream in self.open.lock().unwrap().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Fault {
    fn holds(self, direction: Direction) -> bool {
        match self {
            Self::Swallow => true,
            Self::SwallowAnswers => direction == Direction::Answer,
            Self::SwallowQuestions => direction == Direction::Question,
            Self::None | Self::Late(_) | Self::Cut | Self::LoseAnswer => false,
        }
    }
}
