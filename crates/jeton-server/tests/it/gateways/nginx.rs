//! nginx with `deploy/nginx/jeton.conf`.

use std::fs;
use std::process::Command;

use super::backend::Backend;
use super::process::{Gateway, adapted, find, free_address};
use super::scene::Scene;
use crate::service::Service;

/// What nginx needs around the file to run in a folder of its own, as one process.
const AROUND: &str = "
    daemon off; master_process off; pid nginx.pid; error_log stderr;
    events {}
    http {
        access_log off;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        include jeton.conf;
    }
";

fn nginx(service: &Service, backend: &Backend, change: impl FnOnce(String) -> String) -> Gateway {
    let (program, listen) = (find("nginx"), free_address());
    let addresses = [
        ("127.0.0.1:8000", listen),
        ("127.0.0.1:8080", service.address),
        ("127.0.0.1:3000", backend.address),
    ];
    let folder = tempfile::tempdir().unwrap();
    let text = change(adapted("nginx/jeton.conf", &addresses));
    fs::write(folder.path().join("jeton.conf"), text).unwrap();
    fs::write(folder.path().join("nginx.conf"), AROUND).unwrap();
    Gateway::start(folder, listen, |folder| {
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]);
        command
    })
}

/// T4, V19, V31, W1, W2, W3, W5
#[test]
fn behind_nginx_a_service_sees_who_it_is_and_nobody_else() {
    Scene::set(|service, backend| nginx(service, backend, |text| text)).play();
}

/// T4: even where names with underscores are let in, none of ours is.
#[test]
fn behind_nginx_that_lets_underscores_in_nobody_says_itself_who_it_is() {
    let change = |text: String| {
        let off = "underscores_in_headers off;";
        assert_eq!(text.matches(off).count(), 1);
        text.replace(off, "underscores_in_headers on;")
    };
    Scene::set(|service, backend| nginx(service, backend, change)).play();
}
