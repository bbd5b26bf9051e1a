//! The question by which Docker tells whether a node is well, asked as Docker asks it.

use std::process::Command;

use saphyr::{LoadableYamlNode as _, Yaml};

use super::text;
use crate::service::{Service, eventually};
use crate::setup::Setup;

/// What the composition has Docker run, but for the address.
fn question(service: &Service) -> Command {
    let yaml = Yaml::load_from_str(text("compose/compose.yaml").leak()).unwrap().remove(0);
    let words = yaml["x-node"]["healthcheck"]["test"].as_vec().unwrap();
    let words: Vec<_> = words.iter().map(|word| word.as_str().unwrap()).collect();
    let [kind, program, arguments @ ..] = &*words else { panic!("{words:?}") };
    assert_eq!(*kind, "CMD");
    let address = service.address.to_string().replace(':', "/");
    let mut command = Command::new(program);
    command.args(arguments.iter().map(|word| word.replace("127.0.0.1/8080", &address)));
    command
}

#[test]
fn a_node_is_well_once_it_is_ready_and_not_when_it_is_gone() {
    let setup = Setup::new();
    let service = setup.start();
    let mut question = question(&service);

    eventually("the node is well", || question.status().unwrap().success());
    service.kill();

    assert!(!question.output().unwrap().status.success());
}
