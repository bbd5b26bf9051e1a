//! The answer of a guarded service, as it comes about.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Denied, Identity};

/// Who it is, once somebody was asked.
type Asking = Pin<Box<dyn Future<Output = Result<Identity, Denied>> + Send>>;

pin_project! {
    /// The answer of a [`Guarded`](crate::Guarded) service.
    pub struct GuardedFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, S::Future, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, B> {
        Denied { denied: Option<Denied> },
        Asking { asking: Asking, waiting: Option<(S, Request<B>)> },
        Running { #[pin] answer: F },
    }
}

impl<S, B> GuardedFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) const fn denied(denied: Denied) -> Self {
        Self { state: State::Denied { denied: Some(denied) } }
    }

    pub(super) const fn run(answer: S::Future) -> Self {
        Self { state: State::Running { answer } }
    }

    pub(super) fn ask(
        asking: impl Future<Output = Result<Identity, Denied>> + Send + 'static,
        service: S,
        request: Request<B>,
    ) -> Self {
        let waiting = Some((service, request));
        Self { state: State::Asking { asking: Box::pin(asking), waiting } }
    }
}

impl<S, B, R> Future for GuardedFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<String>,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Running { answer } => return answer.poll(context),
                StateProjection::Denied { denied } => match denied.take() {
                    Some(denied) => return Poll::Ready(Ok(denied.into_http())),
                    // Polled after its end, which no future has to bear.
                    None => return Poll::Pending,
                },
                StateProjection::Asking { asking, waiting } => {
                    match (ready!(asking.as_mut().poll(context)), waiting.take()) {
                        (Ok(identity), Some((mut service, mut request))) => {
                            request.extensions_mut().insert(identity);
                            State::Running { answer: service.call(request) }
                        }
                        (Ok(_), None) => return Poll::Pending,
                        (Err(denied), _) => State::Denied { denied: Some(denied) },
                    }
                }
            };
            state.set(next);
        }
    }
}

impl<S, B> fmt::Debug for GuardedFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFuture").finish_non_exhaustive()
    }
}
