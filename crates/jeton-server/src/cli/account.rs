//! `jeton account`: who can log in. Works beside running services.

use std::time::Duration;

use clap::Subcommand;
use jeton::Timestamp;
use jeton_account::NewAccount;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::accounts::{self, Accounts};
use crate::cli::{Console, Failure, Place};
use crate::keys::make_data_folder;

/// Accounts of one page of the list.
const PAGE: u32 = 500;

/// How long to wait for a running service to take a password change over.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Add an account. Asks for the password.
    Add {
        /// What its owner types in.
        name: String,
        /// A role, which its tokens carry in the claim `roles`; may be repeated.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set a password and end the account's sessions. Asks for the password.
    Passwd {
        /// The name of the account.
        name: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
}

impl Account {
    pub(super) fn run(
        self,
        place: &Place,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let settings = place.settings()?;
        if !settings.accounts.postgres.is_empty() {
            // Whatever is in the data folder, accounts are not.
        } else if matches!(self, Self::Add { .. }) {
            make_data_folder(&settings)?;
        } else if !settings.database().is_file() {
            // Opening would make an empty one, in a folder that was meant to be another.
            let data = settings.data.display();
            return Err(Failure::usage(format_args!(
                "there is no database in {data}; give --data"
            )));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let accounts = accounts::open(&settings).await?;
            self.run_on(&accounts, console, now).await
        })
    }

    async fn run_on(
        self,
        accounts: &Accounts,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self {
            Self::Add { name, roles, password_stdin } => {
                let password = console.new_password(password_stdin)?;
                let new = NewAccount { name, password, roles };
                let added = accounts.add(new, now.as_secs()).await?;
                console.line(format_args!("added {} as subject {}", added.name, added.id))
            }
            Self::List { json } => list(accounts, json, console).await,
            Self::Passwd { name, password_stdin } => {
                let password = console.new_password(password_stdin)?;
                let change = accounts.reset_password(&name, password).await?;
                console.line(format_args!("password of {name} changed"))?;
                console.line(outcome(accounts, change.seq).await)
            }
        }
    }
}

async fn list(accounts: &Accounts, json: bool, console: &mut Console<'_>) -> Result<(), Failure> {
    let (mut after, mut all) = (None, Vec::new());
    loop {
        let page = accounts.list(after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.name.clone());
        all.extend(page);
    }
    if json {
        let account = |account: &jeton_account::Account| {
            json!({
                "sub": account.id,
                "name": account.name,
                "roles": account.roles,
                "created_at": account.created_at,
            })
        };
        return console.line(Value::Array(all.iter().map(account).collect()));
    }
    for account in &all {
        let roles = account.roles.join(",");
        console.line(format_args!("{}  {}  {roles}", account.id, account.name.escape_debug()))?;
    }
    Ok(())
}

/// Tells when the sessions end: a running service does it within a second, else its next start.
async fn outcome(accounts: &Accounts, seq: u64) -> &'static str {
    let step = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        let pending = accounts.pending().await;
        if pending.is_ok_and(|pending| pending.iter().all(|change| change.seq != seq)) {
            return "its sessions have ended";
        }
        sleep(step).await;
        waited += step;
    }
    "no service is running: its sessions end when it starts, before it answers anybody"
}
