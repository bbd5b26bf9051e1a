//! nginx with `deploy/compose/nginx.conf`, in front of nodes.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use super::process::{Gateway, adapted, find, free_address};
use crate::service::{PATIENCE, eventually};
use crate::setup::Setup;

/// What the image does around the file, and what is one process here.
const AROUND: &str = "daemon off; master_process off;\n";

/// nginx in front of nodes at these addresses.
fn nginx(nodes: [SocketAddr; 3]) -> Gateway {
    let (program, listen) = (find("nginx"), free_address());
    let [one, two, three] = nodes;
    let addresses = [("node-1:8080", one), ("node-2:8080", two), ("node-3:8080", three)];
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap().to_owned();
    let text = adapted("compose/nginx.conf", &addresses);
    let text = text.replace("/tmp/", &format!("{home}/"));
    let text = text.replace("listen 8080;", &format!("listen {listen};"));
    fs::write(folder.path().join("nginx.conf"), format!("{AROUND}{text}")).unwrap();
    Gateway::start(folder, listen, |folder| {
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]);
        command
    })
}

/// Two of three nodes are gone, and every request goes through.
#[test]
fn a_request_goes_to_the_next_node_where_one_is_gone() {
    let setup = Setup::new();
    let service = setup.start();
    let nginx = nginx([free_address(), service.address, free_address()]);
    eventually("the node is ready", || nginx.http.get("/health/ready").send().status == 200);

    for _ in 0..12 {
        let tokens = nginx.http.login().tokens();
        assert_eq!(nginx.http.me(&tokens.access).status, 200);
    }
    assert_eq!(nginx.http.get("/metrics").send().status, 404);
}

/// What is under way to a verifier does not wait in a buffer.
#[test]
fn the_feed_passes_event_by_event() {
    let setup = Setup::new().with_client("verifier", &["revocations:read"]);
    let service = setup.start();
    let nginx = nginx([service.address; 3]);
    eventually("the node is ready", || nginx.http.get("/health/ready").send().status == 200);
    let token = nginx.http.client_token("verifier", "");
    let snapshot = nginx.http.get("/v1/revocations/snapshot").bearer(&token).send().json();
    let cursor = snapshot["cursor"].as_str().unwrap();

    let mut connection = TcpStream::connect(nginx.address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "GET /v1/revocations/feed?cursor={cursor} HTTP/1.1\r\nhost: x\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(connection).lines().map(Result::unwrap);

    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    assert_eq!(lines.filter(|line| line == "event: hb").take(3).count(), 3);
}
