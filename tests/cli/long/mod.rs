//! Days and months of the crontab, minute by minute.

mod day_nobody_could_test;
mod months_alone;
