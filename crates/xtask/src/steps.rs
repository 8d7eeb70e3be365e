//! The steps of a task: each is named before it begins and timed; the one that fails is named last.

use std::time::{Duration, Instant};

use anyhow::Context;

/// What was done so far. The times are printed when it is dropped.
pub struct Steps {
    task: &'static str,
    began: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// No step of the task yet.
    pub fn of(task: &'static str) -> Self {
        Self {
            task,
            began: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Does one step.
    ///
    /// # Errors
    /// Those of the step, with its name.
    pub fn step<R>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        eprintln!("\n==> {name}");
        let began = Instant::now();
        let result = work().with_context(|| format!("the step \"{name}\" failed"))?;
        self.done.push((name, began.elapsed()));
        Ok(result)
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        eprintln!("\nSteps of {}:", self.task);
        for (name, time) in &self.done {
            eprintln!("  {:>7.1} s  {name}", time.as_secs_f64());
        }
        eprintln!("  {:>7.1} s  in all", self.began.elapsed().as_secs_f64());
    }
}
