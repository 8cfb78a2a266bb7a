//! What users and other programs see: output, exit codes, logs, messages, pages, files, units and the pages of documentation.

mod exit_codes;
mod first_run;
mod json;
mod korean;
mod locale;
mod logs;
mod make_journal;
mod manual;
mod notify;
mod pings;
mod readme;
mod schedule;
mod setup;
mod state_files;
pub mod status_page;
mod targets;
mod trial;
pub mod units;
