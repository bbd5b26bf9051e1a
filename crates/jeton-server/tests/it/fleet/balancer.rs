//! What stands in front of a fleet: each connection goes to the next node that takes it.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Forwards connections, in turn. A node that is not there is passed over.
pub(super) struct Balancer {
    pub(super) address: SocketAddr,
    nodes: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Balancer {
    pub(super) fn over(nodes: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let nodes = Arc::new(Mutex::new(nodes.to_vec()));
        let of_thread = Arc::clone(&nodes);
        thread::spawn(move || {
            let turn = AtomicUsize::new(0);
            for client in listener.incoming().flatten() {
                let nodes = of_thread.lock().unwrap().clone();
                let first = turn.fetch_add(1, Ordering::Relaxed);
                let order = (0..nodes.len()).map(|at| nodes[(first + at) % nodes.len()]);
                // Where none takes it, the client's connection is closed.
                if let Some(node) = order.map(TcpStream::connect).find_map(Result::ok) {
                    forward(&client, &node);
                }
            }
        });
        Self { address, nodes }
    }

    /// A node is elsewhere from now on.
    pub(super) fn moves(&self, node: usize, address: SocketAddr) {
        self.nodes.lock().unwrap()[node] = address;
    }
}

fn forward(client: &TcpStream, node: &TcpStream) {
    let pairs = [
        (client.try_clone().unwrap(), node.try_clone().unwrap()),
        (node.try_clone().unwrap(), client.try_clone().unwrap()),
    ];
    for (mut from, mut to) in pairs {
        let _ = from.set_nodelay(true);
        thread::spawn(move || {
            // Either side may go at any time.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    }
}
