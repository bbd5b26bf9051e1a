//! A wire between a service and what it depends on that can be told to fail, whatever goes over it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::chaos::network::pause;
use crate::random::Random;

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    None,
    /// Connections are closed, and new ones at once.
    Cut,
    /// Connections stay open and nothing comes through.
    Swallow,
    /// Every piece comes so much later.
    Late(Duration),
}

/// Forwards connections. Those that are open when it is dropped are closed.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    trouble: Mutex<Trouble>,
    open: Mutex<Vec<TcpStream>>,
}

impl Wire {
    pub(crate) fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (trouble, open) = (Mutex::new(Trouble::None), Mutex::default());
        let shared = Arc::new(Shared { to, trouble, open });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Whoever is cut off finds out by itself.
                let _ = of_thread.carry(&client);
            }
        });
        Self { address, shared }
    }

    /// What happens from now on, to connections that are open as well.
    pub(crate) fn set(&self, trouble: Trouble) {
        *self.shared.trouble.lock().unwrap() = trouble;
        if trouble == Trouble::Cut {
            for stream in self.shared.open.lock().unwrap().drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.set(Trouble::Cut);
    }
}

impl Trouble {
    pub(crate) fn any(random: &mut Random) -> Self {
        match random.below(3) {
            0 => Self::Cut,
            1 => Self::Swallow,
            _ => Self::Late(Duration::from_millis(random.below(600))),
        }
    }
}

impl Shared {
    fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap()
    }

    fn carry(self: &Arc<Self>, client: &TcpStream) -> Option<()> {
        if self.trouble() == Trouble::Cut {
            return None;
        }
        let server = TcpStream::connect(self.to).ok()?;
        for (from, to) in [(client, &server), (&server, client)] {
            from.set_nodelay(true).ok()?;
            let (from, to) = (from.try_clone().ok()?, to.try_clone().ok()?);
            self.open.lock().unwrap().push(from.try_clone().ok()?);
            let shared = Arc::clone(self);
            thread::spawn(move || {
                let _ = shared.pass(&from, &to);
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            });
        }
        Some(())
    }

    fn pass(&self, mut from: &TcpStream, mut to: &TcpStream) -> Option<()> {
        let mut piece = [0; 16 * 1024];
        loop {
            let length = from.read(&mut piece).ok().filter(|length| *length > 0)?;
            if let Trouble::Late(by) = self.trouble() {
                pause(by);
            }
            while self.trouble() == Trouble::Swallow {
                pause(Duration::from_millis(5));
            }
            to.write_all(&piece[..length]).ok()?;
        }
    }
}
