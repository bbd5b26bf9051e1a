//! `deploy/compose`: whatever is named is there, and what guards the secrets is in place.

use std::collections::BTreeSet;
use std::path::Path;

use saphyr::{LoadableYamlNode as _, Yaml};

use super::{path, text};

fn composition() -> Yaml<'static> {
    let mut documents = Yaml::load_from_str(text("compose/compose.yaml").leak()).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// The names in a mapping.
fn names(yaml: &Yaml<'_>) -> BTreeSet<String> {
    let mapping = yaml.as_mapping().map(|mapping| mapping.keys()).into_iter().flatten();
    mapping.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// The texts in a list.
fn texts(yaml: &Yaml<'_>) -> Vec<String> {
    let list = yaml.as_vec().map(|list| list.iter()).into_iter().flatten();
    list.filter_map(|each| each.as_str().map(str::to_owned)).collect()
}

/// Each service with what it takes over from `x-node`.
fn services<'y>(yaml: &'y Yaml<'static>) -> Vec<(String, Vec<&'y Yaml<'static>>)> {
    let services = &yaml["services"];
    let parts = |name: String| {
        let own = &services[&*name];
        let merged = own.as_mapping().and_then(|own| own.get(&Yaml::value_from_str("<<")));
        (name, [own].into_iter().chain(merged).collect())
    };
    names(services).into_iter().map(parts).collect()
}

#[test]
fn whatever_a_service_names_is_there() {
    let yaml = composition();
    let (known, volumes, secrets) =
        (names(&yaml["services"]), names(&yaml["volumes"]), names(&yaml["secrets"]));
    let mut nodes = 0;
    for (service, parts) in services(&yaml) {
        for part in parts {
            nodes += usize::from(part.as_mapping_get("healthcheck").is_some());
            for waited_for in part.as_mapping_get("depends_on").map(names).unwrap_or_default() {
                assert!(known.contains(&waited_for), "{service}: {waited_for}");
            }
            for volume in part.as_mapping_get("volumes").map(texts).unwrap_or_default() {
                let source = volume.split(':').next().unwrap();
                let is_there = match source.strip_prefix('.') {
                    Some(_) => path("compose").join(Path::new(source)).exists(),
                    None => volumes.contains(source),
                };
                assert!(is_there, "{service}: {volume}");
            }
            for secret in part.as_mapping_get("secrets").map(texts).unwrap_or_default() {
                assert!(secrets.contains(&secret), "{service}: {secret}");
            }
        }
    }
    // Three nodes, Redis and PostgreSQL say whether they are well.
    assert_eq!(nodes, 5);
}

/// Whatever `secrets:` reads, `secrets.sh` has made, and no image takes it along.
#[test]
fn every_secret_is_made_by_the_script_and_kept_out_of_the_image() {
    let (yaml, script) = (composition(), text("compose/secrets.sh"));
    let secrets = &yaml["secrets"];
    for name in names(secrets) {
        let file = secrets[&*name]["file"].as_str().unwrap();
        let file = file.strip_prefix("./secrets/").unwrap();
        assert!(script.contains(&format!("secrets/{file}")), "{file}");
    }
    let ignored = text("compose/Dockerfile.dockerignore");
    assert!(ignored.lines().any(|line| line == "deploy/compose/secrets"), "{ignored}");
}

/// The settings name files that the nodes are given under these very names.
#[test]
fn the_nodes_are_given_the_secrets_that_their_settings_name() {
    let (yaml, settings) = (composition(), text("compose/jeton.toml"));
    let given: BTreeSet<_> = texts(&yaml["x-node"]["secrets"]).into_iter().collect();
    let prefix = "/run/secrets/";
    let named = settings.split('"').filter_map(|text| text.strip_prefix(prefix));

    assert_eq!(named.map(str::to_owned).collect::<BTreeSet<_>>(), given);
}

/// A node can write into its folder and nowhere else, and become nobody else.
#[test]
fn the_nodes_run_without_privileges() {
    let node = &composition()["x-node"];

    assert_eq!(node["read_only"].as_bool(), Some(true));
    assert_eq!(texts(&node["cap_drop"]), ["ALL"]);
    assert_eq!(texts(&node["security_opt"]), ["no-new-privileges:true"]);
    let image = text("compose/Dockerfile");
    assert!(image.lines().any(|line| line == "USER 10001:10001"), "{image}");
    let bases = image.lines().filter(|line| line.starts_with("FROM "));
    for base in bases {
        assert!(base.contains(':') && !base.contains(":latest"), "{base}");
    }
}
