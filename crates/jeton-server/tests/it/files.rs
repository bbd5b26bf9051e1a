//! What lies in the data folder, and who may read it.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::service::Service;
use crate::setup::{PASSWORD, Setup};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The service as somebody starts it whose files are open to everybody.
fn start_carelessly(setup: &Setup) -> Service {
    let serve = setup.serve();
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"umask 0 && exec "$0" "$@""#]);
    shell.arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(serve.get_current_dir().unwrap());
    Service::spawn(shell.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// T3, R12: for its owner alone, whatever the umask, and even in a folder that is open to all.
#[test]
fn everything_in_the_data_folder_is_for_its_owner_alone() {
    for is_made_before in [false, true] {
        let setup = Setup::empty();
        if is_made_before {
            DirBuilder::new().mode(0o755).create(setup.data()).unwrap();
        }
        let service = start_carelessly(&setup);
        setup.add_account("bob", PASSWORD);
        service.http.login_as("bob", PASSWORD).tokens();
        assert_eq!(setup.run(&["keys", "rotate"], "").code, Some(0));

        let mut names = Vec::new();
        for file in fs::read_dir(setup.data()).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            assert_eq!(mode(&file.path()), 0o600, "{name}");
            names.push(name);
        }

        names.sort();
        let database = ["jeton.db", "jeton.db-shm", "jeton.db-wal", "jeton.lock"];
        let expected = [&database[..], &["keys.json", "keys.lock", "lifetime.json"]].concat();
        assert_eq!(names, expected);
        let folder = if is_made_before { 0o755 } else { 0o700 };
        assert_eq!(mode(&setup.data()), folder);
    }
}

/// R12: whoever reads the database can present nothing of it.
#[test]
fn neither_tokens_nor_passwords_are_in_the_database() {
    let setup = Setup::new();
    let service = setup.start();
    let login = service.http.login().tokens();
    let next = service.http.refresh(&login.refresh).tokens();
    service.kill();

    for name in ["jeton.db", "jeton.db-wal"] {
        let bytes = fs::read(setup.data().join(name)).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        let signatures = [&login, &next].map(|tokens| tokens.refresh.rsplit_once('.').unwrap().1);
        for secret in [PASSWORD, "eyJ", signatures[0], signatures[1]] {
            assert!(!has(secret), "{secret} in {name}");
        }
    }
}
