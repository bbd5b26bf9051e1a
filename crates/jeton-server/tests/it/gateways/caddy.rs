//! Caddy with `deploy/caddy/Caddyfile`.

use std::process::Command;

use super::backend::Backend;
use super::process::{Gateway, delivered, find, free_address};
use super::scene::Scene;
use crate::service::Service;

fn caddy(service: &Service, backend: &Backend) -> Gateway {
    let (program, listen) = (find("caddy"), free_address());
    Gateway::start(tempfile::tempdir().unwrap(), listen, |folder| {
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(delivered("caddy/Caddyfile")).current_dir(folder);
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(name, folder);
        }
        // Its administration is at a fixed port, and nobody here needs it.
        command.env("CADDY_ADMIN", format!("unix/{}", folder.join("admin").display()));
        command.env("SITE", format!("http://{listen}"));
        command.env("JETON", service.address.to_string());
        command.env("SERVICE", backend.address.to_string());
        command
    })
}

/// Without a word in the environment, it is the addresses that the file names.
#[test]
fn the_caddyfile_is_complete_as_it_is_delivered() {
    let mut command = Command::new(find("caddy"));
    command.args(["adapt", "--adapter", "caddyfile", "--config"]);
    command.arg(delivered("caddy/Caddyfile"));
    for name in ["SITE", "JETON", "SERVICE"] {
        command.env_remove(name);
    }

    let adapted = command.output().unwrap();

    let text = String::from_utf8(adapted.stdout).unwrap();
    assert!(adapted.status.success(), "{}", String::from_utf8_lossy(&adapted.stderr));
    for address in [":8000", "127.0.0.1:8080", "127.0.0.1:3000"] {
        assert!(text.contains(&format!("\"{address}\"")), "{address}: {text}");
    }
}

/// T4, V19, V31, W1, W2, W3, W5
#[test]
fn behind_caddy_a_service_sees_who_it_is_and_nobody_else() {
    Scene::set(caddy).play();
}
