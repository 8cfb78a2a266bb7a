//! The nouns of trading: values without files, network, clock or printing.

/// An enum whose words in files and for users come from this one table.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one, in the order of the table.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            /// The word that users read.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

pub mod access_token;
pub mod account;
pub mod event;
pub mod fill;
pub mod history;
pub mod intent;
pub mod job;
pub mod kis_error;
pub mod listing;
pub mod market_session;
pub mod mode;
pub mod money;
pub mod notice;
pub mod nyse_calendar;
pub mod order;
pub mod position;
pub mod quote;
pub mod record;
pub mod stamp;
pub mod symbol;
