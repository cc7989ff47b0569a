//! The priority of single threads.

/// How far the threads of slow jobs are lowered: at 5, a thread of the quick lane gets three times the processor time
/// of a slow one, and a slow job beside other busy programs still gets on.
const NICE: i32 = 5;

/// A thread as the system knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    #[cfg(target_os = "linux")]
    id: rustix::thread::Pid,
}

impl Thread {
    pub fn current() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            id: rustix::thread::gettid(),
        }
    }

    /// Schedules it behind all others. Linux gives each thread a priority of its own (`setpriority(2)`); elsewhere
    /// threads share the processor evenly.
    pub fn lower(self) {
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::setpriority_process(Some(self.id), NICE) {
            tracing::debug!(%error, "a thread keeps its priority");
        }
    }
}

/// Lowers the thread that calls, until it ends: for long work on a thread of its own.
pub(in crate::http) fn lower_this_thread() {
    Thread::current().lower();
}
