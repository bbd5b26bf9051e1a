//! One answer of many servers: what most of them say.
//!
//! All are asked at once. More than half of them decide at once; if that many never agree, whoever
//! has answered shortly after the first decides: servers that hang hold up nobody.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// How long the first answer waits for others.
const GRACE: Duration = Duration::from_millis(200);

/// What most say, or an error of one of those who did not answer. `None` if nobody was asked.
pub(super) async fn most<T, E>(
    mut asked: JoinSet<Result<T, E>>,
    until: Instant,
) -> Option<Result<T, E>>
where
    T: PartialEq + Send + 'static,
    E: Send + 'static,
{
    let majority = asked.len() / 2 + 1;
    let (mut votes, mut error, mut until) = (Vec::<(T, usize)>::new(), None, until);
    while let Ok(Some(answer)) = timeout_at(until, asked.join_next()).await {
        match answer {
            Ok(Ok(said)) => {
                until = until.min(Instant::now() + GRACE);
                match votes.iter_mut().find(|(known, _)| *known == said) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((said, 1)),
                }
                if votes.iter().any(|(_, count)| *count >= majority) {
                    break;
                }
            }
            Ok(Err(why)) => error = error.or(Some(why)),
            Err(_) => {}
        }
    }
    let most = votes.into_iter().max_by_key(|(_, count)| *count).map(|(said, _)| Ok(said));
    most.or_else(|| error.map(Err))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(answers: &[Result<u8, &'static str>]) -> JoinSet<Result<u8, &'static str>> {
        let mut set = JoinSet::new();
        for answer in answers.iter().copied() {
            set.spawn(async move { answer });
        }
        set
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test]
    async fn what_most_say_is_believed() {
        let cases = [
            (vec![], None),
            (vec![Err("down")], Some(Err("down"))),
            (vec![Ok(1), Ok(2), Ok(2)], Some(Ok(2))),
            (vec![Err("down"), Ok(2), Err("down")], Some(Ok(2))),
            (vec![Ok(1), Ok(1), Ok(2), Ok(3)], Some(Ok(1))),
        ];
        for (answers, expected) in cases {
            assert_eq!(most(asked(&answers), soon()).await, expected, "{answers:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_hangs_holds_up_nobody() {
        let start = Instant::now();
        let mut asked = asked(&[Ok(1)]);
        asked.spawn(std::future::pending());
        asked.spawn(std::future::pending());

        let said = most(asked, soon()).await;

        assert_eq!(said, Some(Ok(1)));
        assert!(start.elapsed() <= GRACE * 2);
    }
}
