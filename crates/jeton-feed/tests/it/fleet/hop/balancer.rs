//! What is in front of a fleet: each connection goes to one process.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub(super) struct Balancer {
    pub(super) url: String,
    /// To whom connections go, and how often they have been cut.
    to: watch::Sender<(SocketAddr, u64)>,
    _tasks: JoinSet<()>,
}

impl Balancer {
    pub(super) async fn to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let to = watch::Sender::new((address, 0));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, to.subscribe()));
        Self { url, to, _tasks: tasks }
    }

    /// Cuts every connection; those that come now go there.
    pub(super) fn turn_to(&self, address: SocketAddr) {
        self.to.send_modify(|(to, cuts)| (*to, *cuts) = (address, *cuts + 1));
    }

    /// Those that come now go there.
    pub(super) fn lead_to(&self, address: SocketAddr) {
        self.to.send_modify(|(to, _)| *to = address);
    }
}

async fn accept(listener: TcpListener, to: watch::Receiver<(SocketAddr, u64)>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        connections.spawn(carry(client, to.clone()));
    }
}

async fn carry(mut client: TcpStream, mut to: watch::Receiver<(SocketAddr, u64)>) {
    let (address, cuts) = *to.borrow_and_update();
    let Ok(mut service) = TcpStream::connect(address).await else { return };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut service) => {}
        _ = to.wait_for(|(_, now)| *now != cuts) => {}
    }
}
