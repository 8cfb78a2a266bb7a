//! 해외주식 실시간체결통보, H0GSCNI0 (real) and H0GSCNI9 (paper): an account's orders and fills, as the websocket tells them, encrypted.

use crate::account_id::AccountId;
use crate::exchange::Exchange;
use crate::mode::Mode;
use crate::orders::{Fill, Order, OrderType, Revision, Side, order_number_text};
use crate::tokens::noise;
use crate::wire::format::korean_time;
use crate::world::World;
use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// So many fields they had before those of sliced orders were added.
const SHORT: usize = 21;

/// How many of an account's orders and fills have been sent.
pub struct Notices {
    account: AccountId,
    orders: usize,
    fills: usize,
}

/// The TR id of an environment's notices.
pub fn tr_id(mode: Mode) -> &'static str {
    match mode {
        Mode::Real => "H0GSCNI0",
        Mode::Paper => "H0GSCNI9",
    }
}

/// The AES key (32 characters) and IV (16) that a new subscription receives.
pub fn keys(account: AccountId) -> [String; 2] {
    let letters = |salt: u64| format!("{:016x}", noise(account.index() as u64 + salt));
    [letters(1000) + &letters(2000), letters(3000)]
}

impl Notices {
    /// Those of an account from now on.
    pub fn new(world: &World, id: AccountId) -> Notices {
        let account = world.account(id);
        Notices { account: id, orders: account.orders.len(), fills: account.fills.len() }
    }

    /// What happened since: orders first, then fills.
    pub fn news(&mut self, world: &World) -> Vec<String> {
        let account = world.account(self.account);
        let orders = account.orders.get(self.orders..).unwrap_or_default().iter();
        let mut told: Vec<String> = orders.map(|order| told_order(world, self.account, order)).collect();
        for fill in account.fills.get(self.fills..).unwrap_or_default() {
            let order = account.orders.iter().rfind(|order| order.number == fill.number && order.branch == fill.branch);
            told.extend(order.map(|order| told_fill(world, self.account, order, fill)));
        }
        (self.orders, self.fills) = (account.orders.len(), account.fills.len());
        told.iter().map(|fields| sealed(self.account, fields)).collect()
    }
}

/// The fields that differ between an order's notice and a fill's.
struct Told<'a> {
    order: &'a Order,
    quantity: u64,
    price: Decimal,
    at: DateTime<Utc>,
    /// `CNTG_YN`, `ACPT_YN` and, of a fill alone, the order's quantity.
    kind: [&'static str; 2],
    ordered: String,
}

fn told_order(world: &World, account: AccountId, order: &Order) -> String {
    let accepted = if order.revision == Revision::New { "1" } else { "2" };
    let (quantity, price, at) = (order.quantity, order.limit_price, order.at);
    told(world, account, &Told { order, quantity, price, at, kind: ["1", accepted], ordered: String::new() })
}

fn told_fill(world: &World, account: AccountId, order: &Order, fill: &Fill) -> String {
    let (quantity, price, at) = (fill.quantity, fill.price, fill.at);
    told(world, account, &Told { order, quantity, price, at, kind: ["2", "2"], ordered: order.quantity.to_string() })
}

fn told(world: &World, account: AccountId, told: &Told) -> String {
    let Told { order, quantity, price, at, kind: [filled, accepted], ordered } = told;
    let (number, product) = account.parts();
    let revision = match order.revision {
        Revision::New => "0",
        Revision::Modify => "1",
        Revision::Cancel => "2",
    };
    // Four decimals without their point.
    let ten_thousandths = |price: Decimal| (price * Decimal::from(10_000)).round().to_u64().unwrap_or_default();
    let price = format!("{:012}", ten_thousandths(*price));
    let fields = [
        "sim",
        &format!("{number}{product}"),
        &order_number_text(order.number),
        &order.original.map(order_number_text).unwrap_or_default(),
        if order.side == Side::Sell { "01" } else { "02" },
        revision,
        kind_of(order.order_type),
        &order.symbol,
        &format!("{quantity:010}"),
        &price,
        &korean_time(*at),
        "0",
        filled,
        accepted,
        order.branch.as_deref().unwrap_or(account.mode.branch()),
        ordered,
        "SIM",
        &world.market.name(&order.symbol),
        market_of(order.exchange),
        "10",
        "",
        "",
        "",
        "",
        &price,
    ];
    let count = if world.quirks.short_notices { SHORT } else { fields.len() };
    fields[..count].join("^")
}

/// `ODER_KIND2`.
fn kind_of(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::Limit | OrderType::TimeWeighted | OrderType::VolumeWeighted => "2",
        OrderType::MarketOnOpen => "A",
        OrderType::LimitOnOpen => "B",
        OrderType::MarketOnClose => "C",
        OrderType::LimitOnClose => "D",
    }
}

/// `ODER_COND`.
fn market_of(exchange: Exchange) -> &'static str {
    match exchange {
        Exchange::Nasdaq => "6",
        Exchange::Nyse => "7",
        Exchange::Amex => "8",
    }
}

/// AES-256-CBC, padded by PKCS #7, as base64.
fn sealed(account: AccountId, fields: &str) -> String {
    let [key, iv] = keys(account);
    let Ok(cipher) = cbc::Encryptor::<Aes256>::new_from_slices(key.as_bytes(), iv.as_bytes()) else {
        return String::new();
    };
    STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(fields.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::BlockDecryptMut;

    #[test]
    fn what_is_sealed_can_be_opened_with_the_keys() {
        for account in AccountId::all(2) {
            let [key, iv] = keys(account);
            assert_eq!((key.len(), iv.len()), (32, 16));
            let bytes = STANDARD.decode(sealed(account, "a^나스닥^")).unwrap();
            let opener = cbc::Decryptor::<Aes256>::new_from_slices(key.as_bytes(), iv.as_bytes()).unwrap();
            let opened = opener.decrypt_padded_vec_mut::<Pkcs7>(&bytes).unwrap();
            assert_eq!(String::from_utf8(opened).unwrap(), "a^나스닥^");
        }
    }
}
