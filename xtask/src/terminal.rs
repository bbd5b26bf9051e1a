//! The one place that prints.

use std::time::Duration;

/// Prints one line.
#[expect(clippy::print_stdout, reason = "talking to the person at the terminal is xtask's job")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints why a command failed, from the outermost to the first cause.
#[expect(clippy::print_stderr, reason = "an error belongs on standard error")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

/// Prints the line a step starts with, so that a long log has places to search for.
pub(crate) fn heading(text: &str) {
    say(&format!("\n==== {text} ===="));
}

/// A duration as a person reads it: `0.4 s`, `38.2 s`, `4 min 05 s`.
pub(crate) fn readable(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_a_person_says_them() {
        let cases =
            [(420, "0.4 s"), (38_200, "38.2 s"), (60_000, "1 min 00 s"), (245_900, "4 min 05 s")];
        for (milliseconds, expected) in cases {
            assert_eq!(readable(Duration::from_millis(milliseconds)), expected);
        }
    }
}
