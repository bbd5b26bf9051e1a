//! `deploy/systemd`, as systemd judges it.

use std::fs;
use std::process::Command;

use super::text;

const UNITS: [&str; 2] = ["jeton.service", "jeton-relay.service"];

/// What a unit says of one thing, each time it says it.
fn said<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let prefix = format!("{name}=");
    text.lines().filter_map(|line| line.strip_prefix(&*prefix)).collect()
}

fn analyze(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("systemd-analyze").arg("--no-pager").args(arguments).output();
    let output = output.expect("apt-get install systemd");
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(words).unwrap())
}

/// A key that is mistyped is only a warning there, so there may be no word of it.
#[test]
fn systemd_has_nothing_to_say_about_the_units() {
    let folder = tempfile::tempdir().unwrap();
    for unit in UNITS {
        let path = folder.path().join(unit);
        let program = env!("CARGO_BIN_EXE_jeton");
        fs::write(&path, text(&format!("systemd/{unit}")).replace("/usr/local/bin/jeton", program))
            .unwrap();
        let path = path.to_str().unwrap();

        let verified = analyze(&["verify", path]);
        let judged = analyze(&["security", "--offline=true", "--threshold=20", path]);

        assert_eq!(verified, (true, String::new()), "{unit}");
        // 2.0 of 10 is "OK"; what is left is the network and the clock.
        assert!(judged.0, "{unit}: {}", judged.1);
    }
}

/// A wrong setting stays wrong however often it is read; everything else may pass.
#[test]
fn a_unit_starts_again_unless_its_settings_are_wrong() {
    for unit in UNITS {
        let text = text(&format!("systemd/{unit}"));

        assert_eq!(said(&text, "Restart"), ["on-failure"], "{unit}");
        assert_eq!(said(&text, "RestartPreventExitStatus"), ["2"], "{unit}");
    }
}

/// systemd makes the folder, for the user that it makes for the service.
#[test]
fn the_data_is_in_the_folder_that_systemd_makes() {
    for unit in UNITS {
        let text = text(&format!("systemd/{unit}"));
        let folder = said(&text, "StateDirectory");

        assert_eq!(said(&text, "DynamicUser"), ["yes"], "{unit}");
        let data = format!("JETON_DATA=/var/lib/{}", folder[0]);
        assert!(said(&text, "Environment").contains(&&*data), "{unit}");
        assert_eq!(said(&text, "UMask"), ["0077"], "{unit}");
    }
}

/// A credential has the name under which the service looks for it.
#[test]
fn the_secret_of_the_relay_is_where_it_looks_for_it() {
    let text = text("systemd/jeton-relay.service");
    let (name, _) = said(&text, "LoadCredential")[0].split_once(':').unwrap();
    let variable =
        format!("JETON_RELAY__CLIENT_SECRET_FILE=/run/credentials/jeton-relay.service/{name}");

    assert!(said(&text, "Environment").contains(&&*variable), "{text}");
}
